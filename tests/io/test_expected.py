"""What is asked for before it is read, and what is kept to be read again, of files that are far."""

from collections.abc import Iterator

import fsspec
import pytest

from clearscale.io import kept
from clearscale.io.expected import expecting, taken
from clearscale.io.files import Folder
from clearscale.io.parts import FilePart
from clearscale.io.source import Source
from clearscale.store.ingest import short_files

FAR = "memory://far"


@pytest.fixture
def folder() -> Iterator[Folder]:
    """A folder that is not on this machine's disk."""
    system = fsspec.filesystem("memory")
    system.pipe({"/far/a": b"first", "/far/b": b"second"})
    yield Folder(FAR)
    system.rm("/far", recursive=True)


def test_an_expected_file_is_read_as_it_was_and_only_once(folder: Folder) -> None:
    with expecting() as expect:
        expect(folder.url, ["a", "b"])
        assert folder.read("b") == b"second"
        folder.write("a", b"changed")
        folder.write("b", b"changed")
        assert folder.read("a") == b"first"
        assert folder.read("a") == folder.read("b") == b"changed"


def test_a_file_that_is_not_there_is_missed_by_who_reads_it(folder: Folder) -> None:
    with expecting() as expect:
        expect(folder.url, ["a", "absent"])
        with pytest.raises(FileNotFoundError):
            folder.read("absent")
        assert folder.read("a") == b"first"


def test_nothing_is_left_of_what_nobody_read(folder: Folder) -> None:
    with expecting() as expect:
        expect(folder.url, ["a"])
    assert taken(f"{FAR}/a") is None
    folder.write("a", b"changed")
    assert folder.read("a") == b"changed"


def test_short_staged_files_are_fetched_once(folder: Folder, monkeypatch: pytest.MonkeyPatch) -> None:
    parts = [FilePart("a", 1, 3, 5), FilePart("b", 0, 6, 6), FilePart("a", 0, 0, 5)]
    read = [bytes(part) for part in short_files.read_staged(folder, parts)]
    assert read == [b"ir", b"second", b""]
    folder.remove_file("a")
    assert [bytes(part) for part in short_files.read_staged(folder, parts)] == read
    short_files.forget_staged()
    with pytest.raises(FileNotFoundError):
        short_files.read_staged(folder, parts)
    folder.write("a", b"first")
    monkeypatch.setattr(short_files, "MOST_KEPT", 6)
    for _ in range(2):
        assert [bytes(part) for part in short_files.read_staged(folder, parts)] == read
        assert sum(content.size for content in short_files._kept.values()) <= 6
    short_files.forget_staged()


def test_what_is_kept_is_of_one_version_and_bounded(folder: Folder, monkeypatch: pytest.MonkeyPatch) -> None:
    url, version = f"{FAR}/a", {"size": 5, "ETag": "1"}
    with fsspec.open(url) as file:
        assert kept.kept(url, version, file) == b"first"
    assert kept.taken(url, {"size": 5, "ETag": "2"}) is None
    assert kept.taken(url, version) == b"first"
    assert kept.taken(url, version) is None
    monkeypatch.setattr(kept, "MOST_KEPT", 4)
    with fsspec.open(url) as file:
        assert kept.kept(url, version, file) is None
        assert file.read() == b"first", "nothing was read"


def test_another_process_keeps_nothing() -> None:
    make, known = Source("s3://bucket/a.csv", version={"size": 5, "ETag": "1"}, keeps=True).__reduce__()
    assert make(*known) == Source("s3://bucket/a.csv")
    assert make(*known).version == {"size": 5, "ETag": "1"}
    assert not make(*known).keeps
