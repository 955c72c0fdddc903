"""Lines of comma-separated values; `quoting.py` has the rule of their quotes."""

from clearscale_kernels.arrays import Bytes, Int32s, Int64s
from clearscale_kernels.jit.compiler import inlined, kernel

from .columns import copy_value
from .quoting import COMMA, CR, LF, copy_as_written, write_value
from .records import Records, Suffixes


@inlined
def _all_in_order(columns: Int64s, starts: Int32s) -> bool:
    """Whether all columns are wanted, in order."""
    in_order = columns.size == starts.shape[0]
    for c in range(columns.size):
        if columns[c] != c:
            in_order = False
    return bool(in_order)


@kernel
def most_bytes(records: Records, columns: Int64s, rows: Int64s, suffixes: Suffixes) -> int:
    """An upper bound of the bytes that `write_lines` writes for the same arguments.

    Parameters
    ----------
    records
    columns : shape (chosen columns,)
    rows : shape (chosen rows,)
    suffixes

    Returns
    -------
    int
        The bytes.
    """
    starts, ends, extents, canonical = records.starts, records.ends, records.extents, records.canonical
    suffix_bounds, suffix_of = suffixes.bounds, suffixes.of_record
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
def write_lines(records: Records, columns: Int64s, rows: Int64s, suffixes: Suffixes, out: Bytes) -> int:
    """Write the chosen columns of the chosen rows, each followed by a ready suffix and a line feed.

    Parameters
    ----------
    records
    columns : shape (chosen columns,)
        Which to write, in order, each at most once.
    rows : shape (chosen rows,)
        Which records to write, in order.
    suffixes
    out : shape (at least `most_bytes(...)`,)
        Filled; up to 63 bytes behind the lines may be touched. Copying is fastest where there are as many.

    Returns
    -------
    int
        The number of bytes written.
    """
    data, starts, ends = records.data, records.starts, records.ends
    extents, canonical = records.extents, records.canonical
    content, suffix_bounds, suffix_of = suffixes.content, suffixes.bounds, suffixes.of_record
    position = 0
    in_order = _all_in_order(columns, starts)
    for r in range(rows.size):
        row = rows[r]
        if canonical[row] and in_order:
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
        position = copy_value(content, suffix_bounds[suffix], suffix_bounds[suffix + 1], out, position)
        out[position] = LF
        position += 1
    return position
