"""Reading a policy file: everything that is wrong with it is found at once, and told with what would be right."""

import re
from dataclasses import replace
from typing import Any

from clearscale.errors import PolicyError, nearest
from clearscale.law import state

from .conditions import PARAMETER
from .findings import Finding, FoundError, found_in
from .language import (
    CHARGES,
    DETERMINATIONS,
    KEYS,
    RELIEFS,
    RULE_KEYS,
    Document,
    RuleText,
)
from .locating import beside, is_map, read_content
from .model import NONE
from .parameters import Parameter
from .stating import Reader
from .texts import toml

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


class _Reader(Reader):
    """Reads a document and notes everything that is wrong with it."""

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

    def counties(self) -> tuple[str, ...]:
        found = self.texts(self.tables, "counties")
        known = state().counties.names
        for county in found:
            if self.tables.get("jurisdiction") == state().title and county not in known:
                near = nearest(county, known)
                self.note("unknown-county", f"counties: '{county}' is no county of {state().title}; {near}")
        return found

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
