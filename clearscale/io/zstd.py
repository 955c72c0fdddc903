"""Reading zstd files. The library's own reader takes a file that was cut short for a whole one."""

import io
from typing import Any, BinaryIO

import zstandard

_PIECE = 2**16
"""Compressed bytes that are decompressed at a time."""


class ZstdFile(io.RawIOBase):
    """The decompressed bytes of an open zstd file of any number of frames; can be sought forward only.

    Raises zstandard.ZstdError for bytes that are no zstd, EOFError for a file that ends within a frame.
    """

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self._frame: Any = None
        self._compressed = b""
        self._ready = memoryview(b"")
        self._position = 0

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        while not self._ready and self._decompress():
            pass
        size = min(len(buffer), len(self._ready))
        buffer[:size] = self._ready[:size]
        self._ready = self._ready[size:]
        self._position += size
        return size

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        if whence != io.SEEK_SET or offset < self._position:
            raise io.UnsupportedOperation("a zstd file can be sought forward only")
        while self._position < offset and self.read(min(offset - self._position, 2**20)):
            pass
        return self._position

    def close(self) -> None:
        self._file.close()
        super().close()

    def _decompress(self) -> bool:
        """Make more bytes ready; False at the end of the file."""
        self._compressed = self._compressed or self._file.read(_PIECE)
        if not self._compressed:
            if self._frame is not None:
                raise EOFError("the file ends before its content does")
            return False
        self._frame = self._frame or zstandard.ZstdDecompressor().decompressobj()
        self._ready = memoryview(self._frame.decompress(self._compressed))
        self._compressed = self._frame.unused_data
        if self._frame.eof:
            self._frame = None
        return True
