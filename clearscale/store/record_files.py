"""Files of records: which blocks lie in which, how a block's records are written, and how they are read.

A file has a row group a block. It is made of pieces: each is a Parquet file of one block, which is written when the
block is read. Pieces are joined without decoding them (see `parquet_pieces`); only `row` is written anew, since a
piece counts from its block's first row.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from clearscale.io.parquet_pieces import UnjoinableError, joined, pieces_of
from clearscale.io.row_groups import RowGroups, whole_row_groups
from clearscale.io.sealed import SealedFolder
from clearscale_kernels.arrays import Int32s

from .layout import block_file, records_file, records_folder
from .part import Part

LONG = 2**24
"""Bytes of pieces from which on a file of records is long enough: many short ones take long to copy."""

ROW = "row"

_ROWS = pa.schema([pa.field(ROW, pa.int32(), nullable=False)])
_OPTIONS: dict[str, Any] = {
    "compression": "zstd",
    "compression_level": 1,
    # They would only repeat values.
    "write_statistics": False,
    # Readers see plain binary columns, whatever the pages hold.
    "store_schema": False,
    "column_encoding": {ROW: "DELTA_BINARY_PACKED"},
}


@dataclass(frozen=True)
class RecordsFile:
    """A file of records. blocks: the numbers of those in it, a row group each."""

    name: str
    blocks: range


def files_of(part: Part) -> list[RecordsFile]:
    """A part's files of records. What versions before 7 stored has a file a block."""
    if not part.files:
        return [
            RecordsFile(block_file(number, "parquet"), range(number, number + 1)) for number in range(part.blocks)
        ]
    found, first = [], 0
    for number, blocks in enumerate(part.files):
        found.append(RecordsFile(records_file(number), range(first, first + blocks)))
        first += blocks
    return found


def blocks_of_files(lengths: Sequence[int]) -> tuple[int, ...]:
    """How many blocks each file of a part has. lengths: bytes of the piece of each block.

    Nothing else matters, so that the same extract has the same files whatever it is read with.
    """
    files: list[int] = []
    blocks = held = 0
    for length in lengths:
        blocks += 1
        held += length
        if held >= LONG:
            files.append(blocks)
            blocks = held = 0
    if blocks and files:
        files[-1] += blocks
    elif blocks:
        files.append(blocks)
    return tuple(files)


def piece_of(columns: Mapping[str, pa.Array | pa.ChunkedArray], repeating: Sequence[str]) -> pa.Buffer:
    """A file of the records of one block. repeating: the columns that are written as dictionaries."""
    # No value is null; without that in the schema, every page would say so of every value.
    schema = pa.schema([pa.field(name, column.type, nullable=False) for name, column in columns.items()])
    return _written(schema, [pa.table(dict(columns), schema)], list(repeating))


def file_of(pieces: Sequence[Any], first_rows: Sequence[int]) -> memoryview:
    """A file of records of the pieces of some blocks. first_rows: the number of each block's first row."""
    if len(pieces) == 1 and not first_rows[0]:
        return memoryview(pieces[0])
    rows = []
    for piece, first in zip(pieces, first_rows, strict=True):
        own = _opened(piece).read([ROW], use_threads=False).column(ROW).to_numpy()
        rows.append(pa.table([own + np.int32(first)], _ROWS))
    numbers = pieces_of(_written(_ROWS, rows, []))
    try:
        content = joined([*map(pieces_of, pieces)], numbers)
    except UnjoinableError:  # another version of a library wrote some of them, before an ingest was interrupted
        anew = [_piece_anew(_opened(piece).read(use_threads=False)) for piece in pieces]
        content = joined([*map(pieces_of, anew)], numbers)
    return memoryview(b"".join(content))


def without(content: Any, changed: Mapping[int, pa.Table]) -> memoryview:
    """A file of records with others in some of its blocks, by their places in it. The rest stays as it is.

    content: of the file.
    """
    anew = {place: _piece_anew(table) for place, table in changed.items()}
    if len(anew) == 1 and _opened(content).num_row_groups == 1:
        return memoryview(anew[0])
    try:
        return _with_blocks(content, anew)
    except UnjoinableError:  # another version of a library wrote them in another way
        groups = whole_row_groups(pa.py_buffer(content))
        places = range(_opened(content).num_row_groups)
        every = [anew[place] if place in anew else _piece_anew(groups.read(place)) for place in places]
        return memoryview(b"".join(joined([*map(pieces_of, every)])))


def _with_blocks(content: Any, anew: Mapping[int, pa.Buffer]) -> memoryview:
    held = pieces_of(content)
    places = range(len(held.groups))
    pieces = [pieces_of(anew[place]) if place in anew else held.only([place]) for place in places]
    return memoryview(b"".join(joined(pieces)))


def _piece_anew(table: pa.Table) -> pa.Buffer:
    """A file of a block's records that are no longer coded."""
    columns = dict(zip(table.column_names, table.columns, strict=True))
    repeating = [
        name
        for name, values in columns.items()
        if pa.types.is_binary(values.type) and pc.count_distinct(values).as_py() * 2 <= len(values)
    ]
    return piece_of(columns, repeating)


def _opened(content: Any) -> Any:
    import pyarrow.parquet as pq  # late, as `Folder.write_parquet` has it

    return pq.ParquetFile(pa.BufferReader(content))


def _written(schema: pa.Schema, row_groups: Sequence[pa.Table], repeating: list[str]) -> pa.Buffer:
    import pyarrow.parquet as pq

    sink = pa.BufferOutputStream()
    with pq.ParquetWriter(sink, schema, use_dictionary=repeating, **_OPTIONS) as writer:
        for table in row_groups:
            writer.write_table(table, row_group_size=max(table.num_rows, 1))
    return sink.getvalue()


BlockReader = Callable[[Sequence[str] | None], pa.Table]
"""Reads columns of a block, all for None."""


def block_readers(files: SealedFolder, part: Part, numbers: Iterable[int] | None = None) -> Iterator[BlockReader]:
    """What reads the blocks of a part, in order. Each file is opened once.

    files: of the store. numbers: of the blocks that are read, ascending; all without it.
    """
    folder = files.folder(records_folder(part.id))
    wanted = None if numbers is None else set(numbers)
    for file in files_of(part):
        chosen = [number for number in file.blocks if wanted is None or number in wanted]
        if chosen:
            whole = len(chosen) == len(file.blocks)
            groups = folder.row_groups(file.name) if whole else folder.some_row_groups(file.name)
            yield from (_reader(groups, number - file.blocks.start) for number in chosen)


def _reader(groups: RowGroups, place: int) -> BlockReader:
    return lambda columns: groups.read(place, None if columns is None else list(columns))


def rows_in(table: pa.Table) -> Int32s:
    """The numbers of a block's rows."""
    rows: Int32s = table.column(ROW).to_numpy()
    return rows
