"""How long work takes on many workers, by how long its tasks took on one: its critical path.

Passes follow each other, and each waits for the last task of the one before. In a pass, a worker that is free takes
the next task in order. What stands between tasks is done by one process, whatever there are of workers.
"""

import heapq
from collections.abc import Iterable


def last_ends(tasks: Iterable[float], workers: int) -> float:
    """When the last of a pass' tasks ends, in seconds from its begin."""
    free = [0.0] * workers
    for seconds in tasks:
        heapq.heapreplace(free, free[0] + seconds)
    return max(free)
