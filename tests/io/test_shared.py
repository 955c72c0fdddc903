"""Folders that workers elsewhere do not see are told before anything begins; no run ends without its decisions."""

import os
import re
import shutil
import socket
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

import clearscale
from clearscale.errors import StorageError
from clearscale.io.files import Folder
from clearscale.io.sealed import finish
from clearscale.io.shared import Sight
from clearscale_cluster import ClusterError
from tests.support.dask_servers import Served
from tests.support.samples import OPTIONS, answers, decide, extract, ingest, put

HOST = rf"host {re.escape(socket.gethostname())} \(worker tcp://127\.0\.0\.1:\d+\) "


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("store")
    ingest(put(folder, "alameda.csv", extract("ALAMEDA")), folder / "store", county="ALAMEDA")
    return folder / "store"


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    servers = Served(tmp_path_factory.mktemp("served"))
    yield servers
    servers.stop()


@pytest.fixture(scope="module")
def hidden(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Served, Path]]:
    """A worker that sees an empty folder where this process has its own."""
    namespaces = ["unshare", "--mount", "--propagation", "private"]
    if os.geteuid() != 0 or not shutil.which("unshare"):
        pytest.skip("only root, with unshare, can have a worker see other folders")
    if subprocess.run([*namespaces, "true"], capture_output=True, check=False).returncode:
        pytest.skip("this machine gives nobody a mount namespace")
    folder = tmp_path_factory.mktemp("hidden")
    servers = Served(tmp_path_factory.mktemp("apart"), workers=0)
    servers.join(*namespaces, "sh", "-c", f'mount -t tmpfs tmpfs "{folder}" && exec "$@"', "sh")
    yield servers, folder
    servers.stop()


@pytest.mark.slow
def test_a_run_into_a_folder_that_a_worker_does_not_see(hidden: tuple[Served, Path], store: Path) -> None:
    servers, folder = hidden
    with pytest.raises(ClusterError, match=HOST + rf"does not see {folder}/run as this machine does: .*path"):
        clearscale.run(store, OPTIONS, "2020-07-01", folder / "run", cluster=servers.address)
    assert not (folder / "run" / "run.json").exists()


@pytest.mark.slow
def test_a_store_that_a_worker_does_not_see(hidden: tuple[Served, Path], store: Path, tmp_path: Path) -> None:
    servers, folder = hidden
    there = folder / "store"
    with pytest.raises(ClusterError, match=HOST + f"does not see {there} "):
        ingest(put(tmp_path, "alameda.csv", extract("ALAMEDA")), there, county="ALAMEDA", cluster=servers.address)
    assert not there.exists()
    shutil.copytree(store, there, dirs_exist_ok=True)
    out = tmp_path / "out"
    for call in (
        lambda: clearscale.run(there, OPTIONS, "2020-07-01", out, cluster=servers.address),
        lambda: clearscale.check(there, cluster=servers.address),
        lambda: clearscale.verify(there, cluster=servers.address),
        lambda: clearscale.sweep(there, OPTIONS, "2020-07-01", ["age=40,50"], out, cluster=servers.address),
    ):
        with pytest.raises(ClusterError, match=HOST + f"does not see {there} "):
            call()
    assert not (out / "run.json").exists()


@pytest.mark.long
@pytest.mark.slow
def test_a_store_in_the_memory_of_one_process(served: Served, tmp_path: Path) -> None:
    file = put(tmp_path, "alameda.csv", extract("ALAMEDA"))
    with pytest.raises(ClusterError, match=HOST + "does not see memory://apart "):
        ingest(file, "memory://apart", county="ALAMEDA", cluster=served.address)


@pytest.mark.long
@pytest.mark.slow
def test_workers_that_see_all_leave_the_same_files(served: Served, store: Path, tmp_path: Path) -> None:
    decide(store, tmp_path / "threads", "threads:1")
    decide(store, tmp_path / "served", served.address)
    assert answers(tmp_path / "served") == answers(tmp_path / "threads")
    assert not list(tmp_path.rglob(".writing-*"))
    assert not list(store.rglob(".writing-*"))


def test_what_is_seen_elsewhere(tmp_path: Path) -> None:
    folder = Folder(str(tmp_path / "here"))
    folder.write("file", b"here")
    sight = Sight.of(folder, "file")
    assert sight() is None
    folder.write("file", b"elsewhere")
    assert f"sees another folder at {tmp_path}/here than this machine: file differs" in str(sight())
    folder.remove("")
    assert f"does not see {tmp_path}/here as this machine does: file is not there" in str(sight())


def test_what_is_for_another_user_is_told_as_that(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = Folder(str(tmp_path / "here"))
    folder.write("file", b"here")
    sight = Sight.of(folder, "file")

    def refuse(*_: object) -> bytes:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Folder, "read", refuse)
    said = rf"may not read {tmp_path}/here/file \(Permission denied\); .*as the user whom workers run as"
    assert re.fullmatch(said, str(sight()))


@pytest.mark.parametrize("url", ["{}/run", "memory://finish"])
@pytest.mark.parametrize("left", [None, b"half"])
def test_nothing_is_finished_without_its_files(url: str, left: bytes | None, tmp_path: Path) -> None:
    folder = Folder(url.format(tmp_path))
    seals = {name: folder.write(name, b"all of it") for name in ("tables/a", "tables/b")}
    folder.remove("tables/b")
    if left is not None:
        folder.write("tables/b", left)
    with pytest.raises(StorageError, match=r"tables/b: was written by a worker and is not there \(1 of 2 files\)"):
        finish(folder, "run.json", {}, seals)
    assert not folder.exists("run.json")
    folder.write("tables/b", b"all of it")
    finish(folder, "run.json", {}, seals)
    assert folder.exists("run.json")
    folder.remove("")
