"""Claims: one command at a time works on something, here, on hosts that share its files, on object stores.

A claim is a file. On a file system it is locked, and the system lets go of the lock when its process ends, however
that ends. On an object store it is a lease.
"""

import contextlib
import errno
import fcntl
import os
import time
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Protocol, cast

from clearscale.errors import ClearscaleError, StorageError
from clearscale_cluster.locks import AT_ONCE, is_at

from .documents import json_bytes
from .files import Folder
from .leases import Lease, TakenError, release_all, told, who
from .private import PRIVATE, make_folder, remove_left

LOCK = ".lock"
"""The claim on a folder that files for people are written into."""

_AT_ONCE = 32
"""Claims that are taken at a time: on an object store each waits for its answer."""


class Claim(Protocol):
    """A claim that is held."""

    def assert_held(self) -> None:
        """Raise StorageError if it was taken over, since this process gave no sign of life for a minute."""

    def release(self, *, keep: bool = False) -> None:
        """Let go of it. keep: leave the file, as a sign that something was not finished."""


def claim(folder: Folder, name: str, *, patient: bool = True) -> Claim:
    """Claim the file of this name; raises TakenError if somebody has it.

    patient: whether to look for a minute whether another's claim on an object store is still alive.
    """
    if folder.is_local:
        return _Locked.of(Path(folder.folder(name).local_path))
    return Lease.of(folder.folder(name).url, patient)


@contextlib.contextmanager
def claimed(
    folder: Folder, name: str, error: type[ClearscaleError], *, kept_on_failure: bool = False
) -> Iterator[Claim]:
    """Hold a claim on what is written into a folder. Raises `error` if somebody has it.

    kept_on_failure: whether the file stays if the work fails, as a sign that it did.
    """
    try:
        held = claim(folder, name)
    except TakenError as taken:
        raise error(
            f"{folder.url}: another command is writing there ({taken}); wait until it has ended, or name another "
            "folder"
        ) from None
    try:
        if folder.is_local:
            remove_left(Path(folder.local_path))
        yield held
    except BaseException:
        held.release(keep=kept_on_failure)
        raise
    held.release()


@contextlib.contextmanager
def claimed_for_a_moment(folder: Folder, name: str) -> Iterator[None]:
    """Hold a claim on a file system for something quick; wait for whoever has it."""
    while True:
        try:
            held = claim(folder, name)
            break
        except TakenError:
            time.sleep(0.01)
    try:
        yield
    finally:
        held.release()


class Claims:
    """Claims that are held together, as a context manager."""

    def __init__(self, folder: Folder) -> None:
        self._folder = folder
        self._held: dict[str, Claim] = {}
        self._first: Lease | None = None
        """On an object store, the claim that gives the signs of life of all."""

    def take(self, name: str, *, patient: bool = True) -> None:
        """Take one more, unless it is held already. Raises TakenError."""
        if name in self._held:
            return
        if self._folder.is_local:
            self._held[name] = claim(self._folder, name, patient=patient)
            return
        held = Lease.of(self._folder.folder(name).url, patient, self._first)
        self._held[name] = held
        self._first = self._first or held

    def take_each(self, names: Iterable[str]) -> dict[str, TakenError]:
        """Take those that nobody has; return who has the others."""
        taken: dict[str, TakenError] = {}

        def take(name: str) -> None:
            try:
                self.take(name)
            except TakenError as error:
                taken[name] = error

        waiting = iter(names)
        for name in waiting:
            take(name)
            if self._first is not None:  # the others name it, and each waits for an answer
                break
        with ThreadPoolExecutor(_AT_ONCE) as threads:
            list(threads.map(take, waiting))
        return taken

    def __contains__(self, name: str) -> bool:
        return name in self._held

    def assert_held(self) -> None:
        """Raise StorageError if one of them was lost."""
        if self._first is not None:
            self._first.assert_held()

    def __enter__(self) -> "Claims":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._first is not None:
            others = [held for held in self._held.values() if held is not self._first]
            release_all(self._first, cast(list[Lease], others))
        else:
            for held in self._held.values():
                held.release()
        if self._held:
            self._held.clear()
            self._folder.remove_if_empty()
        self._first = None


@dataclass(frozen=True)
class _Locked:
    """A claim on a file system: a locked file."""

    path: Path
    handle: int

    @classmethod
    def of(cls, path: Path) -> "_Locked":
        while True:
            make_folder(path.parent)
            try:
                handle = os.open(path, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC, PRIVATE)
            except FileNotFoundError:  # the folder has just been removed
                continue
            except OSError as error:
                if error.errno != errno.ELOOP:
                    raise
                raise StorageError(f"{path}: is a link, and would be written over; remove it") from None
            try:
                fcntl.flock(handle, AT_ONCE)
                if is_at(handle, path):
                    os.truncate(handle, 0)
                    os.pwrite(handle, json_bytes(who()), 0)
                    return cls(path, handle)
                os.close(handle)  # whoever had it has just removed it
            except BlockingIOError:
                content = os.pread(handle, 1000, 0)
                os.close(handle)
                raise TakenError(told(content)) from None
            except OSError as error:
                os.close(handle)
                raise StorageError(
                    f"{path}: cannot be locked ({error.strerror}); use another file system"
                ) from None

    def assert_held(self) -> None:
        pass

    def release(self, *, keep: bool = False) -> None:
        try:
            if not keep:
                self.path.unlink(missing_ok=True)
        finally:
            os.close(self.handle)
