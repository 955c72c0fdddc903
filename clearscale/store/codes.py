"""Codes and places that a snapshot's tables hold are compared with the tables that they lead into.

A kernel that is given a code beyond its table reads another one's memory. Seals say that a file is as it was
written; this says that it was written right.
"""

from functools import cached_property

import numpy as np
import pyarrow as pa

from clearscale.histories.dictionaries import NAMES
from clearscale.io.sealed import SealedFolder

from .layout import BUCKETED, CANDIDATES, DICTIONARIES, PEOPLE, SLICES, SNAPSHOTS, SUBJECTS, bucket_file
from .manifest import Manifest
from .slices import COUNT, SCHEMA

_LATEST_YEAR = 9999
"""The last year that the calendar and the tables of counts have."""

_NEEDED = {
    CANDIDATES: {"history", "row", "offense", "county", "flags", "year"},
    SUBJECTS: {"extract", "canonical", "race", "sex", "flags"},
}
"""Columns that kernels take from tables which are always read whole."""


class Codes:
    """Checks tables of a snapshot, each column when all of it is first read. files: the store's, unchecked."""

    def __init__(self, manifest: Manifest, files: SealedFolder) -> None:
        self._manifest = manifest
        self._files = files
        self._seen: dict[str, set[str]] = {}

    def __call__(self, path: str, table: pa.Table, *, part: bool) -> None:
        """Raise ValueError if a table that was read from a file does not fit the others.

        part: whether it is some of its rows.
        """
        if not path.startswith(f"{SNAPSHOTS}/"):
            return
        _, _, dataset, name = path.split("/")
        seen = set() if part else self._seen.setdefault(path, set())
        columns = [column for column in table.column_names if column not in seen]
        if not columns:
            return
        if dataset == DICTIONARIES:
            self._look_at_dictionary(name.partition(".")[0], table)
        elif dataset == SLICES:
            _look_at_slices(table)
        elif dataset in BUCKETED:
            if missing := _NEEDED.get(dataset, set()) - set(table.column_names):
                raise ValueError(f"it has no column {', '.join(sorted(missing))}")
            people = path.replace(f"/{dataset}/{name}", f"/{bucket_file(PEOPLE, number_in(name))}")
            for column in columns:
                self._look_at(dataset, people, column, table)
        seen.update(columns if dataset != CANDIDATES else set(columns) - {"history"})

    def _look_at_dictionary(self, name: str, table: pa.Table) -> None:
        texts = self._manifest.texts[name if name in NAMES else "offense"]
        if table.num_rows != texts:
            raise ValueError(f"it has {table.num_rows:,} rows where there are {texts:,} texts")

    @cached_property
    def _limits(self) -> dict[str, tuple[int, int]]:
        """The least and the first too large value of columns, the same in all datasets."""
        return {
            **{name: (0, size) for name, size in self._manifest.texts.items()},
            "extract": (0, self._manifest.numbers),
            "year": (-1, _LATEST_YEAR + 1),
        }

    def _look_at(self, dataset: str, people: str, column: str, table: pa.Table) -> None:
        limits = self._limits.get(column)
        if column == "history" and dataset != CANDIDATES:
            limits = (0, self._files.rows(people))
        if limits is None or not table.num_rows:
            return
        values = table.column(column).to_numpy()
        if values.dtype.kind not in "iu":
            raise ValueError(f"its column {column} holds no numbers")
        if values.min() < limits[0] or values.max() >= limits[1]:
            raise ValueError(f"its column {column} leads beyond what it is a place in")

    def together(self, path: str, candidates: pa.Table, subjects: pa.Table) -> None:
        """Raise ValueError if a bucket's candidates do not fit its subjects; both were looked at by themselves.

        path: of the candidates. Extracts of the subjects are places in the manifest.
        """
        seen = self._seen.setdefault(path, set())
        if "history" in seen or not candidates.num_rows:
            return
        history, rows = candidates.column("history").to_numpy(), candidates.column("row").to_numpy()
        if history.min() < 0 or history.max() >= subjects.num_rows:
            raise ValueError("its column history leads beyond what it is a place in")
        records = np.array([entry.records for entry in self._manifest.extracts], np.int32)
        most = records.take(subjects.column("extract").to_numpy().take(history))
        if rows.min() < 0 or (rows >= most).any():
            raise ValueError("its column row leads beyond the records of an extract")
        seen.add("history")


def number_in(name: str) -> int:
    """The number in the name of a bucket's file."""
    return int(name.partition("-")[2].partition(".")[0])


def _look_at_slices(table: pa.Table) -> None:
    if table.schema != SCHEMA:
        raise ValueError("its columns are not those of slices")
    numbers = table.column("slice").to_numpy()
    if numbers.size and (numbers[0] < 0 or numbers[-1] >= COUNT or (np.diff(numbers) <= 0).any()):
        raise ValueError("its slices are not in order")
