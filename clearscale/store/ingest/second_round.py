"""Second round of an ingest: each bucket gathers its rows from every block, sorts them by person, and folds."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa

from clearscale.histories.candidates import candidates_of, county_codes
from clearscale.histories.dictionaries import Dictionaries
from clearscale.histories.folding import fold_histories
from clearscale.histories.merging import EncodedRows, MergedHistories, merge
from clearscale.io.far import both, each
from clearscale.io.files import Folder
from clearscale.io.seals import Seal
from clearscale.store.buckets import write_table
from clearscale.store.layout import (
    BUCKETED,
    CANDIDATES,
    CONVICTIONS,
    DICTIONARIES,
    FOLDED,
    HISTORIES,
    PEOPLE,
    SLICES,
    SUBJECTS,
    Staging,
    bucket_file,
    snapshot_folder,
    snapshot_path,
)
from clearscale.store.manifest import read_snapshot
from clearscale.store.sealed import sealed_files
from clearscale.store.slices import COUNT, Slices, slices_of
from clearscale_kernels.arrays import Bools, Int32s, Int64s

from .block_groups import Dealt, read_dealt, rows_part
from .gate import NOTICED
from .kept_rows import KeptRows, Source
from .markers import SEALS, read_marker, write_marker
from .plan import KEPT, GroupPlan, read_plan
from .slicing import counted, slices_table

Strays = list[tuple[bytes, int, int]]
"""See `GroupPlan.strays`."""

_CODED = ("offense", "county", "count_order")
"""Columns of rows whose codes the plan translates."""


@dataclass(frozen=True)
class BucketTask:
    """A bucket of a new snapshot.

    bucket: its number among the `of` buckets that are folded. anew: the slices that are folded, a bit each, None
    for all. sources: rows of its slices that the parent snapshot has. elsewhere: sources of other slices, in which
    are rows of subjects that belong here. staying: numbers of the extracts whose rows in the parent stay. counties:
    of each extract by its number, as its records write it.
    """

    staging: Staging
    snapshot: str
    parent: str | None
    bucket: int
    of: int
    anew: bytes | None
    sources: tuple[Source, ...]
    elsewhere: Mapping[int, tuple[Source, ...]]
    staying: tuple[int, ...]
    counties: tuple[str, ...]

    def holds(self, place: int) -> bool:
        """Whether a slice would be of this bucket."""
        return place % self.staging.buckets % self.of == self.bucket

    @property
    def slices(self) -> Int64s:
        """The slices that it holds, sorted."""
        slices: Int64s = np.arange(COUNT)
        if self.anew is not None:
            slices = np.flatnonzero(np.unpackbits(np.frombuffer(self.anew, np.uint8), count=COUNT))
        own: Int64s = slices[slices % self.staging.buckets % self.of == self.bucket]
        return own


def fold_bucket(task: BucketTask) -> dict[str, Any]:
    """Fold one bucket and write its files; return its counts, and the seals of the files as SEALS.

    A bucket whose marker is there, and its files as they were written, is not folded again, so that a repeated task
    does no harm and little work.
    """
    store = task.staging.store
    folder, marker = snapshot_folder(store, task.snapshot), f"{FOLDED}/bucket-{task.bucket:05d}.json"
    found, before = both(store, lambda: read_marker(folder, marker), lambda: _before(folder))
    if found is not None and all(store.holds(path, Seal(*seal)) for path, seal in found[SEALS].items()):
        return found
    result = _fold_and_write(task, folder, *before)
    write_marker(folder, marker, result)
    pa.default_memory_pool().release_unused()
    return result


def _before(folder: Folder) -> tuple[list[GroupPlan], Dictionaries]:
    """What all buckets of a snapshot are folded by."""
    names = ("offense", "count_order", "county")
    return both(folder, lambda: read_plan(folder), lambda: Dictionaries.read(folder.folder(DICTIONARIES), names))


def _fold_and_write(
    task: BucketTask, folder: Folder, plans: Sequence[GroupPlan], dictionaries: Dictionaries
) -> dict[str, Any]:
    histories = merge(_parts(task, plans), lambda persons, subjects: _sliced(task, persons, subjects))
    folded = fold_histories(histories, dictionaries)
    found = candidates_of(folded, dictionaries, county_codes(task.counties, dictionaries))
    assert histories.slices is not None
    slices = slices_table(histories.slices, folded.people, folded.convictions, found.candidates)
    tables = {
        HISTORIES: _histories_table(histories),
        CONVICTIONS: folded.convictions,
        PEOPLE: folded.people,
        CANDIDATES: found.candidates,
        SUBJECTS: found.subjects,
        SLICES: slices,
    }
    write = lambda dataset: write_table(folder, dataset, task.bucket, tables[dataset])  # noqa: E731
    seals = dict(zip(BUCKETED, each(folder, write, BUCKETED), strict=True))
    counts, rows, noticed = counted([Slices(slices)], len(task.counties))
    path = snapshot_path(task.snapshot)
    return {
        "extracts": rows.tolist(),
        **counts,
        NOTICED: noticed.document(),
        SEALS: {f"{path}/{bucket_file(dataset, task.bucket)}": seal for dataset, seal in seals.items()},
    }


def _sliced(task: BucketTask, persons: np.ndarray, subjects: np.ndarray) -> Int32s:
    """The slice of each history. Shape (h,)."""
    slices, own = slices_of(persons, subjects), task.slices
    # Format 5 dealt histories without a number out by their extract, too; where they are is where they stay.
    strange = ~np.isin(slices, own)
    slices[strange] = own[slices[strange] % own.size] if own.size else 0
    return slices


def _histories_table(histories: MergedHistories) -> pa.Table:
    columns = {name: pa.array(values) for name, values in histories.rows.items() if name != "ofn"}
    codes = histories.rows["ofn"]
    columns["ofn"] = histories.ofn.take(pa.array(codes, mask=codes < 0))
    return pa.table(columns)


def _parts(task: BucketTask, plans: Sequence[GroupPlan]) -> Iterator[EncodedRows]:
    """Yield the bucket's rows, extract by extract in the order of their numbers."""
    strays = {plan.extract: plan.strays for plan in plans if plan.group == KEPT}
    kept = _kept_parts(task, strays)
    wanted: dict[int, list[_Wanted]] = {}
    for plan in plans:
        if plan.group != KEPT:
            wanted.setdefault(plan.extract, []).extend(_wanted_of(plan, task))
    staging = task.staging
    dealt = read_dealt(
        staging.store,
        [
            rows_part(staging, rows.plan.staged, rows.plan.group, rows.plan.bounds, rows.bucket)
            for extract in sorted(wanted)
            for rows in wanted[extract]
        ],
    )
    for extract in sorted({*kept, *wanted}):
        yield from kept.get(extract, ())
        for rows in wanted.get(extract, ()):
            yield _part(rows.plan, next(dealt), rows.subjects, rows.stay)


def _kept_parts(task: BucketTask, strays: Mapping[int, Strays]) -> dict[int, list[EncodedRows]]:
    """The rows that extracts have already, by the extract's number. strays: of extracts that get more files."""
    if task.parent is None or not (task.sources or task.elsewhere):
        return {}
    store = task.staging.store
    files = sealed_files(store, read_snapshot(store, task.parent))
    at_home = KeptRows.read(files, task.sources) if task.sources else None
    others = {place: KeptRows.read(files, sources) for place, sources in task.elsewhere.items()}
    found: dict[int, list[EncodedRows]] = {}
    for extract in task.staying:
        of_extract = strays.get(extract, [])
        if at_home is not None:
            leaving = [subject for subject, where, home in of_extract if task.holds(where) and not task.holds(home)]
            found.setdefault(extract, []).append(at_home.of(extract, leaving))
        for where, subjects in _coming(of_extract, task).items():
            found.setdefault(extract, []).append(others[where].of(extract, subjects, stay=True))
    return found


def _coming(strays: Strays, task: BucketTask) -> dict[int, list[bytes]]:
    """Subjects that belong in a bucket, by the slices of others that have rows of them."""
    coming: dict[int, list[bytes]] = {}
    for subject, where, home in strays:
        if task.holds(home) and not task.holds(where):
            coming.setdefault(where, []).append(subject)
    return dict(sorted(coming.items()))


def elsewhere(strays: Strays, task: BucketTask) -> list[int]:
    """The slices of other buckets that have rows of subjects that belong in a bucket."""
    return list(_coming(strays, task))


@dataclass(frozen=True)
class _Wanted:
    """Rows of a staged block group that lie in a bucket: of the named subjects, or of all others."""

    plan: GroupPlan
    bucket: int
    subjects: list[bytes]
    stay: bool


def _wanted_of(plan: GroupPlan, task: BucketTask) -> Iterator[_Wanted]:
    """The rows of a block group that belong in a bucket: its own without strays that leave, and those that come.

    Strays come as parts of their own: all rows of a stray in the group lie in one bucket.
    """
    buckets = task.staging.buckets
    for bucket in range(task.bucket, buckets, task.of):
        leaving = [
            subject for subject, where, home in plan.strays if where % buckets == bucket and not task.holds(home)
        ]
        yield _Wanted(plan, bucket, leaving, stay=False)
    coming: dict[int, list[bytes]] = {}
    for where, subjects in _coming(plan.strays, task).items():
        coming.setdefault(where % buckets, []).extend(subjects)
    for bucket, subjects in sorted(coming.items()):
        yield _Wanted(plan, bucket, subjects, stay=True)


def _part(plan: GroupPlan, dealt: Dealt, named: list[bytes], stay: bool) -> EncodedRows:
    """Put rows of a block group in the store's codes: those of the named subjects, or of all others.

    Rows that do not count are left out, and the others get their numbers in the extract.
    """
    rows = dealt.rows
    kept: Bools | None = ~np.isin(rows["row"], plan.dropped) if plan.dropped.size else None
    if named or stay:
        among = set(named)
        chosen = np.array([(subject in among) == stay for subject in dealt.subjects["subject_id"]], np.bool_)
        of_chosen = chosen[rows["subject"]]
        kept = of_chosen if kept is None else kept & of_chosen
    if kept is not None:
        rows = {name: values[kept] for name, values in rows.items()}
    rows = rows | {"row": rows["row"] + np.int32(plan.first_row)}
    codes = {name: plan.codes[name].take(dealt.subjects[name]) for name in ("race", "sex")}
    remaps = {name: plan.codes[name] for name in _CODED}
    return EncodedRows(plan.extract, rows, dealt.subjects | codes, remaps, dealt.ofn)
