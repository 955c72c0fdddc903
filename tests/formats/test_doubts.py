"""What a draft could guess wrong is a doubt in it, or is not guessed."""

import tomllib
from pathlib import Path
from typing import Any

import pytest

from clearscale.errors import ExtractError
from clearscale.formats.drafts import draft
from clearscale.formats.drafts.date_forms import guess_forms
from clearscale.formats.drafts.meanings import sorted_words
from tests.commands.test_policy_commands import call


def drafted(folder: Path, content: str | bytes, *more: str) -> tuple[dict[str, Any], list[str]]:
    """(the map that the draft of a file is, its doubts)."""
    files = []
    for place, body in enumerate((content, *more)):
        file = folder / f"{place}.csv"
        file.write_bytes(body if isinstance(body, bytes) else body.encode())
        files.append(str(file))
    lines = draft(files, show_values=True)
    return tomllib.loads("\n".join(lines)), [line[9:] for line in lines if line.startswith("# doubt: ")]


def rows(header: str, row: str, count: int = 30) -> str:
    """A file of like rows. row: with `{n}`, the place, and `{d}`, a digit from 1 to 9."""
    return f"{header}\n" + "".join(
        row.format(n=place, d=1 + place % 9, k=place % 7) + "\n" for place in range(count)
    )


@pytest.mark.parametrize(
    ("content", "doubt", "charge"),
    [
        (
            rows("case_no,def_no,count,statute,disposition", "C{n},{k},1,PL 155.25,GUILTY"),
            "person: def_no seems to number the defendants of a case",
            {"person": None},
        ),
        (
            rows("case_no,def_id,statute,disposition", "C{n},9{n:03d},PL 155.25,GUILTY"),
            "person: each case has another key in def_id",
            {"person": "def_id"},
        ),
        (
            rows("case_no,def_id,dob,statute,disposition", "C{n},9{k}00,197{k}-01-{n:02d},PL 155.25,GUILTY", 28),
            "keys in def_id have several birth dates, so it tells no people and is not taken",
            {"person": None},
        ),
        (
            rows("case_no,offense_code,statute,disposition", "C{n},230{d},PL 155.25,GUILTY"),
            "statute: statute is taken; offense_code may be it, too",
            {"statute": "statute"},
        ),
        (
            rows("case_no,statute,bail_dispo,disposition", "C{n},PL 155.25,ROR,GUILTY"),
            "disposition: disposition is taken; bail_dispo may be it, too",
            {"disposition": "disposition"},
        ),
        (
            rows("case_no,statute,case_type,charge_level,disposition", "C{n},PL 155.25,CR,M,GUILTY"),
            "level: charge_level is taken; case_type may be it, too",
            {"level": "charge_level"},
        ),
        (
            rows("case_no,statute,disposition,disp_date", "C{n},PL 155.25,GUILTY,4021{d}"),
            "dates: disp_date has none by its texts",
            {"disposition_date": None},
        ),
        (
            rows("case_no,charge,disposition", "C{n},LARCENY,GUILTY"),
            'no column looks like the statute; it is needed: statute = "COLUMN"',
            {"statute": None, "description": "charge"},
        ),
        (
            rows("case_no,charge,disposition", "C{n},QX 155.25,GUILTY"),
            "statutes: the patterns below, CODE SECTION(SUBSECTION), know 100% of 30 texts (1 different)",
            {"statute": "charge"},
        ),
        (
            "case_no,count,statute,disposition\n" + "C1,1,PL 1.05,GUILTY\n,2,PL 1.10,GUILTY\n" * 5,
            "case: case_no is blank in 5 of 10 rows; nothing is carried down",
            {"case": "case_no"},
        ),
        (
            "case_no,count,statute,charge_desc,disposition\n" + "C1,1,PL 1.05,A LONG,GUILTY\nC1,1,,NAME,\n" * 9,
            "rows: 9 of 18 have a case, and neither statute nor disposition nor dates; if they go on with the row",
            {"case": "case_no"},
        ),
        (
            "one two three\nC1  PL 155.25  GUILTY\n",
            "separator: none parts the lines. A file whose columns have fixed",
            {},
        ),
        (
            rows("[Case No],[Législation],[Statute],[Verdict]", "C{n},x,PL 155.25,GUILTY"),
            "nothing is read from [Législation]",
            {"case": "[Case No]", "disposition": "[Verdict]"},
        ),
        (
            rows(
                "case_no,victim_dob,VIC_SEX,judge_id,statute,verdict", "C{n},1970-01-0{d},F,77{d},PL 155.25,GUILTY"
            ),
            "nothing is read from victim_dob, VIC_SEX, judge_id",
            {"birth_date": None, "sex": None, "person": None},
        ),
        (
            rows(
                "Ticket #;Birthdate;Ordinance / Code;Violation;Finding",
                "T{n};02-13-197{k};ORD 12-{d};Open container;Resp",
            ),
            'nobody knows what these mean: ["RESP"]',
            {
                "case": "Ticket #",
                "statute": "Ordinance / Code",
                "description": "Violation",
                "birth_date": "Birthdate",
            },
        ),
        (
            rows(
                "case,Offense Seq,Sent Term End,code,verdict", "C{n},{d},02-13-201{k},PL 1,DISMISSED W/CONDITIONS"
            ),
            'these may say two things, and say nothing yet: ["DISMISSED W/CONDITIONS"]',
            {"sequence": "Offense Seq", "sentence_end_date": "Sent Term End"},
        ),
        (
            rows("Zeichen;Wer;Norm;Ausgang;Tag", "C{n};77{n};PL 155.25;X;0{d}.02.2010"),
            'no column looks like the case; it is needed: case = "COLUMN"',
            {"case": None},
        ),
    ],
)
def test_what_may_be_wrong_is_doubted(tmp_path: Path, content: str, doubt: str, charge: dict[str, Any]) -> None:
    document, doubts = drafted(tmp_path, content)
    assert [line for line in doubts if doubt in line], doubts
    assert {role: document["charge"].get(role) for role in charge} == charge


@pytest.mark.parametrize(
    ("content", "form"),
    [
        (rows("case_no||statute||dispo||x", "C{n}||PL 155.25||GUILTY||"), {"separator": "||", "header": "each"}),
        (rows("case_no|statute|dispo|x", "C{n}|PL 155.25|GUILTY|"), {"separator": "|"}),
        (rows("case_no,statute,text,dispo", 'C{n},PL 155.25,"A\nB, C",GUILTY'), {"line_breaks": True}),
        (
            rows("case_no,statute,text,dispo", 'C{n},PL 155.25,KNIFE 5",GUILTY'),
            {"line_breaks": None, "escape": None},
        ),
        (rows("case_no,statute,text,dispo", 'C{n},PL 155.25,"a ""b"", c",GUILTY'), {"escape": None}),
        (rows("case_no,statute,text,dispo", 'C{n},PL 155.25,"a \\"b\\", c",GUILTY'), {"escape": "\\"}),
        (rows("case_no,statute,path,dispo", 'C{n},PL 155.25,"C:\\",GUILTY'), {"escape": None}),
        (
            rows("Of all counties\n\ncase_no,statute,dispo,x", "C{n},PL 155.25,GUILTY,y"),
            {"skip": 2, "header": "each"},
        ),
        (rows("Report,,,\ncase_no,statute,dispo,x", "C{n},PL 155.25,GUILTY,y"), {"skip": 1, "header": "each"}),
        (
            rows("C0,1234567,PL 155.25,2010-02-03", "C{n},77{n},PL 155.25,2010-02-0{d}"),
            {"header": "none", "skip": None},
        ),
    ],
)
def test_how_rows_stand_is_found(tmp_path: Path, content: str, form: dict[str, Any]) -> None:
    document, _ = drafted(tmp_path, content)
    assert {key: document["file"].get(key) for key in form} == form


def test_names_that_a_layout_has_count_by_place(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    content = rows("C0|7700000|PL 155.25|GUILTY|2010-02-03", "C{n}|77{n:05d}|PL 155.25|GUILTY|2010-02-0{d}")
    (tmp_path / "charges.txt").write_text(content)
    (tmp_path / "names.txt").write_text("DKT_NBR, DEF_ID\nSTAT\nVERDICT,VERD_DT\n")
    command = ("formats", "draft", str(tmp_path / "charges.txt"), "--columns", str(tmp_path / "names.txt"))
    code, out, _ = call(capsys, *command)
    assert code == 0
    document = tomllib.loads(out)
    assert document["file"]["header"] == "none"
    assert document["columns"] == ["DKT_NBR", "DEF_ID", "STAT", "VERDICT", "VERD_DT"]
    assert document["charge"]["disposition_date"] == "VERD_DT"
    (tmp_path / "names.txt").write_text("a,b")
    code, _, err = call(capsys, *command)
    assert code == 1
    assert "most lines have 5 values, and 2 columns are named" in " ".join(err.split())
    (tmp_path / "names.txt").write_text("\n")
    assert "has no names of columns" in " ".join(call(capsys, *command)[2].split())
    names = ["a", "b", "c", "d", "e"]
    assert not any("names of its own" in line for line in draft(str(tmp_path / "charges.txt"), columns=names))
    headed = rows("case|person_id|statute|verdict|verdict_date", "C{n}|{n}|PL 1|X|2010-02-0{d}")
    (tmp_path / "charges.txt").write_text(headed)
    lines = draft(str(tmp_path / "charges.txt"), columns=names)
    assert any("header: the file has names of its own" in line for line in lines)
    assert "skip = 1" in lines


def test_what_was_amended_is_found_beside_what_was_filed(tmp_path: Path) -> None:
    document, doubts = drafted(
        tmp_path,
        rows(
            "CaseNum,PaccCode,AmdPaccCode,ChargeKind,AmdChargeKind,Dispo", "C{n},333.7404,750.812,FEL,MISD,GUILTY"
        ),
    )
    assert document["charge"]["statute"] == "PaccCode"
    assert document["charge"]["level"] == "ChargeKind"
    assert document["amended"] == {"statute": "AmdPaccCode", "level": "AmdChargeKind"}
    assert any(doubt.startswith("statute: PaccCode, since AmdPaccCode seems to be") for doubt in doubts)


def test_texts_that_nobody_knows_may_stand_as_they_are(tmp_path: Path) -> None:
    document, doubts = drafted(
        tmp_path, rows("case_no,statute,class,disposition", "C{n},PL 155.25,{k}3 DAYS,GUILTY")
    )
    assert "class" not in document["values"]
    assert any(doubt.startswith("class: nobody knows these, and they count as they stand") for doubt in doubts)


def test_a_file_in_utf_16_is_refused_as_a_check_does(tmp_path: Path) -> None:
    with pytest.raises(ExtractError, match="is encoded as UTF-16, or is no text"):
        drafted(tmp_path, "case_no,statute\n1,2\n".encode("utf-16"))
    for content in ('{"case": 1}\n', '[\n {"case": 1}]'):
        with pytest.raises(ExtractError, match="is JSON, neither CSV nor Parquet"):
            drafted(tmp_path, content)


def test_chunks_without_names_are_told_from_files_with(tmp_path: Path) -> None:
    first = rows("case_no,statute,disposition", "C{n},PL 155.25,GUILTY", 3)
    assert drafted(tmp_path, first, first)[0]["file"]["header"] == "each"
    document, doubts = drafted(tmp_path, first, "C9,PL 155.25,GUILTY\n")
    assert document["file"]["header"] == "first"
    assert "header: only the first file has names; name all in this order with every command" in doubts


def test_forms_of_dates_that_fit_alike_are_doubted_and_others_are_not() -> None:
    assert guess_forms({"a": ["31.12.2004", "1.2.2005"]}).doubts == []
    found = guess_forms({"a": ["31.12.2004"], "b": ["01.02.2003"]})
    assert found.forms["b"] == "DD.MM.YYYY"
    assert found.doubts == [
        "dates: b may be DD.MM.YYYY or MM.DD.YYYY; both fit; other columns decide for the first"
    ]
    assert guess_forms({"a": ["20041231", "20050102"]}).forms == {"a": "YYYYMMDD"}
    assert "may be" in guess_forms({"a": ["030405", "040506"]}).doubts[0]
    assert guess_forms({"a": ["12345", "23456"], "b": ["155.25", "220.03"], "c": ["2004-00012"]}).forms == {}
    found = guess_forms({"a": ["2010-02-03"] * 9 + ["unknown"]})
    assert found.doubts == ["dates: 10% of a are not YYYY-MM-DD, and count as missing"]
    found = guess_forms({"a": ["1900-01-01"] * 3 + ["2010-02-03"] * 20, "b": ["1970-01-01", "1980-01-02"]})
    assert found.placeholders == {"a": ["1900-01-01"]}


@pytest.mark.parametrize(
    ("text", "meaning"),
    [
        ("GUILTY", "convicted"),
        ("PLED GUILTY", "convicted"),
        ("NOT GUILTY", "acquitted"),
        ("NOLLE PROSEQUI", "dismissed"),
        ("DISMISSED ON MOTION", "dismissed"),
        ("GUILTY - VACATED", None),
        ("GUILTY PLEA WITHDRAWN", None),
        ("NOT GUILTY PLEA ENTERED", None),
        ("NOT GUILTY BY REASON OF INSANITY", None),
        ("DISMISSED - GUILTY OF COUNT 2", None),
        ("DISMISSED, MOTION DENIED", None),
        ("DEFERRED SENTENCE", None),
        ("CONVICTED, REVERSED ON APPEAL", None),
    ],
)
def test_words_that_may_say_two_things_say_nothing(text: str, meaning: str | None) -> None:
    stated, strange, several = sorted_words([text], "disposition")
    assert (stated, strange, several) == (({meaning: [text]}, [], []) if meaning else ({}, [], [text]))
