"""The records of a block: where they and their values lie in its bytes, and which cannot be used."""

import math
import threading
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from clearscale.law import state
from clearscale_kernels.arrays import Bools, Bytes, Int8s, Int32s, Int64s
from clearscale_kernels.jit.vectors import WIDTH
from clearscale_kernels.text import tokens
from clearscale_kernels.text.quoting import LF
from clearscale_kernels.text.records import FoundRecords, Reading, Text, reading_scratch

from .bad_records import BadRecords, no_bad_records
from .form import PLAIN, Form

LONGEST_RECORD = 4 * 2**20
"""A record longer than this is malformed: most likely a quote was never closed."""

_SAMPLE_BYTES = 2**17

_COLUMNS = len(state().format.columns)


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
    """A block that was not parsed yet. lines_passed: physical lines in it.

    content: shape (at least the span's length and 64,), its bytes and others behind them. Parsing changes them.
    """

    span: BlockSpan
    lines_passed: int
    content: Bytes


@dataclass
class Block:
    """The records of one block.

    data: shape (bytes,). slots: shape (columns,), the row of starts and ends that a column has, -1 if none. starts,
    ends: shape (slots, at least n), where each value lies in `data`. rows: shape (n,), 0-based data record in the
    file. lines: shape (n,), 1-based line after the header. extents: shape (2, at least n), where each record lies
    in `original`; of a block that was cut, `original` is `data`, in which values may have been rewritten.
    canonical: shape (n,), whether a record's bytes in `data` are just as they would be written. bad: what was left
    out.
    """

    span: BlockSpan
    data: Bytes
    original: bytes | Bytes
    slots: Int64s
    starts: Int32s
    ends: Int32s
    rows: Int32s
    lines: Int64s
    extents: Int32s
    canonical: Bools
    bad: BadRecords
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

    def set_aside(self, places: Int64s, problems: Int8s) -> None:
        """Move the records at these places to the bad ones. problems: shape (n,), what is wrong with each."""
        self.bad = self.bad.and_these(self.rows[places], self.lines[places], problems, self.extents[:, places])
        kept = np.ones(self.rows.size, np.bool_)
        kept[places] = False
        self.keep(kept)

    def column(self, place: int) -> tuple[Int32s, Int32s]:
        """(starts, ends) of a column's values, shape (n,). Raises KeyError for one that was not asked for."""
        slot = self.slots[place]
        if slot < 0:
            raise KeyError(place)
        return self.starts[slot, : self.rows.size], self.ends[slot, : self.rows.size]

    def record(self, place: int) -> bytes:
        """The original bytes of the record at a place of this block."""
        return bytes(self.original[self.extents[0, place] : self.extents[1, place]])


class Workspace(threading.local):
    """Arrays that each thread reuses for block after block: memory that was just used is fast, new memory slow.

    What a block holds is overwritten when the same thread parses another one with the same workspace.
    """

    def __init__(self) -> None:
        self._arrays: dict[str, np.ndarray] = {}

    def empty(self, name: str, shape: tuple[int, ...], dtype: type) -> np.ndarray:
        """Return an uninitialized array, on the memory of the last one of that name if it is large enough."""
        size = math.prod(shape)
        kept = self._arrays.get(name)
        if kept is None or kept.size < size:
            kept = self._arrays[name] = np.empty(size * 5 // 4, dtype)
        return kept[:size].reshape(shape)


_ALL_SLOTS = np.arange(_COLUMNS)


def _by_field(slots: Int64s, form: Form) -> Int64s:
    """The slot of each field, from that of each column."""
    return slots if form.order is None else slots[np.array(form.order)]


def _room(slots: int, records: int, space: Workspace) -> FoundRecords:
    """Return arrays with room for `records` records, uninitialized."""
    return FoundRecords(
        starts=space.empty("starts", (slots, records), np.int32),
        ends=space.empty("ends", (slots, records), np.int32),
        extents=space.empty("extents", (2, records), np.int32),
        lines=space.empty("lines", (records,), np.int64),
        problems=space.empty("problems", (records,), np.int8),
        details=space.empty("details", (2, records), np.int32),
        canonical=space.empty("canonical", (records,), np.bool_),
    )


def parse(
    original: bytes,
    final: bool,
    number: int,
    offset: int,
    first_row: int,
    first_line: int,
    workspace: Workspace | None = None,
    form: Form = PLAIN,
) -> Block:
    """Find the records in the bytes. The block's span ends with the last complete record."""
    space = workspace or Workspace()
    # About as many records as the block's begin suggests, and a quarter more.
    sample = original[:_SAMPLE_BYTES]
    room = sample.count(b"\n") * len(original) * 5 // (4 * max(len(sample), 1)) + 64
    while True:
        # The tokenizer looks at 64 bytes at a time: as many zeros behind the end let it do so to the last record.
        data = space.empty("data", (len(original) + WIDTH,), np.uint8)
        data[: len(original)] = np.frombuffer(original, np.uint8)
        data[len(original) :] = 0
        arrays = _room(_COLUMNS, room, space)
        text = Text(data, 0, len(original), final)
        reading = Reading(_by_field(_ALL_SLOTS, form), LONGEST_RECORD, True, True, form.surplus)
        found, position, passed, bad_count = tokens.tokenize(text, reading, reading_scratch(_COLUMNS), arrays)
        if found < room:
            break
        room = original.count(b"\n") + 2 + len(original) // LONGEST_RECORD
    lines = arrays.lines[:found] + (first_line + 1)
    bad = no_bad_records(original, LONGEST_RECORD, _COLUMNS + form.surplus)
    if bad_count:
        places = np.flatnonzero(arrays.problems[:found])
        bad = replace(
            bad,
            rows=(first_row + places).astype(np.int32),
            lines=lines[places],
            problems=arrays.problems[places],
            details=arrays.details[:, places],
            extents=arrays.extents[:, places],
        )
    block = Block(
        span=BlockSpan(number, offset, position, first_row, first_line, found),
        data=data,
        original=original,
        slots=_ALL_SLOTS,
        starts=arrays.starts,
        ends=arrays.ends,
        rows=np.arange(first_row, first_row + found, dtype=np.int32),
        lines=lines,
        extents=arrays.extents,
        canonical=arrays.canonical[:found],
        bad=bad,
        lines_passed=passed,
    )
    if bad_count:
        block.keep(arrays.problems[:found] == tokens.GOOD)
    return block


def parse_ahead(
    content: Bytes,
    filled: int,
    final: bool,
    span: BlockSpan,
    columns: Sequence[int],
    workspace: Workspace,
    *,
    most: int | None = None,
    form: Form = PLAIN,
) -> Block | None:
    """Parse bytes that begin with a record and may end within one, for the columns at these places only.

    As `parse_cut` does a block whose end and number of records are known, which here are found.

    Parameters
    ----------
    content : shape (at least filled and 64,)
        Values are rewritten in it, in records that end in these bytes only.
    filled
        How many of them are to be parsed.
    final
        Whether the file ends with them.
    span
        Where the block begins; its length and records are not known.
    columns
        Places of the columns.
    workspace
        Where the arrays lie that the block holds.
    most
        How many records these may be. Without it some more than there seem to be.
    form
        How records stand in the file.

    Returns
    -------
    Block or None
        With the span as it was found. None if there may be more records than there is room for: values were
        rewritten then.

    Raises
    ------
    MalformedError
        If some record is malformed.
    """
    if most is not None:
        room = most
    else:
        sample = content[: min(filled, _SAMPLE_BYTES)]
        room = int(np.count_nonzero(sample == LF)) * filled * 5 // (4 * max(sample.size, 1)) + 64
    block, bad = _of_columns(content, filled, final, span, columns, room, workspace, True, False, form)
    if bad:
        raise MalformedError
    return block if block.span.rows < room else None


def _of_columns(
    content: Bytes,
    filled: int,
    final: bool,
    span: BlockSpan,
    columns: Sequence[int],
    room: int,
    space: Workspace,
    resolve: bool,
    judge: bool,
    form: Form,
) -> tuple[Block, int]:
    """(the records found, with the span that they have; how many others are malformed). See `parse_cut`."""
    slots = np.full(_COLUMNS, -1, np.int64)
    slots[list(columns)] = np.arange(len(columns))
    arrays = _room(len(columns), room, space)
    text = Text(content, 0, filled, final)
    reading = Reading(_by_field(slots, form), LONGEST_RECORD, resolve, judge, form.surplus)
    found, position, passed, bad = tokens.tokenize(text, reading, reading_scratch(_COLUMNS), arrays)
    block = Block(
        span=replace(span, length=position, rows=found),
        data=content,
        original=content,
        slots=slots,
        starts=arrays.starts,
        ends=arrays.ends,
        rows=np.arange(span.first_row, span.first_row + found, dtype=np.int32),
        lines=arrays.lines[:found] + (span.first_line + 1),
        extents=arrays.extents,
        canonical=arrays.canonical[:found],
        bad=no_bad_records(content, LONGEST_RECORD, _COLUMNS + form.surplus),
        lines_passed=passed,
    )
    return block, bad


def parse_cut(
    cut: Cut,
    columns: Sequence[int],
    workspace: Workspace | None = None,
    *,
    resolve: bool = True,
    judge: bool = True,
    form: Form = PLAIN,
) -> Block:
    """Parse a block that was cut, for the columns at these places only.

    resolve: whether doubled quotes and CRLF within quotes become what they mean, in place. judge: whether to find
    out which records are canonical; without, none is. Raises MalformedError if the block has malformed records:
    then blocks are not where they should be.
    """
    span, space = cut.span, workspace or Workspace()
    room = span.rows + 1
    block, bad = _of_columns(cut.content, span.length, True, span, columns, room, space, resolve, judge, form)
    if bad or block.span != span:
        raise MalformedError
    return block
