"""What is done with people's records, told to the store's log."""

import contextlib
import os
import pwd
import sys
from functools import lru_cache
from typing import Any

from clearscale.errors import ClearscaleError
from clearscale.io.encryption import ENCRYPTION
from clearscale.io.files import Folder
from clearscale.io.urls import absolute
from clearscale.version import VERSION
from clearscale_cluster.shown import say

from .log import End, add, end_of


def logged(store: str | Folder, command: str, end: End | None = None, **facts: Any) -> None:
    """Add to a store's log what is done. facts: never a value of anybody's record; empty ones are left out.

    store: its path or URL, or its folder for who has it already. end: of the log, if it is known; see `add`.

    Where there is no store, such as that of a run which was copied, there is no log. One that cannot be written, as
    in a store that others own, stops nobody: it is said on standard error.
    """
    url = store if isinstance(store, str) else store.url
    try:
        folder = _opened(absolute(store), Folder(store).stamp(ENCRYPTION)) if isinstance(store, str) else store
        about = {
            "who": _who(),
            "where": os.uname().nodename,
            "command": command,
            "version": VERSION,
            "store": absolute(folder.url),
        }
        add(folder, about | {name: fact for name, fact in facts.items() if fact not in (None, "", (), [], {})}, end)
    except (FileNotFoundError, NotADirectoryError):
        return
    except (OSError, ClearscaleError) as error:
        why = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
        say(f"clearscale: {url}: its log cannot be written ({why}); {command} is not in it", to=sys.stderr)


@lru_cache(maxsize=64)
def _opened(url: str, stamp: str) -> Folder:
    """A store's folder. How it is encrypted is read once for all entries, and again where the file has changed.

    stamp: of that file; see `Folder.stamp`.
    """
    del stamp
    return Folder.rooted(url)


def end_of_log(store: Folder) -> End | None:
    """Where a store's log ends, for `logged`; None if that is not known before, or cannot be read."""
    with contextlib.suppress(OSError, ClearscaleError):
        return end_of(store)
    return None


def _who() -> str:
    """The user whose rights this process has."""
    try:
        return pwd.getpwuid(os.geteuid()).pw_name
    except KeyError:
        return str(os.geteuid())
