"""Showing progress on a terminal."""

from __future__ import annotations

import sys
import threading
import time
from dataclasses import dataclass
from types import TracebackType
from typing import TYPE_CHECKING, Self, TextIO

from .shown import say, shown

if TYPE_CHECKING:
    from rich.progress import Progress, TaskID


@dataclass
class _Work:
    started: float
    done: int
    total: int
    timer: threading.Timer | None = None
    bar: TaskID | None = None


class TerminalProgress:
    """Reports work that lasts: a bar on a terminal, otherwise one line for each label when it is finished.

    Pass it as `progress`, inside a `with` statement, which removes the bar of work that was interrupted. Work that
    is over before `after` seconds leaves no trace.

    Parameters
    ----------
    quiet : bool, default False
        Show nothing at all.
    stream : TextIO, optional
        Where to show it; standard error without it.
    after : float, default 1.0
        Seconds.
    """

    def __init__(self, *, quiet: bool = False, stream: TextIO | None = None, after: float = 1.0) -> None:
        self._quiet = quiet
        self._stream = sys.stderr if stream is None else stream
        self._terminal = self._stream.isatty()
        self._after = after
        self._works: dict[str, _Work] = {}
        self._display: Progress | None = None
        self._lock = threading.RLock()  # the timer's thread shows what the caller's thread updates

    def __call__(self, done: int, total: int, label: str) -> None:
        if self._quiet or total == 0:
            return
        label = shown(label)
        with self._lock:
            work = self._works.get(label)
            if work is None or done == 0:
                work = self._begin(label, total)
            work.done = done
            if self._display is not None and work.bar is not None:
                self._display.update(work.bar, completed=done)
            if done >= total:
                self._finish(label)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Forget what is unfinished and give the terminal back."""
        with self._lock:
            for label in list(self._works):
                self._forget(label)

    def _begin(self, label: str, total: int) -> _Work:
        self._forget(label)
        work = self._works[label] = _Work(time.monotonic(), 0, total)
        if self._terminal:
            # A timer, because the first item may take long.
            work.timer = threading.Timer(self._after, self._show, (label, work))
            work.timer.daemon = True
            work.timer.start()
        return work

    def _show(self, label: str, work: _Work) -> None:
        with self._lock:
            if self._works.get(label) is not work:
                return
            if self._display is None:
                self._display = _new_display(self._stream)
                self._display.start()
            work.bar = self._display.add_task(label, total=work.total, completed=work.done)

    def _finish(self, label: str) -> None:
        work = self._works[label]
        seconds = time.monotonic() - work.started
        self._forget(label)
        if not self._terminal and seconds > self._after:
            say(f"{label}: {work.total:,} done in {seconds:.1f} s", to=self._stream)

    def _forget(self, label: str) -> None:
        work = self._works.pop(label, None)
        if work is None:
            return
        if work.timer is not None:
            work.timer.cancel()
        if self._display is not None and not any(other.bar is not None for other in self._works.values()):
            self._display.stop()
            self._display = None


def _new_display(stream: TextIO) -> Progress:
    # Imported only when shown: most runs are over before.
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

    return Progress(
        TextColumn("{task.description}", markup=False),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        console=Console(file=stream),
    )
