"""A store of extracts as charges: its convictions with dates and sentences, each person's once, and the rest."""

from collections import Counter, defaultdict
from pathlib import Path
from typing import Any

import pytest

import clearscale
from clearscale.charges.tables import NO_DAY, Disposition, Mark
from clearscale.errors import ExtractError, StoreError
from clearscale.formats import load_map
from clearscale.formats.days import parse_day
from clearscale.store.charge_ingest.finishing import COPY
from clearscale.store.charge_ingest.report import ChargeReport
from clearscale.store.charge_store import ChargeStore, open_charges
from clearscale.store.opened import Store, open_store
from clearscale.synth import fabricate
from clearscale_kernels import flag
from tests.store.test_charge_stores import all_of, same, take
from tests.support.samples import contents, ingest

DOJ = load_map("ca-doj")
UNDONE = {int(disposition) for disposition in (Disposition.SET_ASIDE, Disposition.VACATED, Disposition.DISMISSED)}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A store of extracts of three counties, whose people have records in several."""
    made = tmp_path_factory.mktemp("extracts")
    ingest([extract.path for extract in fabricate(str(made / "in"), counties=2, people=24, seed=4)], made / "store")
    return made


@pytest.fixture(scope="module")
def charged(folder: Path) -> tuple[ChargeReport, ChargeStore]:
    """The same as charges."""
    report = take(folder / "charges", folder / "store", stated=DOJ)
    return report, open_charges(folder / "charges")


def charges_by_record(store: ChargeStore) -> dict[tuple[str, int], dict[str, Any]]:
    """Charges by extract and row."""
    found = {}
    for bucket in range(store.buckets):
        tables = store.tables(bucket)
        charges = tables.charges
        for place in range(tables.rows):
            person = charges.person[place]
            found[store.words.files[charges.file[place]], int(charges.line[place]) - 1] = {
                "disposition": int(charges.disposition[place]),
                "date": int(charges.disposition_date[place]),
                "end": int(charges.sentence_end[place]),
                "supervised": int(charges.supervision_end[place]),
                "arrest": int(charges.arrest_date[place]),
                "level": (*store.words.levels, None)[charges.level[place]],
                "marks": int(tables.people.marks[person]),
                "birth": int(tables.people.birth_date[person]),
            }
    return found


def standing(store: Store) -> list[tuple[str, dict[str, Any], dict[str, Any]]]:
    """(extract, conviction, its history) of each that stands for its person."""
    ids = [entry.id for entry in store.manifest.extracts]
    found = []
    for bucket in range(store.manifest.buckets):
        people = store.bucket("people", bucket, ["extract", "canonical", "flags", "birth_date"]).to_pylist()
        for conviction in store.bucket("convictions", bucket).to_pylist():
            person = people[conviction["history"]]
            if person["canonical"]:
                found.append((ids[person["extract"]], conviction, person))
    return found


def test_convictions_are_those_of_the_store(folder: Path, charged: tuple[ChargeReport, ChargeStore]) -> None:
    (report, store), extracts = charged, open_store(folder / "store")
    charges, convictions = charges_by_record(store), standing(extracts)
    assert len(convictions) == extracts.manifest.counts["convictions_once"] > 100
    said: Counter[bool] = Counter()
    for extract, conviction, person in convictions:
        charge = charges[extract, conviction["row"]]
        assert charge["date"] == conviction["event_date"]
        if charge["date"] != NO_DAY:
            assert charge["end"] == -(-conviction["sentence_end"] // 2)
        assert (charge["level"] == "felony") == bool(conviction["flags"] & flag.FELONY)
        undone = charge["disposition"] in UNDONE
        assert undone or charge["disposition"] == Disposition.CONVICTED
        assert undone >= bool(conviction["flags"] & flag.SET_ASIDE)
        said[undone] += 1
        for bit, mark in ((flag.DECEASED, Mark.DECEASED), (flag.REGISTERED, Mark.REGISTERED)):
            assert bool(person["flags"] & bit) == bool(charge["marks"] & mark)
    assert min(said.values()) > 2
    assert sum(charge["disposition"] == Disposition.CONVICTED for charge in charges.values()) == said[False]
    assert report.counts["people"] <= extracts.manifest.counts["people"]
    assert report.records == extracts.manifest.counts["rows"] == report.stored + report.quarantined
    assert report.aside[COPY] > 0
    assert report.counts["charges"] == len(charges) < report.stored
    assert {"arrest_date", "sentence_end_date", "supervision_end_date", "revoked"} <= store.words.told


def test_arrests_and_supervision_are_told(folder: Path, charged: tuple[ChargeReport, ChargeStore]) -> None:
    charges, extracts = charges_by_record(charged[1]), open_store(folder / "store")
    arrests: dict[tuple[bytes, bytes], list[int]] = defaultdict(list)
    came, rows = set(), {}
    for entry in extracts.manifest.extracts:
        for table in extracts.records(entry):
            for row in table.to_pylist():
                rows[entry.id, row["row"]] = row
                cycle = (entry.id.encode() + row["SUBJECT_ID"].strip(), row["CNT_ORDER"][:3])
                if row["STP_TYPE_DESCR"] == b"ARREST/DETAINED/CITED":
                    day = parse_day(row["STP_EVENT_DATE"].decode(), ["YYYYMMDD"])
                    arrests[cycle] += [] if day is None else [day]
                elif row["STP_TYPE_DESCR"] == b"COURT ACTION":
                    came.add(cycle)
    kinds: Counter[str] = Counter()
    for (extract, place), charge in charges.items():
        row = rows[extract, place]
        cycle = (extract.encode() + row["SUBJECT_ID"].strip(), row["CNT_ORDER"][:3])
        assert charge["arrest"] == min(arrests[cycle], default=NO_DAY)
        kind = row["STP_TYPE_DESCR"].decode()
        assert (kind == "COURT ACTION") == (cycle in came)
        kinds[kind] += 1
        if charge["supervised"] != NO_DAY:
            assert charge["date"] <= charge["supervised"] <= charge["end"]
            kinds["supervised"] += 1
    assert {*kinds} == {"COURT ACTION", "ARREST/DETAINED/CITED", "supervised"}


@pytest.mark.long
def test_the_same_whatever_the_buckets_and_once_only(folder: Path, tmp_path: Path) -> None:
    take(tmp_path / "one", folder / "store", stated=DOJ, buckets=1)
    take(tmp_path / "many", folder / "store", stated=DOJ, buckets=7, where="threads:2")
    same(all_of(open_charges(tmp_path / "one")), all_of(open_charges(tmp_path / "many")))
    before = contents(tmp_path / "one")
    assert take(tmp_path / "one", folder / "store", stated=DOJ).unchanged == ("store",)
    assert contents(tmp_path / "one") == before
    dry = take(tmp_path / "none", folder / "store", stated=DOJ, dry_run=True)
    assert dry.records > 0
    # Steps become charges when they are folded, so what all charges together show is not looked at, which is said.
    assert dry.unseen
    assert "" not in dry.findings
    assert not (tmp_path / "none").exists()


@pytest.mark.long
def test_a_later_snapshot_takes_the_place_of_the_one_before(folder: Path, tmp_path: Path) -> None:
    files = sorted(str(path) for path in (folder / "in").glob("*.csv"))
    ingest(files[0], tmp_path / "extracts")
    first = take(tmp_path / "charges", tmp_path / "extracts", stated=DOJ)
    ingest(files[1:], tmp_path / "extracts")
    report = take(tmp_path / "charges", tmp_path / "extracts", stated=DOJ)
    assert (report.replaced, first.replaced) == (("extracts",), ())
    take(tmp_path / "anew", tmp_path / "extracts", stated=DOJ)
    same(all_of(open_charges(tmp_path / "charges")), all_of(open_charges(tmp_path / "anew")))


@pytest.mark.usefixtures("charged")
def test_extracts_are_named_by_their_store(folder: Path, tmp_path: Path) -> None:
    file = next((folder / "in").glob("*.csv"))
    with pytest.raises(ExtractError, match=r"is no store of extracts"):
        take(tmp_path / "charges", file, stated=DOJ)
    with pytest.raises(ExtractError, match=r"is no store of extracts"):
        take(tmp_path / "charges", folder / "store", folder / "store", stated=DOJ)
    with pytest.raises(StoreError, match="holds charges"):
        take(tmp_path / "again", folder / "charges", stated=DOJ)
    assert not clearscale.verify(folder / "charges", cluster="threads:1").damaged
