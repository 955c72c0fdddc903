"""A setting as an address has it: `age=57&dismiss=11357,11358&...`, and as controls show it."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from clearscale.errors import PolicyError
from clearscale.law import state
from clearscale.policy.county_options import relief_options
from clearscale.whatif.sweep.option_family import EVERYTHING, Grid, names, reduced

_SECTIONS = state().charges.sections

SECTIONS = ("dismiss", "reduce")
SWITCHES = tuple(option.name for option in relief_options() if option.is_switch)
THRESHOLDS = tuple(option.name for option in relief_options() if not option.is_switch)
OPTIONS = (*SECTIONS, *SWITCHES, *THRESHOLDS)

_SWITCHED = {"true": True, "false": False}


@dataclass(frozen=True)
class Threshold:
    """A threshold's control. It moves from `first` to `last`, one more than which is off."""

    name: str
    first: int
    last: int
    chosen: int

    @property
    def off(self) -> int:
        """The place of off: as every step of the control, it gives relief to no more than the one before."""
        return self.last + 1

    @property
    def place(self) -> int:
        """Where the control stands."""
        return self.chosen or self.off


def thresholds(grid: Grid) -> dict[str, Threshold]:
    """Return the thresholds of a grid of one policy."""
    return {
        option.name: Threshold(option.name, option.first, option.last, grid.axes[option.name][0])
        for option in relief_options()
        if not option.is_switch
    }


def address(grid: Grid) -> dict[str, str]:
    """Return the setting of a grid of one policy, as an address has it."""
    axes = grid.axes
    found = {
        "dismiss": ",".join(names(axes["dismiss"][0])),
        "reduce": ",".join(names(reduced(axes["dismiss"][0], axes["reduce"][0]))),
    }
    found |= {name: str(axes[name][0]).lower() for name in SWITCHES}
    return found | {name: str(axes[name][0]) for name in THRESHOLDS}


def read(texts: Mapping[str, str], own: Grid) -> Grid:
    """Return the grid of one policy that an address states; options that it leaves out are as in `own`.

    Raises PolicyError for an unknown name or a setting that is none.
    """
    for name in texts:
        if name not in OPTIONS:
            raise PolicyError(f"there is no option of this name; there are {', '.join(OPTIONS)}")
    chosen: dict[str, Any] = dict(own.axes)
    chosen |= {name: (_READ[name](name, text),) for name, text in texts.items()}
    return Grid(**chosen)


def _sections(name: str, text: str) -> int:
    parts = [part for part in text.split(",") if part]
    if any(part not in _SECTIONS for part in parts):
        raise PolicyError(f"{name} should be sections with commas between them, of {', '.join(_SECTIONS)}")
    return sum(1 << _SECTIONS.index(part) for part in set(parts))


def _switch(name: str, text: str) -> bool:
    if text not in _SWITCHED:
        raise PolicyError(f"{name} should be true or false")
    return _SWITCHED[text]


def _threshold(name: str, text: str) -> int:
    allowed = EVERYTHING.axes[name]
    value = int(text) if text.isascii() and text.isdigit() and len(text) < 4 else -1
    if value not in allowed:
        raise PolicyError(f"{name} should be 0 (off) or from {allowed[1]} to {allowed[-1]}")
    return value


_READ = (
    dict.fromkeys(SECTIONS, _sections) | dict.fromkeys(SWITCHES, _switch) | dict.fromkeys(THRESHOLDS, _threshold)
)
