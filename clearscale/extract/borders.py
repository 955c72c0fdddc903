"""Where the blocks of an extract lie, from what its stretches tell: the same as for who reads it as a whole."""

from collections.abc import Sequence

import numpy as np

from clearscale_kernels.arrays import Int64s
from clearscale_kernels.text.quoting import CR

from . import parsing
from .parsing import BlockSpan
from .reading import border_behind, first_border
from .stretches import Stretch


class _Ends:
    """The ends of lines that are outside quotes, as far as they are listed, and what is before each."""

    def __init__(self, stretches: Sequence[Stretch], first_record: int) -> None:
        self.rows = self.feeds = 0
        self.last = first_record
        inside = False
        places, rows, feeds = [], [], []
        windows: list[tuple[int, int]] = []
        for part in (part for stretch in stretches for part in stretch.counted):
            if part.listed is not None:
                ends = np.flatnonzero(part.listed.within == inside)
                places.append(part.start + part.listed.places[ends].astype(np.int64))
                rows.append(self.rows + np.cumsum(~part.listed.blank[ends]))
                feeds.append(self.feeds + ends + 1)
                if windows and windows[-1][1] == part.start:
                    windows[-1] = windows[-1][0], part.end
                else:
                    windows.append((part.start, part.end))
            found = part.ends
            last = found.last_inside if inside else found.last
            self.rows += found.ends_inside - found.blank_inside if inside else found.ends - found.blank
            self.feeds += found.feeds
            self.last = part.start + last if last >= 0 else self.last
            inside ^= bool(found.quotes)
        self._places = _joined(places)
        self._rows = _joined(rows)
        self._feeds = _joined(feeds)
        self._windows = np.array(windows, np.int64).reshape(-1, 2)

    def before(self, place: int, since: int) -> tuple[int, int, int] | None:
        """(the last end up to a place, records before it, line feeds before it), None if that is not known.

        since: an end; ends before it do not matter.
        """
        window = int(np.searchsorted(self._windows[:, 0], place)) - 1
        if window < 0 or place > self._windows[window, 1]:
            return None
        found = int(np.searchsorted(self._places, place, side="right")) - 1
        if found < 0 or self._places[found] <= self._windows[window, 0]:
            return (since, 0, 0) if self._windows[window, 0] <= since else None
        return int(self._places[found]), int(self._rows[found]), int(self._feeds[found])


def _joined(pieces: list[Int64s]) -> Int64s:
    return np.concatenate(pieces) if pieces else np.empty(0, np.int64)


def blocks_of(
    stretches: Sequence[Stretch], length: int, first_record: int, block_bytes: int
) -> tuple[tuple[BlockSpan, ...], int] | None:
    """The blocks of an extract and the number of its records.

    Parameters
    ----------
    stretches
        All of the extract, in order.
    length
        Of the extract, more than `first_border`.
    first_record
        Where the records begin, behind the header.
    block_bytes
        Length of a block.

    Returns
    -------
    tuple or None
        As `BlockReader.cuts` finds them. None if some end of a block is not among the listed ends of lines, as
        where records are very long.
    """
    ends = _Ends(stretches, first_record)
    tail = length - ends.last
    records = ends.rows + int(tail > 1 or (tail == 1 and stretches[-1].last != CR))
    spans: list[BlockSpan] = []
    offset, row, line = first_record, 0, 0
    border = first_border(block_bytes)
    while border <= length:
        found = ends.before(border, offset)
        if found is None:
            return None
        end, rows, feeds = found
        if end <= offset:
            if border - offset > first_border(block_bytes) + parsing.LONGEST_RECORD:
                return None
            border = border_behind(border, offset, block_bytes)
            continue
        border += block_bytes
        if rows > row:
            spans.append(BlockSpan(len(spans), offset, end - offset, row, line, rows - row))
        offset, row, line = end, rows, feeds
    if records > row:
        spans.append(BlockSpan(len(spans), offset, length - offset, row, line, records - row))
    return tuple(spans), records
