"""What no rule can know, as bits of a block's rows and counts of findings.

Prop 64 court actions without a disposition, convictions of another offense than charged, convictions that an
earlier proceeding cleared, and charges that nearly name a Prop 64 section. No decision changes by them: policies
may ask for them, and decisions are flagged.
"""

from collections import Counter
from functools import lru_cache

import numpy as np

from clearscale.law import state
from clearscale_kernels import flag
from clearscale_kernels.arrays import Bools

from .looking import Look, blank, chosen, is_relief
from .noticing import NOTICED

_FORMAT, _CHARGES = state().format, state().charges
_ROLES, _SAYS = _FORMAT.roles, _FORMAT.says

_OFFENSES = (_ROLES.disposed_offense, _ROLES.convicted_offense)

LOOKED_AT: tuple[int, ...] = (*NOTICED, *(_FORMAT.places[name] for name in _OFFENSES))
"""Places of the columns that `notice`, `subject_facts` and `doubt` look at; all other columns are only kept."""

_MOST_KNOWN = 2**15


@lru_cache(_MOST_KNOWN)
def _near(text: bytes) -> bytes:
    return _CHARGES.near(text)


def _is_near(text: bytes) -> bool:
    return bool(_near(text))


@lru_cache(_MOST_KNOWN)
def _named(text: bytes) -> bytes:
    """The code section in an offense's text without white space around it."""
    return _FORMAT.code_section(text).strip()


def doubt(look: Look) -> None:
    """Look for what no rule can know in a block's records, of which LOOKED_AT are at hand; set their bits.

    Parameters
    ----------
    look
        The flags of its rows are changed.
    """
    flags = look.encoded.rows["flags"]
    near, words = _nearly_relief(look)
    for name, bit, records in (
        ("prop64-without-disposition", flag.NO_DISPOSITION, _undecided(look)),
        ("another-offense-charged", flag.OTHER_OFFENSE, _of_another_offense(look)),
        ("near-prop64", flag.NEAR_PROP64, near),
    ):
        look.note(name, records)
        flags[records] |= np.int16(bit)
    look.noticed.looks("near-prop64", words)
    # Only the fold knows whether there was a conviction to clear, so these are counted there. What was set aside
    # has a bit of its own.
    set_aside = flags & flag.SET_ASIDE != 0
    flags[look.relief & look.says(_SAYS.cleared) & ~set_aside] |= np.int16(flag.CLEARED)


def _undecided(look: Look) -> Bools:
    return look.relief & look.says(_SAYS.court_action) & look.says(_SAYS.no_disposition)


def _of_another_offense(look: Look) -> Bools:
    """Convictions of another code section than charged, where one of the two is a Prop 64 section."""
    # The charge may stand in the comment: its code section is where the row has it.
    charged_codes, charged = look.encoded.rows["offense"], [text.strip() for text in look.encoded.texts["offense"]]
    numbers: dict[bytes, int] = {}
    numbered = np.array([numbers.setdefault(text, len(numbers)) for text in charged], np.int32)
    # Convictions are a few of the records, and only they are compared.
    places = np.flatnonzero(look.convicted)
    numbered, relief = numbered.take(charged_codes.take(places)), look.relief.take(places)
    found = np.zeros(places.size, np.bool_)
    for role in _OFFENSES:
        codes, texts = look.column(role)
        codes = codes.take(places)
        stated = [_named(text) for text in texts]
        differing = np.array([numbers.get(text, -1) for text in stated], np.int32).take(codes) != numbered
        said = differing & ~chosen([blank(text) for text in texts], codes)
        found |= said & (relief | chosen([is_relief(text) for text in stated], codes))
    result = np.zeros(look.size, np.bool_)
    result[places] = found
    return result


def _nearly_relief(look: Look) -> tuple[Bools, Counter[str]]:
    """Find convictions of what nearly names a Prop 64 section, and how often which words do."""
    candidates = look.convicted & ~look.relief
    by_offense = candidates & look.where(_ROLES.offense, _is_near)
    elsewhere = candidates & look.says(_SAYS.perhaps_in_comment)
    by_comment = elsewhere & ~by_offense & look.where(_ROLES.comment, _is_near) if elsewhere.any() else elsewhere
    words: Counter[str] = Counter()
    for column, records in ((_ROLES.offense, by_offense), (_ROLES.comment, by_comment)):
        codes, texts = look.column(column)
        words.update(_CHARGES.near_as_told(texts[code]) for code in codes[records].tolist())
    return by_offense | by_comment, words
