"""An S3 server for tests, in threads of this process, that can be told to fail."""

import threading
import time
from bisect import bisect_right
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from clearscale_bench.far import Application, s3, served

ERRORS = {
    "InternalError": "500 Internal Server Error",
    "SlowDown": "503 Slow Down",
    "AccessDenied": "403 Forbidden",
}


@dataclass(frozen=True)
class Request:
    """A request as the server saw it, such as `PUT bucket/store/manifest.json`. part: the bytes it asks for."""

    method: str
    path: str
    query: str = ""
    part: str = ""


@dataclass
class Faults:
    """What goes wrong: `kind` for each request that `hits` picks, which is asked in turn.

    kind: a code of ERRORS; `cut`, half of the answer and then the end of the connection; `slow`, an answer that is
    `seconds` late; `held`, one that waits until so many requests were `together`, `seconds` at most.
    """

    kind: str = ""
    hits: Callable[[Request], bool] = lambda request: False
    seconds: float = 0.0
    together: int = 1


@dataclass
class FaultyServer:
    """The server's application around moto's.

    requests: every request so far, in order. injected: faults so far. most_at_once: how many answers were late, or
    held, at the same time, at most. moments: when each late request came, and when its answer was due.
    """

    inner: Application
    faults: Faults = field(default_factory=Faults)
    requests: list[Request] = field(default_factory=list)
    injected: list[Request] = field(default_factory=list)
    most_at_once: int = 0
    moments: list[tuple[float, float]] = field(default_factory=list)
    _late: int = 0
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _changed: threading.Condition = field(init=False)

    def __post_init__(self) -> None:
        self._changed = threading.Condition(self._lock)

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        request = Request(
            environ["REQUEST_METHOD"],
            environ["PATH_INFO"].lstrip("/"),
            environ.get("QUERY_STRING", ""),
            environ.get("HTTP_RANGE", ""),
        )
        with self._lock:
            kind = self.faults.kind if self.faults.hits(request) else ""
            self.requests.append(request)
            if kind:
                self.injected.append(request)
        if kind in ERRORS:
            return self._refuse(kind, request, environ, start_response)
        if kind == "slow":
            came = time.monotonic()
            self._count_late(1)
            time.sleep(self.faults.seconds)
            self._count_late(-1)
            with self._lock:
                self.moments.append((came, came + self.faults.seconds))
        if kind == "held":
            self._count_late(1)
            with self._changed:
                self._changed.wait_for(lambda: self.most_at_once >= self.faults.together, self.faults.seconds)
            self._count_late(-1)
        answer = self.inner(environ, start_response)
        return _cut(answer) if kind == "cut" else answer

    def _count_late(self, more: int) -> None:
        with self._lock:
            self._late += more
            self.most_at_once = max(self.most_at_once, self._late)
            self._changed.notify_all()

    @staticmethod
    def _refuse(kind: str, request: Request, environ: dict[str, Any], start_response: Any) -> list[bytes]:
        environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))
        # A storage's own words may say what nobody else should read.
        body = f"<Error><Code>{kind}</Code><Message>account SECRET-ACCOUNT</Message></Error>".encode()
        body = b"" if request.method == "HEAD" else body
        start_response(ERRORS[kind], [("Content-Type", "application/xml"), ("Content-Length", str(len(body)))])
        return [body]

    def rounds(self) -> int:
        """How many late requests were waited for one after the other: each came after the answer to one before."""
        longest: list[float] = []
        """Of chains of so many requests, when the first that was answered had its answer."""
        for came, answered in sorted(self.moments):
            length = bisect_right(longest, came)
            if length == len(longest):
                longest.append(answered)
            longest[length] = min(longest[length], answered)
        return len(longest)

    def clear(self) -> None:
        """No faults, and no requests remembered."""
        with self._lock:
            self.faults = Faults()
            self.requests = []
            self.injected = []
            self.most_at_once = 0
            self.moments = []


def _cut(answer: Iterable[bytes]) -> Iterator[bytes]:
    whole = b"".join(answer)
    if whole:
        yield whole[: len(whole) // 2]
        raise ConnectionAbortedError("cut by the test")


@contextmanager
def serve() -> Iterator[tuple[str, FaultyServer]]:
    """Serve on a free port; yields the server's URL and its application."""
    application = FaultyServer(s3())
    with served(application) as url:
        yield url, application
