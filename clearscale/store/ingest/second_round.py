"""Second round of an ingest: each bucket gathers its rows from every block, sorts them by person, and folds."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa

from clearscale.encoding import to_bytes
from clearscale.histories.candidates import candidates_of
from clearscale.histories.dictionaries import Dictionaries
from clearscale.histories.folding import fold_histories
from clearscale.histories.merging import (
    CONTRADICTORY,
    ROW_COLUMNS,
    TOLD,
    EncodedRows,
    MergedHistories,
    merge,
)
from clearscale.io.far import each
from clearscale.io.files import Folder
from clearscale.io.seals import Seal
from clearscale.store.layout import (
    BUCKETED,
    CANDIDATES,
    CONVICTIONS,
    DICTIONARIES,
    FOLDED,
    HISTORIES,
    PEOPLE,
    SUBJECTS,
    Staging,
    bucket_file,
    snapshot_folder,
    snapshot_path,
)
from clearscale.store.manifest import read_snapshot
from clearscale.store.sealed import sealed_files
from clearscale_kernels import flag
from clearscale_kernels.arrays import Int32s

from .block_groups import Dealt, read_dealt, rows_part
from .gate import NOTICED
from .markers import SEALS, read_marker, write_marker
from .plan import KEPT, GroupPlan, read_plan
from .same_person import notice_people

Strays = list[tuple[bytes, int, int]]
"""See `GroupPlan.strays`."""

_CODED = ("offense", "county", "count_order")
"""Columns of rows whose codes the plan translates."""


@dataclass(frozen=True)
class BucketTask:
    """A bucket of a new snapshot.

    kept: for each extract that stays, its place in the parent snapshot and in the new one. counties: of each
    extract of the new snapshot, as its records write it.
    """

    staging: Staging
    snapshot: str
    parent: str | None
    bucket: int
    kept: tuple[tuple[int, int], ...]
    counties: tuple[str, ...]

    @property
    def extracts(self) -> int:
        """How many extracts the new snapshot has."""
        return len(self.counties)


def fold_bucket(task: BucketTask) -> dict[str, Any]:
    """Fold one bucket and write its files; return its counts, and the seals of the files as SEALS.

    A bucket whose marker is there, and its files as they were written, is not folded again, so that a repeated task
    does no harm and little work.
    """
    store = task.staging.store
    folder, marker = snapshot_folder(store, task.snapshot), f"{FOLDED}/bucket-{task.bucket:05d}.json"
    found = read_marker(folder, marker)
    if found is not None and all(store.holds(path, Seal(*seal)) for path, seal in found[SEALS].items()):
        return found
    result = _fold_and_write(task, folder)
    write_marker(folder, marker, result)
    pa.default_memory_pool().release_unused()
    return result


def _fold_and_write(task: BucketTask, folder: Folder) -> dict[str, Any]:
    dictionaries = Dictionaries.read(folder.folder(DICTIONARIES), ("offense", "count_order", "county"))
    histories = merge(_parts(task, folder))
    folded = fold_histories(histories, dictionaries)
    counties = county_codes(task.counties, dictionaries)
    found = candidates_of(folded, dictionaries, counties)
    people = folded.people
    tables = {HISTORIES: _histories_table(histories), CONVICTIONS: folded.convictions, PEOPLE: people}
    arrays = {CANDIDATES: found.candidates, SUBJECTS: found.subjects}
    names = {dataset: bucket_file(dataset, task.bucket) for dataset in BUCKETED}

    def write(name: str) -> Seal:
        if name in tables:
            return folder.write_parquet(names[name], tables[name])
        return folder.write_arrow(names[name], arrays[name])

    seals = dict(zip(BUCKETED, each(folder, write, BUCKETED), strict=True))
    rows = np.bincount(
        people.column("extract").to_numpy(), weights=people.column("rows").to_numpy(), minlength=task.extracts
    )
    canonical, convictions = people.column("canonical").to_numpy(), people.column("convictions").to_numpy()
    return {
        "rows": rows.astype(np.int64).tolist(),
        "candidates": found.candidates.num_rows,
        "histories": people.num_rows,
        "people": int(np.count_nonzero(canonical)),
        "convictions": int(convictions.sum()),
        "convictions_once": int(convictions[canonical].sum()),
        NOTICED: notice_people(people).document(),
        SEALS: {f"{snapshot_path(task.snapshot)}/{names[name]}": seal for name, seal in seals.items()},
    }


def county_codes(counties: Sequence[str], dictionaries: Dictionaries) -> Int32s:
    """The code of each county, -1 for one that no record names. Shape (len(counties),)."""
    codes = [dictionaries.code("county", to_bytes(county)) for county in counties]
    return np.array(codes, np.int32)


def _histories_table(histories: MergedHistories) -> pa.Table:
    columns = {name: pa.array(values) for name, values in histories.rows.items() if name != "ofn"}
    codes = histories.rows["ofn"]
    columns["ofn"] = histories.ofn.take(pa.array(codes, mask=codes < 0))
    return pa.table(columns)


def _parts(task: BucketTask, folder: Folder) -> Iterator[EncodedRows]:
    """Yield the bucket's rows, extract by extract in the new snapshot's order."""
    plans = read_plan(folder)
    strays = {plan.extract: plan.strays for plan in plans if plan.group == KEPT}
    kept = _kept_parts(task, strays) if task.parent and task.kept else {}
    wanted: dict[int, list[_Wanted]] = {}
    for plan in plans:
        if plan.group != KEPT:
            wanted.setdefault(plan.extract, []).extend(_wanted_of(plan, task.bucket))
    staging = task.staging
    dealt = read_dealt(
        staging.store,
        [
            rows_part(staging, rows.plan.id, rows.plan.group, rows.plan.bounds, rows.bucket)
            for extract in range(task.extracts)
            for rows in wanted.get(extract, ())
        ],
    )
    for extract in range(task.extracts):
        yield from kept.get(extract, ())
        for rows in wanted.get(extract, ()):
            yield _part(rows.plan, next(dealt), rows.subjects, rows.stay)


def _kept_parts(task: BucketTask, strays: Mapping[int, Strays]) -> dict[int, list[EncodedRows]]:
    """The rows that extracts have already, from the parent snapshot's histories, whose codes still hold.

    strays: of extracts that get more files.
    """
    at_home = _parent_rows(task, task.bucket)
    found = {}
    for old, new in task.kept:
        of_extract = strays.get(new, [])
        found[new] = [at_home.of(old, new, _leaving(of_extract, task.bucket), stay=False)]
        for where, subjects in _coming(of_extract, task.bucket):
            found[new].append(_parent_rows(task, where).of(old, new, subjects, stay=True))
    return found


@dataclass(frozen=True)
class _ParentRows:
    """The rows of a bucket of the parent snapshot. extracts: of each subject."""

    rows: dict[str, np.ndarray]
    subjects: dict[str, np.ndarray]
    extracts: np.ndarray
    ofn: pa.Array

    def of(self, old: int, new: int, named: list[bytes], stay: bool) -> EncodedRows:
        """The rows of an extract: of the named subjects, or of all others. old, new: its place."""
        chosen = self.extracts == old
        if named or stay:
            among = set(named)
            chosen &= np.array([(subject in among) == stay for subject in self.subjects["subject_id"]], np.bool_)
        mask = chosen[self.rows["subject"]]
        return EncodedRows(
            new, {name: values[mask] for name, values in self.rows.items()}, self.subjects, {}, self.ofn
        )


def _parent_rows(task: BucketTask, bucket: int) -> _ParentRows:
    assert task.parent is not None
    store = task.staging.store
    folder = sealed_files(store, read_snapshot(store, task.parent)).folder(snapshot_path(task.parent))
    people = folder.read_parquet(bucket_file(PEOPLE, bucket))
    rows = folder.read_parquet(bucket_file(HISTORIES, bucket))
    ofn = rows.column("ofn").combine_chunks().dictionary_encode()
    columns = {column: rows.column(column).to_numpy() for column in ROW_COLUMNS if column != "ofn"}
    columns["ofn"] = ofn.indices.fill_null(-1).to_numpy(zero_copy_only=False)
    columns["subject"] = rows.column("history").to_numpy()
    flags = people.column("flags").to_numpy()
    subjects = {
        "subject_id": np.array(people.column("subject_id").to_pylist(), object),
        "cii_number": np.array(people.column("cii_number").to_pylist(), object),
        "birth_date": people.column("birth_date").to_numpy(),
        "no_birth_date": (flags & flag.NO_BIRTH_DATE) != 0,
        "unreadable_birth": (flags & flag.UNREADABLE_BIRTH_DATE) != 0,
        "race": people.column("race").to_numpy(),
        "sex": people.column("sex").to_numpy(),
        **{name: people.column(name).to_numpy() for name in TOLD.values()},
        CONTRADICTORY: (flags & flag.SUBJECT_CONTRADICTS) != 0,
    }
    return _ParentRows(columns, subjects, people.column("extract").to_numpy(), ofn.dictionary)


def _leaving(strays: Strays, bucket: int) -> list[bytes]:
    """Subjects with rows in the bucket whose home is another."""
    return [subject for subject, where, home in strays if where == bucket != home]


def _coming(strays: Strays, bucket: int) -> list[tuple[int, list[bytes]]]:
    """Subjects whose home the bucket is, by the other buckets that have rows of them."""
    coming: dict[int, list[bytes]] = {}
    for subject, where, home in strays:
        if home == bucket != where:
            coming.setdefault(where, []).append(subject)
    return sorted(coming.items())


@dataclass(frozen=True)
class _Wanted:
    """Rows of a staged block group that lie in a bucket: of the named subjects, or of all others."""

    plan: GroupPlan
    bucket: int
    subjects: list[bytes]
    stay: bool


def _wanted_of(plan: GroupPlan, bucket: int) -> list[_Wanted]:
    """The rows of a block group that belong in a bucket: its own without strays that leave, and those that come.

    Strays come as parts of their own: all rows of a stray in the group lie in one bucket.
    """
    coming = _coming(plan.strays, bucket)
    return [
        _Wanted(plan, bucket, _leaving(plan.strays, bucket), stay=False),
        *(_Wanted(plan, where, subjects, stay=True) for where, subjects in coming),
    ]


def _part(plan: GroupPlan, dealt: Dealt, named: list[bytes], stay: bool) -> EncodedRows:
    """Put rows of a block group in the store's codes: those of the named subjects, or of all others.

    Rows that do not count are left out, and the others get their numbers in the extract.
    """
    rows = dealt.rows
    kept = ~np.isin(rows["row"], plan.dropped) if plan.dropped.size else None
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
