"""An ingest's tasks, timed and given to many workers."""

from collections.abc import Callable
from pathlib import Path

import pytest

import clearscale
from clearscale.law import state
from clearscale_bench import workers
from clearscale_bench.workers import Timed, Timing, schedule, tasks_of
from tests.support.samples import extract, put


def ticking() -> Callable[[], float]:
    """A clock that is a second later each time."""
    seconds = iter(range(10**6))
    return lambda: float(next(seconds))


def test_each_pass_is_as_long_as_its_tasks_on_so_many_workers() -> None:
    timed = [Timed("scan", 1, [2, 2]), Timed("read", 2, [3] * 16), Timed("scan", 0, [1]), Timed("commit", 1)]
    rows = {row["workers"]: row for row in schedule(timed)}
    assert [rows[1][name] for name in ("scan", "read", "client", "all, s")] == [5, 48, 4, 57]
    assert [rows[4][name] for name in ("scan", "read", "client", "all, s")] == [3, 12, 4, 19]
    assert [rows[16][name] for name in ("scan", "read", "all, s", "x one")] == [3, 3, 10, 5.7]
    assert rows[16]["efficiency"] == 0.36
    assert [row["s of all"] for row in tasks_of(timed)] == [4, 48, 1, 0]


def test_tasks_and_what_is_between_them_are_told_apart() -> None:
    timing = Timing(ticking())
    assert timing.gather(abs, [-1, 2], label="one") == [1, 2]
    timing.ended()
    assert [(one.label, one.tasks) for one in timing.timed] == [("one", [1, 1]), ("commit", [])]


@pytest.mark.parametrize("how", [None, "gz", "zst"])
def test_an_ingest_is_timed(how: str | None, tmp_path: Path) -> None:
    path = Path(put(tmp_path, "a.csv", extract("ALAMEDA")))
    paths = workers.compressed([path], how, tmp_path / how) if how else [path]
    timing = Timing(ticking())
    accept = list(state().findings.listed)
    given = [str(file) for file in paths]
    clearscale.ingest(given, tmp_path / "store", county="ALAMEDA", accept=accept, cluster=timing)
    timing.ended()
    labels = [one.label for one in timing.timed]
    assert labels[0] == "scan extracts"
    assert labels[-2:] == ["fold histories", "commit"]
