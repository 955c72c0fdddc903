"""White space around values of columns whose texts are compared letter by letter."""

import numpy as np

from clearscale.law import state

from .looking import Look, chosen

PADDED = "padded-values"

_ROLES = state().format.roles
_COLUMNS = (
    _ROLES.event_type,
    _ROLES.county,
    _ROLES.disposition,
    _ROLES.conviction_status,
    _ROLES.charge_level,
    _ROLES.sentence_unit,
)
"""Count orders, keys and dates have findings of their own."""


def notice_padding(look: Look) -> None:
    """Notice padded values, each column among its values that are not blank."""
    for column in _COLUMNS:
        codes, texts = look.column(column)
        stripped = [text.strip() for text in texts]
        filled = np.count_nonzero(chosen([bool(text) for text in stripped], codes))
        look.noticed.of[f"{state().findings[PADDED].among} {column}"] += int(filled)
        padded = [bool(text) and text != whole for text, whole in zip(stripped, texts, strict=True)]
        if any(padded):
            look.note(f"{PADDED} {column}", chosen(padded, codes))
