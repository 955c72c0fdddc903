"""An extract scanned a stretch at a time, each by itself: where its lines may end, and the digests of its pieces.

Whether a stretch begins within quotes is not known while it is scanned, so line ends are counted for both cases.
Near the places where blocks are bound to end each of them is listed. `borders` joins what the stretches tell.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from hashlib import sha256
from itertools import pairwise
from typing import BinaryIO

import numpy as np

from clearscale.io.source import Source
from clearscale_kernels.arrays import Bools, Bytes, Int32s
from clearscale_kernels.text.cutting import LineEnds, line_ends
from clearscale_kernels.text.quoting import CR, LF, QUOTE

from .digest import PIECE_BYTES
from .parsing import Workspace
from .reading import fill_all

STRETCH_BYTES = 8 * PIECE_BYTES
"""What a task scans, a tenth of a second of work."""

_BEFORE = 2
"""Bytes before a stretch that tell whether a line begins with it, or whether it ends a blank line."""

_SLACK = 2**16
"""A block ends so many bytes, or fewer, before its border, unless records are longer."""


@dataclass(frozen=True)
class Expected:
    """Where blocks may end, before they are known: a little before their borders.

    first: border of the first. step: length of a block, from each border to the next.
    """

    first: int
    step: int

    def windows(self, start: int, end: int) -> Iterator[tuple[int, int]]:
        """Yield (begin, end) of the places in these bytes where blocks may end, in order, none over another."""
        if self.step <= _SLACK:  # nothing is left between them: then one is as good as many
            begin = max(start, self.first - _SLACK)
            if begin < end:
                yield begin, end
            return
        border = self.first + max(0, -(-(start - self.first) // self.step)) * self.step
        while border - _SLACK < end:
            window = max(border - _SLACK, start), min(border, end)
            if window[0] < window[1]:
                yield window
            border += self.step


@dataclass(frozen=True)
class LineFeeds:
    """Each line feed of some bytes. places: behind them. within: whether an odd number of quotes is before them.

    blank: whether they end a blank line, if they end one.
    """

    places: Int32s
    within: Bools
    blank: Bools


@dataclass(frozen=True)
class Counted:
    """The line ends of the bytes from start to before end. listed: where they are, near the end of a block."""

    start: int
    end: int
    ends: LineEnds
    listed: LineFeeds | None


@dataclass(frozen=True)
class Stretch:
    """What a stretch of an extract holds. digests: SHA-256 of its pieces. last: its last byte."""

    counted: tuple[Counted, ...]
    digests: tuple[bytes, ...]
    last: int


_WORKSPACE = Workspace()


def scan_stretch(
    file: BinaryIO, source: Source, start: int, end: int, first_record: int, expected: Expected
) -> Stretch:
    """Scan a stretch of an open extract.

    Parameters
    ----------
    file
        The extract's bytes.
    source
        Where they come from, for messages.
    start, end
        Of the stretch. It begins where a piece does, and ends where one does or with the extract.
    first_record
        Where the records begin, behind the header; within the first stretch.
    expected
        Where blocks may end.

    Returns
    -------
    Stretch

    Raises
    ------
    ExtractError
        If the file is shorter than it was.
    """
    before = min(start, _BEFORE)
    room = _WORKSPACE.empty("stretch", (before + PIECE_BYTES,), np.uint8)
    file.seek(start - before)
    counted: list[Counted] = []
    digests = []
    opens, returned = True, False
    borders = {start, end, *range(start, end, PIECE_BYTES), first_record}
    windows = list(expected.windows(start, end))
    borders.update(place for window in windows for place in window)
    inner = sorted(place for place in borders if start <= place <= end)
    listed = {begin for begin, _ in windows}
    in_window = False
    ends_of_windows = {end for _, end in windows}
    data = room[:0]
    piece_start = start
    for begin, behind in pairwise(inner):
        if (begin - start) % PIECE_BYTES == 0:
            size = min(PIECE_BYTES, end - begin)
            ahead = before if begin == start else 0
            fill_all(file, room[: ahead + size], source)
            if ahead:
                opens, returned = _state_behind(room[:ahead], False)
            data, piece_start = room[ahead : ahead + size], begin
            digests.append(sha256(data.data).digest())
        in_window = (in_window and begin not in ends_of_windows) or begin in listed
        if behind <= first_record:
            continue
        part = data[begin - piece_start : behind - piece_start]
        feeds = _line_feeds(part, opens, returned) if in_window else None
        counted.append(Counted(begin, behind, line_ends(part, opens, returned), feeds))
        opens, returned = _state_behind(part, opens)
    return Stretch(tuple(counted), tuple(digests), int(data[-1]))


def _state_behind(part: Bytes, opens: bool) -> tuple[bool, bool]:
    """(whether a line begins behind some bytes; whether they end with a return that began one).

    opens: whether a line begins with them. Both only hold outside quotes.
    """
    last = int(part[-1])
    begun = int(part[-2]) == LF if part.size > 1 else opens
    return last == LF, last == CR and begun


def _line_feeds(part: Bytes, opens: bool, returned: bool) -> LineFeeds:
    places = np.flatnonzero(part == LF)
    quotes = np.flatnonzero(part == QUOTE)
    # Two bytes before the first as they must have been.
    before = [LF, CR] if returned else [0, LF if opens else 0]
    around = np.concatenate([np.array(before, np.uint8), part])
    last, last_but_one = around[places + 1], around[places]
    return LineFeeds(
        (places + 1).astype(np.int32),
        (np.searchsorted(quotes, places) & 1).astype(np.bool_),
        (last == LF) | ((last == CR) & (last_but_one == LF)),
    )
