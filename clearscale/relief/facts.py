"""Facts: what a policy can ask of a charge, its case and its person. Each is known, or may be any of several."""

from dataclasses import dataclass
from enum import StrEnum

import numpy as np

from clearscale.charges.tables import NO_DAY, Disposition, Mark, Offense
from clearscale.law.statutes import INCHOATE
from clearscale_kernels.arrays import Int8s, Int32s, Int64s
from clearscale_kernels.people import calendar
from clearscale_kernels.relief.groups import EVER, NEVER, NO, UNSURE, YES, Spans

from .evidence import Evidence, spans_of_days, truth_of
from .missing import Missing

DISPOSITIONS = tuple(
    disposition.name.lower().replace("_", "-") for disposition in Disposition if disposition > Disposition.NONE
)
"""Dispositions by the words that policies write."""

ITSELF = "none"
"""What `inchoate` is of the offense itself."""


LEVELS = (
    *("felony", "misdemeanor", "violation", "infraction", "petty offense", "ordinance", "indictable"),
    "disorderly persons",
)
"""Levels that maps of columns have words for."""


class Kind(StrEnum):
    """What a fact is, and so how it is asked."""

    FLAG = "yes or no"
    WORD = "word"
    DATE = "date"
    NUMBER = "number"
    GRAMS = "grams"


FORMS = {
    Kind.FLAG: "`{name}`, `not {name}`",
    Kind.WORD: "`{name} is A or B`, `{name} is not A`",
    Kind.DATE: "`{name} >= 2013-01-01`, `{name} < today`",
    Kind.NUMBER: "`{name} >= 18`",
    Kind.GRAMS: "`{name} <= 30`, `{name} > 30`",
}
"""How a fact of each kind is asked for."""


@dataclass(frozen=True)
class Fact:
    """A fact of a charge or its person.

    Attributes
    ----------
    kind
        What it is.
    meaning
        In a line.
    lacks
        What is missing where it is not known.
    about
        charge or person.
    """

    kind: Kind
    meaning: str
    lacks: Missing
    about: str = "charge"


FACTS = {
    "convicted": Fact(Kind.FLAG, "the charge's disposition is a conviction", Missing.DISPOSITION),
    "no_disposition": Fact(
        Kind.FLAG, "the record has no disposition, not even a word that nobody knows", Missing(0)
    ),
    "amended": Fact(Kind.FLAG, "the charge was amended; all else is of the amended one", Missing.AMENDMENT),
    "probation_revoked": Fact(Kind.FLAG, "probation was revoked", Missing.REVOCATION),
    "doubtful_date": Fact(Kind.FLAG, "a date of the charge could not be read, or cannot be right", Missing(0)),
    "level": Fact(Kind.WORD, "felony, misdemeanor and so on", Missing.LEVEL),
    "class": Fact(Kind.WORD, "class of severity, as the state has it", Missing.CLASS),
    "disposition": Fact(
        Kind.WORD,
        f"how the charge ended: {', '.join(DISPOSITIONS)}; unknown where there is none",
        Missing.DISPOSITION,
    ),
    "inchoate": Fact(Kind.WORD, f"{', '.join(INCHOATE)}, or {ITSELF}: the offense itself", Missing.INCHOATE),
    "county": Fact(Kind.WORD, "the county, as the state's list names it", Missing.COUNTY),
    "court": Fact(
        Kind.WORD, "the court, as the state's list or the map names it, else as the record does", Missing.COURT
    ),
    "agency": Fact(Kind.WORD, "the agency, in the same way", Missing.AGENCY),
    "grams": Fact(
        Kind.GRAMS, "the weight that the charge is about, which is told as more than and up to", Missing.AMOUNT
    ),
    "offense_date": Fact(Kind.DATE, "the day of the offense", Missing.OFFENSE_DATE),
    "arrest_date": Fact(Kind.DATE, "the day of the arrest", Missing.ARREST_DATE),
    "filing_date": Fact(Kind.DATE, "the day on which the charge was filed", Missing.FILING_DATE),
    "disposition_date": Fact(
        Kind.DATE, "the day of the disposition, such as the conviction", Missing.DISPOSITION_DATE
    ),
    "sentence_date": Fact(Kind.DATE, "the day of the sentence", Missing.SENTENCE_DATE),
    "sentence_end": Fact(Kind.DATE, "the day on which the sentence ends", Missing.SENTENCE_END),
    "supervision_end": Fact(Kind.DATE, "the day on which probation or parole ends", Missing.SUPERVISION_END),
    "age_at_offense": Fact(
        Kind.NUMBER,
        "the person's age in whole years on the day of the offense",
        Missing.OFFENSE_DATE | Missing.BIRTH_DATE,
    ),
    "age_at_arrest": Fact(
        Kind.NUMBER,
        "the person's age in whole years on the day of the arrest",
        Missing.ARREST_DATE | Missing.BIRTH_DATE,
    ),
    "birth_date": Fact(Kind.DATE, "the person's day of birth", Missing.BIRTH_DATE, "person"),
    "registered": Fact(Kind.FLAG, "the person is on a register that excludes", Missing.REGISTRATION, "person"),
    "deceased": Fact(Kind.FLAG, "the person has died", Missing.DEATH, "person"),
    "identified": Fact(Kind.FLAG, "it is known who the person is", Missing(0), "person"),
}
"""Every fact of a charge or person that is asked by its name alone."""

CHARGE_DATES = tuple(name for name, fact in FACTS.items() if fact.kind is Kind.DATE and fact.about == "charge")
_CODES = {"level": "levels", "class": "classes", "county": "counties", "court": "courts", "agency": "agencies"}
_MARKS = {
    "amended": (Mark.AMENDED, "amended"),
    "probation_revoked": (Mark.REVOKED, "revoked"),
    "doubtful_date": (Mark.DOUBTFUL_DATE, ""),
    "registered": (Mark.REGISTERED, "registered"),
    "deceased": (Mark.DECEASED, "deceased"),
}
"""Facts that are a mark, and the column that tells of it; none of what is always looked at."""

UNTOLD = {name: column for name, (_, column) in _MARKS.items() if column}
"""Facts that are not known where the charges have no such column."""


def flag(name: str, evidence: Evidence) -> Int8s:
    """Find a yes-or-no fact. Shape (n,): NO, UNSURE or YES."""
    if name == "convicted":
        return word("disposition", frozenset({"convicted"}), evidence)
    if name == "no_disposition":
        return truth_of(evidence.column("disposition") == Disposition.NONE)
    if name == "identified":
        return truth_of(~evidence.blind)
    return evidence.marked(*_MARKS[name], FACTS[name].about == "person")


def word(name: str, wanted: frozenset[str], evidence: Evidence) -> Int8s:
    """Find whether a fact is one of some words, in small letters. Shape (n,): NO, UNSURE or YES."""
    words = evidence.tables.words
    if name == "disposition":
        # A charge without a disposition has one, or will: which, its record does not tell.
        return evidence.coded(evidence.column("disposition"), DISPOSITIONS, wanted, Disposition.NONE + 1)
    if name == "inchoate":
        return evidence.by_offense(lambda offense: _inchoate(offense, wanted))
    codes = evidence.column("severity" if name == "class" else name)
    return evidence.coded(codes, getattr(words, _CODES[name]), wanted)


def _inchoate(offense: Offense, wanted: frozenset[str]) -> int:
    if not offense.inchoate and not offense.section:
        return UNSURE
    return YES if (offense.inchoate or ITSELF) in wanted else NO


def spans(name: str, evidence: Evidence) -> Spans:
    """Find what a date or number can be."""
    if FACTS[name].kind is Kind.DATE:
        return spans_of_days(evidence.dates(name))
    days, births = evidence.dates(name.removeprefix("age_at_") + "_date"), evidence.dates("birth_date")
    missing = (days == NO_DAY) | (births == NO_DAY)
    ages = np.empty(days.size, np.int16)
    calendar.ages(births, days, ages)
    return Spans(
        np.where(missing, np.int32(NEVER), ages.astype(np.int32)),
        np.where(missing, np.int32(EVER), ages.astype(np.int32)),
    )


def grams_to(limit: float, evidence: Evidence) -> Int8s:
    """Find whether the weight is up to a limit. Shape (n,): NO, UNSURE or YES."""
    within = evidence.column("grams_to") <= np.float32(limit)
    beyond = evidence.column("grams_above") >= np.float32(limit)
    return np.where(within, np.int8(YES), np.where(beyond, np.int8(NO), np.int8(UNSURE)))


def lacking(name: str, evidence: Evidence, rows: Int64s) -> Int32s:
    """What is missing of a fact where it is not known, of some charges, as bits. Shape (rows,)."""
    kind = FACTS[name].kind
    if kind not in (Kind.DATE, Kind.NUMBER):
        return np.full(rows.size, int(FACTS[name].lacks), np.int32)
    found = np.zeros(rows.size, np.int32)
    for date in (name,) if kind is Kind.DATE else (f"{name.removeprefix('age_at_')}_date", "birth_date"):
        found |= np.where(evidence.dates(date)[rows] == NO_DAY, np.int32(FACTS[date].lacks), np.int32(0))
    return found


def known(name: str, evidence: Evidence) -> Int8s:
    """Find whether a fact is known. Shape (n,): NO or YES."""
    kind = FACTS[name].kind
    if kind is Kind.DATE:
        return truth_of(evidence.dates(name) != NO_DAY)
    if kind is Kind.NUMBER:
        found = spans(name, evidence)
        return truth_of(found.low == found.high)
    if kind is Kind.GRAMS:
        return truth_of(~np.isnan(evidence.column("grams_to")))
    return truth_of((flag(name, evidence) if kind is Kind.FLAG else word(name, frozenset(), evidence)) != UNSURE)
