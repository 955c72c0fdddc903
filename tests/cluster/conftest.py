"""Clusters of every kind, started once for all tests of this folder and ended with them."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from clearscale_cluster import Cluster, open_cluster
from tests.support.dask_servers import Served
from tests.support.ssh_server import SshServer


@pytest.fixture(scope="package")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    servers = Served(tmp_path_factory.mktemp("served"))
    yield servers
    servers.stop()


@pytest.fixture(scope="package")
def ssh_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SshServer]:
    server = SshServer(tmp_path_factory.mktemp("ssh"))
    yield server
    server.stop()


@pytest.fixture(scope="package")
def over_ssh(ssh_server: SshServer, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    """Two hosts, each with a worker, by a configuration file."""
    file = ssh_server.configuration(tmp_path_factory.mktemp("over-ssh") / "cluster.yaml")
    with open_cluster(str(file)) as cluster:
        yield cluster


@pytest.fixture(
    scope="package",
    params=[
        None,
        "threads:1",
        "threads:2",
        pytest.param("local:1", marks=pytest.mark.slow),
        pytest.param("local:2", marks=pytest.mark.slow),
        pytest.param("served", marks=pytest.mark.slow),
        pytest.param("ssh", marks=pytest.mark.slow),
    ],
)
def cluster(request: pytest.FixtureRequest) -> Iterator[Cluster]:
    """Each kind of cluster in turn."""
    if request.param == "local:2":
        yield request.getfixturevalue("two_processes")
        return
    if request.param == "ssh":
        yield request.getfixturevalue("over_ssh")
        return
    spec = request.getfixturevalue("served").address if request.param == "served" else request.param
    with open_cluster(spec) as opened:
        yield opened
