"""The eligibility options that the counties' screens wrote (`policy.json`), as a policy.

The order of the rules, their texts and the ranges are those of the counties' program of 2019; the law behind them
is Health & Safety Code 11361.9, by which a prosecutor may do more than the statute asks.
"""

import json
from typing import Any

from clearscale.errors import PolicyError
from clearscale_kernels import flag

from .model import DISMISS, REDUCE, Condition, Policy, Rule
from .parameters import nearest

_LAW = "Health & Safety Code 11361.9; county option"
_SECTION_BITS = dict(
    zip(
        flag.SECTIONS,
        (flag.NAMES_11357, flag.NAMES_11358, flag.NAMES_11359, flag.NAMES_11360),
        strict=True,
    )
)
_OPTIONS = {
    "baselineEligibility": ("dismiss", "reduce"),
    "additionalRelief": (
        "subjectUnder21AtConviction",
        "subjectAgeThreshold",
        "yearsSinceConvictionThreshold",
        "yearsCrimeFreeThreshold",
        "subjectHasOnlyProp64Charges",
        "subjectIsDeceased",
    ),
}
"""All names that the options may hold."""

_AGES = range(40, 66)
_YEARS = range(1, 16)


def _field(document: Any, name: str) -> Any:
    """A member of a JSON object; names match without regard to case, the exact one first, as in Go."""
    if document is None:
        return None
    if not isinstance(document, dict):
        raise PolicyError(f"eligibility options: the value that should hold {name} is not an object")
    if name in document:
        return document[name]
    return next((value for key, value in document.items() if key.lower() == name.lower()), None)


def _sections(baseline: Any, name: str) -> tuple[str, ...]:
    values = _field(baseline, name) or []
    if not isinstance(values, list) or not all(isinstance(value, str) for value in values):
        raise PolicyError(f"eligibility options: baselineEligibility.{name} should be a list of code sections")
    for value in values:
        if value not in _SECTION_BITS:
            known = ", ".join(flag.SECTIONS)
            raise PolicyError(
                f"eligibility options: baselineEligibility.{name} holds '{value}'; sections are {known}"
            )
    return tuple(values)


def _switch(relief: Any, name: str) -> bool:
    value = _field(relief, name)
    if value is None:
        return False
    if not isinstance(value, bool):
        raise PolicyError(f"eligibility options: additionalRelief.{name} should be true or false")
    return value


def _threshold(relief: Any, name: str, allowed: range) -> int:
    value = _field(relief, name)
    if value is None:
        return 0
    if not isinstance(value, int) or isinstance(value, bool):
        raise PolicyError(f"eligibility options: additionalRelief.{name} should be a whole number")
    if value != 0 and value not in allowed:
        first, last = allowed[0], allowed[-1]
        raise PolicyError(f"{name[0].upper()}{name[1:]} should be between {first} and {last}, or 0")
    return value


def unknown_options(options: str | bytes | dict[str, Any]) -> list[str]:
    """Names in the options that stand for nothing, which the counties' program passes over, a line each."""
    document = _parsed(options)
    tables = {"": document, **{f"{name}.": _field(document, name) for name in _OPTIONS}}
    return [
        f"'{place}{name}' is no option; {nearest(name, known)}"
        for place, known in (("", tuple(_OPTIONS)), *((f"{name}.", known) for name, known in _OPTIONS.items()))
        for name in tables[place] or ()
        if name.lower() not in {each.lower() for each in known}
    ]


def _parsed(options: str | bytes | dict[str, Any]) -> dict[str, Any]:
    if not isinstance(options, str | bytes):
        return options
    try:
        found: dict[str, Any] = json.loads(options)
    except ValueError as error:
        raise PolicyError(f"eligibility options are not valid JSON: {error}") from None
    return found


def gogen_policy(options: str | bytes | dict[str, Any], name: str = "eligibility-options") -> Policy:
    """The policy that the options say.

    options: the JSON text, or the object it holds. Raises PolicyError for text that is no JSON, an unknown section
    or a threshold out of its range.
    """
    options = _parsed(options)
    baseline = _field(options, "baselineEligibility")
    relief = _field(options, "additionalRelief")
    dismiss = _sections(baseline, "dismiss")
    reduce = _sections(baseline, "reduce")
    dismiss_reasons = tuple((section, f"Dismiss all HS {section} convictions") for section in dismiss)
    reduce_reasons = tuple((section, f"Reduce all HS {section} convictions") for section in reduce)

    rules: list[Rule] = []

    def add(reason: str, *conditions: Condition, determination: str = DISMISS) -> None:
        rules.append(Rule(conditions, determination, reason, _LAW))

    add("Misdemeanor or Infraction", Condition("felony", "==", 0))
    for section, reason in dismiss_reasons:
        add(reason, Condition("charge", "has", _SECTION_BITS[section]))
    if _switch(relief, "subjectUnder21AtConviction"):
        add("21 years or younger", Condition("age_at_conviction", "<", 21))
    if age := _threshold(relief, "subjectAgeThreshold", _AGES):
        add(f"{age} years or older", Condition("age", ">=", age))
    if years := _threshold(relief, "yearsSinceConvictionThreshold", _YEARS):
        add(f"Conviction occurred {years} or more years ago", Condition("years_since_conviction", ">=", years))
    if years := _threshold(relief, "yearsCrimeFreeThreshold", _YEARS):
        add(f"No convictions in the past {years} years", Condition("years_crime_free", ">=", years))
    if _switch(relief, "subjectHasOnlyProp64Charges"):
        add("Only has 11357-60 charges", Condition("only_prop64", "==", 1))
    if _switch(relief, "subjectIsDeceased"):
        add("Individual is deceased", Condition("deceased", "==", 1))
    for section, reason in reduce_reasons:
        add(reason, Condition("charge", "has", _SECTION_BITS[section]), determination=REDUCE)
    return Policy(
        id=name,
        title="Eligibility options as chosen by a county",
        rules=tuple(rules),
        dismiss_sections=dismiss_reasons,
        reduce_sections=reduce_reasons,
    )
