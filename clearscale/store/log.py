"""The log of a store, which only grows: who did what, when and where, each entry with the digest of the one before.

In a folder it is a file of lines, `log.jsonl`. Object storages append to nothing, and encrypted files cannot grow,
so there each entry is a file of its own, `log/00000001.json` and so on, which must be new. No entry holds a value
of anybody's record.
"""

import contextlib
import fcntl
import hashlib
import json
import os
import stat
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from clearscale.io.claims import claimed_for_a_moment
from clearscale.io.files import Folder
from clearscale.io.seals import is_whole, with_digest

LINES, ENTRIES = "log.jsonl", "log"
"""The file of lines; the folder of entries."""

_LOCK = f"{ENTRIES}.lock"

OWN = 0o600
"""Mode of the file: nobody but its owner reads who did what."""

_NOTHING = hashlib.sha256(b"").hexdigest()
"""What the first entry has as the digest of the one before."""

_NUMBER, _BEFORE = "number", "before"
_PIECE = 4096


@dataclass(frozen=True, repr=False)
class Log:
    """What a store's log holds.

    Attributes
    ----------
    entries : tuple of dict
        All that can be read, the earliest first.
    problems : tuple of str
        Where the chain is broken: entries that were changed, removed, or put elsewhere.
    last : str
        Digest of the last entry. Kept elsewhere, it shows later that nothing before it was removed.
    name : str
        Where it lies in the store: a file of lines, or a folder with a file an entry.
    files : int
        How many files it is.
    """

    entries: tuple[dict[str, Any], ...]
    problems: tuple[str, ...]
    last: str
    name: str
    files: int

    def __repr__(self) -> str:
        return f"Log(entries={len(self.entries)}, problems={len(self.problems)})"


End = tuple[int, str]
"""Number and digest of the last entry, where each is a file of its own."""


def end_of(store: Folder) -> End | None:
    """Where the log of a store in an object store ends, for `add`; None for others. Raises as `add`."""
    return None if store.is_local else _last_entry(store)


def add(store: Folder, facts: Mapping[str, Any], end: End | None = None) -> None:
    """Add an entry. facts: all of it but its number, its time, and the digests.

    end: what `end_of` said. If another entry has been added since, it is looked for again.

    Raises OSError or StorageError if it cannot be written, FileNotFoundError if there is no store.
    """
    if _has_lines(store):
        _add_line(store, facts)
    elif store.is_local:
        if not store.exists():
            raise FileNotFoundError(store.url)
        with claimed_for_a_moment(store, _LOCK):
            number, before = _last_entry(store)
            store.write(_entry_file(number + 1), _content(number + 1, before, facts), lasting=True)
    else:
        while True:
            number, before = end or _last_entry(store)
            if store.write_if(_entry_file(number + 1), _content(number + 1, before, facts), None):
                return
            end = None


def read(store: Folder, once_last: str | None = None) -> Log:
    """Read the log of a store, and check its chain. once_last: digest of an entry that must be there."""
    pieces = _pieces(store)
    found = [_parsed(piece) for piece in pieces]
    entries = tuple(entry for entry in found if entry is not None)
    problems = list(_problems(pieces, found))
    digests = [_digest(piece) for piece in pieces] or [_NOTHING]
    if once_last is not None and once_last not in digests:
        problems.append("no entry has the digest that was the last one once: the end was cut off")
    lines = _has_lines(store)
    files = int(store.exists(LINES)) if lines else len(pieces)
    return Log(entries, tuple(problems), digests[-1], LINES if lines else ENTRIES, files)


def _has_lines(store: Folder) -> bool:
    """Whether its log is a file of lines."""
    return store.is_local and store.encryption is None


def _pieces(store: Folder) -> list[bytes]:
    with contextlib.suppress(FileNotFoundError, NotADirectoryError):
        if _has_lines(store):
            content = store.read(LINES)
            return content.removesuffix(b"\n").split(b"\n") if content else []
        return [store.read(f"{ENTRIES}/{name}") for name in store.folder(ENTRIES).names()]
    return []


def _problems(pieces: Sequence[bytes], found: Sequence[dict[str, Any] | None]) -> Iterator[str]:
    """Say of each entry that is not as it was written, or not where, which one it is."""
    before, number, told = _NOTHING, 0, False
    for place, (piece, entry) in enumerate(zip(pieces, found, strict=True), 1):
        if entry is None:
            yield f"entry {place} was changed, or is no whole one"
        elif entry[_NUMBER] != number + 1:
            yield f"entry {place} has number {entry[_NUMBER]} where {number + 1} belongs: one was removed or moved"
        elif entry[_BEFORE] != before and not told:
            yield f"entry {place} does not follow the one before it, which was changed or put there"
        told = entry is None
        number = entry[_NUMBER] if entry is not None else number + 1
        before = _digest(piece)


def _parsed(piece: bytes) -> dict[str, Any] | None:
    try:
        entry = json.loads(piece)
    except (ValueError, RecursionError):
        return None
    return entry if is_whole(entry) and isinstance(entry.get(_NUMBER), int) else None


def _content(number: int, before: str, facts: Mapping[str, Any]) -> bytes:
    when = datetime.now(UTC).isoformat(timespec="milliseconds")
    entry = with_digest({_NUMBER: number, "when": when, **facts, _BEFORE: before})
    return json.dumps(entry).encode("ascii")


def _digest(piece: bytes) -> str:
    return hashlib.sha256(piece).hexdigest()


def _entry_file(number: int) -> str:
    return f"{ENTRIES}/{number:08d}.json"


def _last_entry(store: Folder) -> End:
    """Number and digest of the last entry that is a file of its own."""
    names = store.folder(ENTRIES).names()
    if not names:
        return 0, _NOTHING
    return int(names[-1].partition(".")[0]), _digest(store.read(f"{ENTRIES}/{names[-1]}"))


def _add_line(store: Folder, facts: Mapping[str, Any]) -> None:
    path = f"{store.local_path}/{LINES}"
    # A link is not followed: it would have an entry written elsewhere.
    how = os.O_RDWR | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW
    with os.fdopen(os.open(path, how, OWN), "ab", buffering=0) as file:
        handle = file.fileno()
        fcntl.flock(handle, fcntl.LOCK_EX)  # until the file is closed
        status = os.fstat(handle)
        if stat.S_IMODE(status.st_mode) & ~OWN:
            os.fchmod(handle, OWN)
        line = _last_line(handle, status.st_size)
        whole = line.removesuffix(b"\n")
        found = _parsed(whole) if whole else None
        number = found[_NUMBER] if found is not None else _lines(handle, status.st_size)
        content = _content(number + 1, _digest(whole) if status.st_size else _NOTHING, facts) + b"\n"
        # What a power cut left of a line stays, as a line of its own.
        file.write(content if line.endswith(b"\n") or not line else b"\n" + content)
        os.fsync(handle)


def _last_line(handle: int, size: int) -> bytes:
    """The last line with its end, if it has one."""
    tail = b""
    while size and b"\n" not in tail[:-1]:
        begin = max(0, size - _PIECE)
        tail, size = os.pread(handle, size - begin, begin) + tail, begin
    return tail[tail[:-1].rfind(b"\n") + 1 :]


def _lines(handle: int, size: int) -> int:
    """How many lines there are, one without an end included."""
    content = os.pread(handle, size, 0)
    return content.count(b"\n") + (bool(content) and not content.endswith(b"\n"))
