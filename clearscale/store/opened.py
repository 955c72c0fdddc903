"""A store as a reader sees it: one snapshot and its tables."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial

import numpy as np
import pyarrow as pa

from clearscale.drawing.tables import html_table
from clearscale.errors import StoreError
from clearscale.histories.candidates import CandidateTables
from clearscale.histories.dictionaries import Dictionaries
from clearscale.io.far import both
from clearscale.io.files import Folder
from clearscale.io.options import StorageOptions, use_options
from clearscale.io.paths import StrPath, path_text
from clearscale.io.sealed import SealedFolder
from clearscale.law import state
from clearscale_kernels.arrays import Int32s

from .asked import numbered, require_dataset, require_number, with_columns
from .buckets import Bucket
from .codes import Codes
from .decoded import beside
from .decoded import decoded as decoded_table
from .entry import ExtractEntry
from .layout import (
    CANDIDATES,
    DICTIONARIES,
    MANIFEST,
    SUBJECTS,
    quarantine_folder,
    snapshot_folder,
    snapshot_path,
)
from .ledger import read_ledger
from .manifest import Manifest, no_store, read_manifest, require_whole, snapshot_if_there
from .record_files import ROW, BlockReader, block_readers, rows_in
from .sealed import sealed_files


@dataclass(frozen=True, repr=False)
class Store:
    """A snapshot of a store.

    `docs/concepts/store.md` lists the columns of every table.

    Attributes
    ----------
    folder : Folder
        Where the store lies; `folder.url` is its path or URL.
    manifest : Manifest
        What the snapshot holds.

    Examples
    --------
    >>> import clearscale
    >>> store = clearscale.open_store("store")
    >>> people = store.table("people", ["convictions"])
    >>> people.column_names
    ['bucket', 'convictions']
    >>> people.num_rows == store.manifest.counts["histories"]
    True
    """

    folder: Folder
    manifest: Manifest

    def __repr__(self) -> str:
        held = self.manifest
        return (
            f"Store({self.folder.url!r}, snapshot={held.snapshot!r}, extracts={len(held.extracts)}, "
            f"buckets={held.buckets})"
        )

    def _repr_html_(self) -> str:
        """What it holds, for a notebook."""
        held = self.manifest
        rows = [(entry.county, entry.name, entry.stored, len(entry.findings)) for entry in held.extracts]
        return html_table(
            f"Store {self.folder.url}, snapshot {held.snapshot}: {held.counts['people']:,} people",
            rows,
            ("county", "extract", "records", "findings"),
        )

    @property
    def files(self) -> SealedFolder:
        """All files that belong to the snapshot, records and quarantine too; damaged ones are a StoreError."""
        return sealed_files(self.folder, self.manifest)

    @property
    def snapshot(self) -> SealedFolder:
        """The folder of the snapshot."""
        return self.files.folder(snapshot_path(self.manifest.snapshot))

    def dictionaries(self) -> Dictionaries:
        """The texts that codes stand for.

        Returns
        -------
        Dictionaries
            Texts by name and code.
        """
        return Dictionaries.read(self.snapshot.folder(DICTIONARIES))

    def bucket(self, dataset: str, number: int, columns: Sequence[str] | None = None) -> pa.Table:
        """One bucket of a dataset.

        Parameters
        ----------
        dataset : {"histories", "convictions", "people"}
            Which dataset.
        number : int
            The bucket, from 0.
        columns : list of str, optional
            The columns to read; all without it.

        Returns
        -------
        pyarrow.Table
            The bucket's rows.

        Raises
        ------
        StoreError
            If there is no such dataset, bucket or column, or its file is damaged or missing.
        """
        require_dataset(dataset)
        held = self._held(number)
        return with_columns(lambda wanted: held.read(dataset, wanted), columns, dataset)

    def candidates(self, number: int) -> CandidateTables:
        """What a run reads of one bucket.

        Parameters
        ----------
        number : int
            The bucket, from 0.

        Returns
        -------
        CandidateTables
            The convictions that a policy may decide, and the histories that they are of.

        Raises
        ------
        StoreError
            If there is no such bucket, or a file is damaged or missing.
        """
        bucket = self._held(number)
        files, path = bucket.files, bucket.held.path(CANDIDATES)
        candidates, subjects = both(self.folder, lambda: bucket.read(CANDIDATES), lambda: bucket.read(SUBJECTS))
        if isinstance(files.check, Codes):
            try:
                files.check.together(path, candidates, subjects)
            except ValueError as error:
                files.guard.damaged(files.folder(path).url, str(error))
        return CandidateTables(candidates, subjects)

    def _held(self, number: int) -> Bucket:
        require_number(number, self.manifest.buckets, self.folder.url)
        return Bucket(self.files, self.manifest, self.manifest.held[number])

    def table(self, dataset: str, columns: Sequence[str] | None = None, *, decoded: bool = False) -> pa.Table:
        """All buckets of a dataset in one table.

        `history` counts within a bucket, so the table has a column `bucket` (int32) before the others. That of
        `people` has `history` behind it, though files have not: the two lead from each other table to the person.

        Parameters
        ----------
        dataset : {"histories", "convictions", "people"}
            Which dataset.
        columns : list of str, optional
            The columns to read; all without it.
        decoded : bool, default False
            As people read it: texts in place of codes, ids of extracts, dates (date32, null where there is none, or
            its year is 0), ends of sentences as moments (timestamp, null where the conviction has no date), flags
            as lists of names, and text where records have bytes. Otherwise as the files have it.

        Returns
        -------
        pyarrow.Table
            The rows of all buckets, in their order.

        Raises
        ------
        StoreError
            If there is no such dataset or column, or a file of it is damaged or missing.
        """
        require_dataset(dataset)
        reads = [partial(self.bucket, dataset, number) for number in range(self.manifest.buckets)]
        more = beside(columns) if decoded else []
        wanted = [*columns, *more] if columns is not None and more else columns
        rows = pa.concat_tables([numbered(read, dataset, place, wanted) for place, read in enumerate(reads)])
        if not decoded:
            return rows
        numbers = {entry.number: entry.id for entry in self.manifest.extracts}
        ids = [numbers.get(number, "") for number in range(self.manifest.numbers)]
        return decoded_table(dataset, rows, self.dictionaries(), ids).drop_columns(more)

    def records(self, extract: ExtractEntry) -> Iterator[pa.Table]:
        """The records of an extract, block by block in the order of its files and rows.

        Parameters
        ----------
        extract : ExtractEntry
            One of `manifest.extracts`.

        Yields
        ------
        pyarrow.Table
            `row`, counted through all parts, and all columns of the extract, as bytes.

        Raises
        ------
        StoreError
            If a file is damaged or missing.
        """
        for place in range(len(extract.parts)):
            for read in self.readers(extract, place):
                yield read(None)

    def readers(
        self, extract: ExtractEntry, part: int, numbers: Iterable[int] | None = None
    ) -> Iterator[BlockReader]:
        """What reads the blocks of a part, as `block` does; their files are opened once.

        Parameters
        ----------
        extract : ExtractEntry
            One of `manifest.extracts`.
        part : int
            Place of the file among its parts.
        numbers : iterable of int, optional
            Blocks of the file, ascending; all without it.

        Yields
        ------
        callable
            Reads the columns that it is given beside `row`, all for None.
        """
        of, first = extract.parts[part], extract.first_rows()[part]
        repeats = self._quarantined(of.repeats).column(ROW).to_numpy()
        for read in block_readers(self.files, of, numbers):
            yield partial(_block, read, repeats, first)

    def block(
        self, extract: ExtractEntry, part: int, number: int, columns: Sequence[str] | None = None
    ) -> pa.Table:
        """The records of one block of an extract.

        Parameters
        ----------
        extract : ExtractEntry
            One of `manifest.extracts`.
        part : int
            Place of the file among its parts.
        number : int
            The block of the file, from 0.
        columns : list of str, optional
            Columns to read beside `row`; all without it.

        Returns
        -------
        pyarrow.Table
            `row`, counted through all parts, and the columns, as bytes.

        Raises
        ------
        StoreError
            If there is no such block or column, or a file is damaged or missing.
        """
        require_number(part, len(extract.parts), extract.id, "part")
        of = extract.parts[part]
        require_number(number, of.blocks, of.id, "block")
        [read] = self.readers(extract, part, [number])
        return read(columns)

    def quarantine(self, extract: ExtractEntry) -> pa.Table:
        """The records of an extract that could not be used, and those that an earlier part of it has, too.

        Parameters
        ----------
        extract : ExtractEntry
            One of `manifest.extracts`.

        Returns
        -------
        pyarrow.Table
            `file`, `line`, `row` (counted through all parts), `reason` and `content`, the record's bytes.

        Raises
        ------
        StoreError
            If a file is damaged or missing.
        """
        return pa.concat_tables(
            [
                _from_row(self._quarantined(folder), first)
                for part, first in zip(extract.parts, extract.first_rows(), strict=True)
                for folder in (part.id, part.repeats)
            ]
        )

    def aside(self) -> pa.Table:
        """The records of statewide files that go to no county, as `quarantine` has those of an extract.

        Returns
        -------
        pyarrow.Table
            `file`, `line`, `row` (counted in the file), `reason` and `content`, the record's bytes.
        """
        return pa.concat_tables([_NO_QUARANTINE, *(self._quarantined(part.id) for part in self.manifest.aside)])

    def _quarantined(self, name: str) -> pa.Table:
        """The records in a folder of quarantine, as its part numbers them. name: empty for none."""
        folder = self.files.folder(quarantine_folder(name))
        tables = [folder.read_parquet(file) for file in folder.names()] if name else []
        return pa.concat_tables(tables) if tables else _NO_QUARANTINE


def _block(read: BlockReader, repeats: Int32s, first: int, columns: Sequence[str] | None) -> pa.Table:
    """A block's records but for those that repeat others. first: number of the part's first row."""
    wanted = columns if columns is None or isinstance(columns, str) else [ROW, *columns]
    table = with_columns(read, wanted, "records")
    if repeats.size:
        table = table.filter(pa.array(~np.isin(rows_in(table), repeats)))
    return _from_row(table, first)


def _from_row(table: pa.Table, first: int) -> pa.Table:
    """A part's records with their rows as the extract numbers them. first: number of the part's first row."""
    if not first:
        return table
    place = table.column_names.index("row")
    rows = table.column("row").to_numpy() + np.int32(first)
    return table.set_column(place, table.schema.field("row"), pa.array(rows))


_NO_QUARANTINE = pa.table(
    {
        "file": pa.array([], pa.string()),
        "line": pa.array([], pa.int64()),
        "row": pa.array([], pa.int32()),
        "reason": pa.array([], pa.string()),
        "content": pa.array([], pa.binary()),
    }
)


def open_store(
    url: StrPath, snapshot: str | None = None, *, storage_options: StorageOptions | None = None
) -> Store:
    """Open a store in its snapshot in force, or in a named one.

    Parameters
    ----------
    url : str or os.PathLike
        Path or URL of the store.
    snapshot : str, optional
        The name of a snapshot, instead of the one in force.
    storage_options : mapping of str to object, optional
        What fsspec makes its file system of the URL with, such as `{"profile": "research"}` for S3. It holds for
        all storages of this kind, in this process, from then on; workers elsewhere have their own.

    Returns
    -------
    Store
        The snapshot.

    Raises
    ------
    StoreError
        If there is no store or no such snapshot, it is of another format, its manifest is damaged, or its charge
        lists are not this version's.
    StorageError
        If an object storage refuses, or cannot be reached.

    Examples
    --------
    >>> import clearscale
    >>> store = clearscale.open_store("store")
    >>> [extract.county for extract in store.manifest.extracts]
    ['LOS ANGELES', 'SAN DIEGO']
    """
    use_options(path_text(url, "url"), storage_options)
    return opened_in(Folder.rooted(path_text(url, "url")), snapshot)


def opened_in(
    folder: Folder, snapshot: str | None = None, found: Callable[[Manifest], None] | None = None
) -> Store:
    """The same as `open_store`, of a folder that is known to be encrypted or not.

    found: called with the manifest in force as soon as it is known.
    """
    url = folder.url
    if snapshot is None:
        manifest = read_manifest(folder, found)
        if manifest is None:
            raise no_store(url)
    else:
        _, named = both(folder, lambda: require_whole(folder), lambda: snapshot_if_there(folder, snapshot))
        if named is None:
            place = snapshot_folder(folder, snapshot).folder(MANIFEST).url
            gone = read_ledger(folder).removed(snapshot)
            why = f"it was removed by a {gone['command']} on {gone['when'][:10]}" if gone else f"{place} is missing"
            raise StoreError(f"{url}: there is no snapshot {snapshot}; {why}")
        manifest = named
    if snapshot is None and manifest.charges != state().charges.digest():
        raise StoreError(
            f"{url}: the charge lists have changed since the store was folded; ingest its extracts once more, "
            "which folds it anew without storing them again"
        )
    return Store(folder, manifest)
