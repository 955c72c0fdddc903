"""A policy: an ordered list of rules; the first whose conditions all hold decides a conviction."""

import hashlib
import json
from dataclasses import asdict, dataclass

from clearscale_kernels.decide import MOST_RULES

from ..errors import PolicyError

DISMISS = "Eligible for Dismissal"
REDUCE = "Eligible for Reduction"
"""Determinations in the words that counties act on."""

NO_RELIEF, REDUCED, DISMISSED = 0, 1, 2
"""What a determination does for a person: nothing, a lesser conviction, no conviction."""

OPERATORS = ("==", "!=", "<", "<=", ">", ">=", "has")
"""How a fact is compared; a place here is the operator's code in the decide kernel."""


@dataclass(frozen=True)
class Condition:
    """A fact of a conviction or its person compared with a number; `has` asks for any of the number's bits."""

    fact: str
    operator: str
    value: int


@dataclass(frozen=True)
class Rule:
    """All of `conditions` must hold. law: where the rule comes from."""

    conditions: tuple[Condition, ...]
    determination: str
    reason: str
    law: str = ""

    @property
    def relief(self) -> int:
        """NO_RELIEF, REDUCED or DISMISSED."""
        return {DISMISS: DISMISSED, REDUCE: REDUCED}.get(self.determination, NO_RELIEF)


@dataclass(frozen=True)
class Policy:
    """Which convictions are decided, and how.

    related: whether related charges are in scope beside Prop 64 charges. dismiss_sections, reduce_sections:
    sections that have a rule of their own, in order, each with that rule's reason.
    """

    id: str
    title: str
    rules: tuple[Rule, ...]
    related: bool = False
    dismiss_sections: tuple[tuple[str, str], ...] = ()
    reduce_sections: tuple[tuple[str, str], ...] = ()

    def __post_init__(self) -> None:
        if len(self.rules) > MOST_RULES:
            raise PolicyError(f"policy {self.id} has {len(self.rules)} rules; at most {MOST_RULES} are possible")

    def document(self) -> dict[str, object]:
        """The policy in full, for the record of a run."""
        return asdict(self)

    def digest(self) -> str:
        """SHA-256 of the policy in full."""
        return hashlib.sha256(json.dumps(self.document(), sort_keys=True).encode()).hexdigest()
