"""Second round of an ingest: each bucket gathers its rows from every block, sorts them by person, and folds."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa

from clearscale_kernels import facts
from clearscale_kernels.arrays import Int32s

from ..files import Folder
from .blocks import ROWS
from .candidates import candidates_of
from .dictionaries import Dictionaries
from .folding import fold_histories
from .layout import (
    BUCKETED,
    CANDIDATES,
    CONVICTIONS,
    DICTIONARIES,
    HISTORIES,
    PEOPLE,
    SUBJECTS,
    Staging,
    block_file,
    bucket_file,
    snapshot_folder,
)
from .merging import ROW_COLUMNS, Histories, Part, merge
from .plan import CODED, PLAN, read_texts

_SUBJECT_FACTS = ("subject_id", "cii_number", "birth_date", "no_birth_date")


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
    """Fold one bucket and write its files; returns its counts.

    A bucket whose files are all there is only counted: a repeated task does no harm and little work.
    """
    folder = snapshot_folder(task.staging.store, task.snapshot)
    if not all(folder.exists(bucket_file(dataset, task.bucket)) for dataset in BUCKETED):
        _fold_and_write(task, folder)
    columns = ["extract", "rows", "canonical", "convictions"]
    people = folder.read_parquet(bucket_file(PEOPLE, task.bucket), columns)
    candidates = folder.read_arrow(bucket_file(CANDIDATES, task.bucket)).num_rows
    rows = np.bincount(
        people.column("extract").to_numpy(), weights=people.column("rows").to_numpy(), minlength=task.extracts
    )
    canonical, convictions = people.column("canonical").to_numpy(), people.column("convictions").to_numpy()
    pa.default_memory_pool().release_unused()
    return {
        "rows": rows.astype(np.int64).tolist(),
        "candidates": candidates,
        "histories": people.num_rows,
        "people": int(np.count_nonzero(canonical)),
        "convictions": int(convictions.sum()),
        "convictions_once": int(convictions[canonical].sum()),
    }


def _fold_and_write(task: BucketTask, folder: Folder) -> None:
    dictionaries = Dictionaries.read(folder.folder(DICTIONARIES), ("offense", "count_order", "county"))
    histories = merge(_parts(task, folder))
    folded = fold_histories(histories, dictionaries)
    counties = county_codes(task.counties, dictionaries)
    found = candidates_of(folded, dictionaries, counties)
    folder.write_parquet(bucket_file(HISTORIES, task.bucket), _histories_table(histories))
    folder.write_parquet(bucket_file(CONVICTIONS, task.bucket), folded.convictions)
    folder.write_parquet(bucket_file(PEOPLE, task.bucket), folded.people)
    folder.write_arrow(bucket_file(CANDIDATES, task.bucket), found.candidates)
    folder.write_arrow(bucket_file(SUBJECTS, task.bucket), found.subjects)


def county_codes(counties: Sequence[str], dictionaries: Dictionaries) -> Int32s:
    """The code of each county, -1 for one that no record names. Shape (len(counties),)."""
    codes = [dictionaries.code("county", county.encode("utf-8", "surrogateescape")) for county in counties]
    return np.array(codes, np.int32)


def _histories_table(histories: Histories) -> pa.Table:
    columns = {name: pa.array(values) for name, values in histories.rows.items() if name != "ofn"}
    codes = histories.rows["ofn"]
    columns["ofn"] = histories.ofn.take(pa.array(codes, mask=codes < 0))
    return pa.table(columns)


def _parts(task: BucketTask, folder: Folder) -> Iterator[Part]:
    """The bucket's rows, extract by extract in the new snapshot's order."""
    parent = dict(_kept_parts(task)) if task.parent and task.kept else {}
    plan = folder.read_parquet(PLAN).to_pylist()
    of_extract: dict[int, list[dict[str, Any]]] = {}
    for row in plan:
        of_extract.setdefault(row["extract"], []).append(row)
    for extract in range(task.extracts):
        if extract in parent:
            yield parent[extract]
        for row in of_extract.get(extract, ()):
            yield _block_part(task, row)


def _kept_parts(task: BucketTask) -> Iterator[tuple[int, Part]]:
    """The rows of extracts that stay, from the parent snapshot's histories, whose codes still hold."""
    assert task.parent is not None
    folder = snapshot_folder(task.staging.store, task.parent)
    people = folder.read_parquet(bucket_file(PEOPLE, task.bucket))
    rows = folder.read_parquet(bucket_file(HISTORIES, task.bucket))
    ofn = rows.column("ofn").combine_chunks().dictionary_encode()
    columns = {column: rows.column(column).to_numpy() for column in ROW_COLUMNS if column != "ofn"}
    columns["ofn"] = ofn.indices.fill_null(-1).to_numpy(zero_copy_only=False)
    columns["subject"] = rows.column("history").to_numpy()
    subjects = {
        "subject_id": np.array(people.column("subject_id").to_pylist(), object),
        "cii_number": np.array(people.column("cii_number").to_pylist(), object),
        "birth_date": people.column("birth_date").to_numpy(),
        "no_birth_date": (people.column("flags").to_numpy() & facts.NO_BIRTH_DATE) != 0,
        "race": people.column("race").to_numpy(),
        "sex": people.column("sex").to_numpy(),
    }
    extract_of_row = people.column("extract").to_numpy()[columns["subject"]]
    for old, new in task.kept:
        mask = extract_of_row == old
        chosen = {column: values[mask] for column, values in columns.items()}
        yield new, Part(new, chosen, subjects, {}, ofn.dictionary)


def _block_part(task: BucketTask, row: dict[str, Any]) -> Part:
    """The bucket's rows of one staged block, strays left out or fetched as the plan says."""
    folder = task.staging.of(row["id"])
    texts = read_texts(folder, row["block"])
    with folder.open(block_file(row["block"], ROWS)) as file:
        reader = pa.ipc.open_file(file)
        rows = _columns(reader.get_batch(task.bucket))
        if row["stray"]:
            rows = _settle_strays(reader, rows, row, texts, task.bucket)
    subjects = {name: _list(texts, name) for name in _SUBJECT_FACTS}
    subjects["race"], subjects["sex"] = np.array(row["race"], np.int32), np.array(row["sex"], np.int32)
    remaps = {name: np.array(row[name], np.int32) for name in CODED}
    return Part(row["extract"], rows, subjects, remaps, texts.column("ofn")[0].values)


def _columns(batch: pa.RecordBatch) -> dict[str, np.ndarray]:
    return {name: batch.column(name).to_numpy(zero_copy_only=False) for name in batch.schema.names}


def _list(texts: pa.RecordBatch, name: str) -> np.ndarray:
    values = texts.column(name)[0].values
    if pa.types.is_binary(values.type):
        return np.array(values.to_pylist(), object)
    result: np.ndarray = values.to_numpy(zero_copy_only=False)
    return result


def _settle_strays(
    reader: Any, rows: dict[str, np.ndarray], row: dict[str, Any], texts: pa.RecordBatch, bucket: int
) -> dict[str, np.ndarray]:
    """Leave rows of subjects whose home is another bucket; fetch those of subjects whose home is this one."""
    local = texts.column("bucket")[0].values.to_numpy(zero_copy_only=False)
    strays, homes = np.array(row["stray"], np.int32), np.array(row["home"], np.int32)
    leaving = strays[(homes != bucket) & (local[strays] == bucket)]
    coming = strays[(homes == bucket) & (local[strays] != bucket)]
    kept = ~np.isin(rows["subject"], leaving)
    pieces = [{name: values[kept] for name, values in rows.items()}]
    for other in np.unique(local[coming]):
        batch = _columns(reader.get_batch(int(other)))
        wanted = np.isin(batch["subject"], coming)
        pieces.append({name: values[wanted] for name, values in batch.items()})
    joined = {name: np.concatenate([piece[name] for piece in pieces]) for name in rows}
    order = np.argsort(joined["row"], kind="stable")
    return {name: values[order] for name, values in joined.items()}
