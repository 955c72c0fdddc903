"""Work on a Dask scheduler, through a client connected to it."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import CancelledError, wait
from concurrent.futures import Future as Gathering
from contextlib import ExitStack, contextmanager, suppress
from queue import Empty, SimpleQueue
from typing import Any, TypeVar

from distributed import Client, KilledWorker
from distributed.scheduler import NoValidWorkerError

from clearscale_cluster.cluster import Cluster, require_items
from clearscale_cluster.errors import ClusterError
from clearscale_cluster.label import Counting, ProgressCallback
from clearscale_cluster.requirements import Check, Requirement, ask, unfit
from clearscale_cluster.setup.versions import DISTRIBUTION
from clearscale_cluster.task import Apply, Combine, Failure, Opaque, TaskNames

Item = TypeVar("Item")
Result = TypeVar("Result")

FAN_IN = 8
"""Results combined by one task: a task costs about 2 ms, so a flat tree is cheaper than a deep one."""

PATIENCE = 60.0
"""Seconds that a pass waits while the scheduler has no worker at all."""

LOOK_AROUND = 5.0
"""Seconds without any result after which the workers are counted."""


class ServedCluster(Cluster):
    """A Dask scheduler and its workers.

    Parameters: client is connected to the scheduler; where names it in messages; resources are closed with the
    cluster, the client among them; abandon, when given, is called before that if workers may still be busy with
    something that nobody wants any more; patience is in seconds, at least `PATIENCE`; shares_files is whether its
    workers are on this machine; logs tells where those of its hosts are, an empty text if there are none; checks
    are asked of each worker, now or before its first task.

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

    def __repr__(self) -> str:
        return f"ServedCluster({self._where!r})"

    @property
    def client(self) -> Client:
        """Dask's own client, for what this class does not offer."""
        return self._client

    @property
    def workers(self) -> int:
        """Threads of all workers at this moment. Raises ClusterError when the scheduler is lost."""
        self._require_connection("counting workers")
        try:
            return sum(self._client.nthreads().values())
        except OSError as error:
            raise self._lost("counting workers") from error

    @property
    def shares_files(self) -> bool:
        return self._shares_files

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
        self._require_connection("asking workers")
        answers = self._client.run(ask, self._requirements, on_error="return")
        there = self._client.nthreads()
        for address, answer in sorted(answers.items()):
            if isinstance(answer, BaseException):
                if isinstance(answer, OSError) and address not in there:
                    continue  # it has just left
                reason = (str(answer) or type(answer).__name__).splitlines()[0]
                raise ClusterError(
                    f"a worker of {self._where} did not tell its versions ({address}: {reason}); "
                    f"install the same version of {DISTRIBUTION} on all machines of the cluster"
                ) from answer
            if answer.wrong is not None:
                raise unfit(answer.host, address, answer.wrong)

    def map(
        self,
        function: Callable[[Item], Result],
        items: Iterable[Item],
        *,
        label: str = "work",
        progress: ProgressCallback | None = None,
    ) -> Iterator[tuple[int, Result]]:
        futures = self._submit(function, list(items), label, TaskNames(label))
        total = len(futures)
        counting = Counting(progress, label, total)
        counting.begin()
        position_of = {future.key: position for position, future in enumerate(futures)}
        done = 0
        try:
            for batch in self._finished(futures, label):
                results = self._fetch(batch, label)
                for future, result in zip(batch, results, strict=True):
                    done += 1
                    counting.finished(position_of[future.key])
                    yield position_of[future.key], result
        finally:
            self._drop(futures, finished=done == total)

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
        names = TaskNames(label)
        leaves = self._submit(function, items, label, names)
        combining: list[Any] = []
        done = 0
        try:
            level = leaves
            while len(level) > 1:
                groups = [level[start : start + FAN_IN] for start in range(0, len(level), FAN_IN)]
                depth = len(combining)
                level = [
                    self._client.submit(Combine(combine), *group, key=names.combine(depth, number), pure=False)
                    for number, group in enumerate(groups)
                ]
                combining.extend(level)
            counting = Counting(progress, label, len(leaves))
            counting.begin()
            position_of = {future.key: position for position, future in enumerate(leaves)}
            for batch in self._finished(leaves, label):
                failed = [future for future in batch if future.status != "finished"]
                if failed:
                    self._fetch(failed, label)
                for future in batch:
                    done += 1
                    counting.finished(position_of[future.key])
            [root] = level
            for batch in self._finished([root], label):
                [total] = self._fetch(batch, label)
            done = len(leaves) + 1
            return total  # type: ignore[no-any-return]
        finally:
            self._drop([*leaves, *combining], finished=done > len(leaves))

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
        self._require_connection(label)
        if not items:
            return []
        # pure=False: the name of a task is not computed from its arguments, and nothing is reused.
        futures: list[Any] = self._client.map(
            Apply(function, self._requirements),
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
            yield done

    def _wait(self, arrived: Callable[[float], bool], label: str) -> None:
        """Wait until arrived(seconds) is true. Raises ClusterError when all workers stay away."""
        deserted_since: float | None = None
        while not arrived(LOOK_AROUND):
            deserted_since = self._check_workers(deserted_since, label)

    def _check_workers(self, deserted_since: float | None, label: str) -> float | None:
        try:
            if self.workers:
                return None
        except ClusterError:
            raise self._lost(label) from None
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
            return self._gather(futures, label)
        except Failure as failure:
            raise failure.unwrapped() from None
        except KilledWorker as error:
            raise ClusterError(
                f"{label}: {error.allowed_failures + 1} workers of {self._where} died while running task "
                f"{error.task}, the last of them {_last(error)}; a worker that needs more memory than it may use "
                f"is the usual cause: use fewer workers or smaller pieces{self._logs()}"
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

    def _gather(self, futures: list[Any], label: str) -> list[Any]:
        # Not simply client.gather: a result that died with the last worker would be waited for, for ever.
        loop = self._client.loop.asyncio_loop
        gathering: Gathering[list[Any]] = Gathering()
        tasks: list[asyncio.Future[list[Any]]] = []

        def begin() -> None:
            # In the loop's thread, so that Ctrl-C here cannot fall between making the coroutine and awaiting it.
            tasks.append(asyncio.ensure_future(self._client.gather(futures, asynchronous=True)))
            tasks[0].add_done_callback(lambda done: _settle(gathering, done))

        def end() -> None:
            for task in tasks:
                task.cancel()  # changes nothing once it is done

        loop.call_soon_threadsafe(begin)
        try:
            self._wait(lambda seconds: bool(wait([gathering], seconds).done), label)
        finally:
            with suppress(RuntimeError):  # the loop is closed, and the task with it
                loop.call_soon_threadsafe(end)
        return gathering.result()

    def _drop(self, futures: list[Any], *, finished: bool) -> None:
        """Cancel futures that nobody needs: running tasks end by themselves, others do not start."""
        if not futures or finished:
            return
        self._abandoned = True
        if self._client.status == "running":
            with suppress(OSError, TimeoutError, CancelledError):
                self._client.cancel(futures, force=True)

    def _require_connection(self, label: str) -> None:
        if self._closed:
            raise ClusterError(f"{label}: this cluster was closed; open another one")
        if self._client.status != "running":
            raise self._lost(label)

    def _logs(self) -> str:
        where = self._logs_of_hosts()
        return f"; what its hosts said is in {where}" if where else ""

    def _lost(self, label: str) -> ClusterError:
        return ClusterError(
            f"{label}: the connection to the scheduler at {self._where} was lost; "
            f"check that it runs, start it again if it does not, and run again{self._logs()}"
        )


def _last(error: KilledWorker) -> str:
    """The worker that died last, and what memory it had."""
    worker = error.last_worker
    limit = f", which may use {worker.memory_limit / 1e9:.1f} GB of memory" if worker.memory_limit else ""
    return f"{worker.address}{limit}"


def _settle(waiting: Gathering[Any], done: asyncio.Future[Any]) -> None:
    """Hand what was done in the loop to the thread that waits for it."""
    if done.cancelled():
        waiting.cancel()
        waiting.set_running_or_notify_cancel()
    elif (error := done.exception()) is not None:
        waiting.set_exception(error)
    else:
        waiting.set_result(done.result())


def connected(place: Any, **options: Any) -> Client:
    """Make a client of Dask's; the arguments and errors are its own. One that cannot connect is closed at once.

    Otherwise Dask closes it when it is collected, in whatever thread that happens; in the one that a next client
    starts, it waits for itself. It is made in two steps, since a constructor that raises returns nothing to close.
    """
    client = Client.__new__(Client)
    try:
        client.__init__(place, set_as_default=False, **options)
    except BaseException:
        with suppress(Exception):
            client.close(timeout=1)
        raise
    return client


def close_client(client: Client) -> None:
    """Disconnect. A client that lost its scheduler is not given time to look for it."""
    with suppress(OSError, TimeoutError):
        client.close(timeout=5 if client.status == "running" else 0.5)
