"""Lines of comma-separated values, quoted exactly as Go's encoding/csv quotes them."""

from clearscale_kernels.arrays import Bools, Bytes, Int32s, Int64s
from clearscale_kernels.jit.compiler import inlined, kernel

from .columns import copy_value

_COMMA = 44
_QUOTE = 34
_LF = 10
_CR = 13
_DOT = 46
_BACKSLASH = 92


@inlined
def _begins_with_space(data: Bytes, start: int, end: int) -> bool:
    """Whether the value's first character is Unicode white space, its bytes being valid UTF-8."""
    first = int(data[start])
    if first < 0x80:
        return first == 0x20 or 0x09 <= first <= 0x0D
    if first == 0xC2 and end - start >= 2:
        second = int(data[start + 1])
        return second == 0x85 or second == 0xA0
    if end - start < 3:
        return False
    second, third = int(data[start + 1]), int(data[start + 2])
    if first == 0xE1:
        return second == 0x9A and third == 0x80
    if first == 0xE2:
        if second == 0x80:
            return 0x80 <= third <= 0x8A or third == 0xA8 or third == 0xA9 or third == 0xAF
        return second == 0x81 and third == 0x9F
    return first == 0xE3 and second == 0x80 and third == 0x80


@inlined
def needs_quotes(data: Bytes, start: int, end: int) -> bool:
    """Whether a value is written within quotes; the same of one whose quotes are still doubled."""
    if start == end:
        return False
    if end - start == 2 and data[start] == _BACKSLASH and data[start + 1] == _DOT:
        return True
    for i in range(start, end):
        byte = data[i]
        if byte == _COMMA or byte == _QUOTE or byte == _LF or byte == _CR:
            return True
    return _begins_with_space(data, start, end)


@inlined
def _write_field(data: Bytes, start: int, end: int, out: Bytes, position: int) -> int:
    if not needs_quotes(data, start, end):
        return copy_value(data, start, end, out, position)
    out[position] = _QUOTE
    position += 1
    for i in range(start, end):
        if data[i] == _QUOTE:
            out[position] = _QUOTE
            position += 1
        out[position] = data[i]
        position += 1
    out[position] = _QUOTE
    return position + 1


@inlined
def copy_as_written(data: Bytes, start: int, end: int, out: Bytes, position: int) -> int:
    """Copy a value of a record that stands as it would be written, with its quotes if it has them."""
    if end < data.size and data[end] == _QUOTE:
        return copy_value(data, start - 1, end + 1, out, position)
    return copy_value(data, start, end, out, position)


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
            if data[end - 1] == _CR:
                end -= 1
            position = copy_value(data, extents[0, row], end, out, position)
        else:
            for c in range(columns.size):
                if c > 0:
                    out[position] = _COMMA
                    position += 1
                start, end = starts[columns[c], row], ends[columns[c], row]
                if canonical[row]:
                    position = copy_as_written(data, start, end, out, position)
                else:
                    position = _write_field(data, start, end, out, position)
        suffix = suffix_of[row]
        position = copy_value(suffixes, suffix_bounds[suffix], suffix_bounds[suffix + 1], out, position)
        out[position] = _LF
        position += 1
    return position
