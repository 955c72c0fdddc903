"""Folders for temporary files: for their user alone, gone with their process."""

from __future__ import annotations

import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

from clearscale_cluster import open_cluster
from clearscale_cluster.scratch import scratch_folder
from tests.support import other_user


@pytest.fixture
def temporary(public_folder: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(tempfile, "tempdir", str(public_folder))
    return public_folder


_HOLDS = """
import sys, tempfile
from clearscale_cluster.scratch import scratch_folder
tempfile.tempdir = sys.argv[1]
with scratch_folder("tried") as folder:
    (folder / "file").write_text("temporary")
    print(folder, flush=True)
    sys.stdin.read()
"""


def _holding(temporary: Path) -> tuple[subprocess.Popen[str], Path]:
    """A process that has a folder, and where that is."""
    process = subprocess.Popen(
        [sys.executable, "-c", _HOLDS, str(temporary)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    return process, Path(process.stdout.readline().strip())


def test_it_is_there_for_its_user_alone_and_as_long_as_it_is_needed(temporary: Path) -> None:
    with scratch_folder("tried") as folder:
        assert folder.parent == temporary
        assert folder.stat().st_mode & 0o777 == 0o700
    assert list(temporary.iterdir()) == []


def test_what_a_killed_process_left_goes_and_what_another_holds_stays(temporary: Path) -> None:
    alive, kept = _holding(temporary)
    dead, left = _holding(temporary)
    try:
        assert (left / "file").exists()
        dead.kill()
        dead.wait()
        with scratch_folder("another"):
            assert left.exists(), "of another kind"
        with scratch_folder("tried") as folder:
            assert set(temporary.iterdir()) == {kept, folder}
            assert (kept / "file").exists()
    finally:
        alive.communicate("")
    assert list(temporary.iterdir()) == []


def test_nothing_of_another_user_and_nothing_behind_a_link_is_removed(tmp_path: Path, temporary: Path) -> None:
    other_user.does("import os, sys; os.mkdir(sys.argv[1], 0o777)", str(temporary / "clearscale-tried-theirs"))
    behind = tmp_path / "behind"
    behind.mkdir()
    (behind / "file").touch()
    (temporary / "clearscale-tried-link").symlink_to(behind)
    with scratch_folder("tried"):
        pass
    assert {path.name for path in temporary.iterdir()} == {"clearscale-tried-theirs", "clearscale-tried-link"}
    assert (behind / "file").exists()


def test_another_user_reaches_nothing_of_it(temporary: Path) -> None:
    with scratch_folder("tried") as folder:
        (folder / "folder").mkdir(mode=0o777)
        (folder / "folder/file").write_text("temporary")
        (folder / "folder/file").chmod(0o666)
        assert other_user.reaches(str(temporary)) == []


def test_many_at_the_same_time_take_nothing_from_each_other(temporary: Path) -> None:
    processes = [_holding(temporary) for _ in range(4)]
    assert all((folder / "file").exists() for _, folder in processes)
    for process, _ in processes:
        process.communicate("")


@pytest.mark.slow
def test_nothing_is_loaded_from_a_folder_that_another_user_made_for_dask(temporary: Path) -> None:
    theirs = temporary / "dask-scratch-space"
    other_user.does("import os, sys; os.mkdir(sys.argv[1]); os.chmod(sys.argv[1], 0o777)", str(theirs))

    def searched(_: int) -> tuple[list[str], str]:
        return sys.path, tempfile.gettempdir()

    with open_cluster("local:1") as cluster:
        [(there, own)] = cluster.gather(searched, [1], label="paths")
        for path in [*sys.path, *there]:
            assert not path.startswith(str(theirs))
        assert [Path(own)] == list(temporary.glob("clearscale-workers-*"))
        assert list(theirs.iterdir()) == []
    assert list(temporary.iterdir()) == [theirs]
