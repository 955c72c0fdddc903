"""From an extract's bytes to blocks of records, in bounded memory.

A block is a run of whole records of one file, about `BLOCK_BYTES` long: those that end between two multiples of
it, its borders. So where a block lies depends on nothing but what is around them, blocks of a file are the same on
every reading, and a task can read one by its place (`BlockSpan`) and another task another. Only a record that is
longer than a block ends a later one, as if the borders within it were not there.
"""

import contextlib
import gzip
import zlib
from collections import deque
from collections.abc import Callable, Generator, Iterable, Iterator
from typing import BinaryIO, TypeVar

import numpy as np

from clearscale.errors import ExtractError
from clearscale.io.compressed import DecompressionError
from clearscale.io.frames import UnevenFramesError
from clearscale.io.source import Source
from clearscale_kernels.arrays import Bytes
from clearscale_kernels.jit.vectors import WIDTH
from clearscale_kernels.text.cutting import cut_records

from . import parsing
from .digest import Digesting
from .form import PLAIN, Form, Unreadable, by_position
from .parsing import Block, BlockSpan, Cut, MalformedError, Workspace, parse

BLOCK_BYTES = 24 * 2**20
"""Length of a block, about 30,000 records."""

_LONGEST_OPENING = 2**16
"""Header and first record should end within this many bytes, from which the form is told."""

FindForm = Callable[[bytes, bool], Form | Unreadable]
"""How to tell the form from the first bytes, and whether there are no more; see `form`."""

Piece = TypeVar("Piece", Block, Cut)


def _opening(begin: Bytes, final: bool) -> tuple[bytes, bool]:
    """(the first bytes of a file with its whole first line if it is there; whether they are all). begin: more."""
    opening = begin[:_LONGEST_OPENING].tobytes()
    if b"\n" not in opening:
        opening = begin.tobytes()
    return opening, final and len(opening) == begin.size


def _read(file: BinaryIO, size: int, source: Source) -> bytes:
    """Read `size` bytes, fewer only at the end of the file."""
    pieces = []
    with _decompressing(source):
        while size > 0 and (piece := file.read(size)):
            pieces.append(piece)
            size -= len(piece)
    return pieces[0] if len(pieces) == 1 else b"".join(pieces)


def fill(file: BinaryIO, buffer: Bytes, source: Source) -> int:
    """Read as many bytes as the buffer holds, fewer only at the end of the file; returns how many."""
    filled, view = 0, buffer.data
    with _decompressing(source):
        while filled < len(view) and (size := file.readinto(view[filled:])):  # type: ignore[attr-defined]
            filled += size
    return filled


def fill_all(file: BinaryIO, buffer: Bytes, source: Source) -> None:
    """Read as many bytes as the buffer holds. Raises ExtractError if there are fewer: the file changed."""
    if fill(file, buffer, source) < buffer.size:
        raise changed(source)


@contextlib.contextmanager
def _decompressing(source: Source) -> Iterator[None]:
    """Raise ExtractError, in plain words, if a file cannot be decompressed."""
    try:
        yield
    except UnevenFramesError:
        raise OtherFramesError(*changed(source).args) from None
    except (EOFError, zlib.error, gzip.BadGzipFile, DecompressionError) as error:
        raise _damaged(source, error) from None
    except OSError as error:
        if error.errno is not None or not source.is_compressed:
            raise
        raise _damaged(source, error) from None  # as libraries for rarer compressions may tell it


class OtherFramesError(ExtractError):
    """A file whose frames are not what they were taken for: it changed, or they could not be told."""


def _damaged(source: Source, error: Exception) -> ExtractError:
    other = source.misnamed()
    if other:
        ending = source.name.rpartition(".")[2]
        return ExtractError(
            f"{source.name}: cannot be decompressed: its name ends in .{ending}, but it is {other}; give it the "
            "ending of what it is, or ask for it again"
        )
    return ExtractError(f"{source.name}: cannot be decompressed ({error}); copy the file again or check its ending")


@contextlib.contextmanager
def opened(source: Source, until: int | None = None) -> Iterator[BinaryIO]:
    """Open an extract. Raises as `Source.open`, but ExtractError where it is gone or cannot be decompressed.

    until: see `Source.open_until`.
    """
    try:
        with _decompressing(source):
            file = source.open() if until is None else source.open_until(until)
    except FileNotFoundError:
        raise ExtractError(f"{source.shown}: there is no such file") from None
    with file:
        yield file


def first_border(block_bytes: int) -> int:
    """Where the first block ends at the latest: of so many bytes the header and the first record are among."""
    return aligned(max(block_bytes, _LONGEST_OPENING), block_bytes)


def aligned(place: int, block_bytes: int) -> int:
    """The next place, or this one, at which a block may have to end: a multiple of their length."""
    return -(-place // block_bytes) * block_bytes


def border_behind(border: int, offset: int, block_bytes: int) -> int:
    """The border to try after one before which the record at an offset does not end: twice as far from there."""
    return aligned(2 * border - offset, block_bytes)


def opening(source: Source) -> tuple[bytes, bool]:
    """(the first bytes of an extract; whether they are all). Raises as a reader does."""
    with opened(source) as file:
        begin = _read(file, _LONGEST_OPENING, source)
    return begin, len(begin) < _LONGEST_OPENING


def _readable(form: Form | Unreadable, source: Source) -> Form:
    """The form of an extract. Raises ExtractError for one that is not read."""
    if isinstance(form, Unreadable):
        raise ExtractError(f"{source.name} {form.what}. Nothing of it was stored. {form.do}")
    return form


def form_of_long(file: BinaryIO, source: Source, find_form: FindForm) -> Form | None:
    """The form of an open extract of more than `first_border`; None if its header is too long to tell so far.

    Raises ExtractError for a form that is not read.
    """
    begin = _read(file, _LONGEST_OPENING, source)
    if b"\n" not in begin:
        return None
    return _readable(find_form(begin, False), source)


def form_looked_at(source: Source, find_form: FindForm) -> Form | None:
    """As `form_of_long` of an extract that is not open; no more is read. Raises as a reader does."""
    with opened(source, until=_LONGEST_OPENING) as file:
        return form_of_long(file, source, find_form)


class BlockReader:
    """Reads an extract from its beginning and yields its blocks.

    find_form: how to tell its form. spare: buffers that are no longer in use, taken for later blocks; who is done
    with a cut may add its content.

    After the last block, `digest` is that of the decompressed bytes if it was asked for (see `digest_of`), `form`
    is the extract's, `rows` is the number of records, good and bad, and `length` that of bytes.
    """

    def __init__(
        self,
        source: Source,
        block_bytes: int = BLOCK_BYTES,
        *,
        find_form: FindForm = by_position,
        checksum: bool = False,
        spare: deque[Bytes] | None = None,
    ) -> None:
        self.source = source
        self.block_bytes = max(block_bytes, 1)
        self.checksum = checksum
        self.find_form = find_form
        self.form = Form()
        self.digest = ""
        self.rows = self.length = 0
        self._spare: deque[Bytes] = deque() if spare is None else spare

    def __iter__(self) -> Generator[Block, None, None]:
        """Yield the blocks in order.

        Raises FileNotFoundError and other OSErrors, and ExtractError where the file cannot be decompressed or has a
        form that is not read.
        """
        return self._blocks(self._parsed)

    def cuts(self) -> Generator[Cut, None, None]:
        """Yield where the blocks lie, in order: those of `__iter__` if the extract has no malformed record.

        The file is open until the last or until it is closed.

        A fraction of the work. If some record is malformed, a block from the first such record's on either has a
        malformed record when it is read by its span, or MalformedError is raised here. Raises as `__iter__` does.
        """
        return self._blocks(self._cut)

    def cuts_again(self, spans: Iterable[BlockSpan]) -> Generator[Cut, None, None]:
        """Yield the blocks of these spans, which an earlier reading found, in order; as long, the file is open.

        Without line feeds counted (`lines_passed` is 0). Raises as `__iter__` does, and ExtractError if the file is
        shorter than it was.
        """
        with opened(self.source) as file:
            position = 0
            for span in spans:
                if span.offset != position:
                    file.seek(span.offset)
                position = span.offset + span.length
                buffer = self._buffer(span.length)
                fill_all(file, buffer[: span.length], self.source)
                yield Cut(span, 0, buffer)

    def _parsed(
        self, buffer: Bytes, filled: int, final: bool, number: int, offset: int, row: int, line: int
    ) -> Block:
        return parse(buffer[:filled].tobytes(), final, number, offset, row, line, form=self.form)

    def _cut(self, buffer: Bytes, filled: int, final: bool, number: int, offset: int, row: int, line: int) -> Cut:
        length, rows, lines = cut_records(buffer[:filled], final)
        if length == 0 and filled > first_border(self.block_bytes) + parsing.LONGEST_RECORD:
            raise MalformedError
        return Cut(BlockSpan(number, offset, length, row, line, rows), lines, buffer)

    def _buffer(self, size: int) -> Bytes:
        """Return room for `size` bytes and 64 more, on spare memory if there is some."""
        while self._spare:
            buffer = self._spare.popleft()
            if buffer.size >= size + WIDTH:
                return buffer
        return np.empty(size + WIDTH, np.uint8)

    def _blocks(
        self, take: Callable[[Bytes, int, bool, int, int, int, int], Piece]
    ) -> Generator[Piece, None, None]:
        """Yield what `take` makes of each piece of the file, which begins with a record.

        `take` gets a buffer to keep, and how many bytes of it are the piece.
        """
        checksum = Digesting()
        with opened(self.source) as file:
            border = first_border(self.block_bytes)
            buffer = self._buffer(border)
            filled = fill(file, buffer[:border], self.source)
            final = filled < border
            if self.checksum:
                checksum.update(buffer[:filled])
            self.form = form = _readable(self.find_form(*_opening(buffer[:filled], final)), self.source)
            offset = done = form.skip  # so many bytes of the buffer were taken
            number = row = line = 0
            while done < filled or not final:
                pending, size = filled - done, border - offset
                if final and not number:  # nobody has the buffer yet, and nothing more is read into it
                    buffer, done, filled = buffer[done:], 0, pending
                elif done or buffer.size < size + WIDTH:
                    rest, buffer = buffer[done:filled], self._buffer(max(size, pending))
                    buffer[:pending] = rest
                    done, filled = 0, pending
                if not final and pending < size:
                    more = fill(file, buffer[pending:size], self.source)
                    final = more < size - pending
                    if self.checksum:
                        checksum.update(buffer[pending : pending + more])
                    filled += more
                taken = take(buffer, filled, final, number, offset, row, line)
                span = taken.span
                if span.length == 0 and not final:
                    border = border_behind(border, offset, self.block_bytes)
                    continue
                border += self.block_bytes
                done = span.length
                row, line, offset = row + span.rows, line + taken.lines_passed, offset + span.length
                if span.rows:
                    number += 1
                    yield taken
        self.rows, self.length = row, offset + filled - done
        self.digest = checksum.digest() if self.checksum else ""


def read_block(
    file: BinaryIO,
    source: Source,
    span: BlockSpan,
    *,
    form: Form = PLAIN,
    exact: bool = True,
    workspace: Workspace | None = None,
) -> Block:
    """Read one block, known from an earlier reading, from the open file. Compressed files are sought through.

    exact: whether the span is that of a block; spans of cuts need not be where records are malformed. Raises
    ExtractError if the file is no longer what it was.
    """
    file.seek(span.offset)
    original = _read(file, span.length, source)
    return block_of(original, source, span, form=form, exact=exact, workspace=workspace)


def block_of(
    original: bytes, source: Source, span: BlockSpan, *, form: Form, exact: bool, workspace: Workspace | None
) -> Block:
    """Parse one block whose bytes are at hand; as `read_block`."""
    block = parse(original, True, span.number, span.offset, span.first_row, span.first_line, workspace, form)
    if block.span != span and (exact or not block.bad):
        raise changed(source)
    return block


def read_cut(file: BinaryIO, source: Source, span: BlockSpan, workspace: Workspace) -> Cut:
    """Read the bytes of one block, known from an earlier reading, without parsing them.

    Without line feeds counted (`lines_passed` is 0). The bytes lie in the workspace. Raises ExtractError if the
    file is shorter than it was.
    """
    file.seek(span.offset)
    content = workspace.empty("content", (span.length + WIDTH,), np.uint8)
    content[span.length :] = 0
    fill_all(file, content[: span.length], source)
    return Cut(span, 0, content)


def cut_of(content: Bytes, span: BlockSpan, workspace: Workspace) -> Cut:
    """As `read_cut`, of a block whose bytes are at hand."""
    room = workspace.empty("content", (span.length + WIDTH,), np.uint8)
    room[: span.length] = content
    room[span.length :] = 0
    return Cut(span, 0, room)


def changed(source: Source) -> ExtractError:
    """The error for a file that changed since it was first read."""
    return ExtractError(f"{source.name}: the file changed while it was being read; run the command again")
