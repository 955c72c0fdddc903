"""Find the outcomes that missing dates leave open.

Each fact that rests on a missing date may then have any value that the rest of the record allows. Such facts are
taken one by one, apart from the implications that `policy.regions` knows, so an outcome that no date could bring
about may be among the possible ones; one that is not among them is impossible.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from clearscale.policy.facts import QUARTER_DAYS_A_YEAR, Kind, known
from clearscale.policy.model import Condition, Policy
from clearscale.policy.regions import Intervals, Region, both, closed, domain, outside, region_of, values, without
from clearscale_kernels import flag
from clearscale_kernels.people.calendar import NO_DATE

from .answers import FAILS, HOLDS, UNKNOWN

BIRTH, CONVICTION, RECORD = "birth", "conviction", "record"

_MOST_PIECES = 500
"""With more pieces, what rules take away is no longer followed, and later rules count as possible."""

_GROW = ("latest_conviction", "serving_sentence")
_SHRINK = (
    "years_since_latest_conviction",
    "years_crime_free",
    "julian_years_since_latest_conviction",
    "days_since_latest_conviction",
    "days_since_last_sentence_end",
)
"""Facts of the latest date on record: a missing date counts as the first day of all, so a known one is later."""

_EARLIER = ("priors", "superstrike_earlier", "superstrike_prior", "pc290_earlier", "pc290_prior")
"""Facts of earlier dates: if only other convictions' dates become known, fewer of them are earlier."""

_UNREADABLE = ", which cannot be read"

COMPANIONS = ("prop64_convictions", "section", "superstrikes", "pc290_convictions")
"""Known facts that limit unknown ones."""


@dataclass(frozen=True)
class LackingDate:
    """A date that is missing. bits: of `clearscale_kernels.flag`; facts that rest on any of them would change."""

    date: str
    bits: int
    meaning: str


def lacking_dates(missing: int, others: int, unreadable: Collection[str] = ()) -> tuple[LackingDate, ...]:
    """Return the dates that a conviction's facts lack.

    missing: its bits. others: how many convictions on record beside it have no date. unreadable: of BIRTH and
    CONVICTION, those that are not blank, and cannot be read.
    """
    found = []
    if missing & flag.NO_BIRTH_DATE:
        why = _UNREADABLE if BIRTH in unreadable else ""
        found.append(LackingDate(BIRTH, flag.NO_BIRTH_DATE, f"the person's date of birth{why}"))
    if missing & flag.NO_EVENT_DATE:
        own = flag.NO_EVENT_DATE | flag.ANY_NO_EVENT_DATE
        why = _UNREADABLE if CONVICTION in unreadable else ""
        found.append(LackingDate(CONVICTION, own, f"the date of the conviction{why}"))
    if others:
        meaning = "the date of another conviction" if others == 1 else f"the dates of {others} other convictions"
        found.append(LackingDate(RECORD, flag.ANY_NO_EVENT_DATE, f"{meaning} on record"))
    return tuple(found)


def open_facts(
    names: Sequence[str], found: Mapping[str, int], supposed: Sequence[LackingDate], missing: Sequence[LackingDate]
) -> dict[str, Intervals]:
    """Return the values that facts could have if the supposed dates were known, for facts that would change.

    found: value of every fact, COMPANIONS included. missing: all dates that are missing.
    """
    bits = 0
    for date in supposed:
        bits |= date.bits
    dates = {date.date for date in supposed}
    still = {date.date for date in missing} - dates
    return {name: _allowed(name, found, dates, still) for name in names if known(name).rests_on & bits}


def _allowed(name: str, found: Mapping[str, int], dates: set[str], still: set[str]) -> Intervals:
    if name in ("no_birth_date", "no_event_date"):
        return ((0, 0),)
    if name == "unreadable_date":
        return ((0, found[name] if still & {BIRTH, CONVICTION} else 0),)
    if name == "any_no_event_date":
        left = int(bool(still & {CONVICTION, RECORD}))
        return ((left, left),)
    (low, high), value = domain(name)[0], found[name]
    if known(name).kind == Kind.DATE:
        low = NO_DATE + 1
    if name in _GROW:
        low = max(low, value)
    # The pilots counted -1 year where no conviction has a date.
    if name in _SHRINK and value != -QUARTER_DAYS_A_YEAR:
        high = min(high, value)
    if name in _EARLIER and CONVICTION not in dates:
        high = value
    if name == "priors":
        high = min(high, max(found["prop64_convictions"] - 1, 0) if found["section"] >= 0 else 0)
    return ((low, max(low, high)),)


def if_known(condition: Condition, could: Mapping[str, Intervals]) -> str:
    """Return HOLDS, FAILS or UNKNOWN for a condition whose fact could have these values."""
    allowed, wanted = could[condition.fact], values(condition)
    if not both(allowed, wanted):
        return FAILS
    return UNKNOWN if outside(wanted, allowed) else HOLDS


def possible_rules(
    policy: Policy, held: Sequence[Sequence[bool]], found: Mapping[str, int], could: Mapping[str, Intervals]
) -> list[int]:
    """Return the places of the rules that may decide, -1 last if perhaps none does.

    held: of each rule's conditions, as they are on record. could: of the facts that are not known, their values.
    """
    pinned: dict[str, Intervals] = {name: ((value, value),) for name, value in found.items()}
    start = closed(pinned | dict(could))
    pieces: list[Region] = [dict(could) if start is None else start]
    result = []
    for number, (rule, answers) in enumerate(zip(policy.rules, held, strict=True)):
        pairs = list(zip(rule.conditions, answers, strict=True))
        if not all(holds for condition, holds in pairs if condition.fact not in could):
            continue
        asked = [condition for condition, _ in pairs if condition.fact in could]
        if all(region_of(asked, piece) is None for piece in pieces):
            continue
        result.append(number)
        if len(pieces) > _MOST_PIECES:
            if not asked:
                return result
            continue
        taken: dict[str, Intervals] = {}
        for condition in asked:
            taken[condition.fact] = both(taken.get(condition.fact, domain(condition.fact)), values(condition))
        pieces = [left for piece in pieces for left in without(piece, taken)]
        if not pieces:
            return result
    return [*result, -1]
