"""What is removed from storages of other kinds is what was named, and no pattern."""

import string
from typing import Any

import pytest
from fsspec.implementations.memory import MemoryFileSystem

from clearscale.errors import StorageError
from clearscale.io.files import Folder
from clearscale.io.removing import remove_files

ODD = [f"a{odd}1" for odd in string.punctuation if odd not in "?/"]
NAMES = [*ODD, "a[1]", "a[!x]", "a*", "a**", "a{1,2}", "a %1"]


@pytest.fixture
def root() -> Any:
    url = "memory://removing"
    yield url
    MemoryFileSystem().rm("/removing", recursive=True)


def test_only_what_was_named_is_removed(root: str) -> None:
    names = [*NAMES, "a", "a1", "ax", "a11"]
    for name in names:
        Folder(f"{root}/{name}").write_json("staging/deep/x.json", {})
        Folder(f"{root}/{name}").write_json("y.json", {})
    expected = set(Folder(root).paths())
    assert len(expected) == 2 * len(names)
    for name in NAMES:
        Folder(f"{root}/{name}").remove("staging")
        expected.remove(f"{name}/staging/deep/x.json")
        assert set(Folder(root).paths()) == expected
        assert not Folder(f"{root}/{name}").exists("staging"), "nor is an empty folder left"
        Folder(f"{root}/{name}").remove_all(["y.json"])
        expected.remove(f"{name}/y.json")
        assert set(Folder(root).paths()) == expected


class _OnlyPatterns:
    """A storage that removes by its own `rm` only."""

    def __init__(self) -> None:
        self.removed: list[str] = []

    def rm_file(self, path: str) -> None:
        raise NotImplementedError

    def rm(self, path: str) -> None:
        self.removed.append(path)


def test_a_pattern_is_refused_where_a_storage_would_take_it_for_one() -> None:
    system = _OnlyPatterns()
    remove_files(system, ["a", "b"])
    for path in ("a*", "a?", "a[1]"):
        with pytest.raises(StorageError, match="choose another name"):
            remove_files(system, [path])
    assert system.removed == ["a", "b"]
