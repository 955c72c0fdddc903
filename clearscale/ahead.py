"""Working ahead: a second thread makes the next items while the first uses the last ones."""

import queue
import threading
from collections.abc import Iterable, Iterator
from typing import TypeVar

Item = TypeVar("Item")


def ahead(items: Iterable[Item], most: int = 1) -> Iterator[Item]:
    """The items, made in a thread of their own, at most `most` of them before they are asked for.

    What making them raises is raised here. Worthwhile where making an item lets go of the interpreter's lock, as
    reading and kernels do. The thread ends with the iterator, also when it is closed early.
    """
    ready: queue.Queue[tuple[bool, Item | BaseException | None]] = queue.Queue(most)
    stopped = threading.Event()

    def offer(last: bool, value: Item | BaseException | None) -> bool:
        while not stopped.is_set():
            try:
                ready.put((last, value), timeout=0.1)
            except queue.Full:
                continue
            return True
        return False

    def make() -> None:
        try:
            for item in items:
                if not offer(False, item):
                    return
        except BaseException as error:
            offer(True, error)
        else:
            offer(True, None)

    thread = threading.Thread(target=make, daemon=True)
    thread.start()
    try:
        while True:
            last, value = ready.get()
            if not last:
                yield value  # type: ignore[misc]
            elif isinstance(value, BaseException):
                raise value
            else:
                return
    finally:
        stopped.set()
        thread.join()
