"""An extract read a region at a time, each by itself and once: its records, and the digests of its pieces.

Who reads a region does not know what is before it, and takes the last line feed before it for the end of a record.
It is one unless it stands within quotes. Whether it is, is seen when all regions are read: each must begin where
the one before it ended, and the first begins behind the header.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import astuple, dataclass, replace
from hashlib import sha256
from typing import Any, BinaryIO

import numpy as np

from clearscale.io.source import Source
from clearscale_kernels.arrays import Bytes
from clearscale_kernels.jit.vectors import WIDTH
from clearscale_kernels.text.quoting import LF

from .digest import PIECE_BYTES
from .form import Form
from .parsing import Block, BlockSpan, Workspace, parse_ahead
from .reading import fill_all, first_border

_LOOKED_BACK = 2**16
"""Bytes before a region in which a record ends, unless records are longer."""


class LostError(Exception):
    """Only who reads the extract from its beginning can tell where blocks of a region lie."""


@dataclass(frozen=True)
class Region:
    """Blocks of an extract, and where their records end: behind begin, and up to end.

    number: of the first block. borders: where each block ends at the latest. final: whether the extract ends there.
    """

    number: int
    begin: int
    borders: tuple[int, ...]
    final: bool

    @property
    def end(self) -> int:
        """Where the last of them ends at the latest."""
        return self.borders[-1]


def regions_of(length: int, skip: int, block_bytes: int, blocks: int) -> list[Region]:
    """Cut an extract into regions of so many blocks.

    Parameters
    ----------
    length
        Of the extract, more than `skip`.
    skip
        Where its records begin, behind the header.
    block_bytes
        Length of a block.
    blocks
        How many blocks a region has, the last one fewer.

    Returns
    -------
    list of Region
        In order.
    """
    borders = borders_of(length, block_bytes)
    groups = [tuple(borders[first : first + blocks]) for first in range(0, len(borders), blocks)]
    begins = [skip, *(group[-1] for group in groups[:-1])]
    return [
        Region(place * blocks, begin, group, place == len(groups) - 1)
        for place, (begin, group) in enumerate(zip(begins, groups, strict=True))
    ]


def borders_of(length: int, block_bytes: int) -> list[int]:
    """Where the blocks of an extract end at the latest, the last with it."""
    return [*range(first_border(block_bytes), length + 1, block_bytes), length]


@dataclass(frozen=True)
class RegionFound:
    """What a region turned out to be.

    start, end: where its first record begins and its last ends. spans: of its blocks, with rows and lines counted
    from its begin. lines: how many it has. digests: SHA-256 of the pieces of the extract that begin in it.
    """

    start: int
    end: int
    spans: tuple[BlockSpan, ...]
    lines: int
    digests: tuple[bytes, ...]

    @property
    def rows(self) -> int:
        """How many records it has."""
        return sum(span.rows for span in self.spans)

    def document(self) -> dict[str, Any]:
        """It as JSON."""
        return {
            "start": self.start,
            "end": self.end,
            "spans": [astuple(span) for span in self.spans],
            "lines": self.lines,
            "digests": [digest.hex() for digest in self.digests],
        }

    @classmethod
    def of(cls, document: Mapping[str, Any]) -> "RegionFound":
        """What `document` gave."""
        return cls(
            document["start"],
            document["end"],
            tuple(BlockSpan(*span) for span in document["spans"]),
            document["lines"],
            tuple(map(bytes.fromhex, document["digests"])),
        )


def joined(regions: Sequence[Region], found: Sequence[RegionFound]) -> tuple[BlockSpan, ...] | None:
    """The blocks of an extract.

    Parameters
    ----------
    regions
        All of it, in order.
    found
        What each turned out to be.

    Returns
    -------
    tuple of BlockSpan or None
        As a `BlockReader` finds them. None if some region was read from a place at which no record begins, or if
        its blocks have other numbers.
    """
    spans: list[BlockSpan] = []
    at, row, line = regions[0].begin, 0, 0
    for region, read in zip(regions, found, strict=True):
        whole = len(read.spans) == len(region.borders) or (region.final and read.spans)
        if read.start != at or not whole or len(spans) != region.number:
            return None
        spans += [
            replace(span, first_row=span.first_row + row, first_line=span.first_line + line) for span in read.spans
        ]
        at, row, line = read.end, row + read.rows, line + read.lines
    return tuple(spans)


class RegionReader:
    """Reads a region of an open extract. Rows and lines are counted from its begin.

    After the last block, `found` tells what it is.

    Parameters
    ----------
    file
        The extract's bytes.
    source
        Where they come from, for messages.
    region
        What to read.
    form
        How records stand in the file.
    length
        Of the extract.
    workspace
        Where blocks lie, each until the next.
    """

    def __init__(
        self, file: BinaryIO, source: Source, region: Region, form: Form, length: int, workspace: Workspace
    ) -> None:
        self.file = file
        self.source = source
        self.region = region
        self.form = form
        self.found: RegionFound | None = None
        self._workspace = workspace
        self._pieces = _Pieces(0 if region.number == 0 else region.begin, region.end, length)

    def blocks(self, columns: Sequence[int]) -> Iterator[Block]:
        """Yield the blocks in order, each good until the next.

        columns: places of those that are read. Raises MalformedError if a record is malformed, LostError, and
        ExtractError if the file is shorter than it was.
        """
        region, spans = self.region, list[BlockSpan]()
        start, row, line = None, 0, 0
        offset = 0 if region.number == 0 else max(0, region.begin - _LOOKED_BACK)
        rest = np.empty(0, np.uint8)
        for place, border in enumerate(region.borders):
            final = region.final and place == len(region.borders) - 1
            room = self._workspace.empty("content", (border - offset + WIDTH,), np.uint8)
            room[: rest.size], room[border - offset :] = rest, 0
            self._read(room[rest.size : border - offset], offset + rest.size)
            skipped = 0
            if start is None:
                skipped = self._opening(room, offset)
                start = offset = offset + skipped
            content, size = room[skipped:], border - offset
            block = self._parsed(
                content, size, final, BlockSpan(region.number + len(spans), offset, 0, row, line, 0), columns
            )
            span = block.span
            # Behind a block in which no record ends others are numbered in another way.
            if not final and not span.rows:
                raise LostError
            rest = content[span.length : size].copy()
            offset, row, line = offset + span.length, row + span.rows, line + block.lines_passed
            if span.rows:
                spans.append(span)
                yield block
        assert start is not None
        if not spans:  # a block group has records
            raise LostError
        digests = self._pieces.ended(self.file, self.source)
        self.found = RegionFound(start, offset, tuple(spans), line, digests)

    def _opening(self, room: Bytes, place: int) -> int:
        """How many bytes are before the first record. room: what was read. place: of its first byte in the file."""
        before = self.region.begin - place
        if self.region.number == 0:
            return before
        feeds = np.flatnonzero(room[:before] == LF)
        if not feeds.size:
            raise LostError
        return int(feeds[-1]) + 1

    def _parsed(self, content: Bytes, filled: int, final: bool, span: BlockSpan, columns: Sequence[int]) -> Block:
        block = parse_ahead(content, filled, final, span, columns, self._workspace, form=self.form)
        if block is None:
            # Shorter records than the first ones made believe: once more, with room for one a line.
            self.file.seek(span.offset)
            fill_all(self.file, content[:filled], self.source)
            most = int(np.count_nonzero(content[:filled] == LF)) + 2
            block = parse_ahead(content, filled, final, span, columns, self._workspace, most=most, form=self.form)
            assert block is not None
        return block

    def _read(self, room: Bytes, place: int) -> None:
        """Read what lies at a place of the file: whoever has a block may have read elsewhere meanwhile."""
        self.file.seek(place)
        fill_all(self.file, room, self.source)
        self._pieces.update(place, room)


class _Pieces:
    """Digests of the pieces of an extract that begin in a range of its bytes."""

    def __init__(self, begin: int, end: int, length: int) -> None:
        self._position = -(-begin // PIECE_BYTES) * PIECE_BYTES
        last = -(-end // PIECE_BYTES) * PIECE_BYTES
        self._end = max(min(last, length), self._position)
        self._digests: list[bytes] = []
        self._piece = sha256()

    def update(self, place: int, data: Bytes) -> None:
        """Add bytes of the file. place: of the first; none is left out between what was added and them."""
        view = data[max(0, self._position - place) : max(0, self._end - place)].data
        while len(view):
            part = view[: PIECE_BYTES - self._position % PIECE_BYTES]
            self._piece.update(part)
            self._position += len(part)
            view = view[len(part) :]
            if self._position % PIECE_BYTES == 0 or self._position == self._end:
                self._digests.append(self._piece.digest())
                self._piece = sha256()

    def ended(self, file: BinaryIO, source: Source) -> tuple[bytes, ...]:
        """The digests; of what was not added the file is read."""
        if self._position < self._end:
            file.seek(self._position)
            room = np.empty(min(self._end - self._position, PIECE_BYTES), np.uint8)
            while self._position < self._end:
                part = room[: self._end - self._position]
                fill_all(file, part, source)
                self.update(self._position, part)
        return tuple(self._digests)
