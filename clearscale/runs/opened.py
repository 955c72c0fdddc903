"""A finished run as a reader sees it."""

import os
from dataclasses import dataclass
from typing import Any

import pyarrow as pa

from clearscale.errors import RunError
from clearscale.io.files import Folder
from clearscale.io.paths import StrPath

COUNTIES, SUMMARY = "counties.json", "summary.json"
TABLES = {name: f"tables/{name}.parquet" for name in ("convictions", "people")}
"""The count tables of a run, and their files."""

INFO = "run.json"
"""Written last: a folder without it holds no finished run."""


@dataclass(frozen=True, repr=False)
class Run:
    """A run's folder. info: what the run was given and how long it took (`run.json`)."""

    folder: Folder
    info: dict[str, Any]

    def __repr__(self) -> str:
        policy, as_of, snapshot = self.info["policy"]["id"], self.info["as_of"], self.info["snapshot"]
        return f"Run({self.folder.url!r}, policy={policy!r}, as_of={as_of!r}, snapshot={snapshot!r})"

    @property
    def summary(self) -> dict[str, Any]:
        """Statewide figures."""
        document: dict[str, Any] = self.folder.read_json(SUMMARY)
        return document

    @property
    def counties(self) -> dict[str, dict[str, Any]]:
        """Summary of each county by name."""
        documents: dict[str, dict[str, Any]] = self.folder.read_json(COUNTIES)
        return documents

    def table(self, name: str) -> pa.Table:
        """A count table: `convictions` or `people`. Raises RunError for another name."""
        if name not in TABLES:
            raise RunError(f"'{name}' is no table of a run; there are {' and '.join(TABLES)}")
        return self.folder.read_parquet(TABLES[name])

    def decisions(self, extract: str | None = None) -> pa.Table:
        """Decisions of one extract (by id) or of all, in file order.

        Columns: extract, row, county, offense, section, determination, reason, flags, county_figure, state_figure.
        """
        places: dict[str, dict[str, Any]] = self.info["decisions"]
        if extract is None:
            tables = [
                self.folder.read_parquet(name) for name in dict.fromkeys(each["file"] for each in places.values())
            ]
            return pa.concat_tables(tables).unify_dictionaries()
        if extract not in places:
            raise RunError(f"the run has no extract '{extract}'; it has: {', '.join(places)}")
        name, first = places[extract]["file"], 0
        for each, place in places.items():
            if each == extract:
                break
            first += place["count"] if place["file"] == name else 0
        return self.folder.read_parquet(name).slice(first, places[extract]["count"])


def open_run(url: StrPath) -> Run:
    """The run at a path or URL. Raises RunError if there is none, or it did not finish."""
    url = os.fspath(url)
    folder = Folder(url)
    if not folder.exists(INFO):
        raise RunError(f"{url}: there is no finished run; make one with `clearscale run --out {url} ...`")
    return Run(folder, folder.read_json(INFO))
