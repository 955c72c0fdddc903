"""The eligibility options that the counties' screens wrote (`policy.json`), as a policy.

What each option is stands in the pack `ca-bear-default`: its range, the rule that it brings, that rule's condition,
reason and place. Only what files of options call it stands here. All else that deals with options asks
`relief_options`: sweeps, the page of controls, the sizes of the kernels' arrays.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cache
from typing import Any

from clearscale.errors import PolicyError
from clearscale.law import state

from .language import RuleText
from .model import Condition, Policy, Rule
from .packs import pack
from .parameters import SWITCH, Value, nearest

_SECTIONS = state().charges.sections


_PACK = "ca-bear-default"
_BASELINE, _RELIEF = "baselineEligibility", "additionalRelief"
_DISMISS, _REDUCE = "dismiss", "reduce"
_KEYS = {
    "under_21": "subjectUnder21AtConviction",
    "age": "subjectAgeThreshold",
    "years_since": "yearsSinceConvictionThreshold",
    "years_crime_free": "yearsCrimeFreeThreshold",
    "only_prop64": "subjectHasOnlyProp64Charges",
    "deceased": "subjectIsDeceased",
}
"""Names in files of options, by the pack's parameter."""

_SECTION_CONDITIONS = {
    Condition(f"code_section contains '{section}'", "==", 1): Condition("charge", "has", 1 << place)
    for place, section in enumerate(_SECTIONS)
}
"""Two ways to ask the same: a charge names a section where its code section contains the number."""


@dataclass(frozen=True)
class ReliefOption:
    """An option of additional relief: a switch or a threshold that brings a rule which dismisses.

    Parameters
    ----------
    name
        The pack's parameter.
    key
        The name in files of options.
    settings
        All settings it can have, off first.
    fact, operator
        What its rule asks: the fact compared with the setting, or of a switch with `value`.
    value
        Of a switch.
    """

    name: str
    key: str
    settings: tuple[int, ...]
    fact: str
    operator: str
    value: int

    @property
    def is_switch(self) -> bool:
        """Whether it is on or off; otherwise it is a threshold, a whole number or 0 for off."""
        return isinstance(self.settings[0], bool)

    @property
    def off(self) -> int:
        """The setting under which its rule is left out."""
        return self.settings[0]

    @property
    def first(self) -> int:
        """The least setting that is on."""
        return self.settings[1]

    @property
    def last(self) -> int:
        """The greatest setting."""
        return self.settings[-1]

    def place(self, setting: int) -> int:
        """Place a setting among all, where off is the last: each dismisses no more than the one before."""
        return (self.settings.index(setting) - 1) % len(self.settings)


@cache
def relief_options() -> tuple[ReliefOption, ...]:
    """Return the options of additional relief, in the order of their rules."""
    return tuple(_option(name, rule) for name, rule in _rules_by_parameter().items() if name in _KEYS)


@cache
def _rules_by_parameter() -> dict[str, RuleText]:
    """Return the pack's rules by the parameter that brings them; the one that is always in the policy by ''."""
    return {rule.when[0][0] if rule.when else "": rule for rule in pack(_PACK).rules}


def _option(name: str, rule: RuleText) -> ReliefOption:
    document = pack(_PACK)
    parameter = document.parameters[name]
    if parameter.kind == SWITCH:
        settings: tuple[int, ...] = (False, True)
    else:
        assert isinstance(parameter.least, int)
        assert isinstance(parameter.most, int)
        assert parameter.off is not None
        settings = (parameter.off, *range(parameter.least, parameter.most + 1))
    (condition,) = document.conditions(rule, {name: settings[1]})
    return ReliefOption(name, _KEYS[name], settings, condition.fact, condition.operator, condition.value)


def with_bits(conditions: Sequence[Condition]) -> tuple[Condition, ...]:
    """Write conditions as policies of options do: a section in the code section is asked of the charge's bits."""
    return tuple(_SECTION_CONDITIONS.get(condition, condition) for condition in conditions)


def _field(document: Any, name: str) -> Any:
    """Return a member of a JSON object; names match without regard to case, the exact one first, as in Go."""
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
        raise PolicyError(f"eligibility options: {_BASELINE}.{name} should be a list of code sections")
    for value in values:
        if value not in _SECTIONS:
            known = ", ".join(_SECTIONS)
            raise PolicyError(f"eligibility options: {_BASELINE}.{name} holds '{value}'; sections are {known}")
    return tuple(values)


def _setting(relief: Any, option: ReliefOption) -> int:
    """Return the setting of an option; off if the options do not say."""
    key = option.key
    value = _field(relief, key)
    if value is None:
        return option.off
    if option.is_switch:
        if not isinstance(value, bool):
            raise PolicyError(f"eligibility options: {_RELIEF}.{key} should be true or false")
        return value
    if not isinstance(value, int) or isinstance(value, bool):
        raise PolicyError(f"eligibility options: {_RELIEF}.{key} should be a whole number")
    if value not in option.settings:
        raise PolicyError(
            f"{key[0].upper()}{key[1:]} should be between {option.first} and {option.last}, or {option.off}"
        )
    return value


def unknown_options(options: str | bytes | dict[str, Any]) -> list[str]:
    """List names in the options that stand for nothing, which the counties' program passes over, a line each."""
    document = _parsed(options)
    names = {_BASELINE: (_DISMISS, _REDUCE), _RELIEF: tuple(option.key for option in relief_options())}
    tables = {"": document, **{f"{name}.": _field(document, name) for name in names}}
    return [
        f"'{place}{name}' is no option; {nearest(name, known)}"
        for place, known in (("", tuple(names)), *((f"{name}.", known) for name, known in names.items()))
        for name in tables[place] or ()
        if name.lower() not in {option.lower() for option in known}
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
    """Make the policy that the options say.

    Parameters
    ----------
    options
        The JSON text, or the object it holds.
    name
        The policy's id.

    Returns
    -------
    Policy
        Its rules are those of the pack, of the sections in the order in which the options name them.

    Raises
    ------
    PolicyError
        For text that is no JSON, an unknown section or a threshold out of its range.
    """
    options = _parsed(options)
    baseline, relief = _field(options, _BASELINE), _field(options, _RELIEF)
    dismiss, reduce = _sections(baseline, _DISMISS), _sections(baseline, _REDUCE)
    settings: dict[str, Value] = {option.name: _setting(relief, option) for option in relief_options()}

    document = pack(_PACK)
    texts = _rules_by_parameter()
    # What a county adds is law by its choice; so the counties' program cited one source for every rule.
    law = texts[relief_options()[0].name].law

    def rule(parameter: str) -> Rule:
        found = document.rule(texts[parameter], settings)
        return replace(found, conditions=with_bits(found.conditions), law=law)

    dismissing = [rule(f"{_DISMISS}_{section}") for section in dismiss]
    reducing = [rule(f"{_REDUCE}_{section}") for section in reduce]
    chosen = [rule(option.name) for option in relief_options() if settings[option.name] != option.off]
    return Policy(
        id=name,
        title="Eligibility options as chosen by a county",
        rules=(rule(""), *dismissing, *chosen, *reducing),
        dismiss_sections=_with_reasons(dismiss, dismissing),
        reduce_sections=_with_reasons(reduce, reducing),
    )


def options_of(dismiss: Sequence[str], reduce: Sequence[str], settings: dict[str, Any]) -> dict[str, Any]:
    """Write eligibility options as files hold them. settings: by `ReliefOption.name`; what it lacks is left out."""
    return {
        _BASELINE: {_DISMISS: list(dismiss), _REDUCE: list(reduce)},
        _RELIEF: {option.key: settings[option.name] for option in relief_options() if option.name in settings},
    }


def _with_reasons(sections: Sequence[str], rules: Sequence[Rule]) -> tuple[tuple[str, str], ...]:
    return tuple((section, rule.reason) for section, rule in zip(sections, rules, strict=True))
