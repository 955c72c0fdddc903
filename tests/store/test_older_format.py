"""Stores that earlier versions made are read as they are. The next ingest folds those of format 5 anew."""

import tarfile
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

import clearscale
from clearscale.store import ExtractEntry, Store, open_store
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


# Of format 6: an extract of three blocks, to which a file was added that has records of it, and another.
OF_PARTS = {"ALAMEDA": ("alameda.csv", "alameda-2.csv"), "YOLO": ("yolo.csv",)}
SMALL = {"block_bytes": 8192}


@pytest.fixture
def file_a_block(tmp_path: Path) -> Path:
    """A folder with the extracts and the store of format 6 that was made of them."""
    with tarfile.open(Path(__file__).parent / "format_6/store.tar.xz") as archive:
        archive.extractall(tmp_path / "made", filter="data")
    return tmp_path / "made"


def parts(made: Path, store: Path, *, with_yolo: bool = True) -> Path:
    """The same in a new store."""
    ingest(str(made / "extracts/alameda.csv"), store, county="ALAMEDA", **SMALL)
    if with_yolo:
        ingest(str(made / "extracts/yolo.csv"), store, county="YOLO", **SMALL)
    ingest(str(made / "extracts/alameda-2.csv"), store, county="ALAMEDA", add=True, **SMALL)
    return store


def files(store: Path) -> list[str]:
    return sorted(f"{path.parent.name.rpartition('-')[0]}/{path.name}" for path in store.glob("records/*/*"))


def rows_of(store: Store, entry: ExtractEntry, *columns: str) -> list[dict[str, Any]]:
    """The records of an extract, or some columns of them."""
    return [
        row for table in store.records(entry) for row in table.select(columns or table.column_names).to_pylist()
    ]


OLD_FILES = [
    "alameda-2/block-00000.parquet",
    *(f"alameda/block-0000{number}.parquet" for number in range(3)),
    "yolo/block-00000.parquet",
]


def test_records_with_a_file_a_block_are_read(file_a_block: Path, tmp_path: Path) -> None:
    store, anew = file_a_block / "store", parts(file_a_block, tmp_path / "anew")
    assert files(store) == OLD_FILES
    assert files(anew) == [f"{name}/records-00000.parquet" for name in ("alameda-2", "alameda", "yolo")]
    old, new = open_store(str(store)), open_store(str(anew))
    assert [[part.files for part in entry.parts] for entry in old.manifest.extracts] == [[(), ()], [()]]
    assert [[len(part.files) for part in entry.parts] for entry in new.manifest.extracts] == [[1, 1], [1]]
    for one, other in zip(old.manifest.extracts, new.manifest.extracts, strict=True):
        assert rows_of(old, one) == rows_of(new, other)
        last = old.block(one, 0, one.parts[0].blocks - 1, ["OFN"]).to_pylist()
        assert last == rows_of(old, replace(one, parts=one.parts[:1]), "row", "OFN")[-len(last) :]
    assert answers(store, tmp_path / "run") == answers(anew, tmp_path / "expected")
    for run, place in (("run", "out"), ("expected", "other")):
        clearscale.export(tmp_path / run, "ALAMEDA", tmp_path / place)
    names = {path.name for path in (tmp_path / "out").iterdir()} - {"ALAMEDA.gogen.json"}
    assert [*(tmp_path / "out").glob("*.csv")]
    for name in names:
        if name.endswith(".csv"):
            assert (tmp_path / "out" / name).read_bytes() == (tmp_path / "other" / name).read_bytes()
    assert clearscale.verify(store).damaged == ()


def test_a_store_may_have_parts_of_both_kinds(file_a_block: Path, tmp_path: Path) -> None:
    store, anew = file_a_block / "store", parts(file_a_block, tmp_path / "anew")
    rows = [conviction(f"more{number}", "ALAMEDA", CII_NUMBER="") for number in range(3)]
    rows += [conviction("a3", "ALAMEDA", CII_NUMBER="A00000003")]  # as the first file has it
    more = put(tmp_path, "more.csv", rendered(rows))
    for place in (store, anew):
        ingest(more, place, county="ALAMEDA", add=True, **SMALL)
    assert files(store) == sorted([*OLD_FILES, "more/records-00000.parquet"])
    old, new = open_store(str(store)), open_store(str(anew))
    assert old.manifest.format == 7
    one, other = old.manifest.extracts[0], new.manifest.extracts[0]
    assert [part.files for part in one.parts] == [(), (), (1,)]
    assert rows_of(old, one) == rows_of(new, other)
    assert answers(store, tmp_path / "run") == answers(anew, tmp_path / "expected")
    for place in (store, anew):
        clearscale.purge(place, subject="a40")  # in a file of a block
        clearscale.purge(place, subject="more1")  # and in one of several
    assert answers(store, tmp_path / "later") == answers(anew, tmp_path / "expected later")
    for opened in (open_store(str(place)) for place in (store, anew)):
        left = rows_of(opened, opened.manifest.extracts[0])
        assert not [row for row in left if row["SUBJECT_ID"] in (b"a40", b"more1")]
        assert len(left) == 380 + 20 + 4 - 1 - 3  # one repeats another
        assert clearscale.verify(opened.folder.url).damaged == ()
    # A snapshot before it is read as it was.
    first = min(path.name for path in (store / "snapshots").iterdir())
    opened = open_store(str(store), first)
    assert len(rows_of(opened, opened.manifest.extracts[0])) == 378
    assert files(store) == sorted([*OLD_FILES, "more/records-00000.parquet"])


def test_an_extract_that_comes_again_gets_files_of_its_own(file_a_block: Path, tmp_path: Path) -> None:
    """Its blocks' files stay as long as an earlier snapshot needs them."""
    store = file_a_block / "store"
    before = open_store(str(store))
    new = put(tmp_path, "alameda-3.csv", rendered([conviction("z", "ALAMEDA")]))
    given = [str(file_a_block / "extracts/alameda.csv"), str(file_a_block / "extracts/alameda-2.csv"), new]
    ingest(given, store, county={Path(path).name: "ALAMEDA" for path in given}, **SMALL)
    both = [f"{name}/records-00000.parquet" for name in ("alameda", "alameda-2", "alameda-3")]
    assert files(store) == sorted([*OLD_FILES, *both])
    assert clearscale.verify(store).damaged == ()
    expected = [*before.records(before.manifest.extracts[0])]
    again = open_store(str(store), before.manifest.snapshot)
    assert [*again.records(again.manifest.extracts[0])] == expected
    clearscale.prune(store, keep=1)
    assert files(store) == sorted([*both, "yolo/block-00000.parquet"])
    assert clearscale.verify(store).damaged == ()
