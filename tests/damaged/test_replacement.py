"""Who leaves and who comes when an extract replaces another, and what is refused."""

from pathlib import Path

import pytest

import clearscale
from tests.support.damaged import CASES, as_csv, rows_of, taken
from tests.support.samples import conviction, ingest, put, rendered


def people(numbers: range, name: str, folder: Path) -> str:
    return put(folder, name, rendered([conviction(f"{number + 1:04}", "NAPA") for number in numbers]))


def replaced(before: range, after: range, folder: Path) -> clearscale.IngestReport:
    clearscale.ingest(people(before, "july.csv", folder), folder / "store")
    return clearscale.ingest(people(after, "october.csv", folder), folder / "store", dry_run=True)


def test_it_is_said_who_leaves_and_who_comes(tmp_path: Path) -> None:
    report = replaced(range(1200), range(10, 1237), tmp_path)
    [replacement] = report.replacements
    assert replacement.words == "july.csv, 1,200 records -> october.csv, 1,227; 10 people gone, 37 new"
    assert report.findings == {"october.csv": ()}
    report = clearscale.ingest(tmp_path / "october.csv", tmp_path / "store")
    assert (report.replaced, report.replacements) == (("july.csv",), (replacement,))


@pytest.mark.parametrize(
    ("before", "after", "found"),
    [
        (range(100), range(100), {}),
        (range(100), range(95), {}),
        (range(100), range(94), {"shrinking-replacement": "warn", "other-people": "warn"}),
        (range(100), range(50, 500), {"other-people": "warn"}),
        (range(100), range(51, 500), {"other-people": "refuse"}),
        (range(100), range(49), {"shrinking-replacement": "refuse", "other-people": "refuse"}),
    ],
)
def test_limits(before: range, after: range, found: dict[str, str], tmp_path: Path) -> None:
    if before == after:  # the same people, other bytes
        clearscale.ingest(people(before, "july.csv", tmp_path), tmp_path / "store")
        path = put(tmp_path, "october.csv", Path(people(after, "o.csv", tmp_path)).read_bytes() + b"\n")
        report = clearscale.ingest(path, tmp_path / "store", dry_run=True)
    else:
        report = replaced(before, after, tmp_path)
    assert {finding.name: finding.grade for finding in report.findings["october.csv"]} == found
    assert report.refused == ("refuse" in found.values())
    refused = taken(tmp_path / "october.csv", tmp_path / "store").refused
    assert (refused is not None) == report.refused
    entry = clearscale.open_store(tmp_path / "store").manifest.extracts[0].name
    assert entry == ("july.csv" if report.refused else "october.csv")
    if report.refused:
        names = [name for name, grade in found.items() if grade == "refuse"]
        assert refused is not None
        assert all(f"--accept {name}" in refused for name in names)
        assert taken(tmp_path / "october.csv", tmp_path / "store", accept=names).refused is None
        kept = clearscale.open_store(tmp_path / "store").manifest.extracts[0].findings
        assert all(finding.accepted for finding in kept if finding.grade == "refuse")


def test_people_are_compared_by_number_else_by_subject(tmp_path: Path) -> None:
    def extract(name: str, rows: list[tuple[str, str]]) -> str:
        return put(tmp_path, name, rendered([conviction(s, "NAPA", CII_NUMBER=number) for s, number in rows]))

    first = [("1", "A1"), ("2", "A2"), ("3", ""), ("4", ""), ("5", "A5")]
    ingest(extract("a.csv", first), tmp_path / "store", county=None)
    # The first has another subject; the third got a number; the fifth is a second subject of the second.
    second = [("9", "A1"), ("2", "A2"), ("3", "A3"), ("4", ""), ("5", "A2")]
    report = ingest(extract("b.csv", second), tmp_path / "store", county=None)
    [replacement] = report.replacements
    assert (replacement.people_before, replacement.people_after) == (5, 4)
    assert (replacement.gone, replacement.new) == (2, 1)


@pytest.mark.parametrize("name", ["empty", "lone-cr", "semicolon", "utf16"])
def test_a_good_extract_is_not_replaced_by_nothing(name: str, tmp_path: Path) -> None:
    case, store = CASES / "replace-by-nothing", tmp_path / "store"
    clearscale.ingest(case / "july.csv", store)
    before = clearscale.open_store(store).manifest
    outcome = taken(case / f"{name}.csv", store, county="ALAMEDA", on_bad_record="quarantine")
    now = clearscale.open_store(store).manifest
    if outcome.refused is None:  # it could be read all the same
        assert now.extracts[0].stored == before.extracts[0].stored
    else:
        assert now == before


def test_only_the_named_county_is_compared(tmp_path: Path) -> None:
    clearscale.ingest(people(range(10), "napa.csv", tmp_path), tmp_path / "store")
    rows = [conviction(str(number), "YOLO") for number in range(9001, 9004)]
    report = clearscale.ingest(put(tmp_path, "yolo.csv", rendered(rows)), tmp_path / "store")
    assert (report.replaced, report.replacements, report.findings) == ((), (), {"yolo.csv": ()})


def test_part_of_a_countys_extract_does_not_replace_the_other(tmp_path: Path) -> None:
    case, store = CASES / "parts", tmp_path / "store"
    clearscale.ingest(case / "part1.csv", store)
    refused = taken(case / "part2.csv", store).refused
    assert refused is not None
    assert "other-people: 2 of 2 people of the extract in force" in refused
    assert "part1.csv, 4 records -> part2.csv, 3; 2 people gone, 2 new" in refused
    assert "add it with --add" in refused


def test_a_file_cut_off_is_told(tmp_path: Path) -> None:
    rows = rows_of(CASES.parent / "cases" / "base.csv")
    clearscale.ingest(put(tmp_path, "a.csv", as_csv(rows)), tmp_path / "store")
    outcome = taken(Path(put(tmp_path, "b.csv", as_csv(rows[:4]))), tmp_path / "store")
    assert outcome.refused is None
    assert outcome.findings == {"shrinking-replacement": 3, "other-people": 2}
