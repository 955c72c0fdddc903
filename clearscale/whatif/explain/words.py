"""Facts and conditions in words. A date of birth is never disclosed: rules are about ages."""

from typing import Any

from clearscale.dates import NO_DATE, iso
from clearscale.law import state
from clearscale.policy.facts import Fact, Kind, known
from clearscale.policy.model import Condition

_BIRTH_DATE = "birth_date"
_EXACT_AGE = "julian_age"
"""A fact that counts days of a life: with the as-of date it would disclose the date of birth."""


def condition_text(condition: Condition) -> str:
    """Write a condition as policy files do."""
    name, operator, value = condition.fact, condition.operator, condition.value
    fact = known(name)
    if fact.kind == Kind.FLAG and operator in ("==", "!=") and value in (0, 1):
        return name if (value == 1) == (operator == "==") else f"not {name}"
    if operator in ("has", "lacks"):
        return f"{name} {operator} {' or '.join(_bits(value))}"
    wanted = iso(value) if fact.kind == Kind.DATE else _shown(fact, _value(fact, value))
    return f"{name} {operator} {wanted}"


def disclosed(name: str, value: int) -> Any:
    """Return a fact's value for programs.

    Yes or no is a bool, dates are YYYY-MM-DD, sections and letters are texts, bits are a list. None for no date, no
    section, no letter, and for a date of birth.
    """
    if name == _BIRTH_DATE:
        return None
    found = _value(known(name), value)
    return round(found, 1) if name == _EXACT_AGE else found


def shown(name: str, value: int) -> str:
    """Write a fact's value for people."""
    if name == _BIRTH_DATE:
        return "no date" if value == NO_DATE else "not shown"
    text = _shown(known(name), disclosed(name, value))
    return f"about {text}" if name == _EXACT_AGE else text


def _value(fact: Fact, value: int) -> Any:
    if fact.kind == Kind.FLAG:
        return bool(value)
    if fact.kind == Kind.DATE:
        return None if value == NO_DATE else iso(value)
    if fact.kind == Kind.SECTION:
        return state().charges.sections[value] if value >= 0 else None
    if fact.kind == Kind.LETTER:
        return chr(ord("A") + value - 1) if value else None
    if fact.kind == Kind.BITS:
        return _bits(value)
    units, rest = divmod(value, fact.per_unit)
    return round(value / fact.per_unit, 2) if rest else units


def _shown(fact: Fact, value: Any) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if value is None:
        return "no date" if fact.kind == Kind.DATE else "none"
    return ", ".join(value) or "none" if isinstance(value, list) else str(value)


def _bits(value: int) -> list[str]:
    return [text for bit, text in state().charges.labels if value & bit]
