"""What is special about threads of this process."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time

import pytest

from clearscale_cluster import ClusterError, open_cluster
from tests.support.examples import long
from tests.support.waiting import PATIENCE, wait_until


def _own_threads() -> list[str]:
    return [thread.name for thread in threading.enumerate() if thread.name.startswith("clearscale")]


def test_looks_ahead_a_few_items_only() -> None:
    started: list[int] = []
    with open_cluster("threads:2") as cluster:
        results = cluster.map(started.append, range(100), label="ahead")
        for taken in range(1, 50):
            next(results)
            wait_until(lambda taken=taken: len(started) >= taken + 2 * 2)
            assert len(started) == taken + 2 * 2
        assert _own_threads()


def test_items_start_in_order() -> None:
    started: list[int] = []
    with open_cluster("threads:1") as cluster:
        cluster.gather(started.append, range(200), label="order")
    assert started == list(range(200))


@pytest.mark.parametrize("threads", [1, 2])
def test_nothing_starts_after_an_exception(threads: int) -> None:
    started = []

    def fail_at_three(number: int) -> None:
        started.append(number)
        time.sleep(0.005)
        if number == 3:
            raise RuntimeError("three")

    with open_cluster(f"threads:{threads}") as cluster:
        with pytest.raises(RuntimeError, match="three"):
            cluster.gather(fail_at_three, range(1000), label="stop")
        assert _own_threads() == [], "what no thread is left for cannot start"
        # While the thread that failed is about to tell, the other one goes on.
        assert started == [0, 1, 2, 3] if threads == 1 else len(started) < 1000


def test_closing_ends_a_pass_that_is_still_referred_to() -> None:
    cluster = open_cluster("threads:2")
    results = cluster.map(lambda number: number, range(100), label="open end")
    next(results)
    cluster.close()
    assert _own_threads() == []
    with pytest.raises(ClusterError, match="closed"):
        list(results)
    with pytest.raises(ClusterError, match="closed"):
        cluster.gather(str, [1])


def test_a_task_may_use_the_cluster() -> None:
    with open_cluster("threads:1") as cluster:
        assert cluster.gather(lambda number: cluster.gather(str, [number]), [1, 2]) == [["1"], ["2"]]


INTERRUPTED = """
import signal, sys, time
from clearscale_cluster import open_cluster

if __name__ == "__main__":
    signal.signal(signal.SIGINT, signal.default_int_handler)  # a shell's background jobs ignore it
    try:
        with open_cluster(sys.argv[1]) as cluster:
            items, seconds = int(sys.argv[2]), float(sys.argv[3])
            for _ in cluster.map(lambda item: item and time.sleep(seconds), range(items), label="long"):
                print("started", flush=True)
    except KeyboardInterrupt:
        sys.exit(130)
"""


# Threads end their tasks, so theirs are short; for Dask each task is work, so its are few.
@pytest.mark.parametrize(
    ("spec", "items", "seconds"),
    [("threads:2", "10000", "0.24"), long("local:2", "300", "8")],
)
def test_ctrl_c_stops_at_once_and_without_noise(tmp_path, spec: str, items: str, seconds: str) -> None:
    script = tmp_path / "interrupted.py"
    script.write_text(INTERRUPTED)
    process = subprocess.Popen(
        [sys.executable, str(script), spec, items, seconds],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "started\n"
    os.killpg(process.pid, signal.SIGINT)  # as a terminal does: to every process of the group
    _, errors = process.communicate(timeout=PATIENCE)  # half of what all the work would take
    assert process.returncode == 130
    assert errors == ""
