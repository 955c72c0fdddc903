"""How work is wrapped and named for a scheduler, so that neither logs nor dashboards show what it is about.

Dask prints a failing task with its arguments and its exception, keeps the latter for its pages, and lists tasks by
name: they would show paths, which may name people, and what a library wrote into a message, which may be a person's
value. So a task's exception travels in a `Failure`, and is raised as itself where the results are wanted.
"""

from __future__ import annotations

import secrets
import socket
import time
import traceback
from collections.abc import Callable
from functools import reduce
from typing import Any

from .label import plain
from .requirements import Requirement, require
from .watching.metrics import count_task
from .watching.process import host, new_traffic, peak_memory
from .watching.record import Share, Shares, added

ON_WORKER = "on a worker: "
"""Notes of an exception begin so that tell where a task raised it."""

_TASK = "task "


class Opaque:
    """A value that does not print itself."""

    __slots__ = ("value",)

    def __init__(self, value: Any) -> None:
        self.value = value

    def __repr__(self) -> str:
        return "<item>"


class Failure(Exception):  # noqa: N818 - it stands for an error and is none
    """An exception of a task, on its way to who called. It prints the kind of it only.

    Parameters
    ----------
    error : Exception
        What the task raised.
    places : tuple of str
        Where: task, host and worker, then module, line and function of each call, the innermost last.
    """

    def __init__(self, error: Exception, places: tuple[str, ...]) -> None:
        super().__init__(error, places)
        self.error = error
        self.places = places

    def __str__(self) -> str:
        return type(self.error).__name__

    def __repr__(self) -> str:
        return f"<failure: {type(self.error).__name__}>"

    @classmethod
    def of(cls, error: Exception) -> Failure:
        """Wrap what was raised; of what cannot be pickled, the kind."""
        places = tuple(
            f"{frame.f_globals.get('__name__', '?')}, line {line}, in {frame.f_code.co_name}"
            for frame, line in traceback.walk_tb(error.__traceback__)
        )
        import cloudpickle  # where tasks run, it is there

        try:
            cloudpickle.loads(cloudpickle.dumps(error))
        except Exception:
            error = RuntimeError(f"{type(error).__name__}, which cannot be sent between processes")
        return cls(error, (*_whereabouts(), *places))

    def unwrapped(self) -> Exception:
        """The exception, with its places on the worker as a note."""
        for place in self.places:
            self.error.add_note(f"{ON_WORKER}{place}")
        return self.error


def _whereabouts() -> tuple[str, ...]:
    """The task that runs here, its host and its worker."""
    from distributed import get_worker

    try:
        worker = get_worker()
    except ValueError:  # in no worker
        return ()
    return (f"{_TASK}{worker.get_current_task()} on host {socket.gethostname()} (worker {worker.address})",)


def whereabouts(error: BaseException) -> list[str]:
    """The line that names task, host and worker of an error that a worker raised; none for others."""
    return [note for note in getattr(error, "__notes__", ()) if note.startswith(ON_WORKER + _TASK)][:1]


def _guarded(function: Callable[..., Any], *arguments: Any) -> Any:
    """Call a function. Raises Failure for what it raises."""
    try:
        return function(*arguments)
    except Exception as error:
        failure = Failure.of(error)
    raise failure  # here, so that it brings no other with it


class Done:
    """What a task returned, and what workers did for it. It does not print what it holds."""

    __slots__ = ("shares", "value")

    def __init__(self, value: Any, shares: Shares) -> None:
        self.value = value
        self.shares = shares

    def __repr__(self) -> str:
        return "<result>"


def _measured(label: str, tasks: int, function: Callable[..., Any], *arguments: Any) -> Done:
    """Call a function, and tell what that took. tasks: how many it counts as. Raises Failure for what it raises."""
    began, failed = time.monotonic(), True
    try:
        value = _guarded(function, *arguments)
        failed = False
    finally:
        seconds, traffic = time.monotonic() - began, new_traffic()
        count_task(label, seconds, traffic, failed=failed)
    return Done(value, {_worker(): Share(host(), tasks, seconds, traffic, peak_memory())})


def _worker() -> str:
    """The address of the worker that this runs in."""
    from distributed import get_worker

    try:
        return str(get_worker().address)
    except ValueError:
        return ""


class Apply:
    """Calls a function with what an `Opaque` holds, once the worker has met what is required of it."""

    __slots__ = ("function", "label", "requirements")

    def __init__(
        self, function: Callable[[Any], Any], requirements: tuple[Requirement, ...] = (), label: str = "work"
    ) -> None:
        self.function = function
        self.requirements = requirements
        self.label = str(label)

    def __call__(self, item: Opaque) -> Done:
        return _measured(self.label, 1, self._applied, item.value)

    def _applied(self, value: Any) -> Any:
        require(self.requirements)
        return self.function(value)

    def __repr__(self) -> str:
        return "<task>"


class Combine:
    """Folds several results, in order, with a function of two."""

    __slots__ = ("combine", "label")

    def __init__(self, combine: Callable[[Any, Any], Any], label: str = "work") -> None:
        self.combine = combine
        self.label = f"combine {label}"

    def __call__(self, *results: Done) -> Done:
        done = _measured(self.label, 0, reduce, self.combine, [result.value for result in results])
        return Done(done.value, added([done.shares, *(result.shares for result in results)]))

    def __repr__(self) -> str:
        return "<combine>"


class TaskNames:
    """Names for the tasks of one pass: the label, a random number and a running number.

    The random number keeps two passes with one label apart, also those of two people on one scheduler: to Dask,
    equal names are equal work.
    """

    def __init__(self, label: str) -> None:
        self.label = plain(label)
        self.number = f"{secrets.randbelow(10**12):012d}"
        """The pass's own."""

    def items(self, count: int) -> list[str]:
        """Names such as "decide convictions-204511873021-7", which Dask's dashboard shows as decide convictions."""
        return [f"{self.label}-{self.number}-{number}" for number in range(count)]

    def has(self, name: str) -> bool:
        """Whether a task of this name is one of the pass."""
        return f"{self.label}-{self.number}-" in name

    def combine(self, level: int, number: int) -> str:
        """Names of a group of their own, so that Dask schedules them where their inputs are."""
        return f"combine {self.label}-{self.number}-{level}-{number}"
