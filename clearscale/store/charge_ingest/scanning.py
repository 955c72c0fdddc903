"""Before an ingest: what a file of charges is, its checksum, and where its blocks lie."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import BinaryIO

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from clearscale.extract.digest import Digesting
from clearscale.formats import ColumnMap
from clearscale.formats.damage import explained
from clearscale.formats.lines import Layout
from clearscale.formats.reading import Begun, Reading
from clearscale.io.source import Source
from clearscale.store.ingest.scanning import folder_name, unchanged

_AT_ONCE = 8 * 2**20
_ROW_BYTES = 200
"""About so many bytes a record has: blocks of Parquet files hold as many rows as those of text."""


@dataclass(frozen=True)
class Span:
    """Where a block lies: its first byte, how many, and the line on which it begins.

    Of a Parquet file its first row group, how many, and the first row, from 1.
    """

    begin: int
    length: int
    line: int


@dataclass(frozen=True)
class FileScan:
    """What a file is.

    digest: of its decompressed bytes. stamp: that of the file. purges: how often records of it were destroyed in
    the store, of what is to be taken in all the same.
    """

    source: Source
    digest: str
    begun: Begun
    spans: tuple[Span, ...]
    stamp: str
    length: int
    purges: int = 0

    @property
    def id(self) -> str:
        """Name of the file's folders; of a file of which records were destroyed, that is of what is left of it."""
        again = f"-{self.purges}" if self.purges else ""
        return f"{folder_name(self.source.name, self.digest)}{again}"


@dataclass(frozen=True)
class ScanTask:
    """A file to scan. layout: how records stand in the file that this is a chunk of, None if it is the first."""

    source: Source
    map: ColumnMap
    layout: Layout | None
    block_bytes: int


class _Digested:
    """A file whose checksum is taken while it is read. length: bytes so far."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self._digesting = Digesting()
        self.length = 0

    def read(self, size: int) -> bytes:
        content = self._file.read(size)
        self._digesting.update(np.frombuffer(content, np.uint8))
        self.length += len(content)
        return content

    def digest(self) -> str:
        return self._digesting.digest()


def scan_file(task: ScanTask) -> FileScan:
    """Read a file once, without looking at its records.

    Raises ExtractError if it cannot be read by its map at all, or changes meanwhile.
    """
    reading = Reading([], task.map, task.block_bytes, task.layout)
    with unchanged(task.source) as (held, stamp, _):
        with explained(held), held.open() as file:
            digested = _Digested(file)
            begin, begun = reading.begin(held, digested)  # type: ignore[arg-type]
            if begun.layout is None:
                while digested.read(_AT_ONCE):
                    pass
                spans = tuple(_row_groups(held, task.block_bytes))
            else:
                spans = tuple(_blocks(reading, digested, begin, begun))
        return FileScan(task.source, digested.digest(), begun, spans, stamp, digested.length)


def _blocks(reading: Reading, file: _Digested, begin: bytes, begun: Begun) -> Iterator[Span]:
    assert begun.layout is not None
    at, line = begun.skipped, begun.line
    for block in reading.blocks(file, begin[begun.skipped :], begun.layout):  # type: ignore[arg-type]
        yield Span(at, len(block), line)
        at += len(block)
        line += block.count(b"\n")


def _row_groups(source: Source, block_bytes: int) -> Iterator[Span]:
    with source.open() as file:
        metadata = pq.ParquetFile(pa.PythonFile(file, mode="r")).metadata
    first, row, rows = 0, 1, 0
    for group in range(metadata.num_row_groups):
        rows += metadata.row_group(group).num_rows
        if rows * _ROW_BYTES >= block_bytes or group == metadata.num_row_groups - 1:
            yield Span(first, group + 1 - first, row)
            first, row, rows = group + 1, row + rows, 0
