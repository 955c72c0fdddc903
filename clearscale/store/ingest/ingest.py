"""Ingest: extracts in, a new snapshot of the store out.

Two rounds of independent tasks: blocks are read, stored and encoded; buckets gather their rows and fold. Between
them the blocks' texts become codes of the store. What is finished stays finished: after a kill, the same command
resumes where the last one stopped, and the store serves its last snapshot until the manifest is replaced.
"""

import hashlib
import operator
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from functools import reduce
from typing import Any

from clearscale.errors import ExtractError
from clearscale.extract import BLOCK_BYTES
from clearscale.histories.dictionaries import Dictionaries
from clearscale.io.files import Folder, Source, matching
from clearscale.io.seals import Seal
from clearscale.law import state
from clearscale.law.findings import Finding
from clearscale.store.charges import write_charges
from clearscale.store.layout import (
    DICTIONARIES,
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

from .first_round import Reading, read_extracts, refusal
from .gate import noticed_in, passed
from .markers import SEALS, seals_of
from .plan import PLAN, StagedExtract, make_plan
from .scanning import Scan, scan_extract
from .second_round import BucketTask, fold_bucket
from .tidying import claims_of, discard_unused, take, tidy

FEWEST_BUCKETS = 4
ROWS_A_BUCKET = 1_000_000
"""A new store gets as many buckets as hold about this many rows each, the number a power of two."""


@dataclass(frozen=True, repr=False)
class IngestReport:
    """What an ingest did.

    Attributes
    ----------
    snapshot : str
        The snapshot in force.
    added : tuple of str
        File names of the extracts that came in.
    replaced : tuple of str
        File names of the extracts that they took the place of.
    unchanged : tuple of str
        File names of the extracts that the store had already.
    records : int
        Records read of the added extracts, without headers.
    stored : int
        Records of them that were stored.
    quarantined : int
        Records of them that could not be used and were set aside; `records` is the sum of both.
    counts : dict of str to int
        What the store holds: `rows`, `histories`, `people`, `convictions`, `convictions_once` (each person's once)
        and `candidates` (convictions that a policy may decide).
    findings : dict of str to tuple of Finding
        What is doubtful about each added extract, by its file name; refusals are those that were accepted.
    """

    snapshot: str
    added: tuple[str, ...]
    replaced: tuple[str, ...]
    unchanged: tuple[str, ...]
    records: int
    stored: int
    quarantined: int
    counts: dict[str, int]
    findings: dict[str, tuple[Finding, ...]]

    def __repr__(self) -> str:
        lists = ("added", "replaced", "unchanged")
        figures = [
            *(f"{name}={len(getattr(self, name))}" for name in lists),
            *(f"{name}={getattr(self, name)}" for name in ("records", "stored", "quarantined")),
        ]
        return f"IngestReport(snapshot={self.snapshot!r}, {', '.join(figures)})"


@dataclass(frozen=True)
class _ReadExtract:
    """An extract whose blocks are finished."""

    scan: Scan
    county: str
    stored: int
    quarantined: int
    findings: tuple[Finding, ...]


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


def _county(scan: Scan, markers: dict[int, dict[str, Any]], given: str | None) -> str:
    """Find the county whose extract this is: as given, or that of most of its Prop 64 convictions."""
    if given is not None:
        return given
    counts: dict[str, int] = {}
    for marker in markers.values():
        for county, count in marker["counties"].items():
            counts[county] = counts.get(county, 0) + count
    counts.pop("", None)
    best = sorted(counts, key=lambda county: (-counts[county], county))
    if not best or (len(best) > 1 and counts[best[0]] == counts[best[1]]):
        raise ExtractError(
            f"{scan.source.name}: its records do not tell which county it is of; name it with --county"
        )
    return best[0]


def _finish_reading(
    scan: Scan, markers: dict[int, dict[str, Any]], given: str | None, quarantine: bool, accept: Collection[str]
) -> _ReadExtract:
    """Check that every record was stored or quarantined. Raises ExtractError if bad ones or doubts refuse it."""
    quarantined = sum(marker["quarantined"] for marker in markers.values())
    if quarantined and not quarantine:
        line, what = min(bad for marker in markers.values() for bad in map(tuple, marker["bad"]))
        raise refusal(scan.source.name, line, what, quarantined - 1)
    stored = sum(marker["stored"] for marker in markers.values())
    findings = passed(scan.source.name, noticed_in(markers.values()).findings(), accept)
    return _ReadExtract(scan, _county(scan, markers, given), stored, quarantined, findings)


def _bucket_count(records: int) -> int:
    buckets = FEWEST_BUCKETS
    while buckets * ROWS_A_BUCKET < records:
        buckets *= 2
    return buckets


def _next_manifest(
    current: Manifest | None, added: list[_ReadExtract], staying: list[ExtractEntry], buckets: int
) -> Manifest:
    """Make the manifest of the new snapshot, its counts still empty."""
    sequence = current.sequence + 1 if current else 1
    fresh = [
        ExtractEntry(
            id=extract.scan.id,
            name=extract.scan.source.name,
            county=extract.county,
            digest=extract.scan.digest,
            header_lines=extract.scan.header_lines,
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
    return replace(manifest, counts={"rows": sum(rows), **counts}, texts=sizes), seals


def ingest(
    extracts: Sequence[str],
    store: str,
    cluster: Cluster,
    *,
    county: str | None = None,
    quarantine: bool = False,
    accept: Collection[str] = (),
    buckets: int | None = None,
    block_bytes: int = BLOCK_BYTES,
    group_blocks: int | None = None,
    progress: ProgressCallback | None = None,
) -> IngestReport:
    """Take extracts into a store; see `clearscale.ingest`. group_blocks: see `read_extracts`."""
    state().findings.check_names(accept)
    root = Folder(store)
    with claims_of(root) as claims:
        reading = Reading(root, block_bytes, group_blocks, quarantine, claims)
        return _ingest(extracts, reading, cluster, county, accept, buckets, progress)


def _ingest(
    extracts: Sequence[str],
    reading: Reading,
    cluster: Cluster,
    county: str | None,
    accept: Collection[str],
    buckets: int | None,
    progress: ProgressCallback | None,
) -> IngestReport:
    root, claims = reading.root, reading.claims
    current = read_manifest(root)
    sources = _sources(extracts)
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
        if scan.digest in present and county in (None, present[scan.digest].county)
    ]
    unchanged = {entry.digest for entry in known}
    fresh = [scan for scan in scans if scan.digest not in unchanged]
    names = tuple(entry.name for entry in known)
    if current and not fresh and current.charges == state().charges.digest():
        tidy(root, current, claims)
        return IngestReport(current.snapshot, (), (), names, 0, 0, 0, current.counts, {})
    fixed = current.buckets if current else buckets
    for scan in fresh:
        take(claims, root, scan.id, scan.source.name)
    first = read_extracts(reading, fresh, lambda records: fixed or _bucket_count(records), cluster, progress)
    added = []
    for scan, found in zip(first.scans, first.markers, strict=True):
        try:
            added.append(_finish_reading(scan, found, county, reading.quarantine, accept))
        except ExtractError:
            discard_unused(root, [scan.id], claims)
            raise
    replaced = _superseded(current, known, added) if current else []
    gone = {entry.id for entry in replaced}
    staying = [entry for entry in current.extracts if entry.id not in gone] if current else []
    manifest = _next_manifest(current, added, staying, first.staging.buckets)
    take(claims, root, manifest.snapshot, f"snapshot {manifest.snapshot}")
    manifest, folded = _fold(first.staging, current, manifest, cluster, progress)
    stored = [seals_of(found) for found in first.markers]
    kept = _kept_files(root, current, staying) if current else {}
    claims.assert_held()
    commit(root, manifest, reduce(operator.or_, stored, kept) | folded)
    tidy(root, manifest, claims)
    return IngestReport(
        manifest.snapshot,
        tuple(extract.scan.source.name for extract in added),
        tuple(entry.name for entry in replaced),
        names,
        sum(extract.scan.records for extract in added),
        sum(extract.stored for extract in added),
        sum(extract.quarantined for extract in added),
        manifest.counts,
        {extract.scan.source.name: extract.findings for extract in added},
    )


def _kept_files(root: Folder, current: Manifest, staying: list[ExtractEntry]) -> dict[str, Seal]:
    """The seals of records and quarantine of extracts that stay."""
    folders = {folder(entry.id) for entry in staying for folder in (records_folder, quarantine_folder)}
    seals = Store(root, current).files.seals
    return {path: seal for path, seal in seals.items() if path.rpartition("/")[0] in folders}


def _superseded(current: Manifest, known: list[ExtractEntry], added: list[_ReadExtract]) -> list[ExtractEntry]:
    """List the extracts that leave: those of the named counties that were not named again."""
    counties = {extract.county for extract in added}
    again = {entry.digest for entry in known}
    read_again = {extract.scan.digest for extract in added}
    return [
        entry
        for entry in current.extracts
        if entry.digest in read_again or (entry.county in counties and entry.digest not in again)
    ]
