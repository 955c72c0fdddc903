"""Some rows of a Parquet file: in spans, without row groups that have none of them, or a row group at a time."""

import io
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pyarrow as pa

from .column_seals import ColumnSeals, end_length
from .seals import Seal, seal_of

if TYPE_CHECKING:
    import pyarrow.parquet as pq


def rows_of(file: "pq.ParquetFile", columns: list[str] | None, spans: Sequence[tuple[int, int]]) -> pa.Table:
    """The rows of a Parquet file in spans, of which no other row group is read."""
    groups: list[int] = []
    pieces: list[tuple[int, int]] = []
    begin, before, left = 0, 0, list(spans)
    for group in range(file.num_row_groups):
        end = begin + file.metadata.row_group(group).num_rows
        while left and left[0][0] < end:
            first, last = left[0]
            if not groups or groups[-1] != group:
                groups.append(group)
            pieces.append((before + max(first, begin) - begin, min(last, end) - max(first, begin)))
            if last > end:
                break
            left.pop(0)
        if groups and groups[-1] == group:
            before += end - begin
        begin = end
    table = file.read_row_groups(groups, columns, use_threads=False)
    return pa.concat_tables([table.slice(0, 0), *(table.slice(first, length) for first, length in pieces)])


@dataclass(frozen=True)
class RowGroups:
    """A Parquet file that is read a row group at a time.

    opened: makes it readable for some columns of a row group, None for all. within: does the reading, and says what
    an error in it means.
    """

    opened: Callable[[int, list[str] | None], "pq.ParquetFile"]
    within: Callable[[Callable[[], pa.Table]], pa.Table] = lambda read: read()

    def read(self, number: int, columns: list[str] | None = None) -> pa.Table:
        """A row group, or only the named columns of it."""
        return self.within(lambda: self.opened(number, columns).read_row_group(number, columns, use_threads=False))


def whole_row_groups(content: pa.Buffer) -> RowGroups:
    """The row groups of a file in memory."""
    import pyarrow.parquet as pq

    file = pq.ParquetFile(pa.BufferReader(content))
    return RowGroups(lambda *_: file)


MOST_WHOLE = 2**21
"""Bytes of a file that is fetched as a whole even for one row group: that takes as long as to ask twice."""

_END = 2**18
"""Bytes at a file's end that are fetched for its footer; of more it is fetched again."""

_GAP = 2**16
"""Bytes between columns that are fetched with them: to ask for one more piece takes longer."""


class OtherContentError(ValueError):
    """Bytes of a file are not what was written."""


Fetch = Callable[[list[tuple[int, int]]], list[pa.Buffer]]
"""Gives bytes of a file, from start to before end each."""


def fetched_row_groups(fetch: Fetch, seal: Seal) -> RowGroups | None:
    """The row groups of a long file, of which only the footer and what is read is fetched. seal: of the file.

    None if its end does not agree with its seal, or has no seals of its columns (see `column_seals`): it has to be
    read as a whole then, which tells whether it is damaged. A library is given nothing that the seal does not vouch
    for: by another footer it reads other columns or rows without a word, or ends the process.
    """
    import pyarrow.parquet as pq

    end = _end(fetch, seal.length)
    held = None if end is None else ColumnSeals.read(end, seal)
    if held is None:
        return None
    metadata = pq.read_metadata(pa.BufferReader(end))
    names = metadata.schema.names

    def opened(number: int, columns: list[str] | None) -> "pq.ParquetFile":
        first = number * len(names)
        places = [first + place for place, name in enumerate(names) if columns is None or name in columns]
        ranges = _ranges(held, places)
        found = fetch(ranges) if ranges else []
        pieces = [(start, content) for (start, _), content in zip(ranges, found, strict=True)]
        source: Any = _Fetched(seal.length, pieces)
        for place in places:
            if seal_of(source.at(held.starts[place], held.seals[place].length)) != held.seals[place]:
                raise OtherContentError
        # Not buffered before: that reads what lies between columns, too.
        return pq.ParquetFile(source, metadata=metadata, pre_buffer=False)

    return RowGroups(opened)


def _end(fetch: Fetch, length: int) -> pa.Buffer | None:
    """The end of a file from the seals of its columns on; None if it is no end of so long a file."""
    fetched = min(_END, length)
    while True:
        [end] = fetch([(length - fetched, length)])
        needed = end_length(end)
        if needed <= fetched:
            return end[fetched - needed :]
        if needed > length:
            return None
        # A long footer hides how many seals are before it.
        fetched = min(needed + _END, length)


def _ranges(held: ColumnSeals, places: Sequence[int]) -> list[tuple[int, int]]:
    """Where columns of a row group lie; neighbors in one piece."""
    found: list[tuple[int, int]] = []
    for start, length in ((held.starts[place], held.seals[place].length) for place in places):
        if not length:
            continue
        if found and start - found[-1][1] <= _GAP:
            found[-1] = (found[-1][0], start + length)
        else:
            found.append((start, start + length))
    return found


class _Fetched(io.RawIOBase):
    """A file of which only some pieces are there: (where each begins, its bytes)."""

    def __init__(self, length: int, pieces: list[tuple[int, pa.Buffer]]) -> None:
        super().__init__()
        self._length, self._pieces, self._at = length, pieces, 0

    def readable(self) -> bool:
        """It is."""
        return True

    def seekable(self) -> bool:
        """It is."""
        return True

    def tell(self) -> int:
        """Where it is read next."""
        return self._at

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        """Go somewhere."""
        self._at = offset + {io.SEEK_SET: 0, io.SEEK_CUR: self._at, io.SEEK_END: self._length}[whence]
        return self._at

    def read(self, size: int = -1) -> Any:
        """Read bytes; they have to be there."""
        start, end = self._at, self._length if size < 0 else min(self._at + size, self._length)
        self._at = end
        return self.at(start, end - start)

    def at(self, start: int, length: int) -> pa.Buffer:
        """Some bytes; they have to be there."""
        if not length:
            return pa.py_buffer(b"")
        for first, content in self._pieces:
            if first <= start and start + length <= first + content.size:
                return content[start - first : start - first + length]
        raise OSError("bytes were read that were not fetched")
