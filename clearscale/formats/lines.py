"""From a block of a file's bytes to a table of texts, one row a record, with what cannot be used set aside.

A block is whole lines in UTF-8. pyarrow's reader does the work; since it passes over what it cannot read, every
line is accounted for: as many rows as lines, or the block is looked at again in halves until what is wrong stands
alone.

pyarrow separates by one byte only. Another separator is replaced by a control character that the block does not
hold, and put back where a quoted value held it.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cache

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from pyarrow import csv

from clearscale_kernels.arrays import Bools, Bytes, Int64s

_STAND_INS = [bytes([code]) for code in (0x1F, 0x1E, 0x1D, 0x1C, 0x01, 0x02, 0x03, 0x04, 0x05, 0x06, 0x0E, 0x0F)]
"""Control characters of which one stands for a separator."""

_LONGEST_RECORD = 100
"""Lines of a record at most, where values may hold line breaks."""

OTHER_FIELDS = "another number of values"
OPEN_QUOTE = "a quote that is not closed, or a carriage return within the line"
HEADER_AGAIN = "a header in the midst"
NO_CHARGE = "no charge"


@dataclass(frozen=True)
class Layout:
    """How records stand in a block. columns: as the file has them. wanted: those that are read, in order."""

    columns: tuple[str, ...]
    wanted: tuple[str, ...]
    plain: frozenset[str]
    separator: bytes
    quote: bytes
    line_breaks: bool
    header: bytes = b""
    escape: bytes = b""


@dataclass
class Aside:
    """Records that cannot be used. lines: of the file, from 1. reasons: of each. records: their bytes in UTF-8."""

    lines: list[int] = field(default_factory=list)
    reasons: list[str] = field(default_factory=list)
    records: list[bytes] = field(default_factory=list)

    def add(self, line: int, reason: str, record: bytes) -> None:
        """One more."""
        self.lines.append(line)
        self.reasons.append(reason)
        self.records.append(record.rstrip(b"\r\n"))


@dataclass(frozen=True)
class Texts:
    """What a block holds.

    table: texts of the wanted columns. lines: of the file where each row begins, from 1. passed: lines of the
    block.
    """

    table: pa.Table
    lines: Int64s
    aside: Aside
    passed: int


def read_texts(block: bytes, first_line: int, layout: Layout) -> Texts:
    """The records of a block.

    Parameters
    ----------
    block
        Whole lines, in UTF-8 and without a byte-order mark.
    first_line
        Number of its first line in the file.
    layout
        How records stand in it.

    Returns
    -------
    Texts
        Every line that is not blank is in its table or set aside.
    """
    if not block.endswith(b"\n"):
        block += b"\n"
    block = _doubled(block, layout)
    aside, passed = Aside(), block.count(b"\n")
    lines = first_line + np.arange(passed, dtype=np.int64)
    stray = b"\r" in block and block.count(b"\r") != block.count(b"\r\n")
    bounds: tuple[Int64s, Int64s] | None = None
    if _has_others(block, layout):
        block, lines, bounds = _without_others(block, lines, layout, aside)
    whole = None if stray else _parse(block, lines.size, layout)
    if whole is not None and not whole[1]:
        return Texts(whole[0], lines, aside, passed)
    begins, ends = bounds or _bounds(block)
    if whole is not None:
        table, bad = whole
        kept = np.delete(lines, bad)
        for place in bad:
            aside.add(int(lines[place]), OTHER_FIELDS, block[begins[place] : ends[place]])
        return Texts(table, kept, aside, passed)
    return Texts(*_one_by_one(block, begins, ends, lines, layout, aside), passed)


def _doubled(block: bytes, layout: Layout) -> bytes:
    """A block whose escaped quotes are doubled ones, as all else here reads them; lines stay lines."""
    if not layout.escape or layout.escape not in block:
        return block
    mark = re.escape(layout.escape)
    # Whatever follows the mark stands for itself; a line end does not.
    return re.sub(
        rb"%b([^\r\n])" % mark, lambda found: found[1] * 2 if found[1] == layout.quote else found[1], block
    )


def _bounds(block: bytes) -> tuple[Int64s, Int64s]:
    """Where each line begins, and where it ends."""
    ends = np.flatnonzero(np.frombuffer(block, np.uint8) == ord("\n")) + 1
    return np.concatenate([np.zeros(1, np.int64), ends[:-1]]), ends


def _has_others(block: bytes, layout: Layout) -> bool:
    """Whether there may be lines that are blank, or the header again."""
    ends = np.frombuffer(block, np.uint8) == ord("\n")
    # A search for two bytes takes ten times as long as to compare neighbors.
    blank = block.startswith((b"\n", b"\r\n")) or bool((ends[1:] & ends[:-1]).any())
    blank = blank or (b"\r" in block and b"\n\r\n" in block)
    return blank or bool(layout.header and layout.header in block)


def _without_others(
    block: bytes, lines: Int64s, layout: Layout, aside: Aside
) -> tuple[bytes, Int64s, tuple[Int64s, Int64s]]:
    """(a block without such lines, numbers of the others, where each begins and ends); headers are set aside."""
    begins, ends = _bounds(block)
    gone = _blank(np.frombuffer(block, np.uint8), begins, ends)
    if layout.header and layout.header in block:
        again = np.array([block[a:b].rstrip(b"\r\n") == layout.header for a, b in zip(begins, ends, strict=True)])
        for place in np.flatnonzero(again).tolist():
            aside.add(int(lines[place]), HEADER_AGAIN, block[begins[place] : ends[place]])
        gone |= again
    if gone.any():
        begins, ends, lines = begins[~gone], ends[~gone], lines[~gone]
        block = b"".join(block[a:b] for a, b in zip(begins.tolist(), ends.tolist(), strict=True))
        sizes = ends - begins
        ends = np.cumsum(sizes)
        begins = ends - sizes
    return block, lines, (begins, ends)


def _blank(data: Bytes, begins: Int64s, ends: Int64s) -> Bools:
    size = ends - begins
    result: Bools = (size == 1) | ((size == 2) & (data[begins] == ord("\r")))
    return result


def _parse(block: bytes, rows: int, layout: Layout) -> tuple[pa.Table, list[int]] | None:
    """(table, places of records with another number of values); None unless there are so many records."""
    separator, stand_in = layout.separator, layout.separator
    if len(separator) > 1 or separator in b"\r\n":
        found = next((byte for byte in _STAND_INS if byte not in block and byte != layout.quote), None)
        if found is None:
            return None
        stand_in = found
        block = block.replace(separator, stand_in)
    # A value that is still open at the end would swallow this record, so that one would be missing.
    block += stand_in * (len(layout.columns) - 1) + b"\n"
    bad: list[int] = []

    def skip(row: csv.InvalidRow) -> str:
        bad.append(row.number - 1)
        return "skip"

    try:
        table = csv.read_csv(
            pa.BufferReader(block),
            read_options=csv.ReadOptions(
                column_names=layout.columns, use_threads=False, block_size=min(len(block) + 1, 2**31 - 1)
            ),
            parse_options=csv.ParseOptions(
                delimiter=stand_in.decode(),
                quote_char=layout.quote.decode() if layout.quote in block and layout.quote else False,
                newlines_in_values=True,
                ignore_empty_lines=False,
                invalid_row_handler=skip,
            ),
            convert_options=_conversion(layout),
        )
    except pa.ArrowInvalid:
        return None
    if table.num_rows + len(bad) != rows + 1 or (bad and bad[-1] == rows):
        return None
    table = table.slice(0, table.num_rows - 1).combine_chunks()
    if stand_in != separator and layout.quote and layout.quote in block:
        table = _put_back(table, stand_in, separator)
    return table, bad


@cache
def _conversion(layout: Layout) -> csv.ConvertOptions:
    types = {
        name: pa.string() if name in layout.plain else pa.dictionary(pa.int32(), pa.string())
        for name in layout.wanted
    }
    return csv.ConvertOptions(
        check_utf8=False, column_types=types, include_columns=list(layout.wanted), strings_can_be_null=False
    )


def _put_back(table: pa.Table, stand_in: bytes, separator: bytes) -> pa.Table:
    columns = []
    for column in table.columns:
        values = column.combine_chunks()
        if isinstance(values, pa.ChunkedArray):  # of no rows
            values = pa.array([], column.type)
        if pa.types.is_dictionary(values.type):
            replaced = pc.replace_substring(values.dictionary, stand_in.decode(), separator.decode())
            values = pa.DictionaryArray.from_arrays(values.indices, replaced)
        else:
            values = pc.replace_substring(values, stand_in.decode(), separator.decode())
        columns.append(values)
    return pa.table(columns, names=table.column_names)


def cut(record: str, separator: str, quote: str) -> list[str]:
    """The values of a record, quotes taken off.

    Examples
    --------
    >>> cut("1;'a;''b';", ";", "'")
    ['1', "a;'b", '']
    """
    if not quote or quote not in record:
        return record.split(separator)
    marks, mark = re.escape(separator), re.escape(quote)
    whole = rf"{mark}((?:[^{mark}]|{mark}{mark})*){mark}"
    pieces = re.findall(rf"(?:^|{marks})(?:{whole}|((?:(?!{marks}).)*))", record, re.DOTALL)
    return [quoted.replace(quote * 2, quote) or plain for quoted, plain in pieces]


@cache
def _closed(separator: bytes, quote: bytes) -> re.Pattern[bytes]:
    """What a line looks like that ends outside of quotes, as pyarrow reads it."""
    cut, mark = re.escape(separator), re.escape(quote)
    value = rb"(?>%b(?:[^%b]|%b%b)*+%b(?:(?!%b).)*+|(?!%b)(?:(?!%b).)*+)" % (
        mark,
        mark,
        mark,
        mark,
        mark,
        cut,
        mark,
        cut,
    )
    return re.compile(rb"%b(?>%b%b)*+\r?\n?" % (value, cut, value), re.DOTALL)


def _one_by_one(
    block: bytes, begins: Int64s, ends: Int64s, lines: Int64s, layout: Layout, aside: Aside
) -> tuple[pa.Table, Int64s, Aside]:
    """The records of a block in which something is wrong with quotes or line ends."""
    pieces = [block[a:b] for a, b in zip(begins.tolist(), ends.tolist(), strict=True)]
    records: list[bytes] = []
    numbers: list[int] = []
    at = 0
    while at < len(pieces):
        size = _lines_of(pieces, at, layout)
        record = b"".join(pieces[at : at + max(size, 1)])
        if size == 0 or b"\r" in record.rstrip(b"\r\n").replace(b"\r\n", b""):
            aside.add(int(lines[at]), OPEN_QUOTE, pieces[at])
            at += 1
            continue
        records.append(record)
        numbers.append(int(lines[at]))
        at += size
    tables, kept = _halves(records, numbers, layout, aside)
    ordered = Aside()
    for place in sorted(range(len(aside.lines)), key=lambda place: aside.lines[place]):
        ordered.add(aside.lines[place], aside.reasons[place], aside.records[place])
    empty = pa.schema(list(_conversion(layout).column_types.items())).empty_table().select(layout.wanted)
    joined = pa.concat_tables([table.cast(empty.schema) for table in tables]) if tables else empty
    return joined.unify_dictionaries().combine_chunks(), np.array(kept, np.int64), ordered


def _lines_of(pieces: Sequence[bytes], at: int, layout: Layout) -> int:
    """How many lines the record has that begins with a line; 0 if its quotes are not closed."""
    if not layout.quote or layout.quote not in pieces[at]:
        return 1
    closed = _closed(layout.separator, layout.quote)
    record = b""
    for size in range(1, (_LONGEST_RECORD if layout.line_breaks else 1) + 1):
        if at + size > len(pieces):
            break
        record += pieces[at + size - 1]
        if closed.fullmatch(record):
            return size
    return 0


def _halves(
    records: list[bytes], numbers: list[int], layout: Layout, aside: Aside
) -> tuple[list[pa.Table], list[int]]:
    """Tables of records, and the lines that they begin in; what no table has is set aside."""
    if not records:
        return [], []
    parsed = _parse(b"".join(records), len(records), layout)
    if parsed is not None:
        table, bad = parsed
        for place in bad:
            aside.add(numbers[place], OTHER_FIELDS, records[place])
        left = set(bad)
        return [table], [number for place, number in enumerate(numbers) if place not in left]
    if len(records) == 1:
        aside.add(numbers[0], OPEN_QUOTE, records[0])
        return [], []
    half = len(records) // 2
    first, then = (
        _halves(records[part], numbers[part], layout, aside) for part in (slice(half), slice(half, None))
    )
    return [*first[0], *then[0]], [*first[1], *then[1]]


def open_tail(block: bytes, layout: Layout) -> int:
    """Bytes at the end of a block that begin a record which goes on behind it; 0 if there is none.

    Only where values may hold line breaks. So many lines as a record can have are looked at.
    """
    if not layout.line_breaks or not layout.quote or layout.quote not in block:
        return 0
    written = _end_of(block, _LONGEST_RECORD).splitlines(keepends=True)[-_LONGEST_RECORD:]
    tail = [_doubled(line, layout) for line in written]
    closed = _closed(layout.separator, layout.quote)
    at = 0
    while at < len(tail):
        size = _lines_of(tail, at, layout)
        if size == 0 and not any(
            closed.fullmatch(b"".join(tail[at : at + n])) for n in range(1, len(tail) - at + 1)
        ):
            return sum(map(len, written[at:]))
        at += max(size, 1)
    return 0


def _end_of(block: bytes, lines: int) -> bytes:
    """The end of a block that has at least so many of its last lines."""
    at = len(block)
    for _ in range(lines + 1):
        at = block.rfind(b"\n", 0, at)
        if at < 0:
            return block
    return block[at + 1 :]
