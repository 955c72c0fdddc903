"""How work is wrapped and named for a scheduler, so that neither logs nor dashboards show what it is about.

Dask prints a failing task with its arguments and its exception, keeps the latter for its pages, and lists tasks by
name: they would show paths, which may name people, and what a library wrote into a message, which may be a person's
value. So a task's exception travels in a `Failure`, and is raised as itself where the results are wanted.
"""

from __future__ import annotations

import re
import secrets
import socket
import traceback
from collections.abc import Callable
from functools import reduce
from typing import Any

from .requirements import Requirement, require

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


class Apply:
    """Calls a function with what an `Opaque` holds, once the worker has met what is required of it."""

    __slots__ = ("function", "requirements")

    def __init__(self, function: Callable[[Any], Any], requirements: tuple[Requirement, ...] = ()) -> None:
        self.function = function
        self.requirements = requirements

    def __call__(self, item: Opaque) -> Any:
        return _guarded(self._applied, item.value)

    def _applied(self, value: Any) -> Any:
        require(self.requirements)
        return self.function(value)

    def __repr__(self) -> str:
        return "<task>"


class Combine:
    """Folds several results, in order, with a function of two."""

    __slots__ = ("combine",)

    def __init__(self, combine: Callable[[Any, Any], Any]) -> None:
        self.combine = combine

    def __call__(self, *results: Any) -> Any:
        return _guarded(reduce, self.combine, results)

    def __repr__(self) -> str:
        return "<combine>"


class TaskNames:
    """Names for the tasks of one pass: the label, a random number and a running number.

    The random number keeps two passes with one label apart, also those of two people on one scheduler: to Dask,
    equal names are equal work.
    """

    def __init__(self, label: str) -> None:
        self._label = re.sub(r"[^a-z0-9]+", " ", label.lower()).strip() or "work"
        self._pass = secrets.randbelow(10**12)

    def items(self, count: int) -> list[str]:
        """Names such as "decide convictions-204511873021-7", which Dask's dashboard shows as decide convictions."""
        return [f"{self._label}-{self._pass:012d}-{number}" for number in range(count)]

    def combine(self, level: int, number: int) -> str:
        """Names of a group of their own, so that Dask schedules them where their inputs are."""
        return f"combine {self._label}-{self._pass:012d}-{level}-{number}"
