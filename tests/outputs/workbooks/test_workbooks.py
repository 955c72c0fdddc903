"""Workbooks hold what they are given, whatever it is: read back by another library, and attacked."""

import datetime
import hashlib
import itertools
import re
import string
from collections.abc import Sequence
from pathlib import Path
from typing import Any
from zipfile import ZipFile

import openpyxl
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from clearscale.outputs.workbooks import DATE, DECIMAL, NUMBER, TEXT, WORDS, Column, writing_book
from clearscale.outputs.workbooks.cells import CUT, MOST_UNITS, fit, sheet_name
from clearscale.outputs.workbooks.markup import letters
from tests.support.examples import examples

DAY = datetime.date(2020, 7, 1)


def write(path: Path, values: Sequence[Any], kind: str = TEXT, most_rows: int = 2**20 - 1) -> Any:
    """A workbook of one column; returns it read, and how many texts were cut."""
    types = {TEXT: pa.string(), DATE: pa.date32(), NUMBER: pa.int64(), DECIMAL: pa.float64()}
    column = values if isinstance(values, pa.Array) else pa.array(values, types[kind])
    with writing_book(str(path), "A title", DAY) as book:
        page = book.page("About")
        sheet = book.sheet("Rows", [Column("A column", 12, kind), Column("Place", 8, NUMBER)], most_rows)
        sheet.add(pa.table({"a": column, "place": pa.array(range(len(column)), pa.int64())}))
        page.title("What this is")
        page.line("Rows", sheet.rows)
    return openpyxl.load_workbook(path), sheet.cut


def shown(cell: Any) -> str:
    """A cell's text as a spreadsheet shows it: openpyxl leaves characters that are written by their numbers."""
    return re.sub("_x([0-9A-Fa-f]{4})_", lambda found: chr(int(found[1], 16)), cell.value or "")


def cells(book: Any, sheet: str = "Rows") -> list[Any]:
    return [row[0] for row in book[sheet].iter_rows(min_row=2)]


ATTACKS = [
    *("=1+1", "+1", "-1", "@SUM(1)", '=HYPERLINK("http://example.org")', "=cmd|' /C calc'!A0", "\t=1", "\r=1"),
    *("<r><t>x</t></r>", "</t></is></c><c><f>1+1</f></c>", "<![CDATA[x]]>", "&amp;", "&#x41;", "]]>", '"quoted"'),
    *("_x0041_", "_x005F_", "http://example.org", "mailto:a@example.org", "internal:Rows!A1", "file:///etc/passwd"),
    *("007", "1E5", "2020-01-01", "TRUE", " leading", "trailing ", "two  spaces", "line\nbreak", "{=1}", "'quoted"),
    *("é", "Ω", "𐐷", "‮reversed", "\u2028", "\u00a0", "\x7f", "\x85"),
]


def test_texts_are_texts_whatever_they_look_like(tmp_path: Path) -> None:
    book, cut = write(tmp_path / "a.xlsx", ATTACKS)
    found = cells(book)
    assert [shown(cell) for cell in found] == ATTACKS
    assert {cell.data_type for cell in found} == {"inlineStr"} or {cell.data_type for cell in found} == {"s"}
    assert not any(cell.hyperlink for cell in found)
    assert cut == 0
    with ZipFile(tmp_path / "a.xlsx") as file:
        names = file.namelist()
        assert not [name for name in names if "rels" in name and "worksheets" in name]
        for name in names:
            if name.startswith("xl/worksheets/"):
                content = file.read(name)
                assert b"<f>" not in content
                assert b"<f " not in content


def test_characters_that_no_file_can_hold_are_written_by_their_numbers(tmp_path: Path) -> None:
    texts = [f"a{chr(code)}b" for code in (*range(9), 11, 12, *range(14, 32), 0xFFFE, 0xFFFF)]
    book, _ = write(tmp_path / "a.xlsx", texts)
    assert [cell.value for cell in cells(book)] == [f"a_x{ord(text[1]):04X}_b" for text in texts]
    assert [shown(cell) for cell in cells(book)] == texts


def test_long_texts_are_cut_and_counted(tmp_path: Path) -> None:
    texts = [
        "x" * MOST_UNITS,
        "x" * (MOST_UNITS + 1),
        "𐐷" * (MOST_UNITS // 2),
        "𐐷" * (MOST_UNITS // 2 + 1),
        "&" * 40000,
    ]
    book, cut = write(tmp_path / "a.xlsx", texts)
    found = [cell.value for cell in cells(book)]
    assert cut == 3
    assert found[0] == texts[0]
    assert found[2] == texts[2]
    for text, left in ((texts[1], found[1]), (texts[3], found[3]), (texts[4], found[4])):
        assert left.endswith(CUT)
        assert text.startswith(left.removesuffix(CUT))
        assert len(left.encode("utf-16-le")) // 2 in (MOST_UNITS, MOST_UNITS - 1)


def test_halves_of_characters_are_replaced() -> None:
    assert fit("a\ud800b") == ("a\ufffdb", False)
    assert fit("\ud801\udc37") == ("𐐷", False)


def test_words_of_a_page_are_no_markup(tmp_path: Path) -> None:
    with writing_book(str(tmp_path / "a.xlsx"), "<r>", DAY) as book:
        page = book.page("About")
        for text in ATTACKS:
            page.line(text, text)
        sheet = book.sheet("Rows", [Column(text) for text in ATTACKS])
        sheet.add(pa.table({str(place): ["x"] for place in range(len(ATTACKS))}))
    read = openpyxl.load_workbook(tmp_path / "a.xlsx")
    for row, text in zip(read["About"].iter_rows(), ATTACKS, strict=True):
        assert [shown(cell).rstrip() for cell in row] == [text.rstrip()] * 2
    assert [shown(cell).rstrip() for cell in read["Rows"][1]] == [text.rstrip() for text in ATTACKS]


def test_dates_are_dates(tmp_path: Path) -> None:
    days = [datetime.date(1900, 3, 1), DAY, datetime.date(9999, 12, 31), None, datetime.date(2000, 2, 29)]
    book, _ = write(tmp_path / "a.xlsx", days, DATE)
    found = cells(book)
    assert [cell.value and cell.value.date() for cell in found] == days
    assert {cell.number_format for cell in found if cell.value} == {"yyyy-mm-dd"}


def test_days_that_a_spreadsheet_cannot_show_are_texts(tmp_path: Path) -> None:
    days = [datetime.date(1900, 2, 28), datetime.date(1899, 12, 31), datetime.date(1, 1, 1)]
    book, _ = write(tmp_path / "a.xlsx", days, DATE)
    assert [cell.value for cell in cells(book)] == ["1900-02-28", "1899-12-31", "0001-01-01"]


def test_a_column_of_dates_may_hold_what_is_none(tmp_path: Path) -> None:
    texts = ["20200701", "00000000", "=1+1", "", "18991231"]
    days = pa.array([DAY, None, None, None, datetime.date(1899, 12, 31)], pa.date32())
    both = pa.StructArray.from_arrays([pa.array(texts), days], ["text", "day"])
    book, _ = write(tmp_path / "a.xlsx", both, DATE)
    found = [cell.value for cell in cells(book)]
    assert found == [datetime.datetime.combine(DAY, datetime.time()), "00000000", "=1+1", None, "18991231"]


@pytest.mark.parametrize("kind", [NUMBER, DECIMAL])
def test_numbers_are_numbers(tmp_path: Path, kind: str) -> None:
    numbers = [0, 1, -1, 2**40, None]
    book, _ = write(tmp_path / "a.xlsx", numbers, kind)
    assert [cell.value for cell in cells(book)] == numbers
    assert {cell.data_type for cell in cells(book)} == {"n"}


@pytest.mark.parametrize("rows", [0, 4, 5, 6, 11])
def test_rows_beyond_a_sheet_stand_on_further_ones(tmp_path: Path, rows: int) -> None:
    texts = [f"{number:03}" for number in range(rows)]
    book, _ = write(tmp_path / "a.xlsx", texts, most_rows=5)
    names = [name for name in book.sheetnames if name.startswith("Rows")]
    assert names == ["Rows", "Rows (2)", "Rows (3)"][: max((rows + 4) // 5, 1)]
    assert [cell.value for name in names for cell in cells(book, name) if cell.value is not None] == texts
    for name in names:
        sheet = book[name]
        assert [cell.value for cell in sheet[1]] == ["A column", "Place"]
        assert sheet.freeze_panes == "A2"
        assert sheet.auto_filter.ref == f"A1:B{max(sheet.max_row, 2)}"
        assert sheet.column_dimensions["A"].width > 12
    assert book["About"]["B2"].value == rows


@pytest.mark.parametrize(("columns", "pages"), [(2, 1), (40, 4)])
def test_a_sheet_is_printed_with_what_its_rows_are_on_each_page(columns: int, pages: int, tmp_path: Path) -> None:
    names = [f"C{number}" for number in range(columns)]
    with writing_book(str(tmp_path / "a.xlsx"), "A title", DAY) as book:
        page = book.page("About")
        sheet = book.sheet("Rows", [Column(name, 15) for name in names], keys=(0, 1))
        sheet.add(pa.table({name: ["x"] for name in names}))
        page.title("What this is")
    read = openpyxl.load_workbook(tmp_path / "a.xlsx")
    rows = read["Rows"]
    assert (rows.page_setup.fitToWidth or 1, int(rows.page_setup.fitToHeight)) == (pages, 0)
    assert (rows.print_title_rows, rows.print_title_cols) == ("$1:$1", "$A:$B")
    assert rows.page_setup.pageOrder == "overThenDown"
    for worksheet in (read["About"], rows):
        assert (worksheet.oddFooter.left.text, worksheet.oddFooter.right.text) == ("&F: &A", "Page &P of &N")


def test_words_go_on_in_lines_that_their_row_has_room_for(tmp_path: Path) -> None:
    texts = ["a", "some words of two lines", "words " * 400, None]
    with writing_book(str(tmp_path / "a.xlsx"), "A title", DAY) as book:
        sheet = book.sheet("Rows", [Column("Words", 15, WORDS), Column("Text", 15)])
        sheet.add(pa.table({"w": pa.array(texts, pa.string()), "t": ["b"] * len(texts)}))
    rows = openpyxl.load_workbook(tmp_path / "a.xlsx")["Rows"]
    assert [rows.row_dimensions[number].height for number in (2, 3, 4, 5)] == [None, 30, 375, None]
    assert rows["A3"].alignment.wrap_text
    assert not rows["B3"].alignment.wrap_text
    assert {rows[cell].alignment.vertical for cell in ("A3", "B3")} == {"top"}


def test_the_same_content_is_the_same_bytes(tmp_path: Path) -> None:
    digests = set()
    for name in ("a.xlsx", "other.xlsx"):
        write(tmp_path / name, ATTACKS)
        digests.add(hashlib.sha256((tmp_path / name).read_bytes()).hexdigest())
    assert len(digests) == 1
    book = openpyxl.load_workbook(tmp_path / "a.xlsx")
    assert book.properties.created == datetime.datetime.combine(DAY, datetime.time())
    assert book.properties.title == "A title"


def stopped(path: Path) -> None:
    with writing_book(str(path), "", DAY) as book:
        book.sheet("Rows", [Column("a")]).add(pa.table({"a": ["x"] * 5000}))
        raise KeyboardInterrupt


def test_what_is_stopped_leaves_what_was_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    scratch, place = tmp_path / "scratch", tmp_path / "out" / "a.xlsx"
    scratch.mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(scratch))
    with pytest.raises(KeyboardInterrupt):
        stopped(place)
    assert not place.parent.exists()
    write(place, ["old"])
    before = place.read_bytes()
    with pytest.raises(KeyboardInterrupt):
        stopped(place)
    assert [path.name for path in place.parent.iterdir()] == ["a.xlsx"]
    assert place.read_bytes() == before
    assert place.stat().st_mode & 0o777 == 0o640
    assert list(scratch.iterdir()) == []


def test_a_workbook_comes_to_any_storage(tmp_path: Path) -> None:
    import fsspec

    write(tmp_path / "a.xlsx", ATTACKS)
    with writing_book("memory://lists/a.xlsx", "A title", DAY) as book:
        page = book.page("About")
        sheet = book.sheet("Rows", [Column("A column", 12), Column("Place", 8, NUMBER)])
        sheet.add(pa.table({"a": ATTACKS, "place": pa.array(range(len(ATTACKS)), pa.int64())}))
        page.title("What this is")
        page.line("Rows", sheet.rows)
    assert fsspec.filesystem("memory").cat_file("/lists/a.xlsx") == (tmp_path / "a.xlsx").read_bytes()


@pytest.mark.sampled
@given(st.lists(st.text(st.characters(exclude_categories=["Cs"]), max_size=40), min_size=1, max_size=12))
@settings(max_examples=examples(144))
def test_any_text_comes_back(tmp_path_factory: pytest.TempPathFactory, texts: list[str]) -> None:
    folder = tmp_path_factory.mktemp("texts")
    book, _ = write(folder / "a.xlsx", texts)
    assert [shown(cell) for cell in cells(book)] == texts


def test_letters_of_columns() -> None:
    one = list(string.ascii_uppercase)
    two = ["".join(pair) for pair in itertools.product(one, repeat=2)]
    assert [letters(place) for place in range(26 + 26 * 26 + 1)] == [*one, *two, "AAA"]


@pytest.mark.parametrize(
    ("wanted", "name"),
    [
        ("A" * 40, "A" * 31),
        ("a/b\\c[d]e:f*g?", "a-b-c-d-e-f-g-"),
        ("'quoted'", "quoted"),
        ("", "Sheet"),
        ("History", "History-"),
        ("rows", "rows (2)"),
        ("\x00\n", "Sheet"),
        ("\ud800", "\ufffd"),
    ],
)
def test_names_of_sheets(wanted: str, name: str) -> None:
    assert sheet_name(wanted, ["Rows"]) == name


def test_many_sheets_of_a_long_name_are_told_apart() -> None:
    taken: list[str] = []
    for _ in range(120):
        taken.append(sheet_name("A" * 40, taken))
    assert len({name.casefold() for name in taken}) == 120
    assert max(map(len, taken)) == 31
