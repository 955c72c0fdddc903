"""Leases: claims on an object store, which cannot tell that a process has ended.

A lease is made by a conditional put and written anew every few seconds. One that stays as it is for a minute is of
a process that is gone, and is taken over, again by a conditional put.
"""

import contextlib
import json
import os
import threading
import time
from dataclasses import dataclass, field

from clearscale.errors import ClearscaleError, StorageError

from .files import json_bytes
from .object_store import explained, located, put_if, version_of

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
    """A claim on an object store: an object that is written anew while it is held."""

    url: str
    token: str
    _version: str | None = None
    _lost: bool = False
    _ended: threading.Event = field(default_factory=threading.Event)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    @classmethod
    def of(cls, url: str, patient: bool) -> "Lease":
        """Claim the object at this URL. Raises TakenError. patient: see `claims.claim`."""
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
        return json_bytes({**who(), "token": self.token, "beat": beat})

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
                raise TakenError(told(content))
            before, known = known, version_of(self.url)
            if before == known:
                continue
            since = time.monotonic()
            if before is not None and known is not None and not _is_over(content := self._found()):
                raise TakenError(told(content))

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
        """See `claims.Claim`."""
        if self._lost or not self._is_mine():
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
