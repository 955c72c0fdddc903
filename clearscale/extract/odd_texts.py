"""Texts that nobody knows where they decide, and columns that are blank where something must stand."""

from functools import lru_cache, partial

import numpy as np

from clearscale.law import state

from .looking import Look, blank

_ROLES, _SAYS, _VALUES = state().format.roles, state().format.says, state().values

_BLANK_RECORDS = (
    ("no-names", _ROLES.name),
    ("no-offenses", _ROLES.offense),
    ("no-counties", _ROLES.county),
    ("no-event-types", _ROLES.event_type),
)
"""Findings of columns in which something stands on nearly every record."""

_DECISIVE, _ALL = True, False

_UNKNOWN = (
    ("unusual-severities", ("conviction_status", "charge_level"), _DECISIVE),
    ("unusual-dispositions", ("disposition",), _ALL),
    ("unusual-event-types", ("event_type",), _ALL),
    ("unusual-sentence-lengths", ("sentence_length",), _ALL),
    ("unusual-sentence-units", ("sentence_unit",), _ALL),
)
"""Findings of texts that are not known, the roles of their columns, and among which records."""


@lru_cache(2**14)
def _is_unknown(role: str, text: bytes) -> bool:
    return not _VALUES.is_known(role, text)


@lru_cache(2**14)
def _is_no_county(text: bytes) -> bool:
    return not blank(text) and text.decode("latin-1") not in state().counties.names


def notice_texts(look: Look) -> None:
    """Notice unknown texts, and blanks where something must stand."""
    decisive = look.decisive
    look.noticed.of["deciding records"] += int(np.count_nonzero(decisive))
    for finding, roles, only in _UNKNOWN:
        found = np.zeros(look.size, np.bool_)
        for role in roles:
            found |= look.where(getattr(_ROLES, role), partial(_is_unknown, role))
        look.note(finding, found & decisive if only else found)
    look.note("unusual-counties", decisive & look.where(_ROLES.county, _is_no_county))
    for finding, name in _BLANK_RECORDS:
        look.note(finding, look.where(name, blank))
    _notice_in_court(look)


def _notice_in_court(look: Look) -> None:
    """Notice court actions without disposition or case number, and convictions of no severity."""
    court = look.says(_SAYS.court_action)
    look.noticed.of["court actions"] += int(np.count_nonzero(court))
    look.note("no-dispositions", court & look.where(_ROLES.disposition, blank))
    starts, ends = look.coding.block.column(state().format.places[_ROLES.case_number])
    look.note("no-case-numbers", court & (starts == ends))
    unsaid = look.where(_ROLES.conviction_status, blank) & look.where(_ROLES.charge_level, blank)
    look.note("no-severities", look.decisive & unsaid)
