"""Metrics of passes at the scheduler, whose /metrics a Prometheus already asks."""

from __future__ import annotations

from contextlib import suppress
from typing import Any

from distributed import Client, SchedulerPlugin

from .metrics import count_pass, count_running
from .process import Traffic
from .record import PassRecord

TOPIC = "clearscale"
"""Under which a scheduler keeps what it is told of passes."""

_NAME = "clearscale-metrics"
_LEFT = "left"


class PassMetrics(SchedulerPlugin):  # type: ignore[misc]
    """Counts the passes that clients tell of as events. It stays, so that this can be asked for later."""

    name = _NAME
    idempotent = True

    def __init__(self) -> None:
        self._running: dict[tuple[str, str], PassRecord] = {}

    def log_event(self, topic: str, msg: Any) -> None:
        if topic != TOPIC or not isinstance(msg, dict):
            return
        with suppress(KeyError, TypeError, ValueError):  # what anybody else has told
            key = (str(msg["client"]), str(msg["id"]))
            record = PassRecord(
                str(msg["pass"]),
                int(msg["tasks"]),
                int(msg["done"]),
                int(msg["again"]),
                float(msg["seconds"]),
                str(msg["outcome"]),
                Traffic(),
            )
            if record.outcome:
                self._end(key, record)
            elif key not in self._running:
                self._running[key] = record
                count_running(record.label, 1)

    def remove_client(self, scheduler: Any, client: str) -> None:
        for key in [key for key in self._running if key[0] == client]:
            begun = self._running[key]
            self._end(key, PassRecord(begun.label, begun.tasks, 0, 0, 0.0, _LEFT, Traffic()))

    def _end(self, key: tuple[str, str], record: PassRecord) -> None:
        if self._running.pop(key, None) is not None:
            count_running(record.label, -1)
        count_pass(record)


def install(client: Client) -> bool:
    """Have a scheduler count passes. Returns whether it does: one without this package cannot."""
    try:
        client.register_plugin(PassMetrics(), name=_NAME)
    except Exception:
        return False
    return True


def tell(client: Client, number: str, label: str, tasks: int, ended: PassRecord | None) -> None:
    """Tell a scheduler that a pass has begun, or ended. A scheduler that is lost is told nothing."""
    if client.status != "running":
        return
    about = (
        {"tasks": tasks, "done": 0, "again": 0, "seconds": 0.0, "outcome": ""}
        if ended is None
        else {name: value for name, value in ended.document().items() if not name.startswith(("pass", "bytes"))}
    )
    with suppress(Exception):
        client.log_event(TOPIC, {"client": client.id, "id": number, "pass": label, **about})
