"""Work on a Dask scheduler, through a client connected to it."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import CancelledError
from contextlib import AbstractContextManager, ExitStack, contextmanager, suppress
from functools import partial
from queue import Empty, SimpleQueue
from typing import Any, TypeVar

from distributed import Client, KilledWorker
from distributed.scheduler import NoValidWorkerError

from clearscale_cluster.cluster import Cluster, require_items
from clearscale_cluster.errors import ClusterError
from clearscale_cluster.label import Counting, ProgressCallback
from clearscale_cluster.requirements import Check, Requirement, ask, hosts_of
from clearscale_cluster.shown import shown_url
from clearscale_cluster.task import Apply, Combine, Done, Failure, Opaque, TaskNames
from clearscale_cluster.watching.dashboard import dashboard_of, reported
from clearscale_cluster.watching.in_time import Call, answer_in
from clearscale_cluster.watching.passing import Passing
from clearscale_cluster.watching.record import PAUSED, PassRecord, WorkerEvent
from clearscale_cluster.watching.scheduler_metrics import install, tell
from clearscale_cluster.watching.workers import WorkerEvents

from .clients import gathered, last_worker
from .paused import PausedWorkers

Item = TypeVar("Item")
Result = TypeVar("Result")

FAN_IN = 8
"""Results combined by one task: a task costs about 2 ms, so a flat tree is cheaper than a deep one."""

PATIENCE = 60.0
"""Seconds that a pass waits while the scheduler has no worker at all."""

LOOK_AROUND = 5.0
"""Seconds without any result after which the workers are counted."""

STANDS_STILL = 60.0
"""Seconds after which a scheduler that is asked, and does not answer, counts as lost."""


class ServedCluster(Cluster):
    """A Dask scheduler and its workers.

    Parameters: client is connected to the scheduler; where names it in messages; resources are closed with the
    cluster, the client among them; abandon, when given, is called before that if workers may still be busy with
    something that nobody wants any more; patience is in seconds, at least `PATIENCE`; shares_files is whether its
    workers are on this machine; logs tells where those of its hosts are, an empty text if there are none; checks
    are asked of each worker, now or before its first task; listener is a client of this cluster alone that hears
    what becomes of workers, by default the client; counted is whether the scheduler is to count passes for who asks
    it for metrics.

    A pass submits all its tasks at once. They are few (below some thousands) and small (paths), one message is
    cheaper than many, and the scheduler itself hands each worker only a few ahead, refilling it without a round
    trip to this process. Results wait on the workers until the caller asks for more.

    Tasks are not retried when they raise: the exception is the answer, the same everywhere, and at once. A task
    whose worker dies is run again by the scheduler, as often as its setting allowed-failures says.
    """

    def __init__(
        self,
        client: Client,
        where: str,
        resources: ExitStack,
        *,
        abandon: Callable[[], None] | None = None,
        patience: float = 0,
        shares_files: bool = False,
        checks: Iterable[Check] = (),
        logs: Callable[[], str] = str,
        listener: Client | None = None,
        counted: bool = False,
    ) -> None:
        self._client = client
        self._where = where
        self._resources = resources
        self._abandon = abandon
        self._patience = max(patience, PATIENCE)
        self._closed = False
        self._abandoned = False
        self._shares_files = shares_files
        self._logs_of_hosts = logs
        self._requirements = tuple(map(Requirement, checks))
        self._hosts: dict[str, str] = {}
        self._running: list[tuple[TaskNames, Passing]] = []
        self._still = False
        self._paused = PausedWorkers(client, self._is_ours)
        self._counted = counted and install(client)
        self._events = WorkerEvents(listener or client, self._happened, self._again)
        resources.callback(self._events.close)

    def __repr__(self) -> str:
        return f"ServedCluster({self._where!r})"

    @property
    def client(self) -> Client:
        """Dask's own client, for what this class does not offer."""
        return self._client

    @property
    def workers(self) -> int:
        """Threads of all workers at this moment. Raises ClusterError when the scheduler is lost."""
        return sum(self._nthreads("counting workers").values())

    @property
    def place(self) -> str:
        return shown_url(self._where)

    @property
    def shares_files(self) -> bool:
        return self._shares_files

    @property
    def dashboard(self) -> str | None:
        return dashboard_of(self._client)

    def performance_report(self, path: str) -> AbstractContextManager[None]:
        return reported(self._client, self._where, path)

    @contextmanager
    def required(self, *checks: Check) -> Iterator[None]:
        before = self._requirements
        self._requirements = (*before, *map(Requirement, checks))
        try:
            self.ask()
            yield
        finally:
            self._requirements = before

    def ask(self) -> None:
        """Ask the workers that are there. Raises ClusterError for one that does not meet all that is required."""
        if not self._requirements:
            return
        label = "asking workers"
        self._require_connection(label)
        asking = Call(lambda: self._client.run(ask, self._requirements, on_error="return"))
        self._wait(asking.is_done, label)
        answers = asking.answer()
        there = self._nthreads(label)
        self._hosts.update(hosts_of(answers, there, self._where))

    def map(
        self,
        function: Callable[[Item], Result],
        items: Iterable[Item],
        *,
        label: str = "work",
        progress: ProgressCallback | None = None,
    ) -> Iterator[tuple[int, Result]]:
        items = list(items)
        counting = Counting(progress, label, len(items))
        if not items:
            self._require_connection(label)
            counting.begin()
            return
        with self._passing(label, len(items)) as (names, passing):
            futures = self._submit(function, items, label, names)
            done = 0
            try:
                counting.begin()
                position_of = {future.key: position for position, future in enumerate(futures)}
                for batch in self._finished(futures, label):
                    results = self._fetch(batch, label)
                    self._finish(passing, results)
                    for future, result in zip(batch, results, strict=True):
                        done += 1
                        counting.finished(position_of[future.key])
                        yield position_of[future.key], result.value
            finally:
                self._drop(futures, finished=done == len(items))

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
        with self._passing(label, len(items)) as (names, passing):
            leaves = self._submit(function, items, label, names)
            combining: list[Any] = []
            done = False
            try:
                level = leaves
                while len(level) > 1:
                    groups = [level[start : start + FAN_IN] for start in range(0, len(level), FAN_IN)]
                    depth = len(combining)
                    level = [
                        self._client.submit(
                            Combine(combine, label), *group, key=names.combine(depth, number), pure=False
                        )
                        for number, group in enumerate(groups)
                    ]
                    combining.extend(level)
                self._count(leaves, Counting(progress, label, len(leaves)), label)
                [root] = level
                for batch in self._finished([root], label):
                    [total] = self._fetch(batch, label)
                done = True
                self._finish(passing, [total])
                return total.value  # type: ignore[no-any-return]
            finally:
                self._drop([*leaves, *combining], finished=done)

    def _count(self, leaves: list[Any], counting: Counting, label: str) -> None:
        """Wait for all tasks, and count them. Raises what one of them raised."""
        counting.begin()
        position_of = {future.key: position for position, future in enumerate(leaves)}
        for batch in self._finished(leaves, label):
            failed = [future for future in batch if future.status != "finished"]
            if failed:
                self._fetch(failed, label)
            for future in batch:
                counting.finished(position_of[future.key])

    @contextmanager
    def _passing(self, label: str, tasks: int) -> Iterator[tuple[TaskNames, Passing]]:
        """Have a pass watched from beginning to end; what its scheduler tells of workers is counted to it."""
        names = TaskNames(label)
        passing = Passing(label, tasks, self._records, partial(self._tell, names, tasks) if self._counted else None)
        self._require_connection(label)
        self._running.append((names, passing))
        try:
            with passing:
                yield names, passing
        finally:
            self._running.remove((names, passing))

    def _tell(self, names: TaskNames, tasks: int, ended: PassRecord | None) -> None:
        if not self._still:
            with suppress(TimeoutError):
                answer_in(STANDS_STILL, lambda: tell(self._client, names.number, names.label, tasks, ended))

    def _finish(self, passing: Passing, results: Iterable[Done]) -> None:
        for result in results:
            passing.finished(result.shares)
            self._hosts.update({worker: share.host for worker, share in result.shares.items()})

    def _happened(self, event: WorkerEvent) -> None:
        for record in self._records:
            record.happened(event)

    def _is_ours(self, task: str) -> bool:
        return any(names.has(task) for names, _ in tuple(self._running))

    def _again(self, lost: frozenset[str]) -> int:
        """How many of a lost worker's tasks are done again for this cluster; passes are told of theirs."""
        total = 0
        for names, passing in tuple(self._running):
            mine = sum(map(names.has, lost))
            passing.again(mine)
            total += mine
        return total

    def close(self) -> None:
        if self._closed:
            return
        self._closed = True
        with self._resources:
            if self._abandoned and self._abandon:
                self._abandon()

    def _submit(
        self, function: Callable[[Item], Result], items: list[Item], label: str, names: TaskNames
    ) -> list[Any]:
        # pure=False: the name of a task is not computed from its arguments, and nothing is reused.
        futures: list[Any] = self._client.map(
            Apply(function, self._requirements, label),
            [Opaque(item) for item in items],
            key=names.items(len(items)),
            pure=False,
        )
        return futures

    def _finished(self, futures: list[Any], label: str) -> Iterator[list[Any]]:
        """Yield futures in batches as they finish, in whatever way. Raises ClusterError when all workers stay away.

        `distributed.as_completed` does the same but for the last: it would wait for ever.
        """
        arrivals: SimpleQueue[Any] = SimpleQueue()
        for future in futures:
            future.add_done_callback(arrivals.put)
        missing = len(futures)
        while missing:
            batch: list[Any] = []

            def arrived(seconds: float, batch: list[Any] = batch) -> bool:
                with suppress(Empty):
                    batch.append(arrivals.get(timeout=seconds))
                return bool(batch)

            self._wait(arrived, label)
            with suppress(Empty):
                while True:
                    batch.append(arrivals.get_nowait())
            done = [future for future in batch if future.done()]
            for future in batch:
                if not future.done():  # its result died with a worker, and is computed again
                    future.add_done_callback(arrivals.put)
            missing -= len(done)
            if done:
                yield done

    def _wait(self, arrived: Callable[[float], bool], label: str) -> None:
        """Wait until arrived(seconds) is true. Raises ClusterError when all workers stay away."""
        deserted_since: float | None = None
        while not arrived(LOOK_AROUND):
            deserted_since = self._check_workers(deserted_since, label)

    def _check_workers(self, deserted_since: float | None, label: str) -> float | None:
        if self._nthreads(label):
            with suppress(OSError):  # that the scheduler is lost is told by the next look
                for worker in self._paused.relieve():
                    self._happened(WorkerEvent(time.monotonic(), PAUSED, worker))
            return None
        now = time.monotonic()
        if deserted_since is None:
            return now
        if now - deserted_since < self._patience:
            return deserted_since
        raise ClusterError(
            f"{label}: the scheduler at {self._where} has had no worker for {now - deserted_since:.0f} s; "
            f"look at the workers' logs, start workers, and run again{self._logs()}"
        )

    def _fetch(self, futures: list[Any], label: str) -> list[Any]:
        """The results. Raises what a task raised, or ClusterError when it was the cluster that failed."""
        try:
            return gathered(self._client, futures, lambda arrived: self._wait(arrived, label))
        except Failure as failure:
            raise failure.unwrapped() from None
        except KilledWorker as error:
            raise ClusterError(
                f"{label}: {error.allowed_failures + 1} workers of {self._where} died while running task "
                f"{error.task}, the last of them {last_worker(error, self._hosts)}; a worker that needs more "
                f"memory than it may use is the usual cause: use fewer workers or smaller pieces{self._logs()}"
            ) from error
        except NoValidWorkerError as error:
            raise ClusterError(
                f"{label}: no worker of {self._where} may run task {error.task}; start workers and run again"
            ) from error
        except (CancelledError, OSError) as error:
            if any(future.status == "error" for future in futures):
                raise  # a task's own, such as a file that is not there
            if isinstance(error, CancelledError) and self._client.status == "running":
                raise ClusterError(
                    f"{label}: its tasks were cancelled at {self._where} by somebody else; run again"
                ) from error
            raise self._lost(label) from error

    def _drop(self, futures: list[Any], *, finished: bool) -> None:
        """Cancel futures that nobody needs: running tasks end by themselves, others do not start."""
        if not futures or finished:
            return
        self._abandoned = True
        if self._client.status == "running" and not self._still:
            with suppress(OSError, TimeoutError, CancelledError):
                answer_in(STANDS_STILL, lambda: self._client.cancel(futures, force=True))

    def _nthreads(self, label: str) -> dict[str, int]:
        """Threads by worker. Raises ClusterError if the scheduler is lost, or does not answer."""
        self._require_connection(label)
        try:
            found: dict[str, int] = answer_in(STANDS_STILL, self._client.nthreads)
        except TimeoutError:
            self._still = True
            raise ClusterError(
                f"{label}: the scheduler at {self._where} has not answered for {STANDS_STILL:.0f} s; look whether "
                f"its process or its machine stands still, start it again, and run again{self._logs()}"
            ) from None
        except OSError as error:
            raise self._lost(label) from error
        return found

    def _require_connection(self, label: str) -> None:
        if self._closed:
            raise ClusterError(f"{label}: this cluster was closed; open another one")
        if self._client.status != "running" or self._still:
            raise self._lost(label)

    def _logs(self) -> str:
        where = self._logs_of_hosts()
        return f"; what its hosts said is in {where}" if where else ""

    def _lost(self, label: str) -> ClusterError:
        return ClusterError(
            f"{label}: the connection to the scheduler at {self._where} was lost; "
            f"check that it runs, start it again if it does not, and run again{self._logs()}"
        )
