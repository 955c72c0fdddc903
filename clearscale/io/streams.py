"""The bytes within bzip2 and xz files, of any number of streams one behind the other.

Python's own readers of them pass over whatever follows the first stream and is no stream. Where the begin of a
later one is damaged, that is the rest of the file.
"""

import bz2
import io
import lzma
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any, BinaryIO, cast

from .compressed import DecompressionError, pass_over

_READ = 2**15
"""Compressed bytes that are read at a time. Those behind a stream's end are copied once for each stream in them."""

_MEMORY = 2**30
"""For which an xz file may ask to be decompressed: `xz -9` asks for 2**26, damage for anything."""

_XZ_BEGIN = b"\xfd"
"""A file that begins otherwise is of the older format, which ends with its only stream."""


@dataclass(frozen=True)
class _Kind:
    """How files of a compression are read.

    first, later: make what decompresses a stream. padding: zero bytes may stand behind a stream by so many, if any.
    """

    first: Callable[[], Any]
    later: Callable[[], Any]
    padding: int = 0


_XZ = _Kind(
    partial(lzma.LZMADecompressor, lzma.FORMAT_AUTO, _MEMORY),
    partial(lzma.LZMADecompressor, lzma.FORMAT_XZ, _MEMORY),
    padding=4,
)

_KINDS = {"bz2": _Kind(bz2.BZ2Decompressor, bz2.BZ2Decompressor), "xz": _XZ, "lzma": _XZ}

OF_STREAMS = frozenset(_KINDS)
"""Compressions that are read here, as fsspec calls them."""


def open_streams(beneath: BinaryIO, compression: str) -> BinaryIO:
    """Open the content of a bzip2 or xz file.

    Parameters
    ----------
    beneath
        The file, open at its beginning.
    compression
        One of `OF_STREAMS`.

    Returns
    -------
    BinaryIO
        Reading it raises DecompressionError for bytes that are not of the compression, and EOFError where the file
        ends within a stream. Closing it closes the file beneath.
    """
    return cast(BinaryIO, _Streams(beneath, _KINDS[compression]))


class _Streams(io.RawIOBase):
    """The decompressed bytes of a file of streams; sought backward by reading it anew."""

    def __init__(self, beneath: BinaryIO, kind: _Kind) -> None:
        self._beneath = beneath
        self._kind = kind
        self._begin()

    def _begin(self) -> None:
        self._stream: Any = None
        self._packed = b""
        self._position = 0
        self._alone = self._ended = False

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        filled = 0
        while filled < len(buffer) and (piece := self._decompressed(len(buffer) - filled)):
            buffer[filled : filled + len(piece)] = piece
            filled += len(piece)
        self._position += filled
        return filled

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        if whence == io.SEEK_END:
            while self.read(2**20):
                pass
        if whence != io.SEEK_SET:
            offset += self._position
        if offset < self._position:
            self._beneath.seek(0)
            self._begin()
        pass_over(self, offset - self._position)
        return self._position

    def close(self) -> None:
        self._beneath.close()
        super().close()

    def _decompressed(self, size: int) -> bytes:
        """Bytes of the content, at most so many; none at its end."""
        piece = b""
        while not piece and not self._ended:
            if self._stream is None:
                self._begin_first()
            elif self._stream.eof:
                self._begin_another()
            else:
                if not self._packed and self._stream.needs_input:
                    self._packed = self._more()
                packed, self._packed = self._packed, b""
                try:
                    piece = self._stream.decompress(packed, size)
                except (lzma.LZMAError, OSError, ValueError) as error:  # the last two are those of bzip2
                    raise DecompressionError(f"{error}") from None
        return piece

    def _more(self) -> bytes:
        packed = self._beneath.read(_READ)
        if not packed:
            raise EOFError("the file ends before its content does")
        return packed

    def _begin_first(self) -> None:
        self._packed = self._more()
        self._alone = self._kind is _XZ and not self._packed.startswith(_XZ_BEGIN)
        self._stream = self._kind.first()

    def _begin_another(self) -> None:
        """Begin the stream behind one that ended, if the file does not end there."""
        packed, padding = self._stream.unused_data or self._beneath.read(_READ), 0
        while packed and self._kind.padding and not self._alone:
            rest = packed.lstrip(b"\0")
            padding += len(packed) - len(rest)
            packed = rest or self._beneath.read(_READ)
            if rest:
                break
        if packed and self._alone:
            raise DecompressionError("more stands behind its end")
        if padding and padding % self._kind.padding:
            raise DecompressionError(f"{padding} zero bytes stand behind a stream")
        if packed:
            self._packed, self._stream = packed, self._kind.later()
        else:
            self._ended = True
