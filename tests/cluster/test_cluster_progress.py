"""What progress shows, and when."""

from __future__ import annotations

import io
import re
import threading
import time
from collections.abc import Callable

import pytest

from clearscale_cluster import Label, TerminalProgress, open_cluster
from clearscale_cluster.fold import NeighborFold
from clearscale_cluster.label import BYTES
from clearscale_cluster.progress import how_far
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


class Clock:
    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


def _lines(amounts: list[tuple[float, int]], total: int, label: str) -> list[str]:
    """What is printed off a terminal when so much is done at these times."""
    stream, clock = io.StringIO(), Clock()
    with TerminalProgress(stream=stream, clock=clock) as progress:
        for seconds, done in amounts:
            clock.now = 100.0 + seconds
            progress(done, total, label)
    return stream.getvalue().splitlines()


def test_elsewhere_a_line_comes_every_half_minute() -> None:
    steps = [(0.0, 0), *((float(second), second) for second in range(1, 101))]
    assert _lines(steps, 100, Label("read", "records")) == [
        "read: 30/100 records, 60.0 a minute, 1:10 left",
        "read: 60/100 records, 60.0 a minute, 0:40 left",
        "read: 90/100 records, 60.0 a minute, 0:10 left",
        "read: 100 records done in 100.0 s",
    ]
    assert _lines([(0.0, 0), (29.9, 1), (31.0, 2)], 3, "count") == ["count: 2/3, 3.9 a minute, 0:16 left"]


@pytest.mark.parametrize(
    ("done", "total", "unit", "seconds", "told"),
    [
        (0, 2, "", 5.0, "0/2"),
        (2, 2, "buckets", 5.0, "2/2 buckets"),
        (1_500_000, 58_000_000, BYTES, 1.0, "1.5/58.0 MB, 1.5 MB a second, 0:38 left"),
        (36_000, 3_636_000, "people", 60.0, "36,000/3,636,000 people, 600 a second, 1:40:00 left"),
    ],
)
def test_how_far_work_is(done: int, total: int, unit: str, seconds: float, told: str) -> None:
    assert how_far(done, total, unit, seconds) == told


def test_an_item_that_takes_long_is_told_elsewhere() -> None:
    stream = io.StringIO()
    with TerminalProgress(stream=stream, every=0.02) as progress:
        progress(0, 2, "slow")
        wait_until(lambda: stream.getvalue().count("slow: 0/2") >= 2)


def test_a_terminal_shows_unit_rate_and_time_left() -> None:
    stream, clock = Terminal(), Clock()
    with TerminalProgress(stream=stream, after=0.01, clock=clock) as progress:
        label = Label("decide", "buckets")
        progress(0, 8, label)
        wait_until(lambda: "decide" in stream.getvalue())
        clock.now += 20
        progress(2, 8, label)
        wait_until(lambda: "2/8 buckets, 6.0 a minute, 1:00 left" in stream.getvalue())


def test_items_count_by_their_sizes() -> None:
    calls: list[tuple[int, int, str]] = []
    label = Label("read", BYTES, [5, 1, 10])
    with open_cluster("threads:1") as cluster:
        cluster.gather(abs, range(3), label=label, progress=lambda *call: calls.append(call))
        assert calls == [(0, 16, "read"), (5, 16, "read"), (6, 16, "read"), (16, 16, "read")]
        calls.clear()
        cluster.reduce(abs, range(3), max, label=label, progress=lambda *call: calls.append(call))
        assert calls == [(0, 16, "read"), (5, 16, "read"), (6, 16, "read"), (16, 16, "read")]


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
