"""Values as codes: each distinct value of a column gets a number, in order of first appearance.

Values repeat from row to row, so each is compared with the one above it first, and only looked up where it differs.
"""

from typing import NamedTuple

import numpy as np

from clearscale_kernels.arrays import Bytes, Int32s, Int64s, UInt32s, Word
from clearscale_kernels.jit import vectors
from clearscale_kernels.jit.compiler import inlined, kernel

CHUNK_ROWS = 256
"""Rows whose columns are coded one after the other, few enough to stay in a processor's cache."""

FIRST_SLOTS = 64
"""Slots of a column's table to begin with; a power of two."""

_WORD_BYTES = 8
_ONE = np.uint64(1)
_ALL = ~np.uint64(0)
_SEED = np.uint64(0x9E3779B97F4A7C15)


@inlined
def same(data: Bytes, start: int, other: int, size: int) -> bool:
    """Whether data[start:start + size] and data[other:other + size] are equal. 64 bytes must follow behind both."""
    while size >= vectors.WIDTH:
        if vectors.differing(data, start, other) != np.uint64(0):
            return False
        start += vectors.WIDTH
        other += vectors.WIDTH
        size -= vectors.WIDTH
    wanted = (_ONE << np.uint64(size)) - _ONE
    return bool((vectors.differing(data, start, other) & wanted) == np.uint64(0))


@inlined
def _hash(data: Bytes, start: int, size: int) -> Word:
    """A number of 32 bits made of data[start:start + size]. 8 bytes must follow behind it."""
    state = vectors.mixed(_SEED, np.uint64(size))
    while size >= _WORD_BYTES:
        state = vectors.mixed(state, vectors.word(data, start))
        start += _WORD_BYTES
        size -= _WORD_BYTES
    if size > 0:
        tail = vectors.word(data, start) & (_ALL >> np.uint64(8 * (_WORD_BYTES - size)))
        state = vectors.mixed(state, tail)
    return state >> np.uint64(32)


@inlined
def _grow(table: Int32s, slots: int, hashes: UInt32s, count: int, to: int) -> None:
    """Enter the codes of a full table into one of twice as many slots at `to`."""
    mask = 2 * slots - 1
    table[to : to + 2 * slots] = 0
    for code in range(count):
        slot = int(hashes[code]) & mask
        while table[to + slot] != 0:
            slot = (slot + 1) & mask
        table[to + slot] = code + 1


class Values(NamedTuple):
    """Where the values of records lie in bytes.

    Attributes
    ----------
    data : uint8, shape (bytes,)
        At least 64 more bytes behind the last value.
    starts, ends : int32, shape (all columns, at least as many as there are rows)
    """

    data: Bytes
    starts: Int32s
    ends: Int32s


class CodingScratch(NamedTuple):
    """Scratch for k columns, of any content.

    Attributes
    ----------
    table : int32, shape (at least `table_room(limits)`,)
        The columns' hash tables.
    hashes : uint32, shape (k, largest limit)
    recents : int32, shape (k, largest limit)
        The last row that had each code.
    bases, slots : int64, shape (k,)
        Where each column's part of the table begins, its length.
    """

    table: Int32s
    hashes: UInt32s
    recents: Int32s
    bases: Int64s
    slots: Int64s


class CodedColumns(NamedTuple):
    """Columns as codes. Filled.

    Attributes
    ----------
    codes : int32, shape (k, at least as many as there are rows)
    firsts : int32, shape (k, largest limit)
        The row in which each code first appears.
    sizes : int64, shape (k,)
        The number of codes, -1 for a column that was given up.
    """

    codes: Int32s
    firsts: Int32s
    sizes: Int64s


@kernel
def code_values(
    values: Values, rows: int, columns: Int64s, limits: Int64s, scratch: CodingScratch, out: CodedColumns
) -> None:
    """Code the values of the chosen columns.

    Parameters
    ----------
    values
    rows
        How many there are.
    columns : shape (k,)
        Which to code.
    limits : shape (k,)
        The most distinct values of each that are worth a code, at least 1; a column with more is given up.
    scratch
        Changed.
    out
        Filled.
    """
    data, starts, ends = values.data, values.starts, values.ends
    table, hashes, recents = scratch.table, scratch.hashes, scratch.recents
    bases, slots = scratch.bases, scratch.slots
    codes, firsts, sizes = out.codes, out.firsts, out.sizes
    used = 0
    for k in range(columns.size):
        bases[k] = used
        table[used : used + FIRST_SLOTS] = 0
        slots[k] = FIRST_SLOTS
        used += FIRST_SLOTS
        sizes[k] = 0
    for begin in range(0, rows, CHUNK_ROWS):
        end = min(begin + CHUNK_ROWS, rows)
        for k in range(columns.size):
            count = int(sizes[k])
            if count < 0:
                continue
            begins, stops, own = starts[columns[k]], ends[columns[k]], codes[k]
            first_rows, own_hashes = firsts[k], hashes[k]
            recent = recents[k]  # A value is verified against the last row that had it; the first lies far back.
            base, mask = bases[k], slots[k] - 1
            last_start, last_size, code = 0, -1, 0
            if begin > 0:
                last_start = int(begins[begin - 1])
                last_size = int(stops[begin - 1]) - last_start
                code = int(own[begin - 1])
            for row in range(begin, end):
                start = int(begins[row])
                size = int(stops[row]) - start
                # Most columns are empty in most records: nothing needs to be compared then.
                if size != last_size or (size > 0 and not same(data, start, last_start, size)):
                    last_size = size
                    mixed = _hash(data, start, size)
                    slot = int(mixed) & mask
                    code = -1
                    while table[base + slot] != 0:
                        known = int(table[base + slot]) - 1
                        if own_hashes[known] == mixed:
                            seen = recent[known]
                            other = int(begins[seen])
                            if int(stops[seen]) - other == size and same(data, start, other, size):
                                code = known
                                break
                        slot = (slot + 1) & mask
                    if code < 0:
                        if count == limits[k]:
                            count = -1
                            break
                        code = count
                        table[base + slot] = code + 1
                        own_hashes[code] = mixed
                        first_rows[code] = row
                        count += 1
                        if 2 * count > mask + 1:
                            _grow(table, mask + 1, own_hashes, count, used)
                            base, mask = used, 2 * mask + 1
                            used += mask + 1
                    recent[code] = row
                last_start = start
                own[row] = code
            sizes[k], bases[k], slots[k] = count, base, mask + 1


def table_room(limits: Int64s) -> int:
    """How many slots `code_values` may need for columns of so many distinct values each."""
    slots = np.full(limits.size, FIRST_SLOTS, np.int64)
    total = int(slots.sum())
    while (full := 2 * limits > slots).any():
        slots[full] *= 2
        total += int(slots[full].sum())
    return total
