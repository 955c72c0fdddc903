"""Folders for temporary files, for their user alone, which live no longer than the process that made them.

A process holds a lock on its folder, and the system lets go of it when the process ends, however that ends. So a
folder that nobody holds is left over, and the next process that makes one of the same kind removes it.
"""

from __future__ import annotations

import errno
import fcntl
import os
import shutil
import stat
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from clearscale_cluster.locks import is_at, lock

_OPENED = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC


@contextmanager
def scratch_folder(kind: str) -> Iterator[Path]:
    """Make a folder below that for temporary files (TMPDIR), of a name that nobody can guess; remove it at the end.

    kind: what it is for, in a word that is part of its name. Raises OSError if there cannot be one, or it is not
    for this user alone.
    """
    prefix = f"clearscale-{kind}-"
    _remove_left(Path(tempfile.gettempdir()), prefix)
    folder, handle = _made(prefix)
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)
        os.close(handle)


def _made(prefix: str) -> tuple[Path, int]:
    """Make a folder; returns it with the handle that holds its lock."""
    while True:
        folder = Path(tempfile.mkdtemp(prefix=prefix))
        try:
            handle = os.open(folder, _OPENED)
        except FileNotFoundError:  # removed by another process, which found it before it was locked
            continue
        lock(handle, fcntl.LOCK_EX)
        if is_at(handle, folder):
            break
        os.close(handle)
    found = os.fstat(handle)
    if found.st_uid != os.geteuid() or stat.S_IMODE(found.st_mode) & 0o077:
        os.close(handle)
        raise PermissionError(
            errno.EACCES, "is not for this user alone; set TMPDIR to a folder on another file system", str(folder)
        )
    return folder, handle


def _remove_left(parent: Path, prefix: str) -> None:
    with os.scandir(parent) as entries:
        names = [entry.name for entry in entries if entry.name.startswith(prefix)]
    for name in names:
        try:
            handle = os.open(parent / name, _OPENED)
        except OSError:  # gone, a link, or another user's
            continue
        if os.fstat(handle).st_uid == os.geteuid() and lock(handle):
            shutil.rmtree(parent / name, ignore_errors=True)
        os.close(handle)
