"""The buckets of a snapshot without some of their histories."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from clearscale.histories.dictionaries import NAMES
from clearscale.histories.folding import canonical
from clearscale.histories.merging import TOLD
from clearscale.histories.same_person import contradictory, people_side_by_side
from clearscale.io.files import Folder
from clearscale.io.seals import Seal
from clearscale.store.layout import (
    BUCKETED,
    CANDIDATES,
    CONVICTIONS,
    HISTORIES,
    PEOPLE,
    SUBJECTS,
    TABLES,
    bucket_file,
    snapshot_path,
)
from clearscale.store.opened import Store
from clearscale_kernels import flag
from clearscale_kernels.arrays import Bools, Int32s

from .work import Work

Counts = dict[str, int]
"""As in the manifest."""


@dataclass(frozen=True)
class Bucket:
    """All tables of a bucket, by the name of their dataset."""

    tables: Mapping[str, pa.Table]

    @classmethod
    def read(cls, store: Store, number: int) -> "Bucket":
        """Read a bucket. Raises StoreError if it is damaged."""
        both = store.candidates(number)
        return cls(
            {
                **{dataset: store.bucket(dataset, number) for dataset in TABLES},
                CANDIDATES: both.candidates,
                SUBJECTS: both.subjects,
            }
        )

    def without(self, gone: Bools, places: Int32s) -> "Bucket":
        """The bucket without some histories.

        gone: which, shape (h,). places: the new place of each extract; those of extracts that leave do not matter.
        """
        staying = ~gone
        numbers = np.cumsum(staying, dtype=np.int32) - np.int32(1)
        people = self.tables[PEOPLE].filter(pa.array(staying))
        stands = _stands_for_its_person(people)
        contradicts = np.where(_contradicts(people), np.int16(flag.PERSON_CONTRADICTS), np.int16(0))
        others = _ints(people, "flags") & ~np.int16(flag.PERSON_CONTRADICTS)
        of_person = {
            "extract": places[_ints(people, "extract")],
            "canonical": stands,
            "flags": others | contradicts,
        }
        tables = {
            PEOPLE: _with(people, **of_person),
            HISTORIES: self._of(HISTORIES, staying, numbers),
            CONVICTIONS: self._of(CONVICTIONS, staying, numbers),
            CANDIDATES: self._of(CANDIDATES, staying, numbers),
        }
        convictions, candidates = tables[CONVICTIONS], tables[CANDIDATES]
        tables[CONVICTIONS] = _with(convictions, extract=places[_ints(convictions, "extract")])
        history = _ints(candidates, "history")
        marks = _ints(candidates, "flags") & ~np.int32(flag.CANONICAL | flag.CONTRADICTORY_PERSON)
        for bit, of_history in ((flag.CANONICAL, stands), (flag.CONTRADICTORY_PERSON, contradicts != 0)):
            marks |= np.where(of_history[history], np.int32(bit), np.int32(0))
        tables[CANDIDATES] = _with(candidates, flags=marks)
        tables[SUBJECTS] = _with(self.tables[SUBJECTS].filter(pa.array(staying)), **of_person)
        return Bucket(tables)

    def _of(self, dataset: str, staying: Bools, numbers: Int32s) -> pa.Table:
        table = self.tables[dataset]
        history = _ints(table, "history")
        table = table.filter(pa.array(staying[history]))
        return _with(table, history=numbers[history[staying[history]]])

    def counts(self) -> Counts:
        """What the manifest counts."""
        people, convictions = self.tables[PEOPLE], self.tables[CONVICTIONS]
        stands = people.column("canonical").to_numpy()
        return {
            "rows": self.tables[HISTORIES].num_rows,
            "histories": people.num_rows,
            "people": int(np.count_nonzero(stands)),
            "convictions": convictions.num_rows,
            "convictions_once": int(_ints(people, "convictions")[stands].sum()),
            "candidates": self.tables[CANDIDATES].num_rows,
        }

    def rows_of(self, extracts: int) -> np.ndarray:
        """How many rows each extract has. Shape (extracts,)."""
        people = self.tables[PEOPLE]
        return np.bincount(_ints(people, "extract"), weights=_ints(people, "rows"), minlength=extracts).astype(int)

    def write(self, work: Work, before: "Bucket", old: str, new: str, number: int) -> dict[str, Seal]:
        """Prepare the bucket's files. old, new: names of the snapshot. Returns their seals."""
        seals = {}
        for dataset in BUCKETED:
            name = bucket_file(dataset, number)
            path, target = f"{snapshot_path(old)}/{name}", f"{snapshot_path(new)}/{name}"
            write = Folder.write_parquet if dataset in TABLES else Folder.write_arrow
            seals[target] = work.table(path, target, before.tables[dataset].num_rows, self.tables[dataset], write)
        return seals

    def mark_used(self, used: dict[str, Bools]) -> None:
        """Mark the codes of dictionaries that the rows have."""
        for name in NAMES:
            dataset = PEOPLE if name in CODED_OF_PEOPLE else HISTORIES
            used[name][_ints(self.tables[dataset], name)] = True


CODED_OF_PEOPLE = ("race", "sex")
"""Dictionaries of `people`; those of the others are of `histories`."""


def mark_used_in(store: Store, number: int, used: dict[str, Bools]) -> None:
    """Mark the codes of dictionaries that a bucket's rows have, reading no more than those."""
    of_rows = [name for name in NAMES if name not in CODED_OF_PEOPLE]
    tables = {
        PEOPLE: store.bucket(PEOPLE, number, list(CODED_OF_PEOPLE)),
        HISTORIES: store.bucket(HISTORIES, number, of_rows),
    }
    Bucket(tables).mark_used(used)


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
