"""The bytes within long gzip files, decompressed on several threads by rapidgzip, a package, where it is installed.

It takes some files that Python's gzip refuses, refuses some that that takes, and tells errors in other words. So
where rapidgzip fails, a file is to be read again in the usual way from its beginning (`NotTakenError`), which
decides and tells; what one gave is never put together with what the other gives. Where it might take what is not to
be taken, it is not asked (see `_BEGIN`) or not believed (`_MARK`).
"""

import atexit
import gzip
import io
import os
import threading
import weakref
from collections import OrderedDict
from importlib.util import find_spec
from typing import Any, BinaryIO, cast

from clearscale.errors import StorageError

from .compressed import Opener, open_compressed

LEAST_THREADS, MOST_THREADS = 4, 8
"""A thread that begins in the midst of a file must find out what was before: two take twice the processor's time of
Python's gzip, so fewer than four gain nothing. What eight give nobody reads as fast, and each takes some 50 MB."""

_CHUNK = 2**19
"""Compressed bytes that a thread takes at a time: some 7 MB of text."""

_READ = 2**24
"""Bytes of text that are read at a time: fewer than a chunk has, and rapidgzip takes twice the memory."""

_BEGIN = b"\x1f\x8b\x08"
_UNUSUAL = 0b11100010
"""Flags of a header that readers of gzip do not agree about: a checksum of the header, and what no standard has."""

_MARK = 16
"""Bytes that nobody can foresee, as a member of their own behind the file's end. Where rapidgzip gives them last,
all before them was whole members; at the end of a file it passes over a begun one, and over some other bytes."""


def is_installed() -> bool:
    """Whether rapidgzip is installed."""
    return find_spec("rapidgzip") is not None


def least_threads() -> int:
    """How many threads are faster than what reads gzip otherwise: Python's, or isal where it is installed."""
    return LEAST_THREADS if find_spec("isal") is None else MOST_THREADS


def threads_of(share: float, cores: int, least: int = LEAST_THREADS) -> int:
    """How many threads decompress a file.

    Parameters
    ----------
    share
        Its part of the bytes of all files that are decompressed at the same time, which share the machine.
    cores
        Those that this process may use.
    least
        Fewer threads gain nothing; see `least_threads`.

    Returns
    -------
    int
        0 if rapidgzip would gain nothing.
    """
    threads = min(int(cores * share), MOST_THREADS)
    return threads if threads >= least else 0


def open_gzip(opener: Opener, threads: int) -> BinaryIO:
    """Open the content of a gzip file, to read it from its beginning to its end.

    Parameters
    ----------
    opener
        Opens the file.
    threads
        How many decompress it, if rapidgzip is installed; 0: it is not to be used.

    Returns
    -------
    BinaryIO
        Reading it raises what that of `open_compressed` raises; with threads, NotTakenError instead, but for errors
        of the file beneath.
    """
    if threads and is_installed():
        beneath = opener()
        try:
            return cast(BinaryIO, _Parallel(beneath, threads))
        except BaseException as error:
            beneath.close()
            if not isinstance(error, _NotForItError):
                raise
    return open_compressed(opener(), "gzip")


class NotTakenError(Exception):
    """A file that rapidgzip reads no further: who wants it opens it anew without threads."""


class _NotForItError(Exception):
    """A file that rapidgzip is not to read."""


class _Parallel(io.RawIOBase):
    """The content of a file, by rapidgzip."""

    def __init__(self, beneath: BinaryIO, threads: int) -> None:
        self._beneath = beneath
        self._read = memoryview(bytearray(_READ))
        self._begin = self._end = 0  # in what was read; the last bytes of it may be the mark
        self._content: Any = None
        self._lock = threading.Lock()
        self._mark = os.urandom(_MARK)
        self._packed = _Packed(beneath, gzip.compress(self._mark), 2 * threads + 8)
        begin = self._packed.read(len(_BEGIN) + 1)
        if not begin.startswith(_BEGIN) or begin[-1] & _UNUSUAL:
            raise _NotForItError
        self._packed.seek(0)
        _open.add(self)
        try:
            from rapidgzip import RapidgzipFile

            self._content = RapidgzipFile(self._packed, threads, chunk_size=_CHUNK)
        except Exception:  # also where this machine cannot load it
            self._packed.raise_failure()
            raise _NotForItError from None

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        with self._lock:
            if self._content is None:
                raise ValueError("I/O operation on closed file")
            try:
                return self._taken(buffer)
            except Exception:  # whatever is wrong, the other reader tells
                self._packed.raise_failure()
                raise NotTakenError from None

    def _taken(self, buffer: Any) -> int:
        """As `readinto`, by rapidgzip. Raises ValueError if the mark is not at the end."""
        while self._end - self._begin <= _MARK:
            kept = self._end - self._begin
            self._read[:kept] = self._read[self._begin : self._end]
            size: int = self._content.readinto(self._read[kept:])
            self._begin, self._end = 0, kept + size
            if not size:
                if self._read[:kept] != self._mark:
                    raise ValueError("the file does not end with a member's end")
                return 0
        taken = min(len(buffer), self._end - self._begin - _MARK)
        buffer[:taken] = self._read[self._begin : self._begin + taken]
        self._begin += taken
        return taken

    def _let_go(self) -> None:
        content, self._content = self._content, None
        if content is not None:
            content.close()

    def close(self) -> None:
        with self._lock:
            try:
                self._let_go()
            finally:
                self._beneath.close()
                super().close()


_open: weakref.WeakSet[_Parallel] = weakref.WeakSet()


@atexit.register
def _close_all() -> None:
    """The process would abort at its end if rapidgzip still had a file open."""
    for file in list(_open):
        file.close()


class _Packed(io.RawIOBase):
    """A compressed file, read from places near each other, and more bytes behind its end.

    Threads ask for places in no order, and storages give a file fastest from its beginning to its end. So it is
    read in that order, and the last pieces are kept. kept: how many.
    """

    def __init__(self, beneath: BinaryIO, more: bytes, kept: int) -> None:
        self._beneath = beneath
        self._more = more
        self._kept = kept
        self._pieces: OrderedDict[int, bytes] = OrderedDict()
        self._position = self._next = 0
        self._failure: BaseException | None = None
        try:
            self._length = beneath.seek(0, io.SEEK_END)
            beneath.seek(0)
        except (
            OSError,
            ValueError,
            TypeError,
            StorageError,
        ):  # a storage that gives files from their beginning only
            raise _NotForItError from None

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def tell(self) -> int:
        return self._position

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        self._position = offset + (0, self._position, self._length + len(self._more))[whence]
        return self._position

    def readinto(self, buffer: Any) -> int:
        try:
            piece = self._at(self._position, len(buffer))
        except BaseException as error:  # of a storage, or Ctrl-C; rapidgzip would tell it as one of its own
            self._failure = error
            raise
        buffer[: len(piece)] = piece
        self._position += len(piece)
        return len(piece)

    def raise_failure(self) -> None:
        """Raise what went wrong in reading, if something did."""
        if self._failure is not None:
            raise self._failure

    def _at(self, place: int, size: int) -> bytes:
        if place >= self._length:
            begin = place - self._length
            return self._more[begin : begin + size]
        number, begin = divmod(place, _CHUNK)
        while self._next <= number:
            self._keep(self._next)
            self._next += 1
        if number not in self._pieces:
            self._keep(number)
        return self._pieces[number][begin : begin + size]

    def _keep(self, number: int) -> None:
        begin = number * _CHUNK
        if self._beneath.tell() != begin:
            self._beneath.seek(begin)
        piece = b""
        wanted = min(_CHUNK, self._length - begin)
        while len(piece) < wanted and (more := self._beneath.read(wanted - len(piece))):
            piece += more
        self._pieces[number] = piece
        if len(self._pieces) > self._kept:
            self._pieces.popitem(last=False)
