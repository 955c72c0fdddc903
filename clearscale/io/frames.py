"""The frames of a zstd file, each of which can be decompressed without those before it.

`pzstd` writes frames of some megabytes, and so do tools that make seekable files; `zstd` writes a single one. Where
frames lie is found by their headers and those of their blocks, as RFC 8878 has them, without decompressing: Arrow,
which does that, does not tell.
"""

import io
from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate, pairwise
from typing import Any, BinaryIO, cast

from .compressed import DecompressionError, Opener, open_zstd

_MAGIC = 0xFD2FB528
_SKIPPED = range(0x184D2A50, 0x184D2A60)
"""Begins of frames that hold no content."""

_NUMBER = 4
"""Bytes of such a begin, of the length of a frame that holds no content, and of a checksum."""

_HEADER = 18
"""Bytes of a frame's header, at most."""

_BLOCK_HEADER = 3

_DICTIONARY, _LENGTH = (0, 1, 2, 4), (0, 2, 4, 8)
"""Bytes of a header's fields, by two bits of what describes it. A length of one byte is told by another bit."""

_SHORT_LENGTHS, _LEAST_SHORT = 2, 256
"""A length of two bytes counts from 256 on."""

_REPEATED = 1
"""The type of a block that is one byte, again and again."""

_LONGEST = 2**26
"""A frame is decompressed in one piece; files with longer ones are read from their beginning."""

_LONGEST_PACKED = 2 * _LONGEST
"""Nobody's frame has more for content of `_LONGEST`, only one whose header is damaged."""

_PIECE = 2**20
"""Bytes that are decompressed at a time."""


class UnevenFramesError(Exception):
    """A frame is longer or shorter than it was taken for."""


@dataclass(frozen=True)
class Frames:
    """Where frames lie. begins: in the file, and its end. places: of their content in that of all, and its end.

    Each has content: one of none counts as part of one next to it, so that it is decompressed with that. A header
    may say by damage that there is none.
    """

    begins: tuple[int, ...]
    places: tuple[int, ...]

    @property
    def length(self) -> int:
        """Bytes of the content."""
        return self.places[-1]


def frames_of(opener: Opener) -> Frames | None:
    """Find the frames of a zstd file.

    Headers need not tell how long a frame's content is. Then it is taken to be as long as that of the first frame
    that does not tell, and the last such frame is decompressed. Whoever reads a frame sees whether it is so.

    Parameters
    ----------
    opener
        Opens the file.

    Returns
    -------
    Frames or None
        None if there are fewer than two with content, if one is very long, or if this is no whole zstd file.

    Raises
    ------
    OSError
        If the file cannot be read.
    """
    with opener() as file:
        found = _walked(file)
        if found is None or len(found) <= 2:
            return None
        begins = [begin for begin, _ in found]
        told = [length for _, length in found[:-1]]
        if _longest_packed(begins) > _LONGEST_PACKED:
            return None
        untold = [place for place, length in enumerate(told) if length is None]
        ends: dict[int, int] = {}
        for place in {*untold[:1], *untold[-1:]}:
            try:
                ends[place] = len(_content(file, begins[place], begins[place + 1], _LONGEST))
            except (DecompressionError, EOFError):
                return None
            if ends[place] > _LONGEST:
                return None
    usual = ends[untold[0]] if untold else 0
    lengths = [ends.get(place, usual) if length is None else length for place, length in enumerate(told)]
    if max(lengths) > _LONGEST:
        return None
    frames = _with_content(begins, lengths)
    return frames if len(frames.begins) > 2 and _longest_packed(frames.begins) <= _LONGEST_PACKED else None


def _longest_packed(begins: Sequence[int]) -> int:
    return max(end - begin for begin, end in pairwise(begins))


def _with_content(begins: list[int], lengths: list[int]) -> Frames:
    """Frames that each have content. Those of none are parts of those before them, the first ones of the next."""
    kept = [place for place, length in enumerate(lengths) if length]
    places = accumulate((lengths[place] for place in kept), initial=0)
    return Frames((begins[0], *(begins[place] for place in kept[1:]), begins[-1]), tuple(places))


def open_frames(opener: Opener, frames: Frames) -> BinaryIO:
    """Open the content of a zstd file of these frames, to be read from any place.

    Reading raises as that of `open_zstd`, and UnevenFramesError for a frame that is not as long as expected.
    """
    return cast(BinaryIO, _Framed(opener(), frames))


class _Framed(io.RawIOBase):
    """The decompressed bytes of a file of known frames, one of which is in memory."""

    def __init__(self, file: BinaryIO, frames: Frames) -> None:
        self._file = file
        self._frames = frames
        self._position = 0
        self._held = -1
        self._content = memoryview(b"")

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        if self._position >= self._frames.length:
            return 0
        places = self._frames.places
        held = bisect_right(places, self._position) - 1
        if held != self._held:
            begins = self._frames.begins
            length = places[held + 1] - places[held]
            content = _content(self._file, begins[held], begins[held + 1], length)
            if len(content) != length:
                raise UnevenFramesError
            self._held, self._content = held, memoryview(content)
        begin = self._position - places[held]
        part = self._content[begin : begin + len(buffer)]
        buffer[: len(part)] = part
        self._position += len(part)
        return len(part)

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        if whence != io.SEEK_SET:
            raise io.UnsupportedOperation("a zstd file can be sought from its begin only")
        self._position = offset
        return offset

    def tell(self) -> int:
        return self._position

    def close(self) -> None:
        self._file.close()
        super().close()


def _content(file: BinaryIO, begin: int, end: int, most: int) -> bytes:
    """The content of the frames in these bytes of a file; of one that is longer than `most`, a little more."""
    file.seek(begin)
    packed = file.read(end - begin)
    pieces, size = [], 0
    with open_zstd(lambda: io.BytesIO(packed)) as content:
        while size <= most and (piece := content.read(_PIECE)):
            pieces.append(piece)
            size += len(piece)
    return b"".join(pieces)


def _walked(file: BinaryIO) -> list[tuple[int, int | None]] | None:
    """(begin, length of the content if it tells) of each frame with content, and (end of the file, 0).

    None if it does not end with a frame.
    """
    found: list[tuple[int, int | None]] = []
    at = 0
    while head := _read(file, at, _HEADER):
        if int.from_bytes(head[:_NUMBER], "little") in _SKIPPED:
            at += 2 * _NUMBER + int.from_bytes(head[_NUMBER : 2 * _NUMBER], "little")
        elif int.from_bytes(head[:_NUMBER], "little") == _MAGIC:
            header, length, checked = _described(head)
            found.append((at, length))
            end = _behind_blocks(file, at + header)
            if end is None:
                return None
            at = end + (_NUMBER if checked else 0)
        else:
            return None
        if not _read(file, at - 1, 1):
            return None
    return [*found, (at, 0)]


def _described(head: bytes) -> tuple[int, int | None, bool]:
    """(bytes of a frame's header, length of its content if it tells, whether a checksum follows its blocks)."""
    described = head[_NUMBER] if len(head) > _NUMBER else 0
    alone = bool(described >> 5 & 1)
    size = _LENGTH[described >> 6] or int(alone)
    before = _NUMBER + 1 + int(not alone) + _DICTIONARY[described & 3]
    length = int.from_bytes(head[before : before + size], "little")
    if size == _SHORT_LENGTHS:
        length += _LEAST_SHORT
    return before + size, length if size else None, bool(described >> 2 & 1)


def _behind_blocks(file: BinaryIO, at: int) -> int | None:
    """Where the blocks end that begin there, None if the file ends before."""
    last = False
    while not last:
        head = _read(file, at, _BLOCK_HEADER)
        if len(head) < _BLOCK_HEADER:
            return None
        number = int.from_bytes(head, "little")
        last = bool(number & 1)
        at += _BLOCK_HEADER + (1 if number >> 1 & 3 == _REPEATED else number >> 3)
    return at


def _read(file: BinaryIO, at: int, size: int) -> bytes:
    file.seek(at)
    return file.read(size)
