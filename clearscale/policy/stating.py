"""Reading tables that somebody wrote: what is wrong with them is noted, and reading goes on."""

import re
from collections.abc import Mapping
from typing import Any

from clearscale.errors import PolicyError, nearest

from .findings import Finding
from .language import CONFIDENCES, PARAMETER_KEYS, SOURCE_KEYS
from .model import Cited
from .parameters import NUMBER, SWITCH, Parameter, kind_of, shown

_WHEN = re.compile(r"(not )?\{(\w+)\}")


class Reader:
    """Reads the tables of a policy file, whatever it decides, and notes everything that is wrong with them."""

    taken: tuple[str, ...] = ("code_section",)
    """Names that no parameter may have."""

    def __init__(self, tables: dict[str, Any], where: str) -> None:
        self.tables = tables
        self.where = where
        self.wrong: list[Finding] = []

    def note(self, name: str, what: str) -> None:
        """Note a finding."""
        self.wrong.append(Finding(name, what, self.where))

    def keys(self, table: Mapping[str, Any], known: Any, what: str) -> None:
        """Note each key of a table that is none of the known ones."""
        for key in table:
            if key not in known:
                self.note("unknown-key", f"'{key}' is no key of {what}; {nearest(key, known)}")

    def text(self, table: Mapping[str, Any], key: str, required: bool = False, what: str = "") -> str:
        """Return the text of a key, empty if there is none. what: begins messages."""
        value = table.get(key, "")
        if not isinstance(value, str):
            self.note("wrong-type", f"{what}'{key}' should be a text")
            return ""
        if required and not value.strip():
            self.note("missing", f"{what}'{key}' is missing")
        return value

    def table(self, key: str) -> dict[str, Any]:
        """Return the table of a key, empty if there is none."""
        value = self.tables.get(key, {})
        if not isinstance(value, dict):
            self.note("wrong-type", f"'{key}' should be a table, [{key}]")
            return {}
        return value

    def items(self, table: Mapping[str, Any], key: str, what: str = "") -> list[Any]:
        """Return the list of a key, empty if there is none."""
        value = table.get(key, [])
        if not isinstance(value, list):
            example = f'; write {key} = ["{value}"]' if isinstance(value, str) else ""
            self.note("wrong-type", f"{what}'{key}' should be a list{example}")
            return []
        return value

    def texts(self, table: Mapping[str, Any], key: str, what: str = "") -> tuple[str, ...]:
        """Return the texts of a list; what is none is noted and left out."""
        found = self.items(table, key, what)
        if not all(isinstance(item, str) for item in found):
            self.note("wrong-type", f"{what}'{key}' should be a list of texts")
        return tuple(item for item in found if isinstance(item, str))

    def sources(self) -> tuple[Cited, ...]:
        """Return the sources that are stated."""
        found = []
        for source in self.items(self.tables, "sources"):
            if not isinstance(source, dict):
                self.note("wrong-type", "each of 'sources' should be a table with title, where and confidence")
                continue
            self.keys(source, SOURCE_KEYS, "a source")
            title, where, confidence = (self.text(source, key, True, "sources: ") for key in SOURCE_KEYS)
            if confidence and any(part not in CONFIDENCES for part in confidence.split(", ")):
                self.note(
                    "unknown-word", f"sources: confidence '{confidence}': use H, M or K, or several such as 'H, M'"
                )
            found.append(Cited(title, where, confidence))
        return tuple(found)

    def parameters(self) -> dict[str, Parameter]:
        """Return the parameters that are stated, by name."""
        found = {}
        for name, table in self.table("parameters").items():
            what = f"parameter '{name}'"
            if not isinstance(table, dict):
                self.note(
                    "wrong-type", f"{what} should be a table, such as {{ default = 50, min = 18, max = 120 }}"
                )
                continue
            self.keys(table, PARAMETER_KEYS, what)
            if "default" not in table:
                self.note(
                    "missing", f"{what}: 'default' is missing, such as {{ default = 50, min = 18, max = 120 }}"
                )
                least = table.get("min", 0)
                found[name] = Parameter(name, least if kind_of(least) else 0, off=0)
                continue
            if name in self.taken:
                self.note("unknown-word", f"{what}: the name is taken; reasons use it for the code section")
            parameter = Parameter(
                name,
                table["default"],
                table.get("min"),
                table.get("max"),
                table.get("off"),
                self.text(table, "meaning", False, f"{what}: "),
            )
            if self.is_sound(parameter, what):
                found[name] = parameter
            elif kind_of(parameter.default):
                # Known by its name all the same, so that rules which use it are not said to be wrong.
                off = parameter.off if kind_of(parameter.off) == NUMBER else None
                found[name] = Parameter(name, parameter.default, off=off)
        return found

    def is_sound(self, parameter: Parameter, what: str) -> bool:
        """Tell whether a parameter makes sense; if not, that is noted."""
        kind = kind_of(parameter.default)
        if not kind:
            self.note("wrong-type", f"{what}: default should be a whole number, a date, true or false")
            return False
        ends = (parameter.least, parameter.most)
        if kind == SWITCH and ends != (None, None):
            self.note("unknown-key", f"{what}: a switch has no min and max")
            return False
        if kind == NUMBER and None in ends:
            self.note("missing", f"{what}: min and max are missing")
            return False
        if any(end is not None and kind_of(end) != kind for end in ends) or (
            parameter.off is not None and (kind != NUMBER or kind_of(parameter.off) != kind)
        ):
            self.note("wrong-type", f"{what}: default, min, max and off should be of one kind")
            return False
        if None not in ends and parameter.least > parameter.most:  # type: ignore[operator]
            self.note("out-of-range", f"{what}: min {parameter.least} is above max {parameter.most}")
            return False
        try:
            parameter.checked(parameter.default, self.where)
        except PolicyError:
            self.note(
                "out-of-range",
                f"{what}: its default {shown(parameter.default)} is out of range; it should be {parameter.range}",
            )
            return False
        return True

    def when(
        self, table: Mapping[str, Any], parameters: dict[str, Parameter], what: str
    ) -> tuple[tuple[str, bool], ...]:
        """Return the switches that a rule is for: (parameter, whether it must be on)."""
        value = table.get("when", [])
        found = []
        for switch in [value] if isinstance(value, str) else self.texts(table, "when", what):
            match = _WHEN.fullmatch(switch)
            if not match:
                self.note("wrong-type", f"{what}when '{switch}': write '{{switch}}' or 'not {{switch}}'")
            elif match[2] not in parameters:
                near = nearest(match[2], parameters)
                self.note(
                    "unknown-parameter",
                    f"{what}when '{switch}': '{match[2]}' is no parameter of this policy; {near}",
                )
            elif parameters[match[2]].kind != SWITCH and parameters[match[2]].off is None:
                self.note(
                    "wrong-type", f"{what}when '{switch}': '{match[2]}' is neither a switch nor a number with 'off'"
                )
            else:
                found.append((match[2], match[1] is None))
        return tuple(found)
