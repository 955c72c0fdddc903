"""Compare two runs over charges, bucket by bucket.

Decisions are of the same charge where file and line are equal. A file's id comes from its bytes, so equal ids are
equal files, and a file that took another's place has another id: there, charges are matched by what stays of them,
as `sides.py` says. Runs of one snapshot have their records in the
same buckets; of others each bucket is looked for in all of the other run.
"""

import operator
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import pyarrow as pa

from clearscale.errors import RunError
from clearscale.io.claims import LOCK, claimed
from clearscale.io.files import Folder
from clearscale.io.shared import seen_by_all
from clearscale.io.spreadsheet import write_csv
from clearscale.io.urls import absolute
from clearscale.runs.charges import ChargeRun
from clearscale.runs.charges.crosstabs import STATE
from clearscale.runs.finished import INFO as RUN_INFO
from clearscale.runs.stores import open_charges_of
from clearscale.store.layout import told_by
from clearscale.store.manifest import CHARGES, HOLDS
from clearscale.whatif.diff.files import CHANGES_TABLE, INFO, RECORDS_TABLE, clear, inputs
from clearscale_cluster import Cluster, Label, ProgressCallback

from .changes import CHANGES, RECORDS, SIDES, DiffCounts, changed, counted, records
from .result import ChargeDiff, changes_table
from .sides import ChargeSide, Joined, aligned, joined_elsewhere, joined_in_place, only_before

CHARGES_A_TASK = 2**20
"""Charges of a task, about, where each looks through all of the other run."""

MOST_CSV_ROWS = 1_000_000
"""Records up to which they are written as CSV too; a spreadsheet program has room for no more."""

IN_PLACE, ELSEWHERE, LEFT = "in place", "elsewhere", "left"
Share = tuple[str, tuple[int, ...]]
"""Some buckets, and what is done: both runs' matched, the later run's looked for in the earlier one, or what the
earlier one has alone."""


@dataclass(frozen=True)
class DiffTask:
    """A comparison's inputs, for any of its tasks. out: where records are written, if anywhere."""

    before: ChargeSide
    after: ChargeSide
    shares: tuple[Share, ...]
    out: Folder | None = None

    def joined(self, number: int) -> Joined:
        """Match the decisions of a share."""
        how, buckets = self.shares[number]
        if how == IN_PLACE:
            return joined_in_place(self.before, self.after, buckets[0])
        join = joined_elsewhere if how == ELSEWHERE else only_before
        return join(self.before, self.after, buckets)

    def parts(self) -> Iterator[pa.Table]:
        """The records of all shares."""
        for number in range(len(self.shares)):
            joined = self.joined(number)
            yield records(joined, changed(joined))


def compare_share(task: DiffTask, number: int) -> DiffCounts:
    """Count a share and, if they are asked for, write its records."""
    joined = task.joined(number)
    found = changed(joined)
    counts = counted(joined, found)
    listed = records(joined, found) if task.out is not None else None
    if task.out is not None and listed is not None and listed.num_rows:
        name = _part(number)
        task.out.write_parquet(name, listed, lasting=True, write_statistics=False)
        counts.parts[name] = listed.num_rows
    return counts


def diff_charges(
    before: ChargeRun,
    after: ChargeRun,
    cluster: Cluster,
    *,
    out: str | None = None,
    progress: ProgressCallback | None = None,
) -> ChargeDiff:
    """Compare two runs over charges; see `clearscale.diff`."""
    runs = (before, after)
    stores = [open_charges_of(run) for run in runs]
    files = tuple(sorted({name for store in stores for name in store.words.files}))
    held = [frozenset(store.words.files) for store in stores]
    alone = [held[0] - held[1], held[1] - held[0]]
    if not all(alone):
        alone = [frozenset(), frozenset()]  # nothing took another's place
    sides = ChargeSide(before, files, alone[0]), ChargeSide(after, files, alone[1])
    charges = [store.manifest.counts["charges"] for store in stores]
    task = DiffTask(*sides, _shares(sides, charges), None if out is None else Folder(absolute(out)))
    read = [told_by(store.folder, store.manifest.snapshot) for store in stores]
    read += [(run.folder, RUN_INFO) for run in runs]
    with seen_by_all(cluster, read=read):
        if task.out is None:
            return _result(runs, task, _counted(task, cluster, progress))
        with claimed(task.out, LOCK, RunError):
            clear(task.out)
            with seen_by_all(cluster, written=[task.out]):
                counts = _counted(task, cluster, progress)
            result = _result(runs, task, counts)
            _write(task.out, result, counts)
    return result


def _shares(sides: tuple[ChargeSide, ChargeSide], charges: Sequence[int]) -> tuple[Share, ...]:
    before, after = sides
    if aligned(before, after):
        return tuple((IN_PLACE, (bucket,)) for bucket in range(before.buckets))
    found: list[Share] = []
    for how, side, many in ((ELSEWHERE, after, charges[1]), (LEFT, before, charges[0])):
        size = max(1, side.buckets * CHARGES_A_TASK // max(many, 1))
        found += [
            (how, tuple(range(first, min(first + size, side.buckets)))) for first in range(0, side.buckets, size)
        ]
    return tuple(found)


def _counted(task: DiffTask, cluster: Cluster, progress: ProgressCallback | None) -> DiffCounts:
    counts: DiffCounts = cluster.reduce(
        partial(compare_share, task),
        range(len(task.shares)),
        operator.add,
        label=Label("compare decisions", "buckets", [len(buckets) for _, buckets in task.shares]),
        progress=progress,
    )
    return counts


def _result(runs: Sequence[ChargeRun], task: DiffTask, counts: DiffCounts) -> ChargeDiff:
    charges = dict.fromkeys(CHANGES, 0)
    for cell, many in counts.charges.items():
        if cell[0] == STATE:
            charges[cell[3]] += many
    held = [set(side.store.words.files) for side in (task.before, task.after)]
    info = {
        HOLDS: CHARGES,
        **inputs(runs),
        "parameters": _parameters(runs),
        "files_only_before": sorted(held[0] - held[1]),
        "files_only_after": sorted(held[1] - held[0]),
        "charges": charges,
        "people": {change: counts.of_people[change] for change in CHANGES},
        "people_changed": counts.of_people[""],
        "records": sum(charges.values()) - charges[CHANGES[0]],
    }
    return ChargeDiff(info, changes_table(counts), task.parts)


def _parameters(runs: Sequence[ChargeRun]) -> dict[str, dict[str, Any]]:
    """Values of the policies' parameters that differ, before and after; None where a policy has no such."""
    values = [dict(run.info["policy"]["parameters"]) for run in runs]
    found = {}
    for name in dict.fromkeys([*values[0], *values[1]]):
        both = [parameters.get(name) for parameters in values]
        if both[0] != both[1]:
            found[name] = dict(zip(SIDES, both, strict=True))
    return found


def _write(folder: Folder, result: ChargeDiff, counts: DiffCounts) -> None:
    """Write what follows the records, which are there already; `diff.json` last."""
    folder.write_parquet(f"{CHANGES_TABLE}.parquet", result.changes, lasting=True, write_statistics=False)
    write_csv(folder, f"{CHANGES_TABLE}.csv", result.changes)
    parts = sorted(counts.parts)
    if not parts:
        folder.write_parquet(_part(0), RECORDS.empty_table(), lasting=True, write_statistics=False)
    if result.info["records"] <= MOST_CSV_ROWS:
        read = [folder.read_parquet(name) for name in parts]
        write_csv(folder, f"{RECORDS_TABLE}.csv", pa.concat_tables([RECORDS.empty_table(), *read]))
    folder.write_json(INFO, result.info, lasting=True)


def _part(number: int) -> str:
    return f"{RECORDS_TABLE}.parquet/part-{number:05d}.parquet"
