"""A finished sweep as a reader sees it."""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import pyarrow as pa

from clearscale.errors import RunError
from clearscale.io.files import Folder
from clearscale.io.paths import StrPath
from clearscale.policy import gogen_policy

from .cube import Cube, read_cube
from .option_family import family_of

TABLE, FRONTIER = "policies.parquet", "frontier.parquet"
TABLE_CSV, FRONTIER_CSV = "policies.csv", "frontier.csv"
CHART, CUBE = "chart.html", "cube.npz"

INFO = "sweep.json"
"""Written last: a folder without it holds no finished sweep."""


@dataclass(frozen=True, repr=False)
class Sweep:
    """A sweep's folder. info: what the sweep was given and how long it took (`sweep.json`)."""

    folder: Folder
    info: dict[str, Any]

    def __repr__(self) -> str:
        policies, as_of, snapshot = (self.info[key] for key in ("policies", "as_of", "snapshot"))
        return f"Sweep({self.folder.url!r}, policies={policies}, as_of={as_of!r}, snapshot={snapshot!r})"

    def table(self) -> pa.Table:
        """A row a scope and policy: scope, county, the parameters, the figures."""
        return self.folder.read_parquet(TABLE)

    def frontier(self) -> pa.Table:
        """The policies that no other beats in both measures. Raises RunError if they were not asked for."""
        if self.info["frontier"] is None:
            raise RunError(f"{self.folder.url}: the sweep has no frontier; make one with --frontier A,B")
        return self.folder.read_parquet(FRONTIER)

    @cached_property
    def cube(self) -> Cube:
        """What answers any eligibility options, also those that were not swept.

        Raises RunError if the sweep was over other policies.
        """
        if not self.info["cube"]:
            raise RunError(f"{self.folder.url}: has no cube, which only sweeps over eligibility options leave")
        return read_cube(self.folder, CUBE)

    def look_up(self, options: Mapping[str, Any], county: str | None = None) -> dict[str, int]:
        """The figures of any eligibility options, statewide or of a county, without the store.

        Raises PolicyError for options that are none, RunError without a cube or for an unknown county.
        """
        grid = family_of(gogen_policy(dict(options)))
        assert grid is not None
        return {name: int(values[0]) for name, values in self.cube.figures(grid, county).items()}


def open_sweep(url: StrPath) -> Sweep:
    """The sweep at a path or URL. Raises RunError if there is none, or it did not finish."""
    url = os.fspath(url)
    folder = Folder(url)
    if not folder.exists(INFO):
        raise RunError(f"{url}: there is no finished sweep; make one with `clearscale sweep --out {url} ...`")
    return Sweep(folder, folder.read_json(INFO))
