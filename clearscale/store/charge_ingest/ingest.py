"""Ingest of charges: files of one column map in, a new snapshot of a store of charges out.

Two rounds of independent tasks, as for extracts: blocks are read by the map and kept as numbers, then each bucket
gathers its charges and puts them in order. What is kept of a file stays, so that a further file costs its own
reading and one fold. What is finished stays finished: the same command takes up where the last one stopped.
"""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any

import numpy as np

from clearscale.charges.coding import Known
from clearscale.errors import ExtractError, StoreError
from clearscale.formats import ColumnMap
from clearscale.formats.checking import kinds
from clearscale.formats.reading import Reading
from clearscale.io.claims import Claims
from clearscale.io.files import Folder
from clearscale.io.seals import Seal
from clearscale.io.shared import seen_by_all
from clearscale.io.urls import absolute
from clearscale.law.findings import Finding
from clearscale.linking.people import People
from clearscale.store.charge_manifest import (
    FORM,
    ChargeFile,
    ChargeManifest,
    charges_in_force,
    map_of,
    read_charge_manifest,
)
from clearscale.store.charge_tables import sizes_of, write_words
from clearscale.store.ingest.bucket_count import bucket_count
from clearscale.store.ingest.committing import commit
from clearscale.store.ingest.first_round import blocks_per_group
from clearscale.store.ingest.gate import passed
from clearscale.store.ingest.handed_in import sources_of
from clearscale.store.ingest.markers import SEALS
from clearscale.store.ingest.purged import bringing_back
from clearscale.store.ingest.refusals import Refusals, or_refusal
from clearscale.store.ingest.settings import Settings
from clearscale.store.ingest.tidying import claims_of, take
from clearscale.store.layout import PLAN, snapshot_folder, snapshot_path
from clearscale.store.ledger import read_ledger
from clearscale.store.logged import logged
from clearscale.store.place import require_free
from clearscale.version import VERSION
from clearscale_cluster import Cluster, Label, ProgressCallback
from clearscale_cluster.label import BYTES

from .extracts import ExtractTask, form_of, groups_of, read_extract_group, scan_store
from .finishing import NO_FAULT, ReadFile, finish
from .folding import COUNTS, OF_FILES, FoldTask, doubts, fold_bucket, require_all_rows
from .groups import TEXTS_FILE, plan_table, read_texts
from .reading import BOUNDS, GIST, RECORDS, ReadTask, finished, read_groups
from .report import ChargeReport
from .scanning import FileScan, ScanTask, scan_file
from .tidying import discard, marker_seals, tidy, tidy_if_interrupted
from .together import GistTask, counted, gist_of_group

_TOGETHER = "all files together"
_CODING = 1
"""Version of what is kept of a file; that of an interrupted ingest of another one is made anew."""

_ROW_BYTES = 128
"""Bytes of a record of charges, about."""


@dataclass(frozen=True)
class _Ingest:
    """An ingest on its way."""

    root: Folder
    map: ColumnMap
    stated: Mapping[str, Any]
    current: ChargeManifest | None
    claims: Claims
    cluster: Cluster
    settings: Settings
    progress: ProgressCallback | None
    people: People | None
    refusals: Refusals = field(default_factory=lambda: Refusals("files"))

    @property
    def of_extracts(self) -> bool:
        """Whether charges come from a store of extracts."""
        return bool(self.map.document.get("extract"))


def ingest_charges(
    files: Sequence[str],
    store: str,
    stated: ColumnMap,
    cluster: Cluster,
    settings: Settings,
    progress: ProgressCallback | None = None,
    people: People | None = None,
) -> ChargeReport:
    """Take files of charges into a store; see `clearscale.ingest_charges`."""
    kinds().check_names(settings.accept)
    if people is not None and "person" in stated.charge:
        raise ExtractError(f"{stated.name} has a key of people (charge.person); leave out the table of people")
    root = Folder.rooted(store)
    with claims_of(root) as claims, seen_by_all(cluster, written=[] if settings.dry_run else [root]):
        current, made = read_charge_manifest(root), map_of(stated, people.digest if people else None)
        if current is None:
            require_free(root)
        if current is not None and current.map.get("people") != made.get("people"):
            raise StoreError(
                f"{root.url}: its people are of another table, or of none, so their keys are others. Link all "
                "files together, and ingest them into a new store"
            )
        if current is not None and current.map["digest"] != made["digest"]:
            raise StoreError(
                f"{root.url}: its files were read by another map ({current.map['name']}); read by {stated.name} as "
                "it is now, charges would mean other things. Ingest all files again into a new store"
            )
        work = _Ingest(root, stated, made, current, claims, cluster, settings, progress, people)
        return _ingest_store(work, files) if work.of_extracts else _ingest(work, files)


def _ingest(work: _Ingest, files: Sequence[str]) -> ChargeReport:
    current, settings = work.current, work.settings
    held = {file.digest: file for file in current.read} if current else {}
    scans: dict[str, FileScan] = {}
    back: dict[str, tuple[Finding, ...]] = {}
    unchanged = []
    for scan in _scanned(work, files):
        try:
            if work.people:
                work.people.require(scan.source.name, scan.digest)
            again, found = _brought_back(work, scan, held.get(scan.digest))
        except ExtractError as error:
            work.refusals.add(error)
            continue
        if (scan.digest in held and not again.purges) or scan.digest in scans:
            unchanged.append(scan.source.name)
        else:
            scans[scan.digest], back[scan.digest] = again, found
    if not scans:
        work.refusals.require_none()
    if current and not scans:
        if not settings.dry_run:
            tidy_if_interrupted(work.root, current, work.claims)
        return _report(work, current, [], [], unchanged)
    sequence = current.sequence + 1 if current else 1
    read = [file.with_findings(back[file.scan.digest]) for file in _read(work, [*scans.values()], sequence)]
    names = {file.entry.name for file in read if not settings.add}
    leaving = [file for file in current.read if file.name in names or file.digest in scans] if current else []
    staying = [file for file in current.read if file not in leaving] if current else []
    if settings.dry_run:
        return _report(work, current, read, leaving, unchanged, _foreseen(work, read, staying))
    return _put_in_force(work, read, staying, leaving, unchanged)


def _put_in_force(
    work: _Ingest,
    read: Sequence[ReadFile],
    staying: Sequence[ChargeFile],
    leaving: Sequence[ChargeFile],
    unchanged: Sequence[str],
) -> ChargeReport:
    """Fold files that were read, with those that stay, and put the snapshot in force."""
    sequence = work.current.sequence + 1 if work.current else 1
    buckets = _buckets(work, sum(file.scan.length for file in read))
    manifest = _next(work, sequence, [*staying, *(file.entry for file in read)], buckets)
    manifest, written = _folded(work, manifest, read)
    work.claims.assert_held()
    commit(work.root, manifest, written, {}, charges_in_force)
    tidy(work.root, manifest, work.claims)
    return _report(work, manifest, read, leaving, unchanged)


def _ingest_store(work: _Ingest, files: Sequence[str]) -> ChargeReport:
    """Take the histories of a store of extracts in, in place of those of an earlier one."""
    current, settings, root = work.current, work.settings, work.root
    scan, source = scan_store(files)
    earlier = list(current.read) if current else []
    same = next((file for file in earlier if file.digest == scan.digest), None)
    scan, back = _brought_back(work, scan, same)
    if current and same and not scan.purges:
        if not settings.dry_run:
            tidy_if_interrupted(root, current, work.claims)
        return _report(work, current, [], [], [scan.source.name])
    keep, buckets = not settings.dry_run, _buckets(work, scan.length)
    how = f"{_CODING}-{buckets}-{work.stated['digest']}"
    if keep:
        take(work.claims, root, {scan.id: scan.source.name})
        snapshot, out = source.manifest.snapshot, absolute(root.url)
        logged(source.folder, "ingest", snapshot=snapshot, how=work.map.name, out=out)
    markers = finished(root, scan.id, how) if keep else {}
    tasks = [
        ExtractTask(
            *(root, scan.id, work.map, source.folder, source.manifest.snapshot, place, number, blocks),
            *(buckets, how, keep),
        )
        for number, (place, blocks) in enumerate(groups_of(source))
        if number not in markers
    ]
    label = Label("read records", "groups")
    for _, found in work.cluster.map(read_extract_group, tasks, label=label, progress=work.progress):
        markers |= {marker["group"]: marker for marker in found}
    file = _finished(work, scan, markers, current.sequence + 1 if current else 1).with_findings(back)
    if settings.dry_run:
        return _report(work, current, [file], earlier, [])
    return _put_in_force(work, [file], [], earlier, [])


def _brought_back(work: _Ingest, scan: FileScan, held: ChargeFile | None) -> tuple[FileScan, tuple[Finding, ...]]:
    """(the file, with how often records of it were destroyed if it brings some back; the finding that it does).

    held: what the store has of the same content.

    Raises ExtractError if that was not accepted by name.
    """
    ledger = read_ledger(work.root)
    purges = ledger.times(scan.digest)
    if not purges or (held is not None and not held.purged):
        return scan, ()
    found = bringing_back(ledger, scan.source.name, scan.digest, work.settings, kinds=kinds())
    return replace(scan, purges=purges), found


def _scanned(work: _Ingest, files: Sequence[str]) -> list[FileScan]:
    """Scan files, in the order of their names and checksums."""
    sources, layout = sources_of(files), None
    block_bytes = work.settings.block_bytes
    tasks = []
    for place, source in enumerate(sources):
        tasks.append(ScanTask(source, work.map, layout, block_bytes))
        if not place and work.map.form.header == "first" and len(sources) > 1:
            with source.open() as file:
                layout = Reading([], work.map).begin(source, file)[1].layout
    label = Label("scan files", "files")
    told = work.cluster.gather(partial(or_refusal, scan_file), tasks, label=label, progress=work.progress)
    found = work.refusals.kept(told)
    if not found:
        work.refusals.require_none()
    return sorted(found, key=lambda scan: (scan.source.name, scan.digest))


def _buckets(work: _Ingest, length: int) -> int:
    """Buckets of the store. length: of the files, in bytes."""
    return work.current.dealt if work.current else work.settings.buckets or bucket_count(length, _ROW_BYTES)


def _read(work: _Ingest, scans: Sequence[FileScan], sequence: int) -> list[ReadFile]:
    """Read files, and judge each for itself. Raises ExtractError if one is refused; nothing is kept of it then."""
    settings, root = work.settings, work.root
    keep = not settings.dry_run
    if keep:
        take(work.claims, root, {scan.id: scan.source.name for scan in scans})
    buckets = _buckets(work, sum(scan.length for scan in scans))
    tasks: list[ReadTask] = []
    markers: list[dict[int, dict[str, Any]]] = []
    owners, sizes = [], []
    for place, scan in enumerate(scans):
        size = settings.group_blocks or blocks_per_group(len(scan.spans))
        groups = [(n, scan.spans[n * size : (n + 1) * size]) for n in range(-(-len(scan.spans) // size))]
        how = f"{_CODING}-{settings.block_bytes}-{size}-{buckets}-{work.stated['digest']}"
        markers.append(finished(root, scan.id, how) if keep else {})
        left = [group for group in groups if group[0] not in markers[place]]
        at_once = 1 if scan.source.from_anywhere else max(len(left), 1)
        for first in range(0, len(left), at_once):
            chosen = tuple(left[first : first + at_once])
            about = (buckets, settings.block_bytes, how, settings.quarantine, keep, scan.stamp, work.people)
            tasks.append(ReadTask(root, scan.source, scan.id, work.map, scan.begun, chosen, *about))
            owners.append(place)
            sizes.append(sum(span.length for _, spans in chosen for span in spans))
    label = Label("read files", BYTES, sizes)
    for position, found in work.cluster.map(read_groups, tasks, label=label, progress=work.progress):
        markers[owners[position]] |= {marker["group"]: marker for marker in found}
    read = []
    for scan, of_scan in zip(scans, markers, strict=True):
        with work.refusals.met():
            read.append(_finished(work, scan, of_scan, sequence))
    work.refusals.require_none()
    return read


def _finished(work: _Ingest, scan: FileScan, markers: Mapping[int, Mapping[str, Any]], sequence: int) -> ReadFile:
    """Judge a file; nothing is kept of one that is refused. markers: by the numbers of groups."""
    try:
        return finish(scan, [markers[n] for n in sorted(markers)], work.map, work.settings, sequence)
    except ExtractError:
        if not work.settings.dry_run:
            discard(work.root, [scan.id], work.claims)
        raise


def _next(work: _Ingest, sequence: int, read: Sequence[ChargeFile], buckets: int) -> ChargeManifest:
    """The manifest of the new snapshot, its counts still empty."""
    files = tuple(sorted(read, key=lambda file: file.id))
    parent = work.current.snapshot if work.current else None
    about = (parent, buckets, work.stated["digest"], VERSION, FORM, [(file.id, file.quarantined) for file in files])
    name = f"{sequence:06d}-{hashlib.sha256(repr(about).encode()).hexdigest()[:8]}"
    return ChargeManifest(name, sequence, parent, dict(work.stated), files, buckets, {}, {}, VERSION)


def _folded(
    work: _Ingest, manifest: ChargeManifest, read: Sequence[ReadFile]
) -> tuple[ChargeManifest, dict[str, Seal]]:
    """Fold the new snapshot; return its manifest with counts, and the seals of all that it needs."""
    root, folder = work.root, snapshot_folder(work.root, manifest.snapshot)
    take(work.claims, root, {manifest.snapshot: f"snapshot {manifest.snapshot}"})
    markers: dict[str, dict[int, Any]] = {file.entry.id: dict(enumerate(file.markers)) for file in read}
    for file in manifest.read:
        if file.id not in markers:
            markers[file.id] = _held(root, file)
    groups = [(file, marker) for file, of_file in sorted(markers.items()) for _, marker in sorted(of_file.items())]
    seals = {path: Seal(*seal) for _, marker in groups for path, seal in marker[SEALS].items()}
    texts = read_texts(root, {path: seal for path, seal in seals.items() if path.endswith(TEXTS_FILE)})
    known = Known.joined(texts)
    places = [found.places_in(known) for found in texts]
    folder.write_arrow(PLAN, plan_table([(*group, found) for group, found in zip(groups, places, strict=True)]))
    path = snapshot_path(manifest.snapshot)
    root.flush([f"{path}/{PLAN}"])  # while it is there, the snapshot is not finished
    seals |= {f"{path}/{name}": seal for name, seal in write_words(folder, known).items()}
    seals |= marker_seals(root, markers)
    named = known.texts["file"]
    about = (len(named), form_of(work.map).cycle_bytes if work.of_extracts else 0)
    tasks = [FoldTask(root, manifest.snapshot, bucket, *about) for bucket in range(manifest.dealt)]
    found = work.cluster.gather(fold_bucket, tasks, label=Label("fold charges", "buckets"), progress=work.progress)
    for bucket in found:
        seals |= {name: Seal(*seal) for name, seal in bucket[SEALS].items()}
    counts = {name: sum(bucket[name] for bucket in found) for name in COUNTS}
    require_all_rows(manifest, named, np.sum([bucket[OF_FILES] for bucket in found], axis=0), work.of_extracts)
    manifest = replace(manifest, counts=counts, texts=sizes_of(known))
    try:
        findings = _together(work, found)
    except ExtractError:
        root.remove(path)
        discard(root, [file.entry.id for file in read], work.claims)
        raise
    return replace(manifest, findings=findings), seals


def _held(root: Folder, file: ChargeFile) -> dict[int, dict[str, Any]]:
    """Markers of a file that the store has. Raises StoreError if some of it is damaged or missing."""
    found = finished(root, file.id, None)
    if (
        sorted(found) != list(range(file.groups))
        or sum(marker[RECORDS] for marker in found.values()) != file.records
    ):
        raise StoreError(
            f"{root.url}: what it keeps of {file.name} is damaged or missing; put the folder of records {file.id} "
            "back from a copy of the store, or ingest all files again into a new store"
        )
    return found


def _together(work: _Ingest, buckets: Sequence[Mapping[str, Any]]) -> tuple[Finding, ...]:
    """What is doubtful about all files. What was accepted of the snapshot before stays so."""
    before = [finding.name for finding in work.current.findings if finding.accepted] if work.current else []
    accepting = replace(work.settings, accept=(*work.settings.accept, *before))
    return passed(_TOGETHER, doubts(buckets), accepting, kinds())


def _foreseen(work: _Ingest, read: Sequence[ReadFile], staying: Sequence[ChargeFile]) -> tuple[Finding, ...]:
    """What would be doubtful about all files, of a dry run, which folds nothing. staying: files of the store."""
    gists = [marker[GIST] for file in read for marker in file.markers]
    tasks = [
        GistTask(work.root, file.id, number, tuple(marker[BOUNDS]))
        for file in staying
        for number, marker in sorted(_held(work.root, file).items())
    ]
    label = Label("look at what the store has", "groups")
    gists += work.cluster.gather(gist_of_group, tasks, label=label, progress=work.progress) if tasks else []
    return _together(work, [counted(gists)])


def _report(
    work: _Ingest,
    manifest: ChargeManifest | None,
    read: Sequence[ReadFile],
    leaving: Sequence[ChargeFile],
    unchanged: Sequence[str],
    foreseen: tuple[Finding, ...] = (),
) -> ChargeReport:
    entries = [file.entry for file in read]
    aside: dict[str, int] = {}
    for entry in entries:
        for reason, count in entry.aside.items():
            aside[reason] = aside.get(reason, 0) + count
    findings = {entry.name: entry.findings for entry in entries}
    together = foreseen if work.settings.dry_run else manifest.findings if manifest and read else ()
    if together:
        findings[""] = together
    return ChargeReport(
        work.map.name,
        manifest.snapshot if manifest else "",
        tuple(entry.name for entry in entries),
        tuple(file.name for file in leaving),
        tuple(unchanged),
        sum(entry.records for entry in entries),
        sum(entry.stored for entry in entries),
        sum(entry.quarantined for entry in entries),
        dict(sorted(aside.items())),
        dict(manifest.counts) if manifest else {},
        findings,
        work.settings.dry_run,
        0 if work.settings.quarantine else sum(count for reason, count in aside.items() if reason not in NO_FAULT),
        unseen=work.settings.dry_run and work.of_extracts,
    )
