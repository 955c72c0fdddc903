"""One piece of work at a time, in a thread: its progress, its end, and what a restart finds of it on disk."""

import json
import threading
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from clearscale.errors import ClearscaleError
from clearscale.io.local import write_whole
from clearscale_cluster import ClusterError, ProgressCallback

RUNNING, DONE, FAILED, CANCELED = "running", "done", "failed", "canceled"
KEPT = ".clearscale-serve.json"
"""Where the last job of a folder is kept: names of files, findings, counts, and what was chosen."""

_PATIENCE = 20
"""Seconds that a server which ends waits for its work to stop."""

Work = Callable[[dict[str, Any], ProgressCallback], dict[str, Any]]
"""Does what is asked, and returns what a page shows of it."""


class _CanceledError(BaseException):
    """Raised where work reports progress; as an interruption, it is caught by nothing on the way."""


@dataclass
class Job:
    """A job. given: what was asked. lines: why it failed, one a line. result: what a page shows of it."""

    kind: str
    given: dict[str, Any]
    number: int
    status: str = RUNNING
    label: str = ""
    done: int = 0
    total: int = 0
    lines: list[str] = field(default_factory=list)
    result: dict[str, Any] = field(default_factory=dict)


class Jobs:
    """The jobs of a folder, of which at most one is under way. work: by kind."""

    def __init__(self, folder: Path, work: Mapping[str, Work]) -> None:
        self._kept, self._work = folder / KEPT, work
        self._lock = threading.Lock()
        self._stop = threading.Event()
        self._thread: threading.Thread | None = None
        self._closing = False
        self.last = self._read()
        if self.last is not None and self.last.status == RUNNING:
            self._begin(self.last)  # the server ended meanwhile; what is finished is found on disk

    def start(self, kind: str, given: dict[str, Any]) -> Job:
        """Start a job. Raises ClearscaleError if one is under way, or there is no such work."""
        if kind not in self._work:
            raise ClearscaleError("there is no such work")
        with self._lock:
            if self.last is not None and self.last.status == RUNNING:
                raise ClearscaleError("something else is under way; wait for it, or cancel it")
            job = Job(kind, given, self.last.number + 1 if self.last else 1)
            self.last = job
            self._begin(job)
        return job

    def cancel(self) -> None:
        """Have the job that is under way stop at its next step; what is finished stays for the next time."""
        self._stop.set()

    def close(self) -> None:
        """Stop the job for good in this process; the next server of this folder goes on with it."""
        self._closing = True
        self._stop.set()
        if self._thread is not None:
            self._thread.join(_PATIENCE)

    def _begin(self, job: Job) -> None:
        self._stop.clear()
        self._keep(job)
        self._thread = threading.Thread(target=self._do, args=(job,), daemon=True)
        self._thread.start()

    def _do(self, job: Job) -> None:
        def progress(done: int, total: int, label: str) -> None:
            if self._stop.is_set():
                raise _CanceledError
            job.done, job.total, job.label = done, total, str(label)

        try:
            job.result = self._work[job.kind](job.given, progress)
            status = DONE
        except _CanceledError:
            if self._closing:
                return
            status = CANCELED
        except ClearscaleError as error:
            # As they are: the page reads the names of what may be passed from them.
            job.lines, status = [*error.args], FAILED
        except ClusterError as error:
            job.lines, status = str(error).split("\n"), FAILED
        except OSError as error:
            # The system's words for its number; the message may hold more.
            job.lines, status = (
                [f"a file could not be read or written ({error.strerror or type(error).__name__})"],
                FAILED,
            )
        except Exception as error:
            # A library's message may hold values of records.
            job.lines, status = [f"failed where nobody foresaw it ({type(error).__name__})"], FAILED
        job.status = status
        self._keep(job)

    def _keep(self, job: Job) -> None:
        write_whole(self._kept, json.dumps(asdict(job)).encode(), lasting=True)

    def _read(self) -> Job | None:
        try:
            job = Job(**json.loads(self._kept.read_text("utf-8")))
        except (FileNotFoundError, ValueError, TypeError):
            return None
        return job if job.kind in self._work else None
