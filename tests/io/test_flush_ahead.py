"""Files on their way to disk while they are written: one flush at a time, and none that failed is passed over."""

import errno
import threading
from collections.abc import Iterable
from pathlib import Path

import pytest

from clearscale.io import flush_ahead
from clearscale.io.flush_ahead import FlushAhead

PATHS = [Path("a"), Path("b")]


@pytest.fixture(autouse=True)
def every_ten_bytes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(flush_ahead, "_EVERY", 10)


@pytest.fixture
def flushed(monkeypatch: pytest.MonkeyPatch) -> list[list[str]]:
    found: list[list[str]] = []
    monkeypatch.setattr(flush_ahead, "flush", lambda paths: found.append(list(paths)))
    return found


def test_what_was_written_is_flushed_now_and_then(flushed: list[list[str]]) -> None:
    files = FlushAhead(PATHS)
    files.wrote(9)
    assert not flushed
    files.wrote(1)
    files.wrote(9)
    files.end()
    assert flushed == [["a", "b"]]


def test_there_is_one_flush_at_a_time(monkeypatch: pytest.MonkeyPatch) -> None:
    may_end, times = threading.Event(), []

    def flush(_: Iterable[str]) -> None:
        times.append(may_end.wait(10))

    monkeypatch.setattr(flush_ahead, "flush", flush)
    files = FlushAhead(PATHS)
    for _ in range(5):
        files.wrote(10)
    may_end.set()
    files.end()
    assert times == [True]


def test_a_flush_that_failed_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    def full(_: Iterable[str]) -> None:
        raise OSError(errno.ENOSPC, "no space", "a")

    monkeypatch.setattr(flush_ahead, "flush", full)
    files = FlushAhead(PATHS)
    files.wrote(10)
    with pytest.raises(OSError, match="no space"):
        files.end()


def test_nothing_more_is_written_behind_a_flush_that_failed(monkeypatch: pytest.MonkeyPatch) -> None:
    def full(_: Iterable[str]) -> None:
        raise OSError(errno.ENOSPC, "no space", "a")

    def write_on(files: FlushAhead) -> None:
        for _ in range(10**7):
            files.wrote(10)

    monkeypatch.setattr(flush_ahead, "flush", full)
    with pytest.raises(OSError, match="no space"):
        write_on(FlushAhead(PATHS))
