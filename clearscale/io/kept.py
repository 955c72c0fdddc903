"""Short files of an object store that this process reads twice: kept from the first time to the second."""

import threading
from collections.abc import Mapping
from typing import Any, BinaryIO

SHORT = 2**22
"""Bytes of a file that is kept at most."""

MOST_KEPT = 2**26
"""Bytes of all that are kept at most; then no more are."""

_kept: dict[tuple[str, str], bytes] = {}
_lock = threading.Lock()


def _key(url: str, version: Mapping[str, Any]) -> tuple[str, str]:
    return url, str(version["ETag"])


def kept(url: str, version: Mapping[str, Any], file: BinaryIO) -> bytes | None:
    """Read a file and keep it, if it is short and there is room; None if not, and then nothing is read."""
    size = int(version["size"])
    with _lock:
        if size > SHORT or sum(map(len, _kept.values())) + size > MOST_KEPT:
            return None
    content = file.read()
    with _lock:
        _kept[_key(url, version)] = content
    return content


def taken(url: str, version: Mapping[str, Any]) -> bytes | None:
    """The content of a file that was kept in this version, once."""
    with _lock:
        return _kept.pop(_key(url, version), None)


def forget() -> None:
    """Give up all that is kept."""
    with _lock:
        _kept.clear()
