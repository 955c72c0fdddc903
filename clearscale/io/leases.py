"""Leases: claims on an object store, which cannot tell that a process has ended.

A lease is made by a conditional put and written anew every few seconds. One that stays as it is for a minute is of
a process that is gone, and is taken over, again by a conditional put.

Whoever holds many leases gives signs of life by one of them, the first. The others name it and stay as they are.
Who takes one of them over ends the first before, so that its holder finds out.
"""

import contextlib
import json
import os
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass, field

from clearscale.errors import ClearscaleError, StorageError

from .documents import json_bytes
from .object_store import located, put_if, version_of
from .reasons import explained
from .removing import remove_files

BEAT = 15.0
"""Seconds between two signs of life of a claim on an object store."""

SILENCE = 60.0
"""Seconds without one after which such a claim is taken over."""

_ours: set[str] = set()
"""Tokens of this process's claims on object stores."""


class TakenError(Exception):
    """Somebody else has the claim; the message says who."""


def who() -> dict[str, object]:
    """Return what a claim says of this process."""
    return {"process": os.getpid(), "host": os.uname().nodename}


def told(content: bytes) -> str:
    """Return what another's claim says of it, for messages."""
    try:
        about = json.loads(content)
        return f"process {about['process']} on {about['host']}"
    except (ValueError, KeyError, TypeError):
        return "a process that has just begun"


@dataclass
class Lease:
    """A claim on an object store: an object that is written anew while it is held.

    first: the lease of the same holder, in the same folder, that gives its signs of life; None for that one.
    """

    url: str
    token: str
    first: "Lease | None" = None
    _version: str | None = None
    _lost: bool = False
    _ended: threading.Event = field(default_factory=threading.Event)
    _lock: threading.RLock = field(default_factory=threading.RLock)

    @classmethod
    def of(cls, url: str, patient: bool, first: "Lease | None" = None) -> "Lease":
        """Claim the object at this URL. Raises TakenError. patient: see `claims.claim`."""
        made = cls(url, os.urandom(8).hex(), first)
        _ours.add(made.token)
        try:
            if not put_if(url, made._content(0), None) and not made._is_mine():
                made._take_over(patient)
        except BaseException:
            _ours.discard(made.token)
            raise
        if first is None:
            threading.Thread(target=made._beat, name="clearscale-claim", daemon=True).start()
        return made

    def _content(self, beat: int) -> bytes:
        said = {**who(), "token": self.token, "beat": beat}
        if self.first is not None:
            said[_FIRST] = [self.first.url.rpartition("/")[2], self.first.token]
        return json_bytes(said)

    def _is_mine(self) -> bool:
        return _token(_found(self.url)) == self.token

    def _look(self) -> "_Seen":
        """Look at another's lease, and at the one that gives its signs of life."""
        version, content = version_of(self.url), _found(self.url)
        name, token = _first(content)
        if not name:
            return _Seen(content, version, None, None, version is None or _is_over(content))
        url = f"{self.url.rpartition('/')[0]}/{name}"
        beaten = version_of(url)
        over = version is None or _is_over(content) or beaten is None or _token(_found(url)) != token
        return _Seen(content, version, url, beaten, over)

    def _take_over(self, patient: bool) -> None:
        """Raises TakenError if the claim's owner lives."""
        seen, since = self._look(), time.monotonic()
        while True:
            silent = time.monotonic() - since >= SILENCE
            if seen.over or silent:
                ended = seen.over or seen.first is None or put_if(seen.first, _ENDED, seen.beaten)
                if ended and (put_if(self.url, self._content(0), seen.version) or self._is_mine()):
                    return
            elif patient:
                time.sleep(min(1.0, SILENCE / 10))
            else:
                raise TakenError(told(seen.content))
            before, seen = seen, self._look()
            if (before.version, before.beaten) == (seen.version, seen.beaten):
                continue
            since = time.monotonic()
            if before.version is not None and not seen.over:
                raise TakenError(told(seen.content))

    def _beat(self) -> None:
        number = 0
        with contextlib.suppress(ClearscaleError, OSError):
            self._known()
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

    def _known(self) -> str | None:
        """The version of the object, None if it is another's. Nobody waits for it when the claim is taken."""
        with self._lock:
            if self._version is None and not self._ended.is_set():
                version = version_of(self.url)
                if self._is_mine():
                    self._version = version
                else:
                    self._lost = True
            return self._version

    def assert_held(self) -> None:
        """See `claims.Claim`."""
        if self.first is not None:
            self.first.assert_held()
        elif self._lost or not self._is_mine():
            raise StorageError(
                f"{self.url}: another command took over, since this one stood still for a minute; run the same "
                "command again"
            )

    def release(self, *, keep: bool = False) -> None:
        """See `claims.Claim`."""
        self._ended.set()
        with self._lock:
            _ours.discard(self.token)
            # A storage that fails now must not hide why; what stays is taken over.
            with contextlib.suppress(ClearscaleError, OSError):
                if keep and (self._version or self._is_mine()):
                    put_if(self.url, _ENDED, self._version or version_of(self.url))
                elif not keep and self._is_mine():
                    system, path = located(self.url)
                    with explained(self.url, "removed"):
                        system.rm_file(path)


def release_all(first: Lease, others: Sequence[Lease]) -> None:
    """Let go of leases, in few requests if none was lost. others: those that `first` gives signs of life for."""
    if not others or first._lost or not first._is_mine():
        for held in (*others, first):
            held.release()
        return
    for held in (*others, first):
        held._ended.set()
        _ours.discard(held.token)
    with contextlib.suppress(ClearscaleError, OSError):
        system, _ = located(first.url)
        with explained(first.url, "removed"):
            remove_files(system, [located(held.url)[1] for held in (*others, first)])


@dataclass(frozen=True)
class _Seen:
    """Another's lease as it was found.

    version: of its object. first, beaten: the URL and the version of the one that gives its signs of life, None if
    it is the same. over: whether nobody holds it any more.
    """

    content: bytes
    version: str | None
    first: str | None
    beaten: str | None
    over: bool


_FIRST = "first"
"""The key under which a lease has the name and the token of the one that gives its signs of life."""

_ENDED = b"{}\n"
"""The content of a lease that nobody holds."""


def _found(url: str) -> bytes:
    system, path = located(url)
    try:
        with explained(url, "read"):
            content: bytes = system.cat_file(path)
            return content
    except FileNotFoundError:
        return b""


def _first(content: bytes) -> tuple[str, str]:
    try:
        name, token = json.loads(content)[_FIRST]
        return str(name), str(token)
    except (ValueError, KeyError, TypeError):
        return "", ""


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
