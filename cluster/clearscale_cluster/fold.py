"""Fold results that arrive in any order, without keeping them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Generic, TypeVar

Result = TypeVar("Result")


class NeighborFold(Generic[Result]):
    """Combines each arriving result with its neighbors, earlier positions on the left.

    Holds one partial total for each run of positions, which is at most one more than the items still missing
    between them: with items started in order, about as many as there are threads.

    >>> fold = NeighborFold(lambda left, right: left + right)
    >>> for position, letter in [(2, "c"), (0, "a"), (1, "b")]:
    ...     fold.add(position, letter)
    >>> fold.total()
    'abc'
    """

    def __init__(self, combine: Callable[[Result, Result], Result]) -> None:
        self._combine = combine
        self._runs: dict[int, tuple[int, Result]] = {}  # first position -> (last position, total)
        self._firsts: dict[int, int] = {}  # last position -> first position

    def add(self, position: int, result: Result) -> None:
        first = last = position
        if position - 1 in self._firsts:
            first = self._firsts.pop(position - 1)
            result = self._combine(self._runs.pop(first)[1], result)
        if position + 1 in self._runs:
            last, right = self._runs.pop(position + 1)
            del self._firsts[last]
            result = self._combine(result, right)
        self._runs[first] = (last, result)
        self._firsts[last] = first

    def total(self) -> Result:
        """The total of all positions. Raises ValueError when positions are missing or none was added."""
        if len(self._runs) != 1 or 0 not in self._runs:
            raise ValueError("positions are missing from the fold")
        return self._runs[0][1]
