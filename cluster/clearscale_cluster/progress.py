"""Showing progress on a terminal."""

from __future__ import annotations

import sys
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from types import TracebackType
from typing import TYPE_CHECKING, Self, TextIO

from .label import BYTES
from .shown import say, shown

if TYPE_CHECKING:
    from rich.progress import Progress, TaskID


@dataclass
class _Work:
    started: float
    done: int
    total: int
    unit: str
    told: float
    timer: threading.Timer | None = None
    bar: TaskID | None = None


class TerminalProgress:
    """Reports work that lasts, with its rate and the time left: a bar on a terminal, otherwise lines.

    A line comes every half minute, and when work is finished.

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
    every : float, default 30.0
        Seconds between two lines about work that lasts.
    clock : callable, optional
        Returns the time in seconds.
    """

    def __init__(
        self,
        *,
        quiet: bool = False,
        stream: TextIO | None = None,
        after: float = 1.0,
        every: float = 30.0,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._quiet = quiet
        self._stream = sys.stderr if stream is None else stream
        self._terminal = self._stream.isatty()
        self._after = after
        self._every = every
        self._clock = clock
        self._works: dict[str, _Work] = {}
        self._display: Progress | None = None
        self._lock = threading.RLock()  # the timer's thread shows what the caller's thread updates

    def __call__(self, done: int, total: int, label: str) -> None:
        if self._quiet or total == 0:
            return
        unit = getattr(label, "unit", "")
        label = shown(label)
        with self._lock:
            work = self._works.get(label)
            if work is None or done == 0:
                work = self._begin(label, total, unit)
            work.done = done
            if self._display is not None and work.bar is not None:
                self._display.update(work.bar, completed=done, told=self._told(work))
            elif not self._terminal and done < total:
                self._say_how_far(label, work)
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

    def _begin(self, label: str, total: int, unit: str) -> _Work:
        self._forget(label)
        now = self._clock()
        work = self._works[label] = _Work(now, 0, total, unit, now)
        self._later(label, work)
        return work

    def _later(self, label: str, work: _Work) -> None:
        """Show work when it has lasted. A timer, because an item may take long."""
        seconds, show = (self._after, self._show) if self._terminal else (self._every, self._say_in_time)
        work.timer = threading.Timer(seconds, show, (label, work))
        work.timer.daemon = True
        work.timer.start()

    def _say_in_time(self, label: str, work: _Work) -> None:
        with self._lock:
            if self._works.get(label) is work:
                self._say_how_far(label, work)
                self._later(label, work)

    def _say_how_far(self, label: str, work: _Work) -> None:
        """Print a line about unfinished work, if the last is long enough ago."""
        now = self._clock()
        if now - work.told >= self._every:
            work.told = now
            say(f"{label}: {self._told(work)}", to=self._stream)

    def _told(self, work: _Work) -> str:
        return how_far(work.done, work.total, work.unit, self._clock() - work.started)

    def _show(self, label: str, work: _Work) -> None:
        with self._lock:
            if self._works.get(label) is not work:
                return
            if self._display is None:
                self._display = _new_display(self._stream)
                self._display.start()
            work.bar = self._display.add_task(label, total=work.total, completed=work.done, told=self._told(work))

    def _finish(self, label: str) -> None:
        work = self._works[label]
        seconds = self._clock() - work.started
        self._forget(label)
        if not self._terminal and seconds > self._after:
            amount = f"{_amount(work.total, work.unit)} {_unit(work.unit)}".strip()
            say(f"{label}: {amount} done in {seconds:.1f} s", to=self._stream)

    def _forget(self, label: str) -> None:
        work = self._works.pop(label, None)
        if work is None:
            return
        if work.timer is not None:
            work.timer.cancel()
        if self._display is not None and not any(other.bar is not None for other in self._works.values()):
            self._display.stop()
            self._display = None


def how_far(done: int, total: int, unit: str, seconds: float) -> str:
    """How much of work is done after so many seconds, its rate and the time left.

    >>> how_far(1_200, 6_000, "records", 60.0)
    '1,200/6,000 records, 20 a second, 4:00 left'
    >>> how_far(0, 58, "", 3.0)
    '0/58'
    """
    text = f"{_amount(done, unit)}/{_amount(total, unit)} {_unit(unit)}".strip()
    if 0 < done < total and seconds > 0:
        text += f", {_rate(done / seconds, unit)}, {_clock_time((total - done) * seconds / done)} left"
    return text


def _unit(unit: str) -> str:
    return "MB" if unit == BYTES else unit


def _amount(number: int, unit: str) -> str:
    return f"{number / 1e6:,.1f}" if unit == BYTES else f"{number:,}"


def _rate(a_second: float, unit: str) -> str:
    if unit == BYTES:
        return f"{a_second / 1e6:,.1f} MB a second"
    return f"{a_second:,.0f} a second" if a_second >= 10 else f"{a_second * 60:,.1f} a minute"


def _clock_time(seconds: float) -> str:
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes // 60}:{minutes % 60:02}:{rest:02}" if minutes >= 60 else f"{minutes}:{rest:02}"


def _new_display(stream: TextIO) -> Progress:
    # Imported only when shown: most runs are over before.
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

    return Progress(
        TextColumn("{task.description}", markup=False),
        BarColumn(),
        TextColumn("{task.fields[told]}", markup=False),
        TimeElapsedColumn(),
        console=Console(file=stream),
    )
