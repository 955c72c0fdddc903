"""Lines of comma-separated values; `quoting.py` has the rule of their quotes."""

from clearscale_kernels.arrays import Bools, Bytes, Int32s, Int64s
from clearscale_kernels.jit.compiler import inlined, kernel

from .columns import copy_value
from .quoting import COMMA, CR, LF, copy_as_written, write_value


@inlined
def _whole(columns: Int64s, starts: Int32s) -> bool:
    """Whether all columns are wanted, in order."""
    in_order = columns.size == starts.shape[0]
    for c in range(columns.size):
        if columns[c] != c:
            in_order = False
    return bool(in_order)


@kernel
def most_bytes(
    starts: Int32s,
    ends: Int32s,
    extents: Int32s,
    canonical: Bools,
    columns: Int64s,
    rows: Int64s,
    suffix_bounds: Int64s,
    suffix_of: Int32s,
) -> int:
    """An upper bound of the bytes that `write_lines` writes for the same arguments."""
    total = 0
    for r in range(rows.size):
        row = rows[r]
        if canonical[row]:
            # No column is written twice, so no line is longer than its record.
            total += extents[1, row] - extents[0, row]
        else:
            for c in range(columns.size):
                total += 2 * (ends[columns[c], row] - starts[columns[c], row]) + 3
        suffix = suffix_of[row]
        total += suffix_bounds[suffix + 1] - suffix_bounds[suffix] + 1
    return total


@kernel
def write_lines(
    data: Bytes,
    starts: Int32s,
    ends: Int32s,
    extents: Int32s,
    canonical: Bools,
    columns: Int64s,
    rows: Int64s,
    suffixes: Bytes,
    suffix_bounds: Int64s,
    suffix_of: Int32s,
    out: Bytes,
) -> int:
    """Write the chosen columns of the chosen rows, each followed by a ready suffix and a line feed.

    data: bytes of the values. starts, ends: shape (all columns, at least all rows), where each value lies.
    canonical: shape (all rows,), whether a record stands in `data` just as it would be written, extents: shape (2,
    all rows), from its first byte to behind its line end; other records are quoted anew. columns, rows: which to
    write, in order, each column at most once. suffixes: bytes of the distinct suffixes, already quoted, with their
    leading comma. suffix_bounds: shape (s + 1,). suffix_of: shape (all rows,), which suffix a row bears. out: at
    least `most_bytes(...)` bytes; up to 63 of them behind the lines may be touched. Copying is fastest where 64
    bytes follow behind each array's last value. Returns the number of bytes written.
    """
    position = 0
    whole = _whole(columns, starts)
    for r in range(rows.size):
        row = rows[r]
        if canonical[row] and whole:
            end = extents[1, row] - 1
            if data[end - 1] == CR:
                end -= 1
            position = copy_value(data, extents[0, row], end, out, position)
        else:
            for c in range(columns.size):
                if c > 0:
                    out[position] = COMMA
                    position += 1
                start, end = starts[columns[c], row], ends[columns[c], row]
                if canonical[row]:
                    position = copy_as_written(data, start, end, out, position)
                else:
                    position = write_value(data, start, end, out, position)
        suffix = suffix_of[row]
        position = copy_value(suffixes, suffix_bounds[suffix], suffix_bounds[suffix + 1], out, position)
        out[position] = LF
        position += 1
    return position
