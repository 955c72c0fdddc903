"""Evaluation: a policy and an as-of date over folded convictions, one bucket at a time."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from clearscale_kernels import decide, facts
from clearscale_kernels.arrays import Bools, Int8s, Int16s, Int32s, Int64s

from .policy import NO_RELIEF, Policy
from .policy import facts as policy_facts
from .policy.model import OPERATORS

UNDECIDED = -1
"""In place of a rule: the conviction is in scope, and no rule holds."""

Columns = Mapping[str, np.ndarray]

CONVICTION_COLUMNS = ("history", "extract", "row", "event_date", "offense", "county", "flags")
PEOPLE_COLUMNS = (
    "extract",
    "canonical",
    "birth_date",
    "race",
    "sex",
    "flags",
    "convictions",
    *(f"convictions_{section}" for section in facts.SECTIONS),
    "latest_conviction",
)
"""The columns of the store that evaluation reads."""


@dataclass(frozen=True)
class Bucket:
    """What is evaluated together: whole histories.

    convictions, people: columns of the store, shapes (n,) and (h,). charge_flags, sections: by offense code.
    counties: shape (extracts,), county code of each extract.
    """

    convictions: Columns
    people: Columns
    charge_flags: Int16s
    sections: Int8s
    counties: Int32s

    @property
    def own_county(self) -> Bools:
        """Which convictions are of the county whose extract they stand in. Shape (n,)."""
        result: Bools = self.convictions["county"] == self.counties[self.convictions["extract"]]
        return result

    @property
    def canonical(self) -> Bools:
        """Which convictions stand in the history that stands for its person. Shape (n,)."""
        result: Bools = self.people["canonical"][self.convictions["history"]]
        return result


@dataclass(frozen=True)
class Decisions:
    """What a policy decides.

    places: shape (k,), the convictions in scope. rules: shape (k,), the deciding rule or UNDECIDED.
    rests_on_missing: shape (k,), whether the rule looked at a date that is missing.
    """

    policy: Policy
    places: Int64s
    rules: Int8s
    rests_on_missing: Bools

    def relief(self, size: int) -> Int8s:
        """What each of `size` convictions gets: NO_RELIEF, REDUCED or DISMISSED. Shape (size,)."""
        of_rule = np.array([*(rule.relief for rule in self.policy.rules), NO_RELIEF], np.int8)
        result = np.full(size, NO_RELIEF, np.int8)
        result[self.places] = of_rule[self.rules]
        return result

    def texts(self) -> tuple[list[str], list[str]]:
        """(determination, reason) of each rule, and last those of an undecided conviction: empty."""
        rules = self.policy.rules
        return [*(rule.determination for rule in rules), ""], [*(rule.reason for rule in rules), ""]


def columns_of(table: pa.Table, names: tuple[str, ...]) -> dict[str, np.ndarray]:
    """Columns of an Arrow table as NumPy arrays, by name."""
    return {name: table.column(name).to_numpy() for name in names}


def in_scope(bucket: Bucket, policy: Policy) -> Int64s:
    """Places of the convictions that the policy decides: Prop 64 charges, and related ones if it says so."""
    offenses = bucket.convictions["offense"]
    wanted = bucket.sections >= 0
    if policy.related:
        wanted = wanted | ((bucket.charge_flags & facts.RELATED) != 0)
    return np.flatnonzero(wanted[offenses]) if offenses.size else np.empty(0, np.int64)


def evaluate(bucket: Bucket, policy: Policy, as_of: int) -> Decisions:
    """Decide the bucket's convictions. as_of: day number.

    Raises PolicyError if a rule names a fact that does not exist.
    """
    places = in_scope(bucket, policy)
    chosen = {name: values[places] for name, values in bucket.convictions.items()}
    evidence = policy_facts.Evidence(chosen, bucket.people, bucket.charge_flags, bucket.sections, as_of)
    found: dict[str, Int32s] = {}
    masks = np.zeros(places.size, np.uint64)
    rests_on = np.zeros(len(policy.rules) + 1, np.int32)
    for place, rule in enumerate(policy.rules):
        holds = np.ones(places.size, np.bool_)
        for condition in rule.conditions:
            if condition.fact not in found:
                found[condition.fact] = policy_facts.find(condition.fact, evidence)
            rests_on[place] |= policy_facts.FACTS[condition.fact].rests_on
            operator = OPERATORS.index(condition.operator)
            decide.narrow(found[condition.fact], operator, condition.value, holds)
        decide.mark(holds, place, masks)
    rules = np.empty(places.size, np.int8)
    decide.first_rules(masks, np.uint64((1 << len(policy.rules)) - 1), rules)
    return Decisions(policy, places, rules, (rests_on[rules] & evidence.missing) != 0)
