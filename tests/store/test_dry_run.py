"""A dry run says what an ingest would do, and leaves no trace."""

from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings

import clearscale
from clearscale.errors import ExtractError
from tests.support.contradicting import CUTS, RECORDS, Drawn, records_of
from tests.support.damaged import BASE, CASES
from tests.support.examples import examples
from tests.support.samples import (
    Interrupted,
    InterruptingCluster,
    contents,
    conviction,
    extract,
    ingest,
    put,
    rendered,
)


def everything(folder: Path) -> dict[str, tuple[int, int]]:
    """All files and folders below, with when and how they were changed."""
    return {
        str(path.relative_to(folder)): (path.stat().st_mtime_ns, path.stat().st_size) for path in folder.rglob("*")
    }


@pytest.mark.parametrize("cluster", ["threads:1", "threads:2"])
def test_it_says_what_the_ingest_does(cluster: str, tmp_path: Path) -> None:
    first = [put(tmp_path, f"in/{seed}.csv", extract(seed=seed)) for seed in (1, 2)]
    store = tmp_path / "store"
    for path in first:
        before = everything(tmp_path)
        told = ingest(path, store, cluster=cluster, dry_run=True)
        assert everything(tmp_path) == before
        done = ingest(path, store, cluster=cluster)
        assert (told.dry_run, done.dry_run) == (True, False)
        for name in ("added", "replaced", "unchanged", "records", "stored", "quarantined", "counties"):
            assert getattr(told, name) == getattr(done, name), name
        assert told.findings == done.findings
        assert told.replacements == done.replacements
    assert len(done.replacements) == 1
    again = ingest(first[1], store, dry_run=True)
    assert (again.unchanged, again.snapshot, again.counts) == (("2.csv",), done.snapshot, done.counts)


@pytest.mark.long
@settings(
    derandomize=True,
    deadline=None,
    database=None,
    suppress_health_check=list(HealthCheck),
    max_examples=examples(80),
)
@given(RECORDS, RECORDS, RECORDS, CUTS)
def test_it_says_what_the_ingest_finds_in_people_of_several_extracts(
    tmp_path_factory: pytest.TempPathFactory, one: Drawn, other: Drawn, more: Drawn, cuts: dict[str, Any]
) -> None:
    folder = tmp_path_factory.mktemp("people")
    napa, yolo = (records_of(county, drawn) for county, drawn in (("NAPA", one), ("YOLO", other)))
    added = [{**row, "CNT_ORDER": b"9" + row["CNT_ORDER"][1:]} for row in records_of("NAPA", more)]
    steps: list[tuple[str, list[dict[str, bytes]], dict[str, Any]]] = [
        ("NAPA", napa, {}),
        ("YOLO", yolo, {}),
        ("NAPA", added, {"add": True}),  # a part of an extract that stays
        ("YOLO", [*yolo, *yolo[:1]], {}),  # a replacement
    ]
    for number, (county, rows, options) in enumerate(steps):
        path = put(folder, f"{number}.csv", rendered(rows))
        told = ingest(path, folder / "store", county=county, dry_run=True, **options, **cuts)
        done = ingest(path, folder / "store", county=county, **options, **cuts)
        assert told.findings == done.findings


def test_people_who_are_two_would_be_refused(tmp_path: Path) -> None:
    for county, born in (("NAPA", "19700101"), ("YOLO", "19700102")):
        rows = [conviction(str(number), county, PRI_DOB=born) for number in range(100, 120)]
        put(tmp_path, f"{county}.csv", rendered(rows))
    clearscale.ingest(tmp_path / "NAPA.csv", tmp_path / "store")
    report = clearscale.ingest(tmp_path / "YOLO.csv", tmp_path / "store", dry_run=True)
    (found,) = report.findings[""]
    assert (found.name, found.count, found.of, found.accepted) == ("contradictory-people", 20, 20, False)
    assert report.refused
    accept = ["contradictory-people"]
    assert not clearscale.ingest(tmp_path / "YOLO.csv", tmp_path / "store", dry_run=True, accept=accept).refused


def test_nothing_is_left_where_there_is_no_store(tmp_path: Path) -> None:
    report = clearscale.ingest(BASE, tmp_path / "store", dry_run=True)
    assert (report.snapshot, report.counts, report.records, report.stored) == ("", {}, 7, 7)
    assert report.counties == {"base.csv": "ALAMEDA"}
    assert list(tmp_path.iterdir()) == []


def test_what_would_be_refused_is_told_with_all_else(tmp_path: Path) -> None:
    path = CASES / "excel-resave-order-only" / "resaved.csv"
    report = clearscale.ingest(path, tmp_path / "store", dry_run=True)
    [found] = report.findings.values()
    assert report.refused
    assert "numbers-of-a-spreadsheet" in [finding.name for finding in found if finding.refuses]
    names = [finding.name for finding in found]
    accepted = clearscale.ingest(path, tmp_path / "store", accept=names, dry_run=True)
    assert not accepted.refused
    assert list(tmp_path.iterdir()) == []


def test_bad_records_are_counted_or_refused(tmp_path: Path) -> None:
    path = put(tmp_path, "in/a.csv", BASE.read_bytes() + b"1,2\n")
    with pytest.raises(ExtractError, match=r"a.csv, line 9: 2 fields"):
        clearscale.ingest(path, tmp_path / "store", dry_run=True)
    report = clearscale.ingest(path, tmp_path / "store", on_bad_record="quarantine", dry_run=True)
    assert (report.records, report.stored, report.quarantined) == (8, 7, 1)
    assert set(contents(tmp_path)) == {"in/a.csv"}


def test_what_an_interrupted_ingest_left_stays(tmp_path: Path) -> None:
    path, store = put(tmp_path, "a.csv", extract()), tmp_path / "store"
    with pytest.raises(Interrupted):
        ingest(path, store, cluster=InterruptingCluster("fold histories", 1))
    before = everything(store)
    told = ingest(path, store, dry_run=True)
    assert everything(store) == before
    assert told.records == ingest(path, store).records
