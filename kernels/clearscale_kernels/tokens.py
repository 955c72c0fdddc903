"""Where the fields of a comma-separated extract lie: the grammar of the files that the DOJ sends.

The grammar is that of the program the counties ran: commas, records that end with LF or CRLF, double quotes
that must be well formed, quoted line breaks, blank lines that are no records. Values are bytes and stay bytes.
"""

import numpy as np

from . import vectors
from .arrays import Bools, Bytes, Int8s, Int32s, Int64s
from .compiler import inlined, kernel
from .cutting import inside_quotes

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
_NOT_PLAIN = -2
_ONE = np.uint64(1)
_LAST = np.uint64(vectors.WIDTH - 1)
_NONE = np.uint64(0)
_ALL = ~np.uint64(0)


@inlined
def _stands_as_written(data: Bytes, start: int, end: int) -> bool:
    """Whether a value that came quoted would be written quoted; False also where a closer look would be needed."""
    if start == end:
        return False
    first = data[start]
    if first == 0x20 or (0x09 <= first <= 0x0D):
        return True
    within = False
    for k in range(start, end):
        within = within or data[k] == _COMMA or data[k] == _LF
    return within


@inlined
def _parse_plain(
    data: Bytes, begin: int, end: int, most: int, slots: Int64s, starts: Int32s, ends: Int32s, record: int
) -> tuple[int, int, int, bool, int]:
    """Parse the record at `begin`, 64 bytes at a time, if its quotes are plain; see `tokenize_some` for the arrays.

    Plain quotes open right behind a comma or the record's begin, close right before a comma or a line feed, and
    hold neither quotes nor returns.

    Returns (GOOD, WRONG_FIELD_COUNT, or _NOT_PLAIN where it takes `parse_record` to tell, position behind the
    record, number of fields, whether the record's bytes are as they would be written, line feeds within quotes).
    """
    columns = slots.size
    fields = 0
    start = begin
    canonical = True
    pending = False  # whether the value that began in an earlier word began with a quote
    inner_feeds = 0
    opens = _ONE  # the bit of a byte that begins a value because the byte before it is a comma
    closed = _NONE  # the bit of a byte that follows a closing quote
    carried = _NONE  # all ones within quotes
    position = begin
    while position + vectors.WIDTH <= data.size and position < end:
        commas = vectors.commas(data, position)
        feeds = vectors.line_feeds(data, position)
        quotes = vectors.quotes(data, position)
        returns = vectors.returns(data, position)
        unusual = vectors.unusual(data, position)
        inside = carried
        if quotes != _NONE:
            inside = inside_quotes(quotes, carried)
            commas &= ~inside
        elif carried != _NONE:
            commas = _NONE
        outer_feeds = feeds & ~inside
        feed, before = _NONE, _ALL  # the record's line feed and the bits before it
        if outer_feeds != _NONE:
            feed = outer_feeds & ~(outer_feeds - _ONE)
            before = feed - _ONE
        content = before & ~(returns & (feed >> _ONE))  # a return right before it belongs to the line's end
        begins = (commas << _ONE) | opens
        if (quotes | carried | closed) != _NONE:
            wrong_opening = quotes & inside & ~begins
            after_closing = ((quotes & ~inside) << _ONE) | closed
            wrong_closing = after_closing & ~(commas | feed)
            if ((wrong_opening | wrong_closing | (returns & inside)) & before) != _NONE:
                return _NOT_PLAIN, begin, 0, False, 0
            closed = (quotes & ~inside) >> _LAST
            inner = feeds & inside & before
            while inner != _NONE:
                inner_feeds += 1
                inner &= inner - _ONE
        canonical = canonical and (((unusual & begins) | returns) & content) == _NONE
        commas &= before
        opens = commas >> _LAST
        carried = _ALL if (inside >> _LAST) != _NONE else _NONE
        quoted = pending or quotes != _NONE
        if quoted:
            while commas != _NONE:
                stop = position + vectors.lowest(commas)
                commas &= commas - _ONE
                following = stop + 1
                if data[start] == _QUOTE:
                    start += 1
                    stop -= 1
                    canonical = canonical and _stands_as_written(data, start, stop)
                if fields < columns:
                    starts[slots[fields], record] = start
                    ends[slots[fields], record] = stop
                fields += 1
                start = following
        else:
            while commas != _NONE:
                stop = position + vectors.lowest(commas)
                commas &= commas - _ONE
                if fields < columns:
                    starts[slots[fields], record] = start
                    ends[slots[fields], record] = stop
                fields += 1
                start = stop + 1
        if feed != _NONE:
            line_end = position + vectors.lowest(feed)
            if line_end >= end or line_end - begin > most:
                return _NOT_PLAIN, begin, 0, False, 0
            stop = line_end
            if stop > start and data[stop - 1] == _CR:
                stop -= 1
            if quoted and stop > start and data[start] == _QUOTE:
                start += 1
                stop -= 1
                canonical = canonical and _stands_as_written(data, start, stop)
            if fields < columns:
                starts[slots[fields], record] = start
                ends[slots[fields], record] = stop
            fields += 1
            if fields == columns:
                return GOOD, line_end + 1, fields, canonical, inner_feeds
            if fields == columns + 1 and start == stop:
                return GOOD, line_end + 1, fields, False, inner_feeds
            return WRONG_FIELD_COUNT, line_end + 1, fields, False, inner_feeds
        position += vectors.WIDTH
        pending = quoted and start < position and data[start] == _QUOTE
    return _NOT_PLAIN, begin, 0, False, 0


@inlined
def parse_record(
    data: Bytes,
    begin: int,
    end: int,
    final: bool,
    most: int,
    slots: Int64s,
    starts: Int32s,
    ends: Int32s,
    record: int,
) -> tuple[int, int, int, int, int]:
    """Parse the record at `begin`; see `tokenize_some` for the arrays.

    Returns (problem or _INCOMPLETE, position behind the record, number of fields, where a problem was met,
    whether some value has to be rewritten).
    """
    columns = slots.size
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
                return BAD_QUOTE, position, fields, position - 1, rewrite
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
            starts[slots[fields], record] = start
            ends[slots[fields], record] = stop
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
def tokenize_some(
    data: Bytes,
    begin: int,
    end: int,
    final: bool,
    most: int,
    resolve: bool,
    slots: Int64s,
    starts: Int32s,
    ends: Int32s,
    extents: Int32s,
    lines: Int64s,
    problems: Int8s,
    details: Int32s,
    canonical: Bools,
) -> tuple[int, int, int, int]:
    """Find every record of `data[begin:end]` that is complete.

    final: nothing follows `end` in the file. most: longest record in bytes; a quote that is still open after
    that many is taken for unclosed. resolve: whether to rewrite values with doubled quotes or CRLF in place as what
    they mean; otherwise they lie as they are written. slots: shape (columns,), which row of starts and ends a
    column has; columns that nobody asks for share one, which then means nothing. starts, ends: shape (slots, n),
    where each value lies without its quotes. extents: shape (2, n), first and past-last byte of each record. lines:
    shape (n,), 0-based physical line of each record, counted from `begin`. problems: shape (n,), GOOD or what is
    wrong. details: shape (2, n), the number of fields met and the position of the problem. canonical: shape (n,),
    whether the record's bytes without its line end are just what would be written of it (False also where that is
    not sure). n bounds the records found in one call and must be at least 1.

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
        problem, after, fields, plain, feeds = _parse_plain(data, position, end, most, slots, starts, ends, found)
        canonical[found] = plain
        counted = problem == GOOD
        where, rewrite = position, 0
        if problem == _NOT_PLAIN:
            problem, after, fields, where, rewrite = parse_record(
                data, position, end, final, most, slots, starts, ends, found
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
                retry = parse_record(data, line_end, end, final, most, slots, starts, ends, found)
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
        if counted:
            line += 1 + feeds
        else:
            for k in range(position, after):
                if data[k] == _LF:
                    line += 1
        if resolve and problem == GOOD and rewrite:
            for slot in range(starts.shape[0]):
                ends[slot, found] = _rewrite(data, starts[slot, found], ends[slot, found])
        position = after
        found += 1
    return found, position, line, bad


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
    canonical: Bools,
) -> tuple[int, int, int, int]:
    """`tokenize_some` of all columns, resolved, each in its own row: starts, ends of shape (columns, n)."""
    slots = np.arange(starts.shape[0])
    return tokenize_some(
        data, begin, end, final, most, True, slots, starts, ends, extents, lines, problems, details, canonical
    )
