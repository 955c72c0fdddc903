"""Seals of the columns of a Parquet file's row groups, for who reads some of them and nothing else of the file.

They are a table before the footer, of the pieces that the file has before it: its beginning, and each column of
each row group, in order. A piece has its length and its CRC-32; behind them is how many pieces there are. All are
numbers of 4 bytes, the lowest first. With the checksum of the table and of what is behind it, the checksum of the
whole file follows from that. So the file's seal vouches for the footer, and for each column where it stands, though
nothing else is fetched.
"""

import zlib
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import accumulate
from typing import Any

import numpy as np

from .joined_crc import joined_crc
from .seals import Seal, seal_of

_TAIL = 8
"""Bytes behind the footer: its length, and what tells the format."""

_NUMBER = np.dtype("<u4")
_SEAL = 2 * _NUMBER.itemsize


def table_of(pieces: Iterable[Any]) -> bytes:
    """The table of a file that begins with these pieces, to be written behind them."""
    seals = np.array([seal_of(piece) for piece in pieces], _NUMBER)
    return seals.tobytes() + np.array(len(seals), _NUMBER).tobytes()


def end_length(end: Any) -> int:
    """How many bytes a file's table and what is behind it have, as far as some bytes at its end tell.

    Where that is more than they are, it may be more still.
    """
    view = memoryview(end)
    behind = _number(view, _TAIL) + _TAIL
    table = behind + _NUMBER.itemsize
    return table if table > view.nbytes else table + _number(view, table) * _SEAL


def _number(view: memoryview, before_end: int) -> int:
    place = view.nbytes - before_end
    return int.from_bytes(view[place : place + _NUMBER.itemsize], "little")


@dataclass(frozen=True)
class ColumnSeals:
    """The seals of all columns of all row groups, and where they begin in the file."""

    starts: tuple[int, ...]
    seals: tuple[Seal, ...]

    @classmethod
    def read(cls, end: Any, file: Seal) -> "ColumnSeals | None":
        """Those in a file; None if it has no table, or is not what was written as far as that tells.

        end: its bytes from its table on, see `end_length`. file: its seal.
        """
        view = memoryview(end)
        footer = _number(view, _TAIL) + _TAIL + _NUMBER.itemsize
        numbers = np.frombuffer(view[: view.nbytes - footer], _NUMBER)
        pieces = [Seal(int(length), int(crc)) for length, crc in numbers.reshape(-1, 2)]
        lengths, crcs = zip(*pieces, (view.nbytes, zlib.crc32(view)), strict=True)
        if sum(lengths) != file.length or joined_crc(lengths, crcs) != file.crc:
            return None
        return cls(tuple(accumulate(lengths[:-2])), tuple(pieces[1:]))
