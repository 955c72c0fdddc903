"""Drafts: a first map of a file that nobody described, which reads it; and what is doubtful stands in it."""

import gzip
import tomllib
from pathlib import Path
from typing import Any

import pyarrow.csv
import pyarrow.parquet as pq
import pytest

from clearscale.errors import ExtractError
from clearscale.formats import ColumnMap, load_map
from clearscale.formats.drafts import draft
from clearscale.formats.drafts.guessing import guess_text
from clearscale.formats.reading import Reading
from clearscale.synth import fabricate_charges
from tests.formats.made import COOK, ROW, formed, rendered
from tests.support.examples import long

GENERIC = load_map("generic-charges")
READ = (
    "case",
    "sequence",
    "person",
    "birth_date",
    "arrest_date",
    "filing_date",
    "disposition_date",
    "amended",
    "section",
)


def drafted(path: str, show_values: bool = True) -> tuple[ColumnMap, str]:
    """(the map that a draft is, its text)."""
    text = "\n".join(draft(path, show_values))
    return ColumnMap.read("drafted", tomllib.loads(text), "drafted.toml"), text


def charges(path: str, stated: ColumnMap) -> list[dict[str, Any]]:
    return [row for piece in Reading([path], stated) for row in piece.charges.to_pylist()]


@pytest.mark.parametrize(
    ("of", "separator"),
    [(COOK, ","), long(GENERIC, ","), long(COOK, "|"), (GENERIC, "\t"), (COOK, "\u2021")],
    ids=["cook", "generic", "bars", "tabs", "several bytes"],
)
def test_a_draft_reads_the_file_as_its_own_map_does(tmp_path: Path, of: ColumnMap, separator: str) -> None:
    stated = formed(of, separator=separator)
    path = fabricate_charges(str(tmp_path), stated, people=150, seed=1).path
    found, text = drafted(path)
    assert found.form.separator == stated.form.separator
    by_map, by_draft = charges(path, stated), charges(path, found)
    for name in READ:
        expected = [row[name] for row in by_map]
        if name == "person":  # where the first number is blank, the draft may take another column
            expected = [value if ":" not in (value or "") else None for value in expected]
            assert [row[name] for row, value in zip(by_draft, expected, strict=True) if value] == list(
                filter(None, expected)
            )
        else:
            assert [row[name] for row in by_draft] == expected, name
    assert "# doubt: " in text


def test_parquet_has_a_draft_too(tmp_path: Path) -> None:
    path = fabricate_charges(str(tmp_path), GENERIC, people=60, seed=1).path
    pq.write_table(pyarrow.csv.read_csv(path), tmp_path / "charges.parquet")
    found, _ = drafted(str(tmp_path / "charges.parquet"))
    assert found.charge["case"] == ("case_number",)
    assert [row["case"] for row in charges(str(tmp_path / "charges.parquet"), found)] == [
        row["case"] for row in charges(path, GENERIC)
    ]


def test_values_are_written_only_if_they_are_asked_for(tmp_path: Path) -> None:
    path = tmp_path / "charges.csv"
    path.write_bytes(rendered([ROW | {"chrgdisp": "QZWORD"}] * 3))
    assert "QZWORD" not in "\n".join(draft(str(path)))
    assert '# doubt: nobody knows what these mean: ["QZWORD"]' in "\n".join(draft(str(path), True))


def test_a_first_record_is_not_taken_for_a_header(tmp_path: Path) -> None:
    path = tmp_path / "charges.csv"
    rows = [ROW | {"address": "QZWORD", "fgrprntno": "QZNUMBER", "case_number": f"C{place}"} for place in range(5)]
    path.write_bytes(rendered(rows, header=False))
    text = "\n".join(draft(str(path)))
    assert "QZ" not in text
    assert 'header = "none"' in text
    path.write_bytes(b"\n".join([b"Jane Roe,Somewhere,theft"] * 3))
    assert "Jane" not in "\n".join(draft(str(path)))


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("case_number,dob,statute,disposition\n1,05/06/1970,PL 221.05,x\n", "dob may be MM/DD/YYYY or DD/MM/YYYY"),
        ("case_number,dob,statute,disposition\n1,13-Feb-70,PL 221.05,x\n", "two-digit years up to the pivot"),
        ("case_number,charge,statute\n1,2,PL 221.05\n", "no column looks like the disposition; it is needed"),
        ("case_number,statute,disposition\n1,PL 221.05,caf\u00e9\n", "encoding: not UTF-8; iso-8859-1 fits"),
        (
            "case_number,statute,disposition\n1,PL 221.05,x\n1,2,3,4\n1\n",
            "2 of 4 lines have another number of values than most (lines 3, 4); an ingest refuses the file for "
            "such lines, or with --on-bad-record quarantine sets them aside",
        ),
        ("", "the file has no line"),
    ],
)
def test_doubts_are_said(tmp_path: Path, content: str, said: str) -> None:
    path = tmp_path / "charges.csv"
    path.write_bytes(content.encode("latin-1"))
    assert said in "\n".join(draft(str(path)))


def test_what_is_no_table_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "charges.csv"
    path.write_bytes(b"%PDF-1.7")
    with pytest.raises(ExtractError, match="is a PDF file"):
        draft(str(path))
    path.write_bytes(b"PAR1 nothing PAR1")
    with pytest.raises(ExtractError, match="is damaged Parquet"):
        draft(str(path))
    packed = tmp_path / "charges.csv.gz"
    packed.write_bytes(gzip.compress(rendered([ROW]))[:-9])
    with pytest.raises(ExtractError, match="cannot be decompressed"):
        draft(str(packed))


UNSEEN = """Docket No;Defendant No;Date of Birth;Offence Date;Count;Law Section;Title;Level;Outcome;Outcome Date
D-1;77;3/4/1980;1/2/2010;1;PL 221.05;UNLAWFUL POSSESSION;V;Plea of Guilty;5/6/2010
D-1;77;3/4/1980;1/2/2010;2;PL 220.03(1);CRIMINAL POSSESSION;M;Thrown out;5/6/2010
D-2;78;13/4/1981;31/12/2012;1;PL221.10;;M;;
"""
"""A file with columns that no map knows."""


def test_a_file_that_nobody_has_seen_gets_a_map_by_a_draft_and_one_change(tmp_path: Path) -> None:
    path = tmp_path / "export.csv"
    path.write_text(UNSEEN, "utf-8")
    _, text = drafted(str(path))
    assert 'nobody knows what these mean: ["THROWN OUT"]' in text
    own = tmp_path / "own.toml"
    own.write_text(text.replace("dismissed = []", 'dismissed = ["THROWN OUT"]'), "utf-8")
    found = charges(str(path), load_map(str(own)))
    assert [(row["case"], row["sequence"], row["person"]) for row in found] == [
        ("D-1", "1", "77"),
        ("D-1", "2", "77"),
        ("D-2", "1", "78"),
    ]
    assert [row["disposition"] for row in found] == ["convicted", "dismissed", "none"]
    assert [row["section"] + row["subsection"] for row in found] == ["221.05", "220.03(1)", "221.10"]
    assert [str(row["offense_date"]) for row in found] == ["2010-02-01", "2010-02-01", "2012-12-31"]
    assert [str(row["birth_date"]) for row in found] == ["1980-04-03", "1980-04-03", "1981-04-13"]
    assert [row["description"] for row in found] == ["UNLAWFUL POSSESSION", "CRIMINAL POSSESSION", None]
    assert [row["level"] for row in found] == ["violation", "misdemeanor", "misdemeanor"]


CASES = "case_number,statute,disposition,disp_date,{}\n" + "C1,PL 221.05,DISMISSED,2001-02-03,{}\n" * 3


@pytest.mark.parametrize(
    ("names", "texts", "identity"),
    [
        (
            "dob,first_name,mi,last_name,dl_number,ssn",
            "1970-02-03,Ann,B,Doe,D1,123",
            {
                "first_name": "first_name",
                "middle_name": "mi",
                "last_name": "last_name",
                "numbers": ["dl_number", "ssn"],
            },
        ),
        ("dob,defendant,race", "1970-02-03,Doe Ann,W", {"name": "defendant"}),
        ("dob,Def Name,first", "1970-02-03,Doe Ann,Ann", {"name": "Def Name"}),
        ("dob,defendant,first,last", "1970-02-03,77001,Ann,Doe", {}),
        ("first,last", "Ann,Doe", {}),
        ("dob,first", "1970-02-03,Ann", {}),
    ],
)
def test_names_are_drafted_where_people_have_no_key(
    tmp_path: Path, names: str, texts: str, identity: dict[str, Any]
) -> None:
    (tmp_path / "charges.csv").write_text(CASES.format(names, *[texts] * 3))
    found, text = drafted(str(tmp_path / "charges.csv"))
    assert found.document.get("identity", {}) == identity
    assert ("person" in found.charge) is ("77001" in texts)
    assert "Ann" not in text
    assert ("# nothing is read from" in text) is (identity == {} or "first" in names.split(","))


@pytest.mark.parametrize(
    ("header", "roles"),
    [
        ("Ident,Sx,Rc,BrthDt,CseNmbr,Sttt,Dspstn,DspstnDt", "short"),
        ("IDENTIF,SEX,RACE,BIRT_DATE,CASE_NUM,STATU,DISPOSIT,DISPOSIT_DATE", "cut off"),
        ("person_id,sex,race,birth_date,case_number,statute,disposition,disposition_date", "none"),
    ],
)
def test_names_that_nobody_has_listed_are_read_with_a_doubt(header: str, roles: str) -> None:
    lines = [
        f"A{place:05d},{'MF'[place % 2]},{('WHITE', 'BLACK', 'HISPANIC')[place % 3]},1970-01-{place % 28 + 1:02d},"
        f"C{place // 2},720 ILCS 550/4(a),{('GUILTY', 'DISMISSED')[place % 2]},2001-03-04"
        for place in range(40)
    ]
    found = guess_text("\n".join([header, *lines]).encode())
    columns = header.split(",")
    wanted = ("person", "sex", "race", "birth_date", "case", "statute", "disposition", "disposition_date")
    assert {role: found.roles[role] for role in wanted} == {
        role: [column] for role, column in zip(wanted, columns, strict=True)
    }
    doubted = [
        column for column in columns if any(f"{column}, whose name may be short" in doubt for doubt in found.doubts)
    ]
    assert bool(doubted) == (roles != "none")


def test_a_short_name_is_not_taken_for_what_its_texts_are_not() -> None:
    lines = [f"C{place},R{place % 7}X,zone {place % 5}" for place in range(40)]
    found = guess_text("\n".join(["CaseNo,Rc,Sx", *lines]).encode())
    assert not {"race", "sex"} & {*found.roles}
