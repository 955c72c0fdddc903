"""The record of a piece of work: its passes, its workers, and what became of them. It holds nobody's data.

It is told apart from results: the same work on other workers has another record.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from .process import NOTHING, Traffic, host, peak_memory, traffic

MOST_EVENTS = 1000
"""Events of workers that a record keeps: so that workers which come and go for days do not fill it."""

_LOG = logging.getLogger("clearscale")
"""Where a program that listens hears of passes that ended (INFO) and of workers in trouble (WARNING)."""
_LOG.addHandler(logging.NullHandler())

CALLER = "caller"
"""What a record calls the process that the work was asked for in."""

JOINED, LEFT, LOST, SILENT, PAUSED = "joined", "left", "lost", "silent", "paused"
"""What happens to workers. One left that told so before; one was silent that gave no sign for too long; one was
paused that began nothing more, since its memory was full."""

_TROUBLE = (LOST, SILENT, PAUSED)


@dataclass(frozen=True)
class Share:
    """What a worker did. seconds: in tasks. peak: the most memory that its process had, in bytes."""

    host: str
    tasks: int = 0
    seconds: float = 0.0
    traffic: Traffic = NOTHING
    peak: int = 0

    def __add__(self, other: Share) -> Share:
        return Share(
            self.host or other.host,
            self.tasks + other.tasks,
            self.seconds + other.seconds,
            self.traffic + other.traffic,
            max(self.peak, other.peak),
        )


Shares = Mapping[str, Share]
"""What was done, by the worker's address."""


def added(shares: Iterable[Shares]) -> dict[str, Share]:
    """Add up what workers did."""
    total: dict[str, Share] = {}
    for some in shares:
        for worker, share in some.items():
            total[worker] = total[worker] + share if worker in total else share
    return total


@dataclass(frozen=True)
class PassRecord:
    """A pass that has ended. outcome: "done", "failed", or "left" if its caller wanted no more of it.

    done: tasks that ended well. again: tasks that were given to another worker, since theirs was lost.
    """

    label: str
    tasks: int
    done: int
    again: int
    seconds: float
    outcome: str
    traffic: Traffic

    def document(self) -> dict[str, Any]:
        """The record as JSON has it."""
        return {
            "pass": self.label,
            "outcome": self.outcome,
            "tasks": self.tasks,
            "done": self.done,
            "again": self.again,
            "seconds": round(self.seconds, 3),
            "bytes_read": self.traffic.read,
            "bytes_written": self.traffic.written,
        }


@dataclass(frozen=True)
class WorkerEvent:
    """Something that happened to a worker. when: by `time.monotonic`. again: tasks that others had to do for it."""

    when: float
    what: str
    worker: str
    again: int = 0


@dataclass
class Record:
    """What is written down about work, while it lasts.

    Attributes
    ----------
    what : str
        The work, in a word.
    place : str
        Where it was done, such as `threads:2`.
    passes : list of PassRecord
        In the order in which they ended.
    events : list of WorkerEvent
        What happened to workers; at most `MOST_EVENTS`.
    """

    what: str
    place: str
    workers_before: int
    passes: list[PassRecord] = field(default_factory=list)
    shares: dict[str, Share] = field(default_factory=dict)
    events: list[WorkerEvent] = field(default_factory=list)
    counts: dict[str, int] = field(default_factory=dict)
    _began: float = field(default_factory=time.monotonic)
    _traffic: Traffic = field(default_factory=traffic)

    def end_pass(self, ended: PassRecord, shares: Shares) -> None:
        """Add a pass that has ended, and what workers did for it."""
        _LOG.info(
            "%s, %s: %d of %d tasks on %s, %s after %.3f s",
            *(self.what, ended.label, ended.done, ended.tasks, self.place, ended.outcome, ended.seconds),
        )
        self.passes.append(ended)
        self.shares = added([self.shares, shares])

    def happened(self, event: WorkerEvent) -> None:
        """Add what happened to a worker."""
        level = logging.WARNING if event.what in _TROUBLE else logging.INFO
        _LOG.log(level, "%s: worker %s %s; tasks to do again: %d", self.what, event.worker, event.what, event.again)
        self.counts[event.what] = self.counts.get(event.what, 0) + 1
        if len(self.events) < MOST_EVENTS:
            self.events.append(event)

    def document(self) -> dict[str, Any]:
        """The record as JSON has it, until now."""
        here = traffic() - self._traffic
        own = self.shares.get(CALLER, Share(host()))
        shares = {**self.shares, CALLER: Share(host(), own.tasks, own.seconds, here, peak_memory())}
        hosts = {worker: share.host for worker, share in shares.items()}
        whole = sum((share.traffic for share in shares.values()), NOTHING)
        return {
            "what": self.what,
            "cluster": self.place,
            "seconds": round(time.monotonic() - self._began, 3),
            "tasks": sum(ended.tasks for ended in self.passes),
            "again": sum(ended.again for ended in self.passes),
            "bytes_read": whole.read,
            "bytes_written": whole.written,
            "workers_before": self.workers_before,
            **{what: self.counts.get(what, 0) for what in (JOINED, LEFT, LOST, SILENT, PAUSED)},
            "passes": [ended.document() for ended in self.passes],
            "workers": [_row(worker, share) for worker, share in sorted(shares.items())],
            "events": [
                {
                    "seconds": round(event.when - self._began, 1),
                    "what": event.what,
                    "worker": event.worker,
                    "host": hosts.get(event.worker, ""),
                    "again": event.again,
                }
                for event in self.events
            ],
        }


def _row(worker: str, share: Share) -> dict[str, Any]:
    return {
        "worker": worker,
        "host": share.host,
        "tasks": share.tasks,
        "seconds": round(share.seconds, 3),
        "bytes_read": share.traffic.read,
        "bytes_written": share.traffic.written,
        "peak_memory": share.peak,
    }
