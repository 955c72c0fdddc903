"""The manifest: the one small file that says what a store holds. Replacing it is what makes an ingest visible."""

import contextlib
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field, fields, replace
from pathlib import Path
from typing import Any

import numpy as np

from clearscale.errors import StoreError, nearest
from clearscale.io.files import Folder
from clearscale.io.folders import is_another, near_folder
from clearscale.io.sealed import Guard, content_if_there, document_in
from clearscale.io.seals import NO_SEAL, Seal
from clearscale.law.findings import Finding
from clearscale_kernels.arrays import Int32s

from .entry import ExtractEntry
from .held import HeldBucket
from .layout import FILE_A_BLOCK, FORMAT, MANIFEST, PLAN, SNAPSHOTS, STAGING, WHOLE_BUCKETS, snapshot_folder
from .part import Part

GUARD = Guard(
    StoreError,
    "snapshot",
    "put the file back from a copy of the store, or ingest the extracts again into a new store",
)
"""What to do about damage in a snapshot."""

IN_FORCE = Guard(
    StoreError,
    "store",
    f"copy {MANIFEST} of the newest folder in snapshots over it, or ingest the extracts again into a new store",
)

"""What to do about damage in the manifest in force."""

UNDER_WAY = "under_way"
"""The key of what stands in the manifest's place while records are destroyed. Its value is the command."""


HOLDS, CHARGES = "holds", "charges"
"""The key under which a store of charges says that it is one, and what it says."""


class OtherKindError(StoreError):
    """The store holds charges where extracts are needed, or the other way round."""


class OtherFormatError(StoreError):
    """The store is of a format that this version does not read. Nothing of it is damaged."""


class UnderWayError(StoreError):
    """Records of the store are being destroyed, or that was interrupted."""


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
    held : tuple of HeldBucket
        Its buckets, those that were folded earlier first.
    dealt : int
        How many buckets rows are dealt out to when all are folded, the same for all snapshots of a store.
    extracts : tuple of ExtractEntry
        The extracts in the order of their numbers.
    numbers : int
        How many numbers extracts have been given so far; the next one gets this.
    counts : dict of str to int
        `rows`, `histories`, `people` (canonical histories), `convictions` of all histories, `convictions_once`,
        those of people, and `candidates`, convictions of all histories that a policy may decide.
    charges : str
        SHA-256 of the charge lists that it was folded with.
    version : str
        Version of clearscale that made it.
    texts : dict of str to int
        How many texts each dictionary has, by name: the codes are below it.
    files : Seal
        Length and checksum of the snapshot's `files.json`, which has those of all its files.
    format : int
        Version of the store's form.
    findings : tuple of Finding
        What is doubtful about people of all extracts together.
    aside : tuple of Part
        Statewide files with records that go to no county; `quarantined` says how many.
    """

    snapshot: str
    sequence: int
    parent: str | None
    held: tuple[HeldBucket, ...]
    dealt: int
    extracts: tuple[ExtractEntry, ...]
    numbers: int
    counts: dict[str, int]
    charges: str
    version: str
    texts: dict[str, int] = field(default_factory=dict)
    files: Seal = NO_SEAL
    format: int = FORMAT
    findings: tuple[Finding, ...] = ()
    aside: tuple[Part, ...] = ()

    @property
    def buckets(self) -> int:
        """Number of buckets."""
        return len(self.held)

    def parts(self) -> list[Part]:
        """All parts of all extracts, and statewide files with records of no county.

        Returns
        -------
        list of Part
            Those of the extracts first.
        """
        return [*(part for entry in self.extracts for part in entry.parts), *self.aside]

    def document(self) -> dict[str, Any]:
        """The manifest as it is written.

        Returns
        -------
        dict of str to object
            The content of `manifest.json`, but for its digest.
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
            known = sorted({entry.county for entry in self.extracts})
            raise StoreError(f"the store has no extract of county '{county}'; {nearest(county, known)}")
        return found

    def all_findings(self) -> list[dict[str, Any]]:
        """What is doubtful about the extracts, and about people of several of them.

        Returns
        -------
        list of dict
            Findings as documents, with `county` and `extract` (id), empty for those of several extracts.
        """
        return [
            {"county": entry.county, "extract": entry.id, **finding.document()}
            for entry in self.extracts
            for finding in entry.findings
        ] + [{"county": "", "extract": "", **finding.document()} for finding in self.findings]

    def places(self) -> Int32s:
        """The place of each extract by its number.

        Returns
        -------
        array of int
            -1 for numbers that no extract of the snapshot has. Shape (numbers,).
        """
        result = np.full(self.numbers, -1, np.int32)
        for place, entry in enumerate(self.extracts):
            result[entry.number] = place
        return result

    def numbered(self) -> dict[str, int]:
        """The place of each extract; `extract` in the tables that `Store` reads is this place.

        Returns
        -------
        dict of str to int
            Places from 0, by id.
        """
        return {entry.id: place for place, entry in enumerate(self.extracts)}


def require_not_under_way(document: Mapping[str, Any], where: str) -> None:
    """Raise UnderWayError if a manifest's document says that records are being destroyed."""
    if UNDER_WAY in document:
        command = document[UNDER_WAY]
        raise UnderWayError(
            f"{where}: a {command} is under way, or was interrupted; "
            f"run the same `clearscale {command}` command again"
        )


def parse(document: dict[str, Any], where: str) -> Manifest:
    """A manifest from its document. Raises OtherFormatError, or UnderWayError while records are destroyed."""
    require_not_under_way(document, where)
    if document.get(HOLDS) == CHARGES:
        raise OtherKindError(
            f"{where}: the store holds charges of the format {document['map']['name']}, and this is about stores "
            "of extracts; name one of these, or decide the charges with a policy over charges"
        )
    if document.get("format") == WHOLE_BUCKETS:
        document = _with_references(document)
    if document.get("format") == FILE_A_BLOCK:
        document = {**document, "format": FORMAT}  # which its parts say themselves
    if document.get("format") != FORMAT:
        raise OtherFormatError(
            f"{where}: store format {document.get('format')}; this version reads formats {WHOLE_BUCKETS} to "
            f"{FORMAT}. Ingest the extracts again into a new store, or use the version that wrote it."
        )
    known = {attribute.name for attribute in fields(Manifest)}
    manifest = Manifest(**{name: value for name, value in document.items() if name in known})
    extracts = tuple(ExtractEntry.read(entry) for entry in document["extracts"])
    findings = tuple(Finding.read(found) for found in document["findings"])
    aside = tuple(Part.read(part) for part in document["aside"])
    held = tuple(HeldBucket(**{**bucket, "without": tuple(bucket["without"])}) for bucket in document["held"])
    return replace(
        manifest, held=held, extracts=extracts, files=Seal(*document["files"]), findings=findings, aside=aside
    )


def _with_references(document: dict[str, Any]) -> dict[str, Any]:
    """A document of format 5 as of later ones: its buckets are the snapshot's own, extracts' numbers are places."""
    snapshot, buckets = document["snapshot"], document["buckets"]
    return {
        **document,
        "format": FORMAT,
        "held": [asdict(HeldBucket(snapshot, number, sliced=False)) for number in range(buckets)],
        "dealt": buckets,
        "extracts": [{**entry, "number": place} for place, entry in enumerate(document["extracts"])],
        "numbers": len(document["extracts"]),
    }


def read_manifest(store: Folder, found: Callable[[Manifest], None] | None = None) -> Manifest | None:
    """The manifest in force, None if the store has none yet. Raises StoreError if it is damaged or was removed.

    found: called with it before it is compared with its snapshot's.
    """
    content = content_if_there(store, MANIFEST, IN_FORCE)
    if content is None:
        require_none(store)
        return None
    manifest = _read(store, IN_FORCE, content)
    if found is not None:
        found(manifest)
    if manifest != read_snapshot(store, manifest.snapshot):
        IN_FORCE.damaged(store.folder(MANIFEST).url, "the snapshot that it names has another")
    return manifest


def require_none(store: Folder) -> None:
    """Raise StoreError if a store without a manifest in force has had one: it has finished snapshots."""
    snapshots = store.folder(SNAPSHOTS)
    # One with a plan was to be the first, and its ingest was interrupted right before the manifest was written.
    names = [name for name in snapshots.names() if not snapshots.exists(f"{name}/{PLAN}")]
    if any(snapshots.exists(f"{name}/{MANIFEST}") for name in names):
        IN_FORCE.missing(store.folder(MANIFEST).url)


def snapshot_in_force(store: Folder) -> str | None:
    """The name of the snapshot in force, None if there is none. Raises StoreError if the manifest is damaged."""
    content = content_if_there(store, MANIFEST, IN_FORCE)
    return None if content is None else _read(store, IN_FORCE, content).snapshot


def require_whole(store: Folder) -> None:
    """Raise UnderWayError if records of the store are being destroyed, so that no snapshot can be relied on."""
    with contextlib.suppress(FileNotFoundError, ValueError, RecursionError):
        document = store.read_json(MANIFEST)
        if isinstance(document, dict):
            require_not_under_way(document, store.folder(MANIFEST).url)


def no_store(url: str, files: str = "EXTRACT...") -> StoreError:
    """The error for a place without a store. files: what an ingest is given that makes one of the kind."""
    if another := is_another(url):
        return StoreError(f"{url}: there is no store, it is {another}; name the store with --store")
    if "://" not in url and (Path(url).expanduser() / STAGING).is_dir():
        return StoreError(
            f"{url}: there is no store yet: its first ingest was interrupted; give the same `clearscale ingest` "
            "again, which goes on from there"
        )
    near = near_folder(url, MANIFEST)
    return StoreError(f"{url}: there is no store; make one with `clearscale ingest {files} --store {url}`{near}")


def read_snapshot(store: Folder, snapshot: str) -> Manifest:
    """The manifest of a named snapshot. Raises StoreError if it is missing or damaged."""
    found = snapshot_if_there(store, snapshot)
    if found is None:
        GUARD.missing(snapshot_folder(store, snapshot).folder(MANIFEST).url)
    return found


def snapshot_if_there(store: Folder, snapshot: str) -> Manifest | None:
    """The manifest of a named snapshot, None if it is missing. Raises StoreError if it is damaged."""
    folder = snapshot_folder(store, snapshot)
    content = content_if_there(folder, MANIFEST, GUARD)
    if content is None:
        return None
    manifest = _read(folder, GUARD, content)
    if manifest.snapshot != snapshot:
        GUARD.damaged(folder.folder(MANIFEST).url, "it is another snapshot's")
    return manifest


_READ = (WHOLE_BUCKETS, FILE_A_BLOCK, FORMAT)

_known: dict[bytes, Manifest] = {}
"""Manifests by their bytes: that in force and its snapshot's have the same, and they are read again and again."""

_MOST_KNOWN = 4


def _read(folder: Folder, guard: Guard, content: bytes) -> Manifest:
    url = folder.folder(MANIFEST).url
    found = _known.get(content)
    if found is None:
        document = document_in(content, url, guard, sealed=lambda found: found.get("format") in _READ)
        try:
            found = parse(document, url)
        except (AttributeError, KeyError, TypeError, ValueError):
            guard.damaged(url, "its content is not a manifest's")
        if len(_known) >= _MOST_KNOWN:
            _known.clear()
        _known[content] = found
    return replace(found, counts=dict(found.counts), texts=dict(found.texts))  # others may change theirs
