"""A finished run over charges as a reader sees it."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import pyarrow as pa

from clearscale.drawing.tables import html_table
from clearscale.errors import RunError
from clearscale.io.files import Folder
from clearscale.io.options import StorageOptions, use_options
from clearscale.io.paths import StrPath, path_text
from clearscale.runs.finished import FinishedRun, info_in
from clearscale.runs.located import located
from clearscale.runs.opened import Run, require_valid
from clearscale.store.manifest import CHARGES, HOLDS

from .reading import read_decisions
from .unfolding import read_crosstab

TABLES = ("charges", "people", "missing", "crosstab")
"""The count tables of a run over charges."""

DUE = "due"
"""Charges that are not yet due by county and year: a table of the run's folder beside them."""


def table_file(name: str) -> str:
    """The file of a table."""
    return f"tables/{name}.parquet"


@dataclass(frozen=True, repr=False)
class ChargeRun(FinishedRun):
    """A finished run over charges.

    `docs/concepts/charges.md` lists the columns of its tables.

    Attributes
    ----------
    folder : Folder
        Where the run lies; `folder.url` is its path or URL.
    info : dict of str to object
        What the run was given and how long it took: the content of `run.json`, with the store where it lies now.
    found : bool
        Whether the call that was to make the run found it finished.
    """

    def _repr_html_(self) -> str:
        """The figures of the state, for a notebook."""
        summary = self.summary
        rows = [(name, count["charges"], count["people"]) for name, count in summary["outcomes"].items()]
        title = f"Statewide, {summary['policyTitle']}, as of {summary['asOf']}"
        return html_table(title, [row for row in rows if row[1]], ("outcome", "charges", "people"))

    def table(self, name: str) -> pa.Table:
        """A table of counts.

        Parameters
        ----------
        name : {"charges", "people", "missing", "crosstab"}
            Charges and people by place, outcome and reason; people by place, race, sex and age; undecided charges
            by place and what is missing; charges and people by all that is told of a charge. A place is the state,
            a county, or a court.

        Returns
        -------
        pyarrow.Table
            A row for each combination that occurs.

        Raises
        ------
        RunError
            If there is no such table, or its file is damaged or missing.
        """
        if name not in TABLES:
            raise RunError(f"'{name}' is no table of a run over charges; there are {', '.join(TABLES)}")
        if name == "crosstab" and table_file(name) not in self.files.seals:
            return self._crosstab
        return self.files.read_parquet(table_file(name))

    @cached_property
    def _crosstab(self) -> pa.Table:
        return read_crosstab(self.files)

    def __getstate__(self) -> dict[str, Any]:
        """What another process needs: not the tables."""
        return {name: value for name, value in vars(self).items() if name != "_crosstab"}

    def decisions(self) -> Iterator[pa.Table]:
        """Decisions, bucket by bucket.

        Yields
        ------
        pyarrow.Table
            A row each charge that the policy decides, `first_eligible` and what is `missing` among its columns.

        Raises
        ------
        RunError
            If a file is damaged or missing, or records that the run was made from were destroyed since.
        StoreError
            If the run's store, which knows what the charges are, is not where it was, or is damaged.
        """
        for bucket in range(len(self.info["decisions"])):
            yield read_decisions(self, bucket).table


def open_either(url: StrPath, store: StrPath | None = None) -> Run | ChargeRun:
    """Open a finished run, over convictions or over charges.

    Parameters
    ----------
    url : str or os.PathLike
        Path or URL of the run.
    store : str or os.PathLike, optional
        Where the run's store lies, if it was moved alone.

    Returns
    -------
    Run or ChargeRun
        The run.

    Raises
    ------
    RunError
        If there is none, it did not finish, its `run.json` is damaged, or records that it was made from were
        destroyed since.
    """
    folder = Folder.rooted(path_text(url, "url"))
    info = located(folder, info_in(folder), store)
    require_valid(folder, info)
    return ChargeRun(folder, info) if info.get(HOLDS) == CHARGES else Run(folder, info)


def open_charge_run(
    url: StrPath, store: StrPath | None = None, *, storage_options: StorageOptions | None = None
) -> ChargeRun:
    """Open a run over charges that has finished.

    Parameters
    ----------
    url : str or os.PathLike
        Path or URL of the run.
    store : str or os.PathLike, optional
        Where the run's store lies, if it was moved alone.
    storage_options : mapping of str to object, optional
        What fsspec makes its file system of the URL with, such as `{"profile": "research"}` for S3. It holds for
        all storages of this kind, in this process, from then on; workers elsewhere have their own.

    Returns
    -------
    ChargeRun
        The run.

    Raises
    ------
    RunError
        If there is none, it did not finish, it is over convictions, its `run.json` is damaged, or records that it
        was made from were destroyed since.
    StorageError
        If an object storage refuses, or cannot be reached.
    """
    use_options(path_text(url, "url"), storage_options)
    folder = Folder.rooted(path_text(url, "url"))
    info = info_in(folder)
    if info.get(HOLDS) != CHARGES:
        raise RunError(
            f"{folder.url}: the run is over convictions, and this is about runs over charges; in Python, "
            "`clearscale.open_run` opens it"
        )
    info = located(folder, info, store)
    require_valid(folder, info)
    return ChargeRun(folder, info)
