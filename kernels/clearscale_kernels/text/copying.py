"""Records copied to its result files; those that do not stand as they are written are quoted anew."""

from typing import NamedTuple

import numpy as np

from clearscale_kernels.arrays import Bools, Bytes, Int32s, Int64s
from clearscale_kernels.jit.compiler import inlined, kernel

from .columns import copy_value
from .quoting import COMMA, CR, LF, copy_as_written, write_unresolved
from .records import Reading, Records, Suffixes, Text
from .tokens import parse_record


@inlined
def _finish(suffixes: Bytes, begin: int, end: int, out: Bytes, position: int) -> int:
    """Write a ready suffix and a line feed."""
    position = copy_value(suffixes, begin, end, out, position)
    out[position] = LF
    return position + 1


def room_for(length: int, suffixes: Suffixes) -> int:
    """An upper bound of the bytes of each file that `copy_records` writes of records of so many bytes.

    Quotes may be put around every value, of one byte and a comma at the least.
    """
    of_record = suffixes.of_record
    return 2 * length + int(np.diff(suffixes.bounds)[of_record].sum()) + 2 * of_record.size


class RecordScratch(NamedTuple):
    """Where the values of one record lie.

    Attributes
    ----------
    slots : int64, shape (all columns,)
        0, 1, 2 ...
    starts, ends : int32, shape (all columns, 1)
        Of any content.
    """

    slots: Int64s
    starts: Int32s
    ends: Int32s


def record_scratch(columns: int) -> RecordScratch:
    """Scratch of `copy_records` for records of so many columns."""
    return RecordScratch(np.arange(columns), *(np.empty((columns, 1), np.int32) for _ in range(2)))


class Copies(NamedTuple):
    """Content of the result files. Filled.

    Attributes
    ----------
    full, condensed, chosen : uint8, shape (at least `room_for(...)` and 64,)
        All columns of all records, some columns of all records, all columns of some records.
    """

    full: Bytes
    condensed: Bytes
    chosen: Bytes


@kernel
def copy_records(
    records: Records, columns: Int64s, suffixes: Suffixes, decided: Bools, scratch: RecordScratch, out: Copies
) -> tuple[int, int, int]:
    """Write each record with its suffix and a line feed to `full`, some of its columns likewise to `condensed`,
    and those of decided records to `chosen` as they are in `full`.

    Parameters
    ----------
    records
        As `tokens.tokenize` finds them, unresolved: starts and ends in the order of `columns`.
    columns : shape (k,)
        Those of `condensed`.
    suffixes
        With 64 bytes behind their content.
    decided : shape (n,)
        Which records are written to `chosen`.
    scratch
        Changed.
    out
        Filled.

    Returns
    -------
    tuple of int
        How many bytes of each were written.
    """
    data, starts, ends = records.data, records.starts, records.ends
    extents, canonical = records.extents, records.canonical
    content, bounds, suffix_of = suffixes.content, suffixes.bounds, suffixes.of_record
    slots, begins, stops = scratch.slots, scratch.starts, scratch.ends
    full, condensed, chosen = out.full, out.condensed, out.chosen
    at, beside, picked = 0, 0, 0
    for row in range(suffix_of.size):
        first, last = bounds[suffix_of[row]], bounds[suffix_of[row] + 1]
        begin, end = extents[0, row], extents[1, row]
        line = at
        if canonical[row]:
            end -= 1
            if data[end - 1] == CR:
                end -= 1
            at = copy_value(data, begin, end, full, at)
            for k in range(columns.size):
                if k > 0:
                    condensed[beside] = COMMA
                    beside += 1
                beside = copy_as_written(data, starts[k, row], ends[k, row], condensed, beside)
        else:
            reading = Reading(slots, end - begin, False, False, 0)
            parse_record(Text(data, begin, end, True), begin, reading, begins, stops, 0)
            for c in range(slots.size):
                if c > 0:
                    full[at] = COMMA
                    at += 1
                at = write_unresolved(data, begins[c, 0], stops[c, 0], full, at)
            for k in range(columns.size):
                if k > 0:
                    condensed[beside] = COMMA
                    beside += 1
                start, stop = begins[columns[k], 0], stops[columns[k], 0]
                beside = write_unresolved(data, start, stop, condensed, beside)
        at = _finish(content, first, last, full, at)
        beside = _finish(content, first, last, condensed, beside)
        if decided[row]:
            picked = copy_value(full, line, at, chosen, picked)
    return at, beside, picked
