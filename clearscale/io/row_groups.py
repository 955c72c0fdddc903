"""Some rows of a Parquet file: in spans, without row groups that have none of them, or a row group at a time."""

import io
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pyarrow as pa

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

_FOOTER = 2**18
"""Bytes at a file's end that are fetched for its footer; of more it is fetched again."""

_END = 8
"""Bytes behind the footer: its length, and what tells the format."""

_GAP = 2**16
"""Bytes between columns that are fetched with them: to ask for one more piece takes longer."""


def fetched_row_groups(fetch: Callable[[list[tuple[int, int]]], list[pa.Buffer]], length: int) -> RowGroups:
    """The row groups of a long file, of which only the footer and what is read is fetched.

    fetch: gives bytes of the file, from start to before end each. Since they are compared with no seal, pages are
    with their checksums.
    """
    import pyarrow.parquet as pq

    [tail] = fetch([(max(length - _FOOTER, 0), length)])
    needed = min(int.from_bytes(memoryview(tail)[-_END:-4], "little") + _END, length)
    if needed > tail.size:
        [tail] = fetch([(length - needed, length)])
    metadata = pq.read_metadata(pa.BufferReader(tail))

    def opened(number: int, columns: list[str] | None) -> "pq.ParquetFile":
        ranges = _ranges(metadata.row_group(number), columns)
        pieces = list(zip((start for start, _ in ranges), fetch(ranges), strict=True)) if ranges else []
        source: Any = _Fetched(length, pieces)
        # Not buffered before: that reads what lies between columns, too.
        return pq.ParquetFile(source, metadata=metadata, pre_buffer=False, page_checksum_verification=True)

    return RowGroups(opened)


def _ranges(group: Any, columns: list[str] | None) -> list[tuple[int, int]]:
    """Where columns of a row group lie; neighbors in one piece."""
    found: list[tuple[int, int]] = []
    for place in range(group.num_columns):
        column = group.column(place)
        if columns is not None and column.path_in_schema not in columns:
            continue
        start = column.dictionary_page_offset or column.data_page_offset
        end = start + column.total_compressed_size
        if found and 0 <= start - found[-1][1] <= _GAP:
            found[-1] = (found[-1][0], end)
        else:
            found.append((start, end))
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
        end = self._length if size < 0 else min(self._at + size, self._length)
        for start, content in self._pieces:
            if start <= self._at and end <= start + content.size:
                found = content[self._at - start : end - start]
                self._at = end
                return found
        raise OSError("bytes were read that were not fetched")
