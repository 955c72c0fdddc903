"""Set papers as PDF with Typst, where it can reach nothing: no file but those it is given, and no network.

Typst reads files below a root, and fetches packages that a template names from the network. So it works in a
process of its own, whose root and folder for packages are empty, and for which every address is behind a proxy that
is not there: a port of this machine that this process holds, and at which nobody listens. Its memory goes with it.
"""

import base64
import json
import os
import re
import socket
import subprocess
import sys
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from threading import Lock
from typing import Any

from clearscale.errors import ClearscaleError
from clearscale_cluster import ProgressCallback

AT_ONCE = 2
"""Processes that set at a time; each takes up to some hundred megabytes."""

_PROXIES = ("http_proxy", "https_proxy", "ftp_proxy", "all_proxy")
_NOT_SHOWN = re.compile(r'the text `"(.*?)"` could not be displayed', re.DOTALL)
_PLACE = re.compile(r"┌─ [^\n]*?([\w.-]+\.(?:typ|svg)):(\d+):")


@dataclass(frozen=True)
class Job:
    """A file to make. paper: the template. data: what it is given. name: of the file. size: what it counts for."""

    paper: str
    data: Mapping[str, Any]
    name: str
    size: int = 1


@dataclass(frozen=True)
class Setter:
    """Sets papers.

    Attributes
    ----------
    sources
        Templates and images, by name.
    fonts
        A folder with fonts for what those of Typst do not show; None for none.
    """

    sources: Mapping[str, bytes]
    fonts: Path | None = None

    def require(self) -> None:
        """Raise ClearscaleError if the library that sets is not installed."""
        if find_spec("typst") is None:
            raise ClearscaleError(
                "papers need the package typst: install clearscale with the extra `report`, such as "
                "pip install 'clearscale[report]'"
            )

    def try_out(self, jobs: Sequence[Job], folder: Path) -> None:
        """Set papers of made-up data: whatever is wrong with a template is told in full, since nobody is in it.

        folder: for temporary files. Raises ClearscaleError.
        """
        self._set(jobs, folder, made_up=True)

    def set_all(
        self, batches: Sequence[Sequence[Job]], folder: Path, progress: ProgressCallback | None = None
    ) -> None:
        """Set the papers of all batches into a folder.

        Parameters
        ----------
        batches
            Jobs, those of a batch one after the other in one process.
        folder
            A private one, where files appear by the jobs' names.
        progress
            Called with (done, total, label) in this thread.

        Raises
        ------
        ClearscaleError
            If a template fails, or a text has characters that no font shows. Nothing of the data is in the message.
        """
        total, done = sum(job.size for batch in batches for job in batch), 0
        with _Running() as running, ThreadPoolExecutor(AT_ONCE) as threads:
            try:
                left: dict[Future[None], int] = {
                    threads.submit(self._set, batch, folder, running=running): sum(job.size for job in batch)
                    for batch in batches
                }
                while left:
                    for future in wait(left, return_when=FIRST_COMPLETED).done:
                        future.result()
                        done += left.pop(future)
                        if progress is not None:
                            progress(done, total, "set papers")
            except BaseException:
                running.stop()
                threads.shutdown(wait=False, cancel_futures=True)
                raise

    def _set(
        self, jobs: Sequence[Job], folder: Path, *, made_up: bool = False, running: "_Running | None" = None
    ) -> None:
        empty = folder / "empty"
        empty.mkdir(mode=0o700, exist_ok=True)
        task = {
            "sources": {name: base64.b64encode(content).decode() for name, content in self.sources.items()},
            "jobs": [{"paper": job.paper, "data": job.data, "name": job.name} for job in jobs],
            "empty": str(empty),
            "out": str(folder),
            "fonts": [] if self.fonts is None else [str(self.fonts)],
        }
        with _no_network() as environment:
            output, code = _run(json.dumps(task).encode(), environment, running)
        try:
            done = json.loads(output)
        except ValueError:
            why = "it was stopped, or there is not enough memory" if code < 0 else f"it ended with {code}"
            raise ClearscaleError(
                f"papers could not be set: the process that sets them broke off ({why}); let it have some hundred "
                "megabytes, and look whether `python -c 'import typst'` works"
            ) from None
        if len(done) < len(jobs) or "message" in done[-1]:
            raise _explained(jobs[len(done) - 1].paper, done[-1], made_up)


def _run(task: bytes, environment: dict[str, str], running: "_Running | None") -> tuple[bytes, int]:
    words = [sys.executable, "-P", "-c", "from clearscale.outputs.packet.setter import main; main()"]
    with subprocess.Popen(
        words, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, env=environment
    ) as process:
        if running is not None:
            running.add(process)
        try:
            output, _ = process.communicate(task)
        except BaseException:
            process.kill()
            raise
        return output, process.returncode


class _Running:
    """The processes that set, to stop them when one fails."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._processes: list[subprocess.Popen[bytes]] = []
        self._stopped = False

    def __enter__(self) -> "_Running":
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def add(self, process: "subprocess.Popen[bytes]") -> None:
        """One that has just been started."""
        with self._lock:
            self._processes.append(process)
            if self._stopped:
                process.kill()

    def stop(self) -> None:
        """End those that still run, and whatever is started from now on."""
        with self._lock:
            self._stopped = True
            for process in self._processes:
                if process.poll() is None:
                    process.kill()


@contextmanager
def _no_network() -> Iterator[dict[str, str]]:
    """Yield the environment of a process for which no address can be reached."""
    with socket.socket() as held:
        held.bind(("127.0.0.1", 0))  # and never listens
        nowhere = f"http://127.0.0.1:{held.getsockname()[1]}"
        hidden = {*_PROXIES, "no_proxy"}
        environment = {name: value for name, value in os.environ.items() if name.lower() not in hidden}
        for name in _PROXIES:
            environment |= {name: nowhere, name.upper(): nowhere}
        yield environment


def _explained(paper: str, told: Mapping[str, str], made_up: bool) -> ClearscaleError:
    """What is wrong, in words that hold nothing of the data."""
    unseen = sorted({character for text in _NOT_SHOWN.findall(told["diagnostic"]) for character in text})
    if unseen:
        return ClearscaleError(
            f"{paper}: there are characters that no font here shows ({', '.join(_kinds(unseen))}); name a folder "
            "of fonts that have them, such as Noto or DejaVu, with --fonts"
        )
    places = [f"{file} line {line}" for file, line in _PLACE.findall(told["diagnostic"])]
    where = places[0] if places else f"{paper}.typ"
    if made_up:
        return ClearscaleError(f"{where}: {told['message']}", *told["diagnostic"].splitlines()[:12])
    return ClearscaleError(
        f"{where}: the template fails with these records, though not with made-up ones; what Typst says may hold "
        "somebody's data and is not shown. Look at what the line does with a text that is empty, long, or missing"
    )


def _kinds(characters: Sequence[str]) -> list[str]:
    """Scripts that characters are of, by the first word of their names."""
    names = (unicodedata.name(character, "UNNAMED").split() for character in characters)
    return list(dict.fromkeys(words[0] for words in names))
