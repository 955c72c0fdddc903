"""What every cluster can do, wherever it runs."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from types import TracebackType
from typing import Self, TypeVar

from .errors import ClusterError
from .label import ProgressCallback
from .requirements import Check
from .watching.record import Record
from .watching.spans import current

Item = TypeVar("Item")
Result = TypeVar("Result")


class Cluster(ABC):
    """A place where work runs. Use it in a `with` statement, or call `close`.

    Functions, items and results travel between processes on some clusters, so they must be picklable (cloudpickle:
    lambdas and closures are), and neither functions nor `combine` may change what they are given, since a task is
    run again when its worker dies. Pass paths, return small results.

    Exceptions of a task are raised as themselves and end the call: no further item is started, and results not yet
    handed over are dropped. ClusterError means that the cluster itself failed.
    """

    _records: tuple[Record, ...] = ()
    """Records of what is being done."""

    @property
    @abstractmethod
    def workers(self) -> int:
        """How many tasks can run at the same time."""

    @property
    def shares_memory(self) -> bool:
        """Whether tasks run in the caller's process, so that a large result costs nothing to hand over."""
        return False

    @property
    def shares_files(self) -> bool:
        """Whether all workers surely see the caller's files, as on its own machine."""
        return True

    def required(self, *checks: Check) -> AbstractContextManager[None]:
        """Have each worker pass checks before it works, in a `with` statement; one that joins meanwhile as well.

        Where the caller's own process works nothing is checked.

        Parameters
        ----------
        checks : callable
            Called without arguments in a worker's process; returns what is wrong there, as a sentence's end such
            as "does not see /store", None if nothing is. Picklable.

        Returns
        -------
        context manager
            Entering it asks the workers that are there.

        Raises
        ------
        ClusterError
            If a worker does not pass, here or at its first task: names its host, its address and what is wrong.
        """
        return nullcontext()

    @property
    def place(self) -> str:
        """Where it works, for records."""
        return type(self).__name__

    @property
    def dashboard(self) -> str | None:
        """The address of its scheduler's pages, None if it has none that answer from here."""
        return None

    def performance_report(self, path: str) -> AbstractContextManager[None]:
        """Have Dask's own report of what is done in a `with` statement, a page with charts, in a file.

        Parameters
        ----------
        path : str
            The file, `.html`; one of that name is replaced.

        Returns
        -------
        context manager
            The file is there when it is left, also by an exception.

        Raises
        ------
        ClusterError
            If there is no scheduler, or it lacks the package to draw it with.
        OSError
            If the file cannot be written.
        """
        raise ClusterError(
            f"{self.place}: has no scheduler that could report of its work; for a performance report work "
            "elsewhere, such as at local:2"
        )

    @contextmanager
    def recorded(self, what: str) -> Iterator[Record]:
        """Write down what is done in a `with` statement: passes, tasks, workers, bytes and memory.

        With OpenTelemetry's package there is a span around it, and one below that for each pass.

        Parameters
        ----------
        what : str
            The work, in a word; it must hold no personal data.

        Yields
        ------
        Record
            What is written down so far; `document()` tells it as JSON has it.
        """
        record = Record(what, self.place, self.workers)
        before = self._records
        self._records = (*before, record)
        try:
            with current(f"clearscale {what}"):
                yield record
        finally:
            self._records = before

    @abstractmethod
    def map(
        self,
        function: Callable[[Item], Result],
        items: Iterable[Item],
        *,
        label: str = "work",
        progress: ProgressCallback | None = None,
    ) -> Iterator[tuple[int, Result]]:
        """Apply a function to each item, and hand over each result as it is finished.

        Work starts with the first `next` and stops when the iterator is exhausted, closed or dropped.

        Parameters
        ----------
        function : callable
            Called with an item; returns its result.
        items : iterable
            The items.
        label : str, default "work"
            Names the work in messages and task names; it must hold no personal data. A `Label` says what progress
            counts, if that is not items.
        progress : callable, optional
            Called with (done, total, label) in the caller's thread: with done = 0 at the start, then after each
            item.

        Yields
        ------
        tuple of (int, object)
            Position in `items`, and result, in any order.

        Raises
        ------
        ClusterError
            If the cluster is lost. What a task raises is raised as itself.
        """

    @abstractmethod
    def reduce(
        self,
        function: Callable[[Item], Result],
        items: Iterable[Item],
        combine: Callable[[Result, Result], Result],
        *,
        label: str = "work",
        progress: ProgressCallback | None = None,
    ) -> Result:
        """Apply a function to each item and fold the results, near the workers.

        Parameters
        ----------
        function : callable
            Called with an item; returns its result.
        items : iterable
            The items, at least one.
        combine : callable
            Called with two results; returns one. It must be associative: neighbors are combined in an order that is
            not fixed, though always with the earlier items on the left.
        label : str, default "work"
            Names the work in messages and task names; it must hold no personal data. A `Label` says what progress
            counts, if that is not items.
        progress : callable, optional
            Called with (done, total, label) in the caller's thread: with done = 0 at the start, then after each
            item.

        Returns
        -------
        object
            The results of all items, combined.

        Raises
        ------
        ValueError
            If there are no items.
        ClusterError
            If the cluster is lost. What a task raises is raised as itself.
        """

    @abstractmethod
    def close(self) -> None:
        """Stop what still runs and give back what was started here. May be called twice."""

    def gather(
        self,
        function: Callable[[Item], Result],
        items: Iterable[Item],
        *,
        label: str = "work",
        progress: ProgressCallback | None = None,
    ) -> list[Result]:
        """Apply a function to each item, and return the results in the order of the items.

        Parameters
        ----------
        function : callable
            Called with an item; returns its result.
        items : iterable
            The items.
        label : str, default "work"
            Names the work in messages and task names; it must hold no personal data. A `Label` says what progress
            counts, if that is not items.
        progress : callable, optional
            Called with (done, total, label) in the caller's thread: with done = 0 at the start, then after each
            item.

        Returns
        -------
        list
            A result an item.

        Raises
        ------
        ClusterError
            If the cluster is lost. What a task raises is raised as itself.
        """
        results = dict(self.map(function, items, label=label, progress=progress))
        return [results[position] for position in range(len(results))]

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def require_items(items: list[Item], label: str) -> None:
    """Raises ValueError when there is nothing to reduce."""
    if not items:
        raise ValueError(f"{label}: no items to reduce, and no total to start from; check for emptiness first")
