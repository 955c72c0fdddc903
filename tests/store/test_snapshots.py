"""Snapshots: what an ingest changes, what it leaves alone, and what stays readable."""

import gzip
import json
import os
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

import clearscale
from clearscale.errors import StoreError
from clearscale.histories.dictionaries import NAMES
from clearscale.io.files import Folder
from clearscale.io.seals import with_digest
from clearscale.law import Catalog, Charge
from clearscale.store import open_store
from clearscale.store.layout import PLAN
from clearscale_cluster.places.embedded import EmbeddedCluster
from tests.support.samples import (
    Interrupted,
    InterruptingCluster,
    answers,
    contents,
    conviction,
    decide,
    decisions,
    extract,
    ingest,
    put,
    records,
    rendered,
)

COUNTIES = ("ALAMEDA", "LOS ANGELES", "YOLO")


@pytest.fixture
def three(tmp_path: Path) -> list[str]:
    """Extracts of three counties."""
    return [
        put(tmp_path, f"in/{number}.csv", extract(county, seed=number)) for number, county in enumerate(COUNTIES)
    ]


def manifest(store: Path) -> dict[str, object]:
    document: dict[str, object] = json.loads((store / "manifest.json").read_bytes())
    return document


def test_the_same_extract_again_changes_nothing(three: list[str], tmp_path: Path) -> None:
    store = tmp_path / "store"
    first = ingest(three, store)
    before = contents(store)
    modified = {path: path.stat().st_mtime_ns for path in store.rglob("*")}
    gzipped = put(tmp_path, "other name.csv.gz", gzip.compress(Path(three[0]).read_bytes()))
    for again in (three, three[1:], [gzipped]):
        report = ingest(again, store)
        assert (report.snapshot, report.added, report.replaced, report.records) == (first.snapshot, (), (), 0)
        assert report.counts == first.counts
    assert report.unchanged == ("0.csv",)
    assert contents(store) == before
    assert {path: path.stat().st_mtime_ns for path in store.rglob("*")} == modified


def test_a_newer_extract_replaces_its_countys(three: list[str], tmp_path: Path) -> None:
    store = tmp_path / "store"
    first = ingest(three, store)
    before = contents(store)
    run_before = decide(store, tmp_path / "before")
    newer = extract("LOS ANGELES", seed=100, subjects=30)
    report = ingest(put(tmp_path, "in/newer.csv", newer), store)
    assert (report.added, report.replaced, report.unchanged) == (("newer.csv",), ("1.csv",), ())
    now = open_store(str(store))
    assert {entry.name: entry.county for entry in now.manifest.extracts} == {
        "0.csv": "ALAMEDA",
        "2.csv": "YOLO",
        "newer.csv": "LOS ANGELES",
    }
    assert now.manifest.parent == first.snapshot

    after = contents(store)
    del before["manifest.json"]
    assert {name: after[name] for name in before} == before
    old = open_store(str(store), first.snapshot)
    assert [entry.name for entry in old.manifest.extracts] == ["0.csv", "1.csv", "2.csv"]
    assert old.table("convictions").num_rows == first.counts["convictions"]
    assert sum(table.num_rows for table in old.records(old.manifest.extracts[1])) > 0

    run = decide(store, tmp_path / "after")
    for county in ("ALAMEDA", "YOLO"):
        assert run.counties[county] == run_before.counties[county]
    alone = tmp_path / "alone"
    ingest([three[0], three[2], f"{tmp_path}/in/newer.csv"], alone)
    fresh = decide(alone, tmp_path / "alone-run")
    assert run.counties == fresh.counties
    assert run.table("convictions") == fresh.table("convictions")
    assert run.table("people") == fresh.table("people")


def test_codes_keep_their_meaning(three: list[str], tmp_path: Path) -> None:
    store = tmp_path / "store"
    seen = {name: [] for name in NAMES}
    for path in (*three, put(tmp_path, "newer.csv", extract("ALAMEDA", seed=50))):
        ingest(path, store)
        texts = open_store(str(store)).dictionaries().texts
        for name in NAMES:
            assert texts[name][: len(seen[name])] == seen[name]
            assert len(set(texts[name])) == len(texts[name])
        seen = texts
    assert all(seen.values())


def test_two_files_of_one_county_are_one_extract(tmp_path: Path) -> None:
    paths = [put(tmp_path, f"{n}.csv", extract("YOLO", seed=n)) for n in (1, 2, 3)]
    store = tmp_path / "store"
    ingest(paths[:2], store)
    [entry] = open_store(str(store)).manifest.extracts
    assert (entry.county, [part.name for part in entry.parts]) == ("YOLO", ["1.csv", "2.csv"])
    both = decide(store, tmp_path / "both")
    lines = 0
    for path in paths[:2]:
        store_of_one = tmp_path / f"store-{Path(path).stem}"
        lines += ingest(path, store_of_one).stored
    assert both.counties["YOLO"]["lineCount"] == lines == entry.stored
    # One named again beside a new one stays; one not named leaves.
    report = ingest([paths[0], paths[2]], store)
    assert (report.added, report.replaced, report.unchanged) == (("3.csv",), ("2.csv",), ("1.csv",))
    [entry] = open_store(str(store)).manifest.extracts
    assert [part.name for part in entry.parts] == ["1.csv", "3.csv"]
    # It is what both give in a new store.
    ingest([paths[0], paths[2]], tmp_path / "other")
    assert decide(store, tmp_path / "later").counties == decide(tmp_path / "other", tmp_path / "anew").counties


def test_counties_one_by_one_give_the_same_as_all_at_once(three: list[str], tmp_path: Path) -> None:
    ingest(three, tmp_path / "once")
    for path in three:
        ingest(path, tmp_path / "in order")
    for path in reversed(three):
        ingest(path, tmp_path / "reversed")
    once = decide(tmp_path / "once", tmp_path / "run once")
    expected = answers(tmp_path / "run once")
    decide(tmp_path / "in order", tmp_path / "run in order")
    assert answers(tmp_path / "run in order") == expected
    run = decide(tmp_path / "reversed", tmp_path / "run reversed")
    found = answers(tmp_path / "run reversed")
    figures = [name for name in expected if not name.startswith(("decisions/", "run.json"))]
    assert {name: found[name] for name in figures} == {name: expected[name] for name in figures}
    # Of equal copies of a history, that of the later extract counts for the state.
    order = ["flags", "state_figure"]
    assert decisions(run, without=order) == decisions(once, without=order)


def test_the_county_of_an_extract_can_be_named_otherwise(three: list[str], tmp_path: Path) -> None:
    store = tmp_path / "store"
    first = ingest(three[0], store)
    report = ingest(three[0], store, county="YOLO")
    assert report.snapshot != first.snapshot
    assert [entry.county for entry in open_store(str(store)).manifest.extracts] == ["YOLO"]
    assert open_store(str(store), first.snapshot).manifest.extracts[0].county == "ALAMEDA"
    assert records(store)


class Meddling(EmbeddedCluster):
    """While its fold runs, another ingest into the same store finishes."""

    def __init__(self, extract: str, store: Path) -> None:
        super().__init__(1)
        self._other = extract, store

    def gather(self, function: Any, items: Any, *, label: str = "work", progress: Any = None) -> list[Any]:
        result = super().gather(function, items, label=label, progress=progress)
        if label == "fold histories":
            ingest(self._other[0], self._other[1])
        return result


@pytest.mark.parametrize("begun", [False, True])
def test_a_concurrent_ingest_is_noticed(begun: bool, three: list[str], tmp_path: Path) -> None:
    store = tmp_path / "store"
    if begun:
        ingest(three[2], store)
    with pytest.raises(StoreError, match="another ingest finished meanwhile; run the same command again"):
        ingest(three[0], store, cluster=Meddling(three[1], store))
    names = {entry.name for entry in open_store(str(store)).manifest.extracts}
    assert names == ({"1.csv", "2.csv"} if begun else {"1.csv"})
    ingest(three[0], store)
    assert {entry.name for entry in open_store(str(store)).manifest.extracts} == names | {"0.csv"}
    assert decide(store, tmp_path / "run").counties["ALAMEDA"]["lineCount"] > 0


def test_new_charge_lists_are_folded_in_without_reading_records_again(
    three: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = tmp_path / "store"
    first = ingest(three, store)
    before = decide(store, tmp_path / "before")
    modified = {path: path.stat().st_mtime_ns for path in (store / "records").rglob("*")}
    monkeypatch.setattr(Catalog, "digest", lambda _: "other lists")
    with pytest.raises(StoreError, match=r"the charge lists have changed .* ingest its extracts once more"):
        decide(store, tmp_path / "refused")
    assert open_store(str(store), first.snapshot).manifest.snapshot == first.snapshot
    report = ingest(three[0], store)
    assert (report.added, report.unchanged, report.records) == ((), ("0.csv",), 0)
    assert report.snapshot != first.snapshot
    assert report.counts == first.counts
    assert {path: path.stat().st_mtime_ns for path in (store / "records").rglob("*")} == modified
    after = decide(store, tmp_path / "after")
    assert decisions(after) == decisions(before)
    assert answers(tmp_path / "after") == answers(tmp_path / "before")
    assert open_store(str(store)).table("histories") == open_store(str(store), first.snapshot).table("histories")


def test_changed_lists_change_the_answer(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    store = tmp_path / "store"
    rows = [conviction("1", "YOLO"), conviction("1", "YOLO", count=2, OFFENSE_DESCR="999 PC-INVENTED")]
    path = put(tmp_path, "a.csv", rendered(rows))
    ingest(path, store)
    assert open_store(str(store)).table("people").column("superstrikes").to_pylist() == [b""]
    classify = Catalog.classify

    def stricter(self: Catalog, text: bytes) -> Charge:
        from dataclasses import replace

        from clearscale_kernels import flag

        charge = classify(self, text)
        return replace(charge, flags=charge.flags | flag.SUPERSTRIKE) if b"999" in text else charge

    monkeypatch.setattr(Catalog, "classify", stricter)
    monkeypatch.setattr(Catalog, "digest", lambda _: "stricter")
    ingest(path, store)
    assert open_store(str(store)).table("people").column("superstrikes").to_pylist() == [b"999 PC"]


def test_an_interrupted_ingest_leaves_the_snapshot_in_force(three: list[str], tmp_path: Path) -> None:
    store = tmp_path / "store"
    first = ingest(three[0], store, buckets=4)
    for label, after in (("scan extracts", 0), ("read extracts", 3), ("fold histories", 2)):
        with pytest.raises(Interrupted):
            ingest(three[1:], store, cluster=InterruptingCluster(label, after), block_bytes=5000)
        assert open_store(str(store)).manifest.snapshot == first.snapshot
        assert decide(store, tmp_path / label).counties.keys() == {"ALAMEDA"}
    ingest(three[1:], store, block_bytes=5000)
    other = tmp_path / "other"
    ingest(three[0], other, buckets=4)
    ingest(three[1:], other, block_bytes=5000)
    assert contents(store) == contents(other)


def test_groups_that_another_version_staged_are_read_again(three: list[str], tmp_path: Path) -> None:
    """One that did not say where the rows of each bucket begin."""
    store = tmp_path / "store"
    with pytest.raises(Interrupted):
        ingest(three[0], store, cluster=InterruptingCluster("fold histories"), block_bytes=5000)
    markers = sorted((store / "staging").glob("*/*/group-*.json"))
    assert len(markers) > 2
    for path in markers[1:]:
        marker = json.loads(path.read_text())
        bounds = marker.pop("bounds")
        assert len(bounds) == 4
        assert bounds[-1] == path.with_suffix(".arrow").stat().st_size
        path.write_text(json.dumps(with_digest(marker)))
    read = []

    class Watching(EmbeddedCluster):
        def map(self, function: Any, items: Any, *, label: str = "work", progress: Any = None) -> Any:
            items = list(items)
            read.extend(items if label == "read extracts" else ())
            return super().map(function, items, label=label, progress=progress)

    ingest(three[0], store, cluster=Watching(1), block_bytes=5000)
    assert len(read) == len(markers) - 1
    ingest(three[0], tmp_path / "other", block_bytes=5000)
    assert contents(store) == contents(tmp_path / "other")


def test_leftovers_of_another_ingest_are_removed(three: list[str], tmp_path: Path) -> None:
    """Whoever gives up an interrupted ingest does not keep people's records by accident."""
    store = tmp_path / "store"
    for label in ("read extracts", "fold histories"):
        with pytest.raises(Interrupted):
            ingest(three[0], store, cluster=InterruptingCluster(label, 1), block_bytes=5000)
    assert list((store / "records").glob("0-*/*"))
    ingest(three[1], store)
    ingest(three[1], tmp_path / "other")
    assert contents(store) == contents(tmp_path / "other")
    assert not (store / "staging").exists()


def test_another_format_is_refused(three: list[str], tmp_path: Path) -> None:
    store = tmp_path / "store"
    ingest(three[0], store)
    for number in (99, 4):
        document = manifest(store) | {"format": number}
        (store / "manifest.json").write_text(json.dumps(document))
        said = (
            f"store format {number}; this version reads formats 5 to 7. Ingest the extracts again into a new store"
        )
        with pytest.raises(StoreError, match=said):
            open_store(str(store))
        with pytest.raises(StoreError, match=said):
            ingest(three[1], store)
        with pytest.raises(StoreError, match=said):
            decide(store, tmp_path / "run")
        with pytest.raises(StoreError, match=said):  # which is no damage, with another remedy
            clearscale.verify(store)


def test_snapshots_and_stores_that_are_not_there(three: list[str], tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="there is no store; make one with `clearscale ingest"):
        open_store(str(tmp_path / "none"))
    ingest(three[0], tmp_path / "store")
    with pytest.raises(StoreError, match="there is no snapshot 000009-cafe"):
        open_store(str(tmp_path / "store"), "000009-cafe")
    with pytest.raises(StoreError, match="no extract of county 'FRESNO'; there are: ALAMEDA"):
        open_store(str(tmp_path / "store")).manifest.extracts_of("FRESNO")


def test_lost_rows_are_never_committed(three: list[str], tmp_path: Path) -> None:
    """Rows read are rows stored and quarantined; a block group that vanished is noticed."""
    store = tmp_path / "store"

    class Losing(EmbeddedCluster):
        def gather(self, function: Any, items: Any, *, label: str = "work", progress: Any = None) -> list[Any]:
            if label == "fold histories":
                [snapshot] = (Folder(str(folder)) for folder in store.glob("snapshots/*"))
                rest = pa.table(snapshot.read_arrow(PLAN).slice(1).to_pydict(), snapshot.read_arrow(PLAN).schema)
                snapshot.write_arrow(PLAN, rest)
            return super().gather(function, items, label=label, progress=progress)

    with pytest.raises(Exception, match=r"records were stored, but .* are in the histories; nothing was committed"):
        ingest(three[0], store, cluster=Losing(1), block_bytes=5000)
    assert not os.path.lexists(store / "manifest.json")


def test_a_manifest_is_read_anew_where_it_changed_and_nobody_changes_anothers(tmp_path: Path) -> None:
    report = ingest(put(tmp_path, "a.csv", extract()), tmp_path / "store")
    first = open_store(str(tmp_path / "store")).manifest
    held = dict(first.counts)
    report.counts["rows"] = first.counts["rows"] = -1
    first.texts.clear()
    again = open_store(str(tmp_path / "store")).manifest
    assert again.counts == held
    assert again.texts
    ingest(put(tmp_path, "b.csv", extract("YOLO")), tmp_path / "store")
    assert len(open_store(str(tmp_path / "store")).manifest.extracts) == 2
    place = tmp_path / "store" / "manifest.json"
    place.write_bytes(place.read_bytes().replace(b"YOLO", b"KERN"))
    with pytest.raises(StoreError, match="is not what was written"):
        open_store(str(tmp_path / "store"))
