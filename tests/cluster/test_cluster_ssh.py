"""Clusters over SSH: a real server on the loopback interface starts a real scheduler and real workers."""

from __future__ import annotations

import contextlib
import fcntl
import json
import operator
import os
import shlex
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import pytest

from clearscale_cluster import Cluster, ClusterError, open_cluster
from clearscale_cluster.places.served import ServedCluster
from tests.support import other_user
from tests.support.examples import long
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


def _folders() -> set[Path]:
    return set(Path(tempfile.gettempdir()).glob("clearscale-host-*"))


@pytest.fixture
def own_temporary(public_folder: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder for temporary files of a test's own."""
    monkeypatch.setenv("TMPDIR", str(public_folder))
    monkeypatch.setattr(tempfile, "tempdir", None)
    return public_folder


def test_nothing_but_the_name_of_the_program_is_on_a_command_line(over_ssh: Cluster, ssh_server: SshServer) -> None:
    assert set(ssh_server.commands) == {f"{shlex.quote(sys.executable)} -m clearscale_cluster.setup.host"}


def test_keys_are_in_no_file(over_ssh: Cluster) -> None:
    folders = _folders()
    assert folders
    for folder in folders:
        assert folder.stat().st_mode & 0o777 == 0o700
        contents = [file.read_bytes() for file in folder.rglob("*") if file.is_file()]
        assert not any(b"PRIVATE KEY" in content for content in contents)


_SPY = r"""
import os, sys
temporary, seen, opened = sys.argv[1], set(), set()
while not os.path.exists(os.path.join(temporary, "stop")):
    for number in filter(str.isdigit, os.listdir("/proc")):
        try:
            with open(f"/proc/{number}/cmdline", "rb") as file:
                line = file.read().replace(b"\0", b" ").decode("utf-8", "replace")
        except OSError:
            continue
        if temporary in line and "-c" not in line.split() or "clearscale_cluster" in line:
            seen.add(line)
        for word in line.split():
            if word.startswith(temporary + "/") and not os.path.lexists(word):
                try: os.mkdir(word, 0o777)
                except OSError: pass
    for name in os.listdir(temporary):
        try:
            for inside in os.listdir(os.path.join(temporary, name)):
                opened.add(os.path.join(name, inside))
        except OSError:
            pass
print("\n".join(["seen " + line for line in seen] + ["opened " + name for name in opened]))
"""


@pytest.mark.long
def test_another_user_who_watches_all_along_learns_nothing_and_is_never_first(
    tmp_path: Path, own_temporary: Path
) -> None:
    def token(_: int) -> object:
        import dask

        return dask.config.get("own.token", None)

    def command_lines(_: int) -> str:
        lines = []
        for process in Path("/proc").glob("[0-9]*"):
            with contextlib.suppress(OSError):
                lines.append((process / "cmdline").read_text("utf-8", "replace"))
        return "\n".join(line for line in lines if "clearscale_cluster" in line)

    spy = other_user.started(_SPY, [str(own_temporary)], stdout=subprocess.PIPE, cwd="/")
    server = SshServer(tmp_path)
    try:
        file = server.configuration(tmp_path / "cluster.yaml")
        secret = {"distributed": {"client": {"heartbeat": "5s"}}, "own": {"token": "0123456789"}}
        file.write_text(json.dumps({**json.loads(file.read_text()), **secret}))
        with open_cluster(str(file)) as cluster:
            environments = cluster.gather(command_lines, [1, 2], label="command lines")
            settings = cluster.gather(token, [1], label="settings")
    finally:
        (own_temporary / "stop").touch()
        server.stop()
        told = spy.communicate(timeout=PATIENCE)[0].splitlines()
    assert settings == ["0123456789"], "settings reach the workers"
    lines = [line for line in told if line.startswith("seen ")]
    assert any("clearscale_cluster.setup.host" in line for line in lines), "the spy saw what ran"
    for line in [*lines, *environments]:
        for word in ("DASK_INTERNAL", "0123456789", "BEGIN", "clearscale-host-"):
            assert word not in line
    assert [line for line in told if line.startswith("opened ")] == []


NO_WORKERS = """#!/bin/sh
IFS= read -r order
case "$order" in *'"workers": 1'*) echo no workers here >&2; exit 1;; esac
{{ printf '%s\\n' "$order"; cat; }} | {python} "$@"
"""
"""An interpreter on hosts that starts a scheduler, but no workers."""


@pytest.mark.parametrize("interface", ["none0", long("lo")])
def test_a_start_that_fails_leaves_nothing(tmp_path: Path, own_temporary: Path, interface: str) -> None:
    server = SshServer(tmp_path)
    python = tmp_path / "python"
    python.write_text(NO_WORKERS.format(python=shlex.quote(sys.executable)))
    python.chmod(0o700)
    chosen = sys.executable if interface != "lo" else str(python)
    file = server.configuration(tmp_path / "cluster.yaml", interface=interface, python=chosen)
    try:
        with pytest.raises(ClusterError, match=r"the scheduler or a worker did not start .*host (one|two)"):
            open_cluster(str(file))
        wait_until(lambda: server.running == 0)
        assert list(own_temporary.iterdir()) == []
    finally:
        server.stop()


@pytest.mark.long
def test_a_host_whose_process_was_killed_is_tidied_by_the_next(tmp_path: Path, own_temporary: Path) -> None:
    live = own_temporary / "clearscale-host-live"
    live.mkdir()
    held = os.open(live, os.O_RDONLY)
    fcntl.flock(held, fcntl.LOCK_EX)
    server = SshServer(tmp_path)
    try:
        file = str(server.configuration(tmp_path / "cluster.yaml"))
        with open_cluster(file):
            before = _folders() - {live}
            assert before
            server.kill_all()
        wait_until(lambda: server.running == 0)
        assert before <= _folders()
        with open_cluster(file):
            assert not before & _folders()
        wait_until(lambda: server.running == 0)
        assert set(own_temporary.iterdir()) == {live}, "what a process still holds is left alone"
    finally:
        server.stop()
        os.close(held)


@pytest.mark.long
def test_a_worker_that_is_killed_and_what_is_left_at_the_end(tmp_path: Path, own_temporary: Path) -> None:
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
        assert list(own_temporary.iterdir()) == []
    finally:
        server.stop()


@pytest.mark.long
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
    with pytest.raises(ClusterError, match="ssh:one: SSH needs the package asyncssh, which the extra `ssh` brings"):
        open_cluster("ssh:one")
