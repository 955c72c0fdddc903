"""A finished run as a reader sees it."""

from dataclasses import dataclass
from typing import Any

import pyarrow as pa

from ..errors import RunError
from ..files import Folder

INFO = "run.json"
"""Written last: a folder without it holds no finished run."""


@dataclass(frozen=True)
class Run:
    """A run's folder. info: what the run was given and how long it took (`run.json`)."""

    folder: Folder
    info: dict[str, Any]

    @property
    def summary(self) -> dict[str, Any]:
        """Statewide figures."""
        document: dict[str, Any] = self.folder.read_json("summary.json")
        return document

    @property
    def counties(self) -> dict[str, dict[str, Any]]:
        """Summary of each county by name."""
        folder = self.folder.folder("counties")
        documents = [folder.read_json(name) for name in folder.names() if name.endswith(".json")]
        return {document["county"]: document for document in documents}

    def table(self, name: str) -> pa.Table:
        """A count table: `convictions` or `people`. Raises RunError for another name."""
        if name not in ("convictions", "people"):
            raise RunError(f"'{name}' is no table of a run; there are convictions and people")
        return self.folder.read_parquet(f"tables/{name}.parquet")

    def decisions(self, extract: str | None = None) -> pa.Table:
        """Decisions of one extract (by id) or of all, in file order.

        Columns: extract, row, county, offense, section, determination, reason, flags, county_figure, state_figure.
        """
        extracts = [extract] if extract is not None else list(self.info["decisions"])
        tables = []
        for each in extracts:
            if each not in self.info["decisions"]:
                known = ", ".join(self.info["decisions"])
                raise RunError(f"the run has no extract '{each}'; it has: {known}")
            tables.append(self.folder.read_parquet(f"decisions/{each}.parquet"))
        return pa.concat_tables(tables).unify_dictionaries()


def open_run(url: str) -> Run:
    """The run at a path or URL. Raises RunError if there is none, or it did not finish."""
    folder = Folder(url)
    if not folder.exists(INFO):
        raise RunError(f"{url}: there is no finished run; make one with `clearscale run --out {url} ...`")
    return Run(folder, folder.read_json(INFO))
