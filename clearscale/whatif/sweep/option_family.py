"""The family of the counties' eligibility options: the settings of each, and the policy of each combination."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields, replace
from math import prod
from typing import Any

from clearscale.errors import PolicyError
from clearscale.law import state
from clearscale.policy import Policy, gogen_policy
from clearscale.policy.county_options import options_of, relief_options, with_bits
from clearscale_kernels.policy.count import DISMISSED

from .vary import EVERY, Value, distinct, require_known

_SECTIONS = state().charges.sections

REST = -1
"""Reduce what is not dismissed."""

_ALL_SECTIONS = 15
_SETS = ("dismiss", "reduce")
_RELIEF = {option.name: option for option in relief_options()}
_NAMES = {option.key: option.name for option in relief_options()}
"""Our names by those in files of options."""


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
        return options_of(names(dismiss), names(reduce), setting)


EVERYTHING = Grid(
    dismiss=tuple(range(_ALL_SECTIONS + 1)),
    reduce=(REST,),
    **{option.name: option.settings for option in relief_options()},  # type: ignore[arg-type]
)
"""All 884,736 policies that the counties' screens could write."""


def reduced(dismiss: int, reduce: int) -> int:
    """Return the set of sections that `reduce` stands for beside a set that is dismissed."""
    return _ALL_SECTIONS & ~dismiss if reduce == REST else reduce


def names(sections: int) -> tuple[str, ...]:
    """Return the sections of a set."""
    return tuple(section for place, section in enumerate(_SECTIONS) if sections >> place & 1)


def text(sections: int) -> str:
    """Write a set as people do: `11357+11359`, or `none`."""
    return "+".join(names(sections)) or "none"


def family_of(policy: Policy) -> Grid | None:
    """Return the policy's own settings if its rules are those of some eligibility options, else None."""
    dismiss: list[str] = []
    reduce: list[str] = []
    relief: dict[str, Any] = {}
    by_question = {(option.fact, option.operator): option for option in relief_options()}
    for rule in policy.rules:
        conditions = with_bits(rule.conditions)
        if len(conditions) != 1:
            return None
        condition = conditions[0]
        if condition.fact == "charge" and condition.operator == "has" and condition.value in (1, 2, 4, 8):
            sections = dismiss if rule.relief == DISMISSED else reduce
            sections.append(_SECTIONS[condition.value.bit_length() - 1])
        elif option := by_question.get((condition.fact, condition.operator)):
            relief[option.name] = True if option.is_switch else condition.value
    try:
        same = gogen_policy(options_of(dismiss, reduce, relief))
    except PolicyError:
        return None
    # The settings found above are only a guess; equal rules prove it.
    if policy.related or _shape(same) != _shape(policy):
        return None
    chosen = {name: (relief.get(name, option.off),) for name, option in _RELIEF.items()}
    return Grid(dismiss=(_bits(dismiss),), reduce=(_bits(reduce),), **chosen)


def _shape(policy: Policy) -> list[tuple[Any, int]]:
    return [(with_bits(rule.conditions), rule.relief) for rule in policy.rules]


def _bits(sections: Sequence[str]) -> int:
    return sum(1 << _SECTIONS.index(section) for section in set(sections))


def varied(own: Grid, vary: Mapping[str, Sequence[Value]], policy: str) -> Grid:
    """Replace the policy's settings by those of `vary`.

    Raises PolicyError for a name that is no option, with the nearest one, and for a setting that it cannot have.
    """
    settings = {_NAMES.get(name, name): values for name, values in vary.items()}
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
        return [sections for value in values for sections in _sets(name, value)]
    option = _RELIEF[name]
    found: list[Any] = []
    for value in values:
        fits = isinstance(value, bool) == option.is_switch and value in option.settings
        if value == EVERY:
            found += option.settings
        elif fits:
            found.append(value)
        elif option.is_switch:
            raise PolicyError(f"--vary {name}: '{value}' is no setting; write true or false")
        else:
            raise PolicyError(
                f"--vary {name}: {value} is out of range; "
                f"write {option.off} (off) or {option.first} to {option.last}"
            )
    return found


def _sets(name: str, value: Value) -> list[int]:
    """Return the sets of sections that a setting names: one, or all there are."""
    if value == EVERY:
        return list(EVERYTHING.dismiss)
    if value == "none":
        return [0]
    if value == "rest" and name == "reduce":
        return [REST]
    parts = [part.strip() for part in str(value).split("+")]
    unknown = [part for part in parts if part not in _SECTIONS]
    if unknown:
        more = ", rest (what is not dismissed)" if name == "reduce" else ""
        raise PolicyError(
            f"--vary {name}: '{unknown[0]}' is no section; write sections such as {text(_ALL_SECTIONS)}, none, "
            f"every (all 16 sets){more}"
        )
    return [_bits(parts)]
