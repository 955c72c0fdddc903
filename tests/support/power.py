"""A disk that forgets: what a power cut leaves of files that were not flushed, and of names that were not."""

import os
import random
import stat
import threading
from pathlib import Path
from typing import Any

import pytest


class PowerCut(BaseException):
    """The power is gone: nothing more is written."""


class ForgetfulDisk:
    """Stands before `os.fsync` and `os.replace`, and remembers what they were given.

    A file whose content was not flushed may be empty or cut after a power cut, whatever its name; a file that got
    its name in a folder that was not flushed since may have its old content, or not be there. With `after`, power
    is cut when so many flushes and renames are done.
    """

    def __init__(self, root: Path, patch: pytest.MonkeyPatch, after: int | None = None) -> None:
        self._root = root
        self._left = after
        self._flushed: set[tuple[int, int, int]] = set()
        self._named: list[tuple[Path, bytes | None]] = []
        self._lock = threading.Lock()
        self._replace = os.replace
        self.events = 0
        patch.setattr(os, "fsync", self._on_flush)
        patch.setattr(os, "replace", self._on_replace)

    def _count(self) -> None:
        self.events += 1
        if self._left is not None and self.events > self._left:
            raise PowerCut

    def _on_flush(self, handle: int) -> None:
        with self._lock:
            self._count()
            status = os.fstat(handle)
            if stat.S_ISDIR(status.st_mode):
                folder = Path(f"/proc/self/fd/{handle}").readlink()
                self._named = [entry for entry in self._named if entry[0].parent != folder]
            else:
                self._flushed.add(_state(status))

    def _on_replace(self, source: Any, target: Any, **_: Any) -> None:
        with self._lock:
            self._count()
            place = Path(target)
            self._named.append((place, place.read_bytes() if place.exists() else None))
            self._replace(source, target)

    def known(self, path: Path) -> None:
        """Take a file as flushed, as one that was there before."""
        self._flushed.add(_state(path.stat()))

    def lose(self, chance: random.Random) -> list[str]:
        """Lose what may be lost, at random; returns what was."""
        lost = []
        for place, before in reversed(self._named):
            if place.exists() and chance.random() < 0.5:
                lost.append(f"name {place.relative_to(self._root)}")
                place.unlink()
                if before is not None:
                    place.write_bytes(before)
                    self._flushed.add(_state(place.stat()))
        for path in sorted(self._root.rglob("*")):
            if path.is_file() and _state(path.stat()) not in self._flushed and chance.random() < 0.4:
                size = path.stat().st_size
                os.truncate(path, chance.choice([0, 0, size // 2]))
                lost.append(f"content {path.relative_to(self._root)}")
        return lost


def _state(status: os.stat_result) -> tuple[int, int, int]:
    return status.st_ino, status.st_size, status.st_mtime_ns
