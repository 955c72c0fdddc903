"""Files of this machine, with the operations and names of fsspec's file systems that clearscale uses.

fsspec has these, too, but importing it, and the network's machinery with it, is a tenth of a short command's time.
Results and errors are those of its `LocalFileSystem`; where they differ, a docstring says so, and a test holds it.
"""

import errno
import glob
import io
import os
import secrets
import shutil
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, BinaryIO, cast

from clearscale_cluster.watching.process import count_read

from .patterns import escaped
from .private import WRITING, make_folder, new_file

_FLUSHED_AT_ONCE = 8
"""Files that are flushed at a time: a file system writes their sizes and places down together."""

_CANNOT_FLUSH = {errno.EINVAL, errno.ENOTSUP, errno.ENOSYS}

_ABSENT = {errno.ENOENT, errno.ENOTDIR, errno.ELOOP}


class _CountedFile(io.FileIO):
    """A file whose bytes are counted as they are read."""

    def readinto(self, buffer: Any) -> int | None:
        length = super().readinto(buffer)
        count_read(length or 0)
        return length

    def readall(self) -> bytes:
        content = super().readall()
        count_read(len(content))
        return content


class ThisMachine:
    """Local files by absolute path."""

    def path_of(self, url: str) -> str:
        """The absolute path of a path or file:// URL.

        Without `.`, `..` and doubled slashes, which fsspec leaves.
        """
        path = url.partition("://")[2] if "://" in url else url
        # Not Path.resolve: what a link points to is not what was named.
        return os.path.abspath(os.path.expanduser(path))  # noqa: PTH100, PTH111

    def invalidate_cache(self) -> None:
        """Do nothing: no listing is cached."""

    def exists(self, path: str) -> bool:
        """Whether a file or folder is there.

        Raises OSError if that cannot be determined, as in a folder without access; fsspec returns False there.
        """
        try:
            Path(path).stat()
        except ValueError:  # a name that no file can have
            return False
        except OSError as error:
            if error.errno in _ABSENT:
                return False
            raise
        return True

    def ls(self, path: str, detail: bool = False) -> list[str]:
        """The paths of what is directly in a folder, or that of a file. Raises FileNotFoundError."""
        try:
            return [str(entry) for entry in Path(path).iterdir()]
        except NotADirectoryError:
            Path(path).stat()  # below a file there is nothing
            return [path]

    def find(self, path: str) -> list[str]:
        """The paths of all files in a folder, however deep; none if it is absent."""
        return [str(Path(folder) / name) for folder, _, names in os.walk(path) for name in names]

    def glob(self, pattern: str) -> list[str]:
        """The paths that a pattern names, sorted; see `patterns`.

        For fsspec `?` and brackets have a meaning, too.
        """
        parts = pattern.split("/")
        starred = next((place for place, part in enumerate(parts) if "*" in part), None)
        if starred is None:
            return [pattern] if self.exists(pattern) else []
        folder, rest = "/".join(parts[:starred]), escaped("/".join(parts[starred:]))
        if "**" in rest.split("/"):  # where links to folders are followed, there may be no end
            from fsspec.implementations.local import LocalFileSystem

            return cast(list[str], LocalFileSystem().glob(escaped(pattern)))
        # Not by fsspec, which lists all that is beside a folder with brackets in its name, however deep; and not by
        # Path.glob, which finds no hidden files.
        found = glob.iglob(rest, root_dir=f"{folder}/", include_hidden=True)  # noqa: PTH207
        return sorted(f"{folder}/{name}" for name in found)

    def modified(self, path: str) -> datetime:
        """When a file was written."""
        return datetime.fromtimestamp(Path(path).stat().st_mtime, UTC)

    def size(self, path: str) -> int:
        """Bytes of a file."""
        return Path(path).stat().st_size

    def stamp(self, path: str) -> str:
        """What changes when a file does, on every machine that sees it: its size and when it was written."""
        found = Path(path).stat()
        return repr((found.st_size, found.st_mtime_ns))

    def written(self, path: str) -> str:
        """What no copy of a file has, nor the file itself once anything of it changed, its times included.

        For one machine: others may tell otherwise of the same file.
        """
        found = Path(path).stat()
        return repr((found.st_size, found.st_mtime_ns, found.st_ctime_ns, found.st_ino))

    def open(self, path: str, mode: str) -> BinaryIO:
        """The file, opened."""
        return io.BufferedReader(_CountedFile(path)) if mode == "rb" else cast(BinaryIO, Path(path).open(mode))

    def cat_file(self, path: str) -> bytes:
        """All bytes of a file."""
        return Path(path).read_bytes()

    def rm(self, path: str, recursive: bool) -> None:
        """Remove a file or a link, or a folder and its content.

        Raises ValueError for a folder if not recursive.
        """
        place = Path(path)
        if place.is_dir() and not place.is_symlink():
            if not recursive:
                raise ValueError("Cannot delete directory, set recursive=True")
            shutil.rmtree(path)
        else:
            place.unlink()


THIS_MACHINE = ThisMachine()


def flush(paths: Iterable[str]) -> None:
    """Return when files, and the entries of folders, are on disk. Raises FileNotFoundError and other OSErrors.

    A file system that cannot be asked for it, and a folder that may not be read, are passed over.
    """
    todo = list(paths)
    if len(todo) == 1:
        _flush(todo[0])
    elif todo:
        with ThreadPoolExecutor(min(len(todo), _FLUSHED_AT_ONCE)) as threads:
            list(threads.map(_flush, todo))


def name_lasting(written: Sequence[tuple[Path, Path]]) -> None:
    """Give files their names once all of them are on disk; the names are there, too, when this returns.

    A power cut then leaves a file whole under its name, or what was there before.

    Parameters
    ----------
    written
        Where each file is, and where it belongs, in the same folder.
    """
    flush(str(partial) for partial, _ in written)
    for partial, target in written:
        partial.replace(target)
    flush({str(target.parent) for _, target in written})


@contextmanager
def whole_file(
    target: Path, *, lasting: bool = False, prefix: str = WRITING, suffix: str = ""
) -> Iterator[BinaryIO]:
    """Yield a file open for writing, which is there under its name once the block has ended well, or not at all.

    lasting: whether it is on disk then, whatever happens to the power. prefix, suffix: of the name that it has
    until then. Raises OSError, PermissionError as `private.make_folder`.
    """
    try:
        handle, path = new_file(target.parent, prefix, suffix)
    except OSError as error:
        if error.filename is not None and Path(error.filename).name.startswith(prefix):
            error.filename = str(target)
        raise
    try:
        with os.fdopen(handle, "wb") as file:
            try:
                yield file
                file.flush()
                # Before it is closed, and its lock with it.
                if lasting:
                    name_lasting([(path, target)])
                else:
                    path.replace(target)
            except BaseException:
                path.unlink(missing_ok=True)
                raise
    except OSError as error:
        if error.filename is None:  # such as a full disk, which is met once more when the file is closed
            error.filename = str(target)
        raise


def write_whole(target: Path, content: bytes | memoryview, *, lasting: bool = False) -> None:
    """Write a file; see `whole_file`."""
    with whole_file(target, lasting=lasting) as file:
        file.write(content)


def name_too(source: Path, target: Path) -> None:
    """Give a file another name, too, in place of the file that has it. Raises OSError as `whole_file`.

    Where the file system knows no such names, it is copied.
    """
    make_folder(target.parent)
    if target.exists() and target.samefile(source):  # renaming one name of a file to another would leave both
        return
    path = target.with_name(f"{WRITING}{secrets.token_hex(8)}")
    try:
        os.link(source, path, follow_symlinks=False)
    except OSError:
        write_whole(target, source.read_bytes())
        return
    path.replace(target)


def _flush(path: str) -> None:
    try:
        handle = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    except PermissionError:
        if Path(path).is_dir():  # entered, but not listed
            return
        raise
    try:
        os.fsync(handle)
    except OSError as error:
        if error.errno not in _CANNOT_FLUSH:
            raise
    finally:
        os.close(handle)
