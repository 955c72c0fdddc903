"""Reading a policy file: everything that is wrong with it is found at once, and told with what would be right."""

import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from clearscale.errors import PolicyError
from clearscale.law import state

from .conditions import PARAMETER
from .findings import Finding, FoundError, found_in
from .language import (
    CHARGES,
    CONFIDENCES,
    DETERMINATIONS,
    KEYS,
    PARAMETER_KEYS,
    RELIEFS,
    RULE_KEYS,
    SOURCE_KEYS,
    Document,
    RuleText,
)
from .locating import beside, is_map, read_content
from .model import NONE, Cited
from .parameters import NUMBER, SWITCH, Parameter, kind_of, nearest, shown
from .texts import toml

_WHEN = re.compile(r"(not )?\{(\w+)\}")
_OWN_KEYS = ("id", "title", "extends")
"""Keys that no policy takes over from the one that it extends."""

_MERGED_KEYS = ("parameters", "determinations")
"""Tables whose entries are taken over by their names; any other key is taken over or stated as a whole."""

_LONGEST_CHAIN = 16
"""The most policies that extend one another."""


def read_policy(content: bytes | str, where: str) -> Document:
    """Read the policy file with that content; `where` names it in messages.

    Raises FoundError that lists everything wrong with it, a line each.
    """
    return read_tables(toml(content, where), where)


def read_tables(tables: dict[str, Any], where: str) -> Document:
    """Read the policy file with these tables. Raises as `read_policy` does."""
    return _Reader(_whole(tables, where), where).document()


def _whole(tables: dict[str, Any], where: str, extended_by: tuple[str, ...] = ()) -> dict[str, Any]:
    """Join the tables of a policy file and what it takes over from the policy that it extends."""
    if "extends" not in tables:
        return tables
    name = tables["extends"]
    if not isinstance(name, str) or not name:
        text = "'extends' should be a text: the name of a pack, or a policy file"
        raise FoundError([Finding("wrong-type", text, where)])
    reference = beside(name, where)
    if reference in (where, *extended_by):
        raise FoundError([Finding("unusable", f"extends '{name}', which extends this policy in turn", where)])
    if len(extended_by) >= _LONGEST_CHAIN:
        text = f"extends '{name}', and is itself the last of {_LONGEST_CHAIN} policies that extend one another"
        raise FoundError([Finding("nesting", text, where)])
    try:
        content = read_content(reference)
    except PolicyError as error:
        raise FoundError(
            [Finding(found.name, f"extends: {found.line}", where) for found in found_in(error, "no-policy")]
        ) from None
    parent = toml(content, reference)
    if is_map(parent):
        raise FoundError([Finding("unusable", f"extends '{name}', which is a policy map; name a policy", where)])
    taken = _whole(parent, reference, (where, *extended_by))
    _Reader(taken, reference).document()  # what is wrong with it is not told of the file that extends it
    found = {**{key: value for key, value in taken.items() if key not in _OWN_KEYS}, **tables}
    for key in _MERGED_KEYS:
        if isinstance(tables.get(key), dict):
            found[key] = {**taken.get(key, {}), **tables[key]}
    return found


class _Reader:
    """Reads a document and notes everything that is wrong with it."""

    def __init__(self, tables: dict[str, Any], where: str) -> None:
        self.tables = tables
        self.where = where
        self.wrong: list[Finding] = []

    def document(self) -> Document:
        tables = self.tables
        self.keys(tables, KEYS, "a policy")
        name = self.text(tables, "id", required=True)
        if name and not re.fullmatch(r"[a-z0-9][a-z0-9-]*", name):
            self.note("unknown-word", f"id '{name}': use small letters, digits and hyphens, such as ca-kern-2026")
        charges = self.text(tables, "charges") or CHARGES[0]
        if charges not in CHARGES:
            self.note("unknown-word", f"charges '{charges}': {nearest(charges, CHARGES)}")
        parameters = self.parameters()
        determinations = DETERMINATIONS | self.determinations()
        document = Document(
            self.where,
            name,
            self.text(tables, "title", required=True),
            self.text(tables, "about"),
            self.text(tables, "jurisdiction"),
            charges,
            self.counties(),
            self.sources(),
            parameters,
            determinations,
            self.rules(parameters, determinations),
            self.text(tables, "extends"),
        )
        values = {name: parameter.default for name, parameter in parameters.items()}
        for rule in document.rules:
            try:
                document.conditions(rule, values)
            except PolicyError as error:
                self.wrong += found_in(error, "condition")
        if self.wrong:
            raise FoundError(self.wrong)
        return document

    def note(self, name: str, what: str) -> None:
        self.wrong.append(Finding(name, what, self.where))

    def keys(self, table: Mapping[str, Any], known: Any, what: str) -> None:
        for key in table:
            if key not in known:
                self.note("unknown-key", f"'{key}' is no key of {what}; {nearest(key, known)}")

    def text(self, table: Mapping[str, Any], key: str, required: bool = False, what: str = "") -> str:
        value = table.get(key, "")
        if not isinstance(value, str):
            self.note("wrong-type", f"{what}'{key}' should be a text")
            return ""
        if required and not value.strip():
            self.note("missing", f"{what}'{key}' is missing")
        return value

    def table(self, key: str) -> dict[str, Any]:
        value = self.tables.get(key, {})
        if not isinstance(value, dict):
            self.note("wrong-type", f"'{key}' should be a table, [{key}]")
            return {}
        return value

    def items(self, table: Mapping[str, Any], key: str, what: str = "") -> list[Any]:
        value = table.get(key, [])
        if not isinstance(value, list):
            self.note("wrong-type", f"{what}'{key}' should be a list")
            return []
        return value

    def texts(self, table: Mapping[str, Any], key: str, what: str = "") -> tuple[str, ...]:
        """Return the texts of a list; what is none is noted and left out."""
        found = self.items(table, key, what)
        if not all(isinstance(item, str) for item in found):
            self.note("wrong-type", f"{what}'{key}' should be a list of texts")
        return tuple(item for item in found if isinstance(item, str))

    def counties(self) -> tuple[str, ...]:
        found = self.texts(self.tables, "counties")
        known = state().counties.names
        for county in found:
            if self.tables.get("jurisdiction") == state().title and county not in known:
                near = nearest(county, known)
                self.note("unknown-county", f"counties: '{county}' is no county of {state().title}; {near}")
        return found

    def sources(self) -> tuple[Cited, ...]:
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
            if name == "code_section":
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

    def determinations(self) -> dict[str, tuple[str, str]]:
        found = {}
        for name, table in self.table("determinations").items():
            what = f"determination '{name}': "
            if name in DETERMINATIONS:
                self.note(
                    "unknown-word", f"{what}the name stands for '{DETERMINATIONS[name][0]}' already; choose another"
                )
            if not isinstance(table, dict):
                self.note("wrong-type", f"{what}should be a table with text and relief")
                continue
            self.keys(table, ("text", "relief"), "a determination")
            relief = self.text(table, "relief", True, what)
            if relief and relief not in RELIEFS:
                self.note("unknown-word", f"{what}relief '{relief}': {nearest(relief, RELIEFS)}")
            found[name] = (self.text(table, "text", True, what), relief if relief in RELIEFS else NONE)
        return found

    def rules(
        self, parameters: dict[str, Parameter], determinations: dict[str, tuple[str, str]]
    ) -> tuple[RuleText, ...]:
        tables = self.items(self.tables, "rule")
        if not tables:
            self.note("missing", "there are no rules; write each as [[rule]] with if, then and because")
        found = []
        for number, table in enumerate(tables, start=1):
            if not isinstance(table, dict):
                self.note("wrong-type", f"rule {number} should be a table, [[rule]]")
                continue
            because = table.get("because", "")
            because = because if isinstance(because, str) else ""
            rule = RuleText(number, (), "", because)
            what = f"{rule.label}: "
            self.keys(table, RULE_KEYS, rule.label)
            if "if" not in table:
                self.note("missing", f"{what}'if' is missing; write if = [] for a rule that always holds")
            conditions = self.texts(table, "if", what)
            then = self.text(table, "then", True, what)
            if then and then not in determinations:
                self.note(
                    "unknown-word", f"{what}then '{then}' is no determination; {nearest(then, determinations)}"
                )
            self.text(table, "because", True, what)
            for name in PARAMETER.findall(because):
                if name != "code_section" and name not in parameters:
                    near = nearest(name, ["code_section", *parameters])
                    self.note("unknown-parameter", f"{what}'{name}' is no parameter of this policy; {near}")
            section = self.text(table, "summary_section", False, what)
            if section and section not in state().charges.sections:
                self.note("unknown-section", f"{what}summary_section '{section}' is no section of Prop 64")
            found.append(
                replace(
                    rule,
                    conditions=conditions,
                    then=then,
                    law=self.text(table, "law", False, what),
                    when=self.when(table, parameters, what),
                    summary_section=section,
                )
            )
        return tuple(found)

    def when(
        self, table: Mapping[str, Any], parameters: dict[str, Parameter], what: str
    ) -> tuple[tuple[str, bool], ...]:
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
