"""Dates that cannot be read, that a spreadsheet wrote, or that cannot be right."""

import datetime
from pathlib import Path

import numpy as np
import pytest

from clearscale.dates import as_of_day
from clearscale.law.implausible import implausible
from tests.support.damaged import BASE, CASES, as_csv, rows_of, taken

SPREADSHEET, UNREADABLE, IMPLAUSIBLE = "dates-of-a-spreadsheet", "unreadable-dates", "implausible-dates"


def many(copies: int = 20) -> list[dict[str, str]]:
    """An extract of 140 records, undamaged."""
    return [
        {**row, "SUBJECT_ID": f"{row['SUBJECT_ID']}-{k}", "CII_NUMBER": f"{row['CII_NUMBER']}{k}"}
        for k in range(copies)
        for row in rows_of(BASE)
    ]


def with_date(folder: Path, column: str, text: str, at: int = 50) -> Path:
    """An extract in which one date is such."""
    rows = many()
    rows[at][column] = text
    (folder / "x.csv").write_bytes(as_csv(rows))
    return folder / "x.csv"


def test_dates_with_slashes_are_refused_as_a_spreadsheets(tmp_path: Path) -> None:
    refused = taken(CASES / "slash-dates" / "x.csv", tmp_path / "store").refused
    assert refused is not None
    assert f"{SPREADSHEET}: 7 of 7 records" in refused
    assert "spreadsheet saved the file" in refused
    assert "99/99/9999" in refused
    assert "01/02/1990" not in refused


@pytest.mark.parametrize("column", ["STP_EVENT_DATE", "PRI_DOB"])
@pytest.mark.parametrize(
    "text", ["7/1/1990", "07/01/90", "7/1/1990 0:00", "33055", "33055.0", "1.99E+07", "########"]
)
def test_a_single_date_of_a_spreadsheet_refuses(tmp_path: Path, column: str, text: str) -> None:
    refused = taken(with_date(tmp_path, column, text), tmp_path / "store").refused
    assert refused is not None
    assert f"{SPREADSHEET}: 1 of 140 records" in refused
    assert "(line 52)" in refused


@pytest.mark.parametrize("column", ["STP_EVENT_DATE", "PRI_DOB"])
@pytest.mark.parametrize(
    "text",
    [
        "1990-01-02",
        " 19900102",
        "19900102.0",
        "01021990",
        "900102",
        "1990",
        "199001",
        "19900230",
        "2 JAN 1990",
        "99999999",
    ],
)
def test_a_date_that_cannot_be_read_is_told(tmp_path: Path, column: str, text: str) -> None:
    outcome = taken(with_date(tmp_path, column, text), tmp_path / "store")
    assert outcome.findings == {UNREADABLE: 1}


@pytest.mark.parametrize("text", ["", "   ", "00000000", "0", "19900000", "19900100"])
def test_a_date_that_was_not_entered_is_no_finding(tmp_path: Path, text: str) -> None:
    assert taken(with_date(tmp_path, "STP_EVENT_DATE", text), tmp_path / "store").findings == {}


def test_few_people_without_a_birth_date_are_told(tmp_path: Path) -> None:
    (tmp_path / "x.csv").write_bytes(as_csv([{**row, "PRI_DOB": ""} for row in many()]))
    assert taken(tmp_path / "x.csv", tmp_path / "store").findings["no-birth-dates"] == 140


def test_a_column_of_dates_that_is_lost_refuses(tmp_path: Path) -> None:
    for column, finding in (("STP_EVENT_DATE", "no-event-dates"), ("PRI_DOB", "no-birth-dates")):
        (tmp_path / "x.csv").write_bytes(as_csv([{**row, column: ""} for row in many(300)]))
        refused = taken(tmp_path / "x.csv", tmp_path / "store").refused
        assert refused is not None
        assert f"{finding}: 2,100 of 2,100 records" in refused


@pytest.mark.parametrize(
    ("column", "text"),
    [
        ("STP_EVENT_DATE", "18991231"),
        ("STP_EVENT_DATE", "21001231"),
        ("STP_EVENT_DATE", "19600101"),
        ("PRI_DOB", "18500101"),
        ("PRI_DOB", "21001231"),
    ],
)
def test_a_date_that_cannot_be_right_is_told(tmp_path: Path, column: str, text: str) -> None:
    outcome = taken(with_date(tmp_path, column, text, at=70), tmp_path / "store")
    assert outcome.findings[IMPLAUSIBLE] == 1


def test_odd_dates_of_every_kind_are_stored_with_findings(tmp_path: Path) -> None:
    outcome = taken(CASES / "dates" / "x.csv", tmp_path / "store")
    assert outcome.refused is None
    # 99999999, 199001, 900102, 01021990, 19900102000000, 1990-01-02, 19900102.0, and a padded one.
    assert outcome.findings[UNREADABLE] == 8
    # 1899, 1900 before birth, two of the future, born after the event, born in 1850.
    assert outcome.findings[IMPLAUSIBLE] == 6


def test_what_cannot_be_right_ends_where_it_can() -> None:
    def day(text: str) -> int:
        return as_of_day(datetime.date.fromisoformat(text))

    def odd(event: str, birth: str) -> bool:
        events, births = (np.array([day(text)], np.int32) for text in (event, birth))
        there = np.ones(1, np.bool_)
        return bool(implausible(events, there, births, there, day("2020-07-01"))[0])

    assert not odd("2020-07-01", "2000-01-01")
    assert odd("2020-07-02", "2000-01-01")
    assert not odd("2000-01-01", "2000-01-01")
    assert odd("1999-12-31", "2000-01-01")
    assert not odd("1950-01-01", "1900-01-01")
    assert odd("1950-01-01", "1899-12-31")
    assert not odd("2010-01-01", "1900-01-02")
    assert odd("2010-01-10", "1900-01-01")
