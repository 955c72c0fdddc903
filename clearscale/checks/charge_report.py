"""What a person should know of a store of charges: what all buckets and files found, as one tidy table."""

from collections import Counter
from collections.abc import Iterator
from functools import partial

import numpy as np
import pyarrow as pa

from clearscale.charges.tables import Words
from clearscale.formats import ColumnMap
from clearscale.io.shared import seen_by_all
from clearscale.law.findings import Finding
from clearscale.small_counts import SUPPRESS_BELOW
from clearscale.store.charge_manifest import ChargeManifest, map_in
from clearscale.store.charge_store import ChargeStore, open_charges
from clearscale.store.layout import told_by
from clearscale_cluster import Cluster, Label, ProgressCallback
from clearscale_kernels.arrays import Bools

from .charge_findings import FIRST, STATE, ChargeFinder, Listed
from .charge_vocabulary import NOTICED, OF_COUNTIES, OF_RECORDS, ROW_FOR_EACH, TOLD, UNKNOWN_TEXTS
from .counts import FindingCounts
from .report import SCHEMA, without_values, written
from .tasks import CheckTask

FILE = "file"
"""The scope of a file."""

OTHER_COUNTIES = "(other counties)"
"""Counties of few charges, where no list says which there are: their names could be those of people."""


def check_charge_bucket(task: CheckTask, bucket: int) -> FindingCounts:
    """Count the findings of one bucket."""
    store = open_charges(task.store.url, task.snapshot)
    stated = map_in(store.manifest)
    listed = Listed(_listed(stated, "court", store.words.courts), _listed(stated, "agency", store.words.agencies))
    return ChargeFinder(store.tables(bucket), store.numbers(bucket), listed).find()


def _listed(stated: ColumnMap, role: str, texts: tuple[str, ...]) -> Bools | None:
    """Which texts are names that a map or its state has, None where neither has any."""
    words, listed = stated.document["values"].get(role), stated.listed(role)
    if words is None and listed is None:
        return None
    named = set(words or ())
    return np.array([text in named or (listed is not None and listed(text) == text) for text in texts], np.bool_)


def check_charges(
    store: ChargeStore,
    cluster: Cluster,
    *,
    out: str | None = None,
    show_values: bool = False,
    progress: ProgressCallback | None = None,
) -> pa.Table:
    """Count the findings of a store of charges; see `clearscale.check`."""
    manifest = store.manifest
    task = CheckTask(store.folder, manifest.snapshot)
    with seen_by_all(cluster, read=[told_by(store.folder, manifest.snapshot)]):
        counts: FindingCounts = cluster.reduce(
            partial(check_charge_bucket, task),
            list(range(store.buckets)),
            _add,
            label=Label("check charges", "buckets"),
            progress=progress,
        )
    if not show_values:
        counts = without_values(counts, UNKNOWN_TEXTS)
    rows = [
        *_of_files(manifest),
        *_of_counties(counts, manifest, store.words, show_values),
        *_of_state(counts, manifest),
    ]
    table = pa.table(
        [pa.array(column, kind) for column, kind in zip(zip(*rows, strict=True), SCHEMA.types, strict=True)],
        schema=SCHEMA,
    )
    return written(table, out)


def _add(left: FindingCounts, right: FindingCounts) -> FindingCounts:
    return left + right


_Row = tuple[str, str, str, str, str, int]


def _of_files(manifest: ChargeManifest) -> Iterator[_Row]:
    """Rows of each file: what became of its records, and what was found when it was read."""
    for file in manifest.read:
        where = (FILE, "", file.id)
        yield from ((*where, *row) for row in _records(manifest, [file.id]))
        yield from ((*where, *row) for row in _noticed(file.findings))


def _of_counties(
    counts: FindingCounts, manifest: ChargeManifest, words: Words, show_values: bool
) -> Iterator[_Row]:
    """Rows of each county, that of charges without one first."""
    names = dict(enumerate(words.counties, FIRST)) | {FIRST - 1: ""}
    if not show_values and map_in(manifest).places is None and "column" in map_in(manifest).county:
        sizes = {scope: count for (scope, finding, _), count in counts.items() if finding == "charges"}
        names |= {
            scope: OTHER_COUNTIES for scope in names if scope >= FIRST and sizes.get(scope, 0) < SUPPRESS_BELOW
        }
    by_name: dict[str, FindingCounts] = {}
    for (scope, finding, detail), count in sorted(counts.items()):
        if scope != STATE:
            by_name.setdefault(names[scope], Counter())[0, finding, detail] += count
    for name in sorted(by_name):
        yield from (("county", name, "", *row) for row in _findings(by_name[name], manifest))


def _of_state(counts: FindingCounts, manifest: ChargeManifest) -> Iterator[_Row]:
    """Rows of all together."""
    where = ("state", "", "")
    yield from ((*where, *row) for row in _records(manifest, [file.id for file in manifest.read]))
    of_state = Counter({key: count for key, count in counts.items() if key[0] == STATE})
    yield from ((*where, *row) for row in _findings(of_state, manifest))
    everything = [*(found for file in manifest.read for found in file.findings), *manifest.findings]
    yield from ((*where, *row) for row in _noticed(everything))


def _records(manifest: ChargeManifest, ids: list[str]) -> Iterator[tuple[str, str, int]]:
    files = [file for file in manifest.read if file.id in ids]
    reasons: Counter[str] = Counter()
    for file in files:
        reasons.update(file.aside)
    sums = [sum(getattr(file, name) for file in files) for name in ("records", "stored", "quarantined", "purged")]
    yield from ((name, "", count) for name, count in zip(OF_RECORDS, sums, strict=False))
    yield from ((OF_RECORDS[-1], reason, count) for reason, count in sorted(reasons.items()) if count)


def _findings(counts: FindingCounts, manifest: ChargeManifest) -> Iterator[tuple[str, str, int]]:
    """Findings in their order. What some file has no column for says nothing, and is left out."""
    details: dict[str, list[tuple[str, int]]] = {}
    for (_, finding, detail), count in sorted(counts.items()):
        details.setdefault(finding, []).append((detail, count))
    for finding in OF_COUNTIES:
        if finding in TOLD and TOLD[finding] not in manifest.told:
            continue
        found = details.get(finding, [] if finding in ROW_FOR_EACH else [("", 0)])
        yield from ((finding, detail, count) for detail, count in found)


def _noticed(findings: "list[Finding] | tuple[Finding, ...]") -> Iterator[tuple[str, str, int]]:
    """What was noticed at an ingest, in the order of kinds. The detail is the grade."""
    found: Counter[tuple[str, str]] = Counter()
    for finding in findings:
        found[finding.name, "accepted" if finding.accepted else finding.grade] += finding.count
    order = list(NOTICED)
    for (name, grade), count in sorted(found.items(), key=lambda item: (order.index(item[0][0]), item[0][1])):
        yield name, grade, count
