"""The policy language: a TOML file read, checked and made into a policy; see docs/reference/policy-language.md."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from clearscale.errors import PolicyError
from clearscale.law import state

from .conditions import PARAMETER, condition
from .findings import Finding, FoundError
from .model import CODE_SECTION, DISMISS, DISMISSAL, NONE, REDUCE, REDUCTION, Cited, Condition, Policy, Rule
from .parameters import Parameter, Value, recorded, shown, values_of

_SECTIONS = state().charges.sections

KEYS = {
    "id": "the policy's name, in small letters, digits and hyphens",
    "title": "the policy in a line",
    "extends": "another policy, a pack or a file: whatever else this file does not state is as there",
    "about": "what a reader should know of it, in some sentences",
    "jurisdiction": f"where it applies, such as {state().title}",
    "charges": "prop64, or prop64-and-related: which convictions it decides",
    "counties": "counties it was written for, as records write them; a policy map says where it is in force",
    "sources": "where its rules come from: list of title, where, confidence",
    "parameters": "named numbers, dates and switches",
    "determinations": "determinations of its own: text and relief",
    "rule": "the rules, in order; the first whose conditions all hold decides",
}
"""Keys of a policy file."""

RULE_KEYS = {
    "if": "conditions that must all hold; an empty list always does",
    "then": "the determination",
    "because": "the reason; may hold {parameter} and {code_section}",
    "law": "where the rule comes from",
    "when": "switches that must be on (`{name}`) or off (`not {name}`) for the rule to be part of the policy",
    "summary_section": (
        f"{_SECTIONS[0]} to {_SECTIONS[-1]}: count the rule's decisions under this section in a county's summary"
    ),
}
"""Keys of a rule."""

PARAMETER_KEYS = ("default", "min", "max", "off", "meaning")
SOURCE_KEYS = ("title", "where", "confidence")
CONFIDENCES = {
    "H": "read in the statute or an official page",
    "M": "press or secondary source",
    "K": "general knowledge, not checked",
}
CHARGES = ("prop64", "prop64-and-related")
RELIEFS = (NONE, REDUCTION, DISMISSAL)

DETERMINATIONS = {
    "dismiss": (DISMISS, DISMISSAL),
    "reduce": (REDUCE, REDUCTION),
    "not-eligible": ("Not eligible", NONE),
    "hand-review": ("Hand Review", NONE),
    "maybe": ("Maybe Eligible - Flag for Review", NONE),
}
"""Determinations that every policy may use: text and what they are worth to a person."""


@dataclass(frozen=True)
class RuleText:
    """A rule as its file writes it. when: (parameter, whether it must be on). law, summary_section may be empty."""

    number: int
    conditions: tuple[str, ...]
    then: str
    because: str
    law: str = ""
    when: tuple[tuple[str, bool], ...] = ()
    summary_section: str = ""

    @property
    def label(self) -> str:
        """The rule as messages name it."""
        return f'rule {self.number} ("{self.because}")' if self.because else f"rule {self.number}"


@dataclass(frozen=True)
class Document:
    """A policy file, read. where: its name for messages. determinations: text and worth, by name.

    extends: the policy whose statements it takes over, whose rules and the like are here as if it stated them; or
    empty.
    """

    where: str
    id: str
    title: str
    about: str
    jurisdiction: str
    charges: str
    counties: tuple[str, ...]
    sources: tuple[Cited, ...]
    parameters: dict[str, Parameter]
    determinations: dict[str, tuple[str, str]]
    rules: tuple[RuleText, ...]
    extends: str = ""

    def chosen(self, values: Mapping[str, Value]) -> tuple[RuleText, ...]:
        """Return the rules that are part of the policy with these values."""
        return tuple(
            rule
            for rule in self.rules
            if all(self.parameters[name].is_on(values[name]) == wanted for name, wanted in rule.when)
        )

    def conditions(self, text: RuleText, values: Mapping[str, Value]) -> tuple[Condition, ...]:
        """Read a rule's conditions. Raises FoundError that lists those that cannot be understood, a line each."""
        wrong: list[Finding] = []
        found: list[Condition] = []
        for written in text.conditions:
            try:
                found.append(condition(written, values))
            except PolicyError as error:
                wrong.append(Finding("condition", f"{text.label}: {error}", self.where))
        if wrong:
            raise FoundError(wrong)
        return tuple(found)

    def rule(self, text: RuleText, values: Mapping[str, Value]) -> Rule:
        """Make a rule with the parameters' values in place. Raises PolicyError for what cannot be understood."""
        determination, worth = self.determinations[text.then]
        plain = DETERMINATIONS.get(text.then) == (determination, worth)
        return Rule(
            self.conditions(text, values),
            determination,
            self.reason(text, values),
            text.law,
            "" if plain else worth,
        )

    def reason(self, text: RuleText, values: Mapping[str, Value]) -> str:
        """Write the rule's reason with the parameters' values in place."""
        found = {"code_section": CODE_SECTION, **{name: shown(value) for name, value in values.items()}}
        return PARAMETER.sub(lambda match: found[match[1]], text.because)

    def policy(self, parameters: Mapping[str, Any] | None = None) -> Policy:
        """Make the policy with these parameters, defaults for the others.

        Raises PolicyError for an unknown parameter or a value out of its range.
        """
        values = values_of(self.parameters, parameters or {}, self.where)
        chosen = self.chosen(values)
        rules = tuple(self.rule(text, values) for text in chosen)
        sections = {
            place: tuple(
                (text.summary_section, rule.reason)
                for text, rule in zip(chosen, rules, strict=True)
                if text.summary_section and rule.determination == place
            )
            for place in (DISMISS, REDUCE)
        }
        return Policy(
            self.id,
            self.title,
            rules,
            self.charges == "prop64-and-related",
            sections[DISMISS],
            sections[REDUCE],
            self.jurisdiction,
            self.counties,
            self.sources,
            tuple((name, recorded(value)) for name, value in values.items()),
        )
