"""The extract in a ZIP archive, which Python's `zipfile` reads.

Of a damaged archive that tells by errors of all kinds, and it asks for places that the file does not have.
"""

import contextlib
import io
import lzma
import struct
import zipfile
import zlib
from collections.abc import Iterator
from functools import partial
from typing import IO, BinaryIO, cast

from clearscale.errors import ExtractError

from .compressed import DecompressionError, within

_LISTED = 8
"""Members of an archive in a message."""

_ENCRYPTED = 1
"""The bit of a member's flags that says so."""

_END, _LONGEST_END, _COUNT_AT = b"PK\5\6", 22 + 2**16, 10
"""How an archive's end begins, how long it is with its comment, and where in it the number of members stands."""

_COUNTED = 2**16 - 1
"""Members that are counted there; this number stands for more, too."""

_DAMAGED = (IndexError, OverflowError, RuntimeError, UnicodeError, ValueError, struct.error)
"""What else `zipfile` raises of a damaged archive, in words that are about Python."""


def open_zipped(file: BinaryIO, name: str) -> BinaryIO:
    """Open the one extract in a ZIP archive.

    Parameters
    ----------
    file
        The archive, open.
    name
        Its file name, for messages.

    Returns
    -------
    BinaryIO
        The extract's bytes; reading them raises DecompressionError where they are damaged.

    Raises
    ------
    DecompressionError
        If it is no archive, or a damaged one.
    ExtractError
        If it is encrypted, or does not hold just one extract.
    """
    with contextlib.ExitStack() as on_error:
        on_error.callback(file.close)
        inside = _Inside(file)
        with _told(inside):
            try:
                archive = zipfile.ZipFile(cast(IO[bytes], inside))
                members = archive.infolist()
                _require_all(archive, members, inside)
                opened = within(archive.open(_extract_in(members, name)), inside, partial(_told, inside))
            except NotImplementedError as error:
                raise ExtractError(
                    f"{name}: its content is compressed in a way that is not read ({error}); take it out of the "
                    "archive"
                ) from None
        on_error.pop_all()
    return opened


@contextlib.contextmanager
def _told(inside: "_Inside") -> Iterator[None]:
    """Raise DecompressionError for what `zipfile` tells of damage, and what reading the archive raised as it is."""
    try:
        yield
    except Exception as error:
        if inside.failure is not None:
            raise inside.failure from None
        if isinstance(error, (zipfile.BadZipFile, zlib.error, lzma.LZMAError)):
            raise DecompressionError(f"{error}") from None
        if isinstance(error, EOFError):
            raise DecompressionError("the file ends before its content does") from None
        if isinstance(error, OSError):  # as bzip2 tells it, and `_Inside`
            raise DecompressionError(f"{error}") from None
        if isinstance(error, _DAMAGED) and not isinstance(error, NotImplementedError):
            raise DecompressionError("what the archive says of its content is damaged") from None
        raise


class _Inside:
    """A file that is asked for places within it only, and for no more bytes than it has.

    failure: what was raised while it was read, which `zipfile` may take for damage.
    """

    def __init__(self, file: BinaryIO) -> None:
        self.failure: Exception | None = None
        self._file = file
        self._length = file.seek(0, io.SEEK_END)
        self._position = self._length

    def count(self) -> int:
        """The number of members that the archive's end says."""
        self.seek(-min(_LONGEST_END, self._length), io.SEEK_END)
        end = self.read()
        at = end.rindex(_END) + _COUNT_AT
        return int.from_bytes(end[at : at + 2], "little")

    def seekable(self) -> bool:
        return True

    def tell(self) -> int:
        return self._position

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        place = offset + (0, self._position, self._length)[whence]
        if not 0 <= place <= self._length:
            raise OSError("the archive tells of a place outside of it")
        self._position = place
        return place

    def read(self, size: int = -1) -> bytes:
        left = self._length - self._position
        try:
            self._file.seek(self._position)
            piece = self._file.read(left if size < 0 else min(size, left))
        except Exception as error:
            self.failure = error
            raise
        self._position += len(piece)
        return piece

    def close(self) -> None:
        self._file.close()


def _require_all(archive: zipfile.ZipFile, members: list[zipfile.ZipInfo], inside: "_Inside") -> None:
    """Raise BadZipFile where damage hides a member, or that it is an extract.

    Its entry may lie within one that is too long, and its name be another than where it lies.
    """
    if len(members) % (_COUNTED + 1) != inside.count() != _COUNTED:
        raise zipfile.BadZipFile("it has another number of files than it says")
    if len(members) > 1:
        for member in members:
            with contextlib.suppress(RuntimeError):  # that it is encrypted, or compressed in a way that is not read
                archive.open(member).close()


def _extract_in(members: list[zipfile.ZipInfo], name: str) -> zipfile.ZipInfo:
    """The only member, or the only one that is CSV. What systems add of their own does not count."""
    files = [member for member in members if not member.is_dir() and not _is_of_a_system(member.filename)]
    named = [member for member in files if member.filename.lower().endswith(".csv")]
    chosen = files if len(files) == 1 else named
    if len(chosen) != 1:
        listed = ", ".join(ascii(member.filename)[1:-1] for member in files[:_LISTED])
        more = f" and {len(files) - _LISTED} more" if len(files) > _LISTED else ""
        held = f"holds {len(files)} files ({listed}{more})" if files else "is an empty archive"
        raise ExtractError(
            f"{name}: {held}, and an archive is read if it holds one extract. Nothing of it was stored. "
            "Take the extracts out of it and name each."
        )
    if chosen[0].flag_bits & _ENCRYPTED:
        raise ExtractError(
            f"{name}: is encrypted with a password. Nothing of it was stored. Take the extract out of the archive."
        )
    return chosen[0]


def _is_of_a_system(path: str) -> bool:
    last = path.rpartition("/")[2]
    return path.startswith("__MACOSX/") or last.startswith(".") or last.lower() in ("thumbs.db", "desktop.ini")
