"""The 18 columns that a county's result files add to each record. Their names and their order are gogen's."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache, partial
from typing import Any

import numpy as np

from clearscale.dates import NO_DATE, as_of_day, us
from clearscale.law import state
from clearscale_kernels import flag
from clearscale_kernels.text.quoting import quoted

ADDED_COLUMNS = (
    "Case Number",
    "# of convictions on record",
    "Possible Other P64 Charges",
    "Occurred after 11/9/2016",
    "Superstrike Code Section(s)",
    "PC290 Code Section(s)",
    "PC290 Registration",
    "Date of Conviction",
    "Years Since This Conviction",
    "Years Since Any Conviction",
    "# of Prop 64 convictions",
    "# of HS 11357 convictions",
    "# of HS 11358 convictions",
    "# of HS 11359 convictions",
    "# of HS 11360 convictions",
    "Deceased",
    "Eligibility Determination",
    "Eligibility Reason",
)

_COUNTS = tuple(f"convictions_{section}" for section in state().charges.sections)

ADDED_NUMBERS = tuple(name for name in ADDED_COLUMNS if name.startswith("# of "))
ADDED_YEARS = tuple(name for name in ADDED_COLUMNS if name.startswith("Years Since "))
ADDED_DATE = "Date of Conviction"
"""The added columns that are no texts: whole numbers, years with one decimal, a date as MM/DD/YYYY."""

PERSON_COLUMNS = ["convictions", *_COUNTS, "flags", "latest_conviction", "superstrikes", "pc290"]
"""The columns of `people` that added columns are made from."""

_EFFECTIVE = as_of_day(str(state().charges.marked("relief").effective))

_POSSIBLE_OTHER = ADDED_COLUMNS.index("Possible Other P64 Charges")
_HOURS_A_YEAR = 24 * 365.25
_LONGEST_SPAN = (2**63 - 1) / 3.6e12
"""Hours between two dates are cut to this many, about 292 years, as spans of 64-bit nanoseconds were."""


def years_between(day: int, as_of: int) -> str:
    """Return years from `day` to the as-of date with one decimal; -1.0 where there is no date."""
    if day == NO_DATE:
        return "-1.0"
    hours = max(-_LONGEST_SPAN, min(_LONGEST_SPAN, (as_of - day) * 24.0))
    return f"{hours / _HOURS_A_YEAR:.1f}"


def undecided(other_offense: bytes) -> bytes:
    """Return the added columns of a record that is no conviction in scope, with their leading comma."""
    fields = [b""] * len(ADDED_COLUMNS)
    fields[_POSSIBLE_OTHER] = quoted(other_offense)
    return b"," + b",".join(fields)


@dataclass(frozen=True)
class DecidedRows:
    """The decided convictions of one extract, in file order.

    rows: shape (k,), 0-based data record. before, after: of each, the added columns, quoted and with their leading
    commas, before and after that of the possible other charge.
    """

    rows: np.ndarray
    before: list[bytes]
    after: list[bytes]

    def suffix(self, place: int, other_offense: bytes) -> bytes:
        """Return the added columns of a decided record with their leading comma."""
        return b"".join((self.before[place], b",", quoted(other_offense), self.after[place]))


def decided_rows(convictions: Mapping[str, list[Any]], people: Mapping[str, list[Any]], as_of: int) -> DecidedRows:
    """Fill the added columns.

    convictions: of each decided conviction, sorted by row: `row`, `event_date`, `history` (its place in `people`),
    `case_number`, `determination`, `reason`. people: PERSON_COLUMNS of the store's `people` by name.
    """
    of_person: dict[int, _PersonFields] = {}
    of_day, of_decision = lru_cache(None)(partial(_day_fields, as_of=as_of)), lru_cache(None)(_decision_fields)
    before, after = [], []
    for place, history in enumerate(convictions["history"]):
        person = of_person.get(history)
        if person is None:
            person = of_person[history] = _person_fields(people, history, as_of)
        day = convictions["event_date"][place]
        before.append(b"," + quoted(convictions["case_number"][place]) + b"," + person.total)
        occurred, date = of_day(day)
        decision = of_decision(convictions["determination"][place], convictions["reason"][place])
        after.append(b",".join((occurred, person.record, date, person.counts, decision)))
    return DecidedRows(np.array(convictions["row"], np.int64), before, after)


# Dates and decisions repeat: their fields are made once each.
def _day_fields(day: int, as_of: int) -> tuple[bytes, bytes]:
    """(whether a day is after the law took effect, behind a comma; the day and the years since)."""
    return b",Y" if day > _EFFECTIVE else b",N", f"{us(day)},{years_between(day, as_of)}".encode()


def _decision_fields(determination: bytes, reason: bytes) -> bytes:
    return quoted(determination) + b"," + quoted(reason)


@dataclass(frozen=True)
class _PersonFields:
    """Columns that are the same for all convictions of a person.

    total: convictions on record. record: superstrikes, PC 290 sections, registration. counts: years since any
    conviction, Prop 64 convictions by section, deceased.
    """

    total: bytes
    record: bytes
    counts: bytes


def _person_fields(people: Mapping[str, list[Any]], history: int, as_of: int) -> _PersonFields:
    by_section = [people[name][history] for name in _COUNTS]
    flags = people["flags"][history]
    record = (
        quoted(people["superstrikes"][history]) or b"-",
        quoted(people["pc290"][history]) or b"-",
        b"Yes" if flags & flag.REGISTERED else b"-",
    )
    counts = (
        years_between(people["latest_conviction"][history], as_of),
        *map(str, (sum(by_section), *by_section)),
        "Deceased" if flags & flag.DECEASED else "-",
    )
    total = str(people["convictions"][history]).encode()
    return _PersonFields(total, b",".join(record), ",".join(counts).encode())
