"""Some rows of a Parquet file, without the row groups that have none of them."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

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
