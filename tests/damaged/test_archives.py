"""Archives and compressed files: one extract is read, all else is named."""

import bz2
import gzip
import io
import lzma
import tarfile
import zipfile
from collections.abc import Callable
from pathlib import Path

import pyarrow as pa
import pytest

from clearscale.outputs.export.gogen import Options, run
from clearscale.store import open_store
from tests.support.damaged import BASE, CASES, POLICY, as_csv, rows_of, stored, taken
from tests.support.samples import records

GOOD = as_csv([{**row, "SUBJECT_ID": f"{row['SUBJECT_ID']}-{k}"} for k in range(20) for row in rows_of(BASE)])


def zstd(content: bytes) -> bytes:
    compressed: bytes = pa.compress(content, codec="zstd", asbytes=True)
    return compressed


def zipped(members: dict[str, bytes], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", method) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return file.getvalue()


def tarred(content: bytes) -> bytes:
    file = io.BytesIO()
    with tarfile.open(fileobj=file, mode="w") as archive:
        info = tarfile.TarInfo("x.csv")
        info.size = len(content)
        archive.addfile(info, io.BytesIO(content))
    return file.getvalue()


COMPRESSIONS: dict[str, Callable[[bytes], bytes]] = {
    "x.csv.gz": gzip.compress,
    "x.csv.zst": zstd,
    "x.csv.bz2": bz2.compress,
    "x.csv.xz": lzma.compress,
    "x.zip": lambda content: zipped({"x.csv": content}),
}


@pytest.mark.parametrize(
    "members",
    [
        {"alameda.csv": GOOD},
        {"alameda.txt": GOOD},
        {"folder/": b"", "folder/ALAMEDA.CSV": GOOD},
        {"__MACOSX/._alameda.csv": b"x", ".DS_Store": b"x", "alameda.csv": GOOD},
        {"read me.txt": b"Ask us.", "alameda.csv": GOOD},
    ],
)
@pytest.mark.parametrize("method", [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED, zipfile.ZIP_LZMA])
def test_an_archive_of_one_extract_is_read(members: dict[str, bytes], method: int, tmp_path: Path) -> None:
    outcome = stored(tmp_path, zipped(members, method), name="x.zip", block_bytes=5000)
    assert (outcome.refused, outcome.counts["rows"]) == (None, 140)


ARCHIVES = {
    "two": (zipped({"a.csv": GOOD, "b.csv": GOOD}), "holds 2 files (a.csv, b.csv), and an archive is read if"),
    "none": (zipped({"folder/": b""}), "is an empty archive"),
    "no csv": (zipped({"a.txt": GOOD, "b.txt": GOOD}), "holds 2 files (a.txt, b.txt)"),
    "many": (zipped({f"{k}.csv": GOOD for k in range(11)}), "6.csv, 7.csv and 3 more)"),
    "nested": (zipped({"x.zip": zipped({"x.csv": GOOD})}), "is a ZIP archive, not CSV"),
    "cut": (zipped({"x.csv": GOOD})[:-30], "cannot be decompressed (File is not a zip file)"),
    "cut within": (zipped({"x.csv": GOOD})[:200], "cannot be decompressed (File is not a zip file)"),
    "plain": (GOOD, "its name ends in .zip, but it is not compressed"),
    "gzip": (gzip.compress(GOOD), "its name ends in .zip, but it is compressed with gzip"),
    "empty": (b"", "its name ends in .zip, but it is empty"),
    "empty archive": (zipped({}), "is an empty archive"),
}


@pytest.mark.parametrize("kind", ARCHIVES)
def test_an_archive_that_is_not_read_is_named(kind: str, tmp_path: Path) -> None:
    content, words = ARCHIVES[kind]
    assert words in str(stored(tmp_path, content, name="x.zip").refused)


def test_a_changed_byte_in_an_archive_is_found(tmp_path: Path) -> None:
    whole = bytearray(zipped({"x.csv": GOOD}, zipfile.ZIP_STORED))
    whole[whole.index(b"CONVICTED")] ^= 1
    assert "cannot be decompressed (Bad CRC-32" in str(stored(tmp_path, bytes(whole), name="x.zip").refused)


@pytest.mark.parametrize(("case", "words"), [("zip-two", "(a.csv, b.csv)"), ("zip-password", "with a password")])
def test_the_cases(case: str, words: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = CASES / case / "x.zip"
    assert words in str(taken(path, tmp_path / "store", county="ALAMEDA").refused)
    assert run(Options(str(path), str(tmp_path / "out"), "ALAMEDA", str(POLICY), "2020-07-01")) == 1
    assert words in capsys.readouterr().err
    assert '"errorType":"OTHER"' in (tmp_path / "out" / "gogen.err").read_text()


@pytest.mark.parametrize("name", COMPRESSIONS)
@pytest.mark.parametrize("kind", ["cut", "changed", "plain", "nested", "another"])
def test_a_compressed_file_that_is_damaged_or_misnamed(name: str, kind: str, tmp_path: Path) -> None:
    whole = COMPRESSIONS[name](GOOD)
    middle = len(whole) // 2
    content = {
        "cut": whole[:middle],
        "changed": whole[:middle]
        + bytes(byte ^ 255 for byte in whole[middle : middle + 40])
        + whole[middle + 40 :],
        "plain": GOOD,
        "nested": COMPRESSIONS[name](gzip.compress(GOOD)),
        "another": (zstd if name.endswith("gz") else gzip.compress)(GOOD),
    }[kind]
    words = {
        "cut": "cannot be decompressed",
        "changed": "cannot be decompressed",
        "plain": f"its name ends in .{name.rpartition('.')[2]}, but it is not compressed",
        "nested": "is compressed with gzip, not CSV. Nothing of it was stored",
        "another": "but it is compressed with",
    }[kind]
    assert words in str(stored(tmp_path, content, name=name).refused)


def test_a_tar_archive_is_named(tmp_path: Path) -> None:
    for name, content in (("x.tar", tarred(GOOD)), ("x.tar.gz", gzip.compress(tarred(GOOD)))):
        assert "is a tar archive" in str(stored(tmp_path, content, name=name).refused)


@pytest.mark.parametrize("name", COMPRESSIONS)
@pytest.mark.parametrize("bad", [b"junk\n", b"," * 94 + b"\n", b'"\n'])
def test_bad_records_of_compressed_extracts_are_refused_or_set_aside(name: str, bad: bytes, tmp_path: Path) -> None:
    lines = GOOD.splitlines(keepends=True)
    content = b"".join([*lines[:30], bad, *lines[30:90], bad, *lines[90:]])
    compressed = COMPRESSIONS[name](content)
    assert f"{name}, line 31: " in str(stored(tmp_path, compressed, name=name, block_bytes=4000).refused)
    outcome = stored(tmp_path, compressed, name=name, block_bytes=4000, quarantine=True)
    assert (outcome.findings["bad-records"], outcome.counts["rows"]) == (2, 140)
    (tmp_path / "x.csv").write_bytes(content)
    plain = tmp_path / "plain"
    plain.mkdir()
    stored(plain, content, block_bytes=4000, quarantine=True)
    assert records(plain / "store") == records(tmp_path / "store")
    kept = [open_store(str(folder / "store")) for folder in (plain, tmp_path)]
    wanted, found = (store.quarantine(store.manifest.extracts[0]).drop_columns(["file"]) for store in kept)
    assert found == wanted
