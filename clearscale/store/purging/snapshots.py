"""Snapshots without what goes, prepared beside the store."""

import hashlib
import secrets
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
import pyarrow as pa

from clearscale.errors import StoreError
from clearscale.histories.dictionaries import NAMES
from clearscale.io.files import Folder
from clearscale.io.seals import Seal, seals_document, with_digest
from clearscale.store.layout import (
    FILES,
    MANIFEST,
    PEOPLE,
    SNAPSHOTS,
    quarantine_folder,
    records_folder,
    snapshot_folder,
    snapshot_path,
)
from clearscale.store.manifest import ExtractEntry, Manifest, no_store, read_manifest, read_snapshot
from clearscale.store.opened import Store
from clearscale.store.part import Part
from clearscale_kernels.arrays import Bools, Int32s

from .buckets import Bucket, Counts, mark_used_in
from .records import Gone
from .texts import blot_unused
from .work import Work

Chooser = Callable[[Manifest, pa.Table], Bools]
"""Says which histories of a bucket go, from `extract` and `subject_id` of its people."""


def snapshots_of(store: Folder) -> list[Store]:
    """All snapshots that were ever in force and are still there, the earliest first.

    Raises StoreError if there is no store, or a manifest is damaged.
    """
    current = read_manifest(store)
    if current is None:
        raise no_store(store.url)
    names = [name for name in store.folder(SNAPSHOTS).names() if snapshot_folder(store, name).exists(MANIFEST)]
    earlier = [read_snapshot(store, name) for name in names if name != current.snapshot]
    # One that is not earlier was made by an ingest that was killed before it put it in force.
    earlier = sorted(
        (found for found in earlier if found.sequence < current.sequence), key=lambda one: one.sequence
    )
    return [Store(store, manifest) for manifest in (*earlier, current)]


@dataclass
class Rewriting:
    """Snapshots that are written anew.

    gone: of their records and quarantine. choose: which histories go. leaving: ids of the extracts that leave.
    repeats: rows that go of those an earlier part has, too, by the snapshot's name and the part's id. names: new
    names of snapshots that lose histories, by their old ones. histories: that go of the last one. texts: that go.
    """

    work: Work
    stores: Sequence[Store]
    gone: Gone
    choose: Chooser | None = None
    leaving: frozenset[str] = frozenset()
    repeats: dict[tuple[str, str], Int32s] = field(default_factory=dict)
    names: dict[str, str] = field(default_factory=dict)
    histories: int = 0
    texts: int = 0

    def rewrite(self) -> list[Manifest]:
        """Prepare all snapshots; returns their manifests as they will be.

        Raises StoreError, before anything has changed, if rows would be lost or left.
        """
        sizes = self.stores[-1].manifest.texts
        used = {name: np.zeros(sizes[name], np.bool_) for name in NAMES}
        half = [self._buckets(store, used) for store in self.stores]
        return [self._finished(store, *found, used) for store, found in zip(self.stores, half, strict=True)]

    def _buckets(self, store: Store, used: dict[str, Bools]) -> tuple[dict[str, Seal], Counts, np.ndarray]:
        """Prepare a snapshot's buckets: their seals, what the manifest counts, and the rows of each extract."""
        manifest = store.manifest
        places, staying = self._places(manifest)
        numbers = range(manifest.buckets)
        gone = [self._gone(store, number) for number in numbers]
        new = old = manifest.snapshot
        if any(mask.any() for mask in gone):
            new = self.names[old] = _new_name(manifest)
        seals: dict[str, Seal] = {}
        counts = dict(manifest.counts)
        rows = np.array([entry.stored for entry in manifest.extracts], np.int64)[staying]
        for number, mask in zip(numbers, gone, strict=True):
            if not mask.any() and staying.size == len(manifest.extracts):
                mark_used_in(store, number, used)
                continue
            before = Bucket.read(store, number)
            after = before.without(mask, places)
            after.mark_used(used)
            seals |= after.write(self.work, before, old, new, number)
            for name, count in after.counts().items():
                counts[name] += count - before.counts()[name]
            rows += after.rows_of(staying.size) - before.rows_of(len(manifest.extracts))[staying]
            self.histories += int(np.count_nonzero(mask)) if store is self.stores[-1] else 0
        return seals, counts, rows

    def _gone(self, store: Store, number: int) -> Bools:
        if self.choose is None:
            return np.zeros(0, np.bool_)
        return self.choose(store.manifest, store.bucket(PEOPLE, number, ["extract", "subject_id"]))

    def _places(self, manifest: Manifest) -> tuple[Int32s, np.ndarray]:
        """(the new place of each extract, the old places of those that stay)."""
        staying = np.array([entry.id not in self.leaving for entry in manifest.extracts], np.bool_)
        return np.cumsum(staying, dtype=np.int32) - np.int32(1), np.flatnonzero(staying)

    def _finished(
        self, store: Store, seals: dict[str, Seal], counts: Counts, rows: np.ndarray, used: dict[str, Bools]
    ) -> Manifest:
        """Prepare what else a snapshot has; returns its manifest."""
        old = store.manifest
        name = self.names.get(old.snapshot, old.snapshot)
        blotted, texts = blot_unused(self.work, store, name, used)
        self.texts = max(self.texts, texts)
        seals = self._seals(store, name) | seals | blotted
        entries = tuple(self._entry(old, entry) for entry in old.extracts if entry.id not in self.leaving)
        aside = tuple(self._part(old, part) for part in old.aside)
        parent = self.names.get(old.parent, old.parent) if old.parent else None
        new = replace(old, snapshot=name, parent=parent, extracts=entries, aside=aside, counts=counts)
        _check(store, new, rows)
        path = snapshot_path(name)
        if seals != dict(store.files.seals):
            new = replace(new, files=self.work.document(f"{path}/{FILES}", seals_document(seals)))
        if new != old:
            self.work.document(f"{path}/{MANIFEST}", with_digest(new.document()))
        return new

    def _seals(self, store: Store, name: str) -> dict[str, Seal]:
        """The seals of a snapshot's files as they were, under new names, and of its records and quarantine."""
        old = f"{snapshot_path(store.manifest.snapshot)}/"
        leaving = {
            folder for entry in store.manifest.extracts if entry.id in self.leaving for folder in folders_of(entry)
        }
        found: dict[str, Seal] = {}
        for path, seal in store.files.seals.items():
            if path.startswith(old):
                found[f"{snapshot_path(name)}/{path.removeprefix(old)}"] = seal
            elif path.rpartition("/")[0] not in leaving and (now := self.gone.seals.get(path, seal)) is not None:
                found[path] = now
        return found

    def _entry(self, manifest: Manifest, entry: ExtractEntry) -> ExtractEntry:
        return replace(entry, parts=tuple(self._part(manifest, part) for part in entry.parts))

    def _part(self, manifest: Manifest, part: Part) -> Part:
        """A part with what is left of it."""
        stored, bad = self.gone.of(part).size, self.gone.bad.get(part.id, 0)
        repeated = self.repeats.get((manifest.snapshot, part.id), np.empty(0)).size
        return replace(
            part,
            stored=part.stored - (stored - repeated),
            quarantined=part.quarantined - bad - repeated,
            purged=part.purged + stored + bad,
        )


def folders_of(entry: ExtractEntry) -> set[str]:
    """The folders of an extract's records and quarantine, below the store."""
    parts = entry.parts
    quarantined = {quarantine_folder(name) for part in parts for name in (part.id, part.repeats) if name}
    return quarantined | {records_folder(part.id) for part in parts}


def _new_name(manifest: Manifest) -> str:
    """Another name for a snapshot that is another one now. It says nothing of what went."""
    digest = hashlib.sha256(secrets.token_bytes(32)).hexdigest()
    return f"{manifest.sequence:06d}-{digest[:8]}"


def _check(store: Store, manifest: Manifest, rows: np.ndarray) -> None:
    """Raise StoreError where records were lost or left: nothing has changed yet."""
    for part in manifest.parts():
        if not part.is_conserved or min(part.stored, part.quarantined) < 0:
            raise StoreError(
                f"{store.folder.url}: {part.name}: {part.records} records do not come to {part.stored} stored, "
                f"{part.quarantined} quarantined and {part.purged} purged; nothing was changed. Please report this."
            )
    for entry, count in zip(manifest.extracts, rows.tolist(), strict=True):
        if entry.stored != count:
            raise StoreError(
                f"{store.folder.url}: {entry.name}: {entry.stored} records stay, but {count} of them in the "
                f"histories of snapshot {manifest.snapshot}; nothing was changed. Please report this."
            )
