"""Snapshots of a store of charges without what goes: folded again from what is left of their files."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from clearscale.charges.coding import Known
from clearscale.errors import StoreError
from clearscale.io.far import each
from clearscale.io.files import Folder
from clearscale.io.seals import Seal, seals_document, with_digest
from clearscale.law import state
from clearscale.store.any_manifest import AnyManifest, manifests_of
from clearscale.store.charge_ingest.folding import COUNTS, OF_FILES, Folded, doubts, fold, require_all_rows
from clearscale.store.charge_ingest.groups import ROWS, plan_table, read_dealt
from clearscale.store.charge_manifest import ChargeFile, ChargeManifest
from clearscale.store.charge_store import ChargeStore
from clearscale.store.charge_tables import CASES, CHARGES, charge_file, sizes_of, write_tables, write_words
from clearscale.store.layout import (
    DICTIONARIES,
    MANIFEST,
    PEOPLE,
    SNAPSHOTS,
    quarantine_folder,
    records_folder,
    snapshot_path,
)
from clearscale.store.layout import (
    FILES as SEALS,
)

from .charge_groups import Left, groups_of
from .snapshots import new_name
from .work import FILES, Work


def charge_snapshots_of(store: Folder) -> list[ChargeStore]:
    """All snapshots of a store of charges that were ever in force and are still there, the earliest first.

    Raises StoreError if there is no store, or a manifest is damaged.
    """
    return [ChargeStore(store, found) for found in manifests_of(store) if isinstance(found, ChargeManifest)]


@dataclass
class ChargeRewriting:
    """Snapshots that are written anew.

    left: of files, by id, of those at least that lose something. gone: identities of people that go. leaving: ids
    of files that go. The others are as of `Rewrites`.
    """

    work: Work
    stores: Sequence[ChargeStore]
    left: dict[str, Left]
    gone: pa.Array = field(default_factory=lambda: pa.array([], pa.string()))
    leaving: frozenset[str] = frozenset()
    names: dict[str, str] = field(default_factory=dict)
    histories: int = 0
    texts: int = 0

    @property
    def records(self) -> int:
        """Charges that go, each once."""
        return sum(left.rows for left in self.left.values())

    @property
    def quarantined(self) -> int:
        """Records that go of those that were set aside."""
        return sum(left.aside.total() for left in self.left.values())

    def rewrite(self) -> Sequence[AnyManifest]:
        """Prepare all snapshots; returns their manifests as they will be."""
        for store in self.stores:
            if any(file.id in self.leaving or self._lost(file) for file in store.manifest.read):
                self.names[store.manifest.snapshot] = new_name(store.manifest)
        return [self._rewritten(store) for store in self.stores]

    def _lost(self, file: ChargeFile) -> bool:
        return file.id in self.left and self.left[file.id].rows > 0

    def _rewritten(self, store: ChargeStore) -> ChargeManifest:
        old = store.manifest
        read = tuple(
            self.left[file.id].entry(file) if file.id in self.left else file
            for file in old.read
            if file.id not in self.leaving
        )
        new = replace(
            old,
            snapshot=self.names.get(old.snapshot, old.snapshot),
            parent=self.names.get(old.parent, old.parent) if old.parent else None,
            read=read,
        )
        seals = self._seals(store)
        if old.snapshot in self.names:
            new, made = self._folded(store, new)
            seals |= made
        for file in read:
            _require_conserved(store, file)
        path = snapshot_path(new.snapshot)
        if seals != dict(store.files.seals):
            new = replace(new, files=self.work.document(f"{path}/{SEALS}", seals_document(seals)))
        if new != old:
            self.work.document(f"{path}/{MANIFEST}", with_digest(new.document()))
        return new

    def _seals(self, store: ChargeStore) -> dict[str, Seal]:
        """The seals of a snapshot's files that stay: none of its own if it is folded again."""
        leaving = {folder(file) for file in self.leaving for folder in (records_folder, quarantine_folder)}
        changed: dict[str, Seal | None] = {}
        for left in self.left.values():
            for group in left.groups:
                changed |= group.seals
        folded = store.manifest.snapshot in self.names
        found = {}
        for path, seal in store.files.seals.items():
            if (folded and path.startswith(f"{SNAPSHOTS}/")) or path.rpartition("/")[0] in leaving:
                continue
            if (now := changed.get(path, seal)) is not None:
                found[path] = now
        return found

    def _folded(self, store: ChargeStore, new: ChargeManifest) -> tuple[ChargeManifest, dict[str, Seal]]:
        """Prepare a snapshot's tables from what is left of its files. new: its manifest but for what is counted."""
        groups = [group for file in new.read for group in self._left(store, file).groups]
        known = Known.joined(group.known for group in groups)
        # What is there is read as it is, without what goes; it is written as it will be.
        plan = plan_table([(one.group.file, one.group.marker, one.places_in(known)) for one in groups])
        named, extract = known.texts["file"], bool(new.map["document"].get("extract"))
        steps = state(new.map["document"]["state"]).format.cycle_bytes if extract else 0
        path = snapshot_path(new.snapshot)
        seals = self._words(store, path, known)
        buckets = []
        for bucket in range(new.dealt):
            dealt = [(self._staying(table), places) for table, places in read_dealt(store.folder, plan, bucket)]
            folded = fold(dealt, len(named), steps)
            buckets.append(folded.counted)
            seals |= self._tables(store, path, bucket, folded)
        counts = {name: sum(one[name] for one in buckets) for name in COUNTS}
        require_all_rows(new, named, np.sum([one[OF_FILES] for one in buckets], axis=0, dtype=np.int64), extract)
        accepted = {finding.name for finding in new.findings if finding.accepted}
        findings = tuple(replace(one, accepted=one.name in accepted) for one in doubts(buckets))
        if store is self.stores[-1]:
            self.histories = store.manifest.counts["people"] - counts["people"]
        sizes = sizes_of(known)
        self.texts = max(self.texts, sum(store.manifest.texts.values()) - sum(sizes.values()))
        return replace(new, counts=counts, texts=sizes, findings=findings), seals

    def _left(self, store: ChargeStore, file: ChargeFile) -> Left:
        """What is left of a file; of one that nobody has read yet, all, once it is compared with its seals."""
        if file.id not in self.left:
            self.left[file.id] = Left.whole(groups_of(store, file))
            each(store.files, store.files.compare, [one.group.path(ROWS) for one in self.left[file.id].groups])
        return self.left[file.id]

    def _staying(self, table: pa.Table) -> pa.Table:
        if not len(self.gone):
            return table
        return table.filter(pc.invert(pc.is_in(table["identity"], value_set=self.gone)))

    def _words(self, store: ChargeStore, path: str, known: Known) -> dict[str, Seal]:
        seals = write_words(self._aside(path), known) if self.work.keep else {}
        for of, size in sizes_of(known).items():
            name = f"{DICTIONARIES}/{of}.parquet"
            before = store.manifest.texts[of]
            self.work.place(self._old(store, name), f"{path}/{name}", before, size, seals.get(name, Seal(0, 0)))
        return {f"{path}/{name}": seal for name, seal in seals.items()}

    def _tables(self, store: ChargeStore, path: str, bucket: int, folded: Folded) -> dict[str, Seal]:
        tables = folded.made.tables
        rows = {CHARGES: tables.rows, CASES: tables.cases.person.size, PEOPLE: tables.people.marks.size}
        seals: dict[str, Any] = {}
        if self.work.keep:
            seals = write_tables(self._aside(path), bucket, folded.made, folded.sequence)
        for dataset, after in rows.items():
            name = charge_file(dataset, bucket)
            before = store.files.rows(self._old(store, name))
            self.work.place(self._old(store, name), f"{path}/{name}", before, after, seals.get(name, Seal(0, 0)))
        return {f"{path}/{name}": seal for name, seal in seals.items()}

    def _aside(self, path: str) -> Folder:
        return self.work.store.folder(f"{FILES}/{path}")

    def _old(self, store: ChargeStore, name: str) -> str:
        return f"{snapshot_path(store.manifest.snapshot)}/{name}"


def _require_conserved(store: ChargeStore, file: ChargeFile) -> None:
    """Raise StoreError where records were lost or left: nothing has changed yet."""
    if not file.is_conserved or min(file.stored, file.quarantined) < 0:
        raise StoreError(
            f"{store.folder.url}: {file.name}: {file.records} records do not come to {file.stored} stored, "
            f"{file.quarantined} set aside and {file.purged} purged; nothing was changed. Please report this."
        )
