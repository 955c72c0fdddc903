"""Records copied to its result files; those that do not stand as they are written are quoted anew."""

import numpy as np

from clearscale_kernels.arrays import Bools, Bytes, Int32s, Int64s
from clearscale_kernels.jit.compiler import inlined, kernel

from .columns import copy_value
from .quoting import COMMA, CR, LF, copy_as_written, write_unresolved
from .tokens import parse_record


@inlined
def _finish(suffixes: Bytes, begin: int, end: int, out: Bytes, position: int) -> int:
    """Write a ready suffix and a line feed."""
    position = copy_value(suffixes, begin, end, out, position)
    out[position] = LF
    return position + 1


def room_for(length: int, bounds: Int64s, suffix_of: Int32s) -> int:
    """An upper bound of the bytes of each file that `copy_records` writes of records of so many bytes.

    Quotes may be put around every value, of one byte and a comma at the least. bounds, suffix_of: as there.
    """
    return 2 * length + int(np.diff(bounds)[suffix_of].sum()) + 2 * suffix_of.size


def copy_records(
    data: Bytes,
    extents: Int32s,
    canonical: Bools,
    columns: Int64s,
    starts: Int32s,
    ends: Int32s,
    slots: Int64s,
    suffixes: Bytes,
    bounds: Int64s,
    suffix_of: Int32s,
    decided: Bools,
    whole: Bytes,
    condensed: Bytes,
    chosen: Bytes,
) -> tuple[int, int, int]:
    """Write each record with its suffix and a line feed to `whole`, some of its columns likewise to `condensed`,
    and those of decided records to `chosen` as they are in `whole`.

    data, extents, canonical, starts, ends: of n records as `tokens.tokenize_some` finds them, unresolved. columns:
    shape (k,), those of `condensed`, whose values starts and ends tell in that order: shape (at least k, at least
    n). slots: shape (all columns,), 0, 1, 2 ... suffixes: bytes of the distinct suffixes, already quoted, with
    their leading comma, and 64 more. bounds: shape (s + 1,), where each lies. suffix_of: shape (n,), which a record
    bears. decided: shape (n,). whole, condensed, chosen: at least `room_for(...)` bytes and 64 more. Returns how
    many bytes of each were written.
    """
    begins, stops = np.empty((slots.size, 1), np.int32), np.empty((slots.size, 1), np.int32)
    return _copy_records(
        data,
        extents,
        canonical,
        columns,
        starts,
        ends,
        slots,
        suffixes,
        bounds,
        suffix_of,
        decided,
        whole,
        condensed,
        chosen,
        begins,
        stops,
    )


@kernel
def _copy_records(
    data: Bytes,
    extents: Int32s,
    canonical: Bools,
    columns: Int64s,
    starts: Int32s,
    ends: Int32s,
    slots: Int64s,
    suffixes: Bytes,
    bounds: Int64s,
    suffix_of: Int32s,
    decided: Bools,
    whole: Bytes,
    condensed: Bytes,
    chosen: Bytes,
    begins: Int32s,
    stops: Int32s,
) -> tuple[int, int, int]:
    """As `copy_records`. begins, stops: shape (all columns, 1), where the values of one record lie."""
    at, beside, picked = 0, 0, 0
    for row in range(suffix_of.size):
        first, last = bounds[suffix_of[row]], bounds[suffix_of[row] + 1]
        begin, end = extents[0, row], extents[1, row]
        line = at
        if canonical[row]:
            end -= 1
            if data[end - 1] == CR:
                end -= 1
            at = copy_value(data, begin, end, whole, at)
            for k in range(columns.size):
                if k > 0:
                    condensed[beside] = COMMA
                    beside += 1
                beside = copy_as_written(data, starts[k, row], ends[k, row], condensed, beside)
        else:
            parse_record(data, begin, end, True, end - begin, slots, begins, stops, 0)
            for c in range(slots.size):
                if c > 0:
                    whole[at] = COMMA
                    at += 1
                at = write_unresolved(data, begins[c, 0], stops[c, 0], whole, at)
            for k in range(columns.size):
                if k > 0:
                    condensed[beside] = COMMA
                    beside += 1
                start, stop = begins[columns[k], 0], stops[columns[k], 0]
                beside = write_unresolved(data, start, stop, condensed, beside)
        at = _finish(suffixes, first, last, whole, at)
        beside = _finish(suffixes, first, last, condensed, beside)
        if decided[row]:
            picked = copy_value(whole, line, at, chosen, picked)
    return at, beside, picked
