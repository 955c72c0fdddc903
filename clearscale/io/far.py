"""What is far is waited for together: many small readings or writings of an object store at the same time."""

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import TypeVar

from .files import Folder
from .seals import Seal, seal_of

Item = TypeVar("Item")
Result = TypeVar("Result")
Other = TypeVar("Other")

_AT_ONCE = 8


def each(folder: Folder, work: Callable[[Item], Result], items: Iterable[Item]) -> list[Result]:
    """Read or write something in a folder for each item; return the results in order.

    At the same time where the folder is in an object store: each waits for its answer.
    """
    if folder.is_local:
        return [work(item) for item in items]
    with ThreadPoolExecutor(_AT_ONCE) as threads:
        return list(threads.map(work, items))


def both(folder: Folder, first: Callable[[], Result], second: Callable[[], Other]) -> tuple[Result, Other]:
    """Do two things that do not need each other, at the same time where the folder is in an object store.

    An error of the first is raised before one of the second.
    """
    if folder.is_local:
        return first(), second()
    with ThreadPoolExecutor(1) as thread:
        beside = thread.submit(second)
        found = first()
        return found, beside.result()


@dataclass(frozen=True)
class FolderBehind(Folder):
    """A folder of an object store whose files are still on their way when `write` returns; see `behind`."""

    pool: ThreadPoolExecutor = field(repr=False)
    on_their_way: deque[Future[None]] = field(repr=False)

    def folder(self, name: str) -> "FolderBehind":
        """A folder inside this one."""
        return replace(self, url=self._url(name))

    def write(self, name: str, content: bytes | memoryview, *, lasting: bool = False) -> Seal:
        """Have a file on its way; returns its seal. content: must stay as it is until it has arrived."""
        while len(self.on_their_way) >= _AT_ONCE:
            self.on_their_way.popleft().result()
        stored = self._as_stored(content)
        self.on_their_way.append(self.pool.submit(self._put, name, stored, lasting))
        return seal_of(content)

    def arrive(self) -> None:
        """Wait until all that was written is there. Raises StorageError if some of it could not be written."""
        while self.on_their_way:
            self.on_their_way.popleft().result()


def apart(folder: Folder) -> tuple[Folder, Callable[[], None]]:
    """The folder of `behind` once more, and what to call before anything relies on what is written into it."""
    if not isinstance(folder, FolderBehind):
        return folder, lambda: None
    own = replace(folder, on_their_way=deque())
    return own, own.arrive


@contextmanager
def behind(folder: Folder) -> Iterator[tuple[Folder, Callable[[], None]]]:
    """Give a folder to write into, and what to call before anything may rely on what was written.

    Where the folder is in an object store, some files are on their way while the caller goes on.
    """
    if folder.is_local:
        yield folder, lambda: None
        return
    with ThreadPoolExecutor(_AT_ONCE) as pool:
        found = FolderBehind(folder.url, encryption=folder.encryption, pool=pool, on_their_way=deque())
        yield found, found.arrive
