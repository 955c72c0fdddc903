"""The manifest: the one small file that says what a store holds. Replacing it is what makes an ingest visible."""

from dataclasses import asdict, dataclass, field, replace
from typing import Any

from clearscale.errors import StoreError
from clearscale.io.files import Folder

from .layout import FORMAT, MANIFEST, snapshot_folder


@dataclass(frozen=True)
class ExtractEntry:
    """An extract in a snapshot.

    id: its folder's name, from file name and checksum. name: file name. county: as its records write it. digest:
    SHA-256 of the decompressed bytes. records: read, without the header; stored, quarantined: what became of them.
    blocks: files of records. added: sequence number of the snapshot that brought it.
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


@dataclass(frozen=True)
class Manifest:
    """A snapshot: its extracts in order, counts, and what made it.

    counts: `rows`, `histories`, `people`, `convictions` of all histories, `convictions_once`, those of people, and
    `candidates`, convictions of all histories that a policy may decide.
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
        """The manifest as it is written."""
        return asdict(self)

    def extracts_of(self, county: str) -> tuple[ExtractEntry, ...]:
        """The county's extracts. Raises StoreError if there are none."""
        found = tuple(entry for entry in self.extracts if entry.county == county)
        if not found:
            known = ", ".join(sorted({entry.county for entry in self.extracts})) or "none"
            raise StoreError(f"the store has no extract of county '{county}'; it has: {known}")
        return found

    def numbered(self) -> dict[str, int]:
        """Place of each extract by id; `extract` in the datasets is this place."""
        return {entry.id: place for place, entry in enumerate(self.extracts)}


def parse(document: dict[str, Any], where: str) -> Manifest:
    """A manifest from its document. Raises StoreError for another format."""
    if document.get("format") != FORMAT:
        raise StoreError(
            f"{where}: store format {document.get('format')}; this version reads format {FORMAT}. "
            "Ingest the extracts again into a new store, or use the version that wrote it."
        )
    manifest = Manifest(**document)
    return replace(manifest, extracts=tuple(ExtractEntry(**entry) for entry in document["extracts"]))


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
