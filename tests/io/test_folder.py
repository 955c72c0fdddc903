"""Writing into a folder: whole or not at all, and told by its file."""

import errno
import io
import json
import os
from pathlib import Path
from typing import Any

import pytest

from clearscale.io.documents import json_bytes
from clearscale.io.files import Folder
from clearscale.io.seals import seal_of


class _FullDisk(io.BytesIO):
    def write(self, content: Any) -> int:
        raise OSError(errno.ENOSPC, "No space left on device")


def test_a_full_disk_is_told_with_the_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = Folder(str(tmp_path / "new"))
    folder.write("a", b"before")
    opened = os.fdopen

    def full(handle: int, mode: str) -> Any:
        opened(handle, mode).close()
        return _FullDisk()

    monkeypatch.setattr(os, "fdopen", full)
    with pytest.raises(OSError, match="No space left") as error:
        folder.write("a", b"after")
    assert error.value.filename == str(tmp_path / "new" / "a")
    assert [path.name for path in (tmp_path / "new").iterdir()] == ["a"]
    assert folder.read("a") == b"before"


def test_what_is_written_has_its_seal(tmp_path: Path) -> None:
    folder = Folder(str(tmp_path))
    for content in (b"", b"some"):
        for lasting in (False, True):
            seal = folder.write("a", content, lasting=lasting)
            assert seal == seal_of(content)
            assert folder.holds("a", seal)
            assert not folder.holds("a", seal_of(content + b"."))
    (tmp_path / "a").write_bytes(b"sone")
    assert not folder.holds("a", seal)
    assert not folder.holds("b", seal)


@pytest.mark.parametrize(
    "document",
    [
        {"a": 1, "b": [], "c": {}, "d": [1, {"e": [2, 3]}], "f": {"g": {"h": None}, "i": [True]}, "é": 'x"\udcff'},
        [],
        {},
        "text",
        [[1, 2], {"a": {"b": 1}}, ()],
    ],
)
def test_json_is_what_was_written_however_it_is_broken_into_lines(document: object) -> None:
    content = json_bytes(document)
    assert content.isascii()
    assert content.endswith(b"\n")
    assert json.loads(content) == json.loads(json.dumps(document))


def test_json_has_a_line_for_each_entry_of_two_levels() -> None:
    document = {"name": "x", "parts": [{"id": 1, "of": [1, 2]}, {"id": 2, "of": []}], "counts": {"rows": 1}}
    assert json_bytes(document).decode() == (
        '{\n "name": "x",\n "parts": [\n  {"id": 1, "of": [1, 2]},\n  {"id": 2, "of": []}\n ],\n'
        ' "counts": {\n  "rows": 1\n }\n}\n'
    )


@pytest.mark.parametrize("links", [True, False])
def test_a_copy_takes_the_place_of_what_was_there(
    links: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise PermissionError

    if not links:  # a file system that knows no second names
        monkeypatch.setattr(os, "link", refuse)
    folder = Folder(str(tmp_path))
    folder.write("a/one", b"1")
    folder.write("b/two", b"2")
    for _ in range(2):
        folder.copy("a/one", "b/two")
        folder.copy("a/one", "c/d/three")
    assert folder.paths() == ["a/one", "b/two", "c/d/three"]
    assert {folder.read(path) for path in folder.paths()} == {b"1"}
    assert folder.paths("c") == ["c/d/three"]
    assert {oct((tmp_path / path).stat().st_mode & 0o777) for path in folder.paths()} == {"0o640"}
    folder.remove("a/one")
    assert folder.read("b/two") == b"1"
    assert abs(folder.modified("b/two").timestamp() - (tmp_path / "b/two").stat().st_mtime) < 1
