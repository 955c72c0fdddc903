"""Charges as a person would write them down, and the tables that they make."""

import datetime
from collections.abc import Sequence
from dataclasses import dataclass, field, fields

import numpy as np

from clearscale.charges.tables import NO_DAY, Cases, Charges, Disposition, Mark, Offense, People, Tables, Words
from clearscale.formats.schema import FIELDS

from .reference.histories import Charge as Charge
from .reference.histories import Date
from .reference.histories import Person as Person

DATES = (
    "offense_date",
    "arrest_date",
    "filing_date",
    "disposition_date",
    "sentence_date",
    "sentence_end",
    "supervision_end",
)


@dataclass
class _Numbered:
    """Texts by the order in which they are first met."""

    known: dict[object, int] = field(default_factory=dict)

    def code(self, value: object) -> int:
        return -1 if value is None else self.known.setdefault(value, len(self.known))


def day(date: Date) -> int:
    return NO_DAY if date is None else (date - datetime.date(1970, 1, 1)).days


def tables_of(people: Sequence[Person], untold: Sequence[str] = ()) -> Tables:
    """The tables of people, in their order. untold: columns that the charges do not have."""
    offenses, counties, levels, classes = (_Numbered() for _ in range(4))
    charges: dict[str, list[float]] = {column.name: [] for column in fields(Charges)}
    case_bounds, case_people, bounds = [0], [], [0]
    for number, person in enumerate(people):
        for case in person.cases:
            for charge in case:
                row = {
                    "person": number,
                    "case": len(case_people),
                    "offense": offenses.code(
                        Offense(charge.code, charge.section, charge.subsection, charge.inchoate, charge.description)
                    ),
                    "county": counties.code(charge.county),
                    "court": -1,
                    "agency": -1,
                    "level": levels.code(charge.level),
                    "severity": classes.code(charge.severity),
                    "disposition": -1
                    if charge.disposition is None
                    else Disposition[charge.disposition.upper().replace("-", "_")],
                    "marks": Mark.AMENDED * charge.amended
                    | Mark.REVOKED * charge.probation_revoked
                    | Mark.DOUBTFUL_DATE * charge.doubtful_date,
                    "grams_above": float("nan") if charge.grams is None else charge.grams[0],
                    "grams_to": float("nan") if charge.grams is None else charge.grams[1],
                    "file": 0,
                    "line": len(charges["line"]) + 2,
                    **{name: day(getattr(charge, name)) for name in DATES},
                }
                for name, value in row.items():
                    charges[name].append(value)
            case_people.append(number)
            case_bounds.append(len(charges["line"]))
        bounds.append(len(charges["line"]))
    marks = [
        Mark.REGISTERED * person.registered
        | Mark.DECEASED * person.deceased
        | Mark.NO_KEY * (not person.identified)
        for person in people
    ]
    births = [day(person.birth_date) for person in people]
    unsaid = np.full(len(people), -1, np.int16)
    return Tables(
        Charges(**{name: np.array(values, _TYPES.get(name, np.int32)) for name, values in charges.items()}),
        Cases(np.array(case_bounds, np.int64), np.array(case_people, np.int32)),
        People(
            np.array(bounds, np.int64),
            np.array(births, np.int32),
            unsaid.astype(np.int8),
            unsaid,
            np.array(marks, np.int16),
        ),
        Words(
            tuple(offenses.known),  # type: ignore[arg-type]
            tuple(map(str, counties.known)),
            levels=tuple(map(str, levels.known)),
            classes=tuple(map(str, classes.known)),
            files=("charges.csv",),
            told=frozenset(FIELDS) - set(untold),
        ),
    )


_TYPES: dict[str, type] = {
    "county": np.int16,
    "level": np.int8,
    "severity": np.int8,
    "disposition": np.int8,
    "marks": np.int16,
    "grams_above": np.float32,
    "grams_to": np.float32,
    "line": np.int64,
}
