"""Small work that mostly waits for an object store: a task does some of it at the same time."""

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

Item = TypeVar("Item")
Result = TypeVar("Result")

_AT_ONCE = 16
"""Items that a task works on at a time."""

_TASKS_A_WORKER = 3
"""At least so many tasks a worker remain, so that all of them have work to the end."""


def bundled(items: Sequence[Item], sizes: Sequence[int], most: int, workers: int) -> list[tuple[Item, ...]]:
    """Bundle neighbors for a task each: one item, or so many that each worker still has several tasks.

    sizes: bytes of each item. most: bytes of all of a bundle, unless one item has more.
    """
    at_once = max(1, min(_AT_ONCE, len(items) // (_TASKS_A_WORKER * max(workers, 1))))
    bundles: list[list[Item]] = []
    held = 0
    for item, size in zip(items, sizes, strict=True):
        if not bundles or len(bundles[-1]) == at_once or held + size > most:
            bundles.append([])
            held = 0
        bundles[-1].append(item)
        held += size
    return [tuple(bundle) for bundle in bundles]


def each_of(function: Callable[[Item], Result], bundle: Sequence[Item]) -> list[Result]:
    """Apply a function to each item of a bundle at the same time; return the results in order."""
    if len(bundle) == 1:
        return [function(bundle[0])]
    with ThreadPoolExecutor(len(bundle)) as threads:
        return list(threads.map(function, bundle))
