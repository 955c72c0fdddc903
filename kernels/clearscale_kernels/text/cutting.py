"""Where the records of a well-formed extract end, and how many there are, without looking for their fields.

In well-formed text a line feed with an even number of quotes before it ends a record or a blank line. Text that is
malformed is cut somewhere: whoever parses the pieces finds what is wrong with it.
"""

from typing import NamedTuple

import numpy as np

from clearscale_kernels.arrays import Bytes, Word
from clearscale_kernels.jit import vectors
from clearscale_kernels.jit.compiler import inlined, kernel

from .quoting import CR

_ONE = np.uint64(1)
_LAST = np.uint64(vectors.WIDTH - 1)
_NONE = np.uint64(0)
_ALL = ~np.uint64(0)


@inlined
def inside_quotes(quotes: Word, carried: Word) -> Word:
    """Bits from each opening quote up to, not including, its closing one. carried: all ones if a quote is open."""
    mask = quotes
    for shift in (1, 2, 4, 8, 16, 32):
        mask ^= mask << np.uint64(shift)
    return mask ^ carried


def cut_records(data: Bytes, final: bool) -> tuple[int, int, int]:
    """Find the end of the last whole record of a text that begins with a record.

    Parameters
    ----------
    data : shape (bytes,)
    final
        Whether nothing follows it in the file, so that what stands behind the last line feed is a record too (a
        lone carriage return is none).

    Returns
    -------
    tuple of int
        (position behind the last whole record or blank line, records before it, line feeds before it).
    """
    return _cut_records(data, final, np.zeros(vectors.WIDTH, np.uint8))


@kernel
def _cut_records(data: Bytes, final: bool, tail: Bytes) -> tuple[int, int, int]:
    """As `cut_records`.

    Parameters
    ----------
    tail : shape (64,)
        Scratch for the last bytes, which are fewer.
    """
    cut, records, feeds_passed = 0, 0, 0
    seen, feeds_seen = 0, 0
    carried = _NONE  # all ones within quotes
    opens = _ONE  # the bit of a byte that begins a line
    returned = _NONE  # the bit of a byte that follows a return with which a line begins
    position = 0
    while position < data.size:
        piece, place = data, position
        if position + vectors.WIDTH > data.size:
            for k in range(data.size - position):
                tail[k] = data[position + k]
            piece, place = tail, 0
        feeds = vectors.line_feeds(piece, place)
        quotes = vectors.quotes(piece, place)
        if (feeds | opens | returned) == _NONE:
            # In the midst of a line, as most are, only whether a quote is open afterwards matters.
            carried = carried if vectors.population(quotes) & 1 == 0 else ~carried
            position += vectors.WIDTH
            continue
        inside = carried
        if quotes != _NONE:
            inside = inside_quotes(quotes, carried)
        ends = feeds & ~inside
        begins = (ends << _ONE) | opens
        returns = vectors.returns(piece, place) & begins
        blank = ends & (begins | (returns << _ONE) | returned)
        seen += vectors.population(ends) - vectors.population(blank)
        if ends != _NONE:
            last = vectors.highest(ends)
            cut = position + last + 1
            records = seen
            feeds_passed = feeds_seen + vectors.population(feeds & (_ALL >> np.uint64(vectors.WIDTH - 1 - last)))
        feeds_seen += vectors.population(feeds)
        opens = ends >> _LAST
        returned = returns >> _LAST
        carried = _ALL if (inside >> _LAST) != _NONE else _NONE
        position += vectors.WIDTH
    if final and cut < data.size:
        if data.size - cut > 1 or data[cut] != CR:
            records += 1
        cut, feeds_passed = data.size, feeds_seen
    return cut, records, feeds_passed


class LineEnds(NamedTuple):
    """What the quotes and line feeds of a piece of text come to, for each way in which it may begin.

    quotes: whether their number is odd. feeds: line feeds. ends: those with an even number of quotes before them in
    the piece, which end a line if the piece begins outside quotes. blank: those of them that end a blank line.
    last: the position behind the last of them, -1 if there is none. ..._inside: the same of the line feeds with an
    odd number before them, which end a line if the piece begins within quotes.
    """

    quotes: int
    feeds: int
    ends: int
    blank: int
    last: int
    ends_inside: int
    blank_inside: int
    last_inside: int


def line_ends(data: Bytes, opens: bool, returned: bool) -> LineEnds:
    """Count the line ends of a piece of text that may begin anywhere.

    Parameters
    ----------
    data : shape (bytes,)
    opens
        Whether a line begins with it, if it begins outside quotes.
    returned
        Whether it follows a carriage return with which a line begins, if it begins outside quotes.
    """
    return LineEnds(*_line_ends(data, opens, returned, np.zeros(vectors.WIDTH, np.uint8)))


@kernel
def _line_ends(
    data: Bytes, opens: bool, returned: bool, tail: Bytes
) -> tuple[int, int, int, int, int, int, int, int]:
    """As `line_ends`.

    Parameters
    ----------
    tail : shape (64,)
        Scratch for the last bytes, which are fewer.
    """
    feeds_seen, ends_seen, blank_seen, last = 0, 0, 0, -1
    feeds_inside, blank_inside, last_inside = 0, 0, -1
    carried = _NONE  # all ones after an odd number of quotes
    begin = _ONE if opens else _NONE  # the bit of a byte that begins a line, if it is outside quotes
    back = _ONE if returned else _NONE  # the bit of a byte that follows a return with which such a line begins
    position = 0
    while position < data.size:
        piece, place = data, position
        if position + vectors.WIDTH > data.size:
            for k in range(data.size - position):
                tail[k] = data[position + k]
            piece, place = tail, 0
        feeds = vectors.line_feeds(piece, place)
        quotes = vectors.quotes(piece, place)
        if (feeds | begin | back) == _NONE:
            # In the midst of a line, as most are, only whether a quote is open afterwards matters.
            carried = carried if vectors.population(quotes) & 1 == 0 else ~carried
            position += vectors.WIDTH
            continue
        inside = carried
        if quotes != _NONE:
            inside = inside_quotes(quotes, carried)
        # No quote lies between a line feed and the next byte: both are outside quotes, or within.
        begins = (feeds << _ONE) | begin
        returns = vectors.returns(piece, place) & begins
        blank = feeds & (begins | (returns << _ONE) | back)
        ends, others = feeds & ~inside, feeds & inside
        feeds_seen += vectors.population(feeds)
        if ends != _NONE:
            ends_seen += vectors.population(ends)
            blank_seen += vectors.population(blank & ends)
            last = position + vectors.highest(ends) + 1
        if others != _NONE:
            feeds_inside += vectors.population(others)
            blank_inside += vectors.population(blank & others)
            last_inside = position + vectors.highest(others) + 1
        begin = feeds >> _LAST
        back = returns >> _LAST
        carried = _ALL if (inside >> _LAST) != _NONE else _NONE
        position += vectors.WIDTH
    odd = 1 if carried != _NONE else 0
    return odd, feeds_seen, ends_seen, blank_seen, last, feeds_inside, blank_inside, last_inside
