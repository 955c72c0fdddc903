"""Second round of an ingest of charges: each bucket gathers its charges of all groups, and puts them in order."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa

from clearscale.charges.coding import recoded
from clearscale.charges.grouping import Grouped, grouped
from clearscale.charges.steps import joined_steps
from clearscale.charges.tables import NO_DAY, Mark, Words
from clearscale.errors import StoreError
from clearscale.formats.checking import kinds
from clearscale.io.files import Folder
from clearscale.io.seals import Seal
from clearscale.law.findings import Finding
from clearscale.store.charge_manifest import ChargeManifest
from clearscale.store.charge_tables import write_tables
from clearscale.store.ingest.markers import SEALS, read_marker, write_marker
from clearscale.store.layout import FOLDED, PLAN, snapshot_folder, snapshot_path
from clearscale_kernels.arrays import Int32s, Int64s

from .finishing import CONTRADICTORY as CONTRADICTORY_BIRTHS
from .finishing import REPEATED as REPEATED_KEYS
from .groups import read_dealt

COUNTS = ("charges", "cases", "people", "unknown_people")
"""What a bucket counts, and a manifest adds up."""

REPEATED, CONTRADICTORY, OF_FILES = "repeated", "contradictory_births", "of_files"
"""What else a bucket counts: charges that another one is just like by its numbers, people with several birth dates,
and rows by the code of their file."""


@dataclass(frozen=True)
class FoldTask:
    """A bucket to fold.

    files: how many files the tables name. steps: of rows that are steps of charges, how many characters of a
    count's number name its cycle; else 0.
    """

    store: Folder
    snapshot: str
    bucket: int
    files: int
    steps: int


def fold_bucket(task: FoldTask) -> dict[str, Any]:
    """Fold a bucket and write it, unless that is done; return its counts, and the seals of its files as SEALS."""
    folder, marker = snapshot_folder(task.store, task.snapshot), f"{FOLDED}/bucket-{task.bucket:05d}.json"
    found = read_marker(folder, marker)
    if found is not None and all(task.store.holds(path, Seal(*seal)) for path, seal in found[SEALS].items()):
        return found
    folded = fold(read_dealt(task.store, folder.read_arrow(PLAN), task.bucket), task.files, task.steps)
    seals = write_tables(folder, task.bucket, folded.made, folded.sequence)
    path = snapshot_path(task.snapshot)
    result = {**folded.counted, SEALS: {f"{path}/{name}": seal for name, seal in seals.items()}}
    write_marker(folder, marker, result)
    pa.default_memory_pool().release_unused()
    return result


@dataclass(frozen=True)
class Folded:
    """A bucket's tables. sequence: the number of each charge in its case. counted: `COUNTS`, and what else is."""

    made: Grouped
    sequence: pa.Array
    counted: dict[str, Any]


def fold(dealt: Iterable[tuple[pa.Table, Mapping[str, Int32s]]], files: int, steps: int) -> Folded:
    """Put a bucket's charges in order. dealt: of each group, see `read_dealt`. files, steps: as `FoldTask`."""
    coded = pa.concat_tables(recoded(table, places) for table, places in dealt).combine_chunks()
    of_files = np.bincount(coded.column("file").to_numpy(), minlength=files).tolist()
    if steps:
        coded = joined_steps(coded, steps)
    made = grouped(coded, Words(()))
    order = pa.array(made.order)
    sequence = coded.column("sequence").combine_chunks().take(order)
    counted = {
        **_counts(made),
        REPEATED: _repeated(made, sequence),
        CONTRADICTORY: _contradictory(made, coded.column("birth_date").to_numpy()[made.order]),
        OF_FILES: of_files,
    }
    return Folded(made, sequence, counted)


def doubts(buckets: Sequence[Mapping[str, Any]]) -> list[Finding]:
    """What is doubtful about all files together, from what buckets counted."""
    total = {name: sum(bucket[name] for bucket in buckets) for name in (*COUNTS, REPEATED, CONTRADICTORY)}
    judged = (
        kinds()[REPEATED_KEYS].judge(total[REPEATED], total["charges"]),
        kinds()[CONTRADICTORY_BIRTHS].judge(total[CONTRADICTORY], total["people"] - total["unknown_people"]),
    )
    return [finding for finding in judged if finding]


def require_all_rows(manifest: ChargeManifest, named: Sequence[str], rows: Int64s, of_extracts: bool) -> None:
    """Raise StoreError unless every row that is kept came to a bucket.

    named: files as tables name them. rows: of each. of_extracts: whether they are extracts, of one store.
    """
    by_file = dict(zip(named, rows.tolist(), strict=True))
    for file in manifest.read:
        found = sum(by_file.values()) if of_extracts else by_file.get(file.id, 0)
        if found != file.stored:
            raise StoreError(
                f"{file.name}: {file.stored} charges are kept, but {found} came to the tables; nothing was "
                "changed. Please report this."
            )


def _counts(made: Grouped) -> Mapping[str, int]:
    people = made.tables.people
    unknown = int(np.count_nonzero(people.marks & Mark.NO_KEY))
    sizes = (made.tables.rows, made.tables.cases.person.size, people.marks.size, unknown)
    return dict(zip(COUNTS, sizes, strict=True))


def _repeated(made: Grouped, sequence: pa.Array) -> int:
    """Charges whose case and number in it another one before has, too."""
    numbers = sequence.dictionary_encode().indices.fill_null(-1).to_numpy(zero_copy_only=False)
    case = made.tables.charges.case
    told = made.numbers.is_valid().to_numpy(zero_copy_only=False)
    same = (case[1:] == case[:-1]) & (numbers[1:] == numbers[:-1]) & (numbers[1:] >= 0)
    return int(np.count_nonzero(same & told[case[1:]])) if case.size else 0


def _contradictory(made: Grouped, births: "np.ndarray[Any, Any]") -> int:
    """People with a key whose charges have several birth dates."""
    people = made.tables.people
    if not people.marks.size:
        return 0
    known = births != NO_DAY
    least = np.minimum.reduceat(np.where(known, births, np.iinfo(np.int32).max), people.bounds[:-1])
    most = np.maximum.reduceat(np.where(known, births, np.iinfo(np.int32).min), people.bounds[:-1])
    return int(np.count_nonzero((least < most) & ((people.marks & Mark.NO_KEY) == 0)))
