"""Policies and their parameters as the controls of a page, see `policies.html.j2`."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from clearscale.policy.parameters import NUMBER, Parameter, Value, shown

from .choosing import PREFIX, Choice
from .controls import Moved
from .windows import window


@dataclass(frozen=True)
class Control:
    """A parameter's control. moved: of a number, its slider. text: its value, as addresses have it."""

    id: str
    name: str
    label: str
    kind: str
    text: str
    least: str
    most: str
    off: str
    moved: Moved | None = None


@dataclass(frozen=True)
class Listed:
    """A policy as the page lists it."""

    key: str
    title: str
    controls: tuple[Control, ...]


def policies_shown(choices: Mapping[str, Choice[Any]], own_key: str) -> dict[str, Any]:
    """Return what `policies.html.j2` shows. own_key: that of the run's own policy."""
    listed = [_listed(at, choice) for at, choice in enumerate(choices.values())]
    controls = [control for policy in listed for control in policy.controls]
    return {
        "policies": listed,
        "own_key": own_key,
        "moved": [control.moved for control in controls if control.moved is not None],
    }


def _listed(at: int, choice: Choice[Any]) -> Listed:
    controls = (
        _control(f"c{at}-{name}", parameter, choice.start[name]) for name, parameter in choice.parameters.items()
    )
    return Listed(choice.key, choice.title, tuple(controls))


def _control(id_: str, parameter: Parameter, value: Value) -> Control:
    label = parameter.meaning or parameter.name.replace("_", " ")
    label = label[0].upper() + label[1:]
    name = f"{PREFIX}{parameter.name}"
    least, most, off = (
        "" if bound is None else shown(bound) for bound in (parameter.least, parameter.most, parameter.off)
    )
    moved = None
    if parameter.kind == NUMBER:
        first, last = window(parameter, value)
        assert isinstance(value, int)
        place = last + 1 if value == parameter.off else value
        moved = Moved(id_, name, label, "", first, last, place, parameter.off)
    return Control(id_, name, label, parameter.kind, shown(value), least, most, off, moved)
