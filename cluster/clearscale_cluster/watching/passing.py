"""A pass while it lasts: what it is told of, and who is told of it: records, spans and metrics."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Sequence
from types import TracebackType
from typing import Self

from .metrics import count_pass
from .process import Traffic, traffic
from .record import CALLER, PassRecord, Record, Share, Shares, added
from .spans import Span, begun

DONE, FAILED, ENDED_EARLY = "done", "failed", "left"


class Passing:
    """One pass, in a `with` statement around it.

    Parameters
    ----------
    label : str
        Its name; it holds no personal data.
    tasks : int
        How many there are.
    records : sequence of Record
        Where it is written down when it has ended.
    told : callable, optional
        Called with what is known when it has begun, and when it has ended: None, or the record of it.
    """

    def __init__(
        self,
        label: str,
        tasks: int,
        records: Sequence[Record] = (),
        told: Callable[[PassRecord | None], None] | None = None,
    ) -> None:
        self.label = str(label)
        self.tasks = tasks
        self._records = records
        self._tell = told
        self._done = self._again = 0
        self._shares: dict[str, Share] = {}
        self._lock = threading.Lock()
        self._span: Span | None = None
        self._began = 0.0
        self._before = Traffic()

    def __enter__(self) -> Self:
        self._began, self._before = time.monotonic(), traffic()
        self._span = begun(self.label)
        if self._tell:
            self._tell(None)
        return self

    def finished(self, shares: Shares) -> None:
        """Add tasks that have ended well, by the workers that did them."""
        with self._lock:
            self._shares = added([self._shares, shares])
            self._done += sum(share.tasks for share in shares.values())

    def finished_here(self, seconds: float) -> None:
        """Add a task of the caller's own process that has ended well."""
        self.finished({CALLER: Share("", 1, seconds)})

    def again(self, tasks: int) -> None:
        """Add tasks that were given to another worker."""
        with self._lock:
            self._again += tasks

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        outcome = DONE if kind is None else ENDED_EARLY if issubclass(kind, GeneratorExit) else FAILED
        moved = sum((share.traffic for share in self._shares.values()), Traffic())
        if CALLER in self._shares:  # threads share what they read
            moved += traffic() - self._before
        ended = PassRecord(
            self.label, self.tasks, self._done, self._again, time.monotonic() - self._began, outcome, moved
        )
        for record in self._records:
            record.end_pass(ended, self._shares)
        if self._span is not None:
            about = {f"clearscale.{name}": value for name, value in ended.document().items() if name != "pass"}
            about["clearscale.workers"] = len(self._shares)
            self._span.end(about, failed=None if outcome != FAILED or kind is None else kind.__name__)
        if self._tell:
            self._tell(ended)
        else:
            count_pass(ended)
