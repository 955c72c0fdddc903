"""Reading a policy over charges: everything that is wrong with it is found at once, and told."""

import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from clearscale.errors import PolicyError, closest, nearest
from clearscale.law import state, state_names
from clearscale.policy.findings import FoundError, found_in
from clearscale.policy.parameters import NUMBER, Value
from clearscale.policy.stating import Reader
from clearscale.policy.texts import toml

from .facts import CHARGE_DATES
from .language import CAP_KEYS, GROUP_KEYS, GROUPS, KEYS, LIST_KEYS, RULE_KEYS, CapText, Document, RuleText
from .outcomes import OUTCOMES
from .placing import Lines
from .questions import Group
from .statutes import Sections, StatuteList
from .writing import Names, is_of_charge, placed

_SECTIONS_KEYS = ("code", "sections", "subsections")
_SUBSECTION = re.compile(r"(\([^()\s]+\))+")
_NAME = re.compile(r"[a-z0-9][a-z0-9-]*")
_GIVEN = tuple(name for name, outcome in OUTCOMES.items() if outcome.rules)
_NEAR = 0.8
"""How like a word must be to that of a list for it to be meant, where others are possible, too."""

MOST_RULES = 1000
"""More rules than any law has sentences."""


def read_policy(content: bytes | str, where: str) -> Document:
    """Read a policy file.

    Parameters
    ----------
    content
        Its text.
    where
        Its name for messages.

    Returns
    -------
    Document
        The policy, whose parameters have no values yet.

    Raises
    ------
    FoundError
        Lists everything that is wrong with it, a line each.
    """
    return _Reader(toml(content, where), where, _text(content)).document()


def _text(content: bytes | str) -> str:
    return content if isinstance(content, str) else content.decode("utf-8")


class _Reader(Reader):
    """Reads a document and notes everything that is wrong with it."""

    taken = ()

    def __init__(self, tables: dict[str, Any], where: str, text: str) -> None:
        super().__init__(tables, where)
        self.lines = Lines(text)

    def note(self, name: str, what: str) -> None:
        line = self.lines.of(what)
        super().note(name, what if line is None else f"line {line}: {what}")

    def document(self) -> Document:
        tables = self.tables
        self.keys(tables, KEYS, "a policy")
        name = self.text(tables, "id", required=True)
        if name and not _NAME.fullmatch(name):
            self.note(
                "unknown-word", f"id '{name}': use small letters, digits and hyphens, such as il-cannabis-2020"
            )
        lists = {name: self.statutes(name, table) for name, table in self.named("lists", LIST_KEYS)}
        groups = {
            name: self.texts(table, "if", f"group '{name}': ") for name, table in self.named("groups", GROUP_KEYS)
        }
        for taken in groups.keys() & GROUPS.keys():
            self.note("unknown-word", f"group '{taken}': every policy has one of that name; choose another")
        caps = {name: self.cap(name, table) for name, table in self.named("caps", CAP_KEYS)}
        parameters = self.parameters()
        document = Document(
            self.where,
            name,
            self.text(tables, "title", required=True),
            self.text(tables, "about"),
            self.text(tables, "state", required=True),
            self.sources(),
            self.texts(tables, "cannot_know"),
            parameters,
            lists,
            groups,
            caps,
            self.texts(tables, "scope"),
            self.rules(parameters),
            self.counties(),
            self.lines.starts,
        )
        if not self.items(tables, "scope"):
            said = (
                "'scope' is missing; write the conditions of the charges that the policy decides, above all tables"
            )
            self.note("missing", f'{said}, such as scope = ["level is misdemeanor"]')
        self.state()
        self.ask(document, {name: parameter.default for name, parameter in parameters.items()})
        if self.wrong:
            raise FoundError(self.wrong)
        return document

    def counties(self) -> dict[str, str]:
        """The state's counties, by their names in small letters; none of a state that is no folder."""
        name = self.tables.get("state")
        if name not in state_names():
            return {}
        return {place.name.casefold(): place.name for place in state(str(name)).places.counties}

    def state(self) -> None:
        """Note the name of a state that is nearly that of one which is listed."""
        name = str(self.tables.get("state", ""))
        near = closest(name.casefold().replace(" ", "_"), state_names(), _NEAR)
        if near and name != near:
            self.note("unknown-word", f"state '{name}': did you mean '{near}'?")

    def named(self, key: str, known: Mapping[str, str]) -> list[tuple[str, dict[str, Any]]]:
        """The tables of a key, by their names."""
        found = []
        for name, table in self.table(key).items():
            if not _NAME.fullmatch(name):
                self.note("unknown-word", f"{key}: '{name}': use small letters, digits and hyphens")
            if not isinstance(table, dict):
                self.note("wrong-type", f"{key}: '{name}' should be a table, [{key}.{name}]")
                continue
            self.keys(table, known, f"[{key}.{name}]")
            found.append((name, table))
        return found

    def statutes(self, name: str, table: Mapping[str, Any]) -> StatuteList:
        what = f"list '{name}': "
        on_it, off_it = (self.sections(table, key, what) for key in ("statutes", "but_not"))
        descriptions = self.texts(table, "descriptions", what)
        if not {"statutes", "descriptions"} & {*table}:
            self.note("missing", f'{what}\'statutes\' is missing, such as [{{ code = "CODE", sections = ["1"] }}]')
        for text in descriptions:
            if text != text.upper():
                self.note("unknown-word", f"{what}descriptions are in capitals")
        return StatuteList(name, self.text(table, "title", False, what), on_it, off_it, descriptions)

    def sections(self, table: Mapping[str, Any], key: str, what: str) -> tuple[Sections, ...]:
        found = []
        for item in self.items(table, key, what):
            if not isinstance(item, dict):
                said = 'should be a table, such as { code = "PL", sections = ["120.05", "121.*"] }'
                self.note("wrong-type", f"{what}each of '{key}' {said}")
                continue
            self.keys(item, _SECTIONS_KEYS, f"{what}{key}")
            sections, subsections = (self.texts(item, part, what) for part in _SECTIONS_KEYS[1:])
            if "sections" not in item:
                self.note("missing", f'{what}\'sections\' is missing, such as sections = ["120.05", "121.*"]')
            for subsection in subsections:
                if not _SUBSECTION.fullmatch(subsection):
                    self.note("unknown-word", f"{what}subsection '{subsection}': write it as (a)(3)")
            found.append(Sections(self.text(item, "code", True, what), sections, subsections))
        return tuple(found)

    def cap(self, name: str, table: Mapping[str, Any]) -> CapText:
        what = f"cap '{name}': "
        most = table.get("most")
        braced = isinstance(most, str) and re.fullmatch(r"\{\w+\}", most)
        if not braced and (not isinstance(most, int) or isinstance(most, bool) or most < 0):
            self.note("wrong-type", f"{what}'most' should be a whole number, or a parameter such as '{{most}}'")
            most = 0
        first = self.text(table, "first", False, what) or "oldest"
        if first not in ("oldest", "newest"):
            self.note("unknown-word", f"{what}first '{first}': write oldest or newest")
        by = self.text(table, "by", False, what) or "disposition_date"
        if by not in CHARGE_DATES:
            self.note("unknown-word", f"{what}by '{by}' is no date of a charge; {nearest(by, CHARGE_DATES)}")
        return CapText(str(most), first == "oldest", by, self.text(table, "already", False, what))

    def rules(self, parameters: Mapping[str, Any]) -> tuple[RuleText, ...]:
        if isinstance(self.tables.get("rule"), dict):
            self.note("wrong-type", "'rule' stands in single brackets; write each rule as [[rule]]")
            return ()
        tables = self.items(self.tables, "rule")
        if not tables:
            self.note("missing", "there are no rules; write each as [[rule]] with if, then and because")
        if len(tables) > MOST_RULES:
            self.note("too-many-rules", f"there are {len(tables):,} rules; at most {MOST_RULES:,} are possible")
        found = []
        for number, table in enumerate(tables, start=1):
            if not isinstance(table, dict):
                self.note("wrong-type", f"rule {number} should be a table, [[rule]]")
                continue
            found.append(self.rule(number, table, parameters))
        return tuple(found)

    def rule(self, number: int, table: Mapping[str, Any], parameters: Mapping[str, Any]) -> RuleText:
        because = table.get("because", "")
        label = RuleText(number, (), (), "", because if isinstance(because, str) else "").label
        what = f"{label}: "
        self.keys(table, RULE_KEYS, label)
        if "if" not in table:
            self.note("missing", f"{what}'if' is missing; write if = [] for a rule that always holds")
        then = self.text(table, "then", True, what)
        if then and then not in _GIVEN:
            # Nobody who leaves out a "not" means it.
            near = [name for name in _GIVEN if name.startswith("not") == then.startswith("not")]
            self.note("unknown-word", f"{what}then '{then}' is no outcome of a rule; {nearest(then, near)}")
        stated = table.get("wait", [])
        if not isinstance(stated, str | list):
            self.note("wrong-type", f"{what}'wait' should be a text, such as \"1 year since disposition_date\"")
            stated = []
        waits = (stated,) if isinstance(stated, str) else self.texts({"wait": stated}, "wait", what)
        cap = self.text(table, "cap", False, what)
        if cap and cap not in self.table("caps"):
            self.note(
                "unknown-word", f"{what}cap '{cap}' is none of this policy; {nearest(cap, self.table('caps'))}"
            )
        if (waits or cap) and then in _GIVEN and not OUTCOMES[then].relief:
            self.note("unusable", f"{what}'{then}' gives nobody anything, so it has no wait and no cap")
        unknown = self.text(table, "unknown", False, what)
        if unknown not in ("", "no"):
            self.note("unknown-word", f"{what}unknown '{unknown}': write \"no\", or leave it out")
        return RuleText(
            number,
            self.texts(table, "if", what),
            waits,
            then,
            self.text(table, "because", True, what),
            self.text(table, "law", False, what),
            self.when(table, dict(parameters), what),
            cap,
            unknown == "no",
        )

    def ask(self, document: Document, values: Mapping[str, Value]) -> None:
        """Note what is wrong with conditions, waits, caps and reasons."""
        names = self.group_names(document, values)
        for text in document.scope:
            self.trying("scope: ", lambda text=text: document.condition(text, names, values))
        for rule in document.rules:
            what = f"{rule.label}: "
            for text in rule.conditions:
                self.trying(what, lambda text=text: document.condition(text, names, values))
            for text in rule.waits:
                self.trying(what, lambda text=text: document.wait(text, names, values))
            self.trying(what, lambda rule=rule: placed(rule.because, values, str))
        for name, cap in document.caps.items():
            if cap.most.startswith("{"):
                parameter = document.parameters.get(cap.most.strip("{}"))
                if parameter is None or parameter.kind != NUMBER:
                    self.note("unknown-parameter", f"cap '{name}': '{cap.most}' is no parameter that is a number")
            if cap.already:
                self.trying(f"cap '{name}': ", lambda cap=cap: names.group(cap.already))

    def group_names(self, document: Document, values: Mapping[str, Value]) -> Names:
        """What conditions may name, groups that cannot be understood left without their conditions."""
        known = {name: Group(name, ()) for name in (*GROUPS, *document.groups)}
        named = Names(document.lists, known, document.counties)
        sound: dict[str, tuple[str, ...]] = {}
        for name, texts in document.groups.items():
            what = f"group '{name}': "
            sound[name] = ()
            for text in texts:
                made = self.trying(what, lambda text=text: document.condition(text, named, values))
                if made is not None and not is_of_charge(made.question):
                    self.note("condition", f"{what}'{text}' asks more than the charge alone")
        return replace(document, groups=sound).names(values)

    def trying(self, what: str, make: Any) -> Any:
        """What is made, None with a finding if it cannot be."""
        try:
            return make()
        except PolicyError as error:
            for found in found_in(error, "condition"):
                self.note(found.name, f"{what}{found.text}")
            return None
