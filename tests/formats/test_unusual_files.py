"""What a map says of files that are no plain tables: lines above, totals below, parts of statutes, odd quotes."""

from pathlib import Path
from typing import Any

import pytest

from clearscale.errors import ExtractError
from clearscale.formats import ColumnMap, load_map
from clearscale.formats.checking import check_files
from clearscale.formats.lines import NO_CHARGE
from tests.formats.made import formed, read, rendered, variant

GENERIC = load_map("generic-charges")


def parted(**tables: Any) -> ColumnMap:
    """The generic map with columns for code and subsection, and other tables."""
    document = GENERIC.document
    columns = [*document["columns"], "book", "sub", "amended_book", "amended_sub"]
    charge = document["charge"] | {"code": "book", "subsection": "sub"}
    amended = document["amended"] | {"code": "amended_book", "subsection": "amended_sub"}
    return variant(GENERIC, columns=columns, charge=charge, amended=amended, **tables)


@pytest.mark.parametrize("block_bytes", [1, 2**20])
def test_a_statute_s_parts_may_have_columns_of_their_own(tmp_path: Path, block_bytes: int) -> None:
    stated = parted()
    rows = [
        {"case_number": "1", "book": "PL", "statute": "220.03", "sub": "1a"},
        {"case_number": "2", "book": "", "statute": "PL 220.03", "sub": "(2)"},
        {"case_number": "3", "book": "PL", "statute": "PL 221.05", "sub": ""},
        {"case_number": "4", "book": "PL", "statute": "", "sub": "1"},
        {
            "case_number": "5",
            "book": "PL",
            "statute": "1",
            "amended_book": "VC",
            "amended_statute": "2",
            "amended_sub": "b",
        },
    ]
    found, _, _ = read(tmp_path, rendered(rows, stated), stated=stated, block_bytes=block_bytes)
    assert [(row["code"], row["section"], row["subsection"]) for row in found] == [
        ("PL", "220.03", "(1)(a)"),
        ("PL", "220.03", "(2)"),
        ("PL", "221.05", ""),
        (None, None, None),
        ("VC", "2", "(b)"),
    ]
    assert [row["statute"] for row in found] == ["PL 220.03(1)(a)", "PL 220.03(2)", "PL 221.05", None, "VC 2(b)"]
    assert [row["amended"] for row in found] == [False] * 4 + [True]


@pytest.mark.parametrize("block_bytes", [1, 2**20])
def test_lines_above_the_header_are_passed_over(tmp_path: Path, block_bytes: int) -> None:
    stated = formed(GENERIC, skip=3)
    content = b'Charges; "all"\n\n,,,\n' + rendered([{"case_number": "1"}], stated)
    (row,), aside, _ = read(tmp_path, content, stated=stated, block_bytes=block_bytes)
    assert (row["case"], row["line"], aside) == ("1", 5, [])
    none = formed(GENERIC, skip=1, header="none")
    content = b"\xef\xbb\xbftitle\n" + rendered([{"case_number": "1"}], none)
    (row,), _, _ = read(tmp_path, content, stated=none, block_bytes=block_bytes)
    assert (row["case"], row["line"]) == ("1", 2)
    first = formed(GENERIC, skip=1, header="first")
    chunk = rendered([{"case_number": "2"}], first, header=False)
    found, _, _ = read(tmp_path, b"title\n" + rendered([{"case_number": "1"}], first), chunk, stated=first)
    assert [(row["case"], row["line"]) for row in found] == [("1", 3), ("2", 1)]
    (none_left, aside, _) = read(tmp_path, b"title\n", stated=formed(GENERIC, skip=9, header="none"))
    assert (none_left, aside) == ([], [])


@pytest.mark.parametrize("line_breaks", [False, True])
@pytest.mark.parametrize("block_bytes", [1, 2**20])
def test_quotes_may_stand_behind_a_backslash(tmp_path: Path, block_bytes: int, line_breaks: bool) -> None:
    stated = formed(GENERIC, escape="\\", line_breaks=line_breaks)
    header = ",".join(GENERIC.columns)
    texts = ['so \\"called\\", and', "C:\\\\TEMP", '\\"']
    if line_breaks:
        texts.append('two\nlines, \\"quoted\\"')
    rows = [
        ",".join(
            f'"{text}"' if column == "description" else f"{place}"[column != "case_number" :]
            for column in GENERIC.columns
        )
        for place, text in enumerate(texts)
    ]
    content = "\n".join([header, *rows, ""]).encode()
    found, aside, _ = read(tmp_path, content, stated=stated, block_bytes=block_bytes)
    assert aside == []
    expected = ['so "called", and', "C:\\TEMP", '"', 'two\nlines, "quoted"']
    assert [row["description"] for row in found] == expected[: len(texts)]


def test_rows_may_be_set_aside_by_what_they_are_not(tmp_path: Path) -> None:
    rows = [
        {"case_number": "1", "court": "A"},
        {"case_number": "total: 2", "court": ""},
        {"case_number": "2", "court": "B"},
    ]
    for stated, cases in (
        ({"column": "case_number", "is_not": ["TOTAL*"]}, ["1", "2"]),
        ({"column": "court", "is": ["*"], "is_not": ["b"]}, ["1", "total: 2"]),
        ({"column": "court", "is_not": [""]}, ["1", "2"]),
    ):
        found, aside, _ = read(tmp_path, rendered(rows, GENERIC), stated=variant(GENERIC, rows=stated))
        assert [row["case"] for row in found] == cases
        assert [row["reason"] for row in aside] == [NO_CHARGE] * (3 - len(cases))


def test_names_that_stand_twice_are_told_by_their_places_if_the_map_does(tmp_path: Path) -> None:
    columns = ["Case", "Date", "Code", "Date_4", "column_5"]
    stated = variant(
        GENERIC,
        columns=columns,
        absent=[],
        required=["Case"],
        charge={
            "case": "Case",
            "statute": "Code",
            "disposition": "column_5",
            "filing_date": "Date",
            "arrest_date": "Date_4",
        },
        amended={"statute": "Code"},
        county={"fixed": "x"},
    )
    content = b"Case,Date,Code,Date,\n1,2001-02-03,PL 1,2002-03-04,DISMISSED\n"
    (row,), _, _ = read(tmp_path, content, stated=stated)
    assert (str(row["filing_date"]), str(row["arrest_date"]), row["disposition"]) == (
        "2001-02-03",
        "2002-03-04",
        "dismissed",
    )
    with pytest.raises(ExtractError, match="its header has case_number twice"):
        read(tmp_path, b"case_number,statute,disposition,case_number\n1,2,3,4\n", stated=GENERIC)


def test_a_word_may_say_no_class(tmp_path: Path) -> None:
    stated = variant(GENERIC, values=GENERIC.document["values"] | {"class": {"none": ["V"], "A": ["MA"]}})
    rows = [
        {"case_number": "1", "class": "V"},
        {"case_number": "2", "class": "MA"},
        {"case_number": "3", "class": "?"},
    ]
    found, _, reading = read(tmp_path, rendered(rows, stated), stated=stated)
    assert [row["class"] for row in found] == [None, "A", None]
    assert reading.noticed.counts["unusual-classes"] == 1


def test_rows_that_say_nothing_of_a_charge_are_found(tmp_path: Path) -> None:
    charge = {"case_number": "1", "statute": "PL 1", "disposition": "DISMISSED", "disposition_date": "2001-02-03"}
    rows = [
        charge,
        {"case_number": "TOTAL", "charge_number": "3"},
        {"case_number": "2", "description": "AND SO ON"},
        {"case_number": "3", "arrest_date": "2001-02-03"},
        {"case_number": "4", "disposition": "DISMISSED"},
        *[charge | {"case_number": f"{place}"} for place in range(5, 12)],
    ]
    (tmp_path / "charges.csv").write_bytes(rendered(rows, GENERIC))
    found = {finding.name: finding for finding in check_files([str(tmp_path / "charges.csv")], GENERIC).findings}
    assert (found["nothing-said"].count, found["nothing-said"].lines) == (2, (3, 4))
    assert not found["nothing-said"].refuses
    only = variant(GENERIC, rows={"column": "statute", "is_not": [""]})
    assert "nothing-said" not in {
        finding.name for finding in check_files([str(tmp_path / "charges.csv")], only).findings
    }
