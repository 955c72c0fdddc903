"""A new snapshot folds what its people are in, takes the rest over, and holds what a store made at once holds."""

import random
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import clearscale
from clearscale.errors import StoreError
from clearscale.io.files import Folder
from clearscale.store import Manifest, Store, open_store
from clearscale.store.ingest import refolding
from clearscale.store.layout import BUCKETED
from clearscale.store.manifest import read_snapshot
from clearscale.store.sealed import sealed_files
from tests.support.examples import is_long, seeds
from tests.support.samples import (
    Interrupted,
    InterruptingCluster,
    Row,
    contents,
    conviction,
    decide,
    decisions,
    ingest,
    put,
    records,
    rendered,
)
from tests.support.stopping import Steps

COUNTIES = ("ALAMEDA", "KERN", "YOLO")
OFFENSES = ("11357 HS-POSSESS", "11359 HS-SELL", "459 PC-BURGLARY", "11360 HS-TRANSPORT", "187 PC-MURDER")
DATASETS = ("histories", "convictions", "people")


@pytest.fixture(autouse=True)
def small_buckets_stay() -> Iterator[None]:
    """Buckets of so few rows would all be folded again."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(refolding, "FEWEST_ROWS", 0)
        yield


def person(number: int, county: str, chance: random.Random) -> list[Row]:
    """A person's record in a county's extract: the same, or nearly, as in others'."""
    cii = chance.choice([f"A{number:08d}"] * 8 + [f"a{number}", "", f"A{number + 1:08d}"])
    told = {"CII_NUMBER": cii, "PRI_DOB": f"{1940 + number % 50}0{1 + chance.randrange(9) // 8}01"}
    rows = [
        conviction(
            f"{county[0]}{number}",
            chance.choice([county, county, "KERN"]),
            count,
            OFFENSE_DESCR=OFFENSES[(number + count) % len(OFFENSES)],
            STP_EVENT_DATE=f"{1990 + (7 * number + 3 * count) % 30}0601",
            COMMENT_TEXT=f"person {number} row {count}",
            **told,
        )
        for count in range(1, 2 + chance.randrange(4))
    ]
    for row in rows[1:]:
        if chance.random() < 0.1:
            row["CII_NUMBER"] = b""
    return rows


def rows_of(county: str, numbers: list[int], chance: random.Random) -> list[Row]:
    by_person = [person(number, county, chance) for number in numbers]
    if chance.random() < 0.3:  # rows of subjects mixed
        return [row for turn in range(4) for rows in by_person for row in rows[turn : turn + 1]]
    return [row for rows in by_person for row in rows]


class Story:
    """A store that ingests, replacements, purges and prunes are done to, and the files that it would be made of."""

    def __init__(self, folder: Path, seed: int) -> None:
        self.folder, self.store, self.chance = folder, folder / "store", random.Random(seed)
        self.files: dict[str, list[tuple[str, list[Row]]]] = {}
        self.order: list[str] = []
        self.made = 0
        self.tables: dict[str, dict[str, Any]] = {}

    def write(self, county: str, rows: list[Row]) -> str:
        self.made += 1
        return put(self.folder, f"{county[0].lower()}-{self.made}.csv", rendered(rows))

    def take_in(self, county: str, *, add: bool = False) -> None:
        numbers = self.chance.sample(range(40), self.chance.randrange(1, 12))
        rows = rows_of(county, numbers, self.chance)
        path = self.write(county, rows)
        self.ingest([path], self.store, county, add=add)
        if not add:
            self.files[county] = []
            self.order = [*(name for name in self.order if name != county), county]
        self.files[county].append((path, rows))

    def ingest(self, paths: list[str], store: Path, county: str, **options: Any) -> None:
        options["block_bytes"] = 3000
        ingest(paths, store, county=county, cluster="threads:1", buckets=3, **options)

    def purge(self) -> None:
        number = f"A{self.chance.randrange(40):08d}".encode()
        going = {
            (county, row["SUBJECT_ID"])
            for county, files in self.files.items()
            for _, rows in files
            for row in rows
            if row["CII_NUMBER"] == number
        }
        told = clearscale.purge(self.store, cii=number.decode())
        for name in told.void:
            self.tables.pop(name, None)
        for county, files in self.files.items():
            self.files[county] = [
                (path, [row for row in rows if (county, row["SUBJECT_ID"]) not in going]) for path, rows in files
            ]

    def purge_extract(self, county: str) -> None:
        """Destroy a county's extract, unless it is the only one, or files of it are parts of another one, too."""
        opened = open_store(str(self.store))
        [entry] = opened.manifest.extracts_of(county)
        try:
            told = clearscale.purge(self.store, extract=entry.id)
        except StoreError as error:
            if not any(words in str(error) for words in ("no other extract", "also parts of")):
                raise
            return
        for name in told.void:
            self.tables.pop(name, None)
        del self.files[county]
        self.order.remove(county)

    def anew(self) -> Path:
        """A store of the same files, one county after the other, all of it folded each time."""
        store = self.folder / f"anew-{self.made}"
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(refolding, "FEWEST_ROWS", 2**31)
            for county in self.order:
                files = [(Path(path).name, rows) for path, rows in self.files[county]]
                paths = [put(self.folder / "anew", name, rendered(rows)) for name, rows in files]
                self.ingest(paths, store, county)
        return store


def answers_of(store: Path, folder: Path) -> dict[str, Any]:
    """What a run says, and what was decided of each record by the record's own values, wherever it stands."""
    run = decide(store, folder / f"run-{store.name}-{random.random()}", "threads:1")
    opened, decided = open_store(str(store)), []
    kept = {
        entry.id: {row["row"]: row for row in records(store, place)}
        for place, entry in enumerate(opened.manifest.extracts)
    }
    counties = {entry.id: entry.county for entry in opened.manifest.extracts}
    for row in decisions(run):
        record = kept[row.pop("extract")][row.pop("row")]
        decided.append((record["SUBJECT_ID"], record["COMMENT_TEXT"], sorted(row.items(), key=str)))
    tables = {name: run.table(name).to_pydict() for name in ("convictions", "people")}
    findings = sorted((finding["name"], finding["count"]) for finding in of_all(opened.manifest))
    return {
        "counties": {name: without_time(figures) for name, figures in run.counties.items()},
        "tables": tables,
        "decided": sorted(decided, key=str),
        "counts": opened.manifest.counts,
        "findings": findings,
        "of": sorted(counties.values()),
    }


def of_all(manifest: Manifest) -> list[dict[str, Any]]:
    return [finding.document() for finding in manifest.findings]


def without_time(figures: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in figures.items() if "processingTime" not in name}


def whole(store: Path) -> None:
    """Every file is as it was written, is named by a snapshot, and each slice lies in one bucket of a snapshot."""
    assert clearscale.verify(store).damaged == ()
    folder = Folder(str(store))
    named = set()
    for path in (store / "snapshots").glob("*/manifest.json"):
        manifest = read_snapshot(folder, path.parent.name)
        own = f"snapshots/{manifest.snapshot}"
        named |= {f"{own}/manifest.json", f"{own}/files.json", *sealed_files(folder, manifest, anew=True).seals}
        slices_of(Store(folder, manifest))
    found = {str(path.relative_to(store)) for path in (store / "snapshots").rglob("*") if path.is_file()}
    assert found == {path for path in named if path.startswith("snapshots/")}


def slices_of(store: Store) -> list[int]:
    """All slices of a snapshot, each once."""
    numbers: list[int] = []
    for held in store.manifest.held:
        of_bucket = store.files.read_arrow(held.path("slices")).column("slice").to_pylist()
        numbers += [number for number in of_bucket if number not in held.without]
    assert len(numbers) == len(set(numbers))
    return numbers


def tables_of(store: Store) -> dict[str, Any]:
    return {dataset: store.table(dataset).to_pydict() for dataset in DATASETS}


@pytest.mark.sampled
@pytest.mark.parametrize("seed", seeds(20))
def test_any_sequence_of_ingests_gives_what_one_fold_gives(seed: int, in_memory: Path) -> None:
    story = Story(in_memory, seed)
    for step in range(6):
        done = story.chance.choice(["in", "in", "in", "add", "purge", "prune", "extract"]) if step else "in"
        county = story.chance.choice(COUNTIES)
        if done == "add" and county in story.files:
            story.take_in(county, add=True)
        elif done == "purge":
            story.purge()
        elif done == "extract" and county in story.files:
            story.purge_extract(county)
        elif done == "prune":
            clearscale.prune(story.store, keep=story.chance.choice([1, 2]))
        else:
            story.take_in(county)
        whole(story.store)
        opened = open_store(str(story.store))
        story.tables.setdefault(opened.manifest.snapshot, tables_of(opened))
        for name in list(story.tables):
            if (story.store / "snapshots" / name / "manifest.json").exists():
                assert tables_of(open_store(str(story.store), name)) == story.tables[name]
    found, expected = answers_of(story.store, in_memory), answers_of(story.anew(), in_memory)
    for name in expected:
        assert found[name] == expected[name], name


def test_a_countys_new_extract_writes_what_its_people_are_in(tmp_path: Path) -> None:
    chance, store = random.Random(5), tmp_path / "store"
    for county in COUNTIES:
        path = put(tmp_path, f"{county}.csv", rendered(rows_of(county, list(range(300)), chance)))
        ingest(path, store, county=county, buckets=8)
    before = contents(store)
    first = open_store(str(store)).manifest
    ingest(put(tmp_path, "new.csv", rendered(rows_of("YOLO", list(range(299)), chance))), store, county="YOLO")
    all_of_it = len(slices_of(open_store(str(store))))
    path = put(tmp_path, "newer.csv", rendered(rows_of("YOLO", [3, 4], chance)))
    ingest(path, store, county="YOLO", accept=("shrinking-replacement", "other-people"))
    opened = open_store(str(store))
    assert opened.manifest.counts["rows"] < first.counts["rows"]
    # Nothing that is there is written again.
    after = contents(store)
    assert {name: after[name] for name in before if name != "manifest.json"} == {
        name: content for name, content in before.items() if name != "manifest.json"
    }
    rows = rows_of("KERN", [7], random.Random(1))
    ingest(put(tmp_path, "kern.csv", rendered(rows)), store, county="KERN", add=True)
    small = open_store(str(store)).manifest
    written = [held for held in small.held if held.snapshot == small.snapshot]
    assert len(written) == 1
    folded = open_store(str(store)).files.read_arrow(written[0].path("slices"))
    assert folded.num_rows <= 4 < all_of_it // 10
    sizes = {
        name: sum(path.stat().st_size for path in (store / "snapshots" / name).rglob("*") if path.is_file())
        for name in (first.snapshot, small.snapshot)
    }
    assert sizes[small.snapshot] < sizes[first.snapshot] / 2


@pytest.mark.long
def test_small_buckets_are_joined(tmp_path: Path) -> None:
    chance, store = random.Random(6), tmp_path / "store"
    ingest(put(tmp_path, "all.csv", rendered(rows_of("KERN", list(range(200)), chance))), store, county="KERN")
    most = 0
    for number in range(12):
        path = put(tmp_path, f"{number}.csv", rendered(rows_of("YOLO", [number], chance)))
        ingest(path, store, county="YOLO")
        most = max(most, open_store(str(store)).manifest.buckets)
        whole(store)
    assert most <= refolding.MOST_BUCKETS * 2 + 1
    assert most > 2


def test_an_extract_keeps_its_number(tmp_path: Path) -> None:
    chance, store = random.Random(7), tmp_path / "store"
    for county in ("YOLO", "KERN", "ALAMEDA"):
        ingest(put(tmp_path, f"{county}.csv", rendered(rows_of(county, [1, 2, 3], chance))), store, county=county)
    ingest(put(tmp_path, "kern-2.csv", rendered(rows_of("KERN", [1], chance))), store, county="KERN")
    numbers = {entry.county: entry.number for entry in open_store(str(store)).manifest.extracts}
    assert numbers == {"YOLO": 0, "KERN": 3, "ALAMEDA": 2}
    ingest(put(tmp_path, "yolo-2.csv", rendered(rows_of("YOLO", [9], chance))), store, county="YOLO", add=True)
    opened = open_store(str(store))
    assert {entry.county: entry.number for entry in opened.manifest.extracts} == numbers
    people = opened.table("people", ["extract", "subject_id"])
    of_place = dict(zip(people.column("subject_id").to_pylist(), people.column("extract").to_pylist(), strict=True))
    names = [entry.county[0] for entry in opened.manifest.extracts]
    assert {subject[:1].decode(): names[place] for subject, place in of_place.items()} == {
        name: name for name in "YKA"
    }


def test_what_another_version_folded_is_folded_anew(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from clearscale.store.ingest import snapshot

    chance, store = random.Random(8), tmp_path / "store"
    for county, version, number in (("KERN", "1", 5), ("YOLO", "1", 6), ("ALAMEDA", "2", 7)):
        monkeypatch.setattr(snapshot, "VERSION", version)
        ingest(put(tmp_path, f"{county}.csv", rendered(rows_of(county, [number], chance))), store, county=county)
        held = {bucket.snapshot[:6] for bucket in open_store(str(store)).manifest.held}
        assert held == (
            {"000001"} if county == "KERN" else {"000001", "000002"} if county == "YOLO" else {"000003"}
        )


def test_nobody_in_a_file_that_no_snapshot_holds_stays_behind_a_prune(tmp_path: Path) -> None:
    store = tmp_path / "store"
    rows = [conviction(str(number), "YOLO", COMMENT_TEXT=f"{number}") for number in range(60)]
    ingest(put(tmp_path, "old.csv", rendered(rows)), store, county="YOLO")
    # Everyone but one stays in the first snapshot's buckets.
    ingest(put(tmp_path, "more.csv", rendered([conviction("k1", "KERN", CII_NUMBER="A7")])), store, county="KERN")
    manifest = open_store(str(store)).manifest
    assert {bucket.snapshot for bucket in manifest.held} > {manifest.snapshot}
    clearscale.prune(store, keep=1)
    whole(store)
    kept = open_store(str(store)).manifest
    assert all(not bucket.without for bucket in kept.held)
    people = 0
    for path in store.glob("snapshots/*/people/*.parquet"):
        people += Folder(str(path.parent)).read_parquet(path.name).num_rows
    assert people == kept.counts["histories"] == 61
    assert not (store / "snapshots" / str(manifest.parent) / "manifest.json").exists()
    # The next ingest goes on from there, and leaves what is referred to.
    ingest(put(tmp_path, "third.csv", rendered([conviction("a1", "ALAMEDA")])), store, county="ALAMEDA")
    whole(store)
    assert np.sum(open_store(str(store)).table("people").column("rows").to_numpy()) == 62
    assert {name.split("/")[2] for name in contents(store) if name.count("/") == 3} >= set(BUCKETED)


@pytest.mark.long
@pytest.mark.sampled
def test_an_ingest_that_takes_buckets_over_may_stop_before_any_step(tmp_path: Path) -> None:
    chance, earlier = random.Random(9), tmp_path / "earlier"
    ingest(put(tmp_path, "kern.csv", rendered(rows_of("KERN", list(range(30)), chance))), earlier, county="KERN")
    ingest(put(tmp_path, "yolo.csv", rendered(rows_of("YOLO", [3, 40], chance))), earlier, county="YOLO")
    before = open_store(str(earlier))
    new = put(tmp_path, "yolo-2.csv", rendered(rows_of("YOLO", [4, 5], chance)))

    def take_in(name: str) -> Path:
        if not (tmp_path / name).exists():
            shutil.copytree(earlier, tmp_path / name)
        ingest(new, tmp_path / name, county="YOLO", cluster="threads:1")
        return tmp_path / name

    with pytest.MonkeyPatch.context() as patch:
        steps = Steps(patch)
        expected = contents(take_in("all of it"))
    assert len({held.snapshot for held in open_store(str(tmp_path / "all of it")).manifest.held}) > 1
    for stop in range(0, steps.done, 1 if is_long() else steps.done // 6):
        with pytest.MonkeyPatch.context() as patch:
            Steps(patch, stop)
            with pytest.raises(Interrupted):
                take_in(str(stop))
        held = open_store(str(tmp_path / str(stop)))
        if held.manifest == before.manifest:
            assert tables_of(held) == tables_of(before)
        assert clearscale.verify(tmp_path / str(stop)).damaged == ()
        assert contents(take_in(str(stop))) == expected, stop
        whole(tmp_path / str(stop))


def test_an_encrypted_store_takes_buckets_over(tmp_path: Path) -> None:
    chance, store = random.Random(10), tmp_path / "store"
    clearscale.make_key(tmp_path / "key")
    clearscale.start_encryption(store, f"file:{tmp_path / 'key'}")
    paths = [
        put(tmp_path, "kern.csv", rendered(rows_of("KERN", list(range(30)), chance))),
        put(tmp_path, "yolo.csv", rendered(rows_of("YOLO", [3, 40], chance))),
    ]
    for place in (store, tmp_path / "plain"):
        for path, county in zip(paths, ("KERN", "YOLO"), strict=True):
            ingest(path, place, county=county)
    opened, plain = open_store(str(store)), open_store(str(tmp_path / "plain"))
    assert opened.manifest.held == plain.manifest.held
    assert len({held.snapshot for held in opened.manifest.held}) == 2
    assert tables_of(opened) == tables_of(plain)
    assert clearscale.verify(store).damaged == ()


def test_a_fold_that_was_begun_with_other_limits_is_begun_anew(tmp_path: Path) -> None:
    """As a version of the program may have them that makes the same otherwise."""
    chance, store = random.Random(11), tmp_path / "store"
    kern = put(tmp_path, "kern.csv", rendered(rows_of("KERN", list(range(30)), chance)))
    yolo = put(tmp_path, "yolo.csv", rendered(rows_of("YOLO", [3, 40], chance)))
    for place in (store, tmp_path / "other"):
        ingest(kern, place, county="KERN")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(refolding, "FEWEST_ROWS", 2**14)
        with pytest.raises(Interrupted):
            ingest(yolo, store, county="YOLO", cluster=InterruptingCluster("fold histories", 1))
    assert list(store.glob("snapshots/*/.folded/bucket-*.json"))
    for place in (store, tmp_path / "other"):
        ingest(yolo, place, county="YOLO")
    assert contents(store) == contents(tmp_path / "other")
