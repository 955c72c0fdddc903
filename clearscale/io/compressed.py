"""The bytes within compressed files."""

import io
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from functools import partial
from typing import IO, Any, BinaryIO, Protocol, cast

import pyarrow as pa

Opener = Callable[[], BinaryIO]
"""Opens the file beneath; called again for each new begin."""

_Told = Callable[[], AbstractContextManager[None]]


class _Closed(Protocol):
    def close(self) -> None: ...


class DecompressionError(Exception):
    """The bytes of a file are not of the compression that its name promises."""


class _ZstdFile(io.RawIOBase):
    """The decompressed bytes of a zstd file of any number of frames; sought backward by reading it anew."""

    def __init__(self, opener: Opener) -> None:
        self._opener = opener
        self._begin()

    def _begin(self) -> None:
        self._stream = pa.CompressedInputStream(pa.PythonFile(self._opener(), mode="r"), "zstd")
        self._position = 0

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        try:
            size: int = self._stream.readinto(buffer)
        except OSError as error:
            if error.errno is not None:  # of the file beneath, not of its content
                raise
            if str(error) == "Truncated compressed stream":
                raise EOFError("the file ends before its content does") from None
            detail = str(error).partition(": ")[2] or error
            raise DecompressionError(f"zstd decompressor error: {detail}") from None
        self._position += size
        return size

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        if whence != io.SEEK_SET:
            raise io.UnsupportedOperation("a zstd file can be sought from its begin only")
        if offset < self._position:
            self._stream.close()
            self._begin()
        pass_over(self, offset - self._position)
        return self._position

    def close(self) -> None:
        self._stream.close()
        super().close()


def open_zstd(opener: Opener) -> BinaryIO:
    """Open a zstd file.

    Reading raises DecompressionError for bytes that are no zstd, and EOFError where it ends within a frame.
    """
    return cast(BinaryIO, _ZstdFile(opener))


def pass_over(file: BinaryIO | io.RawIOBase, size: int) -> None:
    """Read so many bytes of a file for nothing, or those that it has left. size: not above 0 for none."""
    while size > 0 and (piece := file.read(min(size, 2**20))):
        size -= len(piece)


class _Within(io.RawIOBase):
    def __init__(self, content: IO[bytes], beneath: _Closed, told: _Told) -> None:
        self._told = told
        self._content = cast(io.BufferedIOBase, content)
        self._beneath = beneath

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        with self._told():
            return self._content.readinto(buffer)

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        with self._told():
            return self._content.seek(offset, whence)

    def close(self) -> None:
        try:
            self._content.close()
        finally:
            self._beneath.close()
            super().close()


def within(content: IO[bytes], beneath: _Closed, told: _Told) -> BinaryIO:
    """The decompressed bytes of a file; closing them closes the file beneath, which libraries leave open.

    told: within it a library works, so that its errors are told in other words.
    """
    return cast(BinaryIO, _Within(content, beneath, told))


def open_compressed(beneath: BinaryIO, compression: str) -> BinaryIO:
    """Open the content of a file that is compressed as fsspec calls it, such as `gzip`, `lz4`."""
    from fsspec.compression import compr

    content = compr[compression](beneath, mode="r")
    errors = _errors_of_isal() if compression == "gzip" else ()
    return within(content, beneath, partial(_damage_told_by, errors))


@contextmanager
def _damage_told_by(errors: tuple[type[Exception], ...]) -> Iterator[None]:
    """Raise DecompressionError for errors with which a library tells of damage."""
    try:
        yield
    except errors as error:
        raise DecompressionError(f"{error}") from None


def _errors_of_isal() -> tuple[type[Exception], ...]:
    """The errors of what fsspec takes for gzip where it is installed."""
    try:
        from isal.igzip_lib import IsalError
    except ImportError:
        return ()
    return (IsalError,)
