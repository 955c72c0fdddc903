"""Encodings, separators, line ends, and files that are no text: read where that leaves no doubt, else named."""

import gzip
import io
import zipfile
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from tests.support.damaged import BASE, CASES, as_csv, rows_of, taken
from tests.support.samples import contents, records

TEXT = as_csv(rows_of(BASE)).decode("latin-1")


def refusal(path: Path, tmp_path: Path, quarantine: bool = False) -> str:
    on_bad_record = "quarantine" if quarantine else "refuse"
    refused = taken(path, tmp_path / "store", county="ALAMEDA", on_bad_record=on_bad_record).refused
    assert refused is not None
    assert not contents(tmp_path / "store")
    return refused


@pytest.mark.parametrize("quarantine", [False, True])
@pytest.mark.parametrize(
    ("path", "words"),
    [
        ("utf16le/x.csv", "is encoded as UTF-16"),
        ("replace-by-nothing/utf16.csv", "is encoded as UTF-16"),
        ("semicolon/x.csv", "is separated by semicolons, not by commas"),
        ("replace-by-nothing/semicolon.csv", "is separated by semicolons, not by commas"),
        ("lone-cr/x.csv", "has line ends that are CR alone"),
        ("replace-by-nothing/lone-cr.csv", "has line ends that are CR alone"),
        ("replace-by-nothing/empty.csv", "nothing-usable"),
    ],
)
def test_a_case_is_named_for_what_it_is(path: str, words: str, quarantine: bool, tmp_path: Path) -> None:
    assert words in refusal(CASES / path, tmp_path, quarantine)


FORMS = {
    "UTF-16 LE": (TEXT.encode("utf-16"), "UTF-16"),
    "UTF-16 BE with a mark": (b"\xfe\xff" + TEXT.encode("utf-16-be"), "UTF-16"),
    "UTF-16 LE without a mark": (TEXT.encode("utf-16-le"), "UTF-16"),
    "UTF-16 BE without a mark": (TEXT.encode("utf-16-be"), "UTF-16"),
    "UTF-32": (TEXT.encode("utf-32"), "UTF-32"),
    "UTF-32 without a mark": (TEXT.encode("utf-32-be"), "UTF-32"),
    "zeros": (bytes(5000), "zeros instead of text"),
    "tabs": (TEXT.replace(",", "\t").encode(), "separated by tabs"),
    "tabs, no header": (TEXT.replace(",", "\t").partition("\n")[2].encode(), "separated by tabs"),
    "semicolons, no header": (TEXT.replace(",", ";").partition("\n")[2].encode(), "separated by semicolons"),
    "bars": (TEXT.replace(",", "|").encode(), "separated by vertical bars"),
    "a line for spreadsheets": (b"sep=,\n" + TEXT.encode(), "sep="),
    "CR": (TEXT.replace("\n", "\r").encode(), "CR alone"),
    "CR, no header": (TEXT.partition("\n")[2].replace("\n", "\r").encode(), "CR alone"),
    "CR behind the header": (TEXT.replace("\n", "\r", 1).encode(), "CR alone"),
    "gzip": (gzip.compress(TEXT.encode()), "compressed with gzip"),
    "PDF": (b"%PDF-1.7\n" + bytes(range(256)), "a PDF file"),
}


@pytest.mark.parametrize("form", FORMS)
def test_a_form_that_is_not_read_is_named(form: str, tmp_path: Path) -> None:
    content, words = FORMS[form]
    (tmp_path / "x.csv").write_bytes(content)
    assert words in refusal(tmp_path / "x.csv", tmp_path)


def test_a_workbook_and_a_table_are_named(tmp_path: Path) -> None:
    book = io.BytesIO()
    with zipfile.ZipFile(book, "w") as archive:
        archive.writestr("[Content_Types].xml", "<Types/>")
        archive.writestr("xl/workbook.xml", "<workbook/>")
    (tmp_path / "x.xlsx").write_bytes(book.getvalue())
    assert "an Excel workbook (.xlsx)" in refusal(tmp_path / "x.xlsx", tmp_path)
    pq.write_table(pa.table({"SUBJECT_ID": ["1"]}), tmp_path / "x.parquet")
    assert "a Parquet file" in refusal(tmp_path / "x.parquet", tmp_path)


@pytest.mark.parametrize("encoding", ["latin-1", "utf-8", "utf-8-sig"])
def test_latin_1_and_utf_8_are_read_as_bytes(encoding: str, tmp_path: Path) -> None:
    rows = rows_of(BASE)
    for row in rows[:3]:  # all of the first subject
        row["PRI_NAME"] = "MU\xd1OZ,JOS\xc9"
    content = as_csv(rows).decode("latin-1").encode(encoding)
    (tmp_path / "x.csv").write_bytes(content)
    assert taken(tmp_path / "x.csv", tmp_path / "store").findings == {}
    name = "MU\xd1OZ,JOS\xc9".encode(encoding.removesuffix("-sig"))
    assert records(tmp_path / "store")[0]["PRI_NAME"] == name


def test_a_return_within_a_value_is_text(tmp_path: Path) -> None:
    for place in ("PRI_NAME", "END_OF_REC"):
        rows = [{**row, place: "a\rb"} for row in rows_of(BASE)]
        (tmp_path / "x.csv").write_bytes(as_csv(rows).replace(b'"a\rb"', b"a\rb").partition(b"\n")[2])
        assert taken(tmp_path / "x.csv", tmp_path / place).findings == {}
        assert records(tmp_path / place)[0][place] == b"a\rb"
