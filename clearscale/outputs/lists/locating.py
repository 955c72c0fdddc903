"""Finds what a store knows of decided convictions: of their people and cases, and then their records."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from clearscale.encoding import legible
from clearscale.law import state
from clearscale.store import ExtractEntry, Store
from clearscale.store.layout import CONVICTIONS, HISTORIES, PEOPLE
from clearscale_kernels import flag
from clearscale_kernels.arrays import Bools, Int64s

_FORMAT = state().format


@dataclass(frozen=True)
class Found:
    """What the store knows of n convictions, in the order of their keys.

    A record's key is its place among all records of all extracts, in the order of the manifest.

    places: shape (n,), of which keys that were asked for. table: `case`, `number` (texts), `birth_date`,
    `event_date` (day numbers) and `felony`. cycles: shape (n,), a number for each cycle of a person. mates: shape
    (m,), keys of all records of these cycles; mates_of: shape (m,), the cycle of each.
    """

    places: Int64s
    table: pa.Table
    cycles: Int64s
    mates: Int64s
    mates_of: Int64s

    def taken(self, chosen: Bools) -> "Found":
        """Some of the convictions, and the records of their cycles."""
        cycles = self.cycles[chosen]
        of_these = np.isin(self.mates_of, cycles)
        table = self.table.filter(pa.array(chosen))
        return Found(self.places[chosen], table, cycles, self.mates[of_these], self.mates_of[of_these])


def first_keys(store: Store) -> Int64s:
    """The key of each extract's first record, and behind them one more. Shape (extracts + 1,)."""
    return np.cumsum([0, *(entry.records for entry in store.manifest.extracts)], dtype=np.int64)


def find_people(store: Store, keys: Int64s, tell: Callable[[int], None] = lambda _: None) -> Found:
    """Go through a store's buckets for convictions.

    keys: shape (n,), ascending, each once. tell: called with the number of buckets that are done.
    """
    first, orders = first_keys(store), store.dictionaries().texts["count_order"]
    # The cycle of each code of a count order, as a number.
    begins = np.array([text[: _FORMAT.cycle_bytes] for text in orders] or [b""], object)
    cycle_of = np.unique(begins, return_inverse=True)[1].astype(np.int64)
    pieces = []
    for number in range(store.manifest.buckets):
        if (piece := _of_bucket(store, number, keys, first, cycle_of)) is not None:
            pieces.append(piece)
        tell(number + 1)
    if not pieces:
        nothing = np.empty(0, np.int64)
        return Found(nothing, _NOTHING, nothing, nothing, nothing)
    places = np.concatenate([piece.places for piece in pieces])
    order = np.argsort(places, kind="stable")
    # Cycles are numbered bucket by bucket.
    before = np.cumsum([0, *(int(piece.cycles.max()) + 1 for piece in pieces)])
    cycles = np.concatenate([piece.cycles + base for piece, base in zip(pieces, before, strict=False)])
    of_mates = np.concatenate([piece.mates_of + base for piece, base in zip(pieces, before, strict=False)])
    table = pa.concat_tables([piece.table for piece in pieces]).take(pa.array(order))
    mates = np.concatenate([piece.mates for piece in pieces])
    return Found(places[order], table, cycles[order], mates, of_mates)


_NOTHING = pa.table(
    {
        "case": pa.array([], pa.string()),
        "number": pa.array([], pa.string()),
        "birth_date": pa.array([], pa.int32()),
        "event_date": pa.array([], pa.int32()),
        "felony": pa.array([], pa.bool_()),
    }
)


def _of_bucket(store: Store, number: int, keys: Int64s, first: Int64s, cycle_of: Int64s) -> Found | None:
    """What a bucket has of them; None for nothing."""
    columns = ["history", "extract", "row", "event_date", "count_order", "flags", "case_number"]
    convictions = store.bucket(CONVICTIONS, number, columns)
    own = first[convictions.column("extract").to_numpy()] + convictions.column("row").to_numpy()
    at = np.searchsorted(keys, own)
    hit = at < keys.size
    hit[hit] = keys[at[hit]] == own[hit]
    if not hit.any():
        return None
    convictions = convictions.filter(pa.array(hit))
    history = convictions.column("history").to_numpy().astype(np.int64)
    people = store.bucket(PEOPLE, number, ["extract", "cii_number", "birth_date"])
    concerned = people.take(pa.array(history))
    cycle = history * (cycle_of.max() + 1) + cycle_of[convictions.column("count_order").to_numpy()]
    cycles, of_convictions = np.unique(cycle, return_inverse=True)
    mates, mates_of = _mates(store, number, cycles, first, cycle_of, people.column("extract").to_numpy())
    table = pa.table(
        {
            "case": texts_of(convictions.column("case_number")),
            "number": texts_of(concerned.column("cii_number")),
            "birth_date": concerned.column("birth_date"),
            "event_date": convictions.column("event_date"),
            "felony": (convictions.column("flags").to_numpy() & flag.FELONY) != 0,
        }
    )
    return Found(at[hit].astype(np.int64), table, of_convictions.astype(np.int64), mates, mates_of)


def _mates(
    store: Store, number: int, cycles: Int64s, first: Int64s, cycle_of: Int64s, extracts: np.ndarray
) -> tuple[Int64s, Int64s]:
    """(keys, cycles) of all records of some cycles. cycles: ascending. extracts: of each history of the bucket."""
    rows = store.bucket(HISTORIES, number, ["history", "row", "count_order"])
    history = rows.column("history").to_numpy().astype(np.int64)
    cycle = history * (cycle_of.max() + 1) + cycle_of[rows.column("count_order").to_numpy()]
    at = np.searchsorted(cycles, cycle)
    hit = at < cycles.size
    hit[hit] = cycles[at[hit]] == cycle[hit]
    keys = first[extracts[history[hit]]] + rows.column("row").to_numpy()[hit]
    return keys, at[hit].astype(np.int64)


@dataclass(frozen=True)
class Records:
    """Some records. keys: shape (n,), ascending, each once. table: columns as bytes, in the order of keys."""

    keys: Int64s
    table: pa.Table

    def texts(self, column: str, at: Int64s | None = None) -> pa.Array:
        """A column as text, without white space around it. at: of these, by their places."""
        values = self.table.column(column)
        return texts_of(values if at is None else values.take(pa.array(at)))


def find_records(store: Store, keys: Int64s, columns: Sequence[str]) -> Records:
    """Read records by their keys, which may come in any order and more than once."""
    wanted, first = np.unique(keys), first_keys(store)
    bounds = np.searchsorted(wanted, first)
    pieces, found = [], [np.empty(0, np.int64)]
    for place, entry in enumerate(store.manifest.extracts):
        rows = wanted[bounds[place] : bounds[place + 1]] - first[place]
        for table in _of_extract(store, entry, rows, columns):
            found.append(table.column("row").to_numpy().astype(np.int64) + first[place])
            pieces.append(table)
    empty = pa.table({name: pa.array([], pa.binary()) for name in columns})
    tables = [piece.select(columns).cast(empty.schema) for piece in pieces]
    table = pa.concat_tables([empty, *tables]).combine_chunks()
    numbers = np.concatenate(found)
    order = np.argsort(numbers, kind="stable")
    return Records(numbers[order], table.take(pa.array(order)))


def _of_extract(store: Store, entry: ExtractEntry, rows: Int64s, columns: Sequence[str]) -> "list[pa.Table]":
    """Those of an extract. rows: ascending, each once. A local block without any is not read beyond its rows."""
    pieces = []
    firsts = [*entry.first_rows(), entry.records]
    for place in range(len(entry.parts)):
        if not np.searchsorted(rows, firsts[place]) < np.searchsorted(rows, firsts[place + 1]):
            continue
        for read in store.readers(entry, place):
            if store.folder.is_local and not _hits(read([]), rows).size:
                continue
            block = read(columns)
            pieces.append(block.take(pa.array(_hits(block, rows))))
    return pieces


def _hits(block: pa.Table, rows: Int64s) -> Int64s:
    """The places of wanted rows in a block."""
    own = block.column("row").to_numpy()
    at = np.searchsorted(rows, own)
    hit = at < rows.size
    hit[hit] = rows[at[hit]] == own[hit]
    return np.flatnonzero(hit)


def texts_of(values: pa.Array | pa.ChunkedArray) -> pa.Array:
    """Bytes of records as text, without white space around it; see `legible`."""
    whole = values.combine_chunks() if isinstance(values, pa.ChunkedArray) else values
    try:
        texts = whole.cast(pa.string())
    except pa.ArrowInvalid:
        texts = pa.array([None if value is None else legible(value) for value in whole.to_pylist()], pa.string())
    return pc.fill_null(pc.utf8_trim_whitespace(texts), "")
