"""The decisions of a run over charges with what matches them to those of another run."""

import hashlib
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from clearscale.charges.tables import Tables
from clearscale.errors import RunError
from clearscale.io.files import Folder
from clearscale.runs.charges import ChargeRun
from clearscale.runs.charges.reading import read_decisions
from clearscale.runs.charges.resident import opened
from clearscale.store.charge_store import ChargeStore
from clearscale_kernels.arrays import Int64s

_STAYS = ("county", "case", "sequence", "code", "section", "subsection")
"""What a charge has in any file, beside its person."""

_BETWEEN = "\x1f"
_OF_A_RECORD = "record:"
"""How the identity of a charge begins whose person and case are not known: it is of its file."""

_LINE_BITS = 40
"""Bits of a line in a record's key; before them is the file's place."""


class Decided(NamedTuple):
    """Decisions of some buckets.

    Attributes
    ----------
    table
        As the run has them.
    keys : int64, shape (n,)
        Of their records: place of the file among all files of both runs, and line.
    places : int64, shape (n,)
        Bucket and row of the charge in it; they rise.
    people : int64, shape (n,)
        Bucket and row of the person in it.
    """

    table: pa.Table
    keys: Int64s
    places: Int64s
    people: Int64s


@dataclass(frozen=True)
class ChargeSide:
    """A run that is compared.

    files: ids of the files of both runs' snapshots, sorted. alone: those that only this run's has, where the other
    has such, too: charges of these are matched by what stays of them.
    """

    run: ChargeRun
    files: tuple[str, ...]
    alone: frozenset[str] = frozenset()

    @property
    def store(self) -> ChargeStore:
        """The snapshot that it decided. Raises StoreError if it is not where it was."""
        return opened(Folder.rooted(self.run.info["store"]), self.run.info["snapshot"])

    @property
    def buckets(self) -> int:
        """How many buckets it has."""
        return len(self.run.info["decisions"])

    def keys(self, bucket: int) -> Int64s:
        """The keys of the records that are decided in a bucket."""
        if not self.alone:
            return self._keys(read_decisions(self.run, bucket, ["file", "line"]).table)
        return self._staying(bucket, *self._looked_up(bucket))

    def decided(self, buckets: Sequence[int], people: bool = True) -> Decided:
        """Read the decisions of some buckets. people: whether places and people are looked up, or left empty."""
        found = [self._decided(bucket, people) for bucket in buckets]
        return Decided(
            pa.concat_tables([part.table for part in found]).unify_dictionaries(),
            np.concatenate([part.keys for part in found]),
            np.concatenate([part.places for part in found]),
            np.concatenate([part.people for part in found]),
        )

    def _decided(self, bucket: int, people: bool) -> Decided:
        if not people and not self.alone:
            table, *_ = read_decisions(self.run, bucket)
            nothing = np.empty(0, np.int64)
            return Decided(table, self._keys(table), nothing, nothing)
        table, rows, tables = self._looked_up(bucket)
        first = np.int64(bucket) << _LINE_BITS
        keys = self._staying(bucket, table, rows, tables) if self.alone else self._keys(table)
        return Decided(table, keys, first + rows, first + tables.charges.person[rows])

    def _looked_up(self, bucket: int) -> tuple[pa.Table, Int64s, Tables]:
        """The decisions of a bucket, their rows among its charges, and these."""
        table, rows, tables = read_decisions(self.run, bucket)
        if rows is None or tables is None:
            tables = self.store.tables(bucket)
            rows = self._rows(tables, self._keys(table))
        return table, rows, tables

    def _staying(self, bucket: int, table: pa.Table, rows: Int64s, tables: Tables) -> Int64s:
        """Keys of decisions; of those in files that only this run has, of what stays of a charge in another file.

        That is its person or case, its county, the number of the case, its own in it, and its statute. Charges that
        are equal in all of these are numbered in the order of their lines; all of a person are in one bucket.
        """
        keys = self._keys(table)
        of_alone = np.array([name in self.alone for name in tables.words.files], np.bool_)
        at = np.flatnonzero(of_alone[tables.charges.file[rows]])
        if not at.size:
            return keys
        identities = self.store.numbers(bucket).column("identity").take(pa.array(rows[at]))
        parts = [_plain(table.column(name).take(pa.array(at))) for name in _STAYS]
        texts = pc.binary_join_element_wise(_plain(identities), *parts, _BETWEEN).to_pylist()
        met: Counter[str] = Counter()
        for place in np.argsort(keys[at], kind="stable").tolist():
            text = texts[place]
            if text.startswith(_OF_A_RECORD):
                continue  # nothing says whose it is
            again = f"{text}{_BETWEEN}{met[text]}"
            met[text] += 1
            digest = hashlib.blake2b(again.encode("utf-8", "surrogateescape"), digest_size=8).digest()
            # Above all keys of files and lines.
            keys[at[place]] = int.from_bytes(digest, "little") >> 2 | 1 << 62
        return keys

    def _keys(self, table: pa.Table) -> Int64s:
        column = table.column("file").combine_chunks()
        place = {name: number for number, name in enumerate(self.files)}
        places = np.array([place[name] for name in column.dictionary.to_pylist()], np.int64)
        found: Int64s = places[column.indices.to_numpy()] << _LINE_BITS | table.column("line").to_numpy()
        return found

    def _rows(self, tables: Tables, keys: Int64s) -> Int64s:
        """The rows of records among all charges of a bucket."""
        place = {name: number for number, name in enumerate(self.files)}
        files = np.array([place[name] for name in tables.words.files], np.int64)
        every = files[tables.charges.file] << _LINE_BITS | tables.charges.line
        order = np.argsort(every, kind="stable")
        at = np.minimum(np.searchsorted(every[order], keys), max(every.size - 1, 0))
        rows: Int64s = order[at] if every.size else np.empty(0, np.int64)
        if rows.size != keys.size or (every[rows] != keys).any():
            raise RunError(f"{self.run.folder.url}: decides records that its snapshot does not hold; make it again")
        return rows


def aligned(before: ChargeSide, after: ChargeSide) -> bool:
    """Whether both runs have the same records in the same buckets."""
    same = all(before.run.info[name] == after.run.info[name] for name in ("store", "snapshot"))
    return same and before.buckets == after.buckets


class Joined(NamedTuple):
    """Charges that one of two runs decides, or both: a row each.

    Attributes
    ----------
    before, after : Table
        Their decisions; null where a run has none.
    in_before, in_after : shape (n,)
        Whether it has one.
    people : int64, shape (n,)
        Of the later run, where it has the charge, otherwise of the earlier one.
    """

    before: pa.Table
    after: pa.Table
    in_before: np.ndarray
    in_after: np.ndarray
    people: Int64s


def joined_in_place(before: ChargeSide, after: ChargeSide, bucket: int) -> Joined:
    """Match the decisions of a bucket that both runs have, in the order of its charges."""
    return joined(before.decided([bucket]), after.decided([bucket]))


def joined(first: Decided, second: Decided) -> Joined:
    """Match decisions by the places of their charges, in the order of these."""
    every = np.union1d(first.places, second.places)
    at = [_found(every, side.places) for side in (first, second)]
    people = np.empty(every.size, np.int64)
    for side, places in ((first, at[0]), (second, at[1])):
        held = places >= 0
        people[held] = side.people[places[held]]
    return _taken(first.table, second.table, at[0], at[1], people)


def joined_elsewhere(before: ChargeSide, after: ChargeSide, buckets: Sequence[int]) -> Joined:
    """Match the decisions of some buckets of the later run with those of the earlier one, wherever they lie."""
    own = after.decided(buckets)
    tables, keys = [], []
    for bucket in range(before.buckets):
        found = before.decided([bucket], people=False)
        wanted = np.isin(found.keys, own.keys)
        tables.append(found.table.filter(pa.array(wanted)))
        keys.append(found.keys[wanted])
    others = pa.concat_tables(tables).unify_dictionaries()
    of_others = np.concatenate(keys)
    order = np.argsort(of_others, kind="stable")
    at = _found(own.keys, of_others[order])
    at = np.where(at >= 0, order[np.maximum(at, 0)], -1) if order.size else at
    return _taken(others, own.table, at, np.arange(own.keys.size), own.people)


def only_before(before: ChargeSide, after: ChargeSide, buckets: Sequence[int]) -> Joined:
    """Take the decisions of some buckets of the earlier run that the later one has nowhere."""
    own = before.decided(buckets)
    left = np.ones(own.keys.size, np.bool_)
    for bucket in range(after.buckets):
        left &= ~np.isin(own.keys, after.keys(bucket))
    rows = np.flatnonzero(left)
    nothing = after.decided([0], people=False).table.slice(0, 0)
    return _taken(own.table, nothing, rows, np.full(rows.size, -1), own.people[rows])


def _found(wanted: Int64s, rising: Int64s) -> Int64s:
    """The place of each among values that rise, -1 where it is none of them."""
    at = np.searchsorted(rising, wanted)
    inside = at < rising.size
    inside[inside] = rising[at[inside]] == wanted[inside]
    found: Int64s = np.where(inside, at, -1)
    return found


def _taken(before: pa.Table, after: pa.Table, at_before: Int64s, at_after: Int64s, people: Int64s) -> Joined:
    first, second = (
        table.take(pa.array(at, pa.int64(), mask=at < 0)) for table, at in ((before, at_before), (after, at_after))
    )
    return Joined(first, second, at_before >= 0, at_after >= 0, people)


def _plain(column: pa.ChunkedArray) -> pa.ChunkedArray:
    return pc.fill_null(column.cast(pa.string()), "")


def column_of(table: pa.Table, name: str, nothing: int) -> Int64s:
    """A column of numbers or days, with a number in place of null."""
    column = table.column(name)
    if pa.types.is_date32(column.type):
        column = column.cast(pa.int32())
    found: Int64s = pc.fill_null(column, nothing).to_numpy().astype(np.int64)
    return found
