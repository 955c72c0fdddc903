"""A new snapshot: its manifest, and the fold of every bucket."""

import hashlib
from collections.abc import Sequence
from dataclasses import replace

from clearscale.errors import ExtractError
from clearscale.extract import BlockSpan
from clearscale.histories.dictionaries import Dictionaries
from clearscale.io.seals import Seal
from clearscale.law import state
from clearscale.store.charges import write_charges
from clearscale.store.layout import DICTIONARIES, FORMAT, PLAN, Staging, snapshot_folder, snapshot_path
from clearscale.store.manifest import ExtractEntry, Manifest
from clearscale.store.opened import Store
from clearscale.store.part import Part
from clearscale.version import VERSION
from clearscale_cluster import Cluster, Label, ProgressCallback

from .gate import noticed_in
from .joining import NewExtract
from .markers import SEALS
from .plan import KeptSubjects, StagedFile, StagedGroup, make_plan
from .second_round import BucketTask, fold_bucket
from .subjects import subjects_in_force


def next_manifest(
    current: Manifest | None,
    added: Sequence[NewExtract],
    staying: Sequence[ExtractEntry],
    buckets: int,
    aside: Sequence[Part] | None,
) -> Manifest:
    """Make the manifest of the new snapshot, its counts still empty.

    aside: records of statewide files that go to no county; None leaves those of the snapshot before.
    """
    sequence = current.sequence + 1 if current else 1
    fresh = [extract.entry(sequence) for extract in added]
    entries = tuple(sorted([*staying, *fresh], key=lambda entry: (entry.added, entry.county, entry.id)))
    parent = current.snapshot if current else None
    charges = state().charges.digest()
    held = [(entry.id, entry.county, entry.quarantined) for entry in entries]
    content = repr((parent, buckets, charges, VERSION, FORMAT, held))
    name = f"{sequence:06d}-{hashlib.sha256(content.encode()).hexdigest()[:8]}"
    before = current.aside if current else ()
    of_none = before if aside is None else tuple(replace(part, added=sequence) for part in aside)
    return Manifest(name, sequence, parent, buckets, entries, {}, charges, VERSION, aside=of_none)


def fold(
    staging: Staging,
    current: Manifest | None,
    manifest: Manifest,
    added: Sequence[NewExtract],
    cluster: Cluster,
    progress: ProgressCallback | None,
) -> tuple[Manifest, dict[str, Seal]]:
    """Fold every bucket of the new snapshot; return its manifest with counts, and the seals of what was written."""
    store = staging.store
    folder = snapshot_folder(store, manifest.snapshot)
    before, now = current.numbered() if current else {}, manifest.numbered()
    places = {extract.county: now[extract.entry(manifest.sequence).id] for extract in added}
    kept = [(before[entry.id], now[entry.id]) for entry in manifest.extracts if entry.added != manifest.sequence]
    kept += [(before[extract.kept.id], places[extract.county]) for extract in added if extract.kept]
    files = [staged for extract in added for staged in _staged(staging, extract, places[extract.county])]
    growing = [
        KeptSubjects(places[extract.county], list(subjects_in_force(Store(store, current), extract.kept)))
        for extract in added
        if extract.kept and current
    ]
    dictionaries = Store(store, current).dictionaries() if current else Dictionaries()
    folder.write_arrow(PLAN, make_plan(files, growing, dictionaries))
    texts = dictionaries.write(folder.folder(DICTIONARIES))
    written = {f"{DICTIONARIES}/{name}": seal for name, seal in texts.items()} | write_charges(folder, dictionaries)
    counties = tuple(entry.county for entry in manifest.extracts)
    tasks = [
        BucketTask(staging, manifest.snapshot, manifest.parent, bucket, tuple(kept), counties)
        for bucket in range(manifest.buckets)
    ]
    found = cluster.gather(fold_bucket, tasks, label=Label("fold histories", "buckets"), progress=progress)
    rows = [sum(column) for column in zip(*(bucket["rows"] for bucket in found), strict=True)]
    for entry, count in zip(manifest.extracts, rows, strict=True):
        if count != entry.stored:
            raise ExtractError(
                f"{entry.name}: {entry.stored} records were stored, but {count} are in the histories; "
                "nothing was committed. Please report this."
            )
    counted = ("histories", "people", "convictions", "convictions_once", "candidates")
    counts = {name: sum(bucket[name] for bucket in found) for name in counted}
    path = snapshot_path(manifest.snapshot)
    seals = {f"{path}/{name}": seal for name, seal in written.items()}
    for bucket in found:
        seals |= {name: Seal(*seal) for name, seal in bucket[SEALS].items()}
    sizes = {name: len(known) for name, known in dictionaries.texts.items()}
    doubts = noticed_in(found).findings()
    return replace(manifest, counts={"rows": sum(rows), **counts}, texts=sizes, findings=doubts), seals


def _staged(staging: Staging, extract: NewExtract, place: int) -> list[StagedFile]:
    """The files of an extract as they wait in staging. place: of the extract in the new snapshot."""
    entry = extract.entry(0)
    first_rows = entry.first_rows()[-len(extract.files) :]
    size = staging.group_blocks
    return [
        StagedFile(
            file.scan.id,
            place,
            [
                StagedGroup(number, spans[0].first_row, texts, bounds)
                for number, (spans, texts, bounds) in enumerate(
                    zip(_cut(file.scan.spans, size), file.texts, file.bounds, strict=True)
                )
            ],
            first,
            rows,
        )
        for file, first, rows in zip(extract.files, first_rows, extract.repeats, strict=True)
    ]


def _cut(spans: Sequence[BlockSpan], size: int) -> list[Sequence[BlockSpan]]:
    return [spans[first : first + size] for first in range(0, len(spans), size)]
