"""Workers that join, leave, die, stand still, are slow or small: same results, and the record tells of them."""

from __future__ import annotations

import operator
import os
import signal
import socket
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from distributed import LocalCluster

from clearscale_cluster import ClusterError, open_cluster
from clearscale_cluster.places.served import ServedCluster
from clearscale_cluster.watching.record import Record
from tests.support.dask_servers import Served
from tests.support.waiting import PATIENCE, wait_until

pytestmark = pytest.mark.slow

SETTINGS = {
    "DASK_DISTRIBUTED__SCHEDULER__WORKER_TTL": "2s",  # with few workers it is five at least
    "DASK_DISTRIBUTED__SCHEDULER__WORKER_SATURATION": "4.0",
    "DASK_DISTRIBUTED__SCHEDULER__ALLOWED_FAILURES": "4",
}


@pytest.fixture
def servers(tmp_path: Path) -> Iterator[Served]:
    servers = Served(tmp_path, workers=0, settings=SETTINGS)
    yield servers
    servers.stop()


def _opened(servers: Served, workers: int = 0) -> ServedCluster:
    """The cluster, when so many workers are there beside those that were started before."""
    for _ in range(workers):
        servers.join()
    cluster = open_cluster(servers.address, wait=600)
    assert isinstance(cluster, ServedCluster)
    wait_until(lambda: cluster.workers == servers.joined)
    return cluster


def _held_up(marker: Path, free: int) -> Callable[[int], int]:
    """A task that squares; all but the first so many wait until the marker is there."""

    def task(number: int) -> int:
        while number >= free and not marker.exists():
            time.sleep(0.01)
        time.sleep(0.01)
        return number * number

    return task


SQUARES = [number * number for number in range(24)]


def _squares(
    cluster: ServedCluster, marker: Path, then: Callable[[], object], free: int = 2
) -> tuple[list[int], Record]:
    """The squares and the record; when two are there, something happens, and then the others go on."""

    def happen(done: int, total: int, label: str) -> None:
        if done == 2 and not marker.exists():
            then()
            marker.touch()

    with cluster.recorded("squares") as record:
        found = cluster.gather(_held_up(marker, free), range(24), label="square", progress=happen)
    return found, record


def _told(record: Record) -> dict[str, int]:
    document = record.document()
    assert document["tasks"] == 24
    assert sum(worker["tasks"] for worker in document["workers"]) == 24
    return {what: document[what] for what in ("joined", "left", "lost", "silent")}


@pytest.mark.long
def test_one_that_joins_is_used(servers: Served, tmp_path: Path) -> None:
    with _opened(servers, 1) as cluster:

        def join() -> None:
            servers.join()
            wait_until(lambda: cluster.workers == 2)

        found, record = _squares(cluster, tmp_path / "joined", join)
    assert found == SQUARES
    assert _told(record) == {"joined": 1, "left": 0, "lost": 0, "silent": 0}
    workers = record.document()["workers"]
    assert [worker["tasks"] > 0 for worker in workers] == [False, True, True]
    assert {worker["host"] for worker in workers} == {socket.gethostname()}
    assert all(10**7 < worker["peak_memory"] < 10**10 for worker in workers)


@pytest.mark.long
def test_one_that_leaves_is_let_go(servers: Served, tmp_path: Path) -> None:
    with _opened(servers, 2) as cluster:
        first = min(cluster.client.nthreads())
        found, record = _squares(cluster, tmp_path / "left", lambda: cluster.client.retire_workers([first]))
    assert found == SQUARES
    assert _told(record) == {"joined": 0, "left": 1, "lost": 0, "silent": 0}
    [event] = record.document()["events"]
    assert (event["what"], event["worker"]) == ("left", first)


@pytest.mark.long
def test_a_killed_one_is_told_and_its_tasks_are_done_again(servers: Served, tmp_path: Path) -> None:
    with _opened(servers, 2) as cluster:
        pids = cluster.client.run(os.getpid)
        found, record = _squares(cluster, tmp_path / "dead", lambda: os.kill(pids[min(pids)], signal.SIGKILL))
    assert found == SQUARES
    assert _told(record) == {"joined": 0, "left": 0, "lost": 1, "silent": 0}
    [passed] = record.document()["passes"]
    assert 1 <= passed["again"] <= 24
    assert (passed["pass"], passed["outcome"], passed["tasks"], passed["done"]) == ("square", "done", 24, 24)


@pytest.mark.long
def test_the_only_result_that_dies_with_its_worker_is_computed_again(servers: Served) -> None:
    with _opened(servers, 2) as cluster:
        pids = cluster.client.run(os.getpid)
        killed = []

        def happen(done: int, total: int, label: str) -> None:
            # Its task has finished, and nobody has fetched what it gave.
            if done == total and not killed:
                [holder] = {*map(min, filter(None, cluster.client.who_has().values()))}
                killed.append(holder)
                os.kill(pids[holder], signal.SIGKILL)
                wait_until(lambda: holder not in cluster.client.nthreads())

        found = cluster.reduce(lambda number: number * number, [7], operator.add, label="one", progress=happen)
    assert killed
    assert found == 49


@pytest.mark.long
@pytest.mark.parametrize("nanny", [False, True])
def test_one_that_stands_still_is_given_up(nanny: bool, servers: Served, tmp_path: Path) -> None:
    for _ in range(2):
        servers.join(options=["--nanny" if nanny else "--no-nanny"])
    with _opened(servers) as cluster:
        pids = cluster.client.run(os.getpid)
        frozen = pids[min(pids)]
        found, record = _squares(cluster, tmp_path / "frozen", lambda: os.kill(frozen, signal.SIGSTOP))
    assert found == SQUARES
    told = _told(record)
    assert (told["lost"], told["silent"] > 0) == (1, True)
    assert record.document()["again"] > 0


@pytest.mark.long
@pytest.mark.parametrize(("silence", "told"), [("None", True), ("5 minutes", False)])
def test_a_scheduler_that_waits_for_ever_is_told(
    silence: str, told: bool, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    servers = Served(tmp_path, settings={"DASK_DISTRIBUTED__SCHEDULER__WORKER_TTL": silence})
    try:
        with _opened(servers):
            said = capsys.readouterr().err
    finally:
        servers.stop()
    line = f"clearscale: the scheduler at {servers.address} never gives up a worker that stands still (distributed."
    assert said.startswith(line) == told
    assert bool(said) == told


@pytest.mark.long
def test_a_scheduler_that_stands_still_is_told(
    servers: Served, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("clearscale_cluster.places.served.LOOK_AROUND", 0.1)
    with _opened(servers, 1) as cluster:
        monkeypatch.setattr("clearscale_cluster.places.served.STANDS_STILL", 1.0)
        with pytest.raises(
            ClusterError, match=r"square: the scheduler at .* has not answered for 1 s; look whether"
        ):
            _squares(cluster, tmp_path / "frozen", servers.freeze_scheduler)
        with pytest.raises(ClusterError, match="was lost"):
            cluster.gather(str, [1], label="more")
        began = time.monotonic()
    assert time.monotonic() - began < PATIENCE


@pytest.mark.long
def test_a_slow_one_is_relieved_of_its_tasks(tmp_path: Path) -> None:
    # All tasks are dealt out at once, half of them to the slow one.
    settings = SETTINGS | {"DASK_DISTRIBUTED__SCHEDULER__WORKER_SATURATION": "inf"}
    servers = Served(tmp_path, workers=1, settings=settings)
    servers.join(environment={"SLOW": "1"})

    place = tmp_path / "done"
    place.mkdir()

    def task(number: int) -> str:
        slow = os.environ.get("SLOW", "")
        # It is at its first task until the other has done most of those that were dealt to it.
        deadline = time.monotonic() + PATIENCE
        while slow and len([*place.iterdir()]) < 50 and time.monotonic() < deadline:
            time.sleep(0.01)
        (place / str(number)).touch()
        return slow

    try:
        with _opened(servers) as cluster:
            done = cluster.gather(task, range(60), label="uneven")
    finally:
        servers.stop()
    assert 0 < done.count("1") < 15


@pytest.mark.long
def test_a_small_one_dies_and_a_large_one_does_it(servers: Served, tmp_path: Path) -> None:
    large = tmp_path / "large"

    def fill(number: int) -> int:
        while number == 0 and not large.exists():
            time.sleep(0.01)
        held = bytearray(6 * 10**8 if number == 0 else 10)
        held[::4096] = b"x" * len(held[::4096])
        time.sleep(2 if number == 0 else 0.01)
        return number

    servers.join(options=["--nanny", "--memory-limit", "300MB"])
    with _opened(servers) as cluster:

        def join(done: int, total: int, label: str) -> None:
            if done == 1:
                servers.join(options=["--nanny", "--memory-limit", "2GB"])
                wait_until(lambda: cluster.workers == 2)
                large.touch()

        with cluster.recorded("fill") as record:
            assert cluster.gather(fill, range(1, -1, -1), label="fill", progress=join) == [1, 0]
    document = record.document()
    assert document["lost"] >= 1
    assert 1 <= document["again"] <= 5
    assert max(worker["peak_memory"] for worker in document["workers"]) > 6 * 10**8


@pytest.mark.long
@pytest.mark.parametrize("nanny", [True, False])
def test_a_paused_one_is_relieved_of_its_tasks(
    nanny: bool, servers: Served, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("clearscale_cluster.places.served.LOOK_AROUND", 1.0)
    small = ["--nanny" if nanny else "--no-nanny", "--name", "small", "--memory-limit", "400MB"]
    servers.join(options=small)
    servers.join()

    def fill(number: int) -> int:
        import distributed

        worker = distributed.get_worker()
        if worker.name == "small" and not hasattr(worker, "filled"):
            worker.filled = bytearray(27 * 10**7)  # for good; with a worker's own it is 85%
            worker.filled[::4096] = b"x" * len(worker.filled[::4096])
        time.sleep(0.2)
        return number * number

    with _opened(servers) as cluster, cluster.recorded("fill") as record:
        assert cluster.gather(fill, range(24), label="fill") == SQUARES
    told = record.document()
    assert told["paused"] >= 1
    assert told["lost" if nanny else "left"] >= 1


@pytest.mark.long
def test_one_with_a_lifetime_leaves_by_itself(servers: Served, tmp_path: Path) -> None:
    servers.join()
    with _opened(servers) as cluster:
        servers.join(options=["--no-nanny", "--lifetime", "6s"])
        wait_until(lambda: cluster.workers == 2)
        found, record = _squares(
            cluster, tmp_path / "left", lambda: wait_until(lambda: cluster.workers == 1), free=24
        )
    assert found == SQUARES
    assert _told(record)["left"] == 1


@pytest.mark.long
def test_a_cluster_that_adapts_grows_from_zero_and_shrinks(tmp_path: Path) -> None:
    with LocalCluster(n_workers=0, threads_per_worker=1, dashboard_address=None) as started:
        started.adapt(minimum=0, maximum=2, interval="100ms", wait_count=2)
        with open_cluster(started) as cluster:
            assert isinstance(cluster, ServedCluster)
            found, record = _squares(cluster, tmp_path / "go", lambda: wait_until(lambda: cluster.workers == 2))
            assert found == SQUARES
            assert _told(record)["joined"] >= 1
            wait_until(lambda: not started.workers)
            assert cluster.gather(abs, [-1, -2], label="from zero again") == [1, 2]
