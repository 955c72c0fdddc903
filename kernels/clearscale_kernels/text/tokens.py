"""Where the fields of a comma-separated extract lie: the grammar of the files that the DOJ sends.

The grammar is that of the program the counties ran: commas, records that end with LF or CRLF, double quotes
that must be well formed, quoted line breaks, blank lines that are no records. Values are bytes and stay bytes.
"""

from clearscale_kernels.arrays import Int32s
from clearscale_kernels.jit.compiler import inlined, kernel

from .quoting import COMMA, CR, LF, QUOTE
from .records import FoundRecords, Reading, ReadingScratch, Text
from .separators import rewrite, well_formed

GOOD = 0
WRONG_FIELD_COUNT = 1
BARE_QUOTE = 2
BAD_QUOTE = 3
TOO_LONG = 4

_INCOMPLETE = -1


@inlined
def parse_record(  # noqa: C901, PLR0911, PLR0912, PLR0915
    text: Text, begin: int, reading: Reading, starts: Int32s, ends: Int32s, record: int
) -> tuple[int, int, int, int, int]:
    """Parse the record at `begin`.

    Parameters
    ----------
    text
    begin
    reading
    starts, ends : shape (slots, n)
        Filled at `record`: where each value lies without its quotes.
    record
        The record's place there.

    Returns
    -------
    tuple of int
        (problem or _INCOMPLETE, position behind the record, number of fields, where a problem was met, whether some
        value has to be rewritten).
    """
    data, end, final = text.data, text.end, text.final
    slots, most = reading.slots, reading.most
    columns = slots.size
    position = begin
    fields = 0
    doubled = 0
    last_is_empty = False
    while True:
        start = position
        stop = -1  # where the value ends
        if position < end and data[position] == QUOTE:
            start = position + 1
            position = start
            while True:
                while position < end and data[position] != QUOTE:
                    if data[position] == CR and position + 1 < end and data[position + 1] == LF:
                        doubled = 1
                    position += 1
                if position - begin > most:
                    return BAD_QUOTE, position, fields, max(begin, position - 1), doubled
                if position >= end:
                    if final:
                        return BAD_QUOTE, position, fields, position, doubled
                    return _INCOMPLETE, begin, fields, begin, doubled
                if position + 1 >= end:
                    if not final:
                        return _INCOMPLETE, begin, fields, begin, doubled
                    break
                if data[position + 1] != QUOTE:
                    break
                doubled = 1
                position += 2
            stop = position
            position += 1
            if position < end and data[position] == CR:
                if position + 1 >= end and not final:
                    return _INCOMPLETE, begin, fields, begin, doubled
                if position + 1 >= end or data[position + 1] == LF:
                    position += 1
            if position < end and data[position] != COMMA and data[position] != LF:
                return BAD_QUOTE, position, fields, position - 1, doubled
            last_is_empty = start == stop
        else:
            while position < end:
                byte = data[position]
                if byte == COMMA or byte == LF:
                    break
                if byte == QUOTE:
                    return BARE_QUOTE, position, fields, position, doubled
                position += 1
            if position - begin > most:
                return TOO_LONG, position, fields, begin, doubled
            if position >= end and not final:
                return _INCOMPLETE, begin, fields, begin, doubled
            stop = position
            if stop > start and data[stop - 1] == CR and (position >= end or data[position] == LF):
                stop -= 1
            last_is_empty = start == stop
        if fields < columns and slots[fields] >= 0:
            starts[slots[fields], record] = start
            ends[slots[fields], record] = stop
        fields += 1
        if position < end and data[position] == COMMA:
            position += 1
            continue
        if position >= end and not final:
            return _INCOMPLETE, begin, fields, begin, doubled
        break
    position = min(position + 1, end)
    if fields == columns + reading.surplus and (reading.surplus == 0 or last_is_empty):
        return GOOD, position, fields, begin, doubled
    return WRONG_FIELD_COUNT, position, fields, begin, doubled


@inlined
def _line_end(text: Text, begin: int, most: int) -> int:
    """Position behind the physical line at `begin`, `_INCOMPLETE` if more bytes are needed to tell."""
    data, end, final = text.data, text.end, text.final
    limit = min(end, begin + most)
    for position in range(begin, limit):
        if data[position] == LF:
            return position + 1
    if limit < end or final:
        return limit
    return _INCOMPLETE


@kernel
def tokenize(text: Text, reading: Reading, scratch: ReadingScratch, out: FoundRecords) -> tuple[int, int, int, int]:  # noqa: C901, PLR0912
    """Find every record of a text that is complete.

    A record with malformed quotes is its first physical line: reading goes on at the next line, so that one
    stray quote does not take the rest of the file with it. So is a record with a wrong number of fields that
    spans lines, when the line after its first is a good record by itself: its opening quote was the stray one.

    Parameters
    ----------
    text
        Rewritten in place where `reading` says so.
    reading
    scratch
        See `reading_scratch`.
    out
        Filled.

    Returns
    -------
    tuple of int
        (records found, position reached, physical lines passed, number of bad records).
    """
    data, end, final = text.data, text.end, text.final
    starts, ends, extents, lines = out.starts, out.ends, out.extents, out.lines
    problems, details, canonical = out.problems, out.details, out.canonical
    position = text.begin
    line = 0
    found = 0
    bad = 0
    room = problems.size
    while position < end and found < room:
        records, after, line_after = well_formed(text, reading, position, line, found, scratch, out)
        if after > position:
            problems[found : found + records] = GOOD
            found, position, line = found + records, after, line_after
            continue
        if data[position] == LF:
            position += 1
            line += 1
            continue
        if data[position] == CR:
            if position + 1 < end and data[position + 1] == LF:
                position += 2
                line += 1
                continue
            if position + 1 >= end:
                if final:
                    position += 1
                    continue
                break
        problem, after, fields, where, doubled = parse_record(text, position, reading, starts, ends, found)
        if problem == _INCOMPLETE:
            break
        if problem != GOOD:
            line_end = _line_end(text, position, reading.most)
            if line_end == _INCOMPLETE:
                break
            if problem != WRONG_FIELD_COUNT:
                after = line_end
            elif line_end < after:
                retry = parse_record(text, line_end, reading, starts, ends, found)
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
        canonical[found] = False
        for k in range(position, after):
            if data[k] == LF:
                line += 1
        if reading.resolve and problem == GOOD and doubled:
            for slot in range(starts.shape[0]):
                ends[slot, found] = rewrite(data, starts[slot, found], ends[slot, found])
        position = after
        found += 1
    return found, position, line, bad
