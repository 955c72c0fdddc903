"""Ingest: extracts in, a new snapshot of the store out.

Two rounds of independent tasks: blocks are read, stored and encoded; buckets gather their rows and fold. Between
them the blocks' texts become codes of the store. What is finished stays finished: the same command after a kill
takes up where the last one stopped, and the store serves its last snapshot until the manifest is replaced.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from clearscale_cluster import Cluster, ProgressCallback

from ..charges import catalog
from ..errors import ExtractError
from ..extract import BLOCK_BYTES
from ..files import Folder, Source, matching
from ..version import VERSION
from .blocks import BlockTask, encode_blocks, finished
from .buckets import BucketTask, fold_bucket
from .dictionaries import Dictionaries, write_charges
from .layout import (
    BUCKETED,
    DICTIONARIES,
    MANIFEST,
    QUARANTINE,
    RECORDS,
    SNAPSHOTS,
    STAGING,
    Staging,
    snapshot_folder,
)
from .manifest import ExtractEntry, Manifest, commit, read_manifest
from .plan import PLAN, StagedExtract, make_plan
from .scanning import Scan, scan

FEWEST_BUCKETS = 4
ROWS_A_BUCKET = 1_000_000
"""A new store gets as many buckets as hold about this many rows each, a power of two."""

_MANY_BLOCKS = 1_000_000


@dataclass(frozen=True)
class IngestReport:
    """What an ingest did.

    added, replaced, unchanged: extracts by file name. records, stored, quarantined: of the added extracts.
    """

    snapshot: str
    added: tuple[str, ...]
    replaced: tuple[str, ...]
    unchanged: tuple[str, ...]
    records: int
    stored: int
    quarantined: int
    counts: dict[str, int]


@dataclass(frozen=True)
class _Read:
    """An extract whose blocks are finished."""

    scan: Scan
    county: str
    stored: int
    quarantined: int


def _sources(extracts: Sequence[str]) -> list[Source]:
    """The files that paths, URLs and patterns with * name. Raises ExtractError if there are none."""
    found: list[str] = []
    for each in extracts:
        if "*" in each:
            matches = matching(each)
            if not matches:
                raise ExtractError(f"{each}: no file matches")
            found += matches
        else:
            found.append(each)
    if not found:
        raise ExtractError("no extracts were named")
    return [Source(url) for url in dict.fromkeys(found)]


def _refuse(name: str, line: int, what: str, others: int) -> ExtractError:
    more = f" ({others} more records cannot be used)" if others else ""
    return ExtractError(
        f"{name}, line {line}: {what}{more}. Nothing of this extract was stored. "
        "Mend the file, or keep its good records with --on-bad-record quarantine."
    )


def _read_blocks(
    staging: Staging,
    scans: list[Scan],
    quarantine: bool,
    cluster: Cluster,
    progress: ProgressCallback | None,
) -> list[dict[int, dict[str, Any]]]:
    """Encode the blocks that are not finished yet; returns each extract's markers by block number."""
    markers = [finished(staging.of(each.id)) for each in scans]
    tasks: list[BlockTask] = []
    owners: list[int] = []
    for place, each in enumerate(scans):
        spans = [span for span in each.spans if span.number not in markers[place]]
        at_once = _MANY_BLOCKS if each.source.is_compressed else 1
        for first in range(0, len(spans), at_once):
            chosen = tuple(spans[first : first + at_once])
            tasks.append(BlockTask(staging, each.source, each.id, each.header_lines, chosen, quarantine))
            owners.append(place)
    for position, found in cluster.map(encode_blocks, tasks, label="read extracts", progress=progress):
        for marker in found:
            markers[owners[position]][marker["block"]] = marker
    return markers


def _county(each: Scan, markers: dict[int, dict[str, Any]], given: str | None) -> str:
    """The county whose extract this is: as given, or that of most of its Prop 64 convictions."""
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
            f"{each.source.name}: its records do not tell which county it is of; name it with --county"
        )
    return best[0]


def _finish_reading(each: Scan, markers: dict[int, dict[str, Any]], given: str | None, quarantine: bool) -> _Read:
    """Check that every record was stored or quarantined. Raises ExtractError if bad ones are refused."""
    quarantined = sum(marker["quarantined"] for marker in markers.values())
    if quarantined and not quarantine:
        line, what = min(bad for marker in markers.values() for bad in map(tuple, marker["bad"]))
        raise _refuse(each.source.name, line, what, quarantined - 1)
    stored = sum(marker["stored"] for marker in markers.values())
    return _Read(each, _county(each, markers, given), stored, quarantined)


def _bucket_count(records: int) -> int:
    buckets = FEWEST_BUCKETS
    while buckets * ROWS_A_BUCKET < records:
        buckets *= 2
    return buckets


def _next_manifest(
    current: Manifest | None, read: list[_Read], staying: list[ExtractEntry], buckets: int
) -> Manifest:
    """The manifest of the new snapshot, its counts still empty."""
    sequence = current.sequence + 1 if current else 1
    fresh = [
        ExtractEntry(
            id=each.scan.id,
            name=each.scan.source.name,
            county=each.county,
            digest=each.scan.digest,
            header_lines=each.scan.header_lines,
            records=each.scan.records,
            stored=each.stored,
            quarantined=each.quarantined,
            blocks=len(each.scan.spans),
            added=sequence,
        )
        for each in read
    ]
    entries = tuple(sorted([*staying, *fresh], key=lambda entry: (entry.added, entry.county, entry.id)))
    parent = current.snapshot if current else None
    charges = catalog().digest()
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
) -> Manifest:
    """Fold every bucket of the new snapshot; returns its manifest with counts."""
    store = staging.store
    folder = snapshot_folder(store, manifest.snapshot)
    before = current.numbered() if current else {}
    kept = tuple(
        (before[entry.id], place)
        for place, entry in enumerate(manifest.extracts)
        if entry.added != manifest.sequence
    )
    staged = [
        StagedExtract(entry.id, place, entry.blocks)
        for place, entry in enumerate(manifest.extracts)
        if entry.added == manifest.sequence
    ]
    dictionaries = (
        Dictionaries.read(snapshot_folder(store, current.snapshot).folder(DICTIONARIES))
        if current
        else Dictionaries()
    )
    folder.write_parquet(PLAN, make_plan(staging, staged, dictionaries))
    dictionaries.write(folder.folder(DICTIONARIES))
    write_charges(folder, dictionaries)
    tasks = [
        BucketTask(staging, manifest.snapshot, manifest.parent, bucket, kept, len(manifest.extracts))
        for bucket in range(manifest.buckets)
    ]
    found = cluster.gather(fold_bucket, tasks, label="fold histories", progress=progress)
    rows = [sum(column) for column in zip(*(each["rows"] for each in found), strict=True)]
    for entry, count in zip(manifest.extracts, rows, strict=True):
        if count != entry.stored:
            raise ExtractError(
                f"{entry.name}: {entry.stored} records were stored, but {count} are in the histories; "
                "nothing was committed. Please report this."
            )
    counted = ("histories", "people", "convictions", "convictions_once")
    counts = {name: sum(each[name] for each in found) for name in counted}
    return replace(manifest, counts={"rows": sum(rows), **counts})


def ingest(
    extracts: Sequence[str],
    store: str,
    cluster: Cluster,
    *,
    county: str | None = None,
    quarantine: bool = False,
    buckets: int | None = None,
    block_bytes: int = BLOCK_BYTES,
    progress: ProgressCallback | None = None,
) -> IngestReport:
    """Take extracts into a store; see `clearscale.ingest`."""
    root = Folder(store)
    current = read_manifest(root)
    sources = _sources(extracts)
    tasks = [(source, block_bytes) for source in sources]
    scans = list(
        {
            each.digest: each for each in cluster.gather(scan, tasks, label="scan extracts", progress=progress)
        }.values()
    )
    present = {entry.digest: entry for entry in current.extracts} if current else {}
    known = [
        present[each.digest]
        for each in scans
        if each.digest in present and county in (None, present[each.digest].county)
    ]
    unchanged = {entry.digest for entry in known}
    fresh = [each for each in scans if each.digest not in unchanged]
    if not quarantine:
        for each in fresh:
            if each.first_bad is not None:
                raise _refuse(each.source.name, *each.first_bad, each.bad - 1)
    names = tuple(entry.name for entry in known)
    if current and not fresh and current.charges == catalog().digest():
        _tidy(root, current)
        return IngestReport(current.snapshot, (), (), names, 0, 0, 0, current.counts)
    if current is None:
        buckets = buckets or _bucket_count(sum(each.records for each in fresh))
    else:
        buckets = current.buckets
    staging = Staging(root, buckets, block_bytes)
    markers = _read_blocks(staging, fresh, quarantine, cluster, progress)
    read = []
    for each, found in zip(fresh, markers, strict=True):
        try:
            read.append(_finish_reading(each, found, county, quarantine))
        except ExtractError:
            _discard_unused(root, [each.id])
            raise
    replaced = _superseded(current, known, read) if current else []
    gone = {entry.id for entry in replaced}
    staying = [entry for entry in current.extracts if entry.id not in gone] if current else []
    manifest = _fold(staging, current, _next_manifest(current, read, staying, buckets), cluster, progress)
    commit(root, manifest)
    _tidy(root, manifest)
    return IngestReport(
        manifest.snapshot,
        tuple(each.scan.source.name for each in read),
        tuple(entry.name for entry in replaced),
        names,
        sum(each.scan.records for each in read),
        sum(each.stored for each in read),
        sum(each.quarantined for each in read),
        manifest.counts,
    )


def _discard_unused(root: Folder, extracts: Sequence[str]) -> None:
    """Remove what was stored of extracts that no snapshot holds."""
    snapshots = root.folder(SNAPSHOTS)
    finished = [name for name in snapshots.names() if snapshots.exists(f"{name}/{MANIFEST}")]
    used = {entry["id"] for name in finished for entry in snapshots.read_json(f"{name}/{MANIFEST}")["extracts"]}
    for extract in set(extracts) - used:
        # Staged blocks first: what they say is stored must be there as long as they are.
        for folder in (STAGING, RECORDS, QUARANTINE):
            root.remove(f"{folder}/{extract}")


def _tidy(root: Folder, manifest: Manifest) -> None:
    """After a commit: remove staged blocks, and what interrupted ingests left that were never finished.

    The plan goes last: while it is there, tidying was interrupted and is done again.
    """
    snapshot = snapshot_folder(root, manifest.snapshot)
    if not snapshot.exists(PLAN):
        return
    for extract in (entry.id for entry in manifest.extracts if entry.added == manifest.sequence):
        for folder in (RECORDS, QUARANTINE):
            root.folder(f"{folder}/{extract}").tidy()
    for dataset in ("", DICTIONARIES, *BUCKETED):
        snapshot.folder(dataset).tidy()
    _discard_unused(root, root.folder(STAGING).names())
    root.remove(STAGING)
    snapshots = root.folder(SNAPSHOTS)
    for name in snapshots.names():
        if not snapshots.exists(f"{name}/{MANIFEST}"):
            snapshots.remove(name)
    snapshot.remove(PLAN)


def _superseded(current: Manifest, known: list[ExtractEntry], read: list[_Read]) -> list[ExtractEntry]:
    """Extracts that leave: those of the named counties that were not named again."""
    counties = {each.county for each in read}
    again = {entry.digest for entry in known}
    read_again = {each.scan.digest for each in read}
    return [
        entry
        for entry in current.extracts
        if entry.digest in read_again or (entry.county in counties and entry.digest not in again)
    ]
