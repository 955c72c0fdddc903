"""Work in threads of this process: no server, and neither Dask nor `distributed` is imported.

Importing Dask takes longer than deciding a state's convictions, and of its threaded scheduler nothing would be used
but that it starts one call after the other.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from queue import SimpleQueue
from typing import Any, Generic, TypeVar

from clearscale_cluster.cluster import Cluster, require_items
from clearscale_cluster.errors import ClusterError
from clearscale_cluster.fold import NeighborFold
from clearscale_cluster.label import Counting, ProgressCallback
from clearscale_cluster.setup.cores import cores
from clearscale_cluster.watching.passing import Passing

Item = TypeVar("Item")
Result = TypeVar("Result")

RESULTS_AHEAD = 2
"""Items started and not yet taken by the caller, for each thread: enough that no thread waits for a busy caller."""


class EmbeddedCluster(Cluster):
    """Threads of this process; None is one for each core that this process may use."""

    def __init__(self, threads: int | None = None) -> None:
        self._threads = threads or cores()
        self._running: set[_Run[Any]] = set()
        self._closed = False

    def __repr__(self) -> str:
        return f"EmbeddedCluster(threads={self._threads})"

    @property
    def workers(self) -> int:
        return self._threads

    @property
    def place(self) -> str:
        return f"threads:{self._threads}"

    @property
    def shares_memory(self) -> bool:
        return True

    def map(
        self,
        function: Callable[[Item], Result],
        items: Iterable[Item],
        *,
        label: str = "work",
        progress: ProgressCallback | None = None,
    ) -> Iterator[tuple[int, Result]]:
        if self._closed:
            raise ClusterError(f"{label}: this cluster was closed; open another one")
        calls = [partial(function, item) for item in items]
        total = len(calls)
        counting = Counting(progress, label, total)
        counting.begin()
        if not calls:
            return
        with Passing(label, total, self._records) as passing:
            run: _Run[Result] = _Run(calls, min(self._threads, total), passing)
            self._running.add(run)
            try:
                for position, result in run.results():
                    counting.finished(position)
                    yield position, result
            finally:
                self._running.discard(run)
                run.stop()

    def reduce(
        self,
        function: Callable[[Item], Result],
        items: Iterable[Item],
        combine: Callable[[Result, Result], Result],
        *,
        label: str = "work",
        progress: ProgressCallback | None = None,
    ) -> Result:
        items = list(items)
        require_items(items, label)
        fold = NeighborFold(combine)
        for position, result in self.map(function, items, label=label, progress=progress):
            fold.add(position, result)
        return fold.total()

    def close(self) -> None:
        self._closed = True
        for run in list(self._running):
            run.stop()


_CLOSED = "the cluster was closed while its results were still being read"


class _Stopped(BaseException):
    """Raised to stop a pass: the caller wants no more results."""


class _Run(Generic[Result]):
    """One pass over a list of calls.

    Every run has its own pool: a caller that starts a second pass while it iterates over the first, or a task that
    starts one, cannot deadlock.
    """

    def __init__(self, calls: Sequence[Callable[[], Result]], threads: int, passing: Passing) -> None:
        self._calls = calls
        self._passing = passing
        self._ahead = RESULTS_AHEAD * threads
        self._started = 0
        self._pool = ThreadPoolExecutor(threads, thread_name_prefix="clearscale")
        self._stopping = False
        self._outbox: SimpleQueue[tuple[int, Result] | BaseException] = SimpleQueue()

    def results(self) -> Iterator[tuple[int, Result]]:
        """Yield (position, result) as calls finish. Raises what a call raises."""
        self._start(self._ahead)
        for taken in range(1, len(self._calls) + 1):
            arrival = self._outbox.get()
            if isinstance(arrival, _Stopped):
                raise ClusterError(_CLOSED)
            if isinstance(arrival, BaseException):
                raise arrival
            self._start(taken + self._ahead)
            yield arrival

    def stop(self) -> None:
        """Start no further call and wait for those that run: afterwards no thread touches anything."""
        self._stopping = True
        self._outbox.put(_Stopped())
        self._pool.shutdown(wait=True, cancel_futures=True)

    def _start(self, many: int) -> None:
        """Hand over so many calls in all."""
        while self._started < min(many, len(self._calls)):
            try:
                self._pool.submit(self._deliver, self._started)
            except RuntimeError:  # the pool was shut down by another thread
                raise ClusterError(_CLOSED) from None
            self._started += 1

    def _deliver(self, position: int) -> None:
        if self._stopping:
            return
        began = time.monotonic()
        try:
            result = self._calls[position]()
            self._passing.finished_here(time.monotonic() - began)
            self._outbox.put((position, result))
        except BaseException as error:
            self._stopping = True  # the caller gets the exception and no more results
            self._outbox.put(error)
