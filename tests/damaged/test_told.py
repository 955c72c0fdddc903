"""Where a finding is told: at the ingest, in the manifest, by a check, in the run, and on the report."""

from pathlib import Path

import pytest

import clearscale
from clearscale.commands import show
from clearscale.outputs.report.figures import ReportedRun
from clearscale.outputs.report.model import Table
from clearscale.outputs.report.sections import found
from tests.support.damaged import POLICY, as_csv, taken

from .test_dates import many

FINDING = "unreadable-dates"


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two counties: 12 odd dates in one, 3 in the other."""
    folder = tmp_path_factory.mktemp("told")
    for county, odd in (("ALAMEDA", 12), ("NAPA", 3)):
        rows = many(40)
        for k, row in enumerate(rows):
            row["STP_ORI_CNTY_NAME"] = county
            row["CII_NUMBER"] += county[0]
            if k % 7 == 0 and k // 7 < odd:
                row["STP_EVENT_DATE"] = "1990-01-02"
        (folder / f"{county}.csv").write_bytes(as_csv(rows))
        assert taken(folder / f"{county}.csv", folder / "store", county=county).findings == {FINDING: odd}
    return folder / "store"


@pytest.fixture(scope="module")
def run(store: Path) -> clearscale.Run:
    return clearscale.run(store, POLICY, as_of="2020-07-01", out=store.parent / "run")


def test_a_check_tells_it_by_extract_and_of_the_state(store: Path, capsys: pytest.CaptureFixture[str]) -> None:
    table = clearscale.check(store)
    told = [
        (row["scope"], row["county"], row["detail"], row["count"])
        for row in table.to_pylist()
        if row["finding"] == FINDING
    ]
    assert told == [("county", "ALAMEDA", "warn", 12), ("county", "NAPA", "warn", 3), ("state", "", "warn", 15)]
    show.check(table, None)
    assert "Found at the ingest" in capsys.readouterr().out


def test_a_run_records_what_was_found_in_its_snapshot(run: clearscale.Run) -> None:
    found = [(found["county"], found["name"], found["count"]) for found in run.info["findings"]]
    assert found == [("ALAMEDA", FINDING, 12), ("NAPA", FINDING, 3)]


def rows(run: clearscale.Run, county: str, below: int | None) -> list[tuple[str, str]]:
    """What a page tells: (how many, of which finding)."""
    source = ReportedRun.of(run, below)
    view = source.of_county(county) if county else source.of_state()
    tables = [block for section in found(view) for block in section.blocks if isinstance(block, Table)]
    return [(row[1], row[2]) for table in tables for row in table.rows]


def test_a_report_tells_it_and_hides_small_numbers(run: clearscale.Run) -> None:
    assert rows(run, "ALAMEDA", None) == [("12", FINDING)]
    assert rows(run, "NAPA", None) == [("3", FINDING)]
    # Pages to publish count extracts: of records, a few are a few people's.
    assert rows(run, "ALAMEDA", 11) == [("1", FINDING)]
    assert rows(run, "NAPA", 11) == [("1", FINDING)]
    assert rows(run, "", 11) == [("2", FINDING)]
