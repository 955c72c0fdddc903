"""A purge and an ingest at once, a purge after an ingest that was killed late, and extracts of several files."""

from pathlib import Path
from typing import Any

import pytest

import clearscale
from clearscale.errors import StoreError
from clearscale.io.claims import claim
from clearscale.io.files import Folder
from clearscale.store import open_store
from clearscale.store.ingest import ingest as ingesting
from clearscale.store.purging import carrying, journal
from tests.support.canary import NUMBER, canary, found_below, others
from tests.support.samples import Interrupted, decide, ingest, put, rendered

from .test_purge import conserved, figures


@pytest.fixture
def store(tmp_path: Path) -> Path:
    ingest(
        put(tmp_path, "yolo.csv", rendered([*others("YOLO", 6), *canary("YOLO")])),
        tmp_path / "store",
        county="YOLO",
    )
    return tmp_path / "store"


@pytest.fixture
def kern(tmp_path: Path) -> str:
    return put(tmp_path, "kern.csv", rendered([*others("KERN", 6), *canary("KERN")]))


def test_a_purge_waits_for_no_ingest(store: Path) -> None:
    held = claim(Folder(str(store / "staging")), "kern-0123456789ab.lock")
    before = {str(path): path.read_bytes() for path in store.rglob("*") if path.is_file()}
    with pytest.raises(
        StoreError, match=r"an ingest is at work \(process \d+ on .*run the same command again when it"
    ):
        clearscale.purge(store, cii=NUMBER)
    assert {str(path): path.read_bytes() for path in store.rglob("*") if path.is_file()} == before
    held.release()
    clearscale.purge(store, cii=NUMBER)
    assert found_below(store) == {}


def test_one_purge_at_a_time(store: Path) -> None:
    held = claim(Folder(str(store / "staging")), "purge.lock")
    for command in (lambda: clearscale.purge(store, cii=NUMBER), lambda: clearscale.prune(store, keep=1)):
        with pytest.raises(StoreError, match="another purge is at work"):
            command()
    held.release()


def test_an_ingest_that_ends_while_a_purge_is_prepared_comes_first(
    store: Path, kern: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    begin = journal.begin

    def late(*arguments: Any) -> None:
        # Past the purge's claims, as an ingest is that began while it was prepared.
        ingest(kern, store, county="KERN")
        begin(*arguments)

    with monkeypatch.context() as patch:
        patch.setattr(carrying, "begin", late)
        with pytest.raises(StoreError, match="an ingest finished meanwhile; run the same command again"):
            clearscale.purge(store, cii=NUMBER)
    assert len(open_store(str(store)).manifest.extracts) == 2
    assert clearscale.verify(store).damaged == ()
    assert clearscale.purge(store, cii=NUMBER).records == 4
    assert found_below(store) == {}


def test_an_ingest_that_ends_after_a_purge_is_told(store: Path, kern: str, monkeypatch: pytest.MonkeyPatch) -> None:
    commit = ingesting.commit

    def late(*arguments: Any) -> None:
        for lock in (store / "staging").glob("*.lock"):
            lock.unlink()  # as if the ingest had begun on a host whose locks nobody sees
        clearscale.purge(store, cii=NUMBER)
        commit(*arguments)

    with monkeypatch.context() as patch:
        patch.setattr(ingesting, "commit", late)
        with pytest.raises((StoreError, FileNotFoundError)):
            ingest(kern, store, county="KERN")
    assert clearscale.verify(store).damaged == ()
    ingest(kern, store, county="KERN")
    assert clearscale.verify(store).damaged == ()
    clearscale.purge(store, cii=NUMBER)
    assert found_below(store) == {}


def test_what_an_ingest_left_behind_its_commit_goes(
    store: Path, kern: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def killed(*_: Any) -> None:
        raise Interrupted

    with monkeypatch.context() as patch:
        patch.setattr(ingesting, "tidy", killed)
        with pytest.raises(Interrupted):
            ingest(kern, store, county="KERN")
    assert list(store.glob("snapshots/*/plan.arrow"))
    clearscale.purge(store, cii=NUMBER)
    assert not list(store.glob("snapshots/*/plan.arrow"))
    assert found_below(store) == {}
    assert clearscale.verify(store).damaged == ()
    assert clearscale.log(store).problems == ()


def test_parts_that_were_added_lose_the_person_as_well(tmp_path: Path) -> None:
    """The person's records lie in both files; one snapshot has the first alone, the next one both."""
    first, second = canary("YOLO")
    people = others("YOLO", 6)
    rows = {"a": [*people[:7], first], "b": [second, *people[5:]]}
    stores = tmp_path / "store", tmp_path / "fresh"
    for place, store in enumerate(stores):
        for name, some in rows.items():
            left = [row for row in some if place == 0 or row["CII_NUMBER"] != NUMBER.encode()]
            path = put(tmp_path / str(place), f"{name}.csv", rendered(left))
            ingest(path, store, county="YOLO", add=name == "b")
    assert clearscale.purge(stores[0], cii=NUMBER).records == 2
    assert found_below(stores[0]) == {}
    conserved(stores[0])
    assert clearscale.verify(stores[0]).damaged == ()
    now, expected = (figures(decide(store, tmp_path / f"run-{store.name}")) for store in stores)
    assert now == expected
    for store in stores:  # and grow as before
        ingest(put(tmp_path, "c.csv", rendered(others("YOLO", 3, 20))), store, county="YOLO", add=True)
    now, expected = (figures(decide(store, tmp_path / f"grown-{store.name}")) for store in stores)
    assert now == expected


@pytest.mark.long
def test_a_statewide_extract_loses_the_person_in_every_county_and_in_none(tmp_path: Path) -> None:
    """In two counties by convictions, and with records of no county under another subject of the same number."""
    homeless = [row | {"SUBJECT_ID": b"SQZ0500", "DISP_DESCR": b"DISMISSED"} for row in canary("YOLO")]
    person = [*canary("YOLO")[:1], *canary("KERN")[:1], *homeless]
    people = [*others("YOLO", 4), *others("KERN", 4)]
    state = put(tmp_path, "state.csv", rendered([*people, *person]))
    store, fresh = tmp_path / "store", tmp_path / "fresh"
    every = {"statewide": True, "on_bad_record": "quarantine"}
    clearscale.ingest(state, store, accept=("subjects-of-no-county",), **every)  # type: ignore[arg-type]
    assert len(open_store(str(store)).aside()) == 2
    told = clearscale.purge(store, cii=NUMBER)
    assert (told.records, told.quarantined) == (4, 2)
    assert found_below(store) == {}
    assert clearscale.verify(store).damaged == ()
    clearscale.ingest(put(tmp_path / "fresh-in", "state.csv", rendered(people)), fresh, **every)  # type: ignore[arg-type]
    assert figures(decide(store, tmp_path / "now")) == figures(decide(fresh, tmp_path / "expected"))
    with pytest.raises(clearscale.ExtractError, match="purged-records"):
        clearscale.ingest(state, store, accept=("subjects-of-no-county",), **every)  # type: ignore[arg-type]
    accept = ("subjects-of-no-county", "purged-records", "other-people", "shrinking-replacement")
    clearscale.ingest(state, store, accept=accept, **every)  # type: ignore[arg-type]
    assert clearscale.verify(store).damaged == ()
    assert found_below(store) != {}
    clearscale.purge(store, cii=NUMBER)
    assert found_below(store) == {}
