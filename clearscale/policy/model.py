"""A policy: an ordered list of rules; the first whose conditions all hold decides a conviction."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, fields, is_dataclass
from typing import Any

from clearscale.errors import PolicyError
from clearscale_cluster.shown import has_shape
from clearscale_kernels.policy.count import DISMISSED, NO_RELIEF, REDUCED
from clearscale_kernels.policy.decide import MOST_RULES

DISMISS = "Eligible for Dismissal"
REDUCE = "Eligible for Reduction"
"""Determinations in the words that counties act on."""

OPERATORS = ("==", "!=", "<", "<=", ">", ">=", "has", "lacks")
"""How a fact is compared with a number."""

NONE, REDUCTION, DISMISSAL = "none", "reduction", "dismissal"
"""What a determination is worth to a person, in the words of policy files."""

CODE_SECTION = "{code_section}"
"""Stands in a reason for the code section of the conviction that it is given for, trimmed."""


@dataclass(frozen=True)
class Condition:
    """A fact of a conviction or its person, compared with a number.

    Attributes
    ----------
    fact : str
        A name of `clearscale.facts()`.
    operator : str
        One of `==`, `!=`, `<`, `<=`, `>`, `>=`; `has` and `lacks` ask for bits of the fact.
    value : int
        1 and 0 for yes and no, a number, or days since 1970-01-01 for a date.
    """

    fact: str
    operator: str
    value: int


@dataclass(frozen=True)
class Rule:
    """A rule: it decides a conviction if all of its conditions hold, and no rule before it did.

    Attributes
    ----------
    conditions : tuple of Condition
        What must hold; none always does.
    determination : str
        The decision, in the words that are acted on.
    reason : str
        Why; may hold `{code_section}`, for the conviction's own.
    law : str
        Where the rule comes from.
    worth : str
        `none`, `reduction` or `dismissal`; empty if the determination's text says it.
    """

    conditions: tuple[Condition, ...]
    determination: str
    reason: str
    law: str = ""
    worth: str = ""

    @property
    def is_worth(self) -> str:
        """What it gives a person: NONE, REDUCTION or DISMISSAL."""
        return self.worth or {DISMISS: DISMISSAL, REDUCE: REDUCTION}.get(self.determination, NONE)

    @property
    def relief(self) -> int:
        """The same as kernels have it: NO_RELIEF, REDUCED or DISMISSED."""
        return {NONE: NO_RELIEF, REDUCTION: REDUCED, DISMISSAL: DISMISSED}[self.is_worth]


@dataclass(frozen=True)
class Cited:
    """A source of a policy.

    confidence: one or several letters of `language.CONFIDENCES`, such as `H, M`.
    """

    title: str
    where: str
    confidence: str


@dataclass(frozen=True)
class Policy:
    """Which convictions are decided, and how.

    `clearscale.make_policy` makes one and says what is wrong with it; one that is made directly is taken as it is.

    Attributes
    ----------
    id, title : str
        Its name, and what it is in a line.
    rules : tuple of Rule
        In order: the first whose conditions all hold decides.
    related : bool
        Whether related charges are in scope beside Prop 64 charges.
    dismiss_sections, reduce_sections : tuple of (str, str)
        Sections that have a rule of their own, in order, each with that rule's reason.
    jurisdiction : str
        Where it applies; decides nothing, as the two next.
    counties : tuple of str
        For whom it was written.
    sources : tuple of Cited
        Where it is from.
    parameters : tuple of (str, int or str)
        The values that its rules were made with.
    """

    id: str
    title: str
    rules: tuple[Rule, ...]
    related: bool = False
    dismiss_sections: tuple[tuple[str, str], ...] = ()
    reduce_sections: tuple[tuple[str, str], ...] = ()
    jurisdiction: str = ""
    counties: tuple[str, ...] = ()
    sources: tuple[Cited, ...] = ()
    parameters: tuple[tuple[str, int | str], ...] = ()

    def __post_init__(self) -> None:
        if len(self.rules) > MOST_RULES:
            raise PolicyError(f"policy {self.id} has {len(self.rules)} rules; at most {MOST_RULES} are possible")
        determinations, reasons = self.texts
        named = (self.id, self.title, *self.counties, *(name for name, _ in self.parameters))
        if not all(map(has_shape, (*named, *determinations, *reasons))):
            raise PolicyError(f"policy {self.id}: a name, title or reason has a character that nobody sees")

    @property
    def texts(self) -> tuple[list[str], list[str]]:
        """(determination, reason) of each rule, and last those of an undecided conviction: empty."""
        rules = self.rules
        return [*(rule.determination for rule in rules), ""], [*(rule.reason for rule in rules), ""]

    def of_county(self, county: str) -> "Policy":
        """Return the policy that decides the county's convictions: this one."""
        del county
        return self

    def document(self) -> dict[str, object]:
        """Return the policy in full, for the record of a run."""
        document: dict[str, object] = _plain(self)
        return document

    def digest(self) -> str:
        """Return the SHA-256 of the policy in full."""
        return digest_of(self.document())


def _plain(value: Any) -> Any:
    """As `dataclasses.asdict`, which copies every text and number: each run records its policy."""
    if isinstance(value, tuple):
        return tuple(map(_plain, value))
    if is_dataclass(value):
        return {field.name: _plain(getattr(value, field.name)) for field in fields(value)}
    return value


def digest_of(document: Mapping[str, object]) -> str:
    """Return the SHA-256 of a policy or policy map in full, as `document` gives it or a run records it."""
    return hashlib.sha256(json.dumps(document, sort_keys=True).encode()).hexdigest()
