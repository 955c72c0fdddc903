"""A new snapshot: its manifest, and the fold of its buckets."""

import hashlib
from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pyarrow as pa

from clearscale.errors import ExtractError
from clearscale.extract import BlockSpan
from clearscale.histories.dictionaries import Dictionaries
from clearscale.io.far import behind
from clearscale.io.seals import Seal
from clearscale.law import state
from clearscale.store.charges import write_charges
from clearscale.store.entry import ExtractEntry
from clearscale.store.held import HeldBucket
from clearscale.store.layout import DICTIONARIES, FORMAT, PLAN, Staging, snapshot_folder, snapshot_path
from clearscale.store.manifest import Manifest
from clearscale.store.opened import Store
from clearscale.store.part import Part
from clearscale.version import VERSION
from clearscale_cluster import Cluster, Label, ProgressCallback
from clearscale_kernels.arrays import Int64s

from .block_groups import SLICE
from .gate import noticed_in
from .joining import NewExtract
from .markers import SEALS
from .plan import KEPT, KeptSubjects, StagedFile, StagedGroup, make_plan, plans_in
from .refolding import Refolding, limits
from .second_round import BucketTask, elsewhere, fold_bucket
from .short_files import forget_staged
from .slicing import counted
from .subjects import subjects_in_force


def next_manifest(
    current: Manifest | None,
    added: Sequence[NewExtract],
    staying: Sequence[ExtractEntry],
    dealt: int,
    aside: Sequence[Part] | None,
) -> Manifest:
    """Make the manifest of the new snapshot, its counts and buckets still empty.

    aside: records of statewide files that go to no county; None leaves those of the snapshot before.
    """
    sequence = current.sequence + 1 if current else 1
    numbers = current.numbers if current else 0
    fresh = []
    for extract in sorted(added, key=lambda extract: (extract.county, extract.entry(sequence).id)):
        number = extract.kept.number if extract.kept else numbers
        numbers += extract.kept is None
        fresh.append(replace(extract.entry(sequence), number=number))
    entries = tuple(sorted([*staying, *fresh], key=lambda entry: entry.number))
    parent = current.snapshot if current else None
    charges = state().charges.digest()
    held = [(entry.id, entry.county, entry.quarantined) for entry in entries]
    content = repr((parent, dealt, charges, VERSION, FORMAT, limits(), held))
    name = f"{sequence:06d}-{hashlib.sha256(content.encode()).hexdigest()[:8]}"
    before = current.aside if current else ()
    of_none = before if aside is None else tuple(replace(part, added=sequence) for part in aside)
    return Manifest(name, sequence, parent, (), dealt, entries, numbers, {}, charges, VERSION, aside=of_none)


def fold(
    staging: Staging,
    current: Manifest | None,
    manifest: Manifest,
    added: Sequence[NewExtract],
    cluster: Cluster,
    progress: ProgressCallback | None,
) -> tuple[Manifest, dict[str, Seal]]:
    """Fold the new snapshot; return its manifest with buckets and counts, and the seals of its files.

    Slices of people whom nothing concerns that comes or goes are taken over from the snapshot before.
    """
    store = staging.store
    folder = snapshot_folder(store, manifest.snapshot)
    before = Store(store, current) if current else None
    now = {entry.id: entry.number for entry in manifest.extracts}
    places = {extract.county: now[extract.entry(manifest.sequence).id] for extract in added}
    files = [staged for extract in added for staged in _staged(staging, extract, places[extract.county])]
    growing = [_growing(before, extract) for extract in added if extract.kept and before]
    touched = [
        *(group.texts.column(SLICE).flatten().to_numpy() for file in files for group in file.groups),
        *(np.array([place for _, _, place in extract.subjects], np.int64) for extract in growing),
    ]
    staying = sorted({entry.number for entry in (current.extracts if current else ())} & {*now.values()})
    leaving = [entry.number for entry in (current.extracts if current else ()) if entry.number not in staying]
    rows = sum(extract.stored for extract in added)
    refolding = Refolding.planned(before, manifest, touched, leaving, rows)
    dictionaries = before.dictionaries() if before else Dictionaries()
    plan = make_plan(files, growing, dictionaries)
    with behind(folder) as (beside, arrived):
        beside.write_arrow(PLAN, plan)
        texts = dictionaries.write(beside.folder(DICTIONARIES))
        written = {f"{DICTIONARIES}/{name}": seal for name, seal in texts.items()}
        written |= write_charges(beside, dictionaries)
        arrived()
    tasks = _tasks(staging, manifest, refolding, staying, plan)
    try:
        found = cluster.gather(fold_bucket, tasks, label=Label("fold histories", "buckets"), progress=progress)
    finally:
        forget_staged()
    taken_over = refolding.taken_over()
    counts, of_extracts, noticed = counted([slices for _, slices in taken_over], manifest.numbers)
    for bucket in found:
        counts = {name: count + bucket[name] for name, count in counts.items()}
        of_extracts += np.array(bucket["extracts"], np.int64)
    _require_all_rows(manifest, of_extracts)
    path = snapshot_path(manifest.snapshot)
    seals = {f"{path}/{name}": seal for name, seal in written.items()}
    for bucket in found:
        seals |= {name: Seal(*seal) for name, seal in bucket[SEALS].items()}
    noticed.add(noticed_in(found))
    manifest = replace(
        manifest,
        held=(
            *(held for held, _ in taken_over),
            *(HeldBucket(manifest.snapshot, number) for number in range(len(tasks))),
        ),
        counts=counts,
        texts={name: len(known) for name, known in dictionaries.texts.items()},
        findings=noticed.findings(),
    )
    return manifest, seals


def _growing(before: Store, extract: NewExtract) -> KeptSubjects:
    """The subjects that an extract has already and that its new files have, too."""
    assert extract.kept is not None
    found = subjects_in_force(before, extract.kept, extract.subjects.ids)
    return KeptSubjects(extract.kept.number, list(found))


def _tasks(
    staging: Staging, manifest: Manifest, refolding: Refolding, staying: Sequence[int], plan: pa.Table
) -> list[BucketTask]:
    """The tasks that fold a new snapshot. staying: numbers of the extracts whose rows in the parent stay."""
    strays = [stray for group in plans_in(plan) if group.group == KEPT for stray in group.strays]
    counties = [""] * manifest.numbers
    for entry in manifest.extracts:
        counties[entry.number] = entry.county
    tasks = []
    for bucket in range(refolding.of):
        task = BucketTask(
            staging,
            manifest.snapshot,
            manifest.parent,
            bucket,
            refolding.of,
            refolding.bits,
            (),
            {},
            tuple(staying),
            tuple(counties),
        )
        others = {place: refolding.sources(np.array([place])) for place in elsewhere(strays, task)}
        tasks.append(replace(task, sources=refolding.sources(task.slices), elsewhere=others))
    return tasks


def _require_all_rows(manifest: Manifest, rows: Int64s) -> None:
    """Raise ExtractError unless the histories have every row that was stored. rows: by the number of an extract."""
    for entry in manifest.extracts:
        if rows[entry.number] != entry.stored:
            raise ExtractError(
                f"{entry.name}: {entry.stored} records were stored, but {rows[entry.number]} are in the histories; "
                "nothing was committed. Please report this."
            )


def _staged(staging: Staging, extract: NewExtract, place: int) -> list[StagedFile]:
    """The files of an extract as they wait in staging. place: the extract's number."""
    entry = extract.entry(0)
    first_rows = entry.first_rows()[-len(extract.files) :]
    size = staging.group_blocks
    return [
        StagedFile(
            file.scan.staged,
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
