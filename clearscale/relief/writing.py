"""Conditions and waits as policy files write them, made into questions."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from clearscale.dates import as_of_day
from clearscale.errors import ClearscaleError, PolicyError, closest, nearest
from clearscale.law.statutes import INCHOATE
from clearscale_kernels.relief.groups import EVER, NEVER

from .evidence import CASE, PERSON
from .facts import CHARGE_DATES, DISPOSITIONS, FACTS, FORMS, ITSELF, LEVELS, Kind
from .questions import (
    Compared,
    Condition,
    Count,
    Flag,
    Grams,
    Group,
    Known,
    Latest,
    Listed,
    Named,
    Place,
    Quantified,
    Quantity,
    Question,
    Word,
)
from .statutes import StatuteList
from .waits import UNITS, Clear, Since, Until, Wait

TODAY = "today"
"""The as-of date, in a comparison."""

_NAME = r"[a-z0-9][\w-]*"
_COMPARISON = re.compile(r"(.+?)\s*(==|!=|<=|>=|<|>)\s*(\S+)")
_QUANTIFIED = re.compile(rf"({CASE}|{PERSON}) (some|only) ({_NAME})")
_COUNT = re.compile(rf"({CASE}|{PERSON}) count ({_NAME})")
_PLACE = re.compile(rf"place in ({_NAME})")
_LATEST = re.compile(rf"latest (\w+) of ({_NAME})")
_LISTED = re.compile(rf"statute in ({_NAME})")
_IS = re.compile(r"(\w+) is (not )?(.+)")
_SINCE = re.compile(r"(?:(\d+) (day|month|year)s? (?:clear of (\S+) )?)?since (.+?)( if known)?")
_LIKE = 0.8
_PARAMETER = "{ default = 3, min = 0, max = 50 }"
_WHOLE = re.compile(r"-?\d{1,9}")

LISTED_WORDS = {"disposition": DISPOSITIONS, "inchoate": (*INCHOATE, ITSELF)}
"""Words of facts that have no others."""


@dataclass(frozen=True)
class Names:
    """What conditions may name. counties: the state's, by their names in small letters; empty: any is taken."""

    lists: Mapping[str, StatuteList]
    groups: Mapping[str, Group]
    counties: Mapping[str, str]

    def group(self, name: str) -> Group:
        """Return the group of that name. Raises PolicyError for another name."""
        if name not in self.groups:
            raise PolicyError(f"'{name}' is no group; {nearest(name, self.groups)}")
        return self.groups[name]


def condition(text: str, names: Names) -> Condition:
    """Read the condition that a text writes, the parameters' values in place.

    Raises PolicyError with what is wrong and what would be right.
    """
    words = " ".join(text.split())
    denied = words.startswith("not ")
    asked = words.removeprefix("not ")
    try:
        question, opposite = _question(asked, names)
    except PolicyError as error:
        raise PolicyError(f"'{text}': {error}") from None
    if denied and isinstance(question, Compared | Grams):
        raise PolicyError(f"'{text}': write the opposite comparison instead of 'not'")
    return Condition(words, question, denied != opposite)


def is_of_charge(question: Question) -> bool:
    """Tell whether a question is about the charge alone, as a group's must be."""
    if isinstance(question, Compared):
        return isinstance(question.quantity, Named)
    return not isinstance(question, Quantified)


def _question(asked: str, names: Names) -> tuple[Question, bool]:
    """The question, and whether its opposite is meant."""
    if found := _LISTED.fullmatch(asked):
        if found[1] not in names.lists:
            near = nearest(found[1], names.lists) if names.lists else f"write it as [lists.{found[1]}]"
            raise PolicyError(f"'{found[1]}' is no list of statutes; {near}")
        return Listed(found[1]), False
    if found := _QUANTIFIED.fullmatch(asked):
        return Quantified(found[1], found[2] == "only", names.group(found[3])), False
    if found := _COMPARISON.fullmatch(asked):
        return _comparison(found[1], found[2], found[3], names)
    if found := _IS.fullmatch(asked):
        return _words(found[1], found[3], names), bool(found[2])
    if asked not in FACTS:
        raise PolicyError(f"no condition; {_meant(asked, names)}")
    if FACTS[asked].kind is not Kind.FLAG:
        raise PolicyError(
            f"'{asked}' is a {FACTS[asked].kind}; write {FORMS[FACTS[asked].kind].format(name=asked)}"
        )
    return Flag(asked), False


def _near(name: str) -> str:
    first = name.split()[0] if name.split() else name
    # Whoever writes `age` means one of the ages.
    begun = [fact for fact in FACTS if fact.startswith(f"{first.casefold()}_")]
    return f"there are: {', '.join(begun)}" if begun else nearest(first, FACTS)


def _meant(asked: str, names: Names) -> str:
    """What somebody may have meant by a text that is no condition."""
    words = asked.replace(",", " ").split()
    first = words[0].casefold() if words else ""
    group = next((word for word in words if word in names.groups), "")
    if first in FACTS:
        return f"'{first}' is a {FACTS[first].kind}; write {FORMS[FACTS[first].kind].format(name=first)}"
    if first in (CASE, PERSON) or group:
        name = group or "GROUP"
        return (
            f"write person some {name}, not person some {name}, person only {name} or person count {name} >= 2; "
            f"the same with case; groups are: {', '.join(names.groups)}"
        )
    return _of_lists(names) if first.startswith("statute") else _near(asked)


def _of_lists(names: Names) -> str:
    lists = ", ".join(names.lists) or "none yet"
    return f"statutes are asked by lists: [lists.NAME] has them, 'statute in NAME' asks; lists are: {lists}"


def _words(name: str, said: str, names: Names) -> Question:
    if name.startswith("statute"):
        raise PolicyError(_of_lists(names))
    if name not in FACTS:
        raise PolicyError(f"'{name}' is no fact; {_meant(name, names) if name in names.groups else _near(name)}")
    if " and " in said:
        raise PolicyError("one condition stands in a text; write those that must all hold as texts of the list")
    if "," in said:
        raise PolicyError(f"write words with 'or' between: {name} is A or B")
    if said == "known":
        return Known(name)
    kind = FACTS[name].kind
    if kind is not Kind.WORD:
        raise PolicyError(f"'{name}' is a {kind}; write {FORMS[kind].format(name=name)}, or '{name} is known'")
    wanted = tuple(part.strip().strip("'").casefold() for part in said.split(" or "))
    listed = LISTED_WORDS.get(name) or (tuple(names.counties) if name == "county" else ())
    for word in wanted:
        if not word or (listed and word not in listed):
            raise PolicyError(f"'{word}' is no {name}; {nearest(word, listed)}")
        if name == "level" and word not in LEVELS and (near := closest(word, LEVELS, _LIKE)):
            # A map without words for levels gives them as records have them, so others are possible.
            raise PolicyError(f"'{word}' is no level; did you mean '{near}'?")
    return Word(name, wanted)


def _comparison(asked: str, operator: str, value: str, names: Names) -> tuple[Question, bool]:
    quantity, kind = _quantity(asked, names)
    if kind is Kind.GRAMS:
        if operator not in ("<=", ">") or not re.fullmatch(r"\d{1,9}(\.\d{1,6})?", value):
            raise PolicyError("a weight is told as more than and up to; write grams <= 30 or grams > 30")
        return Grams(float(value)), operator == ">"
    today = kind is Kind.DATE and value == TODAY
    number = 0 if today else _day(value) if kind is Kind.DATE else _whole(value)
    low, high = {
        "==": (number, number),
        "!=": (number, number),
        "<": (NEVER, number - 1),
        "<=": (NEVER, number),
        ">": (number + 1, EVER),
        ">=": (number, EVER),
    }[operator]
    return Compared(quantity, low, high, today), operator == "!="


def _quantity(asked: str, names: Names) -> tuple[Quantity, Kind]:
    if found := _COUNT.fullmatch(asked):
        return Count(found[1], names.group(found[2])), Kind.NUMBER
    if found := _PLACE.fullmatch(asked):
        return Place(names.group(found[1])), Kind.NUMBER
    if asked.startswith("latest "):
        return _date(asked, names), Kind.DATE
    if asked not in FACTS:
        said = _meant(asked, names) if asked.split()[-1] in names.groups else _near(asked)
        raise PolicyError(f"'{asked}' is no fact; {said}")
    kind = FACTS[asked].kind
    if kind in (Kind.FLAG, Kind.WORD):
        raise PolicyError(f"'{asked}' is a {kind}; write {FORMS[kind].format(name=asked)}")
    return Named(asked), kind


def _whole(value: str) -> int:
    if not _WHOLE.fullmatch(value):
        raise PolicyError(f"'{value}' is no whole number and no parameter")
    return int(value)


def _day(value: str) -> int:
    try:
        return as_of_day(value)
    except ClearscaleError as error:
        raise PolicyError(str(error)) from None


def _date(text: str, names: Names) -> Quantity:
    if found := _LATEST.fullmatch(text):
        if found[1] not in CHARGE_DATES:
            raise PolicyError(f"'{found[1]}' is no date of a charge; {nearest(found[1], CHARGE_DATES)}")
        return Latest(found[1], names.group(found[2]))
    if text not in FACTS or FACTS[text].kind is not Kind.DATE:
        dates = [name for name, fact in FACTS.items() if fact.kind is Kind.DATE]
        raise PolicyError(f"'{text}' is no date; {nearest(text, dates)} (or latest DATE of GROUP)")
    return Named(text)


def wait(text: str, names: Names) -> Wait:
    """Read the wait that a text writes, the parameters' values in place.

    Raises PolicyError with what is wrong and what would be right.
    """
    words = " ".join(text.split())
    try:
        if words.startswith("until "):
            return Until(_day(words.removeprefix("until ")))
        found = _SINCE.fullmatch(words)
        if found is None:
            raise PolicyError(
                "no wait; write '7 years since disposition_date', '4 years clear of felonies since sentence_end' "
                "or 'until 2023-01-01'"
            )
        number, unit, group, date, if_known = found.groups()
        since = Since(int(number or 0), UNITS[unit or "day"], _date(date, names), bool(if_known))
        return Clear(since, names.group(group)) if group else since
    except PolicyError as error:
        raise PolicyError(f"'{text}': {error}") from None


def placed(text: str, values: Mapping[str, Any], shown: Any) -> str:
    """Write a text with the parameters' values in place. Raises PolicyError for one that there is not."""

    def value(found: re.Match[str]) -> str:
        if found[1] not in values:
            near = (
                nearest(found[1], values) if values else f"write it under [parameters]: {found[1]} = {_PARAMETER}"
            )
            raise PolicyError(f"'{text}': '{found[1]}' is no parameter of this policy; {near}")
        return str(shown(values[found[1]]))

    return re.sub(r"\{(\w+)\}", value, text)
