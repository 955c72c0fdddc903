"""Writing into a folder: whole or not at all, and told by its file."""

import errno
import io
import os
from pathlib import Path
from typing import Any

import pytest

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
