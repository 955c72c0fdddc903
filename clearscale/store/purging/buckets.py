"""The files of a bucket without some of its histories."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial

import numpy as np
import pyarrow as pa

from clearscale.histories.dictionaries import NAMES
from clearscale.histories.folding import canonical
from clearscale.histories.merging import TOLD
from clearscale.histories.same_person import contradictory, people_side_by_side
from clearscale.io.files import Folder
from clearscale.io.sealed import SealedFolder
from clearscale.io.seals import Seal
from clearscale.store.buckets import write_table
from clearscale.store.held import HeldBucket
from clearscale.store.ingest.slicing import slices_table
from clearscale.store.layout import (
    CANDIDATES,
    CONVICTIONS,
    HISTORIES,
    PEOPLE,
    SLICES,
    SUBJECTS,
    TABLES,
    snapshot_path,
)
from clearscale.store.slices import COUNTED, Slices
from clearscale_kernels import flag
from clearscale_kernels.arrays import Bools

from .work import Work

Counts = dict[str, int]
"""As in the manifest."""


@dataclass(frozen=True)
class Tables:
    """All tables of a bucket as its files have them, by the name of their dataset."""

    tables: Mapping[str, pa.Table]

    @classmethod
    def read(cls, files: SealedFolder, held: HeldBucket) -> "Tables":
        """Read a bucket. files: of a snapshot that holds it. Raises StoreError if it is damaged."""
        arrays = (CANDIDATES, SUBJECTS, SLICES) if held.sliced else (CANDIDATES, SUBJECTS)
        return cls(
            {
                **{dataset: files.read_parquet(held.path(dataset)) for dataset in TABLES},
                **{dataset: files.read_arrow(held.path(dataset)) for dataset in arrays},
            }
        )

    def without(self, gone: Bools) -> "Tables":
        """The bucket without some histories. gone: which, shape (h,)."""
        staying = ~gone
        numbers = np.cumsum(staying, dtype=np.int32) - np.int32(1)
        people = self.tables[PEOPLE].filter(pa.array(staying))
        stands = _stands_for_its_person(people)
        contradicts = np.where(_contradicts(people), np.int16(flag.PERSON_CONTRADICTS), np.int16(0))
        others = _ints(people, "flags") & ~np.int16(flag.PERSON_CONTRADICTS)
        of_person = {"canonical": stands, "flags": others | contradicts}
        tables = {
            PEOPLE: _with(people, **of_person),
            HISTORIES: self._of(HISTORIES, staying, numbers),
            CONVICTIONS: self._of(CONVICTIONS, staying, numbers),
            CANDIDATES: self._of(CANDIDATES, staying, numbers),
        }
        candidates = tables[CANDIDATES]
        history = _ints(candidates, "history")
        marks = _ints(candidates, "flags") & ~np.int32(flag.CANONICAL | flag.CONTRADICTORY_PERSON)
        for bit, of_history in ((flag.CANONICAL, stands), (flag.CONTRADICTORY_PERSON, contradicts != 0)):
            marks |= np.where(of_history[history], np.int32(bit), np.int32(0))
        tables[CANDIDATES] = _with(candidates, flags=marks)
        tables[SUBJECTS] = _with(self.tables[SUBJECTS].filter(pa.array(staying)), **of_person)
        if SLICES in self.tables:
            before = Slices(self.tables[SLICES])
            slices = np.repeat(before.numbers, before.column("histories"))[staying].astype(np.int32)
            tables[SLICES] = slices_table(slices, tables[PEOPLE], tables[CONVICTIONS], candidates)
        return Tables(tables)

    def _of(self, dataset: str, staying: Bools, numbers: np.ndarray) -> pa.Table:
        table = self.tables[dataset]
        history = _ints(table, "history")
        table = table.filter(pa.array(staying[history]))
        return _with(table, history=numbers[history[staying[history]]])

    def counted(self) -> "Counted":
        """What is counted of it."""
        if SLICES in self.tables:
            return Counted(Slices(self.tables[SLICES]), {}, np.empty(0, np.int64))
        people, convictions = self.tables[PEOPLE], self.tables[CONVICTIONS]
        stands = people.column("canonical").to_numpy()
        counts = {
            "rows": self.tables[HISTORIES].num_rows,
            "histories": people.num_rows,
            "people": int(np.count_nonzero(stands)),
            "convictions": convictions.num_rows,
            "convictions_once": int(_ints(people, "convictions")[stands].sum()),
            "candidates": self.tables[CANDIDATES].num_rows,
        }
        rows = np.bincount(_ints(people, "extract"), weights=_ints(people, "rows")).astype(np.int64)
        return Counted(None, counts, rows)

    def write(self, work: Work, before: "Tables", old: HeldBucket, snapshot: str) -> dict[str, Seal]:
        """Prepare the bucket's files. old: where they are. snapshot: in whose folder they will be.

        Returns their seals by path.
        """
        seals = {}
        for dataset, table in self.tables.items():
            target = replace(old, snapshot=snapshot).path(dataset)
            write = partial(_write, dataset=dataset, held=old, below=snapshot_path(snapshot))
            seals[target] = work.table(old.path(dataset), target, before.tables[dataset].num_rows, table, write)
        return seals

    def mark_used(self, used: dict[str, Bools]) -> None:
        """Mark the codes of dictionaries that the rows have."""
        for name in NAMES:
            dataset = PEOPLE if name in CODED_OF_PEOPLE else HISTORIES
            used[name][_ints(self.tables[dataset], name)] = True


@dataclass(frozen=True)
class Counted:
    """What is counted of a bucket's files: of each slice, or of all of it where they do not tell slices.

    rows: of each extract, by its number.
    """

    slices: Slices | None
    _counts: Counts
    _rows: np.ndarray

    def among(self, slices: Sequence[int]) -> tuple[int, ...]:
        """Those of some slices that the files have."""
        there = set(self.slices.numbers.tolist()) if self.slices else set()
        return tuple(number for number in slices if number in there)

    def counts(self, held: HeldBucket) -> Counts:
        """What the manifest counts. held: as the snapshot holds it."""
        if self.slices is None:
            return self._counts
        slices = self.slices.without(held.without)
        return {name: int(slices.column(name).sum()) for name in COUNTED}

    def rows_of(self, held: HeldBucket, extracts: int) -> np.ndarray:
        """How many rows each extract has, by its number. held: as the snapshot holds it. Shape (extracts,)."""
        if self.slices is None:
            return np.pad(self._rows, (0, extracts - self._rows.size))
        return self.slices.without(held.without).rows_of(extracts)


CODED_OF_PEOPLE = ("race", "sex")
"""Dictionaries of `people`; those of the others are of `histories`."""


def mark_used_in(files: SealedFolder, held: HeldBucket, used: dict[str, Bools]) -> None:
    """Mark the codes of dictionaries that a bucket's rows have, reading no more than those."""
    of_rows = [name for name in NAMES if name not in CODED_OF_PEOPLE]
    tables = {
        PEOPLE: files.read_parquet(held.path(PEOPLE), list(CODED_OF_PEOPLE)),
        HISTORIES: files.read_parquet(held.path(HISTORIES), of_rows),
    }
    Tables(tables).mark_used(used)


def _write(folder: Folder, name: str, table: pa.Table, *, dataset: str, held: HeldBucket, below: str) -> Seal:
    return write_table(folder, dataset, held.number, table, below)


def _stands_for_its_person(people: pa.Table) -> Bools:
    facts = {name: np.array(people.column(name).to_pylist(), object) for name in ("cii_number", "extract")}
    bounds = np.concatenate([[0], np.cumsum(_ints(people, "rows"))])
    result: Bools = canonical(facts, bounds)
    return result


def _contradicts(people: pa.Table) -> Bools:
    """Of which histories the person is contradicted by another one. Shape (h,)."""
    person = people_side_by_side(np.array(people.column("cii_number").to_pylist(), object))
    result: Bools = contradictory(person, [_ints(people, TOLD[kind]) for kind in ("name", "birth")])[person]
    return result


def _ints(table: pa.Table, name: str) -> np.ndarray:
    values: np.ndarray = table.column(name).to_numpy()
    return values


def _with(table: pa.Table, **columns: np.ndarray) -> pa.Table:
    """The table with other values in some columns."""
    for name, values in columns.items():
        place = table.column_names.index(name)
        field = table.schema.field(place)
        table = table.set_column(place, field, pa.array(values, field.type))
    return table
