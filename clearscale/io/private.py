"""How folders and files are made on this machine: for whom they are, by which names, and where they may lie.

Whatever the umask, nothing is for others: it can only take more away. A file is written under a name that nobody
can guess, in the folder where it belongs, and renamed when it is whole, which replaces a link of that name and does
not follow it. Its writer holds a lock on it, so that what a killed process left can be told from what is being
written.
"""

import errno
import os
import secrets
import stat
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

from clearscale.errors import StorageError
from clearscale_cluster.locks import is_at, lock

PRIVATE = 0o640
"""Mode of files: for their owner and its group, nobody else."""

FOLDERS = 0o750
"""Mode of folders."""

WRITING = ".writing-"
"""Prefix of the name that a file has while it is written."""

_NEW = os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC

_LINKS = 40
"""So many links on the way to a folder are followed, as by Linux."""

_own: set[str] = set()
"""Folders that this process has looked at."""


def make_folder(folder: Path) -> None:
    """Make a folder, and those that it lies in, where they are not there.

    Raises PermissionError if it, or a link or folder on the way to it, is another user's who could put it there
    because everybody may write where it lies, as in /tmp; StorageError for a file; other OSErrors.
    """
    folder = folder.absolute()
    try:
        folder.mkdir(FOLDERS)
    except FileNotFoundError:
        if folder == folder.parent:
            raise
        make_folder(folder.parent)
        with suppress(FileExistsError):  # another process was faster
            folder.mkdir(FOLDERS)
    except FileExistsError:
        if folder.is_file():
            raise no_folder(str(folder)) from None
        if not folder.is_dir():
            raise
    except NotADirectoryError:
        raise no_folder(str(folder)) from None
    require_own(folder)


def no_folder(path: str) -> StorageError:
    """The error for a path that is a file's, or leads through a file, and should be a folder's."""
    place = Path(path)
    file = next((part for part in (place, *place.parents) if part.is_file()), place)
    return StorageError(f"{file}: is a file, not a folder; name a folder")


def require_own(folder: Path) -> None:
    """Raise PermissionError where `make_folder` would for a folder that is there. Each is looked at once."""
    if str(folder) in _own:
        return
    trusted = (0, os.geteuid())
    for path, found, open_to_all in _way(folder.absolute()):
        if open_to_all and found.st_uid not in trusted:
            raise PermissionError(
                errno.EACCES,
                "belongs to another user, in a folder that everybody may write into; choose another folder",
                path,
            )
    _own.add(str(folder))


def _way(folder: Path) -> Iterator[tuple[str, os.stat_result, bool]]:
    """Yield every folder and link on the way to a folder, and whether everybody may write where it lies."""
    here = folder.anchor
    todo = list(reversed(folder.parts[1:]))
    links = 0
    while todo:
        # `here` has no links, so `..` is its parent.
        path = os.path.normpath(os.path.join(here, todo.pop()))  # noqa: PTH118
        found = os.lstat(path)
        yield path, found, bool(os.lstat(here).st_mode & stat.S_IWOTH)
        if not stat.S_ISLNK(found.st_mode):
            here = path
            continue
        links += 1
        if links > _LINKS:
            raise OSError(errno.ELOOP, os.strerror(errno.ELOOP), path)
        target = Path(os.readlink(path))  # noqa: PTH115
        todo.extend(reversed(target.parts[1:] if target.anchor else target.parts))
        here = target.anchor or here


def new_file(folder: Path, prefix: str = WRITING, suffix: str = "") -> tuple[int, Path]:
    """Make a file in a folder, which is made, too, if it is not there; returns its handle, and where it is.

    It is locked until the handle is closed. Raises OSError, PermissionError as `make_folder`.
    """
    while True:
        path = folder / f"{prefix}{secrets.token_hex(8)}{suffix}"
        try:
            require_own(folder)
            handle = os.open(path, _NEW, PRIVATE)
        except FileNotFoundError:
            make_folder(folder)
            continue
        except FileExistsError:
            continue
        lock(handle)
        if is_at(handle, path):
            return handle, path
        os.close(handle)  # removed as if left over, between two lines of this function


def owner_only(path: str, flags: int) -> int:
    """Open a file of a folder for temporary ones, as `open` has its opener do it: for its owner alone."""
    return os.open(path, flags | os.O_NOFOLLOW, 0o600)


def remove_left(folder: Path, prefix: str = WRITING, suffix: str = "") -> None:
    """Remove files that nobody writes any more, directly in a folder; do nothing if it is not there."""
    with suppress(FileNotFoundError, NotADirectoryError):
        for path in list(folder.iterdir()):
            if path.name.startswith(prefix) and path.name.endswith(suffix):
                _remove_if_left(path)


def _remove_if_left(path: Path) -> None:
    try:
        handle = os.open(path, os.O_RDWR | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    except OSError:  # gone, a link, or another user's
        return
    if stat.S_ISREG(os.fstat(handle).st_mode) and lock(handle):
        with suppress(OSError):
            path.unlink()
    os.close(handle)
