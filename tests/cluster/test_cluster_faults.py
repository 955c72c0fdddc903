"""Faults of a worker's machine are told as themselves, with host, worker, task and path. The faults are real."""

from __future__ import annotations

import json
import os
import re
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

import clearscale
from clearscale.commands.main import main
from clearscale_cluster import ClusterError, open_cluster
from clearscale_cluster.setup import logs
from clearscale_cluster.setup.logs import HostLog
from tests.support.dask_servers import Served
from tests.support.samples import OPTIONS, extract, ingest, put

WHERE = (
    r"\n  on a worker: task [a-z ]+-\d+-\d+ on host "
    + re.escape(socket.gethostname())
    + r" \(worker tcp://127\.0\.0\.1:\d+\)\n$"
)

only_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root can give a worker less than it has itself")


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("store")
    ingest(put(folder, "alameda.csv", extract("ALAMEDA")), folder / "store", county="ALAMEDA")
    (folder / "options.json").write_text(json.dumps(OPTIONS))
    return folder / "store"


@pytest.fixture
def servers(tmp_path: Path) -> Iterator[Served]:
    servers = Served(tmp_path, workers=0)
    yield servers
    servers.stop()


def _errors(servers: Served, store: Path, out: Path, capsys: pytest.CaptureFixture[str]) -> str:
    words = ["run", "--store", store, "--policy", store.parent / "options.json", "--as-of", "2020-07-01"]
    words += ["--out", out, "--cluster", servers.address, "--wait", "600", "--quiet"]
    with pytest.raises(SystemExit) as left:
        main(list(map(str, words)))
    assert left.value.code == 1
    assert not (out / "run.json").exists()
    return capsys.readouterr().err


def _within(*words: str) -> list[str]:
    """Words that a worker's command is given to. Skips the test where they cannot be had."""
    if not shutil.which(words[0]) or subprocess.run([*words, "true"], capture_output=True, check=False).returncode:
        pytest.skip(f"{words[0]} cannot be used here")
    return list(words)


@only_root
@pytest.mark.slow
def test_a_full_disk(servers: Served, store: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    small = tmp_path / "small"
    small.mkdir()
    if subprocess.run(["mount", "-t", "tmpfs", "-o", "size=8k", "tmpfs", small], check=False).returncode:
        pytest.skip("this machine mounts no tmpfs")
    try:
        servers.join()
        said = _errors(servers, store, small / "run", capsys)
    finally:
        subprocess.run(["umount", "-l", small], check=True)
    assert re.match(rf"clearscale: {small}/run/.+: No space left on device; .+" + WHERE, said), said


@pytest.mark.long
@only_root
@pytest.mark.slow
def test_no_permission(servers: Served, store: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = tmp_path / "out"
    out.mkdir(mode=0o500)
    servers.join(*_within("setpriv", "--bounding-set=-dac_override,-dac_read_search", "--inh-caps=-all"))
    said = _errors(servers, store, out, capsys)
    assert re.match(
        rf"clearscale: {out}/.+: Permission denied; name a path that you may read and write, or .+" + WHERE, said
    ), said


@pytest.mark.long
@pytest.mark.slow
def test_no_credentials(servers: Served, tmp_path: Path) -> None:
    pytest.importorskip("s3fs")
    servers.join(environment={"AWS_EC2_METADATA_DISABLED": "true", "HOME": str(tmp_path)})

    def look(_: int) -> bool:
        from clearscale.io.files import Folder

        return Folder("s3://nobodys-bucket/store").exists("manifest.json")

    told = pytest.raises(clearscale.StorageError, match="no credentials were found")
    with open_cluster(servers.address, wait=600) as cluster, told as caught:
        cluster.gather(look, [1], label="look")
    assert re.match(WHERE, f"\n  {caught.value.__notes__[0]}\n")


MEMORY = {
    "class": "distributed.LocalCluster",
    "kwargs": {"n_workers": 1, "threads_per_worker": 1, "memory_limit": "400MB", "dashboard_address": None},
    "distributed": {"scheduler": {"allowed-failures": 0}, "worker": {"memory": {"terminate": 0.9}}},
}


@pytest.mark.long
@pytest.mark.slow
def test_memory_of_a_worker(tmp_path: Path) -> None:
    (tmp_path / "cluster.json").write_text(json.dumps(MEMORY))

    def fill(number: int) -> int:
        held = bytearray(10**9)
        held[::4096] = b"x" * len(held[::4096])
        time.sleep(600)
        return len(held) + number

    told = (
        r"fill: 1 workers of distributed\.LocalCluster died while running task fill-\d+-0, the last of them "
        rf"tcp://127\.0\.0\.1:\d+ on host {re.escape(socket.gethostname())}, which may use 0\.4 GB of memory; "
        "a worker that needs more memory"
    )
    with open_cluster(tmp_path / "cluster.json") as cluster, pytest.raises(ClusterError, match=told):
        cluster.gather(fill, [1], label="fill")


def test_too_little_memory_in_a_task(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object, **__: object) -> None:
        raise MemoryError

    monkeypatch.setattr(clearscale, "check", fail)
    with pytest.raises(SystemExit):
        main(["check", "--store", "nowhere", "--quiet"])
    assert capsys.readouterr().err.startswith("clearscale: there is not enough memory; use fewer workers")


def test_what_hosts_say_is_kept_for_a_month(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    quiet, log = HostLog(), HostLog()
    assert quiet.path is None
    log.add("node1", "first\n")
    log.add("node2", "second \x1b[31m\n")
    assert log.path is not None
    assert log.path.stat().st_mode & 0o777 == 0o600
    assert log.path.parent == logs.logs_folder() == tmp_path / "clearscale" / "logs"
    lines = log.path.read_text().splitlines()
    assert [line.partition(" ")[2].partition(" ")[2] for line in lines] == [
        "node1: first",
        "node2: second \\x1b[31m",
    ]
    old = log.path.with_name("ssh-20200101-000000-1.log")
    old.touch()
    os.utime(old, (0, 0))
    HostLog().add("node1", "again")
    assert not old.exists()
    assert log.path.exists()
    log.path.chmod(0o400)
    (tmp_path / "file").touch()
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "file"))
    HostLog().add("node1", "nowhere to write to, and no reason to fail")
