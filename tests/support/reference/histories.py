"""People and their charges, as a person would write them down."""

import datetime
from collections.abc import Sequence
from dataclasses import dataclass

Date = datetime.date | None


@dataclass(frozen=True)
class Charge:
    """A charge. disposition: as policies write it; None: nobody knows. grams: more than, up to; None: not said."""

    code: str = ""
    section: str = ""
    subsection: str = ""
    inchoate: str = ""
    description: str = ""
    level: str | None = None
    severity: str | None = None
    disposition: str | None = None
    county: str | None = None
    grams: tuple[float, float] | None = None
    amended: bool = False
    probation_revoked: bool = False
    doubtful_date: bool = False
    offense_date: Date = None
    arrest_date: Date = None
    filing_date: Date = None
    disposition_date: Date = None
    sentence_date: Date = None
    sentence_end: Date = None
    supervision_end: Date = None


@dataclass(frozen=True)
class Person:
    """A person with cases, each a list of charges."""

    cases: Sequence[Sequence[Charge]]
    birth_date: Date = None
    registered: bool = False
    deceased: bool = False
    identified: bool = True

    @property
    def charges(self) -> list[Charge]:
        return [charge for case in self.cases for charge in case]
