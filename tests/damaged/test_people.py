"""One number that is several people, and one person whose number is written in several forms."""

from pathlib import Path

import pytest

import clearscale
from clearscale.errors import ExtractError
from clearscale.store import open_store
from tests.support.damaged import BASE, CASES, as_csv, rows_of, taken
from tests.support.samples import contents

from .test_dates import many

PEOPLE, FORMS = "contradictory-people", "number-forms"


def write(folder: Path, county: str, copies: int = 20, differing: int = 0, **changes: str) -> Path:
    """An extract of 80 people, the same in each county; so many of its first ones are said to be otherwise."""
    rows = many(copies)
    for row in rows:
        row["STP_ORI_CNTY_NAME"] = county
        if row["SUBJECT_ID"] in {f"S2-{k}" for k in range(differing)}:
            row.update(changes)
    path = folder / f"{county}.csv"
    path.write_bytes(as_csv(rows))
    return path


@pytest.mark.parametrize("changes", [{"PRI_DOB": "19560607"}, {"PRI_NAME": "SOMEBODY,ELSE"}])
def test_a_person_who_is_two_in_two_extracts_is_told(tmp_path: Path, changes: dict[str, str]) -> None:
    taken(write(tmp_path, "ALAMEDA"), tmp_path / "store", county="ALAMEDA")
    outcome = taken(write(tmp_path, "NAPA", differing=3, **changes), tmp_path / "store", county="NAPA")
    assert outcome.findings == {PEOPLE: 3}
    assert [(found.name, found.of) for found in open_store(str(tmp_path / "store")).manifest.findings] == [
        (PEOPLE, 80)
    ]
    told = [row for row in clearscale.check(tmp_path / "store").to_pylist() if row["finding"] == PEOPLE]
    assert [(row["scope"], row["detail"], row["count"]) for row in told] == [("state", "warn", 3)]


@pytest.mark.parametrize("changes", [{"PRI_DOB": ""}, {"PRI_NAME": " "}, {"PRI_NAME": "Test  S2"}, {"GENDER": ""}])
def test_what_is_blank_or_written_otherwise_is_no_other_person(tmp_path: Path, changes: dict[str, str]) -> None:
    taken(write(tmp_path, "ALAMEDA"), tmp_path / "store", county="ALAMEDA")
    outcome = taken(write(tmp_path, "NAPA", differing=9, **changes), tmp_path / "store", county="NAPA")
    assert outcome.findings == {}


def test_many_people_who_are_two_refuse_the_extract_and_leave_the_store_as_it_was(tmp_path: Path) -> None:
    store = tmp_path / "store"
    taken(write(tmp_path, "ALAMEDA"), store, county="ALAMEDA")
    before = contents(store)
    path = write(tmp_path, "NAPA", differing=20, PRI_DOB="19560607")
    with pytest.raises(ExtractError, match=rf"{PEOPLE}: 20 of 80 people"):
        clearscale.ingest(path, store, county="NAPA")
    assert contents(store) == before
    assert taken(path, store, county="NAPA", accept=[PEOPLE]).findings == {PEOPLE: 20}
    # What was looked at once need not be accepted with every county that follows.
    assert taken(write(tmp_path, "YOLO"), store, county="YOLO").refused is None
    assert open_store(str(store)).manifest.findings[0].accepted


def test_forms_of_one_number_are_told_and_join_nobody(tmp_path: Path) -> None:
    folder = CASES / "cii-forms"
    assert taken(folder / "alameda.csv", tmp_path / "store", county="ALAMEDA").findings == {}
    outcome = taken(folder / "orange.csv", tmp_path / "store", county="ORANGE")
    assert outcome.findings == {FORMS: 3}
    assert outcome.counts["people"] == 8


@pytest.mark.parametrize("form", ["A1234567", "01234567", "1234567", "a01234567"])
def test_every_form_of_a_number_is_told(tmp_path: Path, form: str) -> None:
    rows = rows_of(BASE)
    rows[0]["CII_NUMBER"] = rows[1]["CII_NUMBER"] = rows[2]["CII_NUMBER"] = "A01234567"
    rows[3]["CII_NUMBER"] = form
    rows[3].update({name: rows[0][name] for name in ("PRI_NAME", "PRI_DOB")})
    (tmp_path / "x.csv").write_bytes(as_csv(rows))
    assert taken(tmp_path / "x.csv", tmp_path / "store").findings == {FORMS: 1}
