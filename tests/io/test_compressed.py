"""Compressed extracts: the content, and that no file beneath stays open."""

import bz2
import contextlib
import gc
import gzip
import io
import lzma
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pyarrow as pa
import pytest

from clearscale.errors import ExtractError
from clearscale.extract import opened
from clearscale.io.source import Source
from tests.support.examples import long
from tests.support.samples import extract, ingest, put

PLAIN = extract("KERN", seed=4, subjects=6)


def zipped(content: bytes) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("kern.csv", content)
    return file.getvalue()


FORMS: dict[str, Callable[[bytes], bytes]] = {
    "gz": gzip.compress,
    "bz2": bz2.compress,
    "xz": lzma.compress,
    "zip": zipped,
    "zst": lambda content: bytes(pa.compress(content, codec="zstd", asbytes=True)),
}


@pytest.fixture
def nothing_collected() -> Iterator[None]:
    """What is not closed stays open while something refers to it."""
    gc.collect()
    gc.disable()
    yield
    gc.enable()


def left_open(folder: Path) -> list[str]:
    """The files of a folder that this process has open."""
    found = []
    for handle in Path("/proc/self/fd").iterdir():
        with contextlib.suppress(FileNotFoundError):  # that of the listing itself
            found.append(str(handle.readlink()))
    return [path for path in found if path.startswith(str(folder))]


@pytest.mark.parametrize("ending", FORMS)
def test_content(ending: str, tmp_path: Path) -> None:
    source = Source(put(tmp_path, f"kern.csv.{ending}", FORMS[ending](PLAIN)))
    with source.open() as file:
        assert file.read() == PLAIN
        file.seek(100)
        assert file.read(50) == PLAIN[100:150]


@pytest.mark.usefixtures("nothing_collected")
@pytest.mark.parametrize("damaged", [long(False), True], ids=["whole", "cut"])
@pytest.mark.parametrize("ending", FORMS)
def test_no_file_stays_open(ending: str, damaged: bool, tmp_path: Path) -> None:
    content = FORMS[ending](PLAIN)
    source = Source(put(tmp_path, f"kern.csv.{ending}", content[: len(content) // 2] if damaged else content))
    held: list[object] = []  # as a traceback would hold them
    for _ in range(5):
        try:
            with opened(source) as file:
                held.append(file)
                file.read()
        except Exception as error:
            held.append(error)
    assert len(held) >= 5
    assert left_open(tmp_path) == []


@pytest.mark.long
@pytest.mark.usefixtures("nothing_collected")
@pytest.mark.parametrize("ending", ["gz", "zst"])
def test_ingests_leave_no_file_open(ending: str, tmp_path: Path) -> None:
    good = put(tmp_path, f"kern.csv.{ending}", FORMS[ending](PLAIN))
    cut = put(tmp_path, f"cut.csv.{ending}", FORMS[ending](PLAIN)[:-40])
    held: list[Exception] = []
    for number in range(3):
        ingest(good, tmp_path / str(number))
        with pytest.raises(ExtractError) as refused:
            ingest(cut, tmp_path / str(number))
        held.append(refused.value)
    assert left_open(tmp_path) == []
