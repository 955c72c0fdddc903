"""Claims: one command at a time works on something, on this machine, on hosts that share its files, on object stores.

A claim is a file. On a file system it is locked, and the system lets go of the lock when its process ends, however it
ends. On an object store it is made by a conditional put and written anew every few seconds: one that stays as it is for
a minute is of a process that is gone, and is taken over, again by a conditional put.
"""

import contextlib
import fcntl
import json
import os
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Protocol

from clearscale.errors import ClearscaleError, StorageError

from .files import Folder, json_bytes
from .local import PRIVATE
from .object_store import explained, located, put_if, version_of

BEAT = 15.0
"""Seconds between two signs of life of a claim on an object store."""

SILENCE = 60.0
"""Seconds without one after which such a claim is taken over."""

_ours: set[str] = set()
"""Tokens of this process's claims on object stores."""


class TakenError(Exception):
    """Somebody else has the claim; the message says who."""


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
    return _Leased.of(folder.folder(name).url, patient)


@contextlib.contextmanager
def claimed(folder: Folder, name: str, error: type[ClearscaleError]) -> Iterator[Claim]:
    """Hold a claim on a folder's work; the file stays if the work fails. Raises `error` if somebody has it."""
    try:
        held = claim(folder, name)
    except TakenError as taken:
        raise error(
            f"{folder.url}: another command is writing there ({taken}); wait until it has ended, or name another folder"
        ) from None
    try:
        yield held
    except BaseException:
        held.release(keep=True)
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

    def take(self, name: str, *, patient: bool = True) -> None:
        """Take one more, unless it is held already. Raises TakenError."""
        if name not in self._held:
            self._held[name] = claim(self._folder, name, patient=patient)

    def __contains__(self, name: str) -> bool:
        return name in self._held

    def assert_held(self) -> None:
        """Raise StorageError if one of them was lost."""
        for held in self._held.values():
            held.assert_held()

    def __enter__(self) -> "Claims":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        while self._held:
            self._held.popitem()[1].release()


def _who() -> dict[str, object]:
    return {"process": os.getpid(), "host": os.uname().nodename}


def _told(content: bytes) -> str:
    try:
        about = json.loads(content)
        return f"process {about['process']} on {about['host']}"
    except (ValueError, KeyError, TypeError):
        return "a process that has just begun"


@dataclass(frozen=True)
class _Locked:
    """A claim on a file system: a locked file."""

    path: Path
    handle: int

    @classmethod
    def of(cls, path: Path) -> "_Locked":
        while True:
            path.parent.mkdir(parents=True, exist_ok=True)
            try:
                handle = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, PRIVATE)
            except FileNotFoundError:  # the folder has just been removed
                continue
            try:
                fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
                if _is_at(handle, path):
                    os.truncate(handle, 0)
                    os.pwrite(handle, json_bytes(_who()), 0)
                    return cls(path, handle)
                os.close(handle)  # whoever had it has just removed it
            except BlockingIOError:
                content = os.pread(handle, 1000, 0)
                os.close(handle)
                raise TakenError(_told(content)) from None
            except OSError as error:
                os.close(handle)
                raise StorageError(f"{path}: cannot be locked ({error.strerror}); use another file system") from None

    def assert_held(self) -> None:
        pass

    def release(self, *, keep: bool = False) -> None:
        try:
            if not keep:
                self.path.unlink(missing_ok=True)
        finally:
            os.close(self.handle)


def _is_at(handle: int, path: Path) -> bool:
    try:
        there = path.stat()
    except FileNotFoundError:
        return False
    return os.path.samestat(os.fstat(handle), there)


@dataclass
class _Leased:
    """A claim on an object store: an object that is written anew while it is held."""

    url: str
    token: str
    _version: str | None = None
    _lost: bool = False
    _ended: threading.Event = field(default_factory=threading.Event)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    @classmethod
    def of(cls, url: str, patient: bool) -> "_Leased":
        made = cls(url, os.urandom(8).hex())
        _ours.add(made.token)
        try:
            if not put_if(url, made._content(0), None) and not made._is_mine():
                made._take_over(patient)
        except BaseException:
            _ours.discard(made.token)
            raise
        made._version = version_of(url)
        threading.Thread(target=made._beat, name="clearscale-claim", daemon=True).start()
        return made

    def _content(self, beat: int) -> bytes:
        return json_bytes({**_who(), "token": self.token, "beat": beat})

    def _found(self) -> bytes:
        system, path = located(self.url)
        try:
            with explained(self.url, "read"):
                content: bytes = system.cat_file(path)
                return content
        except FileNotFoundError:
            return b""

    def _is_mine(self) -> bool:
        return _token(self._found()) == self.token

    def _take_over(self, patient: bool) -> None:
        """Raises TakenError if the claim's owner lives."""
        known, since = version_of(self.url), time.monotonic()
        while True:
            content = self._found()
            silent = time.monotonic() - since >= SILENCE
            if known is None or silent or _is_over(content):
                if put_if(self.url, self._content(0), known) or self._is_mine():
                    return
            elif patient:
                time.sleep(min(1.0, SILENCE / 10))
            else:
                raise TakenError(_told(content))
            before, known = known, version_of(self.url)
            if before == known:
                continue
            since = time.monotonic()
            if before is not None and known is not None and not _is_over(content := self._found()):
                raise TakenError(_told(content))

    def _beat(self) -> None:
        number = 0
        while not self._ended.wait(BEAT):
            number += 1
            with self._lock, contextlib.suppress(ClearscaleError, OSError):
                if self._ended.is_set():
                    return
                if put_if(self.url, self._content(number), self._version) or self._is_mine():
                    self._version = version_of(self.url)
                else:
                    self._lost = True
                    return

    def assert_held(self) -> None:
        if self._lost or not self._is_mine():
            raise StorageError(
                f"{self.url}: another command took over, since this one stood still for a minute; run the same command again"
            )

    def release(self, *, keep: bool = False) -> None:
        self._ended.set()
        with self._lock:
            _ours.discard(self.token)
            # A storage that fails now must not hide why; what stays is taken over.
            with contextlib.suppress(ClearscaleError, OSError):
                if keep:
                    put_if(self.url, b"{}\n", self._version)
                elif self._is_mine():
                    system, path = located(self.url)
                    with explained(self.url, "removed"):
                        system.rm_file(path)


def _token(content: bytes) -> str:
    try:
        return str(json.loads(content)["token"])
    except (ValueError, KeyError, TypeError):
        return ""


def _is_over(content: bytes) -> bool:
    """Whether a claim is of nobody, or of a process of this host that has ended."""
    token = _token(content)
    if not token:
        return True
    about = json.loads(content)
    if about["host"] != os.uname().nodename:
        return False
    if about["process"] == os.getpid():
        return token not in _ours
    try:
        os.kill(int(about["process"]), 0)
    except ProcessLookupError:
        return True
    except (OSError, ValueError, OverflowError):
        return False
    return False
