"""What is written down about work, in threads and in worker processes."""

from __future__ import annotations

import json
import operator
import socket
from pathlib import Path

import pytest

import clearscale
from clearscale.commands.main import main
from clearscale.errors import ClearscaleError, RunError, StoreError
from clearscale.law import state
from clearscale_cluster import Cluster, open_cluster
from clearscale_cluster.watching import process, record
from clearscale_cluster.watching.process import count_read, count_written, new_traffic, peak_memory
from clearscale_cluster.watching.record import NOTHING, Record, WorkerEvent
from tests.support.resealed import change_info
from tests.support.samples import AS_OF, extract, put


def _moving(number: int) -> int:
    count_read(1000)
    count_written(number)
    return number


def _failing(number: int) -> int:
    raise KeyError("DOE,PAT")


@pytest.mark.parametrize("place", ["threads", pytest.param("processes", marks=pytest.mark.slow)])
def test_passes_and_workers_are_written_down(place: str, request: pytest.FixtureRequest) -> None:
    in_threads = place == "threads"
    cluster: Cluster = open_cluster("threads:2") if in_threads else request.getfixturevalue("two_processes")
    with cluster.recorded("moving") as written:
        assert cluster.gather(_moving, range(10), label="move") == list(range(10))
        assert cluster.reduce(_moving, range(20), operator.add, label="move more") == sum(range(20))
        with pytest.raises(KeyError):
            cluster.gather(_failing, range(3), label="fail")
        for _ in cluster.map(_moving, range(50), label="leave"):
            break
    found = written.document()
    assert json.loads(json.dumps(found)) == found
    assert "DOE" not in json.dumps(found)
    assert (found["what"], found["cluster"], found["workers_before"]) == ("moving", cluster.place, 2)
    told = [[one[name] for name in ("pass", "outcome", "tasks", "done")] for one in found["passes"]]
    assert told[:3] == [["move", "done", 10, 10], ["move more", "done", 20, 20], ["fail", "failed", 3, 0]]
    assert told[3][:3] == ["leave", "left", 50]
    moved = [(one["bytes_read"], one["bytes_written"]) for one in found["passes"][:2]]
    assert moved == [(10_000, 45), (20_000, 190)]
    workers = [one["worker"] for one in found["workers"]]
    assert (workers == ["caller"]) == in_threads
    assert {one["host"] for one in found["workers"]} == {socket.gethostname()}
    assert sum(one["tasks"] for one in found["workers"]) >= 31
    assert all(10**7 < one["peak_memory"] < 10**11 for one in found["workers"])
    assert (found["again"], found["events"]) == (0, [])
    # What comes after is not in it.
    cluster.gather(abs, [1], label="afterwards")
    assert len(written.passes) == 4


def test_a_record_within_a_record() -> None:
    with open_cluster("threads:1") as cluster, cluster.recorded("outer") as outer:
        with cluster.recorded("inner") as inner:
            cluster.gather(abs, [1], label="both")
        cluster.gather(abs, [1], label="outer only")
    assert [one.label for one in outer.passes] == ["both", "outer only"]
    assert [one.label for one in inner.passes] == ["both"]


def test_events_do_not_fill_a_record(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(record, "MOST_EVENTS", 3)
    written = Record("work", "somewhere", 1)
    for number in range(5):
        written.happened(WorkerEvent(0.0, "joined", str(number)))
    found = written.document()
    assert (found["joined"], len(found["events"])) == (5, 3)


def test_memory_is_told_without_proc(monkeypatch: pytest.MonkeyPatch) -> None:
    first = peak_memory()
    monkeypatch.setattr(process, "Path", lambda _: Path("/nowhere"))
    assert 0.2 < peak_memory() / first < 20
    new_traffic()
    assert new_traffic() == NOTHING


def test_runs_and_ingests_tell_of_their_work(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = put(tmp_path, "alameda.csv", extract("ALAMEDA", subjects=6))
    store, run = tmp_path / "store", tmp_path / "run"
    names = list(state().findings.listed)
    clearscale.ingest(file, store, county="ALAMEDA", accept=names, buckets=1, cluster="threads:1")
    clearscale.run(store, "ca-dismiss-all", AS_OF, run, cluster="threads:1")
    ingested, decided = clearscale.work(store), clearscale.work(run=run)
    assert [one["pass"] for one in ingested["passes"]] == ["scan extracts", "read extracts", "fold histories"]
    assert ingested["bytes_read"] >= 2 * Path(file).stat().st_size
    written = sum(path.stat().st_size for path in store.rglob("*") if path.is_file() and path.name != "log.jsonl")
    assert ingested["bytes_written"] >= written / 2
    assert [one["pass"] for one in decided["passes"]] == ["decide convictions", "write results"]
    assert decided["bytes_written"] > 0
    for words in (["--store", str(store)], ["--run", str(run)]):
        with pytest.raises(SystemExit) as left:
            main(["work", *words])
        assert left.value.code == 0
    said = capsys.readouterr().out
    assert "Work: ingest" in said
    assert "decide convictions" in said
    change_info(run, {name: value for name, value in clearscale.open_run(run).info.items() if name != "work"})
    with pytest.raises(RunError, match="says nothing of its work"):
        clearscale.work(run=run)


def test_where_nothing_tells_of_work(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(ClearscaleError, match="say whose work"):
        clearscale.work()
    with pytest.raises(StoreError, match="there is no store"):
        clearscale.work(tmp_path / "none")
    (tmp_path / "empty").mkdir()
    with pytest.raises(StoreError, match="its log tells of no ingest's work"):
        clearscale.work(tmp_path / "empty")
    with pytest.raises(RunError):
        clearscale.work(run=tmp_path / "empty")
    with pytest.raises(SystemExit) as left:
        main(["work"])
    assert left.value.code == 2
    assert "say whose work to show" in capsys.readouterr().err
