"""A policy over charges: its file as it is read, and what is made of it with the parameters' values in place."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

from clearscale.policy.model import Cited, digest_of
from clearscale.policy.parameters import Parameter, Value, recorded, shown, values_of

from .outcomes import OUTCOMES, Outcome
from .questions import Condition, Group
from .statutes import StatuteList
from .waits import Wait
from .writing import Names, condition, placed, wait

KEYS = {
    "id": "the policy's name, in small letters, digits and hyphens",
    "title": "the policy in a line",
    "about": "what a reader should know of it, in some sentences",
    "state": "name of the state whose law it is, such as illinois",
    "sources": "where its rules come from: list of title, where, confidence",
    "cannot_know": "what the law asks and no charge's record tells, a text each",
    "parameters": "named numbers, dates and switches",
    "lists": "lists of statutes, by name",
    "groups": "groups of charges, by name: conditions of the charge alone",
    "caps": "how many charges of a person a rule can relieve, by name",
    "scope": "conditions: which charges it decides",
    "rule": "the rules, in order",
}
"""Keys of a policy file."""

RULE_KEYS = {
    "if": "conditions that must all hold; an empty list always does",
    "wait": "what has to pass; all of a list",
    "then": "the outcome",
    "because": "the reason; may hold {parameter}",
    "law": "where the rule comes from",
    "when": "switches that must be on (`{name}`) or off (`not {name}`) for the rule to be part of the policy",
    "cap": "the name of a cap: beyond it the charge goes on to the next rule",
    "unknown": '"no": where it is not known whether the rule holds, it does not',
}
"""Keys of a rule."""

LIST_KEYS = {
    "title": "what the list is",
    "statutes": "list of code, sections, and subsections where only some are meant",
    "but_not": "what of these is not on it, in the same form",
    "descriptions": "charges in words, in capitals, with * for anything, where the statute's text names nothing",
}
"""Keys of a list of statutes."""

GROUP_KEYS = {"if": "conditions of the charge alone that must all hold"}
"""Keys of a group."""

CAP_KEYS = {
    "most": "how many charges of a person",
    "first": "oldest, or newest: who comes first among those that could have a place on the same day",
    "by": "the date that tells which is older; disposition_date unless stated",
    "already": "a group: charges of the person that have had their relief, and take a place each",
}
"""Keys of a cap."""

GROUPS = {
    "charges": (),
    "convictions": ("convicted",),
    "felonies": ("convicted", "level is felony"),
    "misdemeanors": ("convicted", "level is misdemeanor"),
    "pending": ("disposition is pending",),
    "relieved": ("disposition is set-aside or vacated",),
    "serving": ("convicted", "sentence_end > today"),
    "supervised": ("convicted", "supervision_end > today"),
}
"""Groups that every policy may name."""


@dataclass(frozen=True)
class Cap:
    """How many charges of a person a rule can relieve. already: a group whose charges take a place each."""

    name: str
    most: int
    oldest: bool = True
    by: str = "disposition_date"
    already: Group | None = None


@dataclass(frozen=True)
class Rule:
    """A rule. unknown_is_no: where it is not known whether it holds, it does not."""

    conditions: tuple[Condition, ...]
    waits: tuple[Wait, ...]
    outcome: Outcome
    reason: str
    law: str = ""
    cap: Cap | None = None
    unknown_is_no: bool = False


@dataclass(frozen=True)
class ChargePolicy:
    """Which charges are decided, and how. parameters: the values that the rules were made with."""

    id: str
    title: str
    state: str
    scope: tuple[Condition, ...]
    rules: tuple[Rule, ...]
    lists: tuple[StatuteList, ...] = ()
    sources: tuple[Cited, ...] = ()
    parameters: tuple[tuple[str, int | str], ...] = ()

    def document(self) -> dict[str, object]:
        """Return the policy in full, for the record of a run."""
        return asdict(self)

    def digest(self) -> str:
        """Return the SHA-256 of the policy in full."""
        return digest_of(self.document())


@dataclass(frozen=True)
class RuleText:
    """A rule as its file writes it. when: (parameter, whether it must be on)."""

    number: int
    conditions: tuple[str, ...]
    waits: tuple[str, ...]
    then: str
    because: str
    law: str = ""
    when: tuple[tuple[str, bool], ...] = ()
    cap: str = ""
    unknown_is_no: bool = False

    @property
    def label(self) -> str:
        """The rule as messages name it."""
        return f'rule {self.number} ("{self.because}")' if self.because else f"rule {self.number}"


@dataclass(frozen=True)
class CapText:
    """A cap as its file writes it. most: a number, or a parameter in braces."""

    most: str
    oldest: bool
    by: str
    already: str


@dataclass(frozen=True)
class Document:
    """A policy file, read. where: its name for messages. groups: conditions by their names. lines: of tables."""

    where: str
    id: str
    title: str
    about: str
    state: str
    sources: tuple[Cited, ...]
    cannot_know: tuple[str, ...]
    parameters: Mapping[str, Parameter]
    lists: Mapping[str, StatuteList]
    groups: Mapping[str, tuple[str, ...]]
    caps: Mapping[str, CapText]
    scope: tuple[str, ...]
    rules: tuple[RuleText, ...]
    counties: Mapping[str, str]
    lines: Mapping[str, int] = field(default_factory=dict)

    def values(self, parameters: Mapping[str, Any] | None = None) -> dict[str, Value]:
        """Return the value of each parameter. Raises PolicyError for an unknown one or one out of its range."""
        return values_of(self.parameters, parameters or {}, self.where)

    def names(self, values: Mapping[str, Value]) -> Names:
        """Return what conditions may name. Raises PolicyError for a group that cannot be understood."""
        names = Names(self.lists, {}, self.counties)
        made = {
            name: Group(name, tuple(self.condition(text, names, values) for text in conditions))
            for name, conditions in {**GROUPS, **self.groups}.items()
        }
        return Names(self.lists, made, self.counties)

    def condition(self, text: str, names: Names, values: Mapping[str, Value]) -> Condition:
        """Make a condition with the parameters' values in place. Raises PolicyError."""
        return condition(placed(text, values, shown), names)

    def wait(self, text: str, names: Names, values: Mapping[str, Value]) -> Wait:
        """Make a wait with the parameters' values in place. Raises PolicyError."""
        return wait(placed(text, values, shown), names)

    def cap(self, name: str, names: Names, values: Mapping[str, Value]) -> Cap | None:
        """Make a cap with the parameters' values in place; none of no name. Raises PolicyError."""
        if not name:
            return None
        text = self.caps[name]
        already = names.group(text.already) if text.already else None
        return Cap(name, int(placed(text.most, values, shown)), text.oldest, text.by, already)

    def chosen(self, values: Mapping[str, Value]) -> tuple[RuleText, ...]:
        """Return the rules that are part of the policy with these values."""
        return tuple(
            rule
            for rule in self.rules
            if all(self.parameters[name].is_on(values[name]) == wanted for name, wanted in rule.when)
        )

    def policy(self, parameters: Mapping[str, Any] | None = None) -> ChargePolicy:
        """Make the policy.

        Parameters
        ----------
        parameters
            Values of some parameters; the others have their defaults.

        Returns
        -------
        ChargePolicy
            With the values in place.

        Raises
        ------
        PolicyError
            For an unknown parameter or a value out of its range.
        """
        values = self.values(parameters)
        names = self.names(values)
        rules = tuple(
            Rule(
                tuple(self.condition(clause, names, values) for clause in text.conditions),
                tuple(self.wait(clause, names, values) for clause in text.waits),
                OUTCOMES[text.then],
                placed(text.because, values, shown),
                text.law,
                self.cap(text.cap, names, values),
                text.unknown_is_no,
            )
            for text in self.chosen(values)
        )
        return ChargePolicy(
            self.id,
            self.title,
            self.state,
            tuple(self.condition(clause, names, values) for clause in self.scope),
            rules,
            tuple(self.lists.values()),
            self.sources,
            tuple((name, recorded(value)) for name, value in values.items()),
        )
