"""The columns of a block as codes, and as Arrow arrays."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pyarrow as pa

from clearscale.law import state
from clearscale_kernels.arrays import Bytes, Int32s
from clearscale_kernels.jit.vectors import WIDTH
from clearscale_kernels.text.coding import CodedColumns, CodingScratch, Values, code_values, table_room
from clearscale_kernels.text.columns import gather, measure

from .parsing import Block, Workspace

_FORMAT = state().format
_ROLES = _FORMAT.roles

NEEDED: tuple[int, ...] = tuple(
    _FORMAT.places[name]
    for name in (
        _ROLES.subject,
        _ROLES.person,
        _ROLES.sex,
        _ROLES.race,
        _ROLES.event_date,
        _ROLES.event_type,
        _ROLES.county,
        _ROLES.count_order,
        _ROLES.case_number,
        _ROLES.offense,
        _ROLES.charge_level,
        _ROLES.disposition,
        _ROLES.conviction_status,
        _ROLES.sentence_length,
        _ROLES.sentence_unit,
        _ROLES.comment,
    )
)
"""Places of the columns that decisions are made from and whose values repeat."""

_MANY = (_FORMAT.places[_ROLES.event_date], _FORMAT.places[_ROLES.case_number])

TEXTS: tuple[int, ...] = tuple(place for place in NEEDED if place not in _MANY)
"""The needed columns whose values are few enough to be looked at one by one."""

EVERYTHING: tuple[int, ...] = NEEDED + tuple(place for place in range(len(_FORMAT.columns)) if place not in NEEDED)

_IS_NEEDED = np.isin(np.arange(len(_FORMAT.columns)), NEEDED)

_WORTH_A_CODE = 4
"""A column that is not needed as codes is only coded if its values repeat this often."""


def values_of(data: Bytes, starts: Int32s, ends: Int32s) -> pa.Array:
    """Values that lie in `data` as an Arrow binary array. starts, ends: shape (n,)."""
    starts, ends = np.ascontiguousarray(starts), np.ascontiguousarray(ends)
    offsets = np.empty(starts.size + 1, np.int32)
    size = measure(starts, ends, offsets)
    values = np.empty(size + WIDTH, np.uint8)
    gather(data, starts, ends, offsets, values)
    buffers = [None, pa.py_buffer(offsets), pa.py_buffer(values[:size])]
    return pa.Array.from_buffers(pa.binary(), starts.size, buffers)


@dataclass(frozen=True)
class Coding:
    """Columns of a block as codes; a code is the place of a value among the column's distinct ones.

    Distinct values stand in order of first appearance. Valid as long as the block keeps its records.
    """

    block: Block
    _places: dict[int, int]
    _coded: CodedColumns

    def codes(self, place: int) -> Int32s | None:
        """The code of each row, shape (n,), in the column at a place; None if its values hardly repeat.

        None, too, of a column that was not coded.
        """
        k = self._places.get(place)
        return None if k is None or self._coded.sizes[k] < 0 else self._coded.codes[k]

    def first_rows(self, place: int) -> Int32s:
        """The row in which each distinct value of a coded column first appears."""
        k = self._places[place]
        return self._coded.firsts[k, : self._coded.sizes[k]]

    def lengths(self, place: int) -> Int32s:
        """The length of each distinct value of a coded column, in bytes."""
        rows = self.first_rows(place)
        starts, ends = self.block.column(place)
        lengths: Int32s = ends[rows] - starts[rows]
        return lengths

    def distinct(self, place: int) -> pa.Array:
        """The distinct values of a coded column as an Arrow binary array of its own, which others may keep."""
        rows = self.first_rows(place)
        starts, ends = self.block.column(place)
        return values_of(self.block.data, starts[rows], ends[rows])

    def coded(self, name: str) -> tuple[Int32s, list[bytes]]:
        """(code of each row, distinct values in order of first appearance) of a column of TEXTS."""
        codes = self.codes(_FORMAT.places[name])
        assert codes is not None
        return codes, self._texts[_FORMAT.places[name]]

    @cached_property
    def _texts(self) -> dict[int, list[bytes]]:
        """The distinct values of the columns of TEXTS, all made in one go: most of them have very few."""
        values, bounds = self._distinct_values(TEXTS)
        texts = values.to_pylist()
        return {place: texts[bounds[k] : bounds[k + 1]] for k, place in enumerate(TEXTS)}

    @cached_property
    def _dictionaries(self) -> dict[int, pa.Array]:
        """The distinct values of all coded columns, which lie in one array."""
        places = [place for place, k in self._places.items() if self._coded.sizes[k] >= 0]
        values, bounds = self._distinct_values(places)
        return {place: values.slice(bounds[k], bounds[k + 1] - bounds[k]) for k, place in enumerate(places)}

    def _distinct_values(self, places: Sequence[int]) -> tuple[pa.Array, list[int]]:
        """(distinct values of coded columns, one column after the other; the first of each, and the end)."""
        rows = [self.first_rows(place) for place in places]
        begins, ends = (
            np.concatenate(
                [array[self.block.slots[place], chosen] for place, chosen in zip(places, rows, strict=True)]
            )
            for array in (self.block.starts, self.block.ends)
        )
        bounds: list[int] = np.cumsum([0, *(chosen.size for chosen in rows)]).tolist()
        return values_of(self.block.data, begins, ends), bounds

    def array(self, place: int) -> pa.Array:
        """The values of a column: an Arrow dictionary array, or a binary array where values hardly repeat."""
        codes = self.codes(place)
        if codes is None:
            return values_of(self.block.data, *self.block.column(place))
        return pa.DictionaryArray.from_arrays(pa.array(codes), self._dictionaries[place], safe=False)


def code_block(block: Block, places: Sequence[int] = NEEDED, workspace: Workspace | None = None) -> Coding:
    """Code the columns at `places` of a block; those that are NEEDED always have codes.

    With a workspace the coding is overwritten when the same thread codes another block with it.
    """
    space = workspace or Workspace()
    columns, rows = np.array(places, np.int64), block.rows.size
    limits = np.where(_IS_NEEDED[columns], rows, rows // _WORTH_A_CODE).clip(1)
    most, count = int(limits.max()), columns.size
    coded = CodedColumns(
        codes=space.empty("codes", (count, rows), np.int32),
        firsts=space.empty("firsts", (count, most), np.int32),
        sizes=np.empty(count, np.int64),
    )
    scratch = CodingScratch(
        table=space.empty("table", (table_room(limits),), np.int32),
        hashes=space.empty("hashes", (count, most), np.uint32),
        recents=space.empty("recents", (count, most), np.int32),
        bases=np.empty(count, np.int64),
        slots=np.empty(count, np.int64),
    )
    values = Values(block.data, block.starts, block.ends)
    code_values(values, rows, block.slots[columns], limits, scratch, coded)
    return Coding(block, {place: k for k, place in enumerate(places)}, coded)
