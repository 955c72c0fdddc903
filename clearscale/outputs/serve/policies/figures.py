"""What a policy does in one place, in the words of its rules."""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from clearscale.outputs.report.policy_words import plain_reason
from clearscale.policy import DISMISS, REDUCE, AnyPolicy
from clearscale.policy.model import NONE
from clearscale_kernels.arrays import Int64s
from clearscale_kernels.policy.count import DISMISSED, NO_RELIEF, REDUCED

from .deciding import RELATED, Decided

_WORTH = (DISMISSED, REDUCED, NO_RELIEF)


@dataclass(frozen=True)
class PlaceFigures:
    """What a policy does in a county or in the state.

    convictions: shape (sections + 1, rules + 1), see `Decided`. people, by_sex, by_age: shape (groups, 5), those
    with Prop 64 convictions, then MEASURES.
    """

    policy: AnyPolicy
    convictions: Int64s
    people: Int64s
    by_sex: Int64s
    by_age: Int64s

    @classmethod
    def of(cls, policy: AnyPolicy, decided: Decided, scope: int) -> "PlaceFigures":
        """Take a place out of those that were decided together."""
        by = decided.by_race, decided.by_sex, decided.by_age
        return cls(policy, decided.convictions[scope], *(counts[scope] for counts in by))

    @property
    def outcomes(self) -> Int64s:
        """Prop 64 convictions dismissed, reduced, and neither, by section. Shape (4, 3)."""
        worth = np.array([*(rule.relief for rule in self.policy.rules), NO_RELIEF])
        counts = [self.convictions[:RELATED, worth == kind].sum(axis=1) for kind in _WORTH]
        return np.stack(counts, axis=1)

    @cached_property
    def by_reason(self) -> Mapping[tuple[str, str], Int64s]:
        """Convictions by (determination, reason) and section, RELATED last; only those that occur."""
        rules = [(rule.determination, plain_reason(self.policy, rule.reason)) for rule in self.policy.rules]
        found: dict[tuple[str, str], Int64s] = defaultdict(lambda: np.zeros(RELATED + 1, np.int64))
        for pair, counts in zip([*rules, ("", "")], self.convictions.T, strict=True):
            if counts.any():
                found[pair] = found[pair] + counts
        return found

    @cached_property
    def by_determination(self) -> Mapping[str, Int64s]:
        """The same by determination: dismissal, reduction, others, and none last."""
        found: dict[str, Int64s] = defaultdict(lambda: np.zeros(RELATED + 1, np.int64))
        for (determination, _), counts in self.by_reason.items():
            found[determination] = found[determination] + counts
        occurring = {determination for determination, counts in found.items() if counts[:RELATED].any()}
        others = sorted(occurring - {DISMISS, REDUCE, ""})
        return {
            determination: found[determination]
            for determination in (DISMISS, REDUCE, *others, "")
            if determination in occurring
        }

    @property
    def related(self) -> Mapping[str, int]:
        """Related charges that the policy decides, by determination."""
        found: dict[str, int] = defaultdict(int)
        for (determination, _), counts in self.by_reason.items():
            found[determination] += int(counts[RELATED])
        return {determination: count for determination, count in sorted(found.items()) if count}

    @property
    def neither(self) -> Mapping[str, int]:
        """Prop 64 convictions that get neither, by determination."""
        found: dict[str, int] = defaultdict(int)
        for rule, count in zip(
            self.policy.rules, self.convictions[:RELATED, :-1].sum(axis=0).tolist(), strict=True
        ):
            if rule.is_worth == NONE:
                found[rule.determination] += count
        found[""] += int(self.convictions[:RELATED, -1].sum())
        return {determination: count for determination, count in found.items() if count}
