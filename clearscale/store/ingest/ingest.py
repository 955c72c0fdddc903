"""Ingest: extracts in, a new snapshot of the store out.

Two rounds of independent tasks: blocks are read, stored and encoded; buckets gather their rows and fold. Between
them the blocks' texts become codes of the store. What is finished stays finished: after a kill, the same command
resumes where the last one stopped, and the store serves its last snapshot until the manifest is replaced.
"""

import hashlib
import operator
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from functools import reduce

from clearscale.errors import ExtractError
from clearscale.histories.dictionaries import Dictionaries
from clearscale.io.files import Folder, Source, matching
from clearscale.io.seals import Seal
from clearscale.law import state
from clearscale.store.charges import write_charges
from clearscale.store.layout import (
    DICTIONARIES,
    PLAN,
    Staging,
    quarantine_folder,
    records_folder,
    snapshot_folder,
    snapshot_path,
)
from clearscale.store.manifest import ExtractEntry, Manifest, commit, read_manifest
from clearscale.store.opened import Store
from clearscale.version import VERSION
from clearscale_cluster import Cluster, ProgressCallback

from .county import named_counties
from .first_round import Reading, read_extracts
from .gate import noticed_in, passed
from .markers import SEALS, seals_of
from .plan import StagedExtract, make_plan
from .read import ReadExtract, finish_reading
from .replacement import replacements_by, replacing
from .report import IngestReport
from .scanning import scan_extract
from .second_round import BucketTask, fold_bucket
from .settings import Settings
from .tidying import claims_of, discard_unused, take, tidy

FEWEST_BUCKETS = 4
ROWS_A_BUCKET = 1_000_000
"""A new store gets as many buckets as hold about this many rows each, the number a power of two."""


def _sources(extracts: Sequence[str]) -> list[Source]:
    """List the files that paths, URLs and patterns with * name. Raises ExtractError if there are none."""
    urls: list[str] = []
    for pattern in extracts:
        if "*" in pattern:
            matches = matching(pattern)
            if not matches:
                raise ExtractError(f"{pattern}: no file matches")
            urls += matches
        else:
            urls.append(pattern)
    if not urls:
        raise ExtractError("no extracts were named")
    return [Source(url) for url in dict.fromkeys(urls)]


def _bucket_count(records: int) -> int:
    buckets = FEWEST_BUCKETS
    while buckets * ROWS_A_BUCKET < records:
        buckets *= 2
    return buckets


def _next_manifest(
    current: Manifest | None, added: list[ReadExtract], staying: list[ExtractEntry], buckets: int
) -> Manifest:
    """Make the manifest of the new snapshot, its counts still empty."""
    sequence = current.sequence + 1 if current else 1
    fresh = [
        ExtractEntry(
            id=extract.scan.id,
            name=extract.scan.source.name,
            county=extract.county,
            digest=extract.scan.digest,
            header_lines=extract.scan.form.header_lines,
            records=extract.scan.records,
            stored=extract.stored,
            quarantined=extract.quarantined,
            blocks=len(extract.scan.spans),
            added=sequence,
            findings=extract.findings,
        )
        for extract in added
    ]
    entries = tuple(sorted([*staying, *fresh], key=lambda entry: (entry.added, entry.county, entry.id)))
    parent = current.snapshot if current else None
    charges = state().charges.digest()
    content = repr(
        (parent, buckets, charges, VERSION, [(entry.id, entry.county, entry.quarantined) for entry in entries])
    )
    name = f"{sequence:06d}-{hashlib.sha256(content.encode()).hexdigest()[:8]}"
    return Manifest(name, sequence, parent, buckets, entries, {}, charges, VERSION)


def _fold(
    staging: Staging,
    current: Manifest | None,
    manifest: Manifest,
    cluster: Cluster,
    progress: ProgressCallback | None,
) -> tuple[Manifest, dict[str, Seal]]:
    """Fold every bucket of the new snapshot; return its manifest with counts, and the seals of what was written."""
    store = staging.store
    folder = snapshot_folder(store, manifest.snapshot)
    before = current.numbered() if current else {}
    kept = tuple(
        (before[entry.id], place)
        for place, entry in enumerate(manifest.extracts)
        if entry.added != manifest.sequence
    )
    staged = [
        StagedExtract(entry.id, place, staging.groups(entry.blocks))
        for place, entry in enumerate(manifest.extracts)
        if entry.added == manifest.sequence
    ]
    dictionaries = Store(store, current).dictionaries() if current else Dictionaries()
    folder.write_arrow(PLAN, make_plan(staging, staged, dictionaries))
    texts = dictionaries.write(folder.folder(DICTIONARIES))
    written = {f"{DICTIONARIES}/{name}": seal for name, seal in texts.items()} | write_charges(folder, dictionaries)
    counties = tuple(entry.county for entry in manifest.extracts)
    tasks = [
        BucketTask(staging, manifest.snapshot, manifest.parent, bucket, kept, counties)
        for bucket in range(manifest.buckets)
    ]
    found = cluster.gather(fold_bucket, tasks, label="fold histories", progress=progress)
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


def ingest(
    extracts: Sequence[str],
    store: str,
    cluster: Cluster,
    settings: Settings,
    progress: ProgressCallback | None = None,
) -> IngestReport:
    """Take extracts into a store; see `clearscale.ingest`."""
    state().findings.check_names(settings.accept)
    root = Folder(store)
    with claims_of(root) as claims:
        reading = Reading(
            root, settings.block_bytes, settings.group_blocks, settings.quarantine, claims, not settings.dry_run
        )
        return _ingest(extracts, reading, cluster, settings, progress)


def _ingest(
    extracts: Sequence[str],
    reading: Reading,
    cluster: Cluster,
    settings: Settings,
    progress: ProgressCallback | None,
) -> IngestReport:
    root, claims, dry_run = reading.root, reading.claims, settings.dry_run
    current = read_manifest(root)
    sources = _sources(extracts)
    given = named_counties(settings.county, [source.name for source in sources])
    tasks = [(source, reading.block_bytes) for source in sources]
    scans = list(
        {
            scan.digest: scan
            for scan in cluster.gather(scan_extract, tasks, label="scan extracts", progress=progress)
        }.values()
    )
    present = {entry.digest: entry for entry in current.extracts} if current else {}
    known = [
        present[scan.digest]
        for scan in scans
        if scan.digest in present and given.get(scan.source.name) in (None, present[scan.digest].county)
    ]
    unchanged = {entry.digest for entry in known}
    fresh = [scan for scan in scans if scan.digest not in unchanged]
    names = tuple(entry.name for entry in known)
    if current and not fresh and (dry_run or current.charges == state().charges.digest()):
        if not dry_run:
            tidy(root, current, claims)
        return IngestReport(current.snapshot, (), (), names, 0, 0, 0, current.counts, {}, {}, (), dry_run)
    fixed = current.buckets if current else settings.buckets
    if reading.keep:
        take(claims, root, {scan.id: scan.source.name for scan in fresh})
    first = read_extracts(reading, fresh, lambda records: fixed or _bucket_count(records), cluster, progress)
    added = []
    for scan, found in zip(first.scans, first.markers, strict=True):
        with _discarded_if_refused(reading, [scan.id]):
            of_file = given.get(scan.source.name)
            added.append(finish_reading(scan, found, first.staging, of_file, settings))
    replaced = _superseded(current, known, added) if current else []
    replacements = replacements_by(root, current, replaced, added) if current else ()
    with _discarded_if_refused(reading, [extract.scan.id for extract in added]):
        added = [replacing(extract, replacements, settings) for extract in added]
    report = IngestReport(
        current.snapshot if current else "",
        tuple(extract.scan.source.name for extract in added),
        tuple(entry.name for entry in replaced),
        names,
        sum(extract.scan.records for extract in added),
        sum(extract.stored for extract in added),
        sum(extract.quarantined for extract in added),
        current.counts if current else {},
        {extract.scan.source.name: extract.findings for extract in added},
        {extract.scan.source.name: extract.county for extract in added},
        replacements,
        dry_run,
    )
    if dry_run:
        return report
    gone = {entry.id for entry in replaced}
    staying = [entry for entry in current.extracts if entry.id not in gone] if current else []
    manifest = _next_manifest(current, added, staying, first.staging.buckets)
    take(claims, root, {manifest.snapshot: f"snapshot {manifest.snapshot}"})
    manifest, folded = _fold(first.staging, current, manifest, cluster, progress)
    with _discarded_if_refused(reading, [extract.scan.id for extract in added], manifest.snapshot):
        manifest = _passed(current, manifest, settings)
    stored = [seals_of(found) for found in first.markers]
    kept = _kept_files(root, current, staying) if current else {}
    claims.assert_held()
    commit(root, manifest, reduce(operator.or_, stored, folded), kept)
    tidy(root, manifest, claims)
    together = {"": manifest.findings} if manifest.findings else {}
    return replace(
        report, snapshot=manifest.snapshot, counts=manifest.counts, findings={**report.findings, **together}
    )


def _passed(current: Manifest | None, manifest: Manifest, settings: Settings) -> Manifest:
    """Judge what is doubtful about people of all extracts. What was accepted of the snapshot before stays so.

    Raises ExtractError if some of it refuses the new snapshot.
    """
    before = [finding.name for finding in current.findings if finding.accepted] if current else []
    accepting = replace(settings, accept=(*settings.accept, *before))
    return replace(manifest, findings=passed("all extracts together", manifest.findings, accepting))


def _kept_files(root: Folder, current: Manifest, staying: list[ExtractEntry]) -> dict[str, Seal]:
    """The seals of records and quarantine of extracts that stay."""
    folders = {folder(entry.id) for entry in staying for folder in (records_folder, quarantine_folder)}
    seals = Store(root, current).files.seals
    return {path: seal for path, seal in seals.items() if path.rpartition("/")[0] in folders}


@contextmanager
def _discarded_if_refused(reading: Reading, extracts: Sequence[str], snapshot: str = "") -> Iterator[None]:
    """Remove what was stored for extracts if they are refused, and the snapshot that was made with them."""
    try:
        yield
    except ExtractError:
        if reading.keep:
            discard_unused(reading.root, extracts, reading.claims)
            if snapshot:
                reading.root.remove(snapshot_path(snapshot))
        raise


def _superseded(current: Manifest, known: list[ExtractEntry], added: list[ReadExtract]) -> list[ExtractEntry]:
    """List the extracts that leave: those of the named counties that were not named again."""
    counties = {extract.county for extract in added}
    again = {entry.digest for entry in known}
    read_again = {extract.scan.digest for extract in added}
    return [
        entry
        for entry in current.extracts
        if entry.digest in read_again or (entry.county in counties and entry.digest not in again)
    ]
