"""Conditions as policy files write them, such as `age >= {age}`, made into comparisons of facts with numbers."""

import datetime
import re
from collections.abc import Mapping

from clearscale.dates import as_of_day
from clearscale.errors import ClearscaleError, PolicyError, nearest
from clearscale.law import state
from clearscale.law.catalog import RELIEF
from clearscale.law.offense_texts import BEGINS_WITH, CONTAINS, IS

from .facts import FACTS, Fact, Kind, known
from .model import Condition
from .parameters import DATE, NUMBER, Value
from .text_questions import text_question

_RELIEF = state().charges.marked(RELIEF)
_SECTIONS = _RELIEF.patterns


_COMPARISON = re.compile(r"(\w+)\s*(==|!=|<=|>=|=<|=>|<>|=|<|>)\s*(.+)")
_SPOKEN = {"=": "==", "=<": "<=", "=>": ">=", "<>": "!="}
PARAMETER = re.compile(r"\{(\w+)\}")
_TEXT_FORMS = f"code_section {BEGINS_WITH} 'TEXT', code_section {IS} 'TEXT', code_section {CONTAINS} 'TEXT'"
_CODED = (Kind.SECTION, Kind.LETTER)
_AND = re.compile(r"\s+(?:and|AND|&&?)\s+")
_OR = re.compile(r"\s(?:or|OR|\|\|?)\s")
_BETWEEN = re.compile(r"(\{\w+\}|[\d-]+)\s*(<=?|>=?)\s*(\w+)(?:\s*(<=?|>=?)\s*(\{\w+\}|[\d-]+))?")
_TURNED = {"<": ">", "<=": ">=", ">": "<", ">=": "<="}


def condition(text: str, values: Mapping[str, Value]) -> Condition:
    """Read the condition that a text writes. values: of the policy's parameters, by name.

    Raises PolicyError with what is wrong and what would be right.
    """
    words = text.strip()
    _require_one(text, words)
    denied = words.startswith("not ")
    asked = words.removeprefix("not ").strip() if denied else words
    if re.match(r"code_section\b", asked):
        return _of_text(asked, denied)
    if compared := _COMPARISON.fullmatch(asked):
        if denied:
            raise PolicyError(
                f"'{text}': 'not' goes before a yes-or-no fact; write the opposite comparison instead"
            )
        name, operator, value = compared.groups()
        if operator in _SPOKEN:
            raise PolicyError(f"'{text}': '{operator}' is no comparison; write '{_SPOKEN[operator]}'")
        return _comparison(text, name, operator, value.strip(), values)
    if not re.fullmatch(r"\w+", asked):
        raise PolicyError(
            f"'{text}' is no condition; write a yes-or-no fact such as 'felony' or 'not felony', "
            f"a comparison such as 'age >= 50', or {_TEXT_FORMS}"
        )
    fact = _fact(text, asked)
    if fact.kind != Kind.FLAG:
        raise PolicyError(f"'{text}': '{asked}' is a {fact.kind}; compare it, such as '{asked} {_example(fact)}'")
    return Condition(asked, "==", 0 if denied else 1)


def _require_one(text: str, words: str) -> None:
    """Raise PolicyError for several conditions in one, as other languages write them."""
    if between := _BETWEEN.fullmatch(words):
        low, first, name, second, high = between.groups()
        if name in FACTS:
            turned = [f"'{name} {_TURNED[first]} {low}'", *([f"'{name} {second} {high}'"] if second else [])]
            raise PolicyError(f"'{text}': the fact comes first; write {', '.join(turned)}")
    if "'" in words or '"' in words:
        return
    if len(parts := _AND.split(words)) > 1 and all(part.removeprefix("not ").split()[0] in FACTS for part in parts):
        raise PolicyError(f"'{text}': write each condition as a text of its own: {', '.join(map(repr, parts))}")
    if _OR.search(words):
        raise PolicyError(f"'{text}': all conditions of a rule hold together; write a rule for each alternative")


def _example(fact: Fact) -> str:
    return {Kind.DATE: f"< {_RELIEF.effective}", Kind.SECTION: f"== {_SECTIONS[0]}", Kind.LETTER: "== A"}.get(
        fact.kind, ">= 10"
    )


def _of_text(asked: str, denied: bool) -> Condition:
    question = text_question(
        re.sub(r"\s+", " ", asked, count=3) if "'" not in asked and '"' not in asked else asked
    )
    if question is None:
        raise PolicyError(f"'{asked}' is no question on a text; there are: {_TEXT_FORMS}")
    if PARAMETER.search(question.text):
        raise PolicyError(f"'{asked}': parameters are numbers, dates and switches; write the text itself")
    if not question.text:
        raise PolicyError(f"'{asked}': the text is empty")
    return Condition(question.name, "==", 0 if denied else 1)


def _fact(text: str, name: str) -> Fact:
    if name not in FACTS:
        try:
            known(name)
        except PolicyError as error:
            raise PolicyError(f"'{text}': {error}") from None
    fact = known(name)
    if fact.kind == Kind.BITS:
        raise PolicyError(f"'{text}': '{name}' is for eligibility options; ask for the text: {_TEXT_FORMS}")
    return fact


def _comparison(text: str, name: str, operator: str, value: str, values: Mapping[str, Value]) -> Condition:
    fact = _fact(text, name)
    if fact.kind == Kind.FLAG:
        raise PolicyError(f"'{text}': '{name}' is yes or no; write '{name}' or 'not {name}'")
    if fact.kind in _CODED and operator not in ("==", "!="):
        raise PolicyError(f"'{text}': '{name}' is compared with == or !=")
    if found := PARAMETER.fullmatch(value):
        return Condition(name, operator, _of_parameter(text, name, fact, found[1], values))
    return Condition(name, operator, _constant(text, name, fact, value))


def _of_parameter(text: str, name: str, fact: Fact, parameter: str, values: Mapping[str, Value]) -> int:
    if parameter not in values:
        raise PolicyError(f"'{text}': '{parameter}' is no parameter of this policy; {nearest(parameter, values)}")
    value = values[parameter]
    if fact.kind == Kind.DATE and isinstance(value, datetime.date):
        return as_of_day(value)
    if fact.kind == Kind.NUMBER and isinstance(value, int) and not isinstance(value, bool):
        return value * fact.per_unit
    wanted = DATE if fact.kind == Kind.DATE else NUMBER
    if fact.kind in _CODED:
        raise PolicyError(f"'{text}': '{name}' is compared with a {fact.kind}, not with a parameter")
    raise PolicyError(f"'{text}': '{name}' is compared with a {wanted}, and parameter '{parameter}' is none")


def _constant(text: str, name: str, fact: Fact, value: str) -> int:
    bare = value.strip("'\"")
    if fact.kind == Kind.SECTION:
        if bare not in _SECTIONS:
            raise PolicyError(f"'{text}': '{value}' is no section; {nearest(bare, _SECTIONS)}")
        return _SECTIONS.index(bare)
    if fact.kind == Kind.LETTER:
        if not re.fullmatch("[A-Z]", bare):
            raise PolicyError(f"'{text}': '{value}' is no subsection; write a capital letter, such as A")
        return ord(bare) - ord("A") + 1
    if fact.kind == Kind.DATE:
        try:
            return as_of_day(bare)
        except ClearscaleError as error:
            raise PolicyError(f"'{text}': {error}") from None
    if not re.fullmatch(r"-?\d{1,18}", value):
        raise PolicyError(f"'{text}': '{value}' is no whole number and no parameter; write 10 or {{name}}")
    return int(value) * fact.per_unit
