"""Files written atomically, however large: nothing is kept in memory."""

import contextlib
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from . import local
from .object_store import is_this_machine, located
from .private import remove_left
from .reasons import explained
from .removing import remove_files

_PIECE = 2**23
"""Bytes that a copy has in memory."""


@contextlib.contextmanager
def whole_file(url: str) -> Iterator[Any]:
    """A file open for writing bytes, which is there under its name once the block has ended well.

    A local file has a hidden name meanwhile, `.NAME.*.partial`; its folder is made if it is not there. What a
    killed process left under such a name is removed. Elsewhere the upload is completed at the end, or given up when
    the block raises.
    """
    system, path = located(url)
    if is_this_machine(system):
        target = Path(path)
        remove_left(target.parent)
        remove_left(target.parent, f".{target.name}.", "partial")
        with local.whole_file(target, lasting=True, prefix=f".{target.name}.", suffix=".partial") as whole:
            yield whole
        return
    with explained(url, "written"):
        file = system.open(path, "wb")
        try:
            yield file
            file.close()
        except BaseException:
            _give_up(system, path, file)
            raise


def put_file(source: Path, url: str) -> None:
    """Have a copy of a temporary file of this process at a path or URL, all of it or nothing."""
    with source.open("rb") as file, whole_file(url) as whole:
        shutil.copyfileobj(file, whole, _PIECE)


def _give_up(system: Any, path: str, file: Any) -> None:
    """Leave no file behind. Closing it, also when it is collected, would complete the upload."""
    from fsspec.spec import AbstractBufferedFile

    if isinstance(file, AbstractBufferedFile):
        file.closed = True
        # The error that is under way says more than one of giving up.
        with contextlib.suppress(Exception):
            file.discard()
        return
    file.close()
    if system.exists(path):
        remove_files(system, [path])
