"""Work in threads of this process, on Dask's threaded scheduler; no server, and `distributed` is not imported."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from functools import partial
from itertools import count
from queue import SimpleQueue
from threading import Semaphore, Thread
from typing import Any, Generic, TypeVar

import dask.threaded
from dask.system import CPU_COUNT

from .cluster import Cluster, ProgressCallback, require_items
from .errors import ClusterError
from .fold import NeighbourFold

Item = TypeVar("Item")
Result = TypeVar("Result")

RESULTS_AHEAD = 2
"""Items started and not yet taken by the caller, for each thread: enough that no thread waits for a busy caller."""


class EmbeddedCluster(Cluster):
    """Threads of this process; None is one for each core that this process may use."""

    def __init__(self, threads: int | None = None) -> None:
        self._threads = threads or CPU_COUNT
        self._running: set[_Run[Any]] = set()
        self._closed = False

    @property
    def workers(self) -> int:
        return self._threads

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
        if progress:
            progress(0, total, label)
        if not calls:
            return
        run: _Run[Result] = _Run(calls, min(self._threads, total))
        self._running.add(run)
        try:
            for done, (position, result) in enumerate(run.results(), start=1):
                if progress:
                    progress(done, total, label)
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
        fold = NeighbourFold(combine)
        for position, result in self.map(function, items, label=label, progress=progress):
            fold.add(position, result)
        return fold.total()

    def close(self) -> None:
        self._closed = True
        for run in list(self._running):
            run.stop()


class _Stopped(BaseException):
    """The caller wants no more results."""


class _Run(Generic[Result]):
    """One pass over a list of calls.

    `dask.threaded.get` returns only when its whole graph is done, so it runs in a thread of its own, and each task
    hands its result to a queue instead of returning it; Dask itself never holds one. Every run has its own pool: a
    caller that starts a second pass while it iterates over the first, or a task that starts one, cannot deadlock.
    """

    def __init__(self, calls: Sequence[Callable[[], Result]], threads: int) -> None:
        self._calls = calls
        self._positions = count()
        self._pool = _GatedPool(threads, RESULTS_AHEAD * threads)
        self._outbox: SimpleQueue[tuple[int, Result] | BaseException] = SimpleQueue()
        self._driver = Thread(target=self._drive, name="clearscale-dask", daemon=True)

    def results(self) -> Iterator[tuple[int, Result]]:
        """Yield (position, result) as calls finish. Raises what a call raises."""
        self._driver.start()
        for _ in self._calls:
            arrival = self._outbox.get()
            if isinstance(arrival, _Stopped):
                raise ClusterError("the cluster was closed while its results were still being read")
            if isinstance(arrival, BaseException):
                raise arrival
            self._pool.open_gate()
            yield arrival

    def stop(self) -> None:
        """Start no further call and wait for those that run: afterwards no thread touches anything."""
        self._pool.stop()
        if self._driver.is_alive():
            self._driver.join()

    def _drive(self) -> None:
        # Dask orders independent tasks in its own way; each takes the next call, so that calls start in order.
        graph = dict.fromkeys(range(len(self._calls)), (self._deliver_next,))
        try:
            dask.threaded.get(
                graph, list(graph), pool=self._pool, callbacks=[], chunksize=1, rerun_exceptions_locally=False
            )
        except BaseException as error:
            self._outbox.put(_Stopped() if self._pool.stopping else error)

    def _deliver_next(self) -> None:
        position = next(self._positions)
        self._outbox.put((position, self._calls[position]()))


class _GatedPool(ThreadPoolExecutor):
    """A pool whose `submit` waits while the caller is too far behind, and refuses once stopped.

    Waiting in `submit` blocks Dask's scheduling loop and no thread of the pool.
    """

    def __init__(self, threads: int, ahead: int) -> None:
        super().__init__(threads, thread_name_prefix="clearscale")
        self._gate = Semaphore(ahead)
        self.stopping = False

    def open_gate(self) -> None:
        """Let one more task in."""
        self._gate.release()

    def submit(self, function: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future[Any]:
        self._gate.acquire()
        if self.stopping:
            raise _Stopped
        return super().submit(function, *args, **kwargs)

    def stop(self) -> None:
        self.stopping = True
        self._gate.release()
        self.shutdown(wait=True, cancel_futures=True)
