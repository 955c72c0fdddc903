"""An extract decided without a store: its file is closed at once, whatever ends the reading."""

import errno
import subprocess
import sys
from pathlib import Path
from typing import Any, BinaryIO

import pytest

from clearscale.dates import as_of_day
from clearscale.errors import ExtractError
from clearscale.io import flush_ahead
from clearscale.io.source import Source
from clearscale.outputs.export.from_extract import BadRecordError, decide_extract, write_results
from tests.support.samples import AS_OF, POLICY, extract, put

BLOCK_BYTES = 5000


@pytest.fixture
def opened(monkeypatch: pytest.MonkeyPatch) -> list[BinaryIO]:
    """The extracts' files that were opened."""
    files: list[BinaryIO] = []
    original = Source.open

    def open_and_note(source: Source) -> BinaryIO:
        files.append(original(source))
        return files[-1]

    monkeypatch.setattr(Source, "open", open_and_note)
    monkeypatch.setattr("clearscale.extract.reading._LONGEST_OPENING", 2000)
    return files


def decide(path: str, **options: Any) -> Any:
    return decide_extract(Source(path), "ALAMEDA", POLICY, as_of_day(AS_OF), BLOCK_BYTES, **options)


def stop(*_: object) -> None:
    raise KeyboardInterrupt


# The error is held while the files are looked at, and with it all that was at work when it was raised.
def test_at_a_malformed_record(opened: list[BinaryIO], tmp_path: Path) -> None:
    header, _, rest = extract().partition(b"\n")
    path = put(tmp_path, "a.csv", header + b"\n1,2\n" + rest)
    with pytest.raises(BadRecordError) as error:
        decide(path)
    assert [file.closed for file in opened] == [True, True], error


def test_when_reading_is_interrupted(opened: list[BinaryIO], tmp_path: Path) -> None:
    with pytest.raises(KeyboardInterrupt) as error:
        decide(put(tmp_path, "a.csv", extract()), progress=stop)
    assert [file.closed for file in opened] == [True], error


def test_when_results_are_written(opened: list[BinaryIO], tmp_path: Path) -> None:
    path = put(tmp_path, "a.csv", extract())
    decided = decide(path)
    with pytest.raises(KeyboardInterrupt) as error:
        write_results(Source(path), decided, tmp_path, "", progress=stop)
    assert [file.closed for file in opened] == [True, True], error
    put(tmp_path, "a.csv", extract()[:-BLOCK_BYTES])
    with pytest.raises(ExtractError, match="changed") as changed:
        write_results(Source(path), decided, tmp_path, "")
    assert all(file.closed for file in opened), changed


def full(_: object) -> None:
    raise OSError(errno.ENOSPC, "no space", "a")


def test_when_a_disk_is_full_before_all_is_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Results are flushed while they are written."""
    path = put(tmp_path, "a.csv", extract())
    decided = decide(path)
    monkeypatch.setattr(flush_ahead, "flush", full)
    monkeypatch.setattr(flush_ahead, "_EVERY", 1)
    with pytest.raises(OSError, match="no space"):
        write_results(Source(path), decided, tmp_path, "")
    assert [file.name for file in tmp_path.iterdir()] == ["a.csv"]


def test_what_comes_first_is_told_where_a_disk_is_full(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = put(tmp_path, "a.csv", extract())
    decided = decide(path)
    monkeypatch.setattr(flush_ahead.FlushAhead, "end", full)
    with pytest.raises(KeyboardInterrupt):
        write_results(Source(path), decided, tmp_path, "", progress=stop)
    assert [file.name for file in tmp_path.iterdir()] == ["a.csv"]


NOT_NEEDED = ("clearscale.store", "clearscale.formats", "pyarrow.parquet", "importlib.metadata", "numba", "dask")


def test_a_county_run_imports_only_what_it_uses() -> None:
    """Importing is a fifth of its time."""
    code = (
        "import sys, clearscale.commands.main, clearscale.outputs.export.gogen\n"
        f"print([name for name in {NOT_NEEDED!r} if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines() == ["[]"]
