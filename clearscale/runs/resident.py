"""What a process keeps of snapshots that it has read: a process that decides one again need not read it again.

A snapshot never changes, so what was read of it stays valid. What is kept is bounded and evicts nothing: what does
not fit is read again each time. Nothing that is kept is ever written to.
"""

import threading
from collections.abc import Callable, Hashable
from dataclasses import replace
from typing import Any, Generic, Protocol, TypeVar

from clearscale.io.files import Folder
from clearscale.io.urls import absolute
from clearscale.store.layout import MANIFEST, snapshot_path

MOST_BYTES = 2**29
"""Limit for all that a process keeps, with the files behind it: one and a half times California's charges."""


class Sized(Protocol):
    """What can be kept."""

    @property
    def nbytes(self) -> int:
        """Bytes of its arrays, and of the tables behind them."""


Kept = TypeVar("Kept", bound=Sized)
Opened = TypeVar("Opened")


class Cache:
    """Caseloads, or buckets of charges, by key: as many as fit into `most_bytes`."""

    def __init__(self, most_bytes: int) -> None:
        self._most_bytes = most_bytes
        self._kept: dict[Hashable, tuple[Sized, int]] = {}
        self._lock = threading.Lock()

    def __len__(self) -> int:
        return len(self._kept)

    def get(self, key: Hashable, make: Callable[[], Kept]) -> Kept:
        """Return what is kept of the key, or make it, which `put` may keep."""
        kept = self._kept.get(key)
        return kept[0] if kept else make()  # type: ignore[return-value]  # a key is of one kind of thing

    def put(self, key: Hashable, made: Sized) -> None:
        """Keep something after its work, when it has all columns that the work asked for."""
        size = made.nbytes
        with self._lock:
            others = sum(nbytes for other, (_, nbytes) in self._kept.items() if other != key)
            if others + size <= self._most_bytes:
                self._kept[key] = made, size

    def clear(self) -> None:
        """Drop all."""
        with self._lock:
            self._kept.clear()


CACHE = Cache(MOST_BYTES)
"""The cache of this process."""

Key = tuple[Folder, str, str]
"""A snapshot: its store, its name, and what changes when its manifest is written anew."""


def key_of(store: Folder, snapshot: str) -> Key:
    """The key of a snapshot as it is now. store: by its absolute path."""
    return store, snapshot, store.stamp(f"{snapshot_path(snapshot)}/{MANIFEST}")


def by_absolute_path(store: Folder) -> Folder:
    """A store by the name under which a process keeps what it has read."""
    return replace(store, url=absolute(store.url))


class OpenedSnapshots(Generic[Opened]):
    """The last few snapshots that this process has opened, with what all their buckets share.

    most: how many.
    """

    def __init__(self, most: int = 2) -> None:
        self._most = most
        self._opened: dict[Key, Opened] = {}
        _ALL.append(self)

    def get(self, key: Key) -> Opened | None:
        """The snapshot of the key, None if this process has not opened it, or not lately."""
        return self._opened.get(key)

    def put(self, key: Key, opened: Opened) -> Opened:
        """Keep a snapshot; return it."""
        self._opened[key] = opened
        for oldest in list(self._opened)[: -self._most]:
            self._opened.pop(oldest, None)
        return opened

    def clear(self) -> None:
        """Drop all."""
        self._opened.clear()


_ALL: "list[OpenedSnapshots[Any]]" = []


def forget() -> None:
    """Drop all that this process keeps of snapshots, as when records were destroyed."""
    CACHE.clear()
    for opened in _ALL:
        opened.clear()
