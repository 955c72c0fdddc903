"""Short files of staged rows in an object store: each process fetches one as a whole, once for all its buckets."""

import threading
from collections.abc import Sequence

import pyarrow as pa

from clearscale.io.files import Folder
from clearscale.io.parts import FilePart, whole_file

SHORT = 2**19
"""Bytes of a file that takes hardly longer to fetch as a whole than in part."""

MOST_KEPT = 2**26
"""Bytes of such files that a process keeps at most; the earliest go first."""

_kept: dict[tuple[str, str], pa.Buffer] = {}
_lock = threading.Lock()


def read_staged(store: Folder, parts: Sequence[FilePart]) -> list[pa.Buffer]:
    """Read parts of staged files, as `Folder.read_parts`."""
    if store.is_local:
        return store.read_parts(parts)
    wanted = {(store.url, part.name): part.length for part in parts if part.length <= SHORT}
    with _lock:  # or several buckets would fetch the same
        missing = [key for key in wanted if key not in _kept]
        found = store.read_parts([whole_file(name, wanted[url, name]) for url, name in missing]) if missing else []
        whole = {key: _kept[key] for key in wanted if key in _kept} | dict(zip(missing, found, strict=True))
        _kept.update(whole)
        held = sum(content.size for content in _kept.values())
        for key in list(_kept):
            if held <= MOST_KEPT:
                break
            held -= _kept.pop(key).size
    others = iter(store.read_parts([part for part in parts if (store.url, part.name) not in whole]))
    return [
        whole[store.url, part.name][part.start : part.end] if (store.url, part.name) in whole else next(others)
        for part in parts
    ]


def forget_staged() -> None:
    """Give up what this process has kept."""
    with _lock:
        _kept.clear()
