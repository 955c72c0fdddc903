"""The manifest: the one small file that says what a store holds. Replacing it is what makes an ingest visible."""

from dataclasses import asdict, dataclass, field, replace
from typing import Any

from clearscale.errors import StoreError
from clearscale.io.files import Folder
from clearscale.law.findings import Finding

from .layout import FORMAT, MANIFEST, snapshot_folder


@dataclass(frozen=True)
class ExtractEntry:
    """An extract in a snapshot.

    Attributes
    ----------
    id : str
        The name of its folder, from file name and checksum.
    name : str
        Its file name.
    county : str
        The county whose extract it is, as records write it.
    digest : str
        SHA-256 of its bytes, decompressed.
    header_lines : int
        1 if the file began with a header, else 0.
    records : int
        Records read, without the header.
    stored, quarantined : int
        What became of them.
    blocks : int
        Files of its records.
    added : int
        Sequence number of the snapshot that brought it.
    findings : tuple of Finding
        What is doubtful about it, refusals that a person accepted included.
    """

    id: str
    name: str
    county: str
    digest: str
    header_lines: int
    records: int
    stored: int
    quarantined: int
    blocks: int
    added: int
    findings: tuple[Finding, ...] = ()

    @classmethod
    def read(cls, document: dict[str, Any]) -> "ExtractEntry":
        """An entry from its document."""
        return cls(**{**document, "findings": tuple(Finding.read(found) for found in document["findings"])})


@dataclass(frozen=True)
class Manifest:
    """What a snapshot holds, and what made it.

    Attributes
    ----------
    snapshot : str
        Its name.
    sequence : int
        1 for the first snapshot, one more for each after it.
    parent : str or None
        The snapshot that it was made from.
    buckets : int
        Number of buckets, the same for all snapshots of a store.
    extracts : tuple of ExtractEntry
        The extracts in order.
    counts : dict of str to int
        `rows`, `histories`, `people` (canonical histories), `convictions` of all histories, `convictions_once`,
        those of people, and `candidates`, convictions of all histories that a policy may decide.
    charges : str
        SHA-256 of the charge lists that it was folded with.
    version : str
        Version of clearscale that made it.
    format : int
        Version of the store's form.
    """

    snapshot: str
    sequence: int
    parent: str | None
    buckets: int
    extracts: tuple[ExtractEntry, ...]
    counts: dict[str, int]
    charges: str
    version: str
    format: int = field(default=FORMAT)

    def document(self) -> dict[str, Any]:
        """The manifest as it is written.

        Returns
        -------
        dict of str to object
            The content of `manifest.json`.
        """
        return asdict(self)

    def extracts_of(self, county: str) -> tuple[ExtractEntry, ...]:
        """The extracts of a county.

        Parameters
        ----------
        county : str
            The county, as records write it.

        Returns
        -------
        tuple of ExtractEntry
            Its extracts in order.

        Raises
        ------
        StoreError
            If there are none.
        """
        found = tuple(entry for entry in self.extracts if entry.county == county)
        if not found:
            known = ", ".join(sorted({entry.county for entry in self.extracts})) or "none"
            raise StoreError(f"the store has no extract of county '{county}'; it has: {known}")
        return found

    def numbered(self) -> dict[str, int]:
        """The place of each extract; `extract` in the datasets is this place.

        Returns
        -------
        dict of str to int
            Places from 0, by id.
        """
        return {entry.id: place for place, entry in enumerate(self.extracts)}


def parse(document: dict[str, Any], where: str) -> Manifest:
    """A manifest from its document. Raises StoreError for another format."""
    if document.get("format") != FORMAT:
        raise StoreError(
            f"{where}: store format {document.get('format')}; this version reads format {FORMAT}. "
            "Ingest the extracts again into a new store, or use the version that wrote it."
        )
    manifest = Manifest(**document)
    return replace(manifest, extracts=tuple(ExtractEntry.read(entry) for entry in document["extracts"]))


def read_manifest(store: Folder) -> Manifest | None:
    """The manifest in force, None if the store has none yet."""
    if not store.exists(MANIFEST):
        return None
    return parse(store.read_json(MANIFEST), store.url)


def commit(store: Folder, manifest: Manifest) -> None:
    """Put a snapshot in force.

    Raises StoreError if another ingest has changed the store since this one began, or if rows were lost.
    """
    for entry in manifest.extracts:
        if entry.records != entry.stored + entry.quarantined:
            raise StoreError(
                f"{entry.name}: {entry.records} records were read, but {entry.stored} stored and "
                f"{entry.quarantined} quarantined; nothing was committed. Please report this."
            )
    current = read_manifest(store)
    if (current.snapshot if current else None) != manifest.parent:
        raise StoreError(
            f"{store.url}: another ingest finished meanwhile; run the same command again to add to its result"
        )
    snapshot_folder(store, manifest.snapshot).write_json(MANIFEST, manifest.document())
    store.write_json(MANIFEST, manifest.document())
