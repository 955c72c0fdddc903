"""From files to charges, block by block: what is given and what is set aside are all that there was."""

import codecs
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import BinaryIO

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from clearscale.errors import ExtractError
from clearscale.io.magic import kind_of
from clearscale.io.source import Source
from clearscale_kernels.arrays import Int64s

from .charges import KEYS, Charger
from .column_map import ColumnMap
from .columns import Keys
from .damage import explained, require_bytes_of_text
from .lines import NO_CHARGE, Aside, Layout, cut, open_tail, read_texts
from .naming import named_columns
from .noticed import Noticed
from .schema import ASIDE

BLOCK_BYTES = 16 * 2**20
"""Bytes of a file that are looked at together, some 80,000 records."""

_LONGEST_LINE = 4 * 2**20
_PARQUET = b"PAR1"
_BYTE_ORDER_MARK = codecs.BOM_UTF8


@dataclass(frozen=True)
class Begun:
    """What a file's first bytes tell: how records stand in it, None in Parquet; and where the first begins."""

    layout: Layout | None
    skipped: int = 0
    line: int = 1


@dataclass(frozen=True)
class Piece:
    """What a block came to: charges in the schema `CHARGES`, and records that were set aside in `ASIDE`."""

    charges: pa.RecordBatch
    aside: pa.RecordBatch

    @property
    def rows(self) -> int:
        """How many records the block had."""
        return int(self.charges.num_rows + self.aside.num_rows)


@dataclass(frozen=True)
class Beside:
    """What else is made of rows, by who is not content with charges.

    columns: those that are read for it. takes: is given the texts of a block's rows, and their charges.
    """

    columns: Sequence[str]
    takes: Callable[[pa.Table, pa.RecordBatch], None]


class Reading:
    """Files of one map, read once from beginning to end.

    Parameters
    ----------
    files
        Paths or URLs, plain or compressed, text or Parquet; several are read in this order.
    stated
        What they call their columns.
    block_bytes
        So many bytes are looked at together; what is read does not depend on it.
    layout
        How records stand in files before these, of which these are chunks; None if they are the first.
    people
        Keys of people by file and lines, for a map without `charge.person`; see `clearscale.linking.people`.
    beside
        What else is made of the rows; such columns are in no charge.

    Notes
    -----
    After the last piece `noticed` has what was odd.
    """

    def __init__(
        self,
        files: Sequence[str],
        stated: ColumnMap,
        block_bytes: int = BLOCK_BYTES,
        layout: Layout | None = None,
        *,
        people: Keys | None = None,
        beside: Beside | None = None,
    ) -> None:
        self.sources = [Source(file) for file in files]
        self.map = stated
        self.block_bytes = block_bytes
        self._charger = Charger(stated, people)
        self._beside = beside
        self._used = {*stated.used, *(beside.columns if beside else ())}
        self._layout = layout

    @property
    def noticed(self) -> Noticed:
        """What was odd so far."""
        return self._charger.noticed

    def __iter__(self) -> Iterator[Piece]:
        """Yield the pieces in order.

        Raises
        ------
        ExtractError
            If a file cannot be decompressed, has no header where there should be one, or lacks columns.
        OSError
            If a file cannot be read.
        """
        for source in self.sources:
            with explained(source), source.open() as file:
                begin, begun = self.begin(source, file)
                if begun.layout is None:
                    yield from self.of_parquet(source)
                    continue
                line = begun.line
                for block in self.blocks(file, begin[begun.skipped :], begun.layout):
                    piece, passed = self.piece(block, line, begun.layout, source.name)
                    line += passed
                    yield piece

    def begin(self, source: Source, file: BinaryIO) -> tuple[bytes, Begun]:
        """(the first bytes of a file, what they tell). Raises as iteration does."""
        begin = file.read(_LONGEST_LINE)
        if begin[:4] == _PARQUET:
            return begin, Begun(None)
        kind = kind_of(begin)
        if kind is not None:
            raise ExtractError(f"{source.name} is {kind.what}, neither CSV nor Parquet. {kind.do}")
        require_bytes_of_text(begin, source.name)
        layout, skipped = self._layout_of(source, begin)
        return begin, Begun(layout, skipped, 1 + begin[:skipped].count(b"\n"))

    def blocks(self, file: BinaryIO, begin: bytes, layout: Layout) -> Iterator[bytes]:
        """The bytes of whole records, in order, of which `begin` were read already."""
        return _blocks(file, begin, self.block_bytes, self._decoded(layout))

    def piece(self, block: bytes, line: int, layout: Layout, name: str) -> tuple[Piece, int]:
        """(what a block came to, how many lines it has). line: that on which it begins. name: of its file."""
        text, odd = self._in_utf8(block, line)
        if odd:
            self.noticed.add("undecodable-bytes", len(odd), odd)
        texts = read_texts(text, line, layout)
        return self._piece(texts.table, texts.lines, texts.aside, name), texts.passed

    def take_noticed(self) -> Noticed:
        """What was odd since this was called last; it begins anew."""
        noticed, self._charger.noticed = self._charger.noticed, Noticed()
        return noticed

    def _decoded(self, layout: Layout) -> Layout:
        separator, quote, escape = map(self._bytes, (layout.separator, layout.quote, layout.escape))
        return replace(layout, separator=separator, quote=quote, escape=escape)

    def _bytes(self, text: bytes) -> bytes:
        return text.decode().encode(self.map.form.encoding)

    def _in_utf8(self, block: bytes, line: int) -> tuple[bytes, list[int]]:
        """(a block in UTF-8, lines that hold bytes which are no text of the encoding); these are replaced."""
        encoding = self.map.form.encoding
        if block.isascii():
            return block, []
        if encoding == "iso-8859-1":
            return block.decode("latin-1").encode(), []
        try:
            decoded = block.decode(encoding)
        except UnicodeDecodeError:
            pass
        else:
            return (block if encoding == "utf-8" else decoded.encode()), []
        odd = []
        for place, row in enumerate(block.split(b"\n")):
            try:
                row.decode(encoding)
            except UnicodeDecodeError:
                odd.append(line + place)
        return block.decode(encoding, "replace").encode(), odd

    def _layout_of(self, source: Source, begin: bytes) -> tuple[Layout, int]:
        """(how records stand in a file, bytes before the first)."""
        form = self.map.form
        mark = len(_BYTE_ORDER_MARK) if begin.startswith(_BYTE_ORDER_MARK) else 0
        if form.header == "first" and self._layout is not None:
            return self._layout, mark
        for _ in range(form.skip):
            mark = begin.find(b"\n", mark) + 1 or len(begin)
        if form.header == "none":
            self._layout = self._layout or self._layout_for(self.map.columns, b"")
            return self._layout, mark
        first, feed, _rest = begin[mark:].partition(b"\n")
        if not feed and len(begin) >= _LONGEST_LINE:
            raise ExtractError(f"{source.name}: its first line has no end within {_LONGEST_LINE:,} bytes")
        header = first.decode(form.encoding, "replace").rstrip("\r")
        columns = named_columns(self.map, _split(header, form.separator, form.quote), source.name)
        self._layout = self._layout_for(columns, header.encode())
        return self._layout, mark + len(first) + len(feed)

    def _layout_for(self, columns: Sequence[str], header: bytes) -> Layout:
        form = self.map.form
        wanted = tuple(column for column in self.map.columns if column in self._used and column in columns)
        keys = {column for role in KEYS for column in self.map.charge.get(role, ())}
        return Layout(
            tuple(columns),
            wanted,
            frozenset(keys),
            form.separator.encode(),
            form.quote.encode(),
            form.line_breaks,
            header,
            form.escape.encode(),
        )

    def of_parquet(self, source: Source, row_groups: Sequence[int] | None = None, row: int = 1) -> Iterator[Piece]:
        """The pieces of a Parquet file. row_groups: of these only, the first of which begins with this row."""
        with source.open() as file:
            parquet = pq.ParquetFile(pa.PythonFile(file, mode="r"))
            names = parquet.schema_arrow.names
            columns = named_columns(self.map, names, source.name)
            wanted = [place for place, column in enumerate(columns) if column in self._used]
            read = range(parquet.num_row_groups) if row_groups is None else row_groups
            first, rows, named = row, max(1, self.block_bytes // 200), [names[place] for place in wanted]
            for batch in parquet.iter_batches(rows, row_groups=[*read], columns=named):
                texts = {columns[names.index(name)]: _as_text(batch.column(name)) for name in batch.schema.names}
                lines = np.arange(row, row + batch.num_rows, dtype=np.int64)
                row += batch.num_rows
                yield self._piece(pa.table(texts), lines, Aside(), source.name)
            expected = sum(parquet.metadata.row_group(group).num_rows for group in read)
            if row - first != expected:  # a damaged page may end a column early, without a word
                raise pa.ArrowInvalid("fewer rows than the file says")

    def _piece(self, table: pa.Table, lines: Int64s, aside: Aside, file: str) -> Piece:
        noticed = self.noticed
        noticed.read += table.num_rows + len(aside.lines)
        if aside.lines:
            noticed.add("bad-records", len(aside.lines), aside.lines)
        rest = None
        wanted = self._charger.is_charge(table)
        if not wanted.all():
            rest = lines[~wanted]
            noticed.reasons[NO_CHARGE] += rest.size
            table, lines = table.filter(pa.array(wanted)), lines[wanted]
        for reason in aside.reasons:
            noticed.reasons[reason] += 1
        charges = self._charger.charges(table, lines, file)
        if self._beside:
            self._beside.takes(table, charges)
        return Piece(charges, _aside(aside, rest, file))


def _aside(aside: Aside, others: Int64s | None, file: str) -> pa.RecordBatch:
    lines, reasons, records = aside.lines, aside.reasons, aside.records
    if others is not None:
        lines, reasons = [*lines, *others.tolist()], [*reasons, *[NO_CHARGE] * others.size]
        records = [*records, *[None] * others.size]  # type: ignore[list-item]
    columns = [[file] * len(lines), lines, reasons, records]
    arrays = [pa.array(values, field.type) for values, field in zip(columns, ASIDE, strict=True)]
    return pa.RecordBatch.from_arrays(arrays, schema=ASIDE)


def _as_text(column: pa.Array) -> pa.Array:
    """A column of any type as text; days as YYYY-MM-DD, whole numbers without a point."""
    kind = column.type
    if pa.types.is_dictionary(kind):
        return _as_text(column.dictionary_decode())
    if pa.types.is_timestamp(kind):
        column = column.cast(pa.date32(), safe=False)
    elif pa.types.is_floating(kind):
        column = column.cast(pa.int64(), safe=False) if _whole(column) else column
    elif pa.types.is_binary(kind) or pa.types.is_large_binary(kind):
        return pa.array([None if value is None else value.as_py().decode("utf-8", "replace") for value in column])
    return column.cast(pa.string())


def _whole(column: pa.Array) -> bool:
    values = column.drop_null().to_numpy(zero_copy_only=False)
    return bool(np.all(np.isfinite(values) & (values == np.trunc(values)) & (np.abs(values) < 2**53)))


def _blocks(file: BinaryIO, begin: bytes, size: int, layout: Layout) -> Iterator[bytes]:
    """The bytes of whole records, in order."""
    rest, final = begin, False
    while rest or not final:
        pieces, have = [rest], len(rest)
        while not final and have < size:
            more = file.read(size - have)
            final = not more
            pieces.append(more)
            have += len(more)
        text = b"".join(pieces)
        end = len(text) if final else text.rfind(b"\n", 0, size) + 1 or text.find(b"\n", size) + 1
        if not final and end:
            end -= open_tail(text[:end], layout)
        if not end and not final:
            size *= 2
            rest = text
            continue
        block, rest = text[:end], text[end:]
        if block:
            yield block
        if final and not rest:
            return


def _split(line: str, separator: str, quote: str) -> list[str]:
    """The names in a header."""
    return [name.strip().strip(quote) if quote else name.strip() for name in cut(line, separator, quote)]
