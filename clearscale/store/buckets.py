"""Buckets as a snapshot holds them: without slices that it has elsewhere, and with extracts by their places."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pyarrow as pa

from clearscale.io.files import Folder
from clearscale.io.sealed import SealedFolder
from clearscale.io.seals import NO_SEAL, Seal
from clearscale.io.urls import absolute
from clearscale_kernels.arrays import Bools, Int32s

from .held import HeldBucket
from .layout import CONVICTIONS, HISTORIES, PEOPLE, SLICES, SUBJECTS, TABLES, bucket_file
from .manifest import Manifest
from .slices import Slices

_ROWS_A_GROUP = {HISTORIES: 2**14, PEOPLE: 2**12}
"""Rows of a row group: so few that the rows of a slice are read without many others."""

_WITH_EXTRACT = (CONVICTIONS, PEOPLE, SUBJECTS)


def write_table(folder: Folder, dataset: str, number: int, table: pa.Table, below: str = "") -> Seal:
    """Write a bucket's file of a dataset. below: where the snapshot lies below the folder, if it is not it."""
    name = f"{below}/{bucket_file(dataset, number)}" if below else bucket_file(dataset, number)
    if dataset not in TABLES:
        return folder.write_arrow(name, table)
    return folder.write_parquet(name, table, row_group_size=_ROWS_A_GROUP.get(dataset))


_known: dict[tuple[str, str, Seal], Slices] = {}
"""Slices of buckets by where they lie: an ingest asks for the same again and again, and they are small."""

_MOST_KNOWN = 512


def slices_in(files: SealedFolder, held: HeldBucket) -> Slices:
    """The slices in a bucket's files, whether or not the snapshot has them there. files: the store's."""
    path = held.path(SLICES)
    key = (absolute(files.url), path, files.seals.get(path, NO_SEAL))
    found = _known.get(key)
    if found is None:
        found = Slices(files.read_arrow(path))
        if len(_known) >= _MOST_KNOWN:
            _known.clear()
        _known[key] = found
    return found


@dataclass(frozen=True)
class Bucket:
    """A bucket of a snapshot. files: the store's."""

    files: SealedFolder
    manifest: Manifest
    held: HeldBucket

    def read(self, dataset: str, columns: list[str] | None = None) -> pa.Table:
        """Its rows in a dataset. Raises StoreError if a file is damaged."""
        path = self.held.path(dataset)
        raw = self.files.read_parquet(path, columns) if dataset in TABLES else self.files.read_arrow(path)
        return self.of_snapshot(dataset, raw)

    def of_snapshot(self, dataset: str, table: pa.Table) -> pa.Table:
        """The rows of a file of the bucket that are of this snapshot, as it numbers histories and extracts."""
        if self.held.without:
            table = table.filter(pa.array(self.staying(dataset, table.num_rows)))
            if dataset not in (PEOPLE, SUBJECTS) and "history" in table.column_names:
                table = _with(table, "history", self._histories[table.column("history").to_numpy()])
        if dataset in _WITH_EXTRACT and "extract" in table.column_names and self._moved:
            places = self._places[table.column("extract").to_numpy()]
            if places.min(initial=0) < 0:
                self.files.guard.damaged(
                    self.files.folder(self.held.path(dataset)).url,
                    "its column extract leads beyond what it is a place in",
                )
            table = _with(table, "extract", places)
        return table

    def staying(self, dataset: str, rows: int) -> Bools:
        """Which rows of the file of a dataset are of this snapshot. rows: how many it has."""
        if not self.held.without:
            return np.ones(rows, np.bool_)
        mask = slices_in(self.files, self.held).mask(dataset, self.held.without)
        if mask.size != rows:
            self.files.guard.damaged(
                self.files.folder(self.held.path(SLICES)).url, f"it tells of other rows than {dataset} has"
            )
        return mask

    @cached_property
    def _histories(self) -> Int32s:
        """The history of this snapshot for each of the bucket's files."""
        mask = slices_in(self.files, self.held).mask(PEOPLE, self.held.without)
        return np.cumsum(mask, dtype=np.int32) - np.int32(1)

    @cached_property
    def _places(self) -> Int32s:
        """The place of each extract by its number, -1 for those that the snapshot does not have."""
        return self.manifest.places()

    @cached_property
    def _moved(self) -> bool:
        """Whether an extract's number is not its place."""
        return not np.array_equal(self._places, np.arange(self._places.size))


def _with(table: pa.Table, name: str, values: Int32s) -> pa.Table:
    place = table.column_names.index(name)
    return table.set_column(place, table.schema.field(place), pa.array(values))


def together(buckets: Sequence[Bucket]) -> dict[tuple[str, int], list[Bucket]]:
    """Buckets of several snapshots by the files that they are in: (snapshot that folded them, number)."""
    found: dict[tuple[str, int], list[Bucket]] = {}
    for bucket in buckets:
        found.setdefault((bucket.held.snapshot, bucket.held.number), []).append(bucket)
    return found
