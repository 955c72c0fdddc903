"""The 18 columns that a county's result files add to each record."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from clearscale_kernels import facts

from ..dates import EFFECTIVE_DATE, NO_DATE, us

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

_POSSIBLE_OTHER = ADDED_COLUMNS.index("Possible Other P64 Charges")
_HOURS_A_YEAR = 24 * 365.25
_LONGEST_SPAN = (2**63 - 1) / 3.6e12
"""Hours between two dates are cut to this many, about 292 years, as spans of 64-bit nanoseconds were."""

_SPACE_STARTS = tuple(
    character.encode()
    for character in "\t\n\v\f\r \x85\xa0\u1680\u2028\u2029\u202f\u205f\u3000"
    + "".join(map(chr, range(0x2000, 0x200B)))
)


def quoted(value: bytes) -> bytes:
    """A field as Go's encoding/csv writes it: quoted only where needed."""
    if not value:
        return value
    special = any(byte in value for byte in (b",", b'"', b"\n", b"\r"))
    if special or value == b"\\." or value.startswith(_SPACE_STARTS):
        return b'"' + value.replace(b'"', b'""') + b'"'
    return value


def years_between(day: int, as_of: int) -> str:
    """Years from `day` to the as-of date with one decimal; -1.0 where there is no date."""
    if day == NO_DATE:
        return "-1.0"
    hours = max(-_LONGEST_SPAN, min(_LONGEST_SPAN, (as_of - day) * 24.0))
    return f"{hours / _HOURS_A_YEAR:.1f}"


def undecided(possible_other: bytes) -> bytes:
    """The added columns of a record that is no conviction in scope, with their leading comma."""
    fields = [b""] * len(ADDED_COLUMNS)
    fields[_POSSIBLE_OTHER] = quoted(possible_other)
    return b"," + b",".join(fields)


@dataclass(frozen=True)
class DecidedRows:
    """The decided convictions of one extract, in file order.

    rows: shape (k,), 0-based data record. fields: for each, the added columns quoted, that of the possible other
    charge left empty.
    """

    rows: np.ndarray
    fields: list[list[bytes]]

    def suffix(self, place: int, possible_other: bytes) -> bytes:
        """The added columns of a decided record with their leading comma."""
        fields = self.fields[place]
        return b",".join([b"", *fields[:_POSSIBLE_OTHER], quoted(possible_other), *fields[_POSSIBLE_OTHER + 1 :]])


def decided_rows(convictions: Mapping[str, list[Any]], people: Mapping[str, list[Any]], as_of: int) -> DecidedRows:
    """Fill the added columns.

    convictions: of each decided conviction, sorted by row: `row`, `event_date`, `history` (its place in `people`),
    `case_number`, `determination`, `reason`. people: columns of the store's `people` by name.
    """
    of_person: dict[int, tuple[list[bytes], list[bytes], bytes]] = {}
    fields = []
    for place, history in enumerate(convictions["history"]):
        if history not in of_person:
            of_person[history] = _person_fields(people, history, as_of)
        record, counts, deceased = of_person[history]
        total, superstrikes, pc290, registered, since_any = record
        day = convictions["event_date"][place]
        fields.append(
            [
                quoted(convictions["case_number"][place]),
                total,
                b"",
                b"Y" if day > EFFECTIVE_DATE else b"N",
                superstrikes,
                pc290,
                registered,
                us(day).encode(),
                years_between(day, as_of).encode(),
                since_any,
                *counts,
                deceased,
                quoted(convictions["determination"][place]),
                quoted(convictions["reason"][place]),
            ]
        )
    return DecidedRows(np.array(convictions["row"], np.int64), fields)


def _person_fields(
    people: Mapping[str, list[Any]], history: int, as_of: int
) -> tuple[list[bytes], list[bytes], bytes]:
    """(fields before the conviction's own, counts by section, deceased) of a person."""
    by_section = [people[f"convictions_{section}"][history] for section in facts.SECTIONS]
    flags = people["flags"][history]
    record = [
        str(people["convictions"][history]).encode(),
        quoted(people["superstrikes"][history]) or b"-",
        quoted(people["pc290"][history]) or b"-",
        b"Yes" if flags & facts.REGISTERED else b"-",
        years_between(people["latest_conviction"][history], as_of).encode(),
    ]
    counts = [str(count).encode() for count in (sum(by_section), *by_section)]
    return record, counts, b"Deceased" if flags & facts.DECEASED else b"-"
