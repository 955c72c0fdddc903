"""Files whose names have characters that mean something in URLs or patterns: they are themselves, but for a *."""

import gzip
import os
import pickle
import string
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from clearscale.errors import ExtractError
from clearscale.io.source import Source
from clearscale.io.urls import file_name, matching
from clearscale.store.ingest.handed_in import sources_of
from tests.support.samples import extract, ingest, put, records

# A name with * is taken for a pattern, and slashes part folders.
ODD = [character for character in (*string.punctuation, " ", "é", "\u2603", "\n") if character not in "*/"]
NAMES = [
    *(f"{before}{odd}{after}" for odd in ODD for before, after in (("k", "1"), ("", "1"), ("k", ""))),
    *("k[1]", "k[!x]", "k[0-9]", "k::1", "::k", "s3:k", "k{1,2}", "%5B1%5D", "k?versionId=1", "k?sig=1"),
]
"""Of files and folders."""

BESIDE = ("k1", "kx", "k", "kk1", "k11")
"""Names that stand beside them, for which they would be patterns elsewhere."""


def _read(source: Source) -> bytes:
    source = pickle.loads(pickle.dumps(source))
    assert source.stamp_and_length()[0]
    with source.open() as file:
        return file.read()


@pytest.fixture
def within(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


SPELLINGS: list[Callable[[str], str]] = [
    lambda path: path,
    lambda path: f"./{path}",
    lambda path: str(Path.cwd() / path),
    lambda path: f"file://{Path.cwd() / path}",
]


@pytest.mark.parametrize("spelled", SPELLINGS)
def test_a_file_of_any_name_is_read(spelled: Callable[[str], str], within: Path) -> None:
    for name in (*NAMES, *BESIDE):
        (within / f"{name}.csv").write_bytes(name.encode())
    for name in NAMES:
        if spelled(name) == name and name.startswith("~"):
            continue  # a user's folder
        (source,) = sources_of([spelled(f"{name}.csv")])
        assert _read(source) == name.encode()
        assert source.name == f"{name}.csv"


@pytest.mark.parametrize("spelled", SPELLINGS)
def test_only_a_star_is_a_pattern(spelled: Callable[[str], str], within: Path) -> None:
    for name in (*NAMES, *BESIDE):
        (within / name).mkdir()
        for file in (*NAMES, *BESIDE):
            (within / name / f"{file}.csv").touch()
    everything = sorted(f"{file}.csv" for file in (*NAMES, *BESIDE))
    for name in NAMES:
        if spelled(name) == name and name.startswith("~"):
            continue
        found = sources_of([spelled(f"{name}/*.csv")])
        assert sorted(source.name for source in found) == everything
        assert {Path(source.place).parent for source in found} == {within / name}
        assert _read(found[0]) == b""
        begun = sources_of([spelled(f"{name}/{name}*v")])
        assert {source.name for source in begun} == {file for file in everything if file.startswith(name)}
        folders = sources_of([spelled(f"{name}*/k1.csv")])
        assert {Path(source.place).parent.name for source in folders} == {
            folder for folder in (*NAMES, *BESIDE) if folder.startswith(name)
        }


def test_folders_however_deep(within: Path) -> None:
    for path in ("a[1]/b/c.csv", "a[1]/d.csv", "a1/e.csv"):
        (within / path).parent.mkdir(parents=True, exist_ok=True)
        (within / path).touch()
    root = str(within)
    assert matching("a[1]/**/*.csv") == [f"{root}/a[1]/b/c.csv", f"{root}/a[1]/d.csv"]
    assert matching("a[1]/d**v") == [f"{root}/a[1]/d.csv"]
    assert matching(f"{root}/none*/*.csv") == []


@pytest.mark.parametrize("scheme", ["s3", "S3", "s3a", "gs", "gcs"])
def test_a_key_has_any_character(scheme: str) -> None:
    for name in NAMES:
        if name in {"k?versionId=1", "k?sig=1"} or ("::" in name and scheme.startswith("g")):
            continue
        assert file_name(f"{scheme}://bucket/in/{name}.csv.gz") == f"{name}.csv.gz"
        assert Source(f"{scheme}://bucket/in/{name}.csv.gz").is_compressed
    assert file_name(f"{scheme}://bucket/in/k.csv.gz?versionId=1") == "k.csv.gz"
    assert file_name(f"{scheme}://bucket/in/k.csv?X-Amz-Signature=5e3d") == "k.csv"
    assert file_name(f"simplecache::{scheme}://bucket/in/k?2#3.csv.gz") == "k?2#3.csv.gz"


def test_a_query_of_the_web_is_no_part_of_a_name() -> None:
    for odd in "?#":
        assert file_name(f"https://doj.example/in/k.csv.gz{odd}2.csv") == "k.csv.gz"


NO_TEXT = [bytes([byte]) for byte in range(0x80, 0x100)] + [
    b"\xc3(",
    b"\xe2\x82",
    b"\xed\xa0\x80",
    b"\xf5\x80\x80\x80",
]


def test_a_name_that_is_no_text_is_refused(within: Path) -> None:
    for odd in NO_TEXT:
        name = os.fsdecode(b"k" + odd + b".csv")
        Path(name).touch()
        for given in (name, name.replace(".", "*.")):
            with pytest.raises(ExtractError, match=r"^[ -~]*k\\.*\.csv: a file's name must be UTF-8; rename it"):
                sources_of([given])


def test_nothing_is_stored_of_a_name_that_is_no_text(within: Path) -> None:
    content = extract().replace(b"FELONY", b"FELONY,X", 1)
    for name in ("k\udcff.csv", "k\udcff.csv.gz"):
        put(within, name, content)
        with pytest.raises(ExtractError, match="must be UTF-8"):
            ingest(name, "store", quarantine=True)
        assert not Path("store").exists()


def test_a_folder_may_have_a_name_that_is_no_text(within: Path) -> None:
    ingest(put(within, "d/k.csv", extract()), "plain")
    put(within, "d\udcff[1]/k.csv.gz", gzip.compress(extract()))
    ingest("d\udcff[1]/*.csv.gz", "store", block_bytes=3000)
    assert records("store") == records("plain")


@pytest.mark.parametrize("chain", ["", "simplecache::"])
@pytest.mark.parametrize("at", ["{}", "file://{}"])
def test_a_pattern_within_an_archive(chain: str, at: str, within: Path) -> None:
    names = [f"k{odd}1.csv" for odd in (*"[]!#^{}&;,=+ %", "[1]")]
    with zipfile.ZipFile("a.zip", "w") as archive:
        for name in names:
            archive.writestr(f"in/{name}", name)
            archive.writestr(f"in/{name}/deep.csv", name)
    where = at.format(within / "a.zip")
    found = sources_of([f"{chain}zip://in/k*.csv::{where}"])
    assert sorted({source.name for source in found}) == sorted(names)
    (only,) = sources_of([f"{chain}zip://in/k[1]*.csv/*.csv::{where}"])
    assert _read(only) == b"k[1]1.csv"
