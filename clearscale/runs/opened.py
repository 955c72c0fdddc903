"""A finished run as a reader sees it."""

from dataclasses import dataclass
from typing import Any

import pyarrow as pa

from clearscale.drawing.tables import html_table
from clearscale.errors import RunError
from clearscale.io.far import both
from clearscale.io.files import Folder
from clearscale.io.options import StorageOptions, use_options
from clearscale.io.paths import StrPath, path_text
from clearscale.store.ledger import read_ledger, why_void
from clearscale.store.manifest import CHARGES, HOLDS

from .figures import statewide_figures, statewide_title
from .finished import FinishedRun, info_in
from .located import located
from .logged import logged_once

COUNTIES = "counties.json"
TABLES = {name: f"tables/{name}.parquet" for name in ("convictions", "people", "flags")}
"""The count tables of a run, and their files."""


@dataclass(frozen=True, repr=False)
class Run(FinishedRun):
    """A finished run.

    `docs/concepts/store.md` lists the columns of its tables and the keys of its figures.

    Attributes
    ----------
    folder : Folder
        Where the run lies; `folder.url` is its path or URL.
    info : dict of str to object
        What the run was given and how long it took: the content of `run.json`, with the store where it lies now.
    found : bool
        Whether the call that was to make the run found it finished.

    Examples
    --------
    >>> import clearscale
    >>> run = clearscale.open_run("runs/july")
    >>> run.table("people").column_names[:5]
    ['scope', 'county', 'race', 'sex', 'age']
    """

    @property
    def counties(self) -> dict[str, dict[str, Any]]:
        """Figures of each county, by its name: the content of `counties.json`."""
        documents: dict[str, dict[str, Any]] = self.files.read_json(COUNTIES)
        return documents

    def _repr_html_(self) -> str:
        """The figures of the state, for a notebook."""
        return html_table(statewide_title(self), statewide_figures(self))

    def table(self, name: str) -> pa.Table:
        """A table of counts.

        Parameters
        ----------
        name : {"convictions", "people", "flags"}
            What is counted.

        Returns
        -------
        pyarrow.Table
            A row for each combination of county, outcome, race, sex, age and so on that occurs, with int64 counts.

        Raises
        ------
        RunError
            If there is no such table, or its file is damaged or missing.
        """
        if name not in TABLES:
            raise RunError(f"'{name}' is no table of a run; there are {', '.join(TABLES)}")
        return self.files.read_parquet(TABLES[name])

    def decisions(self, extract: str | None = None, *, decoded: bool = False) -> pa.Table:
        """Decisions in file order, of one extract or of all.

        Parameters
        ----------
        extract : str, optional
            The extract's id.
        decoded : bool, default False
            Whether flags are lists of texts; otherwise they are texts that `;` divides, as the files have them.

        Returns
        -------
        pyarrow.Table
            A row a conviction: `extract`, `row`, `county`, `offense`, `section`, `determination`, `reason`,
            `flags`, `county_figure` and `state_figure`. Those of all extracts follow the order of the manifest.

        Raises
        ------
        RunError
            If the run has no such extract, or a file is damaged or missing.
        """
        logged_once(self)
        found = decisions_of(self, extract)
        return with_lists_of_flags(found) if decoded else found


def with_lists_of_flags(table: pa.Table) -> pa.Table:
    """Decisions with their flags as lists of texts instead of texts that `;` divides."""
    place = table.column_names.index("flags")
    coded = table.column("flags").combine_chunks()
    lists = pa.array([text.split(";") if text else [] for text in coded.dictionary.to_pylist()], _FLAGS)
    return table.set_column(place, pa.field("flags", _FLAGS, nullable=False), lists.take(coded.indices))


_FLAGS = pa.list_(pa.string())


def decisions_of(run: Run, extract: str | None = None) -> pa.Table:
    """The same as `Run.decisions`, for commands that tell the store's log by themselves."""
    places: dict[str, dict[str, Any]] = run.info["decisions"]
    if extract is None:
        files = dict.fromkeys(place["file"] for place in places.values())
        return pa.concat_tables([run.files.read_parquet(name) for name in files]).unify_dictionaries()
    if extract not in places:
        raise RunError(f"the run has no extract '{extract}'; it has: {', '.join(places)}")
    name, first = places[extract]["file"], 0
    for extract_id, place in places.items():
        if extract_id == extract:
            break
        first += place["count"] if place["file"] == name else 0
    return run.files.read_parquet(name).slice(first, places[extract]["count"])


def require_valid(folder: Folder, info: dict[str, Any]) -> None:
    """Raise RunError if records that a result was made from were destroyed since.

    folder: of the result. info: of it, with `store` and `snapshot`. A store that cannot be reached is not asked.
    """
    if (why := why_void(info["store"], info["snapshot"])) is not None:
        raise RunError(f"{folder.url}: {why}")


def open_run(url: StrPath, store: StrPath | None = None, *, storage_options: StorageOptions | None = None) -> Run:
    """Open a run that has finished.

    Parameters
    ----------
    url : str or os.PathLike
        Path or URL of the run.
    store : str or os.PathLike, optional
        Where the run's store lies, if it was moved alone. Where both were moved together, it is found.
    storage_options : mapping of str to object, optional
        What fsspec makes its file system of the URL with, such as `{"profile": "research"}` for S3. It holds for
        all storages of this kind, in this process, from then on; workers elsewhere have their own.

    Returns
    -------
    Run
        The run.

    Raises
    ------
    RunError
        If there is none, it did not finish, its `run.json` is damaged, records that it was made from were
        destroyed since, or `store` does not hold the snapshot that it was made from.
    StorageError
        If an object storage refuses, or cannot be reached.

    Examples
    --------
    >>> import clearscale
    >>> clearscale.open_run("runs/july").info["as_of"]
    '2020-07-01'
    """
    use_options(path_text(url, "url"), storage_options)
    folder = Folder.rooted(path_text(url, "url"))
    info = located(folder, _info(folder), store)
    require_valid(folder, info)
    return Run(folder, info)


def run_in(folder: Folder, store: Folder) -> Run:
    """The run that has just finished in a folder. store: what it is of. Raises as `open_run`."""
    info, ledger = both(folder, lambda: _info(folder), lambda: read_ledger(store))
    if (why := ledger.why_void(info["snapshot"])) is not None:
        raise RunError(f"{folder.url}: {why}")
    return Run(folder, info)


def _info(folder: Folder) -> dict[str, Any]:
    info = info_in(folder)
    if info.get(HOLDS) == CHARGES:
        raise RunError(
            f"{folder.url}: the run is over charges, and this is about runs over convictions; in Python, "
            "`clearscale.open_charge_run` opens it"
        )
    return info
