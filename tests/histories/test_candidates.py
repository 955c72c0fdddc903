"""What a run reads of a store, every column of it, against a plain computation from the extract's records."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import HealthCheck, given, settings

from clearscale.histories.candidates import OTHERS
from clearscale.store import Store, open_store
from clearscale_kernels import flag
from tests.support.examples import examples, long
from tests.support.fabricate import extracts as drawn_extracts
from tests.support.plain_candidates import (
    Record,
    Row,
    canonical,
    contradictory_people,
    histories,
    plain_candidates,
    plain_subject,
)
from tests.support.reference.reading import read
from tests.support.samples import conviction, extract, ingest, put, rendered

stable = settings(
    derandomize=True,
    deadline=None,
    database=None,
    suppress_health_check=[HealthCheck.too_slow],
    max_examples=examples(40),
)


def buckets(store: Store) -> Iterator[tuple[list[tuple[int, bytes]], list[Row], list[Row]]]:
    """Of each bucket: its histories by (extract, SUBJECT_ID), its candidates and its subjects, codes as texts."""
    texts = store.dictionaries().texts
    for number in range(store.manifest.buckets):
        found = store.candidates(number)
        people = store.bucket("people", number, ["extract", "subject_id"])
        names = list(zip(*(people.column(name).to_pylist() for name in people.column_names), strict=True))
        candidates, subjects = found.candidates.to_pylist(), found.subjects.to_pylist()
        for rows in (candidates, subjects):
            for row in rows:
                row.update(
                    {name: texts[name][row[name]] for name in ("offense", "county", "race", "sex") if name in row}
                )
        yield names, candidates, subjects


def compare(folder: Path, extracts: dict[str, bytes], **options: Any) -> Store:
    """The store's candidates and subjects, every column, and whether every history has its own."""
    for county, content in extracts.items():
        ingest(put(folder, f"{county}.csv", content), folder / "store", county=county, **options)
    store = open_store(str(folder / "store"))
    assert [entry.county for entry in store.manifest.extracts] == list(extracts)
    everyone = {(history.place, history.subject_id): history for history in histories(extracts)}
    standing, contradicting = (find(list(everyone.values())) for find in (canonical, contradictory_people))
    seen: set[tuple[int, bytes]] = set()
    total = 0
    for names, candidates, subjects in buckets(store):
        assert [row["history"] for row in candidates] == sorted(row["history"] for row in candidates)
        by_history: dict[int, list[Row]] = {place: [] for place in range(len(names))}
        for row in candidates:
            by_history[row.pop("history")].append(row)
        for (place, found), name, subject in zip(by_history.items(), names, subjects, strict=True):
            is_canonical = name in standing
            known = (everyone[name], is_canonical, everyone[name].person in contradicting)
            assert subject == plain_subject(*known), (name, place)
            assert found == plain_candidates(*known), (name, place)
            total += len(found)
            seen.add(name)
    assert seen == everyone.keys()
    assert store.manifest.counts["candidates"] == total
    return store


@pytest.mark.parametrize("seed", [0, 1, long(2), long(3)])
def test_people_on_the_edges_of_every_rule(seed: int, tmp_path: Path) -> None:
    """Two counties with the same people, some rows lacking in one, and a third: copies, own and other counties."""
    whole = extract("ALAMEDA", seed=seed, subjects=80, scatter=seed % 2 == 1)
    shorter = rendered([row for place, row in enumerate(read(whole)) if place % 7])
    compare(
        tmp_path,
        {"ALAMEDA": whole, "YOLO": shorter.replace(b"ALAMEDA", b"YOLO"), "FRESNO": extract("FRESNO", seed + 50)},
        buckets=(1, 2, 4, 16)[seed],
    )


@stable
@given(drawn_extracts())
def test_any_extract(tmp_path_factory: pytest.TempPathFactory, content: bytes) -> None:
    compare(tmp_path_factory.mktemp("any"), {"KERN": content}, buckets=2)


def strikes_and_others() -> list[Record]:
    """One person: Prop 64 and related convictions, strikes before, beside and after them, in two counties."""
    rows = []
    for number, (case, date, offense, county, status) in enumerate(
        (
            ("001001", "19990101", "187 PC-MURDER", "YOLO", "FELONY"),
            ("002001", "20000101", "11357(A) HS-POSSESS", "YOLO", "FELONY"),
            ("002001", "20000101", "11359 HS-SELL", "YOLO", "FELONY"),
            ("002001", "19990101", "289 PC-PENETRATION", "YOLO", "FELONY"),
            ("003001", "20050101", "11359 HS-SELL", "NAPA", "FELONY"),
            ("003002", "20050101", "11359 HS-SELL", "YOLO", "MISDEMEANOR"),
            ("003001", "20060101", "11364 HS-PARAPHERNALIA", "YOLO", "MISDEMEANOR"),
            ("004001", "20150101", "459 PC-BURGLARY", "NAPA", "FELONY"),
            ("004001", "20150101", "245(D)(3) PC-ASSAULT", "YOLO", "FELONY"),
            ("004001", "20150101", "186.22(B)(4) PC-GANG", "YOLO", "MISDEMEANOR"),
            ("004001", "20150101", "246 PC-SHOOTING", "YOLO", "FELONY"),
        ),
        start=1,
    ):
        values = {"CNT_ORDER": f"{case}{number:03d}000", "STP_EVENT_DATE": date, "OFFENSE_DESCR": offense}
        rows.append(conviction("1", county, CONV_STAT_DESCR=status, **values))
    return rows


def test_strikes_priors_and_others_by_hand(tmp_path: Path) -> None:
    store = compare(tmp_path, {"YOLO": rendered(strikes_and_others())}, buckets=1)
    found = store.candidates(0)
    strike_bits = sum(
        getattr(flag, name) for name in dir(flag) if name.startswith(("SUPERSTRIKE_", "REGISTRABLE_"))
    )
    before = flag.SUPERSTRIKE_EARLIER | flag.SUPERSTRIKE_PRIOR | flag.REGISTRABLE_EARLIER
    after = before | flag.REGISTRABLE_PRIOR
    # Murder is a superstrike of another case; the other offense is of both kinds, and of the case of the first two.
    beside = before | flag.SUPERSTRIKE_SAME_CASE | flag.REGISTRABLE_SAME_CASE
    assert [flags & strike_bits for flags in found.candidates["flags"].to_pylist()] == [
        beside,
        beside,
        *[after] * 3,
    ]
    assert found.candidates["priors"].to_pylist() == [0, 0, 1, 1, 0]
    assert found.candidates["same_cycles"].to_pylist() == [1, 2, 2, 2, 1]
    own = [flags & flag.OWN_COUNTY > 0 for flags in found.candidates["flags"].to_pylist()]
    assert own == [True, True, False, True, True]
    [subject] = found.subjects.to_pylist()
    assert [subject[name] for name in OTHERS] == [6, 5, 16436]
    assert (subject["superstrikes"], subject["pc290"], subject["gang_pair"]) == (3, 1, True)


def test_the_same_rows_in_another_county_are_not_its_own(tmp_path: Path) -> None:
    # MODOC is a county that no record names, as an extract may be told to be.
    for county, wanted in (("NAPA", [False, False, True, False, False]), ("MODOC", [False] * 5)):
        store = compare(tmp_path / county, {county: rendered(strikes_and_others())}, buckets=1)
        found = store.candidates(0)
        assert [flags & flag.OWN_COUNTY > 0 for flags in found.candidates["flags"].to_pylist()] == wanted
        [subject] = found.subjects.to_pylist()
        assert [subject[name] for name in OTHERS] == [6, 5, 16436]


def test_an_extract_of_headers_only_has_no_candidates(tmp_path: Path) -> None:
    store = compare(tmp_path, {"YOLO": rendered([])}, buckets=2)
    tables = [store.candidates(number) for number in range(2)]
    full = compare(tmp_path / "full", {"YOLO": rendered(strikes_and_others())}, buckets=1).candidates(0)
    assert {table.candidates.num_rows + table.subjects.num_rows for table in tables} == {0}
    assert {table.candidates.schema for table in tables} == {full.candidates.schema}
    assert {table.subjects.schema for table in tables} == {full.subjects.schema}


def test_every_bucket_is_one_record_batch_without_nulls(tmp_path: Path) -> None:
    store = compare(tmp_path, {"YOLO": extract("YOLO", seed=5, subjects=60)}, buckets=2)
    for number in range(2):
        for name, table in vars(store.candidates(number)).items():
            assert {column.num_chunks for column in table.columns} == {1}
            assert not any(column.null_count for column in table.columns)
            path = store.snapshot.url + f"/{name}/bucket-{number:05d}.arrow"
            with pa.memory_map(path) as file:
                assert pa.ipc.open_file(file).num_record_batches == 1
