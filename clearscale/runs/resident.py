"""Caseloads cached in memory: a process that decides the same snapshot again need not read it again.

A snapshot never changes, so a cached caseload stays valid. The cache is bounded and evicts nothing: what does not
fit is read again each time.
"""

import threading
from collections.abc import Callable, Hashable

from clearscale.policy.caseload import Caseload

MOST_BYTES = 2**28
"""Limit for all cached caseloads of a process, with the files behind them: about four times those of California."""


class CaseloadCache:
    """Caseloads by key, as many as fit into `most_bytes`."""

    def __init__(self, most_bytes: int) -> None:
        self._most_bytes = most_bytes
        self._kept: dict[Hashable, tuple[Caseload, int]] = {}
        self._lock = threading.Lock()

    def __len__(self) -> int:
        return len(self._kept)

    def get(self, key: Hashable, make: Callable[[], Caseload]) -> Caseload:
        """Return the cached caseload of the key, or make one, which `put` may cache."""
        kept = self._kept.get(key)
        return kept[0] if kept else make()

    def put(self, key: Hashable, caseload: Caseload) -> None:
        """Cache a caseload after its work, when it has all columns that the work asked for."""
        size = caseload.nbytes
        with self._lock:
            others = sum(nbytes for other, (_, nbytes) in self._kept.items() if other != key)
            if others + size <= self._most_bytes:
                self._kept[key] = caseload, size

    def clear(self) -> None:
        """Drop all caseloads."""
        with self._lock:
            self._kept.clear()


CACHE = CaseloadCache(MOST_BYTES)
"""The cache of this process."""
