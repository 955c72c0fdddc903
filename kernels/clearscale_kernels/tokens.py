"""Where the fields of a comma-separated extract lie: the grammar of the files that the DOJ sends.

The grammar is that of the program the counties ran: commas, records that end with LF or CRLF, double quotes
that must be well formed, quoted line breaks, blank lines that are no records. Values are bytes and stay bytes.
"""

from .arrays import Bytes, Int8s, Int32s, Int64s
from .compiler import inlined, kernel

GOOD = 0
WRONG_FIELD_COUNT = 1
BARE_QUOTE = 2
BAD_QUOTE = 3
TOO_LONG = 4

_COMMA = 44
_QUOTE = 34
_LF = 10
_CR = 13
_INCOMPLETE = -1


@inlined
def _parse_record(
    data: Bytes, begin: int, end: int, final: bool, most: int, starts: Int32s, ends: Int32s, record: int
) -> tuple[int, int, int, int, int]:
    """Parse the record at `begin`; see `tokenize` for the arrays.

    Returns (problem or _INCOMPLETE, position behind the record, number of fields, where a problem was met,
    whether some value has to be rewritten).
    """
    columns = starts.shape[0]
    position = begin
    fields = 0
    rewrite = 0
    last_is_empty = False
    while True:
        start = position
        stop = -1  # where the value ends
        if position < end and data[position] == _QUOTE:
            start = position + 1
            position = start
            while True:
                while position < end and data[position] != _QUOTE:
                    if data[position] == _CR and position + 1 < end and data[position + 1] == _LF:
                        rewrite = 1
                    position += 1
                if position - begin > most:
                    return BAD_QUOTE, position, fields, max(begin, position - 1), rewrite
                if position >= end:
                    if final:
                        return BAD_QUOTE, position, fields, position, rewrite
                    return _INCOMPLETE, begin, fields, begin, rewrite
                if position + 1 >= end:
                    if not final:
                        return _INCOMPLETE, begin, fields, begin, rewrite
                    break
                if data[position + 1] != _QUOTE:
                    break
                rewrite = 1
                position += 2
            stop = position
            position += 1
            if position < end and data[position] == _CR:
                if position + 1 >= end and not final:
                    return _INCOMPLETE, begin, fields, begin, rewrite
                if position + 1 >= end or data[position + 1] == _LF:
                    position += 1
            if position < end and data[position] != _COMMA and data[position] != _LF:
                return BAD_QUOTE, position, fields, position, rewrite
            last_is_empty = start == stop
        else:
            while position < end:
                byte = data[position]
                if byte == _COMMA or byte == _LF:
                    break
                if byte == _QUOTE:
                    return BARE_QUOTE, position, fields, position, rewrite
                position += 1
            if position - begin > most:
                return TOO_LONG, position, fields, begin, rewrite
            if position >= end and not final:
                return _INCOMPLETE, begin, fields, begin, rewrite
            stop = position
            if stop > start and data[stop - 1] == _CR and (position >= end or data[position] == _LF):
                stop -= 1
            last_is_empty = start == stop
        if fields < columns:
            starts[fields, record] = start
            ends[fields, record] = stop
        fields += 1
        if position < end and data[position] == _COMMA:
            position += 1
            continue
        if position >= end and not final:
            return _INCOMPLETE, begin, fields, begin, rewrite
        break
    position = min(position + 1, end)
    if fields == columns or (fields == columns + 1 and last_is_empty):
        return GOOD, position, fields, begin, rewrite
    return WRONG_FIELD_COUNT, position, fields, begin, rewrite


@inlined
def _line_end(data: Bytes, begin: int, end: int, final: bool, most: int) -> int:
    """Position behind the physical line at `begin`, `_INCOMPLETE` if more bytes are needed to tell."""
    limit = min(end, begin + most)
    for position in range(begin, limit):
        if data[position] == _LF:
            return position + 1
    if limit < end or final:
        return limit
    return _INCOMPLETE


@inlined
def _rewrite(data: Bytes, start: int, end: int) -> int:
    """Turn doubled quotes into one and CRLF into LF inside a quoted value, in place; returns its new end."""
    read = start
    write = start
    while read < end:
        byte = data[read]
        if read + 1 < end and (
            (byte == _QUOTE and data[read + 1] == _QUOTE) or (byte == _CR and data[read + 1] == _LF)
        ):
            read += 1
            byte = data[read]
        data[write] = byte
        write += 1
        read += 1
    return write


@kernel
def tokenize(
    data: Bytes,
    begin: int,
    end: int,
    final: bool,
    most: int,
    starts: Int32s,
    ends: Int32s,
    extents: Int32s,
    lines: Int64s,
    problems: Int8s,
    details: Int32s,
) -> tuple[int, int, int, int]:
    """Find every record of `data[begin:end]` that is complete.

    final: nothing follows `end` in the file. most: longest record in bytes; a quote that is still open after
    that many is taken for unclosed. starts, ends: shape (columns, n), where each value lies once quotes are
    resolved (values with doubled quotes or CRLF are rewritten in place). extents: shape (2, n), first and
    past-last byte of each record. lines: shape (n,), 0-based physical line of each record, counted from
    `begin`. problems: shape (n,), GOOD or what is wrong. details: shape (2, n), the number of fields met and the
    position of the problem. n bounds the records found in one call and must be at least 1.

    A record with malformed quotes is its first physical line: reading goes on at the next line, so that one
    stray quote does not take the rest of the file with it. So is a record with a wrong number of fields that
    spans lines, when the line after its first is a good record by itself: its opening quote was the stray one.

    Returns (records found, position reached, physical lines passed, number of bad records).
    """
    position = begin
    line = 0
    found = 0
    bad = 0
    room = problems.size
    while position < end and found < room:
        if data[position] == _LF:
            position += 1
            line += 1
            continue
        if data[position] == _CR:
            if position + 1 < end and data[position + 1] == _LF:
                position += 2
                line += 1
                continue
            if position + 1 >= end:
                if final:
                    position += 1
                    continue
                break
        problem, after, fields, where, rewrite = _parse_record(
            data, position, end, final, most, starts, ends, found
        )
        if problem == _INCOMPLETE:
            break
        if problem != GOOD:
            line_end = _line_end(data, position, end, final, most)
            if line_end == _INCOMPLETE:
                break
            if problem != WRONG_FIELD_COUNT:
                after = line_end
            elif line_end < after:
                retry = _parse_record(data, line_end, end, final, most, starts, ends, found)
                if retry[0] == _INCOMPLETE:
                    break
                if retry[0] == GOOD:
                    after = line_end
            bad += 1
        problems[found] = problem
        details[0, found] = fields
        details[1, found] = where
        extents[0, found] = position
        extents[1, found] = after
        lines[found] = line
        for k in range(position, after):
            if data[k] == _LF:
                line += 1
        if problem == GOOD and rewrite:
            for column in range(starts.shape[0]):
                ends[column, found] = _rewrite(data, starts[column, found], ends[column, found])
        position = after
        found += 1
    return found, position, line, bad
