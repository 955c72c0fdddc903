"""A store of charges as a reader sees it: one snapshot, bucket by bucket as tables."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

import pyarrow as pa

from clearscale.charges.tables import Tables, Words
from clearscale.drawing.tables import html_table
from clearscale.io.files import Folder
from clearscale.io.options import StorageOptions, use_options
from clearscale.io.paths import StrPath, path_text
from clearscale.io.sealed import SealedFolder

from .asked import require_number
from .charge_manifest import ChargeFile, ChargeManifest, read_charge_manifest, read_charge_snapshot
from .charge_tables import CASES, CHARGES, charge_file, read_tables, read_words
from .layout import PEOPLE, quarantine_folder, snapshot_path
from .manifest import no_store, require_whole
from .sealed import sealed_files


@dataclass(frozen=True, repr=False)
class ChargeStore:
    """A snapshot of a store of charges.

    `docs/concepts/charges.md` lists the columns of every table.

    Attributes
    ----------
    folder : Folder
        Where the store lies; `folder.url` is its path or URL.
    manifest : ChargeManifest
        What the snapshot holds.
    """

    folder: Folder
    manifest: ChargeManifest

    def __repr__(self) -> str:
        held = self.manifest
        return (
            f"ChargeStore({self.folder.url!r}, snapshot={held.snapshot!r}, format={held.map['name']!r}, "
            f"files={len(held.read)}, buckets={held.dealt})"
        )

    def _repr_html_(self) -> str:
        """What it holds, for a notebook."""
        held = self.manifest
        rows = [(file.name, file.records, file.stored, len(file.findings)) for file in held.read]
        return html_table(
            f"Store {self.folder.url} of charges, snapshot {held.snapshot}: {held.counts['people']:,} people",
            rows,
            ("file", "records", "charges", "findings"),
        )

    @property
    def files(self) -> SealedFolder:
        """All files that belong to the snapshot; damaged ones are a StoreError."""
        return sealed_files(self.folder, self.manifest)

    @property
    def snapshot(self) -> SealedFolder:
        """The folder of the snapshot."""
        return self.files.folder(snapshot_path(self.manifest.snapshot))

    @property
    def buckets(self) -> int:
        """How many buckets there are."""
        return self.manifest.dealt

    @cached_property
    def words(self) -> Words:
        """What codes stand for, the same in all buckets.

        Raises
        ------
        StoreError
            If a file is damaged or missing.
        """
        return read_words(self.snapshot, self.manifest.texts, self.manifest.told)

    def tables(self, bucket: int) -> Tables:
        """A bucket's charges, cases and people.

        Parameters
        ----------
        bucket : int
            From 0. People of a bucket come before those of the next in the order of all.

        Returns
        -------
        Tables
            With the words of the store.

        Raises
        ------
        StoreError
            If there is no such bucket, or a file is damaged or missing.
        """
        require_number(bucket, self.buckets, self.folder.url)
        return read_tables(self.snapshot, bucket, self.words)

    def numbers(self, bucket: int) -> pa.Table:
        """What people and cases of a bucket are called.

        Parameters
        ----------
        bucket : int
            From 0.

        Returns
        -------
        pyarrow.Table
            A row a charge, in the order of `tables`: `identity` of the person, `number` of the case, `sequence` of
            the charge.

        Raises
        ------
        StoreError
            If there is no such bucket, or a file is damaged or missing.
        """
        require_number(bucket, self.buckets, self.folder.url)
        charges = self.snapshot.read_arrow(charge_file(CHARGES, bucket))
        people = self.snapshot.read_parquet(charge_file(PEOPLE, bucket), ["identity"])
        cases = self.snapshot.read_parquet(charge_file(CASES, bucket), ["number"])
        return pa.table(
            {
                "identity": people.column("identity").take(charges.column("person")),
                "number": cases.column("number").take(charges.column("case")),
                "sequence": charges.column("sequence").cast(pa.string()),
            }
        )

    def of_cases(self, bucket: int) -> tuple[pa.Array, pa.Array]:
        """What a bucket's cases are called, and each charge in its case.

        Parameters
        ----------
        bucket : int
            From 0.

        Returns
        -------
        tuple of pyarrow.Array
            Numbers of cases, null where there is none; and the number in its case of each charge, in the order of
            `tables`, encoded by a dictionary.

        Raises
        ------
        StoreError
            If there is no such bucket, or a file is damaged or missing.
        """
        require_number(bucket, self.buckets, self.folder.url)
        charges = self.snapshot.read_arrow(charge_file(CHARGES, bucket))
        cases = self.snapshot.read_parquet(charge_file(CASES, bucket), ["number"])
        return cases.column("number").combine_chunks(), charges.column("sequence").combine_chunks()

    def aside(self, file: ChargeFile) -> Iterator[pa.Table]:
        """The records of a file that were set aside.

        Parameters
        ----------
        file : ChargeFile
            One of `manifest.read`.

        Yields
        ------
        pyarrow.Table
            `file`, `line`, `reason` and `record`, its bytes in UTF-8, null where it is no charge.

        Raises
        ------
        StoreError
            If a file is damaged or missing.
        """
        folder = self.files.folder(quarantine_folder(file.id))
        for name in folder.names():
            yield folder.read_parquet(name)


def open_charges(
    url: StrPath, snapshot: str | None = None, *, storage_options: StorageOptions | None = None
) -> ChargeStore:
    """Open a store of charges in its snapshot in force, or in a named one.

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
    ChargeStore
        The snapshot.

    Raises
    ------
    StoreError
        If there is no store or no such snapshot, it holds extracts, it is of another form, records of it are being
        destroyed, or its manifest is damaged.
    StorageError
        If an object storage refuses, or cannot be reached.
    """
    use_options(path_text(url, "url"), storage_options)
    folder = Folder.rooted(path_text(url, "url"))
    if snapshot is not None:
        require_whole(folder)
    manifest = read_charge_manifest(folder) if snapshot is None else read_charge_snapshot(folder, snapshot)
    if manifest is None:
        raise no_store(folder.url, "--format NAME FILE...")
    return ChargeStore(folder, manifest)
