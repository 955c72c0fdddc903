"""A run opened for any policy: what its store's convictions and people come to at a setting."""

from collections.abc import Mapping, Sequence
from functools import partial

import numpy as np

from clearscale.dates import as_of_day
from clearscale.outputs.serve.answers import key_figures
from clearscale.outputs.serve.choosing import Choices
from clearscale.outputs.serve.curves import Curve
from clearscale.outputs.serve.latest import Latest
from clearscale.outputs.serve.opening import require_same, snapshot_of
from clearscale.outputs.serve.windows import steps
from clearscale.policy import AnyPolicy
from clearscale.policy.parameters import NUMBER
from clearscale.runs import Run
from clearscale.runs.recorded import recorded_policy
from clearscale_cluster import ProgressCallback
from clearscale_kernels.arrays import Int64s

from .choices import PolicySetting, policy_choices
from .deciding import Decided, Deciding
from .figures import PlaceFigures

POLICIES_AT_ONCE = 16
"""Policies of curves that are decided before another question may be: they share one look at the people."""

MOST_DECIDED, MOST_COUNTED = 32, 2048
"""Settings whose answers are kept: whole ones, and key figures of every place."""


class PolicySession:
    """What a page asks. choices: the policies that it can choose."""

    def __init__(self, run: Run, choices: Choices[AnyPolicy], deciding: Deciding) -> None:
        self.run, self.choices = run, choices
        self._deciding = deciding
        self._decided = Latest[Decided](MOST_DECIDED)
        self._counted = Latest[Int64s](MOST_COUNTED)

    @property
    def own(self) -> PolicySetting:
        """The run's setting."""
        return self.choices.own

    @property
    def counties(self) -> tuple[str, ...]:
        """The counties that can be picked."""
        return self._deciding.counties

    @property
    def sexes(self) -> tuple[str, ...]:
        """The groups of sex, in the order of figures."""
        return self._deciding.sexes

    def figures(self, setting: PolicySetting, county: str | None) -> PlaceFigures:
        """Return the figures of a county, or of the state."""
        policy = setting.policy
        found = self._decided.get(policy, lambda: self._deciding.decide(policy))
        return PlaceFigures.of(policy, found, self._scope(county))

    def by_county(self, setting: PolicySetting) -> Int64s:
        """Return each county's own: convictions, dismissed, reduced, people, MEASURES. Shape (counties, 8)."""
        rows = []
        for county in self.counties:
            convictions, dismissed, reduced, _, *people = key_figures(self.figures(setting, county))
            rows.append([convictions, dismissed, reduced, *people])
        return np.array(rows, np.int64).reshape(len(self.counties), -1)

    def curves(self, setting: PolicySetting, county: str | None) -> tuple[Curve, ...]:
        """Count a county, or the state, over each number, all other parameters as they are."""
        wanted = {
            name: {
                value: setting.with_value(name, value).policy for value in steps(parameter, setting.values[name])
            }
            for name, parameter in setting.choice.parameters.items()
            if parameter.kind == NUMBER
        }
        counted = self._key_counts([policy for policies in wanted.values() for policy in policies.values()])
        scope = self._scope(county)
        return tuple(
            Curve(
                name,
                tuple(policies),
                tuple(_key_figures(counted[policy][scope]) for policy in policies.values()),
                setting.choice.parameters[name].off,
            )
            for name, policies in wanted.items()
        )

    def _key_counts(self, policies: Sequence[AnyPolicy]) -> Mapping[AnyPolicy, Int64s]:
        """Return the key counts of every place under each policy; other questions are answered in between."""
        return self._counted.get_all(policies, lambda policy: policy, self._deciding.key_counts, POLICIES_AT_ONCE)

    def _scope(self, county: str | None) -> int:
        return len(self.counties) if county is None else self.counties.index(county)


def _key_figures(counts: Int64s) -> tuple[int, ...]:
    """Return figures in the order of `answers.KEY_WORDS`."""
    convictions = counts[:3].tolist()
    return (sum(convictions), *convictions, *counts[3:].tolist())


def open_policy_session(
    run: Run, policies: Sequence[str] = (), *, progress: ProgressCallback | None = None
) -> PolicySession:
    """Read the store that a run was made from, once.

    policies: paths of policy files that can be chosen beside the run's own policy and the packs.

    Raises PolicyError for a file that states no policy over convictions; RunError if this version decides otherwise
    than the run; StoreError if the store is not where it was.
    """
    choices = policy_choices(recorded_policy(run), policies)
    session = PolicySession(run, choices, Deciding(snapshot_of(run), as_of_day(run.info["as_of"]), progress))
    require_same(run, partial(_counted, session))
    return session


def _counted(session: PolicySession, county: str | None) -> tuple[Int64s, int]:
    found = session.figures(session.own, county)
    return found.people, int(found.outcomes.sum())
