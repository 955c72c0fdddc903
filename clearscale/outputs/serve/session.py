"""A run opened for queries: its store's people and convictions, and what of them may be shown."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from clearscale.dates import as_of_day
from clearscale.encoding import readable
from clearscale.errors import RunError
from clearscale.policy import Policy
from clearscale.runs import Run, summary_keys
from clearscale.runs.recorded import other_version, recorded_policy
from clearscale.runs.snapshots import SharedSnapshot, shared_snapshot
from clearscale.runs.stores import open_store_of
from clearscale.runs.tally import MEASURES
from clearscale.small_counts import SUPPRESS_BELOW
from clearscale.whatif.sweep.histogram import ChargeKinds, Scopes
from clearscale.whatif.sweep.option_family import EVERYTHING, Grid, family_of
from clearscale_cluster import ProgressCallback
from clearscale_kernels.arrays import Int64s

from .counting import PolicyFigures, count, count_counties
from .population import Population, Setting, columns_of, join_columns

GROUP = SUPPRESS_BELOW
"""How many people a group is of. No setting changes it: groups of two sizes would tell more than those of one."""

REFERENCE = Grid((0,), (0,), *((axis[len(axis) // 2],) for axis in list(EVERYTHING.axes.values())[2:]))
"""The policy under which those who are put in a group are alike: no section as a whole, each option at its middle.
It is nobody's, so that groups do not depend on the run."""

CANDIDATES_AT_ONCE = 2**17
"""Candidates that are read at a time."""


@dataclass(frozen=True)
class Session:
    """What a page asks. own: the run's setting. population: what may be shown, nothing else of the store is kept.

    published: people are taken together in groups of GROUP; otherwise every count is shown.
    """

    run: Run
    own: Grid
    population: Population
    published: bool = False

    @property
    def counties(self) -> tuple[str, ...]:
        """The counties that can be picked."""
        return self.population.counties

    def figures(self, grid: Grid, county: str | None, *, by_who: bool = False) -> PolicyFigures:
        """Return the figures of a county, or of the state, under a policy. by_who: by sex and age, too."""
        return count(self.population, Setting.of(grid), county, by_who=by_who)

    def own_figures(self, county: str | None) -> PolicyFigures:
        """Return the figures under the run's policy."""
        if county not in self._own:
            self._own[county] = self.figures(self.own, county)
        return self._own[county]

    @cached_property
    def _own(self) -> dict[str | None, PolicyFigures]:
        return {}

    def by_county(self, grid: Grid) -> Int64s:
        """Return each county's own figures; see `count_counties`."""
        return count_counties(self.population, Setting.of(grid))


def open_session(run: Run, *, published: bool = False, progress: ProgressCallback | None = None) -> Session:
    """Read the store that a run was made from, once.

    published: count in groups. They are the same for every run over a snapshot and an as-of date, so that pages of
    two runs say no more together than one of them.

    Raises RunError for a run of another policy than eligibility options and if this version counts otherwise than
    the run; StoreError if the store is not where it was.
    """
    own = _options_of(run)
    store = open_store_of(run)
    as_of = as_of_day(run.info["as_of"])
    about = shared_snapshot(store.folder, store.manifest.snapshot)
    population = _population(about, as_of, progress)
    _require_same(run, population, own)
    if published:
        population = population.microaggregated(GROUP, Setting.of(REFERENCE))
    return Session(run, own, population, published)


def _options_of(run: Run) -> Grid:
    policy = recorded_policy(run)
    found = family_of(policy) if isinstance(policy, Policy) else None
    if found is not None:
        return found
    parameters = [name for name, _ in policy.parameters] if isinstance(policy, Policy) else []
    instead = f"`clearscale report --run {run.folder.url}` writes this run's page"
    if parameters:
        instead += (
            f", and `clearscale sweep --policy {policy.id} --vary {parameters[0]}=...` counts what other settings "
            f"of its parameters would do ({', '.join(parameters)})"
        )
    raise RunError(
        f"{run.folder.url}: was made with '{policy.title}' ({policy.id}); serve moves the counties' eligibility "
        f"options and needs a run of such options. {instead}"
    )


def _population(about: SharedSnapshot, as_of: int, progress: ProgressCallback | None) -> Population:
    store = about.store
    manifest = store.manifest
    scopes = Scopes.of(store, by_county=True)
    kinds, race, sex = ChargeKinds.of(about.charge_flags, about.sections), about.labels.race, about.labels.sex
    size = max(1, manifest.buckets * CANDIDATES_AT_ONCE // max(manifest.counts["candidates"], 1))
    parts = []
    for first in range(0, manifest.buckets, size):
        buckets = range(first, min(first + size, manifest.buckets))
        caseload = about.caseload_of_buckets(buckets)
        parts.append(columns_of(caseload, kinds, scopes.of_extract, race, sex, as_of))
        if progress is not None:
            progress(buckets.stop, manifest.buckets, "read people and convictions")
    return join_columns(parts, scopes.counties, tuple(sex.texts))


def _require_same(run: Run, population: Population, own: Grid) -> None:
    """Raise RunError if the figures counted here are not those of the run."""
    summaries: dict[str | None, Mapping[str, Any]] = {None: run.summary}
    summaries |= {readable(county): summary for county, summary in run.counties.items()}
    for county, summary in summaries.items():
        found = count(population, Setting.of(own), county)
        people = summary_keys.people(summary)
        wanted = [people[measure] for measure in MEASURES]
        convictions = list(summary[summary_keys.BY_SECTION].values())
        if [*found.people[:, 1:].sum(axis=0)] != wanted or found.decided.sum() != sum(convictions):
            raise RunError(f"{run.folder.url}: its summary differs from its store's people; {other_version(run)}")
