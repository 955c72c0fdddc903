"""Machine code is taken only from where nobody else can have put it."""

import fcntl
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from clearscale_kernels.jit import declared, native, processors, stored, trusted
from clearscale_kernels.people import calendar
from tests.support import other_user
from tests.support.waiting import PATIENCE


def _nothing(folder: Path) -> None:
    folder.mkdir(mode=0o700)


def _missing(folder: Path) -> None:
    pass


def _for_all(folder: Path) -> None:
    folder.mkdir()
    folder.chmod(0o777)


def _sticky(folder: Path) -> None:
    folder.mkdir()
    folder.chmod(0o1777)


def _for_a_group(folder: Path) -> None:
    folder.mkdir()
    other_user.gets(folder, group=True)
    folder.chmod(0o770)


def _of_another(folder: Path) -> None:
    folder.mkdir(mode=0o755)
    other_user.gets(folder)


def _below_one_for_all(folder: Path) -> None:
    folder.mkdir(mode=0o700)
    folder.parent.chmod(0o777)


def _below_one_of_another(folder: Path) -> None:
    folder.mkdir(mode=0o700)
    other_user.gets(folder.parent)


def _own_link(folder: Path) -> None:
    folder.with_name("elsewhere").mkdir(mode=0o700)
    folder.symlink_to("elsewhere")


def _link_of_another(folder: Path) -> None:
    _own_link(folder)
    other_user.gets(folder)


def _link_to_one_for_all(folder: Path) -> None:
    _for_all(folder.with_name("elsewhere"))
    folder.symlink_to("elsewhere")


def _circle(folder: Path) -> None:
    folder.symlink_to(folder.name)


@pytest.mark.parametrize(
    ("make", "said"),
    [
        (_nothing, ""),
        (_missing, ""),
        (_own_link, ""),
        (_for_all, "other users may write into"),
        (_sticky, "other users may write into"),
        (_for_a_group, "other users may write into"),
        (_of_another, "belongs to another user"),
        (_below_one_for_all, "other users may write into"),
        (_below_one_of_another, "belongs to another user"),
        (_link_of_another, "belongs to another user"),
        (_link_to_one_for_all, "other users may write into"),
        (_circle, "it cannot be had"),
    ],
)
def test_what_is_doubtful_about_a_folder(public_folder: Path, make: Callable[[Path], None], said: str) -> None:
    above = public_folder / "above"
    above.mkdir(mode=0o700)
    make(above / "code")
    why = trusted.doubt(above / "code")
    assert said in why if said else why == ""
    if not said:
        assert (above / "code").stat().st_mode & 0o777 == 0o700


def test_only_its_own_code_is_read(tmp_path: Path) -> None:
    other_user.python()
    file = tmp_path / "code.native"
    code = stored.Code((True,), b"machine code")
    stored.keep(file, code)
    assert file.stat().st_mode & 0o777 == 0o600
    assert stored.read(file) == code
    for mode in (0o666, 0o602):
        file.chmod(mode)
        assert stored.read(file) is None
    file.chmod(0o600)
    os.chown(file, other_user.NUMBER, -1)
    assert stored.read(file) is None
    os.chown(file, 0, -1)
    (tmp_path / "link").symlink_to(file)
    assert stored.read(tmp_path / "link") is None
    os.mkfifo(tmp_path / "pipe")
    assert stored.read(tmp_path / "pipe") is None
    assert stored.read(file) == code


_CALLS = """
import os, sys
os.umask(0)
import numpy
from clearscale_kernels.jit import stored
from clearscale_kernels.people.calendar import spans, limits, SPANS
table = numpy.zeros(2 * SPANS + 1, numpy.int32); limits(0, 18444, table)
out = numpy.zeros(1, numpy.int16); spans(numpy.array([7486], numpy.int32), table, out)
print(out[0], stored.folder())
"""


@pytest.mark.parametrize("mode", [0o1777, 0o777])
def test_a_poisoned_folder_is_passed_over_and_told_once(public_folder: Path, mode: int) -> None:
    other_user.python()
    shared, home = public_folder / "shared", public_folder / "home"
    shared.mkdir()
    shared.chmod(mode)
    home.mkdir(mode=0o700)
    poison = stored.Code((False, True, True), b"\xcc" * 1000)
    names = []
    for kernel in declared.kernels([calendar.__name__]):
        for types in declared.signatures(kernel):
            name = stored.file_of(kernel.function, types).name
            names.append(name)
            content = (poison.line(processors.own()) + poison.machine_code).hex()
            code = "import sys; open(sys.argv[1], 'wb').write(bytes.fromhex(sys.argv[2]))"
            other_user.does(code, str(shared / name), content)
    settings = {**os.environ, "NUMBA_CACHE_DIR": str(shared), "XDG_CACHE_HOME": str(home)}
    done = subprocess.run(
        [sys.executable, "-c", _CALLS], env=settings, capture_output=True, text=True, check=True, timeout=PATIENCE
    )
    number, place = done.stdout.split(" ", 1)
    assert number == "30"
    assert place.strip() != str(shared)
    said = f"{shared}: no compiled kernels are read or kept there, since other users may write into {shared}"
    assert done.stderr.count(said) == 1
    assert done.stderr.count("\n") == 1
    assert sorted(path.name for path in shared.iterdir()) == sorted(names), "nothing is kept there"


def test_where_nothing_can_be_trusted_kernels_work_and_nothing_is_kept(
    public_folder: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    public_folder.chmod(0o777)
    monkeypatch.setattr(stored, "_places", lambda: iter([public_folder / "a", public_folder / "b\x1b[2J"]))
    stored.folder.cache_clear()
    try:
        assert stored.folder() == stored.NOWHERE
        assert stored.folder_of_numba() is None
        assert len(caplog.messages) == 2
        assert "\x1b" not in "".join(caplog.messages)
        kernel = calendar.ages
        types = declared.signatures(kernel)[0]  # type: ignore[arg-type]
        assert native.load(kernel.function, types) is not None  # type: ignore[attr-defined]
        assert [path.name for path in public_folder.rglob("*") if path.is_file()] == []
    finally:
        monkeypatch.undo()
        stored.folder.cache_clear()


def test_what_numba_keeps_is_in_a_folder_of_its_own(tmp_path: Path) -> None:
    code = (
        "import os; os.umask(0); import numpy, numba\n"
        "from clearscale_kernels.jit import compiler\n"
        "from clearscale_kernels.people.calendar import spans\n"
        "print(spans.by_numba.stats.cache_path, repr(numba.config.CACHE_DIR))"
    )
    settings = {**os.environ, "NUMBA_CACHE_DIR": str(tmp_path)}
    done = subprocess.run([sys.executable, "-c", code], env=settings, capture_output=True, text=True, check=True)
    place, configured = done.stdout.split()
    assert Path(place).is_relative_to(tmp_path / "numba")
    assert (tmp_path / "numba").stat().st_mode & 0o777 == 0o700
    assert configured == repr(str(tmp_path)), "what else uses Numba is left alone"


def test_what_killed_processes_were_writing_goes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stored, "folder", lambda: tmp_path)
    for name in ("dead", "alive"):
        (tmp_path / f"{stored.WRITING}{name}").touch()
    with (tmp_path / f"{stored.WRITING}alive").open("rb+") as alive:
        fcntl.flock(alive, fcntl.LOCK_EX)
        with stored.alone() as writable:
            assert writable
            assert [path.name for path in tmp_path.glob(f"{stored.WRITING}*")] == [f"{stored.WRITING}alive"]
    assert (tmp_path / ".compiling").stat().st_mode & 0o777 == 0o600


def test_a_link_by_the_name_of_the_lock_is_not_followed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stored, "folder", lambda: tmp_path / "code")
    (tmp_path / "code").mkdir()
    (tmp_path / "code/.compiling").symlink_to(tmp_path / "victim")
    with stored.alone() as writable:
        assert not writable
    assert not (tmp_path / "victim").exists()
