"""Rows that a store has already, for a fold: of slices of the snapshot before, whose codes still hold."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from clearscale.histories.merging import CONTRADICTORY, ROW_COLUMNS, TOLD, EncodedRows
from clearscale.io.far import each
from clearscale.io.sealed import SealedFolder
from clearscale.store.held import HeldBucket
from clearscale.store.layout import HISTORIES, PEOPLE
from clearscale.store.slices import Spans, rows_in, slices_of
from clearscale_kernels import flag
from clearscale_kernels.arrays import Bools

_PEOPLE = ("extract", "subject_id", "cii_number", "birth_date", "race", "sex", *TOLD.values(), "flags")
_ROWS = ("history", *ROW_COLUMNS)


@dataclass(frozen=True)
class Source:
    """Where rows of a fold lie in the snapshot before.

    people, rows: spans of the bucket's people and histories, None for all. slices: of those only the histories of
    these slices are meant, as their numbers and subjects tell; None for all.
    """

    held: HeldBucket
    people: Spans | None = None
    rows: Spans | None = None
    slices: tuple[int, ...] | None = None

    def read(self, files: SealedFolder) -> tuple[pa.Table, pa.Table]:
        """People, and their rows, whose `history` is a place among these people. files: of the snapshot before."""
        people = files.read_parquet(self.held.path(PEOPLE), list(_PEOPLE), self.people)
        rows = files.read_parquet(self.held.path(HISTORIES), list(_ROWS), self.rows)
        history = rows.column("history").to_numpy()
        if self.people is not None:
            places = rows_in(self.people)
            history = np.searchsorted(places, history)
        if self.slices is not None:
            ids = (people.column(name).to_pylist() for name in ("cii_number", "subject_id"))
            chosen = np.isin(slices_of(*ids), self.slices)
            people, rows = people.filter(pa.array(chosen)), rows.filter(pa.array(chosen[history]))
            history = (np.cumsum(chosen) - 1)[history[chosen[history]]]
        return people, _with_history(rows, history)


def _with_history(rows: pa.Table, history: np.ndarray) -> pa.Table:
    return rows.set_column(rows.column_names.index("history"), "history", pa.array(history, pa.int32()))


@dataclass(frozen=True)
class KeptRows:
    """Rows that a store has already.

    rows: by name, shape (n,); `subject` is a place in subjects. subjects: by name, shape (s,). extracts: the number
    of each subject's extract.
    """

    rows: dict[str, np.ndarray]
    subjects: dict[str, np.ndarray]
    extracts: np.ndarray
    ofn: pa.Array

    @classmethod
    def read(cls, files: SealedFolder, sources: Sequence[Source]) -> "KeptRows":
        """Read all rows of some sources. files: of the snapshot before. Raises StoreError for damaged ones."""
        found = each(files, lambda source: source.read(files), sources)
        firsts = np.cumsum([0, *(people.num_rows for people, _ in found)])
        people = pa.concat_tables(people for people, _ in found)
        rows = pa.concat_tables(
            _with_history(rows, rows.column("history").to_numpy() + first)
            for (_, rows), first in zip(found, firsts, strict=False)
        )
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
        return cls(columns, subjects, people.column("extract").to_numpy(), ofn.dictionary)

    def of(self, extract: int, named: Sequence[bytes] = (), *, stay: bool = False) -> EncodedRows:
        """The rows of an extract, by its number: of the named subjects if they stay, else of all others."""
        chosen: Bools = self.extracts == extract
        if named or stay:
            among = set(named)
            chosen &= np.array([(subject in among) == stay for subject in self.subjects["subject_id"]], np.bool_)
        mask = chosen[self.rows["subject"]]
        return EncodedRows(
            extract, {name: values[mask] for name, values in self.rows.items()}, self.subjects, {}, self.ofn
        )
