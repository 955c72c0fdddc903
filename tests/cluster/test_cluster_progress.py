"""What progress shows, and when."""

from __future__ import annotations

import io
import re
import threading
import time
from collections.abc import Callable

from clearscale_cluster import TerminalProgress
from clearscale_cluster.fold import NeighborFold
from tests.support.waiting import PATIENCE, wait_until


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def _work(
    progress: TerminalProgress, until: Callable[[], object] = lambda: True, label: str = "ingest blocks [all]"
) -> None:
    progress(0, 2, label)
    progress(1, 2, label)
    wait_until(until)
    progress(2, 2, label)


def _later(seconds: float) -> Callable[[], bool]:
    end = time.monotonic() + seconds
    return lambda: time.monotonic() > end


def test_short_work_leaves_no_trace() -> None:
    for stream in (Terminal(), io.StringIO()):
        with TerminalProgress(stream=stream, after=PATIENCE) as progress:
            _work(progress)
        assert stream.getvalue() == ""


def test_long_work_shows_a_bar_on_a_terminal() -> None:
    stream = Terminal()
    with TerminalProgress(stream=stream, after=0.05) as progress:
        _work(progress, lambda: "ingest blocks" in stream.getvalue())
    assert "ingest blocks [all]" in stream.getvalue()
    assert "2/2" in stream.getvalue()


def test_long_work_prints_one_line_elsewhere() -> None:
    stream = io.StringIO()
    with TerminalProgress(stream=stream, after=0.05) as progress:
        _work(progress, _later(0.06))
        _work(progress, _later(0.06), "fold")
    lines = stream.getvalue().splitlines()
    assert len(lines) == 2
    assert re.match(r"ingest blocks \[all\]: 2 done in \d+\.\d", lines[0])
    assert re.match(r"fold: 2 done in \d+\.\d", lines[1])


def test_quiet_is_silent() -> None:
    for stream in (Terminal(), io.StringIO()):
        with TerminalProgress(stream=stream, after=0.01, quiet=True) as progress:
            _work(progress, _later(0.05))
        assert stream.getvalue() == ""


def test_interrupted_work_gives_the_terminal_back() -> None:
    stream = Terminal()
    before = set(threading.enumerate())
    with TerminalProgress(stream=stream, after=0.05) as progress:
        progress(0, 2, "interrupted")
        wait_until(lambda: "interrupted" in stream.getvalue())
    assert stream.getvalue().endswith("\x1b[?25h")  # the cursor is shown again
    wait_until(lambda: set(threading.enumerate()) <= before)  # nobody is left who could write more
    assert stream.getvalue().endswith("\x1b[?25h")


def test_fold_holds_one_total_for_each_run_of_neighbors() -> None:
    fold = NeighborFold(lambda left, right: left + right)
    for position in [5, 1, 3, 0, 2, 4]:
        fold.add(position, [position])
    assert fold.total() == [0, 1, 2, 3, 4, 5]
