"""A run opened for queries: its store's people and convictions, and what of them may be shown."""

from dataclasses import dataclass
from functools import cached_property, partial

from clearscale.dates import as_of_day
from clearscale.errors import RunError
from clearscale.runs import Run
from clearscale.runs.snapshots import SharedSnapshot
from clearscale.small_counts import SUPPRESS_BELOW
from clearscale.whatif.sweep.histogram import ChargeKinds, Scopes
from clearscale.whatif.sweep.option_family import EVERYTHING, Grid
from clearscale_cluster import ProgressCallback
from clearscale_kernels.arrays import Int64s

from .counting import PolicyFigures, count, count_counties
from .opening import caseloads, options_of, require_same, snapshot_of
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
    own = options_of(run)
    if own is None:
        raise RunError(f"{run.folder.url}: was not made with the counties' eligibility options")
    population = _population(snapshot_of(run), as_of_day(run.info["as_of"]), progress)
    require_same(run, partial(_counted, population, Setting.of(own)))
    if published:
        population = population.microaggregated(GROUP, Setting.of(REFERENCE))
    return Session(run, own, population, published)


def _population(about: SharedSnapshot, as_of: int, progress: ProgressCallback | None) -> Population:
    scopes = Scopes.of(about.store, by_county=True)
    kinds, race, sex = ChargeKinds.of(about.charge_flags, about.sections), about.labels.race, about.labels.sex
    parts = [
        columns_of(caseload, kinds, scopes.of_extract, race, sex, as_of)
        for caseload in caseloads(about, CANDIDATES_AT_ONCE, progress)
    ]
    return join_columns(parts, scopes.counties, tuple(sex.texts))


def _counted(population: Population, setting: Setting, county: str | None) -> tuple[Int64s, int]:
    found = count(population, setting, county)
    return found.people, int(found.decided.sum())
