"""Facts: what a rule can ask of a conviction or of its person, as arrays over candidates."""

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache

import numpy as np

from clearscale.dates import years_behind
from clearscale.errors import PolicyError, closest
from clearscale.law import state
from clearscale.law.catalog import PAIRED
from clearscale_kernels import flag
from clearscale_kernels.people import calendar
from clearscale_kernels.people.calendar import NO_DATE

from .evidence import Evidence
from .text_questions import text_question

_CHARGES, _ROLES, _SAYS = state().charges, state().format.roles, state().format.says
_SECTIONS, _REGISTRATION = _CHARGES.sections, _CHARGES.marked("registration").words
_SYNTHETIC, _GANG = _CHARGES.marked("synthetic").label, _CHARGES.marked(PAIRED[0]).label
_BITS = ", ".join(f"{bit} {label}" for bit, label in _CHARGES.labels).replace(" ", " names ", 1)
_SET_ASIDE, _FELONY = " ".join(_SAYS.set_aside.law), _SAYS.charged_as_felony.texts[0].decode()


__all__ = ["FACTS", "Evidence", "Fact", "Kind", "find", "known"]

QUARTER_DAYS_A_YEAR = 1461
"""A year of 365.25 days, as the pilots' programs counted, in quarter days."""

_MOST_YEARS = calendar.MOST_YEARS
_MOST_COUNT = np.iinfo(np.int16).max
_ANY_DAY = (-4_000_000, 4_000_000)
_OWN, _BIRTH, _ANY = flag.NO_EVENT_DATE, flag.NO_BIRTH_DATE, flag.ANY_NO_EVENT_DATE


class Kind(StrEnum):
    """What a fact's numbers stand for, and so how a policy file compares it."""

    FLAG = "yes or no"
    NUMBER = "number"
    DATE = "date"
    SECTION = "section"
    LETTER = "letter"
    BITS = "bits"


@dataclass(frozen=True)
class Fact:
    """A fact's meaning, the dates it rests on (bits of `clearscale_kernels.flag`), and how it is found.

    find: gives an array of shape (n,) that fits 16 bits, or 32 where `wide`. per_unit: how many of its numbers make
    one of the unit that policies write. least, most: no value lies outside. about: conviction, person or record.
    """

    meaning: str
    rests_on: int
    find: Callable[[Evidence], np.ndarray]
    wide: bool = False
    kind: Kind = Kind.NUMBER
    per_unit: int = 1
    least: int = -_MOST_YEARS
    most: int = _MOST_YEARS
    about: str = "conviction"


def _flag(
    meaning: str, find: Callable[[Evidence], np.ndarray], rests_on: int = 0, about: str = "conviction"
) -> Fact:
    return Fact(meaning, rests_on, find, kind=Kind.FLAG, least=0, most=1, about=about)


def _of_row(meaning: str, bit: int, rests_on: int = 0) -> Fact:
    return _flag(meaning, lambda e: e.of_candidate("flags") & bit != 0, rests_on)


def _of_charge(meaning: str, bit: int) -> Fact:
    return _flag(meaning, lambda e: e.caseload.charge & bit != 0)


def _of_subject(meaning: str, bit: int, about: str, rests_on: int = 0) -> Fact:
    return _flag(meaning, lambda e: e.to_candidates(e.subject("flags") & bit != 0), rests_on, about)


def _count(meaning: str, find: Callable[[Evidence], np.ndarray], rests_on: int = 0, about: str = "record") -> Fact:
    return Fact(
        meaning, rests_on, lambda e: np.minimum(find(e), _MOST_COUNT), least=0, most=_MOST_COUNT, about=about
    )


def _on_record(meaning: str, column: str, rests_on: int = 0) -> Fact:
    return _count(meaning, lambda e: e.to_candidates(np.minimum(e.subject(column), _MOST_COUNT)), rests_on)


def _whole_years(kind: int, column: str) -> Callable[[Evidence], np.ndarray]:
    return lambda e: e.to_candidates(years_behind(kind, e.subject(column), e.as_of))


def _days(
    meaning: str,
    find: Callable[[Evidence], np.ndarray],
    rests_on: int,
    about: str = "conviction",
    per_unit: int = 1,
) -> Fact:
    """Make a wide fact of days, or of `per_unit` to the unit that its meaning names."""
    return Fact(meaning, rests_on, find, True, per_unit=per_unit, least=-(2**31), most=2**31 - 1, about=about)


def _date(meaning: str, find: Callable[[Evidence], np.ndarray], rests_on: int, about: str = "conviction") -> Fact:
    return Fact(meaning, rests_on, find, True, Kind.DATE, least=_ANY_DAY[0], most=_ANY_DAY[1], about=about)


def _of_prop64(evidence: Evidence) -> np.ndarray:
    """Count the Prop 64 convictions on each record. Shape (h,)."""
    total: np.ndarray = np.sum([evidence.subject(f"convictions_{section}") for section in _SECTIONS], axis=0)
    return total


def _only_prop64(evidence: Evidence) -> np.ndarray:
    return evidence.to_candidates(np.equal(_of_prop64(evidence), evidence.subject("convictions")))


def _felonies(evidence: Evidence) -> np.ndarray:
    others = evidence.subject("other_felonies")
    felonies = evidence.of_candidate("flags") & flag.FELONY != 0
    chosen = np.bincount(evidence.of_candidate("history")[felonies], minlength=others.size)
    return evidence.to_candidates(others + chosen.astype(np.int32))


def _quarter_days(evidence: Evidence, column: str) -> np.ndarray:
    return np.int32(4) * (np.int32(evidence.as_of) - evidence.subject(column))


def _since_latest(evidence: Evidence) -> np.ndarray:
    """Count quarter days since the latest conviction, -1 year where none has a date, as the pilots had it."""
    latest = evidence.subject("latest_conviction")
    found = np.where(latest == NO_DATE, -QUARTER_DAYS_A_YEAR, _quarter_days(evidence, "latest_conviction"))
    return evidence.to_candidates(found.astype(np.int32))


def _since_end(evidence: Evidence, ends: np.ndarray) -> np.ndarray:
    """Count half days since sentence ends, which the store keeps as half days."""
    return np.int32(2 * evidence.as_of) - ends


FACTS: dict[str, Fact] = {
    "felony": _of_row(
        f"a felony: `{_ROLES.conviction_status}` says so, or is empty and `{_ROLES.charge_level}` is `{_FELONY}`",
        flag.FELONY,
    ),
    "section": Fact(
        f"the leftmost Prop 64 section in the code section: {', '.join(_SECTIONS[:-1])} or {_SECTIONS[-1]}",
        0,
        lambda e: e.caseload.section,
        kind=Kind.SECTION,
        least=-1,
        most=len(_SECTIONS) - 1,
    ),
    "subsection": Fact(
        f"the capital letter in parentheses right behind that section, such as `A` of `{_SECTIONS[0]}(A)`",
        0,
        lambda e: e.by_offense(lambda offenses: offenses.subsections),
        kind=Kind.LETTER,
        least=0,
        most=26,
    ),
    "charge": Fact(
        f"bits: {_BITS}; eligibility options ask for them, policy files ask for `code_section`",
        0,
        lambda e: e.caseload.charge,
        kind=Kind.BITS,
        least=0,
        most=255,
    ),
    "prop64": _flag(
        "a Prop 64 charge: the code section names one of the four sections", lambda e: e.caseload.section >= 0
    ),
    "related": _of_charge("a related charge, which may name a Prop 64 section as well", flag.RELATED),
    "synthetic": _of_charge(f"the code section names {_SYNTHETIC}, a synthetic drug", flag.SYNTHETIC),
    "event_date": _date(
        f"date of the conviction (`{_ROLES.event_date}`)", lambda e: e.of_candidate("event_date"), _OWN
    ),
    "age_at_conviction": Fact(
        "the person's age in whole years on the day of the conviction",
        _BIRTH | _OWN,
        lambda e: e.of_candidate("age_at_conviction"),
    ),
    "years_since_conviction": Fact(
        "whole years from the conviction to the as-of date; a day n years ago counts as n",
        _OWN,
        lambda e: years_behind(calendar.SINCE, e.of_candidate("event_date"), e.as_of),
    ),
    "days_since_conviction": _days(
        "days from the conviction to the as-of date",
        lambda e: np.int32(e.as_of) - e.of_candidate("event_date"),
        _OWN,
    ),
    "sentence_ended": _flag(
        "the conviction's sentence ends before the as-of date",
        lambda e: _since_end(e, e.of_candidate("sentence_end")) > 0,
        _OWN,
    ),
    "days_since_sentence_end": _days(
        "days from the end of the conviction's sentence to the as-of date, fewer than 0 while it is served",
        lambda e: _since_end(e, e.of_candidate("sentence_end")),
        _OWN,
        per_unit=2,
    ),
    "prop64_in_cycle": _of_row(
        "some row of the conviction's cycle, convicted or not, is a Prop 64 charge", flag.PROP64_IN_CYCLE
    ),
    "priors": _count(
        "Prop 64 convictions of an earlier date on record whose code section begins with the same five characters",
        lambda e: e.of_candidate("priors"),
        _OWN | _ANY,
        about="conviction",
    ),
    "same_section_cycles": _count(
        "cycles on record with a conviction of the very same code section, its own cycle included",
        lambda e: e.of_candidate("same_cycles"),
        about="conviction",
    ),
    "superstrike_earlier": _of_row(
        "a superstrike on record has an earlier date", flag.SUPERSTRIKE_EARLIER, _OWN | _ANY
    ),
    "superstrike_same_case": _of_row("a superstrike on record is of the same case", flag.SUPERSTRIKE_SAME_CASE),
    "superstrike_prior": _of_row(
        "a superstrike on record has an earlier date and is of another case (*People v. Smit*)",
        flag.SUPERSTRIKE_PRIOR,
        _OWN | _ANY,
    ),
    "pc290_earlier": _of_row(
        f"a conviction under {_REGISTRATION} on record has an earlier date", flag.REGISTRABLE_EARLIER, _OWN | _ANY
    ),
    "pc290_same_case": _of_row(
        f"a conviction under {_REGISTRATION} is of the same case", flag.REGISTRABLE_SAME_CASE
    ),
    "pc290_prior": _of_row(
        f"a conviction under {_REGISTRATION} has an earlier date and is of another case",
        flag.REGISTRABLE_PRIOR,
        _OWN | _ANY,
    ),
    "set_aside": _of_row(f"set aside and dismissed by a later row ({_SET_ASIDE})", flag.SET_ASIDE),
    "reduced": _of_row("reduced to a misdemeanor by a later row", flag.REDUCED),
    "charge_in_comment": _of_row(f"the charge stands in `{_ROLES.comment}`", flag.FROM_COMMENT),
    "no_event_date": _of_row("the conviction has no date", flag.NO_EVENT_DATE, _OWN),
    "cleared_earlier": _of_row(
        "a later row says that it was vacated, dismissed, or cleared by an earlier proceeding", flag.CLEARED
    ),
    "another_offense_charged": _of_row(
        "convicted of another offense than charged, one of the two a Prop 64 charge", flag.OTHER_OFFENSE
    ),
    "implausible_date": _flag(
        "the conviction's date, or that of birth, cannot be right: before 1900, before birth, more than 110 years "
        "after it, or after the as-of date",
        lambda e: (e.of_candidate("flags") & flag.IMPLAUSIBLE_DATE != 0) | e.caseload.later_than(e.as_of),
        _OWN | _BIRTH,
    ),
    "unreadable_date": _of_row(
        "the conviction's date, or that of birth, is not blank and cannot be read, so it counts as missing",
        flag.UNREADABLE_DATE,
        _OWN | _BIRTH,
    ),
    "age": Fact(
        "the person's age in whole years on the as-of date; born on 29 February, a year older on 1 March",
        _BIRTH,
        _whole_years(calendar.AGE, "birth_date"),
        about="person",
    ),
    "julian_age": _days(
        "the person's age on the as-of date in years of 365.25 days, as the pilots counted",
        lambda e: e.to_candidates(_quarter_days(e, "birth_date")),
        _BIRTH,
        "person",
        QUARTER_DAYS_A_YEAR,
    ),
    "birth_date": _date(
        f"date of birth (`{_ROLES.birth_date}`)", lambda e: e.of_person("birth_date"), _BIRTH, "person"
    ),
    "deceased": _of_subject("the record says that the person is deceased", flag.DECEASED, "person"),
    "registered": _of_subject(f"a registration under {_REGISTRATION} is on record", flag.REGISTERED, "person"),
    "no_birth_date": _of_subject("the person has no date of birth", flag.NO_BIRTH_DATE, "person", _BIRTH),
    "contradictory_subject": _of_subject(
        f"records of the `{_ROLES.subject}` tell several numbers, names, births or sexes",
        flag.SUBJECT_CONTRADICTS,
        "person",
    ),
    "contradictory_person": _of_subject(
        f"a `{_ROLES.person}` joins histories, of one extract or of several, that tell several names or births",
        flag.PERSON_CONTRADICTS,
        "person",
    ),
    "convictions": _on_record("convictions on record, all counties and charges", "convictions"),
    "felony_convictions": _count("felony convictions on record, all counties and charges", _felonies),
    "prop64_convictions": _count(
        "Prop 64 convictions on record, all counties", lambda e: e.to_candidates(_of_prop64(e))
    ),
    **{
        f"convictions_{section}": _on_record(
            f"convictions on record, all counties, whose leftmost Prop 64 section is {section}",
            f"convictions_{section}",
        )
        for section in _SECTIONS
    },
    "only_prop64": _flag(
        "every conviction on record, in any county, is a Prop 64 conviction", _only_prop64, about="record"
    ),
    "superstrikes": _on_record("superstrikes on record, each a conviction by itself", "superstrikes"),
    "gang_pair": _flag(
        f"a gang enhancement (`{_GANG}`) and an offense it makes a superstrike, two convictions of a case",
        lambda e: e.of_person("gang_pair"),
        about="record",
    ),
    "pc290_convictions": _on_record(f"convictions under {_REGISTRATION} on record", "pc290"),
    "latest_conviction": _date(
        "date of the latest conviction on record", lambda e: e.of_person("latest_conviction"), _ANY, "record"
    ),
    "years_since_latest_conviction": Fact(
        "whole years since the latest conviction on record; one that is n years ago to the day counts n",
        _ANY,
        _whole_years(calendar.SINCE, "latest_conviction"),
        about="record",
    ),
    "years_crime_free": Fact(
        "whole years since the latest conviction on record; one that is n years ago to the day counts n - 1",
        _ANY,
        _whole_years(calendar.CLEAR, "latest_conviction"),
        about="record",
    ),
    "julian_years_since_latest_conviction": _days(
        "years of 365.25 days since the latest conviction on record; -1 if none has a date, as the pilots had it",
        _since_latest,
        _ANY,
        "record",
        QUARTER_DAYS_A_YEAR,
    ),
    "days_since_latest_conviction": _days(
        "days since the latest conviction on record",
        lambda e: e.to_candidates(np.int32(e.as_of) - e.subject("latest_conviction")),
        _ANY,
        "record",
    ),
    "serving_sentence": _flag(
        "some sentence on record ends after the as-of date",
        lambda e: e.to_candidates(_since_end(e, e.subject("latest_sentence_end")) < 0),
        _ANY,
        "record",
    ),
    "days_since_last_sentence_end": _days(
        "days since the last sentence on record ended, fewer than 0 while it is served",
        lambda e: e.to_candidates(_since_end(e, e.subject("latest_sentence_end"))),
        _ANY,
        "record",
        2,
    ),
    "undecided_prop64": _of_subject(
        "some Prop 64 court action on record has no disposition", flag.NO_DISPOSITION, "record"
    ),
    "near_prop64": _of_subject(
        "some conviction on record nearly names a Prop 64 section, and does not count as one",
        flag.NEAR_PROP64,
        "record",
    ),
    "any_no_event_date": _of_subject("some conviction on record has no date", _ANY, "record", _ANY),
}
"""Every fact by the name that rules use, but for questions on a code section's text; see `text_question`."""


_OF_GROUPS = "no rule asks for a group of people; tables and reports count by race, sex and age"
_NO_FACTS = {
    **dict.fromkeys(("race", "sex", "gender", "ethnicity"), _OF_GROUPS),
    "county": "a policy map gives counties policies of their own",
}
"""What is said of names that many would look for among the facts."""


@lru_cache(maxsize=1024)
def known(name: str) -> Fact:
    """Return the fact of that name. Raises PolicyError for a name that is no fact, with the nearest one."""
    if name in FACTS:
        return FACTS[name]
    if (question := text_question(name)) is not None:
        how, text = question.how, question.text
        return _flag(
            f"the code section {how} `{text}`",
            lambda e: e.by_offense(lambda offenses: offenses.matching(how, text)),
        )
    near = closest(name, [*FACTS, "code_section"])
    hint = f"; did you mean '{near}'?" if near else "; docs/reference/facts.md lists them"
    hint = f"; {_NO_FACTS[name]}" if name in _NO_FACTS else hint
    raise PolicyError(f"'{name}' is no fact{hint}")


def find(name: str, evidence: Evidence) -> np.ndarray:
    """Find the fact for each candidate. Shape (n,). Raises PolicyError for a name that is no fact."""
    return known(name).find(evidence)
