"""Workers that begin nothing any more because their memory is full, and hold tasks that others could do.

Dask pauses a worker at 80% of its memory, unless it is told otherwise, and what fills it may stay for good. Others
take over most of what it holds, and not all.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress

from distributed import Client

from clearscale_cluster.watching.in_time import answer_in

LOOKS = 3
"""In so many looks one after the other a worker must be found paused, with nothing under way, to be relieved."""

_PATIENCE = 60.0
"""Seconds for a worker to end."""


class PausedWorkers:
    """Relieves paused workers of tasks: one with a nanny is started anew, another leaves.

    Parameters: client is connected to the scheduler; ours tells whether a task of this name is waited for.
    """

    def __init__(self, client: Client, ours: Callable[[str], bool]) -> None:
        self._client = client
        self._ours = ours
        self._looks: dict[str, int] = {}

    def relieve(self) -> list[str]:
        """Look at all workers, when nothing has come from any for a while; returns those that were relieved."""
        found = self._client.scheduler_info(n_workers=-1)["workers"]
        paused = [
            address
            for address, worker in found.items()
            if worker["status"] == "paused"
            and not worker.get("metrics", {}).get("task_counts", {}).get("executing", 0)
        ]
        self._looks = {address: self._looks.get(address, 0) + 1 for address in paused}
        due = [address for address in paused if self._looks[address] >= LOOKS]
        if not due:
            return []
        held = self._client.processing(workers=due)
        due = [address for address in due if any(self._ours(str(task)) for task in held.get(address, ()))]
        anew = [address for address in due if found[address].get("nanny")]
        for address in due:
            del self._looks[address]
        with suppress(OSError, TimeoutError):
            if anew:
                answer_in(
                    _PATIENCE,
                    lambda: self._client.restart_workers(anew, timeout=_PATIENCE, raise_for_error=False),
                )
            if gone := [address for address in due if address not in anew]:
                answer_in(_PATIENCE, lambda: self._client.retire_workers(gone))
        return due
