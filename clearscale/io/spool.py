"""Extracts that can be read once only, such as pipes and standard input, copied into private files while needed.

An extract is read several times, and by several processes. A copy is a file of mode 0600 in a folder of mode 0700,
below the folder for temporary files (TMPDIR), and is removed when the work ends, also by Ctrl-C; that of a process
that was killed, when the next is made.
"""

import contextlib
import os
import select
import stat
import sys
from collections.abc import Iterator, Sequence
from io import FileIO
from pathlib import Path

from clearscale.errors import ExtractError

from .magic import kind_of
from .private import owner_only

STANDARD_INPUT = "-"
"""A path that stands for standard input, where no file of this name is there."""

_INSTEAD = "name a file, or pipe an extract into the command"

_STREAMS = ("/dev/stdin", "/dev/fd/", "/proc/self/fd/")
"""Paths that mean something to this process only."""

_PIECE = 2**20

_TELLING = 2**12
"""Bytes that tell what a file is."""

_KINDS = (
    (stat.S_ISDIR, "a folder"),
    (stat.S_ISCHR, "a device"),
    (stat.S_ISBLK, "a device"),
    (stat.S_ISSOCK, "a socket"),
)


@contextlib.contextmanager
def readable(paths: Sequence[str]) -> Iterator[list[str]]:
    """Yield paths that can be read again and again, in the order of those given; URLs and files stay as they are.

    Raises ExtractError for what is no file and no pipe, and for standard input that is a terminal or given twice.
    """
    with Spool() as spool:
        yield [spool.path_of(path) for path in paths]


class Spool:
    """Copies of what can be read once only, each in a folder of its own, until a `with` statement ends."""

    def __init__(self) -> None:
        self._folder: Path | None = None
        self._resources = contextlib.ExitStack()
        self._read: set[tuple[int, int]] = set()
        self._count = 0

    def path_of(self, path: str) -> str:
        """Return a path of the same content that can be read again: a copy of a pipe, otherwise the path itself.

        Raises ExtractError as `readable`, and OSError where a pipe cannot be read.
        """
        if "://" in path:
            return path
        if path == STANDARD_INPUT and not Path(path).exists():
            return self._of_standard_input()
        try:
            status = Path(path).stat()
        except (OSError, ValueError):
            return path  # whoever reads it says what is wrong
        if stat.S_ISREG(status.st_mode):
            return self._of_stream(path, status) if path.startswith(_STREAMS) else path
        if stat.S_ISFIFO(status.st_mode):
            self._once(path, status)
            with Path(path).open("rb", buffering=0) as pipe:
                return self._copy(pipe, _name_of(path))
        self._refuse(path, status)
        return path

    def __enter__(self) -> "Spool":
        return self

    def __exit__(self, *_: object) -> None:
        self._resources.close()

    def _of_standard_input(self) -> str:
        try:
            number = sys.stdin.fileno()
        except (AttributeError, OSError, ValueError):
            raise ExtractError(f"standard input is closed; {_INSTEAD}") from None
        status = os.fstat(number)
        if os.isatty(number):
            raise ExtractError(f"standard input is a terminal; {_INSTEAD}")
        if not stat.S_ISREG(status.st_mode) and not stat.S_ISFIFO(status.st_mode):
            self._refuse("standard input", status)
        self._once("standard input", status)
        with open(number, "rb", buffering=0, closefd=False) as stream:
            return self._copy(stream, "standard-input")

    def _of_stream(self, path: str, status: os.stat_result) -> str:
        """Return where a file lies that a stream of this process reads; a copy if it has no name any more."""
        place = Path(path).resolve()
        with contextlib.suppress(OSError):
            if os.path.samestat(place.stat(), status):
                return str(place)
        with Path(path).open("rb", buffering=0) as stream:
            return self._copy(stream, _name_of(path))

    def _once(self, path: str, status: os.stat_result) -> None:
        key = (status.st_dev, status.st_ino)
        if key in self._read:
            raise ExtractError(f"{path}: can be read once only, and is given twice")
        self._read.add(key)

    @staticmethod
    def _refuse(path: str, status: os.stat_result) -> None:
        for is_kind, name in _KINDS:
            if is_kind(status.st_mode):
                raise ExtractError(f"{path}: is {name}, not an extract; name a file or a pipe")

    # Streams have no buffer: where one reads on by itself, Ctrl-C between two of its readings would go unseen.
    def _copy(self, stream: FileIO, name: str) -> str:
        if self._folder is None:
            from clearscale_cluster.scratch import scratch_folder  # what most commands never need

            self._folder = self._resources.enter_context(scratch_folder("spool"))
        self._count += 1
        folder = self._folder / str(self._count)
        folder.mkdir(mode=0o700)
        pieces = _pieces(stream)
        first = b""
        for piece in pieces:
            first += piece
            if len(first) >= _TELLING:
                break
        kind = kind_of(first)
        ending = kind.ending if kind is not None else ""
        target = folder / (name if "." in name else f"{name}.csv{ending}")
        try:
            with open(target, "xb", opener=owner_only) as file:
                file.write(first)
                for piece in pieces:
                    file.write(piece)
        except OSError as error:
            why = error.strerror or type(error).__name__
            raise ExtractError(
                f"{name}: cannot be kept in {self._folder.parent} while it is read ({why}); set TMPDIR to a folder "
                "with more room, or name a file"
            ) from None
        return str(target)


def _pieces(stream: FileIO) -> Iterator[bytes]:
    """Yield what a stream gives until its end, as it comes."""
    while True:
        piece = stream.read(_PIECE)
        if piece is None:  # a pipe that does not wait, and has nothing at the moment
            select.select([stream], [], [])
        elif piece:
            yield piece
        else:
            return


def _name_of(path: str) -> str:
    """Name a copy after what it is a copy of."""
    if path.startswith(_STREAMS):
        return "standard-input" if path in ("/dev/stdin", "/dev/fd/0", "/proc/self/fd/0") else "pipe"
    return Path(path).name
