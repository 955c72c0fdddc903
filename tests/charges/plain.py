"""Charges grouped in plain Python, from the rows as they are read: what tables must say."""

import zlib
from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

NO_DAY = -719_162
OWN = ("offense_date", "arrest_date", "filing_date", "disposition_date", "sentence_date")
ENDS = {"sentence_end_date": "sentence_end", "supervision_end_date": "supervision_end"}
DAYS = {**{name: name for name in OWN}, **ENDS}
DISPOSITIONS = {
    "unknown": -1,
    "none": 0,
    "convicted": 1,
    "dismissed": 2,
    "acquitted": 3,
    "pending": 4,
    "set aside": 5,
    "vacated": 6,
    "diverted": 7,
    "other": 8,
}
OFFENSE = ("code", "section", "subsection", "inchoate", "description", "statute")
Row = Mapping[str, Any]


def day(value: date | None) -> int:
    """Days since 1970."""
    return NO_DAY if value is None else (value - date(1970, 1, 1)).days


def days_of(row: Row) -> list[int]:
    """Days of a charge that are known, but for those on which something ends."""
    return [day(row[name]) for name in OWN if row[name] is not None]


def identity(row: Row) -> str:
    """Whose a charge is."""
    if row["person"] is not None:
        return f"key:{row['person']}"
    if row["case"] is not None:
        return f"case:{row['county'] or ''}/{row['case']}"
    return f"record:{row['file']}/{row['line']}"


def natural(text: str | None) -> tuple[Any, ...]:
    """A number of a charge: numbers by their value, others behind, none before."""
    if text is None:
        return (0,)
    if text.isascii() and text.isdigit():
        return (1, int(text), text)
    return (2, text)


def case_of(row: Row) -> tuple[Any, ...]:
    """What tells a person's cases apart."""
    if row["case"] is None:
        return ("", row["file"], row["line"])
    return ("number", row["case"], row["county"])


def people(rows: Sequence[Row]) -> list[list[list[Row]]]:
    """Charges by person and case, all in order."""
    by_person: dict[str, dict[tuple[Any, ...], list[Row]]] = defaultdict(lambda: defaultdict(list))
    for row in rows:
        by_person[identity(row)][case_of(row)].append(row)
    found = []
    for _, cases in sorted(by_person.items(), key=lambda item: (zlib.crc32(item[0].encode()), item[0])):
        charges = [
            sorted(case, key=lambda row: (natural(row["sequence"]), row["file"], row["line"]))
            for case in cases.values()
        ]
        found.append(sorted(charges, key=_place))
    return found


def _place(case: list[Row]) -> tuple[Any, ...]:
    row = case[0]
    first = min((known_day for charge in case for known_day in days_of(charge)), default=NO_DAY)
    number = (row["case"] is not None, row["case"] or "")
    return (first, number, row["county"] is not None, row["county"] or "", row["file"], row["line"])


def told(person: list[list[Row]], name: str) -> Any:
    """What the latest charge says that says it."""
    charges = [charge for case in person for charge in case]
    dated = sorted(enumerate(charges), key=lambda item: (max(days_of(item[1]), default=NO_DAY), item[0]))
    return next((charge[name] for _, charge in reversed(dated) if charge[name] is not None), None)


def marks(row: Row) -> int:
    """Marks of a charge."""
    return 1 * bool(row["amended"]) + 2 * bool(row["revoked"]) + 4 * bool(row["doubtful_date"])


def marks_of_person(person: list[list[Row]]) -> int:
    """Marks of a person."""
    charges = [charge for case in person for charge in case]
    return (
        8 * any(charge["registered"] for charge in charges)
        + 16 * any(charge["deceased"] for charge in charges)
        + 32 * (charges[0]["person"] is None)
    )
