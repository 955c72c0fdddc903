"""Working ahead: threads make the next results while the caller uses the last ones."""

from collections import deque
from collections.abc import Callable, Generator, Iterable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TypeVar

Item = TypeVar("Item")
Result = TypeVar("Result")


def ahead(
    function: Callable[[Item], Result], items: Iterable[Item], threads: int, most: int
) -> Generator[Result, None, None]:
    """What `function` makes of each item, in order, made in threads of their own.

    Items are drawn in the caller's thread, at most `most` of them before their results are asked for. What drawing
    or making raises is raised here, in its place. Worthwhile where making lets go of the interpreter's lock, as
    kernels do. The threads end with the iterator, also when it is closed early.
    """
    pool = ThreadPoolExecutor(threads)
    waiting: deque[Future[Result]] = deque()
    try:
        for item in items:
            if len(waiting) >= most:
                yield waiting.popleft().result()
            waiting.append(pool.submit(function, item))
        while waiting:
            yield waiting.popleft().result()
    finally:
        pool.shutdown(cancel_futures=True)
