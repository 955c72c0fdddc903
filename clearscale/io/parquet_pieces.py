"""Joins Parquet files without decoding them: their row groups, byte for byte, under one footer.

Libraries write a row group only from values. To put one of a file into another, nothing changes but where the
footer says that its columns lie. See https://parquet.apache.org/docs/file-format/metadata/.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any, NamedTuple

from .column_seals import table_of
from .thrift import BINARY, I16, I64, LIST, STRUCT, Field, fields_in, items_in, list_of, number, signed, struct_of

MAGIC = b"PAR1"
_TAIL = 8
"""Bytes behind the footer: its length, and the magic."""

# Fields of a file.
_VERSION, _SCHEMA, _ROWS, _GROUPS, _ADDED, _CREATED_BY, _ORDERS = range(1, 8)
# Of a column in the schema.
_CHILDREN = 5
# Of a row group.
_COLUMNS, _BYTES, _ROWS_OF_GROUP, _BEGIN, _COMPRESSED, _ORDINAL = 1, 2, 3, 5, 6, 7
# Of a column of a row group.
_DEPRECATED, _METADATA = 2, 3
_LENGTH, _STORED_LENGTH = 6, 7
_OFFSETS = (9, 10, 11)
"""Where its data, its index and its dictionary begin."""
_COPIED = frozenset([1, 2, 3, 4, 5, _LENGTH, _STORED_LENGTH, 8, *_OFFSETS, 12, 13, 16])
"""Fields that hold no place in the file, but for the offsets. Others, as of Bloom filters, are refused."""


class UnjoinableError(ValueError):
    """Files that cannot be joined: they are damaged, are not alike, or have what is not handled here."""


class Chunk(NamedTuple):
    """A column of a row group.

    content: its bytes. length: of them, decompressed. metadata: what the footer says of it, cut where offsets
    stand. offsets: these, counted from the beginning of the content.
    """

    content: memoryview
    length: int
    metadata: list[bytes]
    offsets: list[int]


@dataclass(frozen=True)
class Group:
    """A row group."""

    rows: int
    chunks: tuple[Chunk, ...]


@dataclass(frozen=True)
class Pieces:
    """Row groups of a Parquet file.

    head: the rest of its footer, by field. columns: of its schema, as they are written.
    """

    groups: tuple[Group, ...]
    head: dict[int, bytes]
    columns: tuple[bytes, ...]

    def only(self, places: Sequence[int]) -> "Pieces":
        """Some of the row groups."""
        return replace(self, groups=tuple(self.groups[place] for place in places))


def pieces_of(content: Any) -> Pieces:
    """The row groups of a Parquet file in memory. Raises UnjoinableError if it is none, or is not handled."""
    data = memoryview(content)
    size = data.nbytes
    length = int.from_bytes(data[-_TAIL : -len(MAGIC)], "little")
    if size < length + _TAIL + len(MAGIC) or data[: len(MAGIC)] != MAGIC or data[-len(MAGIC) :] != MAGIC:
        raise UnjoinableError("it is no Parquet file")
    footer = bytes(data[size - length - _TAIL : size - _TAIL])
    try:
        return _read(data, footer)
    except UnjoinableError:
        raise
    except (IndexError, KeyError, ValueError) as error:
        raise UnjoinableError("its footer is damaged") from error


def _read(data: memoryview, footer: bytes) -> Pieces:
    groups: list[Group] = []

    def read_groups(footer: bytes, at: int) -> int:
        _, count, at = items_in(footer, at)
        for _ in range(count):
            group, at = _group(data, footer, at)
            groups.append(group)
        return at

    found = _known(fields_in(footer, 0, {_GROUPS: read_groups})[0], range(_VERSION, _ORDERS + 1))
    head = {field: footer[start:end] for field, _, start, end in found.values() if field not in (_ROWS, _GROUPS)}
    columns = _columns(head[_SCHEMA])
    if any(len(group.chunks) != len(columns) for group in groups):
        raise UnjoinableError("a row group has not the columns of the schema")
    return Pieces(tuple(groups), head, columns)


def _known(fields: Sequence[Field], numbers: Iterable[int]) -> dict[int, Field]:
    found = {field[0]: field for field in fields}
    if other := sorted(found.keys() - {*numbers}):
        raise UnjoinableError(f"its footer has fields that are not handled: {', '.join(map(str, other))}")
    return found


@lru_cache(8)
def _columns(schema: bytes) -> tuple[bytes, ...]:
    """The columns of a schema without nesting."""
    _, count, at = items_in(schema, 0)
    columns = []
    for place in range(count):
        fields, end = fields_in(schema, at)
        if place and any(field == _CHILDREN for field, *_ in fields):
            raise UnjoinableError("it has columns in columns")
        columns.append(schema[at:end])
        at = end
    return tuple(columns[1:])


def _group(data: memoryview, footer: bytes, at: int) -> tuple[Group, int]:
    """The row group of which the footer tells there, and where that ends."""
    chunks: list[Chunk] = []

    def read_metadata(footer: bytes, at: int) -> int:
        fields, end = fields_in(footer, at)
        chunks.append(_chunk(data, footer[at:end], at, fields))
        return end

    def read_columns(footer: bytes, at: int) -> int:
        _, count, at = items_in(footer, at)
        for _ in range(count):
            fields, at = fields_in(footer, at, {_METADATA: read_metadata})
            if any(field not in (_DEPRECATED, _METADATA) for field, *_ in fields):
                raise UnjoinableError("a column has an index, lies in another file or is encrypted")
        return at

    fields, end = fields_in(footer, at, {_COLUMNS: read_columns})
    found = _known(fields, (_COLUMNS, _BYTES, _ROWS_OF_GROUP, _BEGIN, _COMPRESSED, _ORDINAL))
    return Group(signed(footer, found[_ROWS_OF_GROUP][2]), tuple(chunks)), end


def _chunk(data: memoryview, metadata: bytes, at: int, fields: Sequence[Field]) -> Chunk:
    """A column. metadata: what the footer says of it. at: where that begins there, by which fields are told."""
    lengths, offsets, pieces, cut = {}, [], [], 0
    for field, _, start, end in fields:
        if field in _OFFSETS:
            # A column without values may have no page of that kind, and 0 for its place.
            if offset := signed(metadata, start - at):
                pieces.append(metadata[cut : start - at])
                offsets.append(offset)
                cut = end - at
        elif field in (_LENGTH, _STORED_LENGTH):
            lengths[field] = signed(metadata, start - at)
        elif field not in _COPIED:
            raise UnjoinableError(f"a column has a field that is not handled: {field}")
    pieces.append(metadata[cut:])
    begin = min(offsets, default=0)
    end = begin + lengths[_STORED_LENGTH]
    if not 0 <= begin <= end <= data.nbytes or (begin == 0 and end):
        raise UnjoinableError("a column is not in the file")
    return Chunk(data[begin:end], lengths[_LENGTH], pieces, [offset - begin for offset in offsets])


def joined(files: Sequence[Pieces], replaced: Pieces | None = None) -> list[bytes | memoryview]:
    """A Parquet file of the row groups of others, in their order, in pieces to be written one after the other.

    Before its footer are seals of what is before them, by which a part of it can be believed; see `column_seals`.

    replaced: columns that are taken in place of those of the same name, from a file with as many row groups of as
    many rows each.

    Raises UnjoinableError if the columns of the files are not the same, or those do not replace them.
    """
    first = files[0]
    if any(_alike(file) != _alike(first) for file in files):
        raise UnjoinableError("they are not alike in their columns or versions")
    groups = [group for file in files for group in file.groups]
    if replaced is not None:
        groups = _replaced(groups, first.columns, replaced)
    content: list[bytes | memoryview] = [MAGIC]
    at, written = len(MAGIC), []
    for ordinal, group in enumerate(groups):
        begin, columns = at, []
        for chunk in group.chunks:
            content.append(chunk.content)
            columns.append(_metadata(chunk, at))
            at += chunk.content.nbytes
        fields = [
            (_COLUMNS, LIST, list_of(columns)),
            (_BYTES, I64, number(sum(chunk.length for chunk in group.chunks))),
            (_ROWS_OF_GROUP, I64, number(group.rows)),
            (_BEGIN, I64, number(begin)),
            (_COMPRESSED, I64, number(at - begin)),
            (_ORDINAL, I16, number(ordinal)),
        ]
        written.append(struct_of(*fields))
    head = {
        **{field: (_KINDS[field], value) for field, value in first.head.items()},
        _ROWS: (I64, number(sum(group.rows for group in groups))),
        _GROUPS: (LIST, list_of(written)),
    }
    footer = struct_of(*((field, *head[field]) for field in sorted(head)))
    return [*content, table_of(content), footer, len(footer).to_bytes(4, "little"), MAGIC]


_KINDS = {_VERSION: 5, _SCHEMA: LIST, _ADDED: LIST, _CREATED_BY: BINARY, _ORDERS: LIST}


def _alike(file: Pieces) -> dict[int, bytes]:
    """What is the same in files that can be joined: all but by what they were written."""
    return {field: value for field, value in file.head.items() if field != _CREATED_BY}


def _replaced(groups: Sequence[Group], columns: Sequence[bytes], by: Pieces) -> list[Group]:
    if [group.rows for group in groups] != [group.rows for group in by.groups]:
        raise UnjoinableError("what replaces columns has not the rows of the row groups")
    places = {column: place for place, column in enumerate(columns)}
    if not places.keys() >= {*by.columns}:
        raise UnjoinableError("what replaces columns has others")
    found = []
    for group, new in zip(groups, by.groups, strict=True):
        chunks = list(group.chunks)
        for column, chunk in zip(by.columns, new.chunks, strict=True):
            chunks[places[column]] = chunk
        found.append(Group(group.rows, tuple(chunks)))
    return found


def _metadata(chunk: Chunk, begin: int) -> bytes:
    """What the footer says of a column that begins there."""
    pieces = [chunk.metadata[0]]
    for offset, after in zip(chunk.offsets, chunk.metadata[1:], strict=True):
        pieces += (number(begin + offset), after)
    return _BEFORE_METADATA + b"".join(pieces) + b"\0"


_BEFORE_METADATA = struct_of((_DEPRECATED, I64, number(0)), (_METADATA, STRUCT, b""))[:-1]
"""The beginning of a column: a place that is no longer used, and the header of its metadata."""
