"""Work ahead: threads compute the next results while the caller uses the last ones."""

from collections import deque
from collections.abc import Callable, Generator, Iterable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TypeVar

Item = TypeVar("Item")
Result = TypeVar("Result")


def ahead(
    function: Callable[[Item], Result], items: Iterable[Item], threads: int, most: int
) -> Generator[Result, None, None]:
    """Yield `function` of each item, in order, computed in background threads.

    Items are drawn in the caller's thread, at most `most` of them ahead of their results. Exceptions of items and
    of `function` are raised here, in their place. Worthwhile where the function releases the interpreter's lock, as
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
