"""Files of this machine answer as fsspec's own file system for them does: the same results and the same errors."""

import errno
import os
import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from fsspec.implementations.local import LocalFileSystem
from hypothesis import example, given
from hypothesis import strategies as st

from clearscale.io.local import THIS_MACHINE, ThisMachine, flush
from clearscale.io.patterns import escaped

THEIRS = LocalFileSystem()

NAMES = st.sampled_from(["a", "b", ".c", "d e", "\u00e9", "f*", "g.csv"])
PATHS = st.lists(NAMES, min_size=1, max_size=3).map("/".join)
KINDS = st.one_of(
    st.binary(max_size=9).map(lambda content: ("file", content)),
    st.just(("folder", None)),
    st.just(("pipe", None)),
    PATHS.map(lambda target: ("link", target)),
)
TREES = st.dictionaries(PATHS, KINDS, max_size=6)

LOOKS: dict[str, Callable[[Any, str], Any]] = {
    "exists": lambda system, path: system.exists(path),
    "ls": lambda system, path: sorted(system.ls(path, detail=False)),
    "size": lambda system, path: system.size(path),
    "glob": lambda system, path: system.glob(escaped(f"{path}*")),
    "glob within": lambda system, path: system.glob(escaped(f"{path}*/*")),
    "glob however deep": lambda system, path: system.glob(f"{path}/**/*"),
}
READS: dict[str, Callable[[Any, str], Any]] = {
    "cat_file": lambda system, path: system.cat_file(path),
    "open": lambda system, path: _read(system.open(path, "rb")),
}


def _read(file: Any) -> list[Any]:
    with file:
        return [file.read(2), file.tell(), file.read(), file.seek(1), file.read(1), file.read(-1)]


def outcome(ask: Callable[[Any, str], Any], system: Any, path: str) -> Any:
    """What it gives, or the error's class, number and file."""
    try:
        return ask(system, path)
    except OSError as error:
        return type(error), error.errno, error.filename
    except ValueError as error:
        return type(error), str(error)


def grow(root: Path, tree: dict[str, tuple[str, Any]]) -> None:
    """Make what of the tree can be made; what has a file where it needs a folder is left out."""
    for path, (kind, content) in tree.items():
        place = root / path
        try:
            place.parent.mkdir(parents=True, exist_ok=True)
            if kind == "file":
                with place.open("xb") as file:
                    file.write(content)
            elif kind == "folder":
                place.mkdir()
            elif kind == "pipe":
                os.mkfifo(place)
            else:
                place.symlink_to(root / content)
        except (OSError, RuntimeError):
            continue


@contextmanager
def grown(tree: dict[str, tuple[str, Any]]) -> Iterator[Path]:
    root = Path(tempfile.mkdtemp())
    try:
        grow(root, tree)
        yield root
    finally:
        shutil.rmtree(root)


def everything(root: Path) -> list[str]:
    return sorted(str(path.relative_to(root)) for path in root.rglob("*"))


@pytest.mark.long
@given(TREES, PATHS)
@example({"a": ("link", "b")}, "a")
@example({"a": ("link", "a")}, "a")
@example({"a": ("file", b"x")}, "a/b")
@example({"a/b": ("pipe", None)}, "a/b")
@example({}, "a")
def test_what_is_looked_at_and_read(tree: dict[str, tuple[str, Any]], path: str) -> None:
    with grown(tree) as root:
        for place in (root, root / path):
            # To open a pipe would wait for its other end.
            asked = LOOKS if place.is_fifo() else LOOKS | READS
            for name, ask in asked.items():
                assert outcome(ask, THIS_MACHINE, str(place)) == outcome(ask, THEIRS, str(place)), name


@given(TREES, PATHS, st.booleans())
@example({"a": ("folder", None)}, "a", False)
@example({"a/b": ("file", b""), "c": ("link", "a")}, "c", True)
@example({"a": ("link", "b")}, "a", False)
def test_what_is_removed(tree: dict[str, tuple[str, Any]], path: str, recursive: bool) -> None:
    def remove(system: Any, place: str) -> None:
        system.rm(place, recursive=recursive)

    with grown(tree) as root:
        found = outcome(remove, THIS_MACHINE, f"{root}/{path}"), everything(root)
        shutil.rmtree(root)
        root.mkdir()
        grow(root, tree)
        assert found == (outcome(remove, THEIRS, f"{root}/{path}"), everything(root))


@given(st.lists(st.sampled_from(["a", ".", "..", "", "b c", "%20", "#x", "\u00e9"]), max_size=5).map("/".join))
@example("~")
@example("~/a")
def test_the_same_place_is_meant(path: str) -> None:
    for url in (path, f"/{path}", f"./{path}", f"file://{path}", f"file:///{path}", f"local:///{path}"):
        ours, theirs = THIS_MACHINE.path_of(url), THEIRS._strip_protocol(url)
        # Two slashes in front, which POSIX leaves to the system, are one here.
        assert Path(f"/{ours.lstrip('/')}") == Path(os.path.normpath(f"/{theirs.lstrip('/')}"))


def test_what_cannot_be_told_is_no_absence(tmp_path: Path) -> None:
    """The one difference: fsspec takes any error for an answer."""
    nameless = str(tmp_path / ("a" * 300))
    assert not THEIRS.exists(nameless)
    with pytest.raises(OSError, match="File name too long"):
        THIS_MACHINE.exists(nameless)
    assert not THIS_MACHINE.exists(f"{tmp_path}/a\0b")


def test_it_offers_nothing_that_fsspec_does_not() -> None:
    own = {name for name in vars(ThisMachine) if not name.startswith("_")} - {"path_of", "stamp", "written"}
    assert own
    assert all(callable(getattr(THEIRS, name)) for name in own)


def test_what_cannot_be_flushed_is_passed_over(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "file").touch()
    opened = os.open

    def closed(path: str, flags: int) -> int:
        if path == str(tmp_path):
            raise PermissionError(errno.EACCES, "Permission denied", path)
        return opened(path, flags)

    numbers = [errno.EINVAL, errno.ENOTSUP, errno.ENOSYS, errno.EIO]

    def refuse(handle: int) -> None:
        raise OSError(numbers.pop(0), "refused")

    monkeypatch.setattr(os, "open", closed)
    flush([str(tmp_path), str(tmp_path / "file")])
    monkeypatch.setattr(os, "fsync", refuse)
    for _ in numbers[:-1]:
        flush([str(tmp_path / "file")])
    with pytest.raises(OSError, match="refused"):
        flush([str(tmp_path / "file")])
    with pytest.raises(FileNotFoundError):
        flush([str(tmp_path / "gone")])
