"""Files in any form give the same charges; what cannot be used is set aside with its line, and nothing is lost."""

import contextlib
import gzip
import random
from datetime import date, datetime
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from clearscale.errors import ExtractError
from clearscale.formats import load_map
from clearscale.formats.lines import HEADER_AGAIN, NO_CHARGE, OPEN_QUOTE, OTHER_FIELDS
from clearscale.formats.reading import Reading
from clearscale.formats.schema import ASIDE, CHARGES
from clearscale.synth import fabricate
from tests.formats.made import COOK, ROW, formed, read, rendered, variant
from tests.support.examples import examples, seeds


def test_a_charge_has_the_one_form(tmp_path: Path) -> None:
    (charge,), aside, _ = read(tmp_path, rendered([ROW]))
    assert aside == []
    assert charge == {
        "file": "charges-0.csv",
        "line": 2,
        "county": "Cook",
        "court": None,
        "agency": None,
        "person": "IR1",
        "case": "84CR1",
        "sequence": "1",
        "birth_date": date(1960, 2, 9),
        "sex": "M",
        "race": None,
        "offense_date": None,
        "arrest_date": date(1984, 2, 9),
        "filing_date": date(1984, 2, 10),
        "disposition_date": date(1984, 3, 1),
        "sentence_date": None,
        "sentence_end_date": None,
        "supervision_end_date": None,
        "doubtful_date": False,
        "amended": False,
        "statute": "720-550/4(C)",
        "code": "720 ILCS 550",
        "section": "4",
        "subsection": "(c)",
        "inchoate": "",
        "description": "POSS CANNABIS",
        "level": "misdemeanor",
        "class": "A",
        "disposition": "convicted",
        "revoked": None,
        "registered": None,
        "deceased": None,
        "grams_above": 10.0,
        "grams_to": 30.0,
        "grams_told_by": "subsection",
    }


def test_what_is_said_with_yes_or_no(tmp_path: Path) -> None:
    stated = load_map("generic-charges")
    said = {"Y": True, "yes": True, "N": False, "": None, "N/A": None, "PERHAPS": None}
    rows = [{"case_number": "1", "statute": "PL 1", "disposition": "GUILTY", "revoked": word} for word in said]
    charges, _, reading = read(tmp_path, rendered(rows, stated), stated=stated)
    assert [charge["revoked"] for charge in charges] == [*said.values()]
    assert {charge["registered"] for charge in charges} == {None}
    assert reading.noticed.counts["unusual-yes-or-no"] == 1
    assert reading.noticed.lines["unusual-yes-or-no"] == [7]


def test_days_on_which_a_sentence_ends(tmp_path: Path) -> None:
    stated = load_map("generic-charges")
    known = {"case_number": "1", "statute": "PL 1", "disposition": "GUILTY", "disposition_date": "2001-02-03"}
    rows = [
        {**known, "sentence_end_date": "2003-02-03", "supervision_end_date": "2/3/2004"},
        {**known, "sentence_end_date": "when served"},
        {**known, "birth_date": "2010-01-01"},
    ]
    charges, _, reading = read(tmp_path, rendered(rows, stated), stated=stated)
    assert [charge["sentence_end_date"] for charge in charges] == [date(2003, 2, 3), None, None]
    assert [charge["supervision_end_date"] for charge in charges] == [date(2004, 2, 3), None, None]
    assert [charge["doubtful_date"] for charge in charges] == [False, True, True]
    assert reading.noticed.told is not None
    assert {"sentence_end_date", "county", "amended"} <= reading.noticed.told


def test_what_not_all_files_have_is_not_told(tmp_path: Path) -> None:
    whole = variant(COOK, absent=["sex", *COOK.absent])
    first, second = rendered([ROW], whole), rendered([ROW], whole)
    without = b"\n".join(b",".join(_but_the_sex(line)) for line in second.rstrip(b"\n").split(b"\n")) + b"\n"
    _, _, reading = read(tmp_path, first, without, stated=whole)
    assert reading.noticed.told is not None
    assert "sex" not in reading.noticed.told
    assert {"person", "birth_date", "county", "amended"} <= reading.noticed.told
    assert "race" not in reading.noticed.told


def _but_the_sex(line: bytes) -> list[bytes]:
    values = line.split(b",")
    del values[COOK.columns.index("sex")]
    return values


def test_an_amended_charge_counts_as_amended(tmp_path: Path) -> None:
    amended = ROW | {"ammndchargstatute": "720-550.0/4-A", "ammndchrgdescr": "CANNABIS", "ammndchrgclass": "C"}
    (charge,), _, _ = read(tmp_path, rendered([amended]))
    assert (charge["amended"], charge["section"], charge["subsection"]) == (True, "4", "(a)")
    assert (charge["description"], charge["class"]) == ("CANNABIS", "C")
    assert charge["level"] is None  # what the amended charge leaves blank is not that of the first


@pytest.mark.parametrize(
    ("values", "told"),
    [
        ({"arrest_date": "28-Jul-16"}, (10, 30)),
        ({"arrest_date": "29-Jul-16"}, (30, 100)),
        ({"arrest_date": "", "initial_date": "29-Jul-16"}, (30, 100)),
        # Of what was disposed of on a day, only that it was before is known.
        ({"arrest_date": "", "initial_date": "", "chrgdispdate": "28-Jul-16"}, (10, 30)),
        ({"arrest_date": "", "initial_date": "", "chrgdispdate": "29-Jul-17"}, (10, 100)),
        ({"arrest_date": "", "initial_date": "", "chrgdispdate": ""}, (10, 100)),
        ({"statute": "720-550/4.", "chrgdesc": "CANNABIS 30-500 GRAM"}, (30, 500)),
        ({"statute": "720-550/4."}, (None, None)),
    ],
)
def test_amounts_are_those_of_the_day(
    tmp_path: Path, values: dict[str, str], told: tuple[float | None, float | None]
) -> None:
    (charge,), _, _ = read(tmp_path, rendered([ROW | values]))
    assert (charge["grams_above"], charge["grams_to"]) == told


@pytest.mark.parametrize(
    ("word", "kind"),
    [
        ("plea of guilty", "convicted"),
        ("Finding Not  Guilty", "acquitted"),
        ("Nolle Prosequi", "dismissed"),
        ("SUPERVISION", "diverted"),
        ("NULL", "none"),
        ("", "none"),
        ("Wibble", "unknown"),
    ],
)
def test_dispositions(tmp_path: Path, word: str, kind: str) -> None:
    (charge,), _, reading = read(tmp_path, rendered([ROW | {"chrgdisp": word}]))
    assert charge["disposition"] == kind
    assert reading.noticed.unknown.get("disposition", {}) == ({"Wibble": 1} if kind == "unknown" else {})


def test_a_person_is_known_by_the_first_number_that_is_there(tmp_path: Path) -> None:
    rows = [ROW | {"fgrprntno": number, "statepoliceid": "7"} for number in ("7", "", "null")]
    charges, _, reading = read(tmp_path, rendered([*rows, ROW | {"fgrprntno": ""}]))
    assert [charge["person"] for charge in charges] == ["7", "statepoliceid:7", "statepoliceid:7", None]
    assert reading.noticed.counts["no-people"] == 1


FORMS = [
    {"separator": separator, "encoding": encoding, "quote": quote, "line_breaks": breaks, "header": header}
    for separator in (",", "|", "\t", "\u2021", "~|~", "||")
    for encoding in ("utf-8", "windows-1252")
    for quote, breaks in (('"', True), ('"', False), ("", False))
    for header in ("each", "none")
]


@settings(max_examples=examples(200))
@given(st.data())
def test_any_form_gives_what_was_written(tmp_path_factory: pytest.TempPathFactory, data: st.DataObject) -> None:
    stated = formed(**data.draw(st.sampled_from(FORMS)))
    form = stated.form
    letters = st.sampled_from([*"ab \u00e9\u00df,|~'\x1f", *([form.quote] if form.quote else []), "\u2021"])
    values = st.text(letters, max_size=6).filter(lambda text: form.quote or form.separator not in text + text)
    if form.line_breaks:
        values = st.one_of(values, values.map(lambda text: f"a{text}\nb"))
    rows = [
        ROW | {"case_number": f"c{place}", "chrgdesc": f"x{data.draw(values)}x"}
        for place in range(data.draw(st.integers(0, 5)))
    ]
    if not form.quote:
        rows = [row for row in rows if form.separator not in row["chrgdesc"]]
    end = data.draw(st.sampled_from(["\n", "\r\n"]))
    content = rendered(rows, stated, end=end)
    blocks = data.draw(st.sampled_from([1, 300, 2**20]))
    charges, aside, _ = read(tmp_path_factory.mktemp("forms"), content, stated=stated, block_bytes=blocks)
    assert aside == []
    assert [charge["description"] for charge in charges] == [row["chrgdesc"] for row in rows]
    assert [charge["case"] for charge in charges] == [row["case_number"] for row in rows]


def damaged(rows: int, seed: int) -> bytes:
    """A file in which bytes were changed, put in and taken out."""
    chance = random.Random(seed)
    content = bytearray(rendered([ROW | {"case_number": f"c{place}"} for place in range(rows)]))
    begin = content.index(b"\n") + 1
    for _ in range(chance.randrange(1, 6)):
        at = chance.randrange(begin, len(content))
        what = chance.choice([b'"', b",", b"\r", b"\n", b"\xff", b"\x00", b"\x81", b'""', b""])
        content[at : at + chance.randrange(2)] = what
    return bytes(content)


@pytest.mark.sampled
def test_every_line_of_a_damaged_file_is_given_or_set_aside(tmp_path: Path) -> None:
    for seed in seeds(480):
        content = damaged(6, seed)
        lines = {number for number, line in enumerate(content.split(b"\n"), start=1) if line.strip(b"\r")} - {1}
        by_blocks = [read(tmp_path, content, block_bytes=size)[:2] for size in (1, 200, 2**20)]
        assert by_blocks[0] == by_blocks[1] == by_blocks[2]
        charges, aside = by_blocks[0]
        assert {row["line"] for row in [*charges, *aside]} == lines


def test_reasons_and_lines(tmp_path: Path) -> None:
    good = rendered([ROW], header=False).decode()
    header = ",".join(COOK.columns) + "\n"
    content = header + good + "a,b\n" + header + "\n" + '"' + good + good.replace("POSS", "PO\rSS") + good
    charges, aside, reading = read(tmp_path, content.encode())
    assert [charge["line"] for charge in charges] == [2, 8]
    assert [(row["line"], row["reason"]) for row in aside] == [
        (3, OTHER_FIELDS),
        (4, HEADER_AGAIN),
        (6, OPEN_QUOTE),
        (7, OPEN_QUOTE),
    ]
    assert aside[0]["record"] == b"a,b"
    assert reading.noticed.reasons == {OTHER_FIELDS: 1, HEADER_AGAIN: 1, OPEN_QUOTE: 2}
    piece = next(iter(Reading([str(tmp_path / "charges-0.csv")], COOK)))
    assert (piece.charges.schema, piece.aside.schema) == (CHARGES, ASIDE)


def test_chunks_have_one_header_or_each_their_own(tmp_path: Path) -> None:
    first = formed(header="first")
    one, two = rendered([ROW]), rendered([ROW | {"case_number": "2"}], header=False)
    charges, _, _ = read(tmp_path, one, two, stated=first)
    assert [(charge["file"], charge["line"], charge["case"]) for charge in charges] == [
        ("charges-0.csv", 2, "84CR1"),
        ("charges-1.csv", 1, "2"),
    ]
    charges, _, _ = read(tmp_path, one, one)
    assert [charge["line"] for charge in charges] == [2, 2]


def test_columns_may_stand_in_another_order_and_be_renamed_or_absent(tmp_path: Path) -> None:
    stated = variant(renamed={"Docket Number": "case_number"})
    names = ["chrgdisp", "STATUTE", "docket-number", "chrgdispdate", "something else"]
    needed = [column for column in COOK.columns if column not in COOK.absent and column not in ("case_number",)]
    names += [column for column in needed if column not in ("chrgdisp", "statute", "chrgdispdate")]
    row = {"STATUTE": "720-550/5(B)", "docket-number": "D1", "chrgdisp": "SOL"}
    content = f"{','.join(names)}\n{','.join(row.get(name, '') for name in names)}\n".encode()
    (charge,), _, _ = read(tmp_path, content, stated=stated)
    assert (charge["case"], charge["section"], charge["disposition"]) == ("D1", "5", "dismissed")
    with pytest.raises(ExtractError, match="lacks case_number") as raised:
        read(tmp_path, content)
    assert "docket" not in str(raised.value)


def test_a_file_without_its_header_is_refused_without_its_values(tmp_path: Path) -> None:
    with pytest.raises(ExtractError, match="names none of the 25 columns of il-cook-clerk") as raised:
        read(tmp_path, rendered([ROW], header=False))
    assert "84CR1" not in str(raised.value)
    twice = rendered([ROW]).replace(b"ctlbkngno", b"statute", 1)
    with pytest.raises(ExtractError, match="its header has statute twice"):
        read(tmp_path, twice)


def test_parquet_gives_what_text_gives(tmp_path: Path) -> None:
    rows = [ROW, ROW | {"case_number": "2", "dob": ""}]
    texts, _, _ = read(tmp_path, rendered(rows))
    table = pa.table({column: [row.get(column) or None for row in rows] for column in COOK.columns})
    days = pa.array([datetime(1984, 2, 9, 8)] * 2)
    table = table.set_column(COOK.columns.index("arrest_date"), "arrest_date", days)
    table = table.set_column(COOK.columns.index("sequence_number"), "sequence_number", pa.array([1.0, 1.0]))
    pq.write_table(table, tmp_path / "charges.parquet", row_group_size=1)
    reading = Reading([str(tmp_path / "charges.parquet")], COOK)
    found = [row for piece in reading for row in piece.charges.to_pylist()]
    assert [row | {"file": "", "line": 0} for row in found] == [row | {"file": "", "line": 0} for row in texts]
    assert [row["line"] for row in found] == [1, 2]


def test_compressed_files_and_marks_are_read(tmp_path: Path) -> None:
    content = rendered([ROW])
    path = tmp_path / "charges.csv.gz"
    path.write_bytes(gzip.compress(b"\xef\xbb\xbf" + content))
    assert sum(piece.rows for piece in Reading([str(path)], COOK)) == 1
    path.write_bytes(gzip.compress(content)[:-9])
    with pytest.raises(ExtractError, match="cannot be decompressed"):
        list(Reading([str(path)], COOK))
    for other in (content.decode().encode("utf-16"), b"PK\x03\x04 nothing", b"PAR1 nothing PAR1"):
        path = tmp_path / "charges.csv"
        path.write_bytes(other)
        with pytest.raises(ExtractError, match="is "):
            list(Reading([str(path)], COOK))


def test_bytes_that_are_no_text_are_told(tmp_path: Path) -> None:
    content = rendered([ROW, ROW]).replace(b"POSS", b"PO\x81SS", 1)
    charges, _, reading = read(tmp_path, content)
    assert charges[0]["description"] == "PO\ufffdSS CANNABIS"
    assert (reading.noticed.counts["undecodable-bytes"], reading.noticed.lines["undecodable-bytes"]) == (1, [2])


def test_the_county_may_stand_in_a_column_or_a_file_s_name(tmp_path: Path) -> None:
    by_file = variant(county={"file": r"-(?P<county>[a-z ]+)\.csv"})
    path = tmp_path / "charges-st clair.csv"
    path.write_bytes(rendered([ROW]))
    (piece,) = Reading([str(path)], by_file)
    assert piece.charges.column("county").to_pylist() == ["St. Clair"]
    by_column = variant(county={"column": "address"})
    charges, _, reading = read(
        tmp_path, rendered([ROW | {"address": "DUPAGE"}, ROW | {"address": "ELSEWHERE"}]), stated=by_column
    )
    assert [charge["county"] for charge in charges] == ["DuPage", None]
    assert reading.noticed.counts["unusual-counties"] == 1


def test_a_court_has_one_name_and_one_on_no_list_its_own(tmp_path: Path) -> None:
    words = {"Third District": ["DISTRICT 3", "D3*"]}
    names = ["Cook County Circuit Court", "d3, Rolling Meadows", "District  3", "Night Court", "", "NULL"]
    stated = variant(charge={**COOK.document["charge"], "court": "address", "agency": "fbiidno"})
    rows = rendered([ROW | {"address": name, "fbiidno": "ISP"} for name in names])
    charges, _, reading = read(tmp_path, rows, stated=stated)
    assert [charge["court"] for charge in charges] == ["Circuit Court of Cook County", *names[1:4], None, None]
    assert reading.noticed.counts["unusual-courts"] == 3
    assert {charge["agency"] for charge in charges} == {"ISP"}
    assert "unusual-agencies" not in reading.noticed.counts  # nobody lists any
    worded = variant(stated, values={**stated.document["values"], "court": words, "agency": {"Police": ["PD"]}})
    charges, _, reading = read(tmp_path, rows, stated=worded)
    named = ["Circuit Court of Cook County", "Third District", "Third District", "Night Court", None, None]
    assert [charge["court"] for charge in charges] == named
    assert reading.noticed.counts["unusual-courts"] == 1
    assert reading.noticed.counts["unusual-agencies"] == len(names)


def test_only_charges_are_given_where_rows_are_other_things(tmp_path: Path) -> None:
    stated = variant(rows={"column": "chrgtype2", "is": ["CH*"]})
    rows = [ROW | {"chrgtype2": kind} for kind in ("charge", "WARRANT", "")]
    charges, aside, _ = read(tmp_path, rendered(rows), stated=stated)
    assert [charge["line"] for charge in charges] == [2]
    assert [(row["line"], row["reason"]) for row in aside] == [(3, NO_CHARGE), (4, NO_CHARGE)]


def test_the_state_s_own_extract_is_read_by_its_map(tmp_path: Path) -> None:
    (made,) = fabricate(str(tmp_path / "made"), counties=1, people=6, seed=1)
    charges, aside, _ = read(tmp_path, Path(made.path).read_bytes(), stated=load_map("ca-doj"))
    assert len(charges) + len(aside) == made.rows
    assert {row["reason"] for row in aside} == {NO_CHARGE}
    assert {charge["code"] for charge in charges} >= {"HS", "PC"}
    assert {"convicted", "dismissed"} <= {charge["disposition"] for charge in charges}
    assert "unknown" not in {charge["disposition"] for charge in charges}


@pytest.mark.sampled
def test_damaged_parquet_is_told_in_plain_words(tmp_path: Path) -> None:
    rows = [ROW | {"case_number": f"{place}"} for place in range(50)]
    table = pa.table({column: [row.get(column, "") for row in rows] for column in COOK.columns})
    path = tmp_path / "charges.parquet"
    pq.write_table(table, path)
    content = path.read_bytes()
    chance = random.Random(1)
    for _ in range(examples(240)):
        at = chance.randrange(4, len(content))
        path.write_bytes(content[:at] + bytes([content[at] ^ 1 << chance.randrange(8)]) + content[at + 1 :])
        read_rows = 50
        with contextlib.suppress(ExtractError):  # any other error is one that nobody explains
            read_rows = sum(piece.rows for piece in Reading([str(path)], COOK))
        assert read_rows == 50
