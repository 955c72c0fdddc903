"""Charges, cases and people as arrays: the form in which they are folded, decided and counted.

Rows of a person stand side by side, those of a case within them; people are in the order of their keys' hash and
key, cases of a person in the order of their first day and number, charges of a case in the order of their sequence,
file and line. So the same charges give the same arrays, however they were cut into files and blocks.
"""

from dataclasses import dataclass
from enum import IntEnum

from clearscale_kernels.arrays import Float32s, Int8s, Int16s, Int32s, Int64s
from clearscale_kernels.people.calendar import NO_DATE

UNKNOWN = -1
"""Code of what a record does not say, or says in words that nobody knows."""

NO_DAY = NO_DATE
"""The day of a date that is missing."""


class Disposition(IntEnum):
    """How a charge ended; `UNKNOWN` where nobody knows the record's word for it."""

    UNKNOWN = -1
    NONE = 0
    CONVICTED = 1
    DISMISSED = 2
    ACQUITTED = 3
    PENDING = 4
    SET_ASIDE = 5
    VACATED = 6
    DIVERTED = 7
    OTHER = 8


class Mark(IntEnum):
    """Bits of a charge's `marks`, and of a person's."""

    AMENDED = 1 << 0  # of a charge: the amended charge stands in place of the first
    REVOKED = 1 << 1  # of a charge: probation was revoked
    DOUBTFUL_DATE = 1 << 2  # of a charge: a date of it could not be read, or cannot be right
    REGISTERED = 1 << 3  # of a person: on a register that excludes
    DECEASED = 1 << 4  # of a person
    NO_KEY = 1 << 5  # of a person: nobody knows who it is; each such charge stands for itself


@dataclass(frozen=True)
class Offense:
    """What charges are about, each distinct one once.

    Attributes
    ----------
    code, section, subsection
        As the state's normaliser has them; empty where the text names nothing that is known.
    inchoate
        attempt, conspiracy or solicitation; empty for the offense itself.
    description
        The charge in words, as the record has it.
    statute
        The statute's text, as the record has it.
    """

    code: str = ""
    section: str = ""
    subsection: str = ""
    inchoate: str = ""
    description: str = ""
    statute: str = ""


@dataclass(frozen=True)
class Words:
    """What codes stand for: tuples of sorted texts whose places are the codes, the same in all buckets of a store.

    Attributes
    ----------
    offenses
        What charges are about.
    counties, courts, agencies
        Where they are, and who brought them.
    levels, classes
        How grave they are: felony, misdemeanor and so on, and the class as the state has it.
    sexes, races
        Of people.
    files
        Names or ids of files.
    told
        The columns of `clearscale.formats.schema.FIELDS` that all files have, `county` and `amended` among them:
        what is not there is unknown of every charge, and a missing mark or day says nothing.
    """

    offenses: tuple[Offense, ...]
    counties: tuple[str, ...] = ()
    courts: tuple[str, ...] = ()
    agencies: tuple[str, ...] = ()
    levels: tuple[str, ...] = ()
    classes: tuple[str, ...] = ()
    sexes: tuple[str, ...] = ()
    races: tuple[str, ...] = ()
    files: tuple[str, ...] = ()
    told: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Charges:
    """Charges, a row each: arrays of the shape (n,), `UNKNOWN` and `NO_DAY` where nothing is said.

    Attributes
    ----------
    person, case
        Rows of `People` and `Cases`, neither ever falls.
    offense
        Place in `Words.offenses`.
    county, court, agency, level, severity
        Places in `Words.counties`, `courts`, `agencies`, `levels` and `classes`.
    disposition
        A `Disposition`.
    marks
        Bits of `Mark`.
    offense_date, arrest_date, filing_date, disposition_date, sentence_date, sentence_end, supervision_end
        Days since 1970-01-01.
    grams_above, grams_to
        More than so many and up to so many grams; both NaN where nothing says, `grams_to` infinite without a limit.
    file, line
        The record: place in `Words.files`, and the line on which it begins, from 1.
    """

    person: Int32s
    case: Int32s
    offense: Int32s
    county: Int16s
    court: Int32s
    agency: Int32s
    level: Int8s
    severity: Int8s
    disposition: Int8s
    marks: Int16s
    offense_date: Int32s
    arrest_date: Int32s
    filing_date: Int32s
    disposition_date: Int32s
    sentence_date: Int32s
    sentence_end: Int32s
    supervision_end: Int32s
    grams_above: Float32s
    grams_to: Float32s
    file: Int32s
    line: Int64s


@dataclass(frozen=True)
class Cases:
    """Cases, a row each.

    Attributes
    ----------
    bounds : shape (cases + 1,)
        Charges of case c are bounds[c] to bounds[c + 1].
    person : shape (cases,)
        Rows of `People`.
    """

    bounds: Int64s
    person: Int32s


@dataclass(frozen=True)
class People:
    """People, a row each.

    Attributes
    ----------
    bounds : shape (people + 1,)
        Charges of person p are bounds[p] to bounds[p + 1].
    birth_date, sex, race, marks : shape (people,)
        A day, places in `Words.sexes` and `Words.races`, bits of `Mark`. Where charges of a person differ, the
        value of the latest charge that has one.
    """

    bounds: Int64s
    birth_date: Int32s
    sex: Int8s
    race: Int16s
    marks: Int16s


@dataclass(frozen=True)
class Tables:
    """A bucket's charges, cases and people, and what their codes stand for.

    Attributes
    ----------
    charges, cases, people
        Arrays, in the order that this module says.
    words
        What their codes stand for.
    """

    charges: Charges
    cases: Cases
    people: People
    words: Words

    @property
    def rows(self) -> int:
        """How many charges there are."""
        return int(self.charges.person.size)
