"""What a scheduler tells of its workers: who joined, left, was lost, or gave no sign for too long."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from typing import Any

from distributed import Client

from .record import JOINED, LEFT, LOST, SILENT, WorkerEvent

_ALL, _SCHEDULER = "all", "scheduler"
"""Topics of Dask's events."""

Lost = Callable[[frozenset[str]], int]
"""Called with the names of tasks that a worker had; tells how many of them others do again for this client."""


class WorkerEvents:
    """Hears what happens to workers, as events of Dask's (`Client.subscribe_topic`).

    A client has one listener for a topic, so one that somebody else holds is not used: another is connected.

    Parameters
    ----------
    client : Client
        Of this program alone.
    heard : callable
        Called with each event, in the thread of the client's loop.
    again : callable
        Tells how many of a lost worker's tasks are done again.
    """

    def __init__(self, client: Client, heard: Callable[[WorkerEvent], None], again: Lost) -> None:
        self._client = client
        self._heard = heard
        self._again = again
        client.subscribe_topic(_ALL, self._told)
        client.subscribe_topic(_SCHEDULER, self._told)

    def close(self) -> None:
        """Hear no more."""
        if self._client.status == "running":
            with suppress(OSError, ValueError):
                self._client.unsubscribe_topic(_ALL)
                self._client.unsubscribe_topic(_SCHEDULER)

    def _told(self, event: tuple[float, Any]) -> None:
        about = event[1]
        if not isinstance(about, Mapping):
            return
        action, worker, now = about.get("action"), str(about.get("worker", "")), time.monotonic()
        if action == "add-worker":
            self._heard(WorkerEvent(now, JOINED, worker))
        elif action == "remove-worker":
            names = frozenset(
                str(name) for key in ("processing-tasks", "lost-computed-tasks") for name in about.get(key, ())
            )
            self._heard(WorkerEvent(now, LEFT if about.get("expected") else LOST, worker, self._again(names)))
        elif action == "worker-ttl-timed-out":
            for silent in about.get("workers", ()):
                self._heard(WorkerEvent(now, SILENT, str(silent)))
