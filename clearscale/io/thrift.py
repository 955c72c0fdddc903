"""The compact protocol of Thrift, in which footers of Parquet files are written, as far as one is changed.

See https://github.com/apache/thrift/blob/master/doc/specs/thrift-compact-protocol.md.
"""

from collections.abc import Callable, Mapping
from types import MappingProxyType

BYTE, I16, I32, I64, DOUBLE, BINARY, LIST, SET, MAP, STRUCT = range(3, 13)
"""Types; 1 and 2 are true and false."""
_NUMBERS = frozenset([I16, I32, I64])
_STOP = b"\0"
_LONG_LIST = 15
"""The size in the first byte of a list that has its size behind it."""
_DEEPEST = 16


Field = tuple[int, int, int, int]
"""A field of a struct: its number, its type, and where its value begins and ends."""


Reader = Callable[[bytes, int], int]
"""Reads the value that begins there; returns where it ends."""


def fields_in(
    data: bytes, at: int, readers: Mapping[int, Reader] = MappingProxyType({}), depth: int = 0
) -> tuple[list[Field], int]:
    """The fields of the struct that begins there, and where it ends. Raises IndexError or ValueError if it is none.

    readers: of the values of some fields, so that what is in them is not gone through twice.
    """
    found: list[Field] = []
    field = 0
    while head := data[at]:
        at += 1
        if step := head >> 4:
            field += step
        else:
            zigzag, at = unsigned(data, at)
            field = zigzag >> 1 ^ -(zigzag & 1)
        start, kind = at, head & 15
        if kind in _NUMBERS:
            while data[at] > 127:
                at += 1
            at += 1
        elif (read := readers.get(field)) is not None:
            at = read(data, at)
        else:
            at = _end_of(data, at, kind, depth)
        found.append((field, kind, start, at))
    return found, at + 1


def items_in(data: bytes, at: int) -> tuple[int, int, int]:
    """Of the list that begins there: the type of its items, how many, and where the first begins."""
    kind, size = data[at] & 15, data[at] >> 4
    at += 1
    if size == _LONG_LIST:
        size, at = unsigned(data, at)
    return kind, size, at


def unsigned(data: bytes, at: int) -> tuple[int, int]:
    """The number that begins there, and where it ends."""
    value, shift = 0, 0
    while (byte := data[at]) > 127:
        value |= (byte & 127) << shift
        shift += 7
        at += 1
    return value | byte << shift, at + 1


def signed(data: bytes, at: int) -> int:
    """The number of a field that begins there."""
    value, _ = unsigned(data, at)
    return value >> 1 ^ -(value & 1)


def number(value: int) -> bytes:
    """A number that is not negative, as the value of a field."""
    return _bytes_of(value << 1)


def struct_of(*fields: tuple[int, int, bytes]) -> bytes:
    """A struct of fields: the number, the type and the value of each, numbers ascending."""
    pieces: list[bytes] = []
    before = 0
    for field, kind, value in fields:
        pieces += (bytes([(field - before) << 4 | kind]), value)
        before = field
    return b"".join([*pieces, _STOP])


def list_of(items: list[bytes], kind: int = STRUCT) -> bytes:
    """A list of values of one type."""
    size = len(items)
    head = bytes([size << 4 | kind]) if size < _LONG_LIST else bytes([_LONG_LIST << 4 | kind]) + _bytes_of(size)
    return head + b"".join(items)


def _bytes_of(value: int) -> bytes:
    found = bytearray()
    while value > 127:
        found.append(value & 127 | 128)
        value >>= 7
    found.append(value)
    return bytes(found)


def _end_of(data: bytes, at: int, kind: int, depth: int) -> int:
    """Where the value ends that begins there."""
    if kind in _NUMBERS:
        while data[at] > 127:
            at += 1
        at += 1
    elif kind == BINARY:
        length, at = unsigned(data, at)
        at += length
    elif kind in (LIST, SET):
        kind, size, at = items_in(data, at)
        at = _end_of_items(data, at, (kind,), size, depth + 1)
    elif kind == STRUCT:
        at = _end_of_struct(data, at, depth + 1)
    elif kind == MAP:
        size, at = unsigned(data, at)
        if size:
            kinds, at = data[at], at + 1
            at = _end_of_items(data, at, (kinds >> 4, kinds & 15), size, depth + 1)
    elif kind == BYTE:
        at += 1
    elif kind == DOUBLE:
        at += 8
    elif kind not in (1, 2):
        raise ValueError(f"there is no type {kind}")
    if at > len(data):
        raise IndexError("a value goes beyond the end")
    return at


def _end_of_struct(data: bytes, at: int, depth: int) -> int:
    if depth > _DEEPEST:
        raise ValueError("structs stand in structs too deep")
    while head := data[at]:
        at += 1
        if head < 16:  # the number of the field, where it is far from the one before
            at = _end_of(data, at, I16, depth)
        if head & 15 in _NUMBERS:
            while data[at] > 127:
                at += 1
            at += 1
        else:
            at = _end_of(data, at, head & 15, depth)
    return at + 1


def _end_of_items(data: bytes, at: int, kinds: tuple[int, ...], size: int, depth: int) -> int:
    if size > len(data) or depth > _DEEPEST:
        raise ValueError("a list has more items than bytes, or stands in lists too deep")
    for _ in range(size):
        for kind in kinds:
            if kind == STRUCT:
                at = _end_of_struct(data, at, depth + 1)
            elif kind in _NUMBERS:
                while data[at] > 127:
                    at += 1
                at += 1
            else:
                at = at + 1 if kind in (1, 2) else _end_of(data, at, kind, depth)
    return at
