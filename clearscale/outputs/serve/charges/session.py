"""A run over charges opened for any policy: what its store's charges come to at a setting."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

from clearscale.law import state, state_names
from clearscale.law.states import State
from clearscale.outputs.disclosure.charges import STATE
from clearscale.outputs.report.charges.counting import relieved_of
from clearscale.outputs.report.charges.view import Place, ReportedRun, View
from clearscale.outputs.serve.curves import Curve
from clearscale.outputs.serve.latest import Latest
from clearscale.outputs.serve.opening import require_same_charges
from clearscale.outputs.serve.windows import steps
from clearscale.policy.parameters import NUMBER
from clearscale.relief import ChargePolicy
from clearscale.relief.many import Asked
from clearscale.runs.charges import ChargeRun
from clearscale.runs.charges.recorded import recorded_policy
from clearscale.runs.stores import open_charges_of
from clearscale.store.charge_manifest import map_in
from clearscale.whatif.sweep.charges.plan import figures_of
from clearscale_cluster import ProgressCallback
from clearscale_kernels.arrays import Int64s

from .choices import ChargeChoices, DatedSetting
from .deciding import ALL, Deciding

POLICIES_AT_ONCE = 16
"""Policies of curves that are decided before another question may be: they share one look at the people."""

MOST_DECIDED, MOST_COUNTED = 32, 2048
"""Settings whose answers are kept: whole ones, and figures of curves."""

FIGURES = figures_of(ALL)
"""What is counted of each setting of a curve."""


@dataclass(frozen=True)
class Settled:
    """What a setting comes to, everywhere. reported: as its report has it."""

    reported: ReportedRun

    def view(self, place: Place) -> View:
        """Return a place."""
        return View(self.reported, place)

    def relieved(self, place: Place) -> int:
        """Return how many people have charges with relief, in the state or in a county."""
        return self._relieved.get(place, 0) if isinstance(place, str) else 0

    @cached_property
    def _relieved(self) -> dict[str, int]:
        return relieved_of(self.reported.run)


class ChargeSession:
    """What a page asks. choices: the policies that it can choose. state: the one whose files they are, if known."""

    def __init__(self, run: ChargeRun, choices: ChargeChoices, deciding: Deciding, state: State | None) -> None:
        self.run, self.choices, self.state = run, choices, state
        self._deciding = deciding
        self._settled = Latest[Settled](MOST_DECIDED)
        self._counted = Latest[Int64s](MOST_COUNTED)
        self.counties, self.courts, self.untold = deciding.counties, deciding.courts, deciding.untold

    @property
    def own(self) -> DatedSetting:
        """The run's setting."""
        return self.choices.own

    def settled(self, chosen: DatedSetting) -> Settled:
        """Return what a setting comes to."""
        policy, day = chosen.policy, chosen.day
        return self._settled.get(
            (policy, day), lambda: Settled(ReportedRun(self._deciding.decide(policy, day), None))
        )

    @property
    def everywhere(self) -> str:
        """Name all places together."""
        return "All charges" if self.state is None else f"All of {self.state.title}"

    def place_words(self, place: Place) -> str:
        """Name the state, a county, or a court."""
        name = self.settled(self.own).view(place).name
        return name or ("all places" if self.state is None else self.state.title)

    def policies_of(self, chosen: DatedSetting) -> list[ChargePolicy]:
        """Return all policies that curves are over."""
        return [policy for by_value in _over(chosen).values() for policy in by_value.values()]

    def curves(self, chosen: DatedSetting, place: Place) -> tuple[Curve, ...]:
        """Count a place over each number, all other parameters as they are: figures by FIGURES."""
        wanted = _over(chosen)
        counted = self._figures(self.policies_of(chosen), chosen.day, place)
        return tuple(
            Curve(
                name,
                tuple(by_value),
                tuple(counted[policy] for policy in by_value.values()),
                chosen.setting.choice.parameters[name].off,
            )
            for name, by_value in wanted.items()
        )

    def _figures(
        self, policies: Sequence[ChargePolicy], day: int, place: Place
    ) -> dict[ChargePolicy, tuple[int, ...]]:
        """Return the figures of a place under each policy; other questions are answered in between."""
        court = place if isinstance(place, tuple) else None
        found = self._counted.get_all(
            policies,
            lambda policy: (policy, day, court),
            lambda some: self._deciding.figures([Asked(policy, day) for policy in some], court),
            POLICIES_AT_ONCE,
        )
        at = 0 if court else -1 if place == STATE else self._deciding.code_of(str(place))
        return {policy: tuple(figures[at].tolist()) for policy, figures in found.items()}


def _over(chosen: DatedSetting) -> dict[str, dict[int, ChargePolicy]]:
    """The policies at each setting of each number."""
    values, parameters = chosen.setting.values, chosen.setting.choice.parameters
    return {
        name: {value: chosen.with_value(name, value).policy for value in steps(parameter, values[name])}
        for name, parameter in parameters.items()
        if parameter.kind == NUMBER
    }


def open_charge_session(
    run: ChargeRun, policies: Sequence[str] = (), *, progress: ProgressCallback | None = None
) -> ChargeSession:
    """Read the store that a run was made from, once.

    policies: paths of policy files that can be chosen beside the run's own policy and the packs.

    Raises PolicyError for a file that states no policy over charges; RunError if this version decides otherwise
    than the run; StoreError if the store is not where it was.
    """
    store = open_charges_of(run)
    name = str(map_in(store.manifest).document.get("state", ""))
    choices = ChargeChoices.of(recorded_policy(run), run.info["as_of"], name, policies)
    known = state(name) if name in state_names() else None
    session = ChargeSession(run, choices, Deciding(store, progress), known)
    require_same_charges(run, session.settled(session.own).reported.counts)
    return session
