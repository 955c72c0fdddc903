"""Stores of format 5, which an earlier version made: they are read as they are; the next ingest folds them anew."""

import tarfile
from pathlib import Path
from typing import Any

import pytest

import clearscale
from clearscale.store import open_store
from clearscale.store.ingest import refolding
from tests.support.examples import long
from tests.support.samples import conviction, decide, decisions, ingest, put, rendered

MADE = Path(__file__).parent / "format_5"
COUNTIES = {"alameda.csv": "ALAMEDA", "yolo.csv": "YOLO", "kern.csv": "KERN"}


@pytest.fixture(params=[2, 3], ids=["2 buckets", "3 buckets"])
def made(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    """A folder with the extracts and the store that was made of them, of so many buckets, in two ingests."""
    with tarfile.open(MADE / f"buckets-{request.param}.tar.xz") as archive:
        archive.extractall(tmp_path / "made", filter="data")
    return tmp_path / "made"


def anew(made: Path, *more: str) -> Path:
    """The same in a new store, one extract after the other."""
    for name, county in COUNTIES.items():
        ingest(str(made / "extracts" / name), made / "anew", county=county)
    for path in more:
        ingest(path, made / "anew", county="KERN")
    return made / "anew"


def answers(store: Path, out: Path) -> dict[str, Any]:
    run = decide(store, out, "threads:1")
    tables = {name: run.table(name).to_pydict() for name in ("convictions", "people")}
    counts = open_store(str(store)).manifest.counts
    by_record = sorted(decisions(run, without=["state_figure"]), key=lambda row: (row["extract"], row["row"]))
    return {"counties": run.counties, "tables": tables, "counts": counts, "decisions": by_record}


def test_it_is_read_as_it_is(made: Path, tmp_path: Path) -> None:
    store = made / "store"
    opened = open_store(str(store))
    assert (opened.manifest.sequence, [held.sliced for held in opened.manifest.held]) == (
        2,
        [False] * opened.manifest.dealt,
    )
    assert answers(store, tmp_path / "run") == answers(anew(made), tmp_path / "expected")
    clearscale.export(tmp_path / "run", "YOLO", tmp_path / "out")
    assert clearscale.verify(store).damaged == ()
    assert clearscale.check(store).num_rows > 0
    # Nothing new in it: nothing is done.
    ingest(str(made / "extracts/yolo.csv"), store, county="YOLO")
    assert open_store(str(store)).manifest == opened.manifest


@pytest.mark.long
@pytest.mark.parametrize("fewest", [long(0), refolding.FEWEST_ROWS])
def test_the_next_ingest_folds_all_of_it_anew(
    fewest: int, made: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(refolding, "FEWEST_ROWS", fewest)
    store = made / "store"
    old = open_store(str(store))
    before = {name: old.table(name).to_pydict() for name in ("histories", "convictions", "people")}
    rows = [conviction(f"n{number}", "KERN", CII_NUMBER="") for number in range(3, 9)]
    rows += [conviction("p2", "KERN", CII_NUMBER="A00000002"), conviction("n1", "KERN", CII_NUMBER="A77")]
    kern = put(tmp_path, "kern-2.csv", rendered(rows))
    ingest(kern, store, county="KERN")
    opened = open_store(str(store))
    assert {(held.snapshot, held.sliced) for held in opened.manifest.held} == {(opened.manifest.snapshot, True)}
    assert answers(store, tmp_path / "run") == answers(anew(made, kern), tmp_path / "expected")
    # The snapshot before is as it was, and a further ingest goes on from slices.
    again = open_store(str(store), old.manifest.snapshot)
    assert {name: again.table(name).to_pydict() for name in before} == before
    later = put(tmp_path, "kern-3.csv", rendered(rows[:4]))
    ingest(later, store, county="KERN")
    taken_over = {held.snapshot for held in open_store(str(store)).manifest.held}
    assert (opened.manifest.snapshot in taken_over) == (fewest == 0)
    assert answers(store, tmp_path / "later") == answers(anew(made, later), tmp_path / "expected later")
    assert clearscale.verify(store).damaged == ()


def test_a_file_may_be_added_to_an_extract_of_it(made: Path, tmp_path: Path) -> None:
    store = made / "store"
    rows = [
        conviction("n1", "KERN", 2, CII_NUMBER="A77"),  # whom the first file gives no number
        conviction("n2", "KERN", 2, CII_NUMBER=""),
        conviction("p1", "KERN", 2, CII_NUMBER=""),
        conviction("new", "KERN", CII_NUMBER=""),
    ]
    more = put(tmp_path, "more.csv", rendered(rows))
    for place in (store, anew(made)):
        ingest(more, place, county="KERN", add=True)
    found, expected = answers(store, tmp_path / "run"), answers(made / "anew", tmp_path / "expected")
    assert found == expected
    people = open_store(str(store)).table("people", ["subject_id", "cii_number", "rows"]).to_pylist()
    told = {row["subject_id"]: (row["cii_number"], row["rows"]) for row in people}
    assert (told[b"n1"], told[b"n2"], told[b"p1"]) == ((b"A77", 2), (b"", 2), (b"A00000001", 2))


@pytest.mark.long
def test_records_can_be_destroyed_in_it(made: Path, tmp_path: Path) -> None:
    store = made / "store"
    old = open_store(str(store)).manifest
    clearscale.purge(store, cii="A00000003")
    clearscale.purge(store, subject="n4")
    now = open_store(str(store)).manifest
    assert now.counts["histories"] == old.counts["histories"] - 2
    assert clearscale.verify(store).damaged == ()
    clearscale.purge(store, extract="alameda.csv")
    assert [entry.number for entry in open_store(str(store)).manifest.extracts] == [1, 2]
    clearscale.prune(store, keep=1)
    assert clearscale.verify(store).damaged == ()
    rows = [
        *(conviction(f"n{number}", "KERN", CII_NUMBER="") for number in range(12) if number != 4),
        *(conviction(f"p{number}", "KERN", CII_NUMBER=f"A{number:08d}") for number in range(6) if number != 3),
    ]
    without = tmp_path / "without"
    ingest(str(made / "extracts/yolo.csv"), without, county="YOLO")
    ingest(put(tmp_path, "kern.csv", rendered(rows)), without, county="KERN")
    found, expected = answers(store, tmp_path / "run"), answers(without, tmp_path / "expected")
    for name in ("counties", "tables", "counts"):
        assert found[name] == expected[name]
