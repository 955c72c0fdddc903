"""The report: what all buckets and extracts found, added up, as one tidy table."""

from collections import Counter
from collections.abc import Collection
from functools import partial

import pyarrow as pa

from clearscale.encoding import readable
from clearscale.errors import StoreError
from clearscale.io.claims import LOCK, claimed
from clearscale.io.files import Folder
from clearscale.io.shared import seen_by_all
from clearscale.io.spreadsheet import write_csv
from clearscale.runs.crosstabs import SCOPES
from clearscale.store import Manifest, Store
from clearscale.store.layout import told_by
from clearscale_cluster import Cluster, Label, ProgressCallback

from .counts import FindingCounts
from .tasks import CheckTask, check_bucket, quarantine_reasons
from .vocabulary import DETAILED, FINDINGS, NOTICED, UNKNOWN_TEXTS

TABLE = "checks"
"""Name of the table's files."""

SCHEMA = pa.schema(
    [(name, pa.string()) for name in ("scope", "county", "extract", "finding", "detail")] + [("count", pa.int64())]
)


def check(
    store: Store,
    cluster: Cluster,
    *,
    out: str | None = None,
    show_values: bool = False,
    progress: ProgressCallback | None = None,
) -> pa.Table:
    """Count the findings of a store; see `clearscale.check`."""
    manifest = store.manifest
    task = CheckTask(store.folder, manifest.snapshot)
    quarantined = [place for place, entry in enumerate(manifest.extracts) if entry.quarantined]
    reasons = partial(quarantine_reasons, task)
    buckets = list(range(manifest.buckets))
    with seen_by_all(cluster, read=[told_by(store.folder, manifest.snapshot)]):
        counts: FindingCounts = cluster.reduce(
            partial(check_bucket, task), buckets, _add, label=Label("check histories", "buckets"), progress=progress
        )
        for _, found in cluster.map(reasons, quarantined, label="check quarantine", progress=progress):
            counts += found
    counts += _state_reasons(counts, manifest) + _of_no_county(store)
    if not show_values:
        counts = without_values(counts, UNKNOWN_TEXTS)
    return written(_table(counts + _records(manifest) + _noticed(manifest), manifest), out)


def written(table: pa.Table, out: str | None) -> pa.Table:
    """Write a table of findings, if a folder is given, and return it."""
    if out is not None:
        with claimed(Folder(out), LOCK, StoreError):
            Folder(out).write_parquet(f"{TABLE}.parquet", table, lasting=True)
            write_csv(Folder(out), f"{TABLE}.csv", table)
    return table


def _add(left: FindingCounts, right: FindingCounts) -> FindingCounts:
    return left + right


def without_values(counts: FindingCounts, unknown: Collection[str]) -> FindingCounts:
    """Tell unknown texts as how many different ones there are. unknown: findings whose details are such texts."""
    texts = Counter((scope, finding) for scope, finding, _ in counts if finding in unknown)
    result: FindingCounts = Counter()
    for (scope, finding, detail), count in counts.items():
        many = texts[scope, finding]
        told = f"{many:,} unknown text{'s' if many > 1 else ''}" if many else detail
        result[scope, finding, told] += count
    return result


def _state_reasons(counts: FindingCounts, manifest: Manifest) -> FindingCounts:
    """Add up the reasons of all extracts."""
    result: FindingCounts = Counter()
    for (_, finding, detail), count in counts.items():
        if finding == "quarantine-reason":
            result[len(manifest.extracts), finding, detail] += count
    return result


def _records(manifest: Manifest) -> FindingCounts:
    """Count what became of the records, by extract and in the state."""
    result: FindingCounts = Counter()
    for place, entry in enumerate(manifest.extracts):
        for scope in (place, len(manifest.extracts)):
            result[scope, "records-read", ""] += entry.records
            result[scope, "records-stored", ""] += entry.stored
            result[scope, "records-quarantined", ""] += entry.quarantined
            result[scope, "records-purged", ""] += entry.purged
    return result


def _of_no_county(store: Store) -> FindingCounts:
    """Count the records of statewide files that go to no county, in the state."""
    state = len(store.manifest.extracts)
    reasons = Counter(store.aside().column("reason").to_pylist())
    result: FindingCounts = Counter(
        {(state, "quarantine-reason", reason): count for reason, count in reasons.items()}
    )
    result[state, "records-quarantined", ""] += sum(part.quarantined for part in store.manifest.aside)
    result[state, "records-purged", ""] += sum(part.purged for part in store.manifest.aside)
    return result


def _noticed(manifest: Manifest) -> FindingCounts:
    """Count what was noticed at the ingest of each extract, added up for the state. The detail is the grade."""
    result: FindingCounts = Counter()
    places = manifest.numbered()
    for found in manifest.all_findings():
        if found["name"] in NOTICED:
            grade = "accepted" if found["accepted"] else found["grade"]
            for scope in {places.get(found["extract"], len(places)), len(places)}:
                result[scope, found["name"], grade] += found["count"]
    return result


def _table(counts: FindingCounts, manifest: Manifest) -> pa.Table:
    """Return a row for each count: extracts in the snapshot's order, the state last; findings in their order."""
    details: dict[tuple[int, str], list[tuple[str, int]]] = {}
    for (scope, finding, detail), count in sorted(counts.items()):
        details.setdefault((scope, finding), []).append((detail, count))
    of_scope = [(SCOPES[0], readable(entry.county), entry.id) for entry in manifest.extracts] + [
        (SCOPES[1], "", "")
    ]
    rows = []
    for place, names in enumerate(of_scope):
        for finding in FINDINGS:
            found = details.get((place, finding), [] if finding in DETAILED else [("", 0)])
            rows += [(*names, finding, detail, count) for detail, count in found]
    return pa.table(
        [pa.array(column, kind) for column, kind in zip(zip(*rows, strict=True), SCHEMA.types, strict=True)],
        schema=SCHEMA,
    )
