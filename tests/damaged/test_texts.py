"""Texts that decide and that nobody knows, and columns that lost what stood in them."""

from pathlib import Path

import pytest

from tests.support.damaged import as_csv, taken

from .test_dates import many


@pytest.mark.parametrize(
    ("column", "text", "finding"),
    [
        ("CONV_STAT_DESCR", " FELONY", "unusual-severities"),
        ("CONV_STAT_DESCR", "felony", "unusual-severities"),
        ("CONV_STAT_DESCR", "FELONY*", "unusual-severities"),
        ("OFFENSE_TOC", "f", "unusual-severities"),
        ("DISP_DESCR", "convicted", "unusual-dispositions"),
        ("DISP_DESCR", " CONVICTED", "unusual-dispositions"),
        ("DISP_DESCR", "DISPO:CONVICTED", "unusual-dispositions"),
        ("DISP_DESCR", "CONVICTEDX", "unusual-dispositions"),
        ("DISP_DESCR", "GUILTY", "unusual-dispositions"),
        ("STP_TYPE_DESCR", "court action", "unusual-event-types"),
        ("STP_TYPE_DESCR", "DECEASED ", "unusual-event-types"),
        ("SENT_TIME_CODE", "YEARS", "unusual-sentence-units"),
        ("STP_ORI_CNTY_NAME", "alameda", "unusual-counties"),
        ("STP_ORI_CNTY_NAME", "ALAMEDA CO", "unusual-counties"),
    ],
)
def test_a_text_that_nobody_knows_is_told_where_it_decides(
    tmp_path: Path, column: str, text: str, finding: str
) -> None:
    rows = many()
    rows[51][column] = text
    (tmp_path / "x.csv").write_bytes(as_csv(rows))
    outcome = taken(tmp_path / "x.csv", tmp_path / "store", county="ALAMEDA")
    assert outcome.findings == {finding: 1}


@pytest.mark.parametrize(
    ("columns", "finding"),
    [
        (["PRI_NAME"], "no-names"),
        (["OFFENSE_DESCR"], "no-offenses"),
        (["STP_ORI_CNTY_NAME"], "no-counties"),
        (["STP_TYPE_DESCR"], "no-event-types"),
        (["DISP_DESCR"], "no-dispositions"),
        (["OFN"], "no-case-numbers"),
        (["CONV_STAT_DESCR", "OFFENSE_TOC"], "no-severities"),
    ],
)
def test_a_column_that_is_lost_refuses(tmp_path: Path, columns: list[str], finding: str) -> None:
    (tmp_path / "x.csv").write_bytes(as_csv([{**row, **dict.fromkeys(columns, "")} for row in many(300)]))
    refused = taken(tmp_path / "x.csv", tmp_path / "store", county="ALAMEDA").refused
    assert refused is not None
    assert f"{finding}: " in refused


def test_texts_of_another_case_throughout_are_refused(tmp_path: Path) -> None:
    rows = [{**row, "DISP_DESCR": row["DISP_DESCR"].lower()} for row in many()]
    (tmp_path / "x.csv").write_bytes(as_csv(rows))
    refused = taken(tmp_path / "x.csv", tmp_path / "store", county="ALAMEDA").refused
    assert refused is not None
    assert "unusual-dispositions" in refused


def test_zeros_that_a_disk_wrote_into_records_are_told(tmp_path: Path) -> None:
    rows = many()
    rows[51]["COMMENT_TEXT"] = "A\0\0\0B"
    rows[53]["PRI_SSN"] = "\0"
    (tmp_path / "x.csv").write_bytes(as_csv(rows))
    assert taken(tmp_path / "x.csv", tmp_path / "store", county="ALAMEDA").findings == {"zero-bytes": 2}
