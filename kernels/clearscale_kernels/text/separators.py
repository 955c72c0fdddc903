"""Records found 64 bytes at a time, as long as they are well formed: first where separators lie, then the values.

A word of 64 bits says which of 64 bytes are commas, line feeds or quotes. Whether a byte lies within quotes is the
parity of the quotes before it, which is right for well-formed records. What is not well formed shows in bits next
to quotes and in the number of separators between line feeds, and is left to a parser that looks at each byte.
"""

import numpy as np

from clearscale_kernels.arrays import Bytes, Int32s
from clearscale_kernels.jit import vectors
from clearscale_kernels.jit.compiler import inlined

from .cutting import inside_quotes
from .quoting import CR, LF, QUOTE, surely_needs_quotes
from .records import MARGIN, PLACES, FoundRecords, Reading, ReadingScratch, Text

_ONE = np.uint64(1)
_LAST = np.uint64(vectors.WIDTH - 1)
_NONE = np.uint64(0)
_ALL = ~np.uint64(0)


@inlined
def rewrite(data: Bytes, start: int, end: int) -> int:
    """Turn doubled quotes into one and CRLF into LF inside a quoted value, in place; returns its new end."""
    read = start
    write = start
    while read < end:
        byte = data[read]
        if read + 1 < end and (
            (byte == QUOTE and data[read + 1] == QUOTE) or (byte == CR and data[read + 1] == LF)
        ):
            read += 1
            byte = data[read]
        data[write] = byte
        write += 1
        read += 1
    return write


@inlined
def _take(
    data: Bytes, places: Int32s, bases: Int32s, records: int, column: int, begins: Int32s, stops: Int32s
) -> None:
    """Where the values of a column lie, from the separators before and behind them."""
    for record in range(records):
        place = bases[record] + column
        start = places[place] + 1
        stop = places[place + 1]
        quoted = np.int32(data[start] == QUOTE)
        begins[record] = start + quoted
        stops[record] = stop - quoted


@inlined
def well_formed(  # noqa: C901, PLR0912, PLR0915
    text: Text, reading: Reading, begin: int, line: int, found: int, scratch: ReadingScratch, out: FoundRecords
) -> tuple[int, int, int]:
    """Find the records from `begin` on as long as they are well formed.

    Parameters
    ----------
    text
    reading
    begin
        Where the first record begins.
    line
        Its physical line.
    found
        Its place in `out`.
    scratch
        Changed.
    out
        Filled.

    Returns
    -------
    tuple of int
        (records, position and line behind them); there may be none though the first record is well formed.
    """
    data, end = text.data, text.end
    slots, most, resolve, judge = reading.slots, reading.most, reading.resolve, reading.judge
    surplus = reading.surplus
    places, openings, bases, special = scratch.places, scratch.openings, scratch.bases, scratch.special
    starts, ends, extents, lines, canonical = out.starts, out.ends, out.extents, out.lines, out.canonical
    room = min(out.problems.size - found, PLACES)
    columns = slots.size
    records = 0
    places[0] = begin - 1
    count = 1  # separators listed
    base = 0  # place of the separator before the record
    record, record_line = begin, line
    opened = 0
    stands, rewritten = judge, False
    opens = _ONE  # the bit of a byte that begins a value
    closed = _NONE  # the bit of a byte that follows a closing quote
    carried = _NONE  # all ones within quotes
    position = begin
    going = True
    while (
        going
        and records < room
        and position < end
        and position + vectors.WIDTH <= data.size
        and count + MARGIN <= places.size
        and position - record <= most
    ):
        feeds = vectors.line_feeds(data, position)
        separators = vectors.commas(data, position) | feeds
        quotes = vectors.quotes(data, position)
        returns = vectors.returns(data, position)
        inside, to_rewrite, wrong = carried, _NONE, _NONE
        if (quotes | carried | closed) != _NONE:
            inside = inside_quotes(quotes, carried)
            separators &= ~inside
        begins = (separators << _ONE) | opens
        odd = _NONE
        if (quotes | carried | closed) != _NONE:
            opening = quotes & inside
            after_closing = ((quotes & ~inside) << _ONE) | closed
            closed = (quotes & ~inside) >> _LAST
            wrong = (opening & ~(begins | after_closing)) | (after_closing & ~(separators | opening))
            to_rewrite = (opening & after_closing) | (returns & inside)
            if judge:
                opening &= begins
                while opening != _NONE:
                    below = (opening & ~(opening - _ONE)) - _ONE
                    openings[opened] = count - 1 + vectors.population(separators & below)
                    opened += 1
                    opening &= opening - _ONE
        outer_feeds = feeds & ~inside
        if judge:
            line_ends = outer_feeds | (returns & (outer_feeds >> _ONE))
            odd = (((vectors.unusual(data, position) & begins) | returns) & ~line_ends) | to_rewrite
        if wrong != _NONE:
            outer_feeds &= (wrong & ~(wrong - _ONE)) - _ONE
            going = False
        rest, after = separators, count
        while rest != _NONE:
            rest = vectors.list_eight(rest, position, places, after)
            after += vectors.EIGHT
        while outer_feeds != _NONE:
            below = (outer_feeds & ~(outer_feeds - _ONE)) - _ONE
            feed = position + vectors.lowest(outer_feeds)
            outer_feeds &= outer_feeds - _ONE
            place = count + vectors.population(separators & below)
            fields = place - base
            returned = int(data[feed - 1] == CR) if feed > record else 0
            blank = fields == 1 and feed - record == returned
            if not blank:
                last_is_empty = feed - places[place - 1] - 1 == returned
                right = fields == columns + surplus and (surplus == 0 or last_is_empty)
                if not right or feed >= end or feed - record > most or records == room:
                    going = False
                    break
                row = found + records
                extents[0, row] = record
                extents[1, row] = feed + 1
                lines[row] = record_line
                canonical[row] = stands and surplus == 0 and (odd & below) == _NONE
                bases[records] = base
                special[records] = rewritten or (to_rewrite & below) != _NONE
                records += 1
            elif feed >= end:
                going = False
                break
            base, record = place, feed + 1
            record_line = line + vectors.population(feeds & (below | (below + _ONE)))
            stands, rewritten = judge, False
            odd &= ~(below | (below + _ONE))
            to_rewrite &= ~(below | (below + _ONE))
        stands = stands and odd == _NONE
        rewritten = rewritten or to_rewrite != _NONE
        line += vectors.population(feeds)
        count += vectors.population(separators)
        opens = separators >> _LAST
        carried = _ALL if (inside >> _LAST) != _NONE else _NONE
        position += vectors.WIDTH
    for column in range(columns):
        slot = slots[column]
        if slot >= 0:
            _take(data, places, bases, records, column, starts[slot, found:], ends[slot, found:])
    if slots[columns - 1] >= 0:
        _drop_returns(data, records, starts[slots[columns - 1], found:], ends[slots[columns - 1], found:])
    owner = 0
    for k in range(opened):
        place = openings[k]
        while owner < records and bases[owner] + columns <= place:
            owner += 1
        if owner == records:
            break
        if canonical[found + owner] and not surely_needs_quotes(data, places[place] + 2, places[place + 1] - 1):
            canonical[found + owner] = False
    if resolve:
        for k in range(records):
            if special[k]:
                for slot in range(starts.shape[0]):
                    ends[slot, found + k] = rewrite(data, starts[slot, found + k], ends[slot, found + k])
    return records, record, record_line


@inlined
def _drop_returns(data: Bytes, records: int, begins: Int32s, stops: Int32s) -> None:
    """A return before the line feed that ends a record is none of its last value's."""
    for record in range(records):
        stop = stops[record]
        if stop > begins[record] and data[stop] == LF and data[stop - 1] == CR:
            stops[record] = stop - 1
