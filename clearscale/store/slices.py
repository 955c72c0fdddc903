"""Slices: what a snapshot takes over from another, or folds anew, is the people of a slice, all of them or none.

A person's number says in which slice all of the person's histories are, in every snapshot. A bucket holds some
slices one after the other, and says beside its tables where each of them lies.
"""

import zlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pyarrow as pa

from clearscale.law import state
from clearscale_kernels.arrays import Bools, Int32s, Int64s

from .layout import CANDIDATES, CONVICTIONS, HISTORIES, PEOPLE, SUBJECTS

COUNT = 4096
"""Slices of every store. Of a large state one has some thousand rows, which are folded in milliseconds."""

ROWS_OF = {
    HISTORIES: "rows",
    CONVICTIONS: "convictions",
    CANDIDATES: "candidates",
    PEOPLE: "histories",
    SUBJECTS: "histories",
}
"""How the column of a bucket's slices is called that says how many rows each has in a dataset."""

COUNTED = ("rows", "histories", "people", "convictions", "convictions_once", "candidates")
"""Columns that add up to the counts of a manifest."""

NOTICED = {"people": "numbered", "contradictory-people": "contradictory", "number-forms": "number_forms"}
"""Columns of what was noticed in people, by its name."""

SCHEMA = pa.schema(
    [("slice", pa.int32())]
    + [(name, pa.int32()) for name in (*COUNTED, *NOTICED.values())]
    + [("extract", pa.list_(pa.int32())), ("extract_rows", pa.list_(pa.int32()))]
)
"""Columns of a bucket's slices, one row each, in order."""

Spans = tuple[tuple[int, int], ...]
"""Rows from each first to before its last, in order."""

_full = state().values.full_number


def slice_of(person: bytes, subject: bytes) -> int:
    """The slice of a history: by its person, or by its subject if it has no number.

    All forms of a number share a slice, so that its fold sees them.
    """
    return zlib.crc32(_full(person) if person else subject) % COUNT


def slices_of(persons: Iterable[bytes], subjects: Iterable[bytes]) -> Int32s:
    """The slice of each history. Shape (h,)."""
    return np.array([slice_of(*history) for history in zip(persons, subjects, strict=True)], np.int32)


@dataclass(frozen=True)
class Slices:
    """The slices of a bucket. table: see SCHEMA."""

    table: pa.Table

    def column(self, name: str) -> Int64s:
        """Numbers of each slice."""
        values: Int64s = self.table.column(name).to_numpy().astype(np.int64)
        return values

    @cached_property
    def numbers(self) -> Int64s:
        """Which slices there are."""
        return self.column("slice")

    def without(self, slices: Sequence[int]) -> "Slices":
        """The slices but for some."""
        if not len(slices):
            return self
        return Slices(self.table.filter(pa.array(~np.isin(self.numbers, slices))))

    def mask(self, dataset: str, without: Sequence[int]) -> Bools:
        """Which rows of a dataset are of other slices than these."""
        staying = ~np.isin(self.numbers, without)
        result: Bools = np.repeat(staying, self.column(ROWS_OF[dataset]))
        return result

    def spans(self, dataset: str, wanted: Int64s | Sequence[int]) -> Spans:
        """Which rows of a dataset are of these slices."""
        ends = np.cumsum(self.column(ROWS_OF[dataset]))
        chosen = np.isin(self.numbers, wanted)
        begins = np.concatenate([[0], ends[:-1]])[chosen].tolist()
        spans: list[tuple[int, int]] = []
        for begin, end in zip(begins, ends[chosen].tolist(), strict=True):
            if spans and spans[-1][1] == begin:
                spans[-1] = (spans[-1][0], end)
            elif end > begin:
                spans.append((begin, end))
        return tuple(spans)

    def with_extract(self, number: int) -> Int64s:
        """The slices in which an extract has histories."""
        owner, extracts, _ = self._of_extracts
        result: Int64s = self.numbers[np.unique(owner[extracts == number])]
        return result

    def rows_of(self, numbers: int) -> Int64s:
        """How many rows each extract has, by its number. Shape (numbers,)."""
        _, extracts, rows = self._of_extracts
        result: Int64s = np.bincount(extracts, weights=rows, minlength=numbers).astype(np.int64)
        return result

    def rows_without(self, leaving: Iterable[int]) -> Int64s:
        """How many rows each slice has that are of other extracts than these."""
        owner, extracts, rows = self._of_extracts
        staying, size = ~np.isin(extracts, list(leaving)), self.table.num_rows
        result: Int64s = np.bincount(owner[staying], weights=rows[staying], minlength=size).astype(np.int64)
        return result

    def counts(self) -> dict[str, int]:
        """What the manifest counts, and what was noticed, by its column."""
        return {name: int(self.column(name).sum()) for name in (*COUNTED, *NOTICED.values())}

    @cached_property
    def _of_extracts(self) -> tuple[Int64s, Int64s, Int64s]:
        """(place of a slice, number of an extract, its rows there), one for each pair that has rows."""
        lists = self.table.column("extract").combine_chunks()
        owner = np.repeat(np.arange(len(lists)), np.diff(lists.offsets.to_numpy()))
        rows = self.table.column("extract_rows").combine_chunks().flatten().to_numpy()
        return owner, lists.flatten().to_numpy().astype(np.int64), rows.astype(np.int64)


def rows_in(spans: Spans) -> Int64s:
    """The numbers of the rows in spans."""
    return np.concatenate([np.empty(0, np.int64), *(np.arange(begin, end) for begin, end in spans)])
