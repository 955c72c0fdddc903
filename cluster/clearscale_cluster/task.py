"""How work is wrapped and named for a scheduler, so that neither logs nor dashboards show what it is about.

Dask prints a failing task with its arguments and lists tasks by name; both would show paths, and paths may name
people.
"""

from __future__ import annotations

import re
import secrets
from collections.abc import Callable
from functools import reduce
from typing import Any


class Opaque:
    """A value that does not print itself."""

    __slots__ = ("value",)

    def __init__(self, value: Any) -> None:
        self.value = value

    def __repr__(self) -> str:
        return "<item>"


class Apply:
    """Calls a function with what an `Opaque` holds."""

    __slots__ = ("function",)

    def __init__(self, function: Callable[[Any], Any]) -> None:
        self.function = function

    def __call__(self, item: Opaque) -> Any:
        return self.function(item.value)

    def __repr__(self) -> str:
        return "<task>"


class Combine:
    """Folds several results, in order, with a function of two."""

    __slots__ = ("combine",)

    def __init__(self, combine: Callable[[Any, Any], Any]) -> None:
        self.combine = combine

    def __call__(self, *results: Any) -> Any:
        return reduce(self.combine, results)

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
