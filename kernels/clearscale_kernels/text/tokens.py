"""Where the fields of a comma-separated extract lie: the grammar of the files that the DOJ sends.

The grammar is that of the program the counties ran: commas, records that end with LF or CRLF, double quotes
that must be well formed, quoted line breaks, blank lines that are no records. Values are bytes and stay bytes.
"""

import numpy as np

from clearscale_kernels.arrays import Bools, Bytes, Int8s, Int32s, Int64s
from clearscale_kernels.jit.compiler import inlined, kernel

from .quoting import COMMA, CR, LF, QUOTE
from .separators import PLACES, places_for, rewrite, well_formed

GOOD = 0
WRONG_FIELD_COUNT = 1
BARE_QUOTE = 2
BAD_QUOTE = 3
TOO_LONG = 4

_INCOMPLETE = -1


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
    if fields == columns or (fields == columns + 1 and last_is_empty):
        return GOOD, position, fields, begin, doubled
    return WRONG_FIELD_COUNT, position, fields, begin, doubled


@inlined
def _line_end(data: Bytes, begin: int, end: int, final: bool, most: int) -> int:
    """Position behind the physical line at `begin`, `_INCOMPLETE` if more bytes are needed to tell."""
    limit = min(end, begin + most)
    for position in range(begin, limit):
        if data[position] == LF:
            return position + 1
    if limit < end or final:
        return limit
    return _INCOMPLETE


def tokenize_some(
    data: Bytes,
    begin: int,
    end: int,
    final: bool,
    most: int,
    resolve: bool,
    judge: bool,
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
    they mean; otherwise they lie as they are written. judge: whether to tell which records are canonical. slots:
    shape (columns,), which row of starts and ends a column has, -1 for those that nobody asks for. starts, ends:
    shape (slots, n), where each value lies without its quotes. extents: shape (2, n), first and past-last byte of
    each record. lines: shape (n,), 0-based physical line of each record, counted from `begin`. problems: shape
    (n,), GOOD or what is wrong. details: shape (2, n), of records with a problem the number of fields met and the
    position of the problem. canonical: shape (n,), whether the record's bytes without its line end are just what
    would be written of it (False also where that is not sure, and without `judge`). n bounds the records found in
    one call and must be at least 1.

    A record with malformed quotes is its first physical line: reading goes on at the next line, so that one
    stray quote does not take the rest of the file with it. So is a record with a wrong number of fields that
    spans lines, when the line after its first is a good record by itself: its opening quote was the stray one.

    Returns (records found, position reached, physical lines passed, number of bad records).
    """
    size = places_for(slots.size)
    scratch = (
        np.empty(size, np.int32),
        np.empty(PLACES, np.int32),
        np.empty(size, np.int32),
        np.empty(PLACES, np.bool_),
    )
    return _tokenize_some(
        data,
        begin,
        end,
        final,
        most,
        resolve,
        judge,
        slots,
        starts,
        ends,
        extents,
        lines,
        problems,
        details,
        canonical,
        *scratch,
    )


@kernel
def _tokenize_some(
    data: Bytes,
    begin: int,
    end: int,
    final: bool,
    most: int,
    resolve: bool,
    judge: bool,
    slots: Int64s,
    starts: Int32s,
    ends: Int32s,
    extents: Int32s,
    lines: Int64s,
    problems: Int8s,
    details: Int32s,
    canonical: Bools,
    places: Int32s,
    bases: Int32s,
    openings: Int32s,
    special: Bools,
) -> tuple[int, int, int, int]:
    """As `tokenize_some`. places, bases, openings, special: see `separators.well_formed`."""
    position = begin
    line = 0
    found = 0
    bad = 0
    room = problems.size
    while position < end and found < room:
        records, after, line_after = well_formed(
            data,
            position,
            end,
            line,
            most,
            resolve,
            judge,
            slots,
            starts,
            ends,
            extents,
            lines,
            canonical,
            found,
            min(room - found, PLACES),
            places,
            bases,
            openings,
            special,
        )
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
        problem, after, fields, where, doubled = parse_record(
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
        canonical[found] = False
        for k in range(position, after):
            if data[k] == LF:
                line += 1
        if resolve and problem == GOOD and doubled:
            for slot in range(starts.shape[0]):
                ends[slot, found] = rewrite(data, starts[slot, found], ends[slot, found])
        position = after
        found += 1
    return found, position, line, bad


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
        data, begin, end, final, most, True, True, slots, starts, ends, extents, lines, problems, details, canonical
    )
