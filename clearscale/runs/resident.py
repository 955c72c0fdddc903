"""Caseloads kept in memory: a process that decides the same snapshot again need not read it again.

A snapshot never changes, so what was read of it stays right. There is an upper bound, and what came first stays: a
larger store is read anew beyond it, as if nothing were kept.
"""

import threading
from collections.abc import Callable, Hashable

from clearscale.policy.caseload import Caseload

MOST_BYTES = 2**28
"""Of all caseloads kept in a process, with the files behind them: about four times those of California."""


class Shelf:
    """Caseloads by key, as many as there is room for."""

    def __init__(self, most_bytes: int) -> None:
        self._most_bytes = most_bytes
        self._kept: dict[Hashable, tuple[Caseload, int]] = {}
        self._lock = threading.Lock()

    def __len__(self) -> int:
        return len(self._kept)

    def get(self, key: Hashable, make: Callable[[], Caseload]) -> Caseload:
        """The caseload kept under the key, or a new one, which `put` can keep."""
        kept = self._kept.get(key)
        return kept[0] if kept else make()

    def put(self, key: Hashable, caseload: Caseload) -> None:
        """Keep a caseload after its work, when it has all columns that the work asked for."""
        size = caseload.nbytes
        with self._lock:
            others = sum(each for other, (_, each) in self._kept.items() if other != key)
            if others + size <= self._most_bytes:
                self._kept[key] = caseload, size

    def clear(self) -> None:
        """Let go of all."""
        with self._lock:
            self._kept.clear()


SHELF = Shelf(MOST_BYTES)
"""That of this process."""
