"""The forms in which extracts arrive, and files that are none."""

import gzip
from collections.abc import Callable
from pathlib import Path

import fsspec
import pyarrow as pa
import pytest

from clearscale.law import state
from clearscale.store import open_store
from tests.support.examples import long
from tests.support.samples import (
    HEADER,
    contents,
    conviction,
    decide,
    decisions,
    extract,
    ingest,
    put,
    records,
    refused,
    rendered,
)

PLAIN = extract()
"""Has a header, LF, blank lines, quoted fields, and bytes that are no UTF-8."""

BODY = PLAIN.removeprefix(HEADER)


def zstd(content: bytes) -> bytes:
    compressed: bytes = pa.compress(content, codec="zstd", asbytes=True)
    return compressed


def with_96th_field(content: bytes) -> bytes:
    """A comma before each line end that is no line break inside a field; for content without quoted line breaks."""
    return b"".join(line[:-1] + b",\n" if line.strip() else line for line in content.splitlines(keepends=True))


FORMS: dict[str, tuple[str, Callable[[bytes], bytes]]] = {
    "gzip": ("a.csv.gz", gzip.compress),
    "gzip of two members": ("a.csv.gz", lambda raw: gzip.compress(raw[:999]) + gzip.compress(raw[999:])),
    "zstd": ("a.csv.zst", zstd),
    "zstd of two frames": ("a.csv.zst", lambda raw: zstd(raw[:999]) + zstd(raw[999:])),
    "no header": ("a.csv", lambda raw: raw.removeprefix(HEADER)),
    "byte-order mark": ("a.csv", lambda raw: b"\xef\xbb\xbf" + raw),
    "byte-order mark, no header": ("a.csv", lambda raw: b"\xef\xbb\xbf" + raw.removeprefix(HEADER)),
    "no last line end": ("a.csv", lambda raw: raw.removesuffix(b"\n")),
    "blank lines at the end": ("a.csv", lambda raw: raw + b"\n\r\n\n"),
}


@pytest.fixture(scope="module")
def plain(tmp_path_factory: pytest.TempPathFactory) -> Path:
    store = tmp_path_factory.mktemp("plain") / "store"
    ingest(put(store.parent, "a.csv", PLAIN), store)
    return store


@pytest.mark.parametrize("form", [form if place % 2 else long(form) for place, form in enumerate(FORMS)])
@pytest.mark.parametrize("block_bytes", [3000, long(2**24)])
def test_every_form_gives_the_same_records_and_decisions(
    form: str, block_bytes: int, plain: Path, tmp_path: Path
) -> None:
    name, change = FORMS[form]
    store = tmp_path / "store"
    report = ingest(put(tmp_path, name, change(PLAIN)), store, block_bytes=block_bytes)
    assert report.records == report.stored == len(records(plain))
    assert records(store) == records(plain)
    found = decisions(decide(store, tmp_path / "run"), without=["extract"])
    assert found == decisions(decide(plain, tmp_path / "plain"), without=["extract"])
    assert found


def test_crlf_and_quoted_line_breaks(tmp_path: Path) -> None:
    row = conviction("1", "ALAMEDA", PRI_NAME='DOE, "PAT"', COMMENT_TEXT="one\ntwo", END_OF_REC="*")
    for name, crlf in (("lf", False), ("crlf", True)):
        content = rendered([row, row | {"CNT_ORDER": b"001001002000"}], crlf=crlf)
        if crlf:
            content = content.replace(b"one\ntwo", b"one\r\ntwo")
        ingest(put(tmp_path, f"{name}.csv", content), tmp_path / name, block_bytes=1)
    assert records(tmp_path / "lf") == records(tmp_path / "crlf")
    first = records(tmp_path / "crlf")[0]
    assert first["PRI_NAME"] == b'DOE, "PAT"'
    assert first["COMMENT_TEXT"] == b"one\ntwo"
    assert first["END_OF_REC"] == b"*"


def test_a_96th_field_is_dropped_when_it_is_empty(tmp_path: Path) -> None:
    content = rendered([conviction(str(number), "ALAMEDA", END_OF_REC="*") for number in range(9)])
    ingest(put(tmp_path, "a.csv", content), tmp_path / "95")
    ingest(put(tmp_path, "b.csv", with_96th_field(content)), tmp_path / "96")
    assert records(tmp_path / "95") == records(tmp_path / "96")
    assert "line 3: 96 fields" in refused(
        put(tmp_path, "c.csv", content.replace(b"\n", b"\n" * 2, 1).replace(b"FELONY", b"FELONY,X", 1)),
        tmp_path / "none",
    )


def test_bytes_that_are_not_utf8_come_through(tmp_path: Path) -> None:
    odd = bytes(byte for byte in range(256) if byte not in b'\n\r",')
    row = conviction("1", "ALAMEDA") | {"PRI_NAME": odd, "COMMENT_TEXT": b'"\xff,\xfe"'}
    row |= {"OFFENSE_DESCR": b"11357 HS\xe9-POSSESS", "RACE_DESCR": b"\xc9"}
    elsewhere = conviction("1", "ALAMEDA", 2) | {"OFFENSE_DESCR": b"459 PC", "STP_ORI_CNTY_NAME": b"CA\xd1ON"}
    store = tmp_path / "store"
    ingest(put(tmp_path, "a.csv", rendered([row, elsewhere])), store)
    for record, written in zip(records(store), (row, elsewhere), strict=True):
        assert {name: record[name] for name in state().format.columns} == {
            name: written.get(name, b"") for name in state().format.columns
        }
    run = decide(store, tmp_path / "run")
    assert [decision["offense"] for decision in decisions(run)] == [r"11357 HS\xe9"]
    assert run.summary["counties"] == 1
    assert run.summary["prop64FelonyConvictionsCountInCounty"] == 1
    assert run.table("people").column("with_prop64").to_pylist() == [1, 1]


@pytest.mark.parametrize("content", [b"", HEADER, HEADER.removesuffix(b"\n"), b"\xef\xbb\xbf" + HEADER, b"\n\n"])
def test_a_file_without_records(content: bytes, tmp_path: Path) -> None:
    path, store = put(tmp_path, "none.csv", content), tmp_path / "store"
    message = refused(path, store)
    assert message == "none.csv: its records do not tell which county it is of; name it with --county"
    report = ingest(path, store, county="YOLO")
    assert (report.records, report.stored, report.counts["people"]) == (0, 0, 0)
    run = decide(store, tmp_path / "run")
    assert run.counties["YOLO"]["lineCount"] == 0
    assert run.counties["YOLO"]["earliestConviction"] is None
    assert run.decisions().num_rows == 0


def test_a_file_without_prop64_convictions_needs_its_county(tmp_path: Path) -> None:
    path = put(tmp_path, "a.csv", rendered([conviction("1", "ALAMEDA", OFFENSE_DESCR="459 PC-BURGLARY")]))
    assert "a.csv: its records do not tell which county it is of; name it with --county" in refused(
        path, tmp_path / "store"
    )
    ingest(path, tmp_path / "store", county="ALAMEDA")
    assert open_store(str(tmp_path / "store")).manifest.extracts[0].county == "ALAMEDA"


def test_two_counties_with_as_many_convictions_need_a_name(tmp_path: Path) -> None:
    path = put(tmp_path, "a.csv", rendered([conviction("1", "ALAMEDA"), conviction("2", "YOLO")]))
    assert "name it with --county" in refused(path, tmp_path / "store")


def test_patterns_name_many_files(tmp_path: Path) -> None:
    for number, county in enumerate(("ALAMEDA", "YOLO", "LOS ANGELES")):
        put(tmp_path, f"in/{number}.csv", extract(county, seed=number))
    report = ingest([f"{tmp_path}/in/*.csv", f"{tmp_path}/in/1.csv"], tmp_path / "store")
    assert report.added == ("0.csv", "1.csv", "2.csv")
    message = refused([f"{tmp_path}/in/*.csv", f"{tmp_path}/in/*.zst"], tmp_path / "store")
    assert message == f"{tmp_path}/in/*.zst: no file matches"


def test_memory_urls_for_extracts_and_store(plain: Path, tmp_path: Path) -> None:
    memory = fsspec.filesystem("memory")
    memory.pipe({"/forms/in/a.csv": PLAIN, "/forms/in/b.csv.gz": gzip.compress(extract("YOLO", seed=2))})
    ingest("memory://forms/in/*", "memory://forms/store", block_bytes=3000)
    run = decide("memory://forms/store", "memory://forms/run")
    put(tmp_path, "b.csv", extract("YOLO", seed=2))
    put(tmp_path, "a.csv", PLAIN)
    ingest(f"{tmp_path}/*.csv", tmp_path / "store", block_bytes=3000)
    local = decide(tmp_path / "store", tmp_path / "run")
    assert decisions(run, without=["extract"]) == decisions(local, without=["extract"])
    assert run.counties == local.counties
    assert records("memory://forms/store") == records(tmp_path / "store")
    assert not memory.exists("/forms/store/staging")


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    good = put(tmp_path, "a.csv", PLAIN)
    for missing in (f"{tmp_path}/none.csv", f"{tmp_path}/none.csv.gz", f"{tmp_path}/none.csv.zst"):
        assert f"{missing}: there is no such file" in refused([good, missing], tmp_path / "store").splitlines()


def test_a_folder_is_no_extract(tmp_path: Path) -> None:
    (tmp_path / "folder.csv").mkdir()
    message = refused(str(tmp_path / "folder.csv"), tmp_path / "store")
    assert message == f"{tmp_path}/folder.csv: cannot be read (Is a directory)"


@pytest.mark.parametrize("cut", [1, 8, 300])
@pytest.mark.parametrize("name", ["a.csv.gz", "a.csv.zst"])
def test_a_compressed_file_that_was_cut_short(name: str, cut: int, tmp_path: Path) -> None:
    store = tmp_path / "store"
    ingest(put(tmp_path, "before.csv", extract("YOLO")), store)
    whole = (gzip.compress if name.endswith("gz") else zstd)(PLAIN)
    message = refused(put(tmp_path, name, whole[:-cut]), store, county="ALAMEDA")
    assert message.startswith(f"{name}: cannot be decompressed (")
    assert "copy the file again" in message


@pytest.mark.parametrize("name", ["a.csv.gz", "a.csv.zst", "a.csv.bz2", "a.csv.xz"])
def test_a_name_that_promises_compression(name: str, tmp_path: Path) -> None:
    message = refused(put(tmp_path, name, PLAIN), tmp_path / "store")
    assert f"{name}: cannot be " in message
    assert contents(tmp_path / "store") == {}
