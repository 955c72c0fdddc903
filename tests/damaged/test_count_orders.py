"""Orders of counts as a spreadsheet saves them: counts would merge, so that convictions are lost."""

from pathlib import Path

import pytest

from clearscale.store import open_store
from tests.support.damaged import BASE, CASES, as_csv, rows_of, taken

KIND = "unusual-count-orders"


def test_a_file_that_a_spreadsheet_saved_is_refused(tmp_path: Path) -> None:
    outcome = taken(CASES / "excel-resave-order-only" / "resaved.csv", tmp_path / "store")
    assert outcome.refused is not None
    assert "7 of 7 records" in outcome.refused
    assert "spreadsheet" in outcome.refused
    assert f"--accept {KIND}" in outcome.refused
    assert "1.01001E+11" not in outcome.refused.replace("saves them as 1.01001E+11", "")
    assert not (tmp_path / "store" / "manifest.json").exists()
    assert not list((tmp_path / "store" / "records").glob("*"))


def test_what_a_person_accepted_is_stored_and_stays_on_record(tmp_path: Path) -> None:
    outcome = taken(CASES / "excel-resave-order-only" / "resaved.csv", tmp_path / "store", accept=[KIND])
    assert outcome.findings == {KIND: 7}
    (entry,) = open_store(str(tmp_path / "store")).manifest.extracts
    (finding,) = entry.findings
    assert (finding.name, finding.accepted, finding.count, finding.of) == (KIND, True, 7, 7)
    assert finding.lines == (2, 3, 4, 5, 6)


@pytest.mark.parametrize("order", ["1.01001E+11", "10100100100", "1010010010000", "10100100100O"])
def test_few_such_orders_are_stored_with_a_finding(tmp_path: Path, order: str) -> None:
    many = [{**row, "SUBJECT_ID": f"{row['SUBJECT_ID']}-{k}"} for k in range(100) for row in rows_of(BASE)]
    many[350]["CNT_ORDER"] = order
    (tmp_path / "x.csv").write_bytes(as_csv(many))
    outcome = taken(tmp_path / "x.csv", tmp_path / "store")
    assert outcome.findings == {KIND: 1}


def test_an_extract_as_it_was_sent_has_no_finding(tmp_path: Path) -> None:
    outcome = taken(BASE, tmp_path / "store")
    assert (outcome.refused, outcome.findings) == (None, {})
    assert outcome.counts["convictions"] == 7
