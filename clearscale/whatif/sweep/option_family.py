"""The family of the counties' eligibility options: which settings there are, and which policy each is."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields, replace
from math import prod
from typing import Any

from clearscale.errors import PolicyError
from clearscale.policy import Condition, Policy, Rule, gogen_policy
from clearscale_kernels import flag
from clearscale_kernels.policy.count import DISMISSED

from .vary import EVERY, Value, distinct, require_known

REST = -1
"""Reduce what is not dismissed."""

_ALL_SECTIONS = 15
_RANGES = {"age": (0, *range(40, 66)), "years_since": (0, *range(1, 16)), "years_crime_free": (0, *range(1, 16))}
_SWITCHES = ("under_21", "only_prop64", "deceased")
_SETS = ("dismiss", "reduce")
_NUMBERS = {
    Condition(f"code_section contains '{section}'", "==", 1): Condition("charge", "has", 1 << place)
    for place, section in enumerate(flag.SECTIONS)
}
"""Two ways to ask the same: a charge names a section where its code section contains the number."""

_KEYS = {
    "subjectUnder21AtConviction": "under_21",
    "subjectAgeThreshold": "age",
    "yearsSinceConvictionThreshold": "years_since",
    "yearsCrimeFreeThreshold": "years_crime_free",
    "subjectHasOnlyProp64Charges": "only_prop64",
    "subjectIsDeceased": "deceased",
}
"""Names in files of options, which stand for ours."""


@dataclass(frozen=True)
class Grid:
    """Settings of each option; the policies are all their combinations, the last option changing fastest.

    dismiss, reduce: sets of sections as bits, the first section the lowest; REST in `reduce` is what is not
    dismissed. Thresholds: 0 is off.
    """

    dismiss: tuple[int, ...]
    reduce: tuple[int, ...]
    under_21: tuple[bool, ...]
    age: tuple[int, ...]
    years_since: tuple[int, ...]
    years_crime_free: tuple[int, ...]
    only_prop64: tuple[bool, ...]
    deceased: tuple[bool, ...]

    @property
    def axes(self) -> dict[str, tuple[Any, ...]]:
        """Settings by the option's name, in order."""
        return {field.name: getattr(self, field.name) for field in fields(self)}

    @property
    def shape(self) -> tuple[int, ...]:
        """How many settings each option has."""
        return tuple(len(settings) for settings in self.axes.values())

    @property
    def size(self) -> int:
        """How many policies there are."""
        return prod(self.shape)

    def at(self, number: int) -> "Grid":
        """The grid of one policy, by its place among all."""
        if not 0 <= number < self.size:
            raise IndexError(f"there are {self.size} policies, numbered from 0; {number} is none")
        chosen: dict[str, Any] = {}
        for name, settings in reversed(self.axes.items()):
            number, place = divmod(number, len(settings))
            chosen[name] = (settings[place],)
        return Grid(**chosen)

    def options(self) -> dict[str, Any]:
        """Eligibility options as files hold them, of a grid of one policy."""
        setting = {name: settings[0] for name, settings in self.axes.items()}
        dismiss, reduce = setting["dismiss"], reduced(setting["dismiss"], setting["reduce"])
        return {
            "baselineEligibility": {"dismiss": list(names(dismiss)), "reduce": list(names(reduce))},
            "additionalRelief": {key: setting[name] for key, name in _KEYS.items()},
        }


EVERYTHING = Grid(
    dismiss=tuple(range(_ALL_SECTIONS + 1)),
    reduce=(REST,),
    under_21=(False, True),
    age=_RANGES["age"],
    years_since=_RANGES["years_since"],
    years_crime_free=_RANGES["years_crime_free"],
    only_prop64=(False, True),
    deceased=(False, True),
)
"""All 884,736 policies that the counties' screens could write."""


def reduced(dismiss: int, reduce: int) -> int:
    """The set of sections that `reduce` stands for beside a set that is dismissed."""
    return _ALL_SECTIONS & ~dismiss if reduce == REST else reduce


def names(sections: int) -> tuple[str, ...]:
    """The sections of a set."""
    return tuple(section for place, section in enumerate(flag.SECTIONS) if sections >> place & 1)


def text(sections: int) -> str:
    """A set as people write it: `11357+11359`, or `none`."""
    return "+".join(names(sections)) or "none"


def family_of(policy: Policy) -> Grid | None:
    """The policy's own settings if its rules are those of some eligibility options, else None."""
    dismiss: list[str] = []
    reduce: list[str] = []
    relief: dict[str, Any] = {}
    facts_of = {
        ("age_at_conviction", "<"): "subjectUnder21AtConviction",
        ("age", ">="): "subjectAgeThreshold",
        ("years_since_conviction", ">="): "yearsSinceConvictionThreshold",
        ("years_crime_free", ">="): "yearsCrimeFreeThreshold",
        ("only_prop64", "=="): "subjectHasOnlyProp64Charges",
        ("deceased", "=="): "subjectIsDeceased",
    }
    for rule, conditions in zip(policy.rules, map(_conditions, policy.rules), strict=True):
        if len(conditions) != 1:
            return None
        condition = conditions[0]
        if condition.fact == "charge" and condition.operator == "has" and condition.value in (1, 2, 4, 8):
            sections = dismiss if rule.relief == DISMISSED else reduce
            sections.append(flag.SECTIONS[condition.value.bit_length() - 1])
        elif key := facts_of.get((condition.fact, condition.operator)):
            is_threshold = _KEYS[key] in _RANGES
            relief[key] = condition.value if is_threshold else True
    options = {"baselineEligibility": {"dismiss": dismiss, "reduce": reduce}, "additionalRelief": relief}
    try:
        same = gogen_policy(options)
    except PolicyError:
        return None
    # What was found above is only a guess; equal rules prove it.
    if policy.related or _shape(same) != _shape(policy):
        return None
    chosen = {name: (relief.get(key, False if name in _SWITCHES else 0),) for key, name in _KEYS.items()}
    return Grid(dismiss=(_bits(dismiss),), reduce=(_bits(reduce),), **chosen)


def _shape(policy: Policy) -> list[tuple[Any, int]]:
    return [(_conditions(rule), rule.relief) for rule in policy.rules]


def _conditions(rule: Rule) -> tuple[Condition, ...]:
    """The rule's conditions; one on a section's number in the code section is one on the charge's sections."""
    return tuple(_NUMBERS.get(condition, condition) for condition in rule.conditions)


def _bits(sections: Sequence[str]) -> int:
    return sum(1 << flag.SECTIONS.index(section) for section in set(sections))


def varied(own: Grid, vary: Mapping[str, Sequence[Value]], policy: str) -> Grid:
    """The policy's settings with those of `vary` in place of its own.

    Raises PolicyError for a name that is no option, with the nearest one, and for a setting that it cannot have.
    """
    settings = {_KEYS.get(name, name): values for name, values in vary.items()}
    if len(settings) < len(vary):
        raise PolicyError("--vary names an option by its short and by its long name; use one of them")
    grid = own
    if EVERY in settings:
        grid = EVERYTHING
        settings = {name: values for name, values in settings.items() if name != EVERY}
    require_known(settings, grid.axes, policy)
    chosen: dict[str, Any] = {
        name: tuple(distinct(name, _settings(name, values))) for name, values in settings.items()
    }
    return replace(grid, **chosen)


def _settings(name: str, values: Sequence[Value]) -> list[Any]:
    if name in _SETS:
        return [each for value in values for each in _sets(name, value)]
    allowed = _RANGES.get(name, (False, True))
    found: list[Any] = []
    for value in values:
        fits = isinstance(value, bool) == (name in _SWITCHES) and value in allowed
        if value == EVERY:
            found += allowed
        elif fits:
            found.append(value)
        elif name in _SWITCHES:
            raise PolicyError(f"--vary {name}: '{value}' is no setting; write true or false")
        else:
            first, last = allowed[1], allowed[-1]
            raise PolicyError(f"--vary {name}: {value} is out of range; write 0 (off) or {first} to {last}")
    return found


def _sets(name: str, value: Value) -> list[int]:
    """The sets of sections that a setting says: one, or all there are."""
    if value == EVERY:
        return list(EVERYTHING.dismiss)
    if value == "none":
        return [0]
    if value == "rest" and name == "reduce":
        return [REST]
    parts = [part.strip() for part in str(value).split("+")]
    unknown = [part for part in parts if part not in flag.SECTIONS]
    if unknown:
        more = ", rest (what is not dismissed)" if name == "reduce" else ""
        raise PolicyError(
            f"--vary {name}: '{unknown[0]}' is no section; write sections such as {text(_ALL_SECTIONS)}, none, "
            f"every (all 16 sets){more}"
        )
    return [_bits(parts)]
