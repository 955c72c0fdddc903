"""A person is destroyed in a store of charges: nothing is left, and what remains is as without the person."""

import contextlib
import random
import shutil
from dataclasses import replace
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

import clearscale
from clearscale.errors import ClearscaleError, ExtractError, RunError, StoreError
from clearscale.formats import ColumnMap, load_map
from clearscale.io.claims import claim
from clearscale.io.files import Folder
from clearscale.store.charge_store import ChargeStore, open_charges
from clearscale.store.manifest import UnderWayError
from clearscale.store.purging import carrying
from tests.formats.made import COOK, ROW, rendered
from tests.store.test_charge_stores import all_of, same, take
from tests.support import canary
from tests.support.charged_canary import CASE, FILES, KEY, WORDS, file, found, found_among, others, own
from tests.support.examples import at_length, is_long
from tests.support.power import ForgetfulDisk, PowerCut
from tests.support.samples import Interrupted, contents, decrypted, ingest, put
from tests.support.samples import rendered as extract_of
from tests.support.stopping import Steps

PACK, AS_OF = "il-minor-cannabis-2020", "2026-01-01"


@pytest.fixture
def store(charged: Path) -> Path:
    return charged


def is_as_without(store: Path, fresh: Path) -> None:
    assert clearscale.verify(store).damaged == ()
    now, expected = open_charges(store), open_charges(fresh)
    for snapshot in sorted(path.name for path in (store / "snapshots").iterdir()):
        assert all(entry.is_conserved for entry in open_charges(store, snapshot).manifest.read)
    assert now.manifest.counts == expected.manifest.counts
    assert [entry.stored for entry in now.manifest.read] == [entry.stored for entry in expected.manifest.read]
    assert {one.name: one.count for one in now.manifest.findings} == {
        one.name: one.count for one in expected.manifest.findings
    }
    found, made = all_of(now), all_of(expected)
    same(found, made, but=("charges.line", "words"))
    assert replace(found["words"], files=()) == replace(made["words"], files=())
    assert len(found["words"].files) == len(made["words"].files)


def set_aside(store: ChargeStore) -> int:
    return sum(table.num_rows for entry in store.manifest.read for table in store.aside(entry))


def test_nothing_of_a_person_is_left(
    charged_once: Path, store: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    temporary = tmp_path / "tmp"
    temporary.mkdir()
    monkeypatch.setenv("TMPDIR", str(temporary))
    before = found(store)
    for place in ("rows.arrow", "texts.arrow", "quarantine/", "staging/", "dictionaries/", "charges/", "cases/"):
        assert any(place in path for path in before), f"the search looks for nothing in {place}"
    assert any("people/" in path for path in before)
    untouched = contents(store)
    expected = clearscale.purge(store, person=KEY, dry_run=True)
    assert contents(store) == untouched
    told = clearscale.purge(store, person=[KEY, "nobody"])
    assert found(tmp_path) == {}
    for name in ("records", "quarantined", "histories", "texts", "files", "sources", "leftovers"):
        assert getattr(told, name) == getattr(expected, name), name
    assert (told.records, told.quarantined, told.histories) == (4, 4, 1)
    assert (told.charges, told.sources, len(told.snapshots), len(told.void)) == (True, FILES, 2, 2)
    is_as_without(store, charged_once / "fresh")
    assert set_aside(open_charges(store)) == sum(entry.quarantined for entry in open_charges(store).manifest.read)
    assert [entry.purged for entry in open_charges(store).manifest.read] == [4, 4]
    again = clearscale.purge(store, person=KEY)
    assert again.nothing
    assert again.leftovers == ()
    assert not any(word.decode() in repr(vars(told)) for word in WORDS)


def test_a_run_over_it_is_void(store: Path, charged_once: Path, tmp_path: Path) -> None:
    run = clearscale.run_charges(store, PACK, AS_OF, tmp_path / "run")
    told = clearscale.purge(store, person=KEY)
    assert told.still_there == (str(tmp_path / "run"),)
    for opened in (clearscale.open_charge_run, lambda url: clearscale.purge(store, person=KEY, made=url)):
        if opened is clearscale.open_charge_run:
            with pytest.raises(RunError, match="is void: it was made from snapshot 000002-"):
                opened(run.folder.url)
        else:
            assert opened(run.folder.url).made == (str(tmp_path / "run"),)
    assert not (tmp_path / "run").exists()
    now = clearscale.run_charges(store, PACK, AS_OF, tmp_path / "now")
    expected = clearscale.run_charges(charged_once / "fresh", PACK, AS_OF, tmp_path / "expected")
    assert now.summary == expected.summary
    for name in ("charges", "missing"):
        assert now.table(name).to_pylist() == expected.table(name).to_pylist()


@pytest.mark.sampled
def test_a_purge_may_stop_before_any_step(
    charged_once: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    spare = Path(shutil.copytree(charged_once / "store", tmp_path / "spare"))
    with monkeypatch.context() as patch:
        steps = Steps(patch)
        clearscale.purge(spare, person=KEY)
    met = set()
    for stop in at_length(range(steps.done), least=3) if is_long() else (steps.done // 4, steps.done * 3 // 4):
        store = Path(shutil.copytree(charged_once / "store", tmp_path / str(stop)))
        with monkeypatch.context() as patch:
            Steps(patch, stop)
            with pytest.raises(Interrupted):
                clearscale.purge(store, person=KEY)
        if b"under_way" in (store / "manifest.json").read_bytes():
            met.add("under way")
            snapshot = next(path.name for path in (store / "snapshots").iterdir())
            for read in (
                lambda store=store: open_charges(store),
                lambda store=store, snapshot=snapshot: open_charges(store, snapshot),
                lambda store=store: clearscale.verify(store),
                lambda store=store: clearscale.purge(store, person=KEY, dry_run=True),
            ):
                with pytest.raises(UnderWayError, match="a purge is under way, or was interrupted"):
                    read()
        else:
            met.add("after" if clearscale.verify(store) and not found(store / "snapshots") else "before")
        clearscale.purge(store, person=KEY)
        assert found(store) == {}
        assert not (store / "purging").exists()
        is_as_without(store, charged_once / "fresh")
        shutil.rmtree(store)
    assert met >= {"before", "under way"}


@pytest.mark.long
def test_the_same_file_brings_nobody_back_unasked(store: Path, charged_once: Path) -> None:
    before = all_of(open_charges(store))
    clearscale.purge(store, person=KEY)
    files = [charged_once / name for name in FILES]
    how: dict[str, Any] = {"quarantine": True}
    was = contents(store)
    with pytest.raises(ExtractError, match=r"(?s)a\.csv: refused.*purged-records: 4 of 4 records were destroyed"):
        take(store, *files, **how)
    assert contents(store) == was
    assert take(store, *files, dry_run=True, **how).refused
    for add in (True, False):
        report = take(store, *files, accept=["purged-records"], add=add, **how)
        assert (report.added, report.unchanged) == ((FILES, ()) if add else ((), FILES))
        assert not [entry for entry in open_charges(store).manifest.read if entry.purged]
    same(all_of(open_charges(store)), before, but=("words",))
    assert found(store)
    clearscale.purge(store, person=KEY)
    assert found(store) == {}
    is_as_without(store, charged_once / "fresh")


def test_a_file_a_snapshot_and_what_was_set_aside(store: Path) -> None:
    names = sorted(path.name for path in (store / "snapshots").iterdir())
    with pytest.raises(StoreError, match="is in force"):
        clearscale.purge(store, snapshot=names[1])
    told = clearscale.purge(store, quarantine=True)
    assert (told.records, told.quarantined, told.void) == (0, 6, ())
    assert clearscale.verify(store).damaged == ()
    assert not list((store / "quarantine").rglob("*.parquet"))
    assert [entry.purged for entry in open_charges(store, names[0]).manifest.read] == [3]
    told = clearscale.purge(store, file="a.csv")
    assert told.snapshots[names[0]] is None
    assert told.records == open_charges(store).manifest.read[0].records
    assert [entry.name for entry in open_charges(store).manifest.read] == ["b.csv"]
    assert [path.name[:2] for path in (store / "records").iterdir()] == ["b-"]
    assert clearscale.verify(store).damaged == ()
    with pytest.raises(StoreError, match="the store has no other file"):
        clearscale.purge(store, file="b.csv")


def test_earlier_snapshots_leave_with_what_only_they_have(store: Path, tmp_path: Path) -> None:
    take(store, file(tmp_path, "a.csv", [], 0), quarantine=True)
    take(store, file(tmp_path, "b.csv", [], 6), quarantine=True)
    names = sorted(path.name for path in (store / "snapshots").iterdir())
    told = clearscale.prune(store, keep=2, quarantine_days=0, dry_run=True)
    assert told.snapshots == {names[0]: None, names[1]: None}
    kept = open_charges(store)
    told = clearscale.prune(store, keep=1, save=True)
    assert told.snapshots == dict.fromkeys(names[:3])
    assert found(store) == {}
    assert open_charges(store).manifest == kept.manifest
    assert clearscale.verify(store).damaged == ()
    assert clearscale.prune(store).nothing
    assert clearscale.prune(store, quarantine_days=0).quarantined == 2


def test_files_come_in_beside_what_is_left(store: Path, charged_once: Path, tmp_path: Path) -> None:
    fresh = Path(shutil.copytree(charged_once / "fresh", tmp_path / "fresh"))
    clearscale.purge(store, person=KEY)
    more = put(tmp_path, "c.csv", rendered(others(3, 40)))
    for one in (store, fresh):
        take(one, more)
    is_as_without(store, fresh)
    assert [entry.purged for entry in open_charges(store).manifest.read] == [4, 4, 0]


def test_one_kind_of_name_for_each_kind_of_store(store: Path, tmp_path: Path) -> None:
    for named in ({"cii": "1"}, {"subject": "1"}, {"extract": "a.csv"}):
        with pytest.raises(ClearscaleError, match="the store holds charges; name people by person"):
            clearscale.purge(store, **named)
    with pytest.raises(ClearscaleError, match="one thing at a time"):
        clearscale.purge(store, person="1", file="a.csv")
    assert clearscale.purge(store, file="c.csv").nothing


def test_a_key_is_of_its_column(tmp_path: Path) -> None:
    keys = {**COOK.document["charge"], "person": ["fgrprntno", "chrgclass"]}
    two = ColumnMap.of(COOK.name, {**COOK.document, "charge": keys})
    rows = [{**ROW, "fgrprntno": "K7"}, {**ROW, "fgrprntno": "", "chrgclass": "K7"}, {**ROW, "fgrprntno": ""}]
    take(tmp_path / "store", put(tmp_path, "two.csv", rendered(rows)), stated=two, buckets=1)
    with pytest.raises(StoreError, match="stands in several columns of keys"):
        clearscale.purge(tmp_path / "store", person="K7")
    assert clearscale.purge(tmp_path / "store", person="chrgclass:K7").records == 1
    assert clearscale.purge(tmp_path / "store", person="chrgclass:K7").nothing
    assert clearscale.purge(tmp_path / "store", person="fgrprntno:K7").records == 1


def test_whose_key_nobody_knows_is_named_as_the_store_does(store: Path, tmp_path: Path) -> None:
    own_of_nobody = [{**ROW, "fgrprntno": "", "case_number": CASE}, {**ROW, "fgrprntno": "", "case_number": ""}]
    take(store, put(tmp_path, "n.csv", rendered(own_of_nobody)))
    file = next(entry for entry in open_charges(store).manifest.read if entry.name == "n.csv")
    identities = pa.concat_tables(open_charges(store).numbers(bucket) for bucket in range(2))["identity"]
    unknown = [identity for identity in identities.to_pylist() if not identity.startswith("key:")]
    assert f"record:{file.id}/3" in unknown
    assert clearscale.purge(store, person=unknown).records == 2
    assert clearscale.purge(store, person="fgrprntno:IR3", dry_run=True).histories == 1
    assert open_charges(store).manifest.counts["unknown_people"] == 0


@pytest.mark.long
def test_an_ingest_at_work_comes_first(store: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    more = put(tmp_path, "c.csv", rendered([*others(3, 40), *own(3)]))
    held = claim(Folder(str(store / "staging")), "c-0123456789ab.lock")
    with pytest.raises(StoreError, match="an ingest is at work"):
        clearscale.purge(store, person=KEY)
    held.release()
    begin = carrying.begin

    def late(*arguments: Any) -> None:
        take(store, more)  # past the purge's claims, as one that began while it was prepared
        begin(*arguments)

    with monkeypatch.context() as patch:
        patch.setattr(carrying, "begin", late)
        with pytest.raises(StoreError, match="an ingest finished meanwhile; run the same command again"):
            clearscale.purge(store, person=KEY)
    assert clearscale.verify(store).damaged == ()
    assert clearscale.purge(store, person=KEY).records == 5
    assert found(store) == {}


def test_a_person_of_extracts_leaves_both_stores(tmp_path: Path) -> None:
    extracts, charges, fresh = (tmp_path / name for name in ("extracts", "charges", "fresh"))
    for county in ("YOLO", "KERN"):
        rows = extract_of([*canary.others(county, 6), *canary.canary(county)])
        ingest(put(tmp_path, f"{county.lower()}.csv", rows), extracts, county=county)
    doj = load_map("ca-doj")
    take(charges, extracts, stated=doj, buckets=1)
    assert canary.found_below(charges)
    told = clearscale.purge(charges, person=canary.NUMBER.lower())
    assert (told.records, told.histories) == (2, 1)
    assert canary.found_below(charges) == {}
    with pytest.raises(ExtractError, match="purged-records: 2 of 2 records were destroyed in this store"):
        take(charges, extracts, stated=doj)
    told = clearscale.purge(extracts, cii=canary.NUMBER)
    assert told.still_there == (str(charges),)
    take(charges, extracts, stated=doj)
    take(fresh, extracts, stated=doj, buckets=1)
    clearscale.prune(charges, keep=1)
    assert canary.found_below(charges) == {}
    same(all_of(open_charges(charges)), all_of(open_charges(fresh)))


def test_an_encrypted_store_stays_encrypted(charged_once: Path, tmp_path: Path) -> None:
    clearscale.make_key(tmp_path / "key")
    store = tmp_path / "store"
    clearscale.copy_encrypted(charged_once / "store", store, f"file:{tmp_path / 'key'}")
    assert found_among(decrypted(store))
    clearscale.purge(store, person=KEY)
    assert found_among(decrypted(store)) == {}
    assert not [path for path in store.rglob("*.*") if path.read_bytes().startswith((b"PAR1", b"ARROW1"))]
    is_as_without(store, charged_once / "fresh")


@pytest.mark.long
def test_a_power_cut_at_any_moment(charged_once: Path, tmp_path: Path) -> None:
    spare = Path(shutil.copytree(charged_once / "store", tmp_path / "spare"))
    with pytest.MonkeyPatch.context() as patch:
        disk = ForgetfulDisk(spare, patch)
        clearscale.purge(spare, person=KEY)
    for number in range(40):
        chance = random.Random(number)
        store = Path(shutil.copytree(charged_once / "store", tmp_path / str(number)))
        with pytest.MonkeyPatch.context() as patch:
            cut = ForgetfulDisk(store, patch, after=chance.randrange(disk.events))
            for path in store.rglob("*"):
                if path.is_file():
                    cut.known(path)
            with pytest.raises(PowerCut):
                clearscale.purge(store, person=KEY)
        lost = cut.lose(chance)
        with contextlib.suppress(UnderWayError):
            assert clearscale.verify(store).damaged == (), f"cut {number}, lost {lost}"
        clearscale.purge(store, person=KEY)
        assert found(store) == {}, f"cut {number}, lost {lost}"
        is_as_without(store, charged_once / "fresh")
        shutil.rmtree(store)
