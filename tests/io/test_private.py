"""Folders and files as they are made on this machine: modes, names, links and what killed processes leave."""

import os
import stat
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from clearscale.errors import StorageError
from clearscale.io import private
from clearscale.io.claims import claim, claimed
from clearscale.io.files import Folder
from clearscale.io.local import whole_file, write_whole
from clearscale.io.private import WRITING, make_folder, new_file, remove_left
from tests.support import other_user


@pytest.fixture(autouse=True)
def nothing_known(monkeypatch: pytest.MonkeyPatch) -> None:
    """Folders are looked at anew in each test."""
    monkeypatch.setattr(private, "_own", set())


@pytest.fixture(params=[0o000, 0o002, 0o022, 0o027, 0o077])
def umask(request: pytest.FixtureRequest) -> Iterator[int]:
    before = os.umask(request.param)
    yield request.param
    os.umask(before)


def mode(path: Path) -> int:
    return stat.S_IMODE(path.lstat().st_mode)


def test_modes_are_never_wider_than_the_umask_nor_for_others(tmp_path: Path, umask: int) -> None:
    folder = Folder(str(tmp_path / "a/b"))
    folder.write("c/file", b"content")
    folder.write("c/file", b"content again", lasting=True)
    held = claim(folder, "d/.lock")
    write_whole(tmp_path / "e/whole", b"content")
    for name in ("a", "a/b", "a/b/c", "a/b/d", "e"):
        assert mode(tmp_path / name) == 0o750 & ~umask
    for name in ("a/b/c/file", "a/b/d/.lock", "e/whole"):
        assert mode(tmp_path / name) == 0o640 & ~umask
    held.release()


def test_a_file_that_was_wider_is_replaced_by_one_that_is_not(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"before")
    (tmp_path / "file").chmod(0o666)
    Folder(str(tmp_path)).write("file", b"after")
    assert mode(tmp_path / "file") == 0o640


def test_passing_names_cannot_be_guessed(tmp_path: Path) -> None:
    names = set()
    for _ in range(20):
        handle, path = new_file(tmp_path)
        os.close(handle)
        names.add(path.name.removeprefix(WRITING))
    assert len(names) == 20
    assert all(len(name) == 16 for name in names)


ATTACKS = {
    "a link": "os.symlink(sys.argv[2], sys.argv[1])",
    "a folder": "os.mkdir(sys.argv[1]); os.chmod(sys.argv[1], 0o777)",
    "a link behind a link": "here = sys.argv[1]; os.symlink(sys.argv[2], here + '2'); os.symlink(here + '2', here)",
}


@pytest.mark.parametrize("below", ["", "a", "a/b"])
@pytest.mark.parametrize("attack", ATTACKS)
def test_what_another_user_put_where_everybody_may_write_is_not_used(
    public_folder: Path, attack: str, below: str
) -> None:
    other_user.does(
        "import os, sys; os.mkdir(sys.argv[1]); os.chmod(sys.argv[1], 0o777)", f"{public_folder}/theirs"
    )
    out = public_folder / "out"
    other_user.does(f"import os, sys; {ATTACKS[attack]}", str(out), str(public_folder / "theirs"))
    folder = Folder(str(out / below))
    for write in (lambda: folder.write("file", b"record"), lambda: claim(folder, ".lock")):
        with pytest.raises(PermissionError, match="belongs to another user, in a folder that everybody may write"):
            write()
    with pytest.raises(PermissionError):
        make_folder(out / below)
    assert [path for path in public_folder.rglob("*") if path.is_file()] == []


def test_a_link_of_another_user_in_the_midst_of_the_way_is_not_followed(public_folder: Path) -> None:
    theirs = public_folder / "theirs"
    other_user.does("import os, sys; os.mkdir(sys.argv[1], 0o777)", str(theirs))
    other_user.does("import os, sys; os.symlink(sys.argv[2], sys.argv[1])", f"{public_folder}/link", str(theirs))
    (public_folder / "own").symlink_to(public_folder / "link" / "below")
    with pytest.raises(PermissionError, match="belongs to another user"):
        write_whole(public_folder / "own" / "file", b"record")
    assert list(theirs.iterdir()) == []


def test_a_users_own_links_and_folders_are_followed(public_folder: Path, tmp_path: Path) -> None:
    (tmp_path / "large disk").mkdir()
    (public_folder / "link").symlink_to(tmp_path / "large disk")
    (public_folder / "relative").symlink_to("link/../large disk")
    for name in ("link", "relative"):
        Folder(str(public_folder / name / "store")).write("file", name.encode())
        assert (tmp_path / "large disk/store/file").read_text() == name
    Folder(str(public_folder)).write("file", b"directly in it")


def test_where_not_everybody_may_write_folders_of_others_are_used(public_folder: Path) -> None:
    """A team's folder is its administrator's, or a colleague's, and so is a link in it."""
    other_user.python()
    team = public_folder / "team"
    (team / "disk").mkdir(parents=True)
    (team / "store").symlink_to("disk")
    for path in (team / "disk", team / "store"):
        os.chown(path, other_user.NUMBER, -1, follow_symlinks=False)
    Folder(str(team / "store")).write("file", b"record")
    assert (team / "disk/file").exists()


def test_a_link_by_the_name_of_a_file_is_replaced_and_nothing_behind_it_is_written(tmp_path: Path) -> None:
    victim = tmp_path / "victim"
    victim.write_bytes(b"as it was")
    out = tmp_path / "out"
    out.mkdir()
    for name in ("file", "lasting", ".lock"):
        (out / name).symlink_to(victim)
    Folder(str(out)).write("file", b"record")
    Folder(str(out)).write("lasting", b"record", lasting=True)
    with pytest.raises(StorageError, match=r"\.lock: is a link"):
        claim(Folder(str(out)), ".lock")
    assert victim.read_bytes() == b"as it was"
    assert (out / "file").read_bytes() == (out / "lasting").read_bytes() == b"record"
    assert not (out / "file").is_symlink()


def test_a_circle_of_links_and_a_link_to_nothing_are_errors(tmp_path: Path) -> None:
    (tmp_path / "circle").symlink_to("circle")
    (tmp_path / "nothing").symlink_to(tmp_path / "absent")
    for name in ("circle", "nothing"):
        with pytest.raises(OSError, match=name):
            write_whole(tmp_path / name / "file", b"record")


_WRITES = """
import sys
from pathlib import Path
from clearscale.io.local import whole_file
with whole_file(Path(sys.argv[1])) as file:
    file.write(b"half")
    file.flush()
    print("half", flush=True)
    sys.stdin.read()
"""


def _writing(target: Path) -> subprocess.Popen[str]:
    """A process in the midst of writing a file."""
    command = [sys.executable, "-c", _WRITES, str(target)]
    process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    assert process.stdout.readline() == "half\n"
    return process


def test_what_a_killed_process_left_goes_and_what_is_being_written_stays(tmp_path: Path) -> None:
    dead, alive = _writing(tmp_path / "dead"), _writing(tmp_path / "alive")
    dead.kill()
    dead.wait()
    (tmp_path / f"{WRITING}link").symlink_to(tmp_path / "nowhere")
    (tmp_path / "other").touch()
    assert len(list(tmp_path.glob(f"{WRITING}*"))) == 3
    remove_left(tmp_path)
    assert len(list(tmp_path.glob(f"{WRITING}*"))) == 2, "that of the living, and what is no file of ours"
    alive.communicate("")
    assert {path.name for path in tmp_path.iterdir()} == {"alive", "other", f"{WRITING}link"}
    remove_left(tmp_path / "absent")


def test_who_claims_a_folder_removes_what_killed_processes_left(tmp_path: Path) -> None:
    dead, alive = _writing(tmp_path / "dead"), _writing(tmp_path / "alive")
    dead.kill()
    dead.wait()
    with claimed(Folder(str(tmp_path)), ".lock", StorageError):
        assert len(list(tmp_path.glob(f"{WRITING}*"))) == 1
    alive.communicate("")
    assert [path.name for path in tmp_path.iterdir()] == ["alive"]


def test_a_failure_leaves_nothing_and_names_the_file(tmp_path: Path) -> None:
    def fails() -> None:
        with whole_file(tmp_path / "new/file") as file:
            file.write(b"half")
            raise OSError(28, "No space left on device")

    with pytest.raises(OSError, match="No space") as caught:
        fails()
    assert caught.value.filename == str(tmp_path / "new/file")
    assert list((tmp_path / "new").iterdir()) == []
    (tmp_path / "file").touch()
    with pytest.raises(NotADirectoryError) as told:
        write_whole(tmp_path / "file/below", b"")
    assert told.value.filename == str(tmp_path / "file/below")


def test_a_file_that_is_taken_for_left_over_at_once_is_made_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = []

    def removed_first(handle: int) -> bool:
        monkeypatch.undo()
        made.extend(tmp_path.iterdir())
        remove_left(tmp_path)
        return private.lock(handle)

    monkeypatch.setattr(private, "lock", removed_first)
    handle, path = new_file(tmp_path)
    os.close(handle)
    assert len(made) == 1
    assert path.exists()
    assert path not in made
