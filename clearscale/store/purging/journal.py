"""The journal of a purge: what is to be done, written before any of it is, and done again until all of it is done.

Until the manifest in force is replaced by a note that a purge is under way, nothing has changed. From then on
nobody reads the store, and whatever interrupts it, the same command does the rest: every step may be done twice.
"""

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from typing import Any

from clearscale.errors import StoreError
from clearscale.io.claims import Claims, claimed_for_a_moment
from clearscale.io.documents import json_bytes
from clearscale.io.far import each
from clearscale.io.files import Folder
from clearscale.io.leases import TakenError
from clearscale.io.private import WRITING
from clearscale.io.sealed import Guard, read_document
from clearscale.io.seals import Seal, read_seals, seals_document, with_digest
from clearscale.store.any_manifest import AnyManifest, manifest_in_force, manifest_of
from clearscale.store.ingest.committing import replace_manifest
from clearscale.store.ingest.tidying import LOCK
from clearscale.store.layout import (
    FILES as SEALS,
)
from clearscale.store.layout import (
    FORMAT,
    MANIFEST,
    QUARANTINE,
    RECORDS,
    SNAPSHOTS,
    STAGING,
    snapshot_path,
)
from clearscale.store.ledger import read_ledger
from clearscale.store.manifest import UNDER_WAY, UnderWayError
from clearscale.store.sealed import sealed_files

from .work import FILES, WORK

_JOURNAL = "journal.json"
_GUARD = Guard(StoreError, "journal", "put the store back from a copy")
_HELD = (RECORDS, QUARANTINE, SNAPSHOTS, STAGING)
"""Folders of a store in which only what a snapshot names stays."""
PURGE_LOCK = f"purge{LOCK}"
"""The claim of whoever destroys records, in the staging folder."""
_MOMENTARY = f"commit{LOCK}"


@dataclass(frozen=True)
class Journal:
    """What is to be done, step by step.

    command: `purge` or `prune`. moved: old and new name of snapshots. removed: files and folders. placed: seals of
    the prepared files, by where they belong. kept: the snapshots that there are then. entry: of the ledger.
    """

    command: str
    moved: dict[str, str]
    removed: list[str]
    placed: dict[str, Seal]
    kept: list[str]
    entry: Mapping[str, Any]

    def write(self, store: Folder) -> None:
        """Write it, after all that was prepared is on disk."""
        store.flush([f"{FILES}/{path}" for path in self.placed])
        document = {**asdict(self), "placed": seals_document(self.placed)}
        store.folder(WORK).write_json(_JOURNAL, with_digest(document), lasting=True)

    @classmethod
    def read(cls, store: Folder) -> "Journal":
        """The journal of what is under way. Raises StoreError if it is damaged or missing."""
        document = read_document(store.folder(WORK), _JOURNAL, _GUARD)
        del document["digest"]
        return cls(**{**document, "placed": read_seals(document["placed"])})


def is_under_way(store: Folder) -> bool:
    """Whether a purge has begun to change the store, and has not ended."""
    try:
        manifest_in_force(store)
    except UnderWayError:
        return True
    return False


def claim_store(store: Folder, claims: Claims) -> None:
    """Claim the store from all who write. Raises StoreError if a purge or an ingest is at work on it."""
    if taken := claims.take_each([PURGE_LOCK]):
        raise StoreError(f"{store.url}: another purge is at work ({taken[PURGE_LOCK]}); wait until it has ended")
    others = [name for name in store.folder(STAGING).names() if name.endswith(LOCK)]
    for name in others:
        if name == _MOMENTARY and store.is_local:
            with claimed_for_a_moment(store, f"{STAGING}/{name}"):  # it goes with the claim, whoever left it
                continue
        if name in (PURGE_LOCK, _MOMENTARY):
            continue
        try:
            claims.take(name)
        except TakenError as error:
            raise StoreError(
                f"{store.url}: an ingest is at work ({error}), which may be storing what is to go; run the same "
                "command again when it has ended"
            ) from None


def begin(store: Folder, journal: Journal, current: AnyManifest) -> None:
    """Write the journal, and put the note in the manifest's place: from now on it is done or under way.

    Raises StoreError if another snapshot is in force than the purge was prepared for.
    """

    def require() -> None:
        if manifest_in_force(store) != current:
            raise StoreError(f"{store.url}: an ingest finished meanwhile; run the same command again")

    journal.write(store)
    note = with_digest({"format": FORMAT, UNDER_WAY: journal.command})
    replace_manifest(store, json_bytes(note), require)


def finish(store: Folder, claims: Claims) -> Journal:
    """Do all that the journal says, whatever of it is done already; the claims of the store must be held."""
    journal = Journal.read(store)
    claim_store(store, claims)  # of ingests that began before, and will not get their snapshots into force
    moved = _moved(store, journal)
    each(store, lambda path: store.copy(path, moved[path]), moved)
    each(store, lambda path: _place(store, path, journal.placed[path]), journal.placed)
    # All is in its place before anything goes, however the power does.
    store.flush({*journal.placed, *moved.values()})
    each(store, store.remove, [*map(snapshot_path, journal.moved), *journal.removed])
    remove_others(store, journal.kept)
    store.flush(_folders(store))
    read_ledger(store).with_entry(journal.entry).write(store)
    claims.assert_held()
    # Last: the store is whole again once it is there.
    store.write(MANIFEST, store.read(f"{snapshot_path(journal.kept[-1])}/{MANIFEST}"), lasting=True)
    store.remove(WORK)
    return journal


def discard(store: Folder) -> None:
    """Remove what was prepared by a purge that was interrupted before it changed anything."""
    store.remove(f"{WORK}/{_JOURNAL}")
    store.remove(WORK)


def _moved(store: Folder, journal: Journal) -> dict[str, str]:
    """The files of snapshots that get other names, with their new paths, but for those that go or are replaced."""
    removed, found = set(journal.removed), {}
    for old, new in journal.moved.items():
        source, target = snapshot_path(old), snapshot_path(new)
        for path in store.paths(source):
            moved = target + path.removeprefix(source)
            if moved not in journal.placed and path not in removed:
                found[path] = moved
    return found


def _place(store: Folder, path: str, seal: Seal) -> None:
    """Put a prepared file where it belongs. Raises StoreError if it is neither prepared nor there."""
    prepared = f"{FILES}/{path}"
    # Even if it seems to be there: an object store is asked for a file's length only, and the one before, such as
    # another manifest, may be as long.
    if store.holds(prepared, seal):
        store.copy(prepared, path)
    elif not store.holds(path, seal):
        _GUARD.damaged(store.folder(prepared).url, "it is not what was prepared")


def others(store: Folder, files: Mapping[str, Iterable[str]]) -> list[str]:
    """Every file of the store that no snapshot names: what interrupted work left, of whomever.

    files: what each snapshot names, but for its manifest and the list of its files.
    """
    named: set[str] = set()
    for snapshot, paths in files.items():
        path = snapshot_path(snapshot)
        named |= {f"{path}/{MANIFEST}", f"{path}/{SEALS}", *paths}
    found = (path for folder in _HELD for path in store.paths(folder))
    return [path for path in found if path not in named and not path.endswith(LOCK)]


def remove_others(store: Folder, kept: list[str]) -> None:
    """Remove every file of the store that no kept snapshot names."""
    files = {name: sealed_files(store, manifest_of(store, name), anew=True).seals for name in kept}
    each(store, store.remove, others(store, files))
    for folder in _HELD:
        _remove_empty(store, folder)
    for name in store.names():
        if name.startswith(WRITING):
            store.remove(name)


def _remove_empty(store: Folder, folder: str) -> None:
    """Remove folders without a file. Object storages have none."""
    if store.is_local:
        for name in store.folder(folder).names():
            inside = f"{folder}/{name}"
            _remove_empty(store, inside)
            store.folder(inside).remove_if_empty()


def _folders(store: Folder) -> set[str]:
    """The folders whose entries have to be on disk."""
    folders = {name for name in _HELD if store.exists(name)}
    return folders | {path.rpartition("/")[0] for name in folders for path in store.paths(name)}
