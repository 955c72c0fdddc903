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
from clearscale.law.findings import Finding
from clearscale.store.any_manifest import AnyManifest, manifests_of
from clearscale.store.buckets import Bucket, slices_in, together
from clearscale.store.entry import ExtractEntry
from clearscale.store.held import HeldBucket
from clearscale.store.ingest.slicing import counted
from clearscale.store.layout import (
    FILES,
    MANIFEST,
    PEOPLE,
    SNAPSHOTS,
    quarantine_folder,
    records_folder,
    snapshot_path,
)
from clearscale.store.manifest import Manifest
from clearscale.store.opened import Store
from clearscale.store.part import Part
from clearscale_kernels.arrays import Bools, Int32s

from .buckets import Counted, Counts, Tables, mark_used_in
from .records import Gone
from .texts import blot_unused
from .work import Work

Chooser = Callable[[Manifest, pa.Table], Bools]
"""Says which histories of a bucket go, from `extract` and `subject_id` of its people."""


def snapshots_of(store: Folder) -> list[Store]:
    """All snapshots of a store of extracts that were ever in force and are still there, the earliest first.

    Raises StoreError if there is no store, or a manifest is damaged.
    """
    return [Store(store, manifest) for manifest in manifests_of(store) if isinstance(manifest, Manifest)]


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

    @property
    def records(self) -> int:
        """Stored records that go."""
        return sum(rows.size for rows in self.gone.rows.values())

    @property
    def quarantined(self) -> int:
        """Records that go of quarantine."""
        repeated = {part.repeats for one in self.stores for part in one.manifest.parts()}
        return sum(count for name, count in self.gone.bad.items() if name not in repeated)

    def rewrite(self) -> list[Manifest]:
        """Prepare all snapshots; returns their manifests as they will be.

        Raises StoreError, before anything has changed, if rows would be lost or left.
        """
        sizes = self.stores[-1].manifest.texts
        used = {name: np.zeros(sizes[name], np.bool_) for name in NAMES}
        buckets = [
            Bucket(store.files, store.manifest, held) for store in self.stores for held in store.manifest.held
        ]
        # Which snapshots get new names is known before anything is written below them.
        shared = [(holders, self._going(holders)) for holders in together(buckets).values()]
        changes = [self._change(*pair, used) for pair in shared]
        half = [_Half.of(store, changes) for store in self.stores]
        return [self._finished(store, found, used) for store, found in zip(self.stores, half, strict=True)]

    def _going(self, holders: Sequence[Bucket]) -> Bools:
        """Which histories of a bucket's files go: those that are chosen, and what no snapshot holds any more.

        Snapshots that lose some get new names.
        """
        raw = holders[0].files.read_parquet(holders[0].held.path(PEOPLE), ["extract", "subject_id"])
        result: Bools = np.ones(raw.num_rows, np.bool_)
        chosen: Bools = np.zeros(raw.num_rows, np.bool_)
        for holder in holders:
            staying = holder.staying(PEOPLE, raw.num_rows)
            result &= ~staying
            if self.choose is None:
                continue
            gone = self.choose(holder.manifest, holder.of_snapshot(PEOPLE, raw))
            chosen[np.flatnonzero(staying)[gone]] = True
            if gone.any():
                self.names.setdefault(holder.manifest.snapshot, new_name(holder.manifest))
            if holder.manifest is self.stores[-1].manifest:
                self.histories += int(np.count_nonzero(gone))
        return result | chosen

    def _change(self, holders: Sequence[Bucket], gone: Bools, used: dict[str, Bools]) -> "_Change":
        """Prepare a bucket's files without what goes."""
        files, held = holders[0].files, holders[0].held
        if not gone.any():
            mark_used_in(files, held, used)
            return _Change(held)
        before = Tables.read(files, held)
        after = before.without(gone)
        after.mark_used(used)
        seals = after.write(self.work, before, held, self._named(held.snapshot))
        return _Change(held, before.counted(), after.counted(), seals)

    def _named(self, snapshot: str) -> str:
        return self.names.get(snapshot, snapshot)

    def _finished(self, store: Store, half: "_Half", used: dict[str, Bools]) -> Manifest:
        """Prepare what else a snapshot has; returns its manifest."""
        old = store.manifest
        name = self._named(old.snapshot)
        blotted, texts = blot_unused(self.work, store, name, used)
        self.texts = max(self.texts, texts)
        seals = self._seals(store) | half.seals | blotted
        entries = tuple(self._entry(old, entry) for entry in old.extracts if entry.id not in self.leaving)
        new = replace(
            old,
            snapshot=name,
            parent=self._named(old.parent) if old.parent else None,
            held=tuple(replace(held, snapshot=self._named(held.snapshot)) for held in half.held),
            extracts=entries,
            aside=tuple(self._part(old, part) for part in old.aside),
            counts=half.counts,
            findings=half.findings,
        )
        _check(store, new, half.rows)
        path = snapshot_path(name)
        if seals != dict(store.files.seals):
            new = replace(new, files=self.work.document(f"{path}/{FILES}", seals_document(seals)))
        if new != old:
            self.work.document(f"{path}/{MANIFEST}", with_digest(new.document()))
        return new

    def _seals(self, store: Store) -> dict[str, Seal]:
        """The seals of a snapshot's files that stay, by where they will be."""
        leaving = {
            folder for entry in store.manifest.extracts if entry.id in self.leaving for folder in folders_of(entry)
        }
        found: dict[str, Seal] = {}
        for path, seal in store.files.seals.items():
            if path.startswith(f"{SNAPSHOTS}/"):
                _, snapshot, rest = path.split("/", 2)
                found[f"{snapshot_path(self._named(snapshot))}/{rest}"] = seal
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


@dataclass(frozen=True)
class _Change:
    """What becomes of a bucket's files. before, after: if they are written anew. seals: by their new paths."""

    held: HeldBucket
    before: Counted | None = None
    after: Counted | None = None
    seals: dict[str, Seal] = field(default_factory=dict)


@dataclass(frozen=True)
class _Half:
    """A snapshot's buckets as they will be, but for the names of folders: what is counted of them, and new seals.

    rows: of each extract, by its number. findings: about people of all extracts together.
    """

    held: tuple[HeldBucket, ...]
    counts: Counts
    rows: np.ndarray
    seals: dict[str, Seal]
    findings: tuple[Finding, ...]

    @classmethod
    def of(cls, store: Store, changes: Sequence[_Change]) -> "_Half":
        """The buckets of a snapshot. changes: of the buckets of all."""
        manifest = store.manifest
        by_files = {(change.held.snapshot, change.held.number): change for change in changes}
        found, counts = [], dict(manifest.counts)
        slices = []
        seals: dict[str, Seal] = {}
        rows = np.zeros(manifest.numbers, np.int64)
        for entry in manifest.extracts:
            rows[entry.number] = entry.stored
        for held in manifest.held:
            change = by_files[held.snapshot, held.number]
            if change.before is not None and change.after is not None:
                before, after = change.before, change.after
                now = replace(held, without=after.among(held.without))
                for name, count in after.counts(now).items():
                    counts[name] += count - before.counts(held)[name]
                rows += after.rows_of(now, rows.size) - before.rows_of(held, rows.size)
                seals |= change.seals
                held = now
            found.append(held)
            if held.sliced:
                whole = change.after.slices if change.after else slices_in(store.files, held)
                slices += [whole.without(held.without)] if whole else []
        findings = manifest.findings
        if seals and len(slices) == len(found):
            accepted = {finding.name for finding in findings if finding.accepted}
            noticed = counted(slices, rows.size)[2].findings()
            findings = tuple(replace(finding, accepted=finding.name in accepted) for finding in noticed)
        return cls(tuple(found), counts, rows, seals, findings)


def folders_of(entry: ExtractEntry) -> set[str]:
    """The folders of an extract's records and quarantine, below the store."""
    parts = entry.parts
    quarantined = {quarantine_folder(name) for part in parts for name in (part.id, part.repeats) if name}
    return quarantined | {records_folder(part.id) for part in parts}


def new_name(manifest: AnyManifest) -> str:
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
    for entry in manifest.extracts:
        count = int(rows[entry.number])
        if entry.stored != count:
            raise StoreError(
                f"{store.folder.url}: {entry.name}: {entry.stored} records stay, but {count} of them in the "
                f"histories of snapshot {manifest.snapshot}; nothing was changed. Please report this."
            )
