"""Whether a folder holds what only this user, or root, can have put there: machine code from it is run."""

import os
import stat
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

FOLDERS = 0o700
"""Mode of the folders that are made."""

_LINKS = 40
"""So many links on the way to a folder are followed, as by Linux."""

_OTHERS = stat.S_IWGRP | stat.S_IWOTH


def doubt(folder: Path) -> str:
    """Why what is in a folder may be another user's, "" if it cannot be. A folder that is not there is made.

    Each folder and each link on the way must belong to this user or to root, and nobody else may write into it. Who
    may write into a folder that is sticky, as /tmp, cannot replace what belongs to others: what lies below is safe.
    """
    try:
        *above, last = _way(_made(folder))
    except OSError as error:
        return f"it cannot be had ({error.strerror or type(error).__name__})"
    for path, found in above:
        if why := _why_not(path, found, sticky_will_do=True):
            return why
    return _why_not(*last, sticky_will_do=False)


def is_own(handle: int) -> bool:
    """Whether an open file is a regular one of this user or root into which nobody else may write."""
    found = os.fstat(handle)
    return stat.S_ISREG(found.st_mode) and found.st_uid in _trusted() and not found.st_mode & _OTHERS


def _trusted() -> tuple[int, int]:
    return 0, os.geteuid()


def _why_not(path: str, found: os.stat_result, *, sticky_will_do: bool) -> str:
    if found.st_uid not in _trusted():
        return f"{path} belongs to another user"
    if stat.S_ISLNK(found.st_mode) or (sticky_will_do and found.st_mode & stat.S_ISVTX):
        return ""
    if found.st_mode & stat.S_IWOTH or (found.st_mode & stat.S_IWGRP and not _only_member(found.st_gid)):
        return f"other users may write into {path}"
    return ""


def _only_member(group: int) -> bool:
    """Whether a group is this user's alone, as many systems give each user one."""
    import grp
    import pwd

    with suppress(KeyError):
        user, found = pwd.getpwuid(os.geteuid()).pw_name, grp.getgrgid(group)
        return found.gr_name == user and set(found.gr_mem) <= {user}
    return False


def _made(folder: Path) -> Path:
    """The folder, made if it is not there, as are those that it lies in. It may lie where it must not."""
    folder = folder.absolute()
    if not folder.is_dir():
        with suppress(FileExistsError):  # another process was faster
            _made(folder.parent)
            folder.mkdir(FOLDERS)
    return folder


def _way(folder: Path) -> Iterator[tuple[str, os.stat_result]]:
    """Every folder and link that is gone through to reach a folder, from the root on."""
    here = folder.anchor
    todo = list(reversed(folder.parts[1:]))
    links = 0
    yield here, os.lstat(here)
    while todo:
        name = todo.pop()
        path = os.path.normpath(os.path.join(here, name))  # noqa: PTH118 - `here` has no links, so `..` is its parent
        found = os.lstat(path)
        yield path, found
        if not stat.S_ISLNK(found.st_mode):
            here = path
            continue
        links += 1
        if links > _LINKS:
            raise OSError(40, "too many links", path)
        target = Path(os.readlink(path))  # noqa: PTH115
        todo.extend(reversed(target.parts[1:] if target.anchor else target.parts))
        here = target.anchor or here
