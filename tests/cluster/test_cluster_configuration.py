"""Dask configuration files as the place to work."""

from __future__ import annotations

import os
import ssl
import sys
from collections.abc import Iterator
from pathlib import Path

import dask
import pytest
from distributed.security import Security

from clearscale_cluster import ClusterError, open_cluster
from clearscale_cluster.places.served import ServedCluster
from clearscale_cluster.setup.configuration import Ssh, read_configuration
from clearscale_cluster.spec import Address, Hosts, Processes, Threads
from tests.cluster.test_cluster_ssh import other_version
from tests.support.dask_servers import Served


def _write(path: Path, text: str) -> str:
    path.write_text(text)
    return str(path)


@pytest.mark.parametrize(
    ("text", "place", "ssh"),
    [
        ("scheduler-address: tcp://10.0.0.1:8786", Address("tcp://10.0.0.1:8786"), Ssh()),
        ("scheduler_address: tls://10.0.0.1:8786\ndistributed:", Address("tls://10.0.0.1:8786"), Ssh()),
        ("clearscale:\n  cluster: local:3", Processes(3), Ssh()),
        ("clearscale: {cluster: threads}", Threads(None), Ssh()),
        (
            "clearscale:\n  cluster: ssh:a,b\n  ssh: {python: /opt/bin/python, workers: 4}",
            Hosts(("a", "b")),
            Ssh(python="/opt/bin/python", workers=4),
        ),
    ],
)
def test_forms(tmp_path: Path, text: str, place: object, ssh: Ssh) -> None:
    found = read_configuration(_write(tmp_path / "cluster.yaml", text))
    assert (found.place, found.ssh) == (place, ssh)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "names no place to work"),
        ("distributed: {scheduler: {allowed-failures: 1}}", "names no place to work"),
        ("scheduler-address: tcp://a:1\nclearscale: {cluster: local}", "names two places"),
        ("clearscale: {cluster: other.yaml}", "names another file"),
        ("clearscale: {cluster: nonsense}", "'nonsense' is not understood"),
        ("clearscale: {clutser: local}", "under `clearscale` there may be"),
        ("clearscale: local", "under `clearscale` there may be"),
        ("clearscale: {cluster: 'ssh:a', ssh: {user: me}}", "under `clearscale: ssh` there may be config"),
        ("clearscale: {cluster: 'ssh:a', ssh: {workers: many}}", "workers` must be of type int"),
        ("clearscale: {cluster: 'ssh:a', ssh: {workers: 0}}", "a number above zero"),
        ("clearscale: {cluster: 'ssh:a', ssh: {interface: \"'; x\"}}", "interface a name such as"),
        ("clearscale: [", r"is not a configuration in YAML \(line 1, column 14\)"),
        ("- a list", "is not a configuration in YAML;"),
    ],
)
def test_what_is_wrong_with_a_file_is_told(tmp_path: Path, text: str, said: str) -> None:
    path = _write(tmp_path / "cluster.yaml", text)
    with pytest.raises(ClusterError, match=said) as caught:
        open_cluster(path)
    assert "\n" not in str(caught.value)


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(ClusterError, match=r"none\.yaml: this configuration file cannot be read \(No such file"):
        open_cluster(str(tmp_path / "none.yaml"))


LOCAL = """
clearscale:
  cluster: local:1
distributed:
  scheduler:
    allowed-failures: 1
  worker:
    memory:
      terminate: 0.9
"""


@pytest.mark.slow
def test_settings_are_in_force_here_and_on_workers_until_the_end(tmp_path: Path) -> None:
    names = ["scheduler.allowed-failures", "worker.memory.terminate", "worker.memory.spill", "comm.compression"]
    names.append("deploy.lost-worker-timeout")

    def settings(name: str) -> object:
        return dask.config.get(f"distributed.{name}", None)

    import distributed  # noqa: F401 - its defaults are among the settings

    before = [settings(name) for name in names]
    with open_cluster(_write(tmp_path / "cluster.yaml", LOCAL)) as cluster:
        # the file's, the file's, the package's, Dask's, the package's
        expected = [1, 0.9, False, False, "1000 days"]
        assert [settings(name) for name in names] == expected
        assert cluster.gather(settings, names, label="settings") == expected
        assert isinstance(cluster, ServedCluster)
        assert cluster.client.cluster.scheduler.allowed_failures == 1
    assert [settings(name) for name in names] == before
    assert dask.config.get("clearscale", None) is None


@pytest.fixture
def secured(tmp_path: Path) -> Iterator[tuple[Served, str]]:
    """A scheduler that talks over TLS only, and the part of a configuration file that says how."""
    made = Security.temporary()
    certificate = tmp_path / "certificate.pem"
    certificate.write_text(f"{made.tls_ca_file}{made.tls_worker_key}")
    options = ["--protocol", "tls", "--tls-ca-file", str(certificate), "--tls-cert", str(certificate)]
    servers = Served(tmp_path, options=options)
    tls = f"""
distributed:
  comm:
    require-encryption: true
    tls:
      ca-file: {certificate}
      client:
        cert: {certificate}
"""
    yield servers, tls
    servers.stop()


@pytest.mark.slow
def test_an_address_with_certificates(secured: tuple[Served, str], tmp_path: Path) -> None:
    servers, tls = secured
    assert servers.address.startswith("tls://")
    path = _write(tmp_path / "cluster.yaml", f"scheduler-address: {servers.address}\n{tls}")
    with open_cluster(path) as cluster:
        assert cluster.gather(lambda _: os.getpid(), [1], label="secured") != [os.getpid()]
    for place in (servers.address, servers.address.replace("tls:", "tcp:")):
        with pytest.raises(ClusterError, match="no Dask scheduler answers at"):
            open_cluster(place, timeout=1)


@pytest.mark.long
@pytest.mark.slow
def test_a_worker_with_another_version(tmp_path: Path) -> None:
    servers = Served(tmp_path, environment={"PYTHONPATH": str(other_version(tmp_path))})
    try:
        with pytest.raises(
            ClusterError, match=r"host .+ \(worker tcp://.*\) has clearscale 9\.9 \(here .*same versions"
        ):
            open_cluster(servers.address)
    finally:
        servers.stop()


@pytest.mark.slow
def test_a_worker_without_the_program(tmp_path: Path) -> None:
    (tmp_path / "clearscale_cluster.py").write_text("raise ImportError('not installed')")
    servers = Served(tmp_path, environment={"PYTHONPATH": str(tmp_path)})
    try:
        with pytest.raises(
            ClusterError, match=r"a worker of tcp://.* did not tell its versions .*not installed.*same version"
        ):
            open_cluster(servers.address)
    finally:
        servers.stop()


@pytest.mark.slow
def test_a_local_port_answers_only_to_those_who_hold_its_key() -> None:
    with open_cluster("local:1") as cluster:
        assert isinstance(cluster, ServedCluster)
        address = str(cluster.client.scheduler.address)
        assert address.startswith("tls://127.0.0.1:")
        for stranger in (address.replace("tls:", "tcp:"), address):
            with pytest.raises(ClusterError, match="no Dask scheduler answers at"):
                open_cluster(stranger, timeout=1)
        with pytest.raises((OSError, ssl.SSLError), match=r"(?i)cert|timed out"):
            _connect_with_another_key(address)
        assert cluster.gather(lambda number: number, [1], label="still there") == [1]


def _connect_with_another_key(address: str) -> None:
    from distributed import Client

    Client(address, security=Security.temporary(), timeout=1, set_as_default=False)


def test_local_processes_without_the_package_for_tls(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "cryptography", None)
    with pytest.raises(ClusterError, match=r"local:1: .*needs the package cryptography; install .*or use threads"):
        open_cluster("local:1")
