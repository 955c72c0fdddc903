"""The page with controls for any policy over convictions."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from clearscale.outputs.serve.answers import Answer, Listing
from clearscale.outputs.serve.comparing import compared
from clearscale.outputs.serve.controls import Controls, Moved
from clearscale.outputs.serve.curves import Curve
from clearscale.policy.parameters import NUMBER, Parameter, Value, shown

from .answers import answer
from .choices import PREFIX, Choice, Setting
from .session import PolicySession
from .windows import window


@dataclass(frozen=True)
class _Control:
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
class _Listed:
    """A policy as the page lists it."""

    key: str
    title: str
    controls: tuple[_Control, ...]


class PolicySite(Controls[Setting]):
    """What a browser can ask of a run, whatever its policy; see `Controls`."""

    template = "policies.html.j2"
    scripts = ("parameters.js",)

    def __init__(self, session: PolicySession, county: str | None = None) -> None:
        self._session = session
        self._listed = [_listed(at, each) for at, each in enumerate(session.choices.by_key.values())]
        super().__init__(session.run, session.counties, county)

    @property
    def own(self) -> Setting:
        """The run's setting."""
        return self._session.own

    def read(self, given: Mapping[str, str]) -> Setting:
        """Return the setting that an address states."""
        return self._session.choices.read(given)

    def answer(self, chosen: Setting, county: str | None) -> Answer:
        """Count what a setting does in a county, or in the state."""
        return answer(self._session, chosen, county)

    def curves(self, chosen: Setting, county: str | None) -> tuple[Curve, ...]:
        """Count it over each number."""
        found = self._session.curves(chosen, county)
        return tuple(Curve(f"{PREFIX}{each.name}", each.settings, each.figures, each.off) for each in found)

    def compared(self, kept: Setting, chosen: Setting, county: str | None) -> Listing:
        """Put two settings side by side."""
        return compared(self._session.figures(kept, county), self._session.figures(chosen, county))

    def shown(self) -> dict[str, Any]:
        """Return what the controls show."""
        controls = [control for each in self._listed for control in each.controls]
        return {
            "policies": self._listed,
            "own_key": self.own.choice.key,
            "moved": [control.moved for control in controls if control.moved is not None],
        }


def _listed(at: int, choice: Choice) -> _Listed:
    controls = (
        _control(f"c{at}-{name}", parameter, choice.start[name]) for name, parameter in choice.parameters.items()
    )
    return _Listed(choice.key, choice.title, tuple(controls))


def _control(id_: str, parameter: Parameter, value: Value) -> _Control:
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
    return _Control(id_, name, label, parameter.kind, shown(value), least, most, off, moved)
