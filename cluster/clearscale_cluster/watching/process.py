"""What a process tells of itself: bytes that it read and wrote, and the most memory that it had.

Whoever reads or writes files says so here, with their length. A worker's task tells what was read and written since
the last one told; in a process of threads the whole is what counts.
"""

from __future__ import annotations

import socket
import threading
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Traffic:
    """Bytes that were read and written."""

    read: int = 0
    written: int = 0

    def __add__(self, other: Traffic) -> Traffic:
        return Traffic(self.read + other.read, self.written + other.written)

    def __sub__(self, other: Traffic) -> Traffic:
        return Traffic(self.read - other.read, self.written - other.written)


NOTHING = Traffic()


class _Counter:
    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._total = self._told = NOTHING

    def add(self, traffic: Traffic) -> None:
        with self._lock:
            self._total += traffic

    def total(self) -> Traffic:
        return self._total

    def since_told(self) -> Traffic:
        with self._lock:
            new, self._told = self._total - self._told, self._total
            return new


_counter = _Counter()


def count_read(length: int) -> None:
    """Add bytes of a file that was read, or mapped, by this process."""
    _counter.add(Traffic(read=length))


def count_written(length: int) -> None:
    """Add bytes of a file that this process wrote."""
    _counter.add(Traffic(written=length))


def traffic() -> Traffic:
    """All that this process read and wrote."""
    return _counter.total()


def new_traffic() -> Traffic:
    """What this process read and wrote since this was last called."""
    return _counter.since_told()


def host() -> str:
    """The name of this machine."""
    return socket.gethostname()


def peak_memory() -> int:
    """The most memory that this process had at a time, in bytes; 0 where the system does not say."""
    # Not `getrusage` first: it counts what the process had before it became this program.
    with suppress(OSError, ValueError, StopIteration):
        with Path("/proc/self/status").open("rb") as status:
            line = next(line for line in status if line.startswith(b"VmHWM:"))
        return int(line.split()[1]) * 1024
    with suppress(ImportError):
        import resource
        import sys

        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * (1 if sys.platform == "darwin" else 1024)
    return 0
