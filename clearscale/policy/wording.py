"""Facts and conditions in words: as policy files write them, as values for people, and as sentences for readers.

A date of birth is never disclosed: rules are about ages.
"""

from collections.abc import Sequence
from typing import Any

from clearscale.dates import NO_DATE, iso
from clearscale.law import state
from clearscale.law.catalog import BITS, RELIEF
from clearscale_kernels import flag

from .facts import Fact, Kind, known
from .model import Condition
from .text_questions import text_question

_CHARGES = state().charges
_SECTIONS = _CHARGES.sections

FORMS = {
    Kind.FLAG: "`{name}`, `not {name}`",
    Kind.NUMBER: "`{name} >= 2`",
    Kind.DATE: f"`{{name}} < {_CHARGES.marked(RELIEF).effective}`",
    Kind.SECTION: f"`{{name}} == {_SECTIONS[0]}`, `!=`",
    Kind.LETTER: "`{name} == A`, `!=`",
    Kind.BITS: "not in policy files",
}
"""How policy files ask for a fact, by its kind."""

SUBJECTS = {
    "conviction": "The conviction",
    "person": "The person",
    "record": "The record: all convictions of the person, in every county",
}
"""What facts are about."""

_DATES = {
    flag.NO_EVENT_DATE: "conviction",
    flag.NO_BIRTH_DATE: "birth",
    flag.ANY_NO_EVENT_DATE: "any on record",
}
_BIT_WORDS = {
    **{1 << place: section for place, section in enumerate(_SECTIONS)},
    **{bit: _CHARGES.marked(mark).words for mark, bit in BITS.items()},
}
"""What the bits of a charge stand for in a sentence."""

_BIRTH_DATE = "birth_date"
_EXACT_AGE = "julian_age"
"""A fact that counts days of a life: with the as-of date it would disclose the date of birth."""

_YES_NO = {
    "felony": ("it is a felony", "it is not a felony"),
    "only_prop64": ("every conviction on the record is a Prop 64 conviction", "some conviction is of another kind"),
    "deceased": ("the record says that the person has died", "the record does not say that the person has died"),
    "sentence_ended": ("its sentence has ended", "its sentence has not ended"),
    "serving_sentence": ("some sentence is still being served", "no sentence is still being served"),
    "gang_pair": (
        "a gang enhancement and an offense that it makes a superstrike stand in one case",
        "no gang enhancement makes an offense a superstrike",
    ),
}
"""Yes-or-no facts as a sentence says them; others by their meaning."""

_AROUND = {
    "age": ("the person is", "years old"),
    "age_at_conviction": ("the person was", "years old at the conviction"),
    "julian_age": ("the person is", "years old, counting 365.25 days a year"),
    "years_since_conviction": ("the conviction is", "years ago"),
    "years_crime_free": ("the latest conviction of any kind is", "full years ago, or there is none"),
    "years_since_latest_conviction": ("the latest conviction of any kind is", "years ago"),
    "priors": ("there are", "earlier convictions of the same section"),
    "superstrikes": ("there are", "superstrike convictions on the record"),
    "pc290_convictions": ("there are", f"convictions under {_CHARGES.marked('registration').words} on the record"),
    "section": ("its Prop 64 section is", ""),
    "event_date": ("the conviction's date is", ""),
}
"""Other facts in a sentence: the words before and after the figure."""

_COMPARED = {
    "==": "{}",
    "!=": "not {}",
    "<": "less than {}",
    "<=": "at most {}",
    ">": "more than {}",
    ">=": "at least {}",
}
_DATED = {**_COMPARED, "<": "before {}", "<=": "{} or earlier", ">": "after {}", ">=": "{} or later"}


def rests_on(fact: Fact) -> str:
    """Name the dates that a fact rests on."""
    return ", ".join(text for bit, text in _DATES.items() if fact.rests_on & bit)


def condition_text(condition: Condition) -> str:
    """Write a condition as policy files do."""
    name, operator, value = condition.fact, condition.operator, condition.value
    fact = known(name)
    if fact.kind == Kind.FLAG and operator in ("==", "!=") and value in (0, 1):
        return name if (value == 1) == (operator == "==") else f"not {name}"
    if operator in ("has", "lacks"):
        return f"{name} {operator} {' or '.join(_bits(value))}"
    wanted = iso(value) if fact.kind == Kind.DATE else _for_people(fact, _decoded(fact, value))
    return f"{name} {operator} {wanted}"


def disclosed(name: str, value: int) -> Any:
    """Return a fact's value for programs.

    Yes or no is a bool, dates are YYYY-MM-DD, sections and letters are texts, bits are a list. None for no date, no
    section, no letter, and for a date of birth.
    """
    if name == _BIRTH_DATE:
        return None
    found = _decoded(known(name), value)
    return round(found, 1) if name == _EXACT_AGE else found


def shown(name: str, value: int) -> str:
    """Write a fact's value for people."""
    if name == _BIRTH_DATE:
        return "no date" if value == NO_DATE else "not shown"
    text = _for_people(known(name), disclosed(name, value))
    return f"about {text}" if name == _EXACT_AGE else text


def sentence(conditions: Sequence[Condition]) -> str:
    """Say all conditions of a rule as one phrase."""
    if not conditions:
        return "Always"
    text = ", and ".join(map(clause, conditions))
    return text[0].upper() + text[1:]


def clause(condition: Condition) -> str:
    """Say a condition as a part of a sentence."""
    name, operator, value = condition.fact, condition.operator, condition.value
    fact = known(name)
    if fact.kind == Kind.BITS:
        named = [words for bit, words in _BIT_WORDS.items() if value & bit]
        return f"the charge {'names' if operator == 'has' else 'does not name'} {' or '.join(named) or 'anything'}"
    if fact.kind == Kind.FLAG:
        return _yes_no_clause(name, fact, (operator == "==") == bool(value))
    before, after = _AROUND.get(name, (f"{_meaning(fact)}:", ""))
    words = _DATED if fact.kind == Kind.DATE else _COMPARED
    return " ".join(filter(None, [before, words[operator].format(_compared_value(fact, value)), after]))


def _yes_no_clause(name: str, fact: Fact, holds: bool) -> str:
    if name in _YES_NO:
        return _YES_NO[name][0 if holds else 1]
    if (question := text_question(name)) is not None:
        verb = {"begins with": "begin with", "is": "be", "contains": "contain"}.get(question.how, question.how)
        return f"the code section {question.how if holds else f'does not {verb}'} {question.text}"
    return _meaning(fact) if holds else f"it is not so that {_meaning(fact)}"


def _meaning(fact: Fact) -> str:
    return fact.meaning.replace("`", "").replace("*", "")


def _compared_value(fact: Fact, value: int) -> str:
    """Write the value that a rule asks for, also where it stands for none, such as the day of no date."""
    if fact.kind == Kind.DATE:
        return iso(value)
    if fact.kind in (Kind.SECTION, Kind.LETTER):
        return str(_decoded(fact, value))
    return f"{value / fact.per_unit:g}"


def _decoded(fact: Fact, value: int) -> Any:
    if fact.kind == Kind.FLAG:
        return bool(value)
    if fact.kind == Kind.DATE:
        return None if value == NO_DATE else iso(value)
    if fact.kind == Kind.SECTION:
        return _SECTIONS[value] if value >= 0 else None
    if fact.kind == Kind.LETTER:
        return chr(ord("A") + value - 1) if value else None
    if fact.kind == Kind.BITS:
        return _bits(value)
    units, rest = divmod(value, fact.per_unit)
    return round(value / fact.per_unit, 2) if rest else units


def _for_people(fact: Fact, value: Any) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if value is None:
        return "no date" if fact.kind == Kind.DATE else "none"
    return ", ".join(value) or "none" if isinstance(value, list) else str(value)


def _bits(value: int) -> list[str]:
    return [label for bit, label in _CHARGES.labels if value & bit]
