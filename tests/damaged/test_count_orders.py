"""Orders of counts as a spreadsheet saves them: counts would merge, so that convictions are lost."""

from pathlib import Path

import pytest

from clearscale.store import open_store
from tests.support.damaged import BASE, CASES, as_csv, rows_of, taken

SAVED, UNUSUAL = "numbers-of-a-spreadsheet", "unusual-count-orders"


def test_a_file_that_a_spreadsheet_saved_is_refused(tmp_path: Path) -> None:
    outcome = taken(CASES / "excel-resave-order-only" / "resaved.csv", tmp_path / "store")
    assert outcome.refused is not None
    assert "7 of 7 records" in outcome.refused
    assert "spreadsheet" in outcome.refused
    assert f"--accept {SAVED}" in outcome.refused
    assert not (tmp_path / "store" / "manifest.json").exists()
    assert not list((tmp_path / "store" / "records").glob("*"))


def test_what_a_person_accepted_is_stored_and_stays_on_record(tmp_path: Path) -> None:
    outcome = taken(CASES / "excel-resave-order-only" / "resaved.csv", tmp_path / "store", accept=[SAVED])
    assert outcome.findings == {SAVED: 7}
    (entry,) = open_store(str(tmp_path / "store")).manifest.extracts
    (finding,) = entry.findings
    assert (finding.name, finding.accepted, finding.count, finding.of) == (SAVED, True, 7, 7)
    assert finding.lines == (2, 3, 4, 5, 6)


def few(order: str) -> bytes:
    """An extract in which one order of 700 is such."""
    many = [{**row, "SUBJECT_ID": f"{row['SUBJECT_ID']}-{k}"} for k in range(100) for row in rows_of(BASE)]
    many[350]["CNT_ORDER"] = order
    return as_csv(many)


@pytest.mark.parametrize("order", ["10100100100", "1010010010000", "10100100100O", " 101001001000", "1010010"])
def test_few_orders_that_are_not_twelve_digits_are_stored_with_a_finding(tmp_path: Path, order: str) -> None:
    (tmp_path / "x.csv").write_bytes(few(order))
    assert taken(tmp_path / "x.csv", tmp_path / "store").findings == {UNUSUAL: 1}


@pytest.mark.parametrize("order", ["1.01001E+11", "1.01E+11", " 1.01001e11 "])
def test_a_single_number_of_a_spreadsheet_refuses(tmp_path: Path, order: str) -> None:
    (tmp_path / "x.csv").write_bytes(few(order))
    refused = taken(tmp_path / "x.csv", tmp_path / "store").refused
    assert refused is not None
    assert f"{SAVED}: 1 of 700 records" in refused
    assert "(line 352)" in refused


def test_an_extract_as_it_was_sent_has_no_finding(tmp_path: Path) -> None:
    outcome = taken(BASE, tmp_path / "store")
    assert (outcome.refused, outcome.findings) == (None, {})
    assert outcome.counts["convictions"] == 7
