"""Clusters over SSH: a real server on the loopback interface starts a real scheduler and real workers."""

from __future__ import annotations

import operator
import os
import re
import shlex
import signal
import sys
import time
from pathlib import Path

import pytest

from clearscale_cluster import Cluster, ClusterError, open_cluster
from clearscale_cluster.places.served import ServedCluster
from tests.support.ssh_server import SshServer
from tests.support.waiting import PATIENCE, wait_until

pytestmark = pytest.mark.slow


def test_each_host_runs_its_workers_over_tls(over_ssh: Cluster, ssh_server: SshServer) -> None:
    assert isinstance(over_ssh, ServedCluster)
    workers = over_ssh.client.nthreads()
    assert list(workers.values()) == [1, 1]
    assert all(address.startswith("tls://127.0.0.1:") for address in workers)
    pids = set(over_ssh.client.run(os.getpid).values())
    assert len(pids) == 2
    assert os.getpid() not in pids


def test_the_key_is_on_no_command_line_and_readable_by_its_user_only(
    over_ssh: Cluster, ssh_server: SshServer
) -> None:
    assert not any("PRIVATE KEY" in command for command in ssh_server.commands)
    folders = {
        found[0] for command in ssh_server.commands if (found := re.search(r"/tmp/clearscale-\w{32}", command))
    }
    kept = [Path(folder) for folder in folders if Path(folder).exists()]
    assert kept
    for folder in kept:
        assert folder.stat().st_mode & 0o777 == 0o700
        [file] = folder.iterdir()
        assert file.stat().st_mode & 0o777 == 0o600


def test_a_worker_that_is_killed_and_what_is_left_at_the_end(tmp_path: Path) -> None:
    server = SshServer(tmp_path)
    log = tmp_path / "warm"

    def warm_up() -> None:
        with log.open("a") as lines:
            lines.write(f"{os.getpid()}\n")

    def die_once(number: int) -> int:
        if number == 5 and not (tmp_path / "dead").exists():
            (tmp_path / "dead").touch()
            os.kill(os.getpid(), signal.SIGKILL)
        assert str(os.getpid()) in log.read_text().split()
        return number

    try:
        with open_cluster(str(server.configuration(tmp_path / "cluster.yaml")), warm_up) as cluster:
            assert cluster.reduce(die_once, range(30), operator.add, label="killed") == sum(range(30))
            assert (tmp_path / "dead").exists()
            assert server.running == 3  # the scheduler, and each host's workers
        wait_until(lambda: server.running == 0)
        [folder] = {
            found[0] for command in server.commands if (found := re.search(r"/tmp/clearscale-\w{32}", command))
        }
        assert not Path(folder).exists()
    finally:
        server.stop()


def test_a_lost_scheduler_is_told(tmp_path: Path) -> None:
    server = SshServer(tmp_path)
    stopped = False
    try:
        with open_cluster(str(server.configuration(tmp_path / "cluster.yaml"))) as cluster:
            # All but the first would take for ever.
            results = cluster.map(lambda number: time.sleep(number * PATIENCE), range(3), label="long work")
            next(results)
            server.stop()
            stopped = True
            with pytest.raises(ClusterError, match=r"long work: .*ssh:one,two was lost; .*run again"):
                list(results)
    finally:
        if not stopped:
            server.stop()


def test_a_host_that_cannot_be_reached(ssh_server: SshServer, tmp_path: Path) -> None:
    config = ssh_server.write_config(tmp_path / "config", port=1)
    file = ssh_server.configuration(tmp_path / "cluster.yaml", config=str(config))
    with pytest.raises(ClusterError, match=r"host (one|two): cannot be reached with SSH .*`ssh (one|two)` works"):
        open_cluster(str(file))


def test_a_host_whose_key_is_unknown(ssh_server: SshServer, tmp_path: Path) -> None:
    config = ssh_server.write_config(tmp_path / "config", UserKnownHostsFile=str(tmp_path / "none"))
    (tmp_path / "none").touch()
    file = ssh_server.configuration(tmp_path / "cluster.yaml", config=str(config))
    with pytest.raises(ClusterError, match=r"host (one|two): its key is not known here"):
        open_cluster(str(file))


def test_a_host_that_refuses_the_login(ssh_server: SshServer, tmp_path: Path) -> None:
    import asyncssh

    asyncssh.generate_private_key("ssh-ed25519").write_private_key(tmp_path / "other")
    config = ssh_server.write_config(tmp_path / "config", IdentityFile=str(tmp_path / "other"))
    file = ssh_server.configuration(tmp_path / "cluster.yaml", config=str(config))
    with pytest.raises(ClusterError, match=r"host (one|two): refuses the login"):
        open_cluster(str(file))


def test_a_host_without_the_program(ssh_server: SshServer, tmp_path: Path) -> None:
    file = ssh_server.configuration(tmp_path / "cluster.yaml", python="/nowhere/python")
    with pytest.raises(ClusterError, match=r"host (one|two): cannot run clearscale \(.*not found\); install it"):
        open_cluster(str(file))


def _interpreter(path: Path, *lines: str) -> Path:
    path.write_text("\n".join(["#!/bin/sh", *lines, f'exec {shlex.quote(sys.executable)} "$@"', ""]))
    path.chmod(0o700)
    return path


def other_version(folder: Path) -> Path:
    """A folder that makes Python find another version of the distribution."""
    found = folder / "clearscale-9.9.dist-info"
    found.mkdir()
    (found / "METADATA").write_text("Metadata-Version: 2.1\nName: clearscale\nVersion: 9.9\n")
    return folder


def test_a_host_with_another_version(ssh_server: SshServer, tmp_path: Path) -> None:
    python = _interpreter(tmp_path / "python", f"export PYTHONPATH={shlex.quote(str(other_version(tmp_path)))}")
    file = ssh_server.configuration(tmp_path / "cluster.yaml", python=str(python))
    with pytest.raises(ClusterError, match=r"host (one|two) has clearscale 9\.9 \(here .*same versions"):
        open_cluster(str(file))


@pytest.mark.long
def test_a_path_with_special_characters_is_a_path(ssh_server: SshServer, tmp_path: Path) -> None:
    python = _interpreter(tmp_path / "it's; touch made $(touch made) python")
    with open_cluster(str(ssh_server.configuration(tmp_path / "cluster.yaml", python=str(python)))) as cluster:
        assert cluster.gather(lambda number: number, [1, 2], label="escaped") == [1, 2]
    assert not Path("made").exists()
    assert not (Path.home() / "made").exists()


def test_without_the_package_for_ssh(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "asyncssh", None)
    with pytest.raises(ClusterError, match=r"ssh:one: SSH needs the package asyncssh; install .* extra `ssh`"):
        open_cluster("ssh:one")
