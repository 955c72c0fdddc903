"""From an extract's bytes to blocks of records, in bounded memory.

A block is a run of whole records of one file, about `BLOCK_BYTES` long. Blocks of a file are the same on every
reading, so that a task can read one block by its place (`BlockSpan`) and another task another.
"""

import gzip
import hashlib
import lzma
import math
import threading
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import BinaryIO, TypeVar

import numpy as np
import zstandard

from clearscale_kernels import tokens
from clearscale_kernels.arrays import Bools, Bytes, Int32s, Int64s
from clearscale_kernels.cutting import cut_records
from clearscale_kernels.vectors import WIDTH

from ..errors import ExtractError
from ..files import Source
from .columns import COLUMNS

BLOCK_BYTES = 24 * 2**20
"""Length of a block, about 30,000 records."""

LONGEST_RECORD = 4 * 2**20
"""A record longer than this is malformed: most likely a quote was never closed."""

_LONGEST_OPENING = 2**16
"""The header line must end within this many bytes."""

_SAMPLE_BYTES = 2**17

_BYTE_ORDER_MARK = b"\xef\xbb\xbf"
_HEADER = b"RECORD_ID"


@dataclass(frozen=True)
class BlockSpan:
    """Where a block lies in its decompressed file.

    first_row: 0-based data record. first_line: physical lines between the header and the block.
    """

    number: int
    offset: int
    length: int
    first_row: int
    first_line: int
    rows: int


class MalformedError(Exception):
    """An extract whose records cannot be told apart without parsing them, since some are malformed."""


@dataclass(frozen=True)
class Cut:
    """A block that was not parsed yet. lines_passed: physical lines in it. content: its bytes."""

    span: BlockSpan
    lines_passed: int
    content: bytes


@dataclass(frozen=True)
class BadRecord:
    """A record that cannot be used.

    line: 1-based, counted from the first line after the header. what: what is wrong, in a few words. message: the
    same as the counties' program said it, with its line.
    """

    row: int
    line: int
    what: str
    message: str
    content: bytes


@dataclass
class Block:
    """The records of one block.

    data: shape (bytes,). starts, ends: shape (95, at least n), where each value lies in `data`. rows: shape (n,),
    0-based data record in the file. lines: shape (n,), 1-based line after the header. extents: shape (2, at least
    n), where each record lies in `original`. canonical: shape (n,), whether a record's bytes
    in `data` are just as they would be written. bad: what was left out.
    """

    span: BlockSpan
    data: Bytes
    original: bytes
    starts: Int32s
    ends: Int32s
    rows: Int32s
    lines: Int64s
    extents: Int32s
    canonical: Bools
    bad: list[BadRecord]
    lines_passed: int

    def keep(self, kept: np.ndarray) -> None:
        """Keep only the records where `kept` (shape (n,), bool) is true."""
        places = np.flatnonzero(kept)
        # One row after the other, so that all arrays keep their layout and kernels need no second form.
        self.starts, self.ends, self.extents = (
            np.ascontiguousarray(array[:, places]) for array in (self.starts, self.ends, self.extents)
        )
        self.rows, self.lines = self.rows[kept], self.lines[kept]
        self.canonical = self.canonical[kept]

    def column(self, place: int) -> tuple[Int32s, Int32s]:
        """(starts, ends) of a column's values, shape (n,)."""
        return self.starts[place, : self.rows.size], self.ends[place, : self.rows.size]

    def record(self, place: int) -> bytes:
        """The original bytes of the record at a place of this block."""
        return self.original[self.extents[0, place] : self.extents[1, place]]


Piece = TypeVar("Piece", Block, Cut)


def _describe(problem: int, fields: int, line: int, original: bytes, begin: int, where: int) -> tuple[str, str]:
    """(what is wrong with a record, the same in the words of the counties' program)."""
    if problem == tokens.WRONG_FIELD_COUNT:
        return f"{fields} fields, not {len(COLUMNS)}", f"record on line {line}: wrong number of fields"
    if problem == tokens.TOO_LONG:
        what = f"longer than {LONGEST_RECORD} bytes"
        return what, f"record on line {line}: {what}"
    at_line = line + original.count(b"\n", begin, where)
    column = where - max(original.rfind(b"\n", begin, where) + 1, begin)
    if where == len(original):
        # A quote is open at the end of the file: the last line is where it was missed.
        at_line, column = at_line - original.endswith(b"\n"), 0
    if problem == tokens.BARE_QUOTE:
        what = 'bare " in non-quoted-field'
    else:
        what = 'extraneous or missing " in quoted-field'
    prefix = f"record on line {line}; " if at_line != line else ""
    return what, f"{prefix}parse error on line {at_line}, column {column}: {what}"


class Workspace(threading.local):
    """Arrays that each thread uses again for block after block: memory that was just used is fast, new memory slow.

    What a block holds is overwritten when the same thread parses another one with the same workspace.
    """

    def __init__(self) -> None:
        self._arrays: dict[str, np.ndarray] = {}

    def empty(self, name: str, shape: tuple[int, ...], dtype: type) -> np.ndarray:
        """An array of any content, on the memory of the last one of that name if it is large enough."""
        size = math.prod(shape)
        kept = self._arrays.get(name)
        if kept is None or kept.size < size:
            kept = self._arrays[name] = np.empty(size * 5 // 4, dtype)
        return kept[:size].reshape(shape)


def _tokenize(
    original: bytes,
    final: bool,
    number: int,
    offset: int,
    first_row: int,
    first_line: int,
    workspace: Workspace | None = None,
) -> Block:
    """Find the records in the bytes; what is left over behind the last whole record is not in the block's span."""
    space = workspace or Workspace()
    # About as many records as the block's begin suggests, and a quarter more.
    sample = original[:_SAMPLE_BYTES]
    room = sample.count(b"\n") * len(original) * 5 // (4 * max(len(sample), 1)) + 64
    while True:
        # The tokenizer looks at 64 bytes at a time: as many zeros behind the end let it do so to the last record.
        data = space.empty("data", (len(original) + WIDTH,), np.uint8)
        data[: len(original)] = np.frombuffer(original, np.uint8)
        data[len(original) :] = 0
        starts = space.empty("starts", (len(COLUMNS), room), np.int32)
        ends = space.empty("ends", (len(COLUMNS), room), np.int32)
        extents = space.empty("extents", (2, room), np.int32)
        details = space.empty("details", (2, room), np.int32)
        lines = space.empty("lines", (room,), np.int64)
        problems = space.empty("problems", (room,), np.int8)
        canonical = space.empty("canonical", (room,), np.bool_)
        found, position, passed, bad_count = tokens.tokenize(
            data,
            0,
            len(original),
            final,
            LONGEST_RECORD,
            starts,
            ends,
            extents,
            lines,
            problems,
            details,
            canonical,
        )
        if found < room:
            break
        room = original.count(b"\n") + 2 + len(original) // LONGEST_RECORD
    lines = lines[:found] + (first_line + 1)
    bad = []
    for place in np.flatnonzero(problems[:found]) if bad_count else ():
        begin, end = int(extents[0, place]), int(extents[1, place])
        fields, where = int(details[0, place]), int(details[1, place])
        line = int(lines[place])
        what, message = _describe(int(problems[place]), fields, line, original, begin, where)
        bad.append(BadRecord(first_row + int(place), line, what, message, original[begin:end]))
    block = Block(
        span=BlockSpan(number, offset, position, first_row, first_line, found),
        data=data,
        original=original,
        starts=starts,
        ends=ends,
        rows=np.arange(first_row, first_row + found, dtype=np.int32),
        lines=lines,
        extents=extents,
        canonical=canonical[:found],
        bad=bad,
        lines_passed=passed,
    )
    if bad:
        block.keep(problems[:found] == tokens.GOOD)
    return block


@dataclass(frozen=True)
class Opening:
    """What stands before the first record: skip bytes of mark and header, header_lines 0 or 1."""

    skip: int
    header_lines: int


def _opening(begin: bytes) -> Opening:
    mark = len(_BYTE_ORDER_MARK) if begin.startswith(_BYTE_ORDER_MARK) else 0
    if not begin.startswith(_HEADER, mark):
        return Opening(mark, 0)
    line_end = begin.find(b"\n", mark)
    return Opening(len(begin) if line_end < 0 else line_end + 1, 1)


def _read(file: BinaryIO, size: int, source: Source) -> bytes:
    """Read `size` bytes, fewer only at the end of the file."""
    pieces = []
    try:
        while size > 0 and (piece := file.read(size)):
            pieces.append(piece)
            size -= len(piece)
    except (EOFError, zlib.error, gzip.BadGzipFile, lzma.LZMAError, zstandard.ZstdError) as error:
        raise ExtractError(
            f"{source.name}: cannot be decompressed ({error}); copy the file again or check its ending"
        ) from None
    return pieces[0] if len(pieces) == 1 else b"".join(pieces)


class BlockReader:
    """Reads an extract from its beginning and yields its blocks.

    After the last block, `digest` is the SHA-256 of the decompressed bytes if it was asked for, `header_lines` is
    0 or 1, and `rows` is the number of records, good and bad.
    """

    def __init__(self, source: Source, block_bytes: int = BLOCK_BYTES, *, checksum: bool = False) -> None:
        self.source = source
        self.block_bytes = max(block_bytes, 1)
        self.checksum = checksum
        self.header_lines = 0
        self.digest = ""
        self.rows = 0

    def __iter__(self) -> Iterator[Block]:
        """Yield the blocks in order.

        Raises FileNotFoundError and other OSErrors, and ExtractError where the file cannot be decompressed.
        """
        return self._blocks(_tokenize)

    def cuts(self) -> Iterator[Cut]:
        """Yield where the blocks lie, in order: those of `__iter__` if the extract has no malformed record.

        A fraction of the work. If some record is malformed, a block from the first such record's on either has a
        malformed record when it is read by its span, or MalformedError is raised here. Raises as `__iter__` does.
        """
        return self._blocks(self._cut)

    def _cut(self, pending: bytes, final: bool, number: int, offset: int, row: int, line: int) -> Cut:
        length, rows, lines = cut_records(np.frombuffer(pending, np.uint8), final)
        if length == 0 and len(pending) > max(self.block_bytes, _LONGEST_OPENING) + LONGEST_RECORD:
            raise MalformedError
        # Blocks are nearly all that is pending, so that this is no copy of theirs where they are all of it.
        return Cut(BlockSpan(number, offset, length, row, line, rows), lines, pending[:length])

    def _blocks(self, take: Callable[[bytes, bool, int, int, int, int], Piece]) -> Iterator[Piece]:
        """What `take` makes of each piece of the file, which begins with a record."""
        checksum = hashlib.sha256()
        with self.source.open() as file:
            size = max(self.block_bytes, _LONGEST_OPENING)
            pending = _read(file, size, self.source)
            final = len(pending) < size
            if self.checksum:
                checksum.update(pending)
            opening = _opening(pending)
            self.header_lines = opening.header_lines
            offset = opening.skip
            pending = pending[offset:]
            number = row = line = 0
            size = self.block_bytes
            while pending or not final:
                if not final and len(pending) < size:
                    more = _read(file, size - len(pending), self.source)
                    final = len(more) < size - len(pending)
                    if self.checksum:
                        checksum.update(more)
                    pending += more
                taken = take(pending, final, number, offset, row, line)
                span = taken.span
                if span.length == 0 and not final:
                    size = 2 * max(size, len(pending))  # a record longer than a block: read on until it ends
                    continue
                size = self.block_bytes
                pending = pending[span.length :]
                row, line, offset = row + span.rows, line + taken.lines_passed, offset + span.length
                if span.rows:
                    number += 1
                    yield taken
        self.rows = row
        self.digest = checksum.hexdigest() if self.checksum else ""


def parse_cut(cut: Cut, workspace: Workspace | None = None) -> Block:
    """Parse a block that was cut. If it has malformed records, blocks are not those that they should be."""
    span = cut.span
    return _tokenize(cut.content, True, span.number, span.offset, span.first_row, span.first_line, workspace)


def read_block(
    file: BinaryIO, source: Source, span: BlockSpan, *, exact: bool = True, workspace: Workspace | None = None
) -> Block:
    """Read one block, known from an earlier reading, from the open file. Compressed files are sought through.

    exact: whether the span is that of a block; spans of cuts need not be where records are malformed. Raises
    ExtractError if the file is no longer what it was.
    """
    file.seek(span.offset)
    original = _read(file, span.length, source)
    block = _tokenize(original, True, span.number, span.offset, span.first_row, span.first_line, workspace)
    if block.span != span and (exact or not block.bad):
        raise ExtractError(f"{source.name}: the file changed while it was being read; run the command again")
    return block
