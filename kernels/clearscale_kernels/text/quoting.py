r"""When a value is written within quotes, and when it may be copied as it stands: the rule of Go's encoding/csv.

A value is quoted if it has a comma, a quote or a line break, begins with white space, or is `\.`.
`vectors.unusual` finds 64 bytes at a time where that has to be asked of a value that came without quotes.
"""

import re

import numpy as np

from clearscale_kernels.arrays import Bytes
from clearscale_kernels.jit import vectors
from clearscale_kernels.jit.compiler import inlined

from .columns import copy_value

WHITE_SPACE = (
    *range(0x09, 0x0E),
    0x20,
    0x85,
    0xA0,
    0x1680,
    *range(0x2000, 0x200B),
    0x2028,
    0x2029,
    0x202F,
    0x205F,
    0x3000,
)
"""Characters that are white space as Unicode had it when the counties' program was built (Go's unicode.IsSpace)."""

COMMA = 44
QUOTE = 34
LF = 10
CR = 13
_BACKSLASH, _DOT = 92, 46

_IS_SPACE = np.isin(np.arange(WHITE_SPACE[-1] + 1), WHITE_SPACE)
"""By code point; a table, since to compare with each takes a fifth of a line's time."""
_ONE = np.uint64(1)
_NONE = np.uint64(0)

_STARTS = b"|".join(chr(code).encode() for code in WHITE_SPACE)
_NEEDS_QUOTES = re.compile(b"[%c%c%c%c]|\\A(?:%b)|\\A\\\\\\.\\Z" % (COMMA, QUOTE, LF, CR, _STARTS))


def quoted(value: bytes) -> bytes:
    """One value as it is written, for values that come one by one; `write_value` for those of a block."""
    if not _NEEDS_QUOTES.search(value):
        return value
    return b'"' + value.replace(b'"', b'""') + b'"'


@inlined
def _begins_with_space(data: Bytes, start: int, end: int) -> bool:
    """Whether the value's first character is white space, its bytes being valid UTF-8."""
    first = int(data[start])
    if first < 0x80:
        return bool(_IS_SPACE[first])
    if first < 0xC2 or first >= 0xF0 or end - start < 2:
        return False
    second = int(data[start + 1]) ^ 0x80  # the lower six bits, if it is one of those that follow a first byte
    if second >= 0x40:
        return False
    if first < 0xE0:
        return bool(_IS_SPACE[((first & 0x1F) << 6) | second])
    if end - start < 3:
        return False
    third = int(data[start + 2]) ^ 0x80
    code = ((first & 0x0F) << 12) | (second << 6) | third
    return bool(third < 0x40 and 0x800 <= code < _IS_SPACE.size and _IS_SPACE[code])


@inlined
def needs_quotes(data: Bytes, start: int, end: int) -> bool:
    """Whether a value is written within quotes; the same of one whose quotes are still doubled."""
    if start == end:
        return False
    if end - start == 2 and data[start] == _BACKSLASH and data[start + 1] == _DOT:
        return True
    for i in range(start, end):
        byte = data[i]
        if byte == COMMA or byte == QUOTE or byte == LF or byte == CR:
            return True
    return _begins_with_space(data, start, end)


@inlined
def surely_needs_quotes(data: Bytes, start: int, end: int) -> bool:
    """Whether a value that came quoted would be written quoted; False also where a closer look would be needed.

    64 bytes must follow behind its first.
    """
    if start == end:
        return False
    if data[start] < 0x80 and _IS_SPACE[data[start]]:
        return True
    position = start
    while position < end:
        within = vectors.commas(data, position) | vectors.line_feeds(data, position)
        if end - position < vectors.WIDTH:
            within &= (_ONE << np.uint64(end - position)) - _ONE
        if within != _NONE:
            return True
        position += vectors.WIDTH
    return False


@inlined
def write_value(data: Bytes, start: int, end: int, out: Bytes, position: int) -> int:
    """Write a value, within quotes where it needs them; returns the position behind it."""
    if not needs_quotes(data, start, end):
        return copy_value(data, start, end, out, position)
    out[position] = QUOTE
    position += 1
    for i in range(start, end):
        if data[i] == QUOTE:
            out[position] = QUOTE
            position += 1
        out[position] = data[i]
        position += 1
    out[position] = QUOTE
    return position + 1


@inlined
def write_unresolved(data: Bytes, start: int, end: int, out: Bytes, position: int) -> int:
    """`write_value` of one whose quotes are still doubled, as they stay within quotes; CRLF becomes LF."""
    if not needs_quotes(data, start, end):
        return copy_value(data, start, end, out, position)
    out[position] = QUOTE
    position += 1
    for i in range(start, end):
        if data[i] == CR and i + 1 < end and data[i + 1] == LF:
            continue
        out[position] = data[i]
        position += 1
    out[position] = QUOTE
    return position + 1


@inlined
def copy_as_written(data: Bytes, start: int, end: int, out: Bytes, position: int) -> int:
    """Copy a value of a record that stands as it would be written, with its quotes if it has them."""
    if end < data.size and data[end] == QUOTE:
        return copy_value(data, start - 1, end + 1, out, position)
    return copy_value(data, start, end, out, position)
