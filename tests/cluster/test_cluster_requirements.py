"""What workers must meet, whenever they join."""

from __future__ import annotations

import os
import re
import socket
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from clearscale_cluster import ClusterError, open_cluster
from clearscale_cluster.places.served import ServedCluster
from tests.cluster.test_cluster_ssh import other_version
from tests.support.dask_servers import Served
from tests.support.waiting import wait_until

pytestmark = pytest.mark.slow


# Closures travel by value: workers of others do not find this file.
def _elsewhere() -> Callable[[], str | None]:
    return lambda: "is elsewhere" if "ELSEWHERE" in os.environ else None


def _slow() -> Callable[[int], int]:
    def slow(number: int) -> int:
        time.sleep(0.02)
        return number

    return slow


@pytest.fixture
def one_worker(tmp_path: Path) -> Iterator[Served]:
    servers = Served(tmp_path)
    yield servers
    servers.stop()


def _joined(servers: Served, cluster: ServedCluster, **environment: str) -> None:
    servers.join(environment=environment)
    wait_until(lambda: cluster.workers == 2)


UNFIT = rf"^host {re.escape(socket.gethostname())} \(worker tcp://127\.0\.0\.1:\d+\) "


@pytest.mark.long
def test_each_worker_is_asked_at_once(one_worker: Served) -> None:
    with open_cluster(one_worker.address) as cluster:
        assert isinstance(cluster, ServedCluster)
        _joined(one_worker, cluster, ELSEWHERE="yes")
        with pytest.raises(ClusterError, match=UNFIT + "is elsewhere"), cluster.required(_elsewhere()):
            pytest.fail("work began")
        # What was required is not any more.
        assert cluster.gather(_slow(), range(20), label="afterwards") == list(range(20))


@pytest.mark.long
def test_one_that_joins_later_is_asked_before_its_first_task(one_worker: Served) -> None:
    with open_cluster(one_worker.address) as cluster, cluster.required(_elsewhere()):
        assert isinstance(cluster, ServedCluster)
        assert cluster.gather(_slow(), range(4), label="before") == list(range(4))
        _joined(one_worker, cluster, ELSEWHERE="yes")
        with pytest.raises(ClusterError, match=UNFIT + "is elsewhere"):
            cluster.gather(_slow(), range(100), label="with the other")


@pytest.mark.long
def test_one_that_joins_later_must_have_the_same_versions(one_worker: Served, tmp_path: Path) -> None:
    with open_cluster(one_worker.address) as cluster:
        assert isinstance(cluster, ServedCluster)
        _joined(one_worker, cluster, PYTHONPATH=str(other_version(tmp_path)))
        with pytest.raises(ClusterError, match=UNFIT + r"has clearscale 9\.9 \(here .*same versions"):
            cluster.gather(_slow(), range(100), label="with the other")


@pytest.mark.long
def test_a_process_is_asked_once(one_worker: Served, tmp_path: Path) -> None:
    asked = tmp_path / "asked"

    def count() -> None:
        with asked.open("a") as file:
            file.write(".")

    with open_cluster(one_worker.address) as cluster, cluster.required(count):
        cluster.gather(_slow(), range(10), label="asked")
        cluster.gather(_slow(), range(10), label="asked")
    assert asked.read_text() == "."
