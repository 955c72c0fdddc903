"""Evaluation: a policy and an as-of date over a caseload."""

from dataclasses import dataclass

import numpy as np

from clearscale.errors import PolicyError
from clearscale.policy import AnyPolicy, Evidence, Policy, PolicyMap, compiled
from clearscale.policy.caseload import Caseload
from clearscale_kernels import flag
from clearscale_kernels.arrays import Bools, Int8s, Int16s
from clearscale_kernels.policy.count import NO_RELIEF
from clearscale_kernels.policy.decide import MissingDates, first_rules, settle

UNDECIDED = -1
"""In place of a rule: no rule holds."""


@dataclass(frozen=True)
class Decisions:
    """What a policy decides of a caseload's candidates, shape (n,) each.

    in_scope: which the policy decides at all. rules: the deciding rule, or UNDECIDED; 16 bits under a policy map,
    which numbers the rules of its policies one after the other. rests_on_missing: whether the rule looked at a date
    that is missing.
    """

    policy: AnyPolicy
    in_scope: Bools
    rules: Int8s | Int16s
    rests_on_missing: Bools

    @property
    def relief(self) -> Int8s:
        """What each candidate gets: NO_RELIEF, REDUCED or DISMISSED. Shape (n,)."""
        of_rule = np.array([*(rule.relief for rule in self.policy.rules), NO_RELIEF], np.int8)
        result: Int8s = of_rule.take(self.rules)  # the last is of no rule
        return result


def in_scope(caseload: Caseload, policy: Policy) -> Bools:
    """Which candidates a policy decides: Prop 64 charges, and related ones if it says so. Shape (n,)."""
    result: Bools = caseload.section >= 0
    return result | (caseload.charge & flag.RELATED != 0) if policy.related else result


def evaluate(caseload: Caseload, policy: AnyPolicy, as_of: int, evidence: Evidence | None = None) -> Decisions:
    """Decide the caseload's candidates; under a policy map, each by the policy of its county. as_of: day number.

    evidence: of this caseload and day, if it is there already.

    Raises PolicyError if a rule names a fact that does not exist.
    """
    evidence = evidence or Evidence(caseload, as_of)
    if isinstance(policy, PolicyMap):
        return _evaluate_map(caseload, policy, evidence)
    program = compiled(policy)
    rules = np.empty(caseload.section.size, np.int8)
    first_rules(program.rules, program.matrices(evidence), rules)
    scope = in_scope(caseload, policy)
    if not program.rests_on.any():  # as where all charges are dismissed
        rules[~scope] = UNDECIDED
        return Decisions(policy, scope, rules, np.zeros(rules.size, np.bool_))
    candidates = caseload.candidates
    missing = MissingDates(
        flags=candidates["flags"], histories=candidates["history"], history_flags=caseload.subjects["flags"]
    )
    rests_on_missing = np.empty(rules.size, np.bool_)
    settle(scope, program.rests_on, missing, rules, rests_on_missing)
    return Decisions(policy, scope, rules, rests_on_missing)


def _evaluate_map(caseload: Caseload, chosen: PolicyMap, evidence: Evidence) -> Decisions:
    counties = caseload.candidates["county"]
    if counties.size and not caseload.counties:
        raise PolicyError(f"policy map {chosen.id}: the caseload does not say which county is which")
    policy_of = chosen.places(caseload.counties)[counties] if counties.size else np.empty(0, np.int16)
    scope = np.zeros(counties.size, np.bool_)
    rules = np.full(counties.size, UNDECIDED, np.int16)
    rests_on_missing = np.zeros(counties.size, np.bool_)
    for number, (policy, first) in enumerate(zip(chosen.policies, chosen.firsts, strict=True)):
        places = np.flatnonzero(policy_of == number)
        if not places.size:
            continue
        program = compiled(policy)
        found = np.empty(places.size, np.int8)
        first_rules(program.rules, program.matrices(evidence, places), found)
        within = in_scope(caseload, policy)[places]
        found[~within] = UNDECIDED
        scope[places] = within
        rules[places] = np.where(found == UNDECIDED, UNDECIDED, found.astype(np.int16) + first)
        rests_on_missing[places] = (program.rests_on.take(found) & evidence.missing[places]) != 0
    return Decisions(chosen, scope, rules, rests_on_missing)
