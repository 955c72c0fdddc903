"""A finished sweep as a reader sees it."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from clearscale.drawing.tables import html_table
from clearscale.errors import RunError
from clearscale.io.files import Folder
from clearscale.io.folders import is_another, near_folder
from clearscale.io.options import StorageOptions, use_options
from clearscale.io.paths import StrPath, path_text
from clearscale.io.sealed import Guard, SealedFolder, open_finished, sealed
from clearscale.policy import Policy, choose
from clearscale.policy.recorded import policy_from
from clearscale.runs.opened import require_valid
from clearscale.store.manifest import CHARGES, HOLDS

from .charted import Charted
from .cube import Cube, read_cube
from .option_family import family_of
from .settings import MOST_RECORDED

TABLE, FRONTIER = "policies.parquet", "frontier.parquet"
TABLE_CSV, FRONTIER_CSV = "policies.csv", "frontier.csv"
CHART, CUBE = "chart.html", "cube.npz"
PAGE = "page.json"
"""What the chart is about, and its policies in full, so that a report can be judged with it."""

INFO = "sweep.json"
"""Written last: a folder without it holds no finished sweep."""

GUARD = Guard(RunError, "sweep", "run the same `clearscale sweep` command again, which makes the sweep anew")
"""What to do about damage in a sweep."""


_SHOWN = ("convictions_", "charges_", "people_")
"""Columns that a notebook shows of a sweep, by how they begin."""

_MOST_SHOWN = 32


@dataclass(frozen=True, repr=False)
class Sweep:
    """A finished sweep.

    Attributes
    ----------
    folder : Folder
        Where the sweep lies; `folder.url` is its path or URL.
    info : dict of str to object
        What the sweep was given and how long it took: the content of `sweep.json`.

    Examples
    --------
    >>> import clearscale
    >>> sweep = clearscale.open_sweep("sweeps/ages")
    >>> import json, pathlib
    >>> options = json.loads(pathlib.Path("policy.json").read_text())
    >>> options["additionalRelief"]["subjectAgeThreshold"] = 44
    >>> sorted(sweep.look_up(options))[0]
    'convictions_dismissed'
    """

    folder: Folder
    info: dict[str, Any]

    def __repr__(self) -> str:
        policies, as_of, snapshot = (self.info[key] for key in ("policies", "as_of", "snapshot"))
        return f"Sweep({self.folder.url!r}, policies={policies}, as_of={as_of!r}, snapshot={snapshot!r})"

    def _repr_html_(self) -> str:
        """The state's figures of each policy, or of the first, for a notebook."""
        table = self.table()
        state = table.filter(pc.equal(table.column("scope").cast(pa.string()), "state"))
        axes = [name for name in self.info["parameters"] if name in state.column_names]
        figures = [
            name for name in state.column_names if name.startswith(_SHOWN) and pc.max(state.column(name)).as_py()
        ]
        rows = [list(row.values()) for row in state.select([*axes, *figures]).slice(0, _MOST_SHOWN).to_pylist()]
        left = f", of which these are the first {_MOST_SHOWN}" if state.num_rows > _MOST_SHOWN else ""
        title = f"Statewide, {self.info['title']}, as of {self.info['as_of']}: {state.num_rows:,} policies{left}"
        return html_table(title, rows, [name.replace("_", " ") for name in (*axes, *figures)])

    @cached_property
    def files(self) -> SealedFolder:
        """The sweep's files; damaged ones are a RunError."""
        return sealed(self.folder, INFO, self.info, GUARD)

    def table(self) -> pa.Table:
        """The figures of every policy.

        Returns
        -------
        pyarrow.Table
            A row a scope and policy: `scope` (`county` or `state`), `county`, a column for each parameter, and the
            figures (int64).

        Raises
        ------
        RunError
            If its file is damaged or missing.
        """
        return self.files.read_parquet(TABLE)

    def frontier(self) -> pa.Table:
        """The policies that no other beats in both figures.

        Returns
        -------
        pyarrow.Table
            Rows as in `table`, best in the first figure first, and `point`: rows with the same two figures have the
            same number.

        Raises
        ------
        RunError
            If the sweep was made without `frontier`, or its file is damaged or missing.
        """
        if self.info["frontier"] is None:
            raise RunError(f"{self.folder.url}: the sweep has no frontier; make one with --frontier A,B")
        return self.files.read_parquet(FRONTIER)

    @cached_property
    def cube(self) -> Cube:
        """What answers `look_up`. Raises RunError if the sweep was over other policies than eligibility options."""
        if not self.info["cube"]:
            raise RunError(f"{self.folder.url}: has no cube, which only sweeps over eligibility options leave")
        return read_cube(self.files, CUBE)

    @cached_property
    def charted(self) -> tuple[Charted, dict[int, Policy]]:
        """What the chart is about, and its policies by their places among all.

        Raises RunError if the chart has too many for a report to be judged with it, the sweep is over charges, or
        an earlier version made it.
        """
        if self.info.get(HOLDS) == CHARGES:
            raise RunError(f"{self.folder.url}: is over charges: its page has exact counts, and none is judged")
        page = self.files.read_json(PAGE) if PAGE in self.files.names() else {}
        if not page:
            raise RunError(
                f"{self.folder.url}: its chart cannot be judged with a report: "
                + (
                    f"it has more than {MOST_RECORDED} policies; vary fewer settings"
                    if page is None
                    else "the sweep is of an earlier version; make it again"
                )
            )
        policies = {int(number): policy_from(document) for number, document in page["policies"].items()}
        charted = Charted(self.info["title"], self.info["as_of"], page["axes"], tuple(page["base"]))
        return charted, {number: policy for number, policy in policies.items() if isinstance(policy, Policy)}

    def look_up(self, options: Mapping[str, Any], county: str | None = None) -> dict[str, int]:
        """The figures of any eligibility options, swept or not, without the store.

        Parameters
        ----------
        options : mapping of str to object
            Eligibility options, as in their JSON file.
        county : str, optional
            A county, if the sweep counted each; otherwise the state.

        Returns
        -------
        dict of str to int
            The figures, named as in `table`.

        Raises
        ------
        PolicyError
            If the options are none, or something is wrong with them.
        RunError
            If the sweep was over other policies than eligibility options, has no such county, or its file is
            damaged or missing.
        """
        policy = choose(options).policy
        assert isinstance(policy, Policy)
        grid = family_of(policy)
        assert grid is not None
        return {name: int(values[0]) for name, values in self.cube.figures(grid, county).items()}


def open_sweep(url: StrPath, *, storage_options: StorageOptions | None = None) -> Sweep:
    """Open a sweep that has finished.

    Parameters
    ----------
    url : str or os.PathLike
        Path or URL of the sweep.
    storage_options : mapping of str to object, optional
        What fsspec makes its file system of the URL with, such as `{"profile": "research"}` for S3. It holds for
        all storages of this kind, in this process, from then on; workers elsewhere have their own.

    Returns
    -------
    Sweep
        The sweep.

    Raises
    ------
    RunError
        If there is none, it did not finish, its `sweep.json` is damaged, or records that it was made from were
        destroyed since.
    StorageError
        If an object storage refuses, or cannot be reached.

    Examples
    --------
    >>> import clearscale
    >>> clearscale.open_sweep("sweeps/ages").info["policies"]
    3
    """
    use_options(path_text(url, "url"), storage_options)
    folder = Folder.rooted(path_text(url, "url"))

    def absent() -> str:
        if another := is_another(folder.url):
            return f"{folder.url}: there is no finished sweep, it is {another}; name the sweep's folder"
        made = f"make one with `clearscale sweep --out {folder.url} ...`"
        return f"{folder.url}: there is no finished sweep; {made}{near_folder(folder.url, INFO)}"

    info = open_finished(folder, INFO, GUARD, absent)
    require_valid(folder, info)
    return Sweep(folder, info)
