"""Workers and schedulers that die, and what is seen of it."""

from __future__ import annotations

import operator
import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from distributed import Client

from clearscale_cluster import Cluster, ClusterError, open_cluster
from clearscale_cluster.places.served import ServedCluster
from tests.support.dask_servers import Served
from tests.support.examples import long
from tests.support.waiting import PATIENCE, wait_until

pytestmark = pytest.mark.slow


def _die_once_at(number: int, marker: Path):
    """A task that kills its own process the first time it gets number."""

    def task(item: int) -> int:
        if item == number and not marker.exists():
            marker.touch()
            os.kill(os.getpid(), signal.SIGKILL)
        return item * item

    return task


@pytest.mark.parametrize("call", ["gather", long("reduce")])
def test_a_task_runs_again_when_its_worker_is_killed(call: str, two_processes: Cluster, tmp_path: Path) -> None:
    squares = [number * number for number in range(40)]
    task = _die_once_at(17, tmp_path / "dead")
    if call == "gather":
        assert two_processes.gather(task, range(40), label="killed") == squares
    else:  # as over SSH each time
        assert two_processes.reduce(task, range(40), operator.add, label="killed") == sum(squares)
    assert (tmp_path / "dead").exists()


@pytest.mark.long
def test_a_task_that_kills_every_worker_is_given_up() -> None:
    with open_cluster("local:2") as cluster:
        with pytest.raises(ClusterError, match=r"poison: 5 workers of local:2 died .* fewer workers or smaller"):
            cluster.gather(lambda _: os.kill(os.getpid(), signal.SIGKILL), [1, 2], label="poison")
        assert cluster.gather(lambda number: number, range(8), label="afterwards") == list(range(8))


@pytest.mark.long
def test_warm_up_runs_here_first_and_then_on_every_worker(tmp_path: Path) -> None:
    log = tmp_path / "log"
    log.touch()

    def warm_up() -> None:
        with log.open("a") as lines:
            lines.write(f"{os.getpid()}\n")

    def warm() -> list[int]:
        return [int(line) for line in log.read_text().splitlines()]

    def pid(_: int) -> int:
        time.sleep(0.02)
        assert str(os.getpid()) in log.read_text().split()
        return os.getpid()

    with open_cluster("local:2", warm_up) as cluster:
        assert warm()[0] == os.getpid()
        assert len(warm()) == 3
        first = set(cluster.gather(pid, range(20), label="pids"))
        assert first <= set(warm())
        cluster.gather(_die_once_at(1, tmp_path / "dead"), range(4), label="kill one")
        wait_until(lambda: len(warm()) >= 4)
        second = set(cluster.gather(pid, range(40), label="pids"))
        assert second - first <= set(warm()) - first
        assert len(warm()) == 4


def test_warm_up_on_a_cluster_of_others_leaves_nothing_behind(served: Served, tmp_path: Path) -> None:
    def warm_up() -> None:
        (tmp_path / f"warm-{os.getpid()}").touch()

    with open_cluster(served.address, warm_up) as cluster:
        [worker] = set(cluster.gather(lambda _: os.getpid(), range(4), label="pid"))
        assert [path.name for path in tmp_path.iterdir()] == [f"warm-{worker}"]
    with open_cluster(served.address) as cluster:
        assert isinstance(cluster, ServedCluster)
        plugins = cluster.client.run_on_scheduler(lambda dask_scheduler: list(dask_scheduler.worker_plugins))
        assert [name for name in plugins if name.startswith("warm-up")] == []


def test_an_exception_of_warm_up_is_raised(served: Served) -> None:
    def warm_up() -> None:
        raise ArithmeticError("cold")

    for spec in ("local:1", served.address):
        with pytest.raises(ArithmeticError, match="cold"):
            open_cluster(spec, warm_up)


def test_a_lost_scheduler(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    servers = Served(tmp_path)
    waited: list[float] = []
    close = Client.close

    def noted(client: Client, **how: float) -> None:
        # A client that a test before left to the collector is closed in between, without a time.
        waited.extend(how.values())
        close(client, **how)

    monkeypatch.setattr(Client, "close", noted)
    try:
        with open_cluster(servers.address) as cluster:
            # All but the first would take for ever.
            results = cluster.map(lambda number: time.sleep(number * PATIENCE), range(3), label="long work")
            next(results)
            servers.kill_scheduler()
            with pytest.raises(
                ClusterError, match=f"long work: .*{re.escape(servers.address)} was lost; .*run again"
            ):
                list(results)
            with pytest.raises(ClusterError, match="was lost"):
                cluster.gather(str, [1], label="more")
        assert waited == [0.5], "it waits for a scheduler that is gone"
    finally:
        servers.stop()


def test_no_scheduler_at_the_address() -> None:
    with pytest.raises(ClusterError, match=r"no Dask scheduler answers at tcp://127\.0\.0\.1:1 within 0\.5 s"):
        open_cluster("tcp://127.0.0.1:1", timeout=0.5, insecure=True)
    with pytest.raises(ClusterError, match="carrier://pigeon"):
        open_cluster("carrier://pigeon:1", timeout=0.5, insecure=True)


def test_a_scheduler_without_workers(tmp_path: Path) -> None:
    servers = Served(tmp_path, workers=0)
    try:
        with pytest.raises(ClusterError, match=r"has no workers after 0\.5 s; start some with `dask worker tcp://"):
            open_cluster(servers.address, timeout=0.5)
    finally:
        servers.stop()


@pytest.mark.long
def test_all_workers_leave(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("clearscale_cluster.places.served.LOOK_AROUND", 0.1)
    servers = Served(tmp_path)
    try:
        with open_cluster(servers.address) as cluster:
            assert isinstance(cluster, ServedCluster)
            monkeypatch.setattr(cluster, "_patience", 0.3)
            with pytest.raises(ClusterError, match=r"deserted: the scheduler at .* has had no worker for"):
                cluster.gather(_die_once_at(1, tmp_path / "dead"), range(3), label="deserted")
    finally:
        servers.stop()


def test_a_cluster_of_others_is_left_running(served: Served) -> None:
    for _ in range(2):
        with open_cluster(served.address) as cluster:
            assert cluster.gather(lambda number: number, [1], label="alive") == [1]


def test_task_names_hold_the_label_and_numbers_only(two_processes: Cluster) -> None:
    def name_of_task(_: str) -> str:
        from distributed import get_worker

        return str(get_worker().get_current_task())

    names = two_processes.gather(name_of_task, ["DOE, JANE"] * 20, label="Ingest blocks: 2")
    assert len(set(names)) == 20
    for name in names:
        assert re.fullmatch(r"ingest blocks 2-\d+-\d+", name)


def test_a_failing_task_is_logged_without_its_item(served: Served) -> None:
    def fail(path: str) -> None:
        raise ValueError("cannot be read")

    with open_cluster(served.address) as cluster, pytest.raises(ValueError, match="cannot be read"):
        cluster.gather(fail, ["/extracts/DOE-JANE.csv"], label="read")
    wait_until(lambda: "Compute Failed" in served.worker_log.read_text())
    assert "DOE" not in served.worker_log.read_text()


def test_what_a_library_wrote_into_an_error_stays_between_task_and_caller(served: Served) -> None:
    def fail(number: int) -> int:
        try:
            return int(f"ZZYZX,PAT {number}")
        except ValueError as error:
            raise KeyError("770-04-7700") from error

    def fail_for_good(number: int) -> int:
        class UnpicklableError(Exception):
            def __reduce__(self) -> str:
                raise TypeError("QQJUV")

        raise UnpicklableError(number)

    def unequal(left: int, right: int) -> int:
        raise ArithmeticError(f"QQJUV {left} {right}")

    with open_cluster(served.address) as cluster:
        assert isinstance(cluster, ServedCluster)
        with pytest.raises(KeyError, match="770-04-7700") as caught:
            cluster.gather(fail, [1], label="read")
        assert any("in fail" in note for note in caught.value.__notes__)
        with pytest.raises(ArithmeticError, match="QQJUV"):
            cluster.reduce(abs, [1, 2], unequal, label="add")
        with pytest.raises(RuntimeError, match="UnpicklableError, which cannot be sent between processes"):
            cluster.gather(fail_for_good, [1], label="lock")
        client = cluster.client
        seen = repr((client.get_events(), client.get_scheduler_logs(), client.get_worker_logs()))
        seen += repr(client.run_on_scheduler(lambda dask_scheduler: list(dask_scheduler.transition_log)))
    wait_until(lambda: served.worker_log.read_text().count("Compute Failed") >= 3)
    seen += served.worker_log.read_text()
    assert "<failure: KeyError>" in seen
    assert [value for value in ("ZZYZX", "-04-77", "QQJUV") if value in seen] == []


NOISY = """
import os, signal, sys, threading
from pathlib import Path
from clearscale_cluster import ClusterError, open_cluster

most, deaths = int(sys.argv[1]), Path(sys.argv[2])

def die_so_often(_, most=most, deaths=deaths):
    before = deaths.read_text() if deaths.exists() else ""
    if len(before) < most:
        deaths.write_text(before + ".")
        os.kill(os.getpid(), signal.SIGKILL)

def fail(_):
    raise KeyError("a task's own")

if __name__ == "__main__":
    with open_cluster("local:2") as cluster:
        try:
            cluster.gather(fail, range(4), label="failing")
        except KeyError:
            pass
        try:
            cluster.gather(lambda lock: lock, [threading.Lock()], label="unpicklable")
        except TypeError:
            pass
        try:
            cluster.gather(die_so_often, [1], label="poison")
        except ClusterError:
            pass
"""


@pytest.mark.long
@pytest.mark.parametrize("deaths", [1, 5])
def test_the_terminal_stays_quiet(deaths: int, tmp_path: Path) -> None:
    """A worker that dies is replaced without a word, and five in turn are told by an exception alone."""
    script = tmp_path / "noisy.py"
    script.write_text(NOISY)
    command = [sys.executable, str(script), str(deaths), str(tmp_path / "deaths")]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    assert (tmp_path / "deaths").read_text() == "." * deaths
    assert done.stdout == ""
    assert done.stderr == ""


def test_workers_compute_in_one_thread_and_leave_this_process_alone(two_processes: Cluster) -> None:
    names = ["NUMBA_NUM_THREADS", "OMP_NUM_THREADS", "ARROW_IO_THREADS"]
    here = [os.environ.get(name) for name in names]
    assert two_processes.gather(lambda name: os.environ.get(name), names, label="environment") == ["1", "1", "1"]
    assert [os.environ.get(name) for name in names] == here
