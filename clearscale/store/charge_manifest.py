"""The manifest of a store of charges: by which map which files were read, and what came of them."""

import hashlib
import json
import tomllib
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields, replace
from typing import Any

from clearscale.formats import ColumnMap
from clearscale.formats.showing import document as document_of
from clearscale.io.files import Folder
from clearscale.io.sealed import Guard, content_if_there, document_in
from clearscale.io.seals import NO_SEAL, Seal
from clearscale.law import state
from clearscale.law.findings import Finding

from .layout import MANIFEST, snapshot_folder
from .manifest import (
    CHARGES,
    GUARD,
    HOLDS,
    IN_FORCE,
    OtherFormatError,
    OtherKindError,
    require_none,
    require_not_under_way,
)

FORM = 1
"""Version of the layout of stores of charges."""


@dataclass(frozen=True)
class ChargeFile:
    """A file of charges in a snapshot.

    Attributes
    ----------
    id : str
        The name of its folders, from file name and checksum; `file` in tables is it.
    name : str
        Its file name.
    digest : str
        Checksum of its bytes, decompressed, as that of a part of an extract.
    records : int
        Records read.
    stored, quarantined : int
        What became of them.
    groups : int
        How many groups of neighboring blocks its records lie in.
    added : int
        Sequence number of the snapshot that brought it.
    aside : dict of str to int
        How many records were set aside for what.
    told : tuple of str
        Columns of charges that it has.
    findings : tuple of Finding
        What was doubtful about it when it was read, refusals that a person accepted included.
    purged : int
        Records that were stored or set aside, and destroyed since.
    """

    id: str
    name: str
    digest: str
    records: int
    stored: int
    quarantined: int
    groups: int
    added: int
    aside: dict[str, int]
    told: tuple[str, ...]
    findings: tuple[Finding, ...] = ()
    purged: int = 0

    @property
    def is_conserved(self) -> bool:
        """Whether it is known of every record what became of it."""
        return self.records == self.stored + self.quarantined + self.purged


@dataclass(frozen=True)
class ChargeManifest:
    """What a snapshot of a store of charges holds, and what made it.

    Attributes
    ----------
    snapshot : str
        Its name.
    sequence : int
        1 for the first snapshot, one more for each after it.
    parent : str or None
        The snapshot before it.
    map : dict
        `name`, `document` (all that the column map states) and `digest` of the map by which all files were read.
    read : tuple of ChargeFile
        The files, in the order of their ids.
    dealt : int
        How many buckets there are, the same for all snapshots of a store.
    counts : dict of str to int
        `charges`, `cases`, `people`, and `unknown_people`: those of them who have no key.
    texts : dict of str to int
        How many texts each dictionary has, by name: the codes are below it.
    version : str
        Version of clearscale that made it.
    files : Seal
        Length and checksum of the snapshot's `files.json`.
    findings : tuple of Finding
        What is doubtful about all files together.
    format : int
        Version of the store's form.
    holds : str
        `charges`.
    """

    snapshot: str
    sequence: int
    parent: str | None
    map: dict[str, Any]
    read: tuple[ChargeFile, ...]
    dealt: int
    counts: dict[str, int]
    texts: dict[str, int]
    version: str
    files: Seal = NO_SEAL
    findings: tuple[Finding, ...] = ()
    format: int = FORM
    holds: str = field(default=CHARGES, init=False)

    @property
    def told(self) -> frozenset[str]:
        """Columns of charges that all files have."""
        return frozenset.intersection(*(frozenset(file.told) for file in self.read)) if self.read else frozenset()

    def parts(self) -> tuple[ChargeFile, ...]:
        """All files.

        Returns
        -------
        tuple of ChargeFile
            In the order of their ids.
        """
        return self.read

    def document(self) -> dict[str, Any]:
        """The manifest as it is written.

        Returns
        -------
        dict of str to object
            The content of `manifest.json`, but for its digest.
        """
        return asdict(self)


_FOR_PEOPLE = ("title", "about", "source", "name", "examples")
"""Parts of a map, and of what a state says, that say nothing of how files are read."""


def map_of(stated: ColumnMap, people: str | None = None) -> dict[str, Any]:
    """A map as a manifest has it. Its digest is of all by which files are read: of what its state says, too.

    people: digest of the table of people by which they are told apart, None if there is none.
    """
    document = document_of(stated)
    content = [_read_by(document)]
    if "state" in stated.document:
        folder = state(stated.document["state"]).folder
        files = (folder.joinpath(f"{name}.toml") for name in ("statutes", "places"))
        content += [_read_by(tomllib.loads(file.read_text("utf-8"))) for file in files if file.is_file()]
    content += [people.encode()] if people else []
    digest = hashlib.sha256(b"".join(hashlib.sha256(part).digest() for part in content)).hexdigest()
    of_people = {"people": people} if people else {}
    return {"name": stated.name, "document": document, "digest": digest, **of_people}


def _read_by(document: Mapping[str, Any]) -> bytes:
    """What of a document says how files are read: no comment, source or example, since these change nothing."""
    reads = {name: value for name, value in document.items() if name not in _FOR_PEOPLE}
    return json.dumps(reads, sort_keys=True, default=str).encode()


def map_in(manifest: ChargeManifest) -> ColumnMap:
    """The map by which the files of a snapshot were read."""
    return ColumnMap.of(manifest.map["name"], manifest.map["document"])


def parse_charges(document: Mapping[str, Any], where: str) -> ChargeManifest:
    """A manifest from its document.

    Raises OtherFormatError, UnderWayError while records are destroyed, OtherKindError for a store of extracts.
    """
    require_not_under_way(document, where)
    if document.get(HOLDS) != CHARGES:
        raise OtherKindError(
            f"{where}: the store holds extracts, and this is about stores of charges; name one of these. "
            "`clearscale ingest` with the --format of its extracts makes one of it"
        )
    if document.get("format") != FORM:
        raise OtherFormatError(
            f"{where}: form {document.get('format')} of stores of charges; this version reads form {FORM}. Ingest "
            "the files again into a new store, or use the version that wrote it."
        )
    known = {attribute.name for attribute in fields(ChargeManifest) if attribute.init}
    manifest = ChargeManifest(**{name: value for name, value in document.items() if name in known})
    read = tuple(
        ChargeFile(
            **{
                **file,
                "told": tuple(file["told"]),
                "findings": tuple(Finding.read(found) for found in file["findings"]),
            }
        )
        for file in document["read"]
    )
    findings = tuple(Finding.read(found) for found in document["findings"])
    return replace(manifest, read=read, files=Seal(*document["files"]), findings=findings)


def read_charge_manifest(store: Folder) -> ChargeManifest | None:
    """The manifest in force, None if the store has none yet. Raises StoreError if it is damaged, or of extracts."""
    content = content_if_there(store, MANIFEST, IN_FORCE)
    if content is None:
        require_none(store)
        return None
    found = _parsed(store, content, IN_FORCE)
    if found != read_charge_snapshot(store, found.snapshot):
        IN_FORCE.damaged(store.folder(MANIFEST).url, "the snapshot that it names has another")
    return found


def charges_in_force(store: Folder) -> str | None:
    """The name of the snapshot in force, None if there is none."""
    content = content_if_there(store, MANIFEST, IN_FORCE)
    return None if content is None else _parsed(store, content, IN_FORCE).snapshot


def read_charge_snapshot(store: Folder, snapshot: str) -> ChargeManifest:
    """The manifest of a named snapshot. Raises StoreError if it is missing or damaged."""
    folder = snapshot_folder(store, snapshot)
    content = content_if_there(folder, MANIFEST, GUARD)
    if content is None:
        GUARD.missing(folder.folder(MANIFEST).url)
    found = _parsed(folder, content, GUARD)
    if found.snapshot != snapshot:
        GUARD.damaged(folder.folder(MANIFEST).url, "it is another snapshot's")
    return found


def _parsed(folder: Folder, content: bytes, guard: Guard) -> ChargeManifest:
    url = folder.folder(MANIFEST).url
    document = document_in(content, url, guard, sealed=lambda found: found.get(HOLDS) == CHARGES)
    try:
        return parse_charges(document, url)
    except (AttributeError, KeyError, TypeError, ValueError):
        guard.damaged(url, "its content is not a manifest's")
