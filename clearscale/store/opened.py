"""A store as a reader sees it: one snapshot and its tables."""

import os
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from clearscale.errors import StoreError
from clearscale.histories.candidates import Candidates
from clearscale.histories.dictionaries import Dictionaries
from clearscale.io.files import Folder
from clearscale.io.paths import StrPath
from clearscale.law import state

from .layout import (
    CANDIDATES,
    CONVICTIONS,
    DICTIONARIES,
    HISTORIES,
    MANIFEST,
    PEOPLE,
    QUARANTINE,
    RECORDS,
    SUBJECTS,
    block_file,
    bucket_file,
    snapshot_folder,
)
from .manifest import ExtractEntry, Manifest, parse, read_manifest


@dataclass(frozen=True, repr=False)
class Store:
    """A snapshot of a store. Tables come as pyarrow tables, one a bucket or a block."""

    folder: Folder
    manifest: Manifest

    def __repr__(self) -> str:
        held = self.manifest
        return (
            f"Store({self.folder.url!r}, snapshot={held.snapshot!r}, extracts={len(held.extracts)}, "
            f"buckets={held.buckets})"
        )

    @property
    def snapshot(self) -> Folder:
        """The snapshot's folder."""
        return snapshot_folder(self.folder, self.manifest.snapshot)

    def dictionaries(self) -> Dictionaries:
        """The texts that codes stand for."""
        return Dictionaries.read(self.snapshot.folder(DICTIONARIES))

    def bucket(self, dataset: str, number: int, columns: list[str] | None = None) -> pa.Table:
        """One bucket of `histories`, `convictions` or `people`."""
        return self.snapshot.read_parquet(bucket_file(dataset, number), columns)

    def candidates(self, number: int) -> Candidates:
        """What a run reads of one bucket."""
        return Candidates(
            self.snapshot.read_arrow(bucket_file(CANDIDATES, number)),
            self.snapshot.read_arrow(bucket_file(SUBJECTS, number)),
        )

    def table(self, dataset: str, columns: list[str] | None = None) -> pa.Table:
        """All buckets of `histories`, `convictions` or `people` in one table.

        `history` counts within a bucket, so the table has a column `bucket` before the others.
        """
        if dataset not in (HISTORIES, CONVICTIONS, PEOPLE):
            raise StoreError(f"'{dataset}' is no dataset; there are {HISTORIES}, {CONVICTIONS} and {PEOPLE}")
        tables = []
        for number in range(self.manifest.buckets):
            table = self.bucket(dataset, number, columns)
            tables.append(table.add_column(0, "bucket", pa.array(np.full(table.num_rows, number, np.int32))))
        return pa.concat_tables(tables)

    def records(self, extract: ExtractEntry) -> Iterator[pa.Table]:
        """The extract's records, block by block in file order: `row` and all columns, as bytes."""
        folder = self.folder.folder(f"{RECORDS}/{extract.id}")
        for number in range(extract.blocks):
            yield folder.read_parquet(block_file(number, "parquet"))

    def quarantine(self, extract: ExtractEntry) -> pa.Table:
        """The extract's records that could not be used: file, line, row, reason, content."""
        folder = self.folder.folder(f"{QUARANTINE}/{extract.id}")
        names = [name for name in folder.names() if name.endswith(".parquet")] if extract.quarantined else []
        tables = [folder.read_parquet(name) for name in names]
        return pa.concat_tables(tables) if tables else _NO_QUARANTINE


_NO_QUARANTINE = pa.table(
    {
        "file": pa.array([], pa.string()),
        "line": pa.array([], pa.int64()),
        "row": pa.array([], pa.int32()),
        "reason": pa.array([], pa.string()),
        "content": pa.array([], pa.binary()),
    }
)


def open_store(url: StrPath, snapshot: str | None = None) -> Store:
    """The store at a path or URL, in its snapshot in force or a named one.

    Raises StoreError if there is no store, no such snapshot, or its charge lists are not this version's.
    """
    url = os.fspath(url)
    folder = Folder(url)
    if snapshot is None:
        manifest = read_manifest(folder)
        if manifest is None:
            raise StoreError(
                f"{url}: there is no store; make one with `clearscale ingest EXTRACT... --store {url}`"
            )
    else:
        place = snapshot_folder(folder, snapshot)
        if not place.exists(MANIFEST):
            raise StoreError(f"{url}: there is no snapshot {snapshot}")
        manifest = parse(place.read_json(MANIFEST), url)
    if snapshot is None and manifest.charges != state().charges.digest():
        raise StoreError(
            f"{url}: the charge lists have changed since the store was folded; ingest its extracts once more, "
            "which folds it anew without storing them again"
        )
    return Store(folder, manifest)
