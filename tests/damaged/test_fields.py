"""The number of fields of every line, and lines behind the last record."""

from pathlib import Path

import pytest

from clearscale.store import open_store
from tests.support.damaged import BASE, CASES, as_csv, rows_of, stored, taken
from tests.support.samples import records

GOOD = as_csv(rows_of(BASE))
FOOTER, BAD = "lines-behind-the-last-record", "bad-records"


def surplus(content: bytes) -> bytes:
    return content.replace(b"\n", b",\n")


@pytest.mark.parametrize(("path", "line"), [("shift-96/x.csv", 5), ("stray-comma-wrong-relief/extract.csv", 1)])
def test_a_record_that_a_stray_comma_shifted_is_refused(path: str, line: int, tmp_path: Path) -> None:
    outcome = taken(CASES / path, tmp_path / "store")
    assert outcome.refused is not None
    assert f", line {line}: 96 fields, not 95. Nothing of this extract was stored" in outcome.refused


def test_a_shifted_record_is_set_aside_and_told(tmp_path: Path) -> None:
    outcome = taken(CASES / "shift-96" / "x.csv", tmp_path / "store", on_bad_record="quarantine")
    assert outcome.findings == {BAD: 1}
    assert outcome.counts["rows"] == 6


def test_a_96th_field_on_every_line_is_dropped(tmp_path: Path) -> None:
    assert stored(tmp_path, surplus(GOOD)).findings == {}
    taken(BASE, tmp_path / "base")
    assert records(tmp_path / "store") == records(tmp_path / "base")


@pytest.mark.parametrize("place", range(8))
def test_one_line_with_a_field_more_or_less_than_the_others_is_refused(place: int, tmp_path: Path) -> None:
    more, less = GOOD.splitlines(keepends=True), surplus(GOOD).splitlines(keepends=True)
    more[place], less[place] = less[place], more[place]
    refused = stored(tmp_path, b"".join(more)).refused
    if place == 0:  # the header has a field that records lack: values stand where they should
        assert refused is None
    else:
        assert f"line {place + 1}: 96 fields, not 95. " in str(refused)
    first = "96 fields, not 95 (" if place < 2 else f"line {place + 1}: 95 fields, not 96. "
    assert first in str(stored(tmp_path, b"".join(less)).refused)


def test_a_line_behind_the_last_record_is_named_as_such(tmp_path: Path) -> None:
    refused = taken(CASES / "footer" / "x.csv", tmp_path / "store").refused
    assert refused is not None
    assert "x.csv, line 10: 1 fields, not 95. It stands behind the last record" in refused
    assert "--on-bad-record quarantine" in refused


def test_a_line_behind_the_last_record_is_set_aside_and_told(tmp_path: Path) -> None:
    outcome = taken(CASES / "footer" / "x.csv", tmp_path / "store", on_bad_record="quarantine")
    assert outcome.findings == {FOOTER: 1}
    (entry,) = open_store(str(tmp_path / "store")).manifest.extracts
    assert (entry.records, entry.stored, entry.quarantined, entry.findings[0].lines) == (8, 7, 1, (10,))


@pytest.mark.parametrize("block_bytes", [600, 2**20])
def test_footers_and_bad_records_are_told_apart(block_bytes: int, tmp_path: Path) -> None:
    lines = GOOD.splitlines(keepends=True)
    lines.insert(4, b"junk\n")
    content = b"".join(lines) + b"Total,7\n\nend\n"
    outcome = stored(tmp_path, content, quarantine=True, block_bytes=block_bytes)
    assert outcome.findings == {BAD: 1, FOOTER: 2}
    found = {
        finding.name: finding.lines for finding in open_store(str(tmp_path / "store")).manifest.extracts[0].findings
    }
    assert found == {BAD: (5,), FOOTER: (10, 12)}


@pytest.mark.parametrize("cut", [30, 100, 150])
def test_a_file_that_was_cut_short_within_a_record(cut: int, tmp_path: Path) -> None:
    refused = stored(tmp_path, GOOD[:-cut]).refused
    assert refused is not None
    assert "line 8" in refused
    assert "a record that was cut short" in refused


def test_too_many_bad_records_refuse_even_with_quarantine(tmp_path: Path) -> None:
    lines = GOOD.splitlines(keepends=True)
    content = b"".join([*lines[:4], b"junk\n" * 8, *lines[4:]])
    refused = stored(tmp_path, content, quarantine=True).refused
    assert refused is not None
    assert "bad-records: 8 of 15 lines cannot be used" in refused
    assert stored(tmp_path, content, quarantine=True, accept=[BAD]).findings == {BAD: 8}


@pytest.mark.parametrize("content", [b"", b"\n\n", GOOD.partition(b"\n")[0], GOOD.partition(b"\n")[0] + b"\n"])
def test_an_extract_without_any_record_is_refused(content: bytes, tmp_path: Path) -> None:
    refused = stored(tmp_path, content).refused
    assert refused is not None
    assert "nothing-usable: 1 of 1 extracts" in refused
    assert stored(tmp_path, content, accept=["nothing-usable"]).findings == {"nothing-usable": 1}
