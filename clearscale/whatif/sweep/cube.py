"""The answers to every policy of the counties' eligibility options: prefix sums over a histogram, looked up.

`docs/concepts/sweep.md` says why the answers are exact.
"""

import io
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property
from math import prod

import numpy as np

from clearscale.errors import RunError
from clearscale.io.files import Folder
from clearscale.io.seals import Seal
from clearscale.law import state
from clearscale.policy.county_options import relief_options
from clearscale.runs.crosstabs import CellCounts
from clearscale.runs.tally import MEASURES, RECENT_YEARS
from clearscale_kernels.arrays import Int32s, Int64s
from clearscale_kernels.policy.prefix_sums import sum_up, survivors
from clearscale_kernels.policy.profiles import SETS, count_left_out, scopes_of

from .histogram import CELLS, SIZES, ChargeKinds, Histogram
from .option_family import Grid, reduced

_SECTIONS = state().charges.sections

FORMAT = 1
"""Version of the file's layout."""

_CUBE = (*SIZES[:3], prod(SIZES[3:]))
"""A cube as kernels take it; see `prefix_sums.sum_up`."""

FIGURES = (
    "convictions_dismissed",
    "convictions_reduced",
    *(f"dismissed_{section}" for section in _SECTIONS),
    *(f"reduced_{section}" for section in _SECTIONS),
    *(f"people_{measure}" for measure in MEASURES),
)
"""What is counted under each policy: Prop 64 convictions in all and by leftmost section, people by MEASURES."""

Figures = dict[str, Int64s]


@dataclass(frozen=True)
class Cube:
    """A store's histogram on an as-of date, and the prefix sums made from it.

    counties: those that figures can be had for, beside the state; none if the sweep was statewide.
    """

    histogram: Histogram
    kinds: ChargeKinds
    counties: tuple[str, ...]
    _held: dict[int, Int32s] = field(default_factory=dict, repr=False, compare=False)

    def scope(self, county: str | None = None) -> int:
        """Return the place of a county, or of the state. Raises RunError for a county that the cube lacks."""
        if county is None:
            return len(self.counties)
        if county not in self.counties:
            known = ", ".join(self.counties) or "none; sweep with --by-county"
            raise RunError(f"the sweep has no county '{county}'; it has: {known}")
        return self.counties.index(county)

    def figures(self, grid: Grid, county: str | None = None) -> Figures:
        """Return FIGURES of a county or the state under each policy of the grid. Shapes (policies,)."""
        scope = self.scope(county)
        axes = places_of(grid)
        result = {name: np.empty((*grid.shape[:2], *axes_shape(axes)), np.int64) for name in FIGURES}
        people = self._people(scope)
        for d, dismiss in enumerate(grid.dismiss):
            for r, reduce in enumerate(grid.reduce):
                decided = dismiss | reduced(dismiss, reduce)
                for name, values in self._convictions(scope, dismiss, decided, axes).items():
                    result[name][d, r] = values
                for place, measure in enumerate(MEASURES):
                    named = decided if place < 2 else dismiss
                    left_out = people[place, named][np.ix_(*axes)]
                    result[f"people_{measure}"][d, r] = self.histogram.eligible[scope, place] - left_out
        return {name: values.reshape(grid.size) for name, values in result.items()}

    @cached_property
    def _survivors(self) -> tuple[Int64s, Int32s]:
        """Return the place of the cube of each scope and group, -1 without felonies, and the cubes."""
        cubes = Survivors.of(self.histogram.felonies)
        places = np.full(self.histogram.totals.shape[0] * self.kinds.groups.size, -1, np.int64)
        places[cubes.kinds] = np.arange(cubes.kinds.size)
        return places.reshape(self.histogram.totals.shape[0], -1), cubes.sums.reshape(-1, *SIZES)

    def _convictions(self, scope: int, dismiss: int, decided: int, axes: Sequence[Int64s]) -> Figures:
        """Count convictions dismissed and reduced, over the options but the sets. Shapes as the axes."""
        places, cubes = self._survivors
        left = np.zeros((2, len(_SECTIONS), *axes_shape(axes)), np.int64)
        for group, place in zip(self.kinds.groups.tolist(), places[scope].tolist(), strict=True):
            named, section = divmod(group, 4)
            if place < 0 or named & dismiss:
                continue
            surviving = cubes[place][np.ix_(*axes)]
            left[0, section] += surviving
            if not named & decided:
                left[1, section] += surviving
        found: Figures = {}
        for place, section in enumerate(_SECTIONS):
            found[f"dismissed_{section}"] = self.histogram.totals[scope, :, place].sum() - left[0, place]
            found[f"reduced_{section}"] = left[0, place] - left[1, place]
        for relief in ("dismissed", "reduced"):
            parts = [found[f"{relief}_{section}"] for section in _SECTIONS]
            found[f"convictions_{relief}"] = np.sum(parts, axis=0)
        return found

    def _people(self, scope: int) -> Int32s:
        """Count people left out of each measure: shape (4, SETS, *SIZES)."""
        if scope in self._held:
            return self._held[scope]
        of_scope = scopes_of(self.histogram.profiles)
        first, last = np.searchsorted(of_scope, [scope, scope + 1])
        cubes = left_out(self.histogram.profiles[first:last], self.histogram.people[first:last], self.kinds)
        # One scope's at a time: they are 14 MB each.
        self._held.clear()
        return self._held.setdefault(scope, cubes.reshape(len(MEASURES), SETS, *SIZES))


@dataclass(frozen=True)
class Survivors:
    """Felonies that survive each policy. kinds: shape (n,), those that occur. sums: shape (n, *_CUBE)."""

    kinds: Int64s
    sums: Int32s

    @classmethod
    def of(cls, felonies: CellCounts) -> "Survivors":
        """Sum up a histogram's felonies: a cube for each scope and group that has any."""
        kinds, cells = np.divmod(felonies.keys, CELLS)
        firsts = np.flatnonzero(np.diff(kinds, prepend=-1))
        sums = np.empty((firsts.size, *_CUBE), np.int32)
        bounds = np.append(firsts, kinds.size).astype(np.int64)
        survivors(bounds, cells, np.ascontiguousarray(felonies.counts[:, 0]), sums)
        return cls(kinds[firsts], sums)


def left_out(profiles: Int64s, people: Int64s, kinds: ChargeKinds, measures: int = 15) -> Int32s:
    """Count people left out of each measure under each policy. measures: bits of those to count.

    Shape (4, SETS, *_CUBE): the set of sections (of those dismissed or reduced for the first two measures,
    of those dismissed for the others), then the options.
    """
    cubes = np.zeros((len(MEASURES), SETS, *_CUBE), np.int32)
    count_left_out(profiles, people, kinds.sets, measures, RECENT_YEARS, cubes)
    wanted = [place for place in range(len(MEASURES)) if measures >> place & 1]
    for place in wanted:
        sum_up(cubes[place].reshape(-1, 1, *_CUBE[1:]))
    return cubes


def axes_shape(axes: Sequence[Int64s]) -> tuple[int, ...]:
    """Return the shape of what `numpy.ix_` of the axes picks."""
    return tuple(axis.size for axis in axes)


def places_of(grid: Grid) -> list[Int64s]:
    """Return the place of each setting on its axis, for each option but the sets. Off is the last."""
    return [
        np.array([option.place(setting) for setting in grid.axes[option.name]], np.int64)
        for option in relief_options()
    ]


def write_cube(folder: Folder, name: str, cube: Cube) -> Seal:
    """Write the histogram as a compressed file of NumPy's; the prefix sums are made again in milliseconds.

    Returns the file's seal.
    """
    sink = io.BytesIO()
    histogram = cube.histogram
    np.savez_compressed(
        sink,
        format=np.array(FORMAT),
        counties=np.array(cube.counties, np.str_),
        groups=cube.kinds.groups,
        sets=cube.kinds.sets,
        totals=histogram.totals,
        eligible=histogram.eligible,
        felony_cells=histogram.felonies.keys,
        felonies=histogram.felonies.counts,
        profiles=histogram.profiles,
        people=histogram.people,
    )
    return folder.write(name, sink.getbuffer())


def read_cube(folder: Folder, name: str) -> Cube:
    """Read the cube of a sweep. Raises RunError if the file is of another version."""
    with np.load(io.BytesIO(folder.read(name)), allow_pickle=False) as file:
        if int(file["format"]) != FORMAT:
            raise RunError(f"{folder.url}/{name}: is of another version; make the sweep again")
        kinds = ChargeKinds(file["groups"], file["sets"])
        felonies = CellCounts(file["felony_cells"], file["felonies"])
        histogram = Histogram(file["totals"], file["eligible"], felonies, file["profiles"], file["people"])
        return Cube(histogram, kinds, tuple(str(county) for county in file["counties"]))
