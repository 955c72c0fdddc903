"""Parameters of a policy: numbers, dates and switches that have a name, a default and a range."""

import datetime
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from clearscale.errors import PolicyError, nearest

Value = int | bool | datetime.date

SWITCH, NUMBER, DATE = "switch", "number", "date"


@dataclass(frozen=True)
class Parameter:
    """A parameter. least, most: its range, always given for numbers. off: a number beside it that turns it off."""

    name: str
    default: Value
    least: Value | None = None
    most: Value | None = None
    off: int | None = None
    meaning: str = ""

    @property
    def kind(self) -> str:
        """SWITCH, NUMBER or DATE."""
        return kind_of(self.default)

    @property
    def range(self) -> str:
        """The values it takes, for people."""
        if self.kind == SWITCH:
            return "true or false"
        if self.kind == DATE:
            ends = [f"from {self.least}" if self.least else "", f"to {self.most}" if self.most else ""]
            return " ".join(["a date, YYYY-MM-DD", *filter(None, ends)])
        return f"between {self.least} and {self.most}" + (f", or {self.off} (off)" if self.off is not None else "")

    def is_on(self, value: Value) -> bool:
        """Tell whether `when` takes the value for on: a switch that is true, any other value but `off`."""
        return bool(value) if self.kind == SWITCH else value != self.off

    def checked(self, value: Value, where: str) -> Value:
        """Return the value. Raises PolicyError if it is of another kind or outside the range."""
        wanted = f"{where}: parameter '{self.name}' is {shown(value)}; it should be {self.range}"
        if kind_of(value) != self.kind:
            raise PolicyError(wanted)
        if self.off is not None and value == self.off:
            return value
        inside = self.kind == SWITCH or (
            (self.least is None or value >= self.least) and (self.most is None or value <= self.most)  # type: ignore[operator]
        )
        if not inside:
            raise PolicyError(wanted)
        return value


def kind_of(value: Any) -> str:
    """Return SWITCH, NUMBER or DATE, empty for any other value."""
    if isinstance(value, bool):
        return SWITCH
    if isinstance(value, int):
        return NUMBER
    return DATE if isinstance(value, datetime.date) and not isinstance(value, datetime.datetime) else ""


def shown(value: Any) -> str:
    """Write a value as policy files do."""
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value)


def recorded(value: Value) -> int | str:
    """Write a value as runs record it."""
    return value if isinstance(value, bool | int) else value.isoformat()


def values_of(parameters: Mapping[str, Parameter], given: Mapping[str, Any], where: str) -> dict[str, Value]:
    """Return the value of each parameter: as given, otherwise its default.

    A value may be a text, as the command line and files give it. Raises PolicyError for an unknown name or a value
    out of range.
    """
    for name in given:
        if name not in parameters:
            raise PolicyError(f"{where}: '{name}' is no parameter; {nearest(name, parameters)}")
    return {
        name: parameter.checked(_read(parameter, given[name], where), where) if name in given else parameter.default
        for name, parameter in parameters.items()
    }


def plain(value: Any) -> Any:
    """Return a value as Python has it, where a library of numbers has one of its own."""
    return value.item() if callable(getattr(value, "item", None)) else value


def _read(parameter: Parameter, value: Any, where: str) -> Value:
    value = plain(value)
    if not isinstance(value, str):
        result: Value = value
        return result
    text = value.strip()
    if parameter.kind == SWITCH and text.lower() in ("true", "false"):
        return text.lower() == "true"
    try:
        if parameter.kind == NUMBER:
            return int(text)
        if parameter.kind == DATE:
            return datetime.date.fromisoformat(text)
    except ValueError:
        pass
    raise PolicyError(f"{where}: parameter '{parameter.name}' is '{value}'; it should be {parameter.range}")
