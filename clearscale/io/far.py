"""What is far is waited for together: many small readings or writings of an object store at the same time."""

from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from .files import Folder

Item = TypeVar("Item")
Result = TypeVar("Result")

_AT_ONCE = 8


def each(folder: Folder, work: Callable[[Item], Result], items: Iterable[Item]) -> list[Result]:
    """Read or write something in a folder for each item; return the results in order.

    At the same time where the folder is in an object store: each waits for its answer.
    """
    if folder.is_local:
        return [work(item) for item in items]
    with ThreadPoolExecutor(_AT_ONCE) as threads:
        return list(threads.map(work, items))
