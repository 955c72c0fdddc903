"""The eligibility options that the counties' screens wrote (`policy.json`), one by one.

What each option is stands in the pack `ca-bear-default`: its range, the rule that it brings, that rule's condition,
reason and place. Only what files of options call it stands here. All else that deals with options asks
`relief_options`: sweeps, the page of controls, the sizes of the kernels' arrays.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

from clearscale.law import state

from .language import RuleText
from .model import Condition
from .packs import pack
from .parameters import SWITCH

_SECTIONS = state().charges.sections


PACK = "ca-bear-default"
"""The pack that says what each option is."""

BASELINE, RELIEF = "baselineEligibility", "additionalRelief"
DISMISS, REDUCE = "dismiss", "reduce"
"""Names in files of options."""

_KEYS = {
    "under_21": "subjectUnder21AtConviction",
    "age": "subjectAgeThreshold",
    "years_since": "yearsSinceConvictionThreshold",
    "years_crime_free": "yearsCrimeFreeThreshold",
    "only_prop64": "subjectHasOnlyProp64Charges",
    "deceased": "subjectIsDeceased",
}
"""Names in files of options, by the pack's parameter."""

SCREEN_SWITCHES = {
    "age": "dismissOlderThanAgeThreshold",
    "years_since": "dismissYearsSinceConvictionThreshold",
    "years_crime_free": "dismissYearsCrimeFreeThreshold",
}
"""Switches that the screens wrote beside thresholds, by the pack's parameter. gogen passes them over."""

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
    return tuple(_option(name, rule) for name, rule in rules_by_parameter().items() if name in _KEYS)


@cache
def rules_by_parameter() -> dict[str, RuleText]:
    """Return the pack's rules by the parameter that brings them; the one that is always in the policy by ''."""
    return {rule.when[0][0] if rule.when else "": rule for rule in pack(PACK).rules}


def _option(name: str, rule: RuleText) -> ReliefOption:
    document = pack(PACK)
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


def options_of(dismiss: Sequence[str], reduce: Sequence[str], settings: dict[str, Any]) -> dict[str, Any]:
    """Write eligibility options as files hold them. settings: by `ReliefOption.name`; what it lacks is left out."""
    return {
        BASELINE: {DISMISS: list(dismiss), REDUCE: list(reduce)},
        RELIEF: {option.key: settings[option.name] for option in relief_options() if option.name in settings},
    }
