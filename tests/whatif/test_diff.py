"""Differences of two runs, against plain Python over their decisions."""

from collections import Counter
from pathlib import Path
from typing import Any

import pyarrow.csv as csv
import pyarrow.parquet as pq
import pytest

import clearscale
from clearscale.law import state
from clearscale.runs import Run
from clearscale.runs.demography import race_group
from clearscale.store import open_store
from tests.support.reference.reading import read
from tests.support.samples import AS_OF, OPTIONS, extract, ingest, put, rendered

CAUTIOUS: dict[str, Any] = {
    "baselineEligibility": {"dismiss": ["11357"], "reduce": ["11358"]},
    "additionalRelief": {},
}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A store in three snapshots: one county, then two, then the first one's extract replaced."""
    folder = tmp_path_factory.mktemp("diff")
    whole = extract("ALAMEDA", seed=5, subjects=60)
    ingest(put(folder, "alameda.csv", whole), folder / "store", county="ALAMEDA", buckets=4)
    run(folder, "first", OPTIONS)
    shorter = rendered([row for place, row in enumerate(read(whole)) if place % 5])
    ingest(put(folder, "yolo.csv", shorter), folder / "store", county="YOLO")
    run(folder, "second", OPTIONS)
    run(folder, "cautious", CAUTIOUS)
    run(folder, "later", OPTIONS, "2024-07-01")
    replaced = put(folder / "new", "alameda.csv", extract("ALAMEDA", seed=6, subjects=60))
    ingest(replaced, folder / "store", county="ALAMEDA")
    run(folder, "replaced", OPTIONS)
    # The same county again a year later: new people before the others, some of the old ones gone, a row changed.
    rows = read(extract("ALAMEDA", seed=6, subjects=60))
    new = [{**row, "SUBJECT_ID": b"N" + row["SUBJECT_ID"], "CII_NUMBER": b"N" + row["SUBJECT_ID"]} for row in rows]
    grown = [row for row in new if row["SUBJECT_ID"] < b"N3"] + [row for row in rows if row["SUBJECT_ID"] != b"7"]
    ingest(put(folder / "newest", "alameda.csv", rendered(grown)), folder / "store", county="ALAMEDA")
    run(folder, "grown", OPTIONS)
    run(folder, "grown-cautious", CAUTIOUS)
    return folder


def run(folder: Path, name: str, policy: dict[str, Any], as_of: str = AS_OF) -> Run:
    return clearscale.run(str(folder / "store"), policy, as_of, str(folder / name))


def decisions(run: Run) -> dict[tuple[str, int], dict[str, Any]]:
    return {(row["extract"], row["row"]): row for row in run.decisions().to_pylist()}


def race_of(run: Run) -> dict[tuple[str, int], str]:
    """The race of the person of every record, from the extracts' own rows."""
    store = open_store(run.info["store"], run.info["snapshot"])
    found = {}
    for entry in store.manifest.extracts:
        first: dict[bytes, str] = {}
        for block in store.records(entry):
            for row in block.select(["row", "SUBJECT_ID", "RACE_DESCR"]).to_pylist():
                race = first.setdefault(row["SUBJECT_ID"], row["RACE_DESCR"].decode("utf-8", "backslashreplace"))
                found[entry.id, row["row"]] = race_group(race)
    return found


def stays_of(run: Run) -> dict[tuple[str, int], tuple[bytes, bytes, str]]:
    """The person, the day and the extract's county of every record, from the extracts' own rows."""
    store = open_store(run.info["store"], run.info["snapshot"])
    found = {}
    for entry in store.manifest.extracts:
        first: dict[bytes, bytes] = {}
        for block in store.records(entry):
            for row in block.select(["row", "SUBJECT_ID", "CII_NUMBER", "STP_EVENT_DATE"]).to_pylist():
                person = first.setdefault(row["SUBJECT_ID"], row["CII_NUMBER"]) or b"subject " + row["SUBJECT_ID"]
                found[entry.id, row["row"]] = person, row["STP_EVENT_DATE"], entry.county
    return found


def found_again(before: Run, after: Run) -> dict[tuple[str, int], tuple[str, int]]:
    """Decisions of the later run on a conviction of an extract that was replaced, by those of the earlier run."""
    runs = (before, after)
    ids = [set(run.info["decisions"]) for run in runs]
    lists: list[dict[tuple[Any, ...], list[tuple[str, int]]]] = [{}, {}]
    for run, own, other, found in zip(runs, ids, reversed(ids), lists, strict=True):
        stays = stays_of(run)
        for key, decision in sorted(decisions(run).items()):
            if key[0] in own - other:
                same = (*stays[key], decision["county"], decision["offense"])
                found.setdefault(same, []).append(key)
    return {
        key: again
        for same, keys in lists[0].items()
        for key, again in zip(keys, lists[1].get(same, []), strict=False)
    }


def change_of(before: dict[str, Any] | None, after: dict[str, Any] | None) -> str:
    if before is None or after is None:
        return "only after" if before is None else "only before"
    if before["determination"] != after["determination"]:
        return "other determination"
    return "same" if before["reason"] == after["reason"] else "other reason"


def expected(before: Run, after: Run) -> tuple[dict[tuple[str, ...], list[int]], list[tuple[Any, ...]]]:
    again = found_again(before, after)
    first, second = decisions(before), decisions(after)
    first = {again.get(key, key): decision for key, decision in first.items()}
    races = race_of(before) | race_of(after)
    counts: dict[tuple[str, ...], list[int]] = {}
    records = []
    for key in first.keys() | second.keys():
        a, b = first.get(key), second.get(key)
        row = b or a
        assert row is not None
        outcomes = tuple(
            (decision or {"determination": "", "reason": ""})[what] for decision in (a, b) for what in WHAT
        )
        change = change_of(a, b)
        counted = counts.setdefault((state().counties.group(row["county"]), races[key], change, *outcomes), [0, 0])
        counted[0] += row["county_figure"]
        counted[1] += row["state_figure"]
        if change != "same":
            records.append((*key, row["county"], row["offense"], change, *outcomes))
    return counts, records


WHAT = ("determination", "reason")
PAIRS = [
    ("second", "cautious", ["policy"]),
    ("cautious", "second", ["policy"]),
    ("second", "later", ["as_of"]),
    ("first", "second", ["snapshot"]),
    ("second", "replaced", ["snapshot"]),
    ("cautious", "replaced", ["policy", "snapshot"]),
    ("first", "first", []),
    ("replaced", "grown", ["snapshot"]),
    ("replaced", "grown-cautious", ["policy", "snapshot"]),
    ("grown-cautious", "replaced", ["policy", "snapshot"]),
]


@pytest.mark.parametrize(("before", "after", "differ"), PAIRS)
def test_counts_and_records_are_those_of_the_decisions(
    folder: Path, before: str, after: str, differ: list[str]
) -> None:
    runs = [clearscale.open_run(str(folder / name)) for name in (before, after)]
    found = clearscale.diff(runs[0], runs[1])
    counts, records = expected(*runs)
    names = found.changes.column_names
    assert {
        tuple(row[name] for name in names[:-2]): [row["convictions"], row["convictions_once"]]
        for row in found.changes.to_pylist()
    } == counts
    rows = [tuple(row.values())[:-2] for row in found.records.to_pylist()]
    assert sorted(rows) == sorted(records)
    assert found.info["differ"] == differ
    once: Counter[str] = Counter()
    for key, counted in counts.items():
        once[key[2]] += counted[1]
    assert {name: count for name, count in found.info["convictions_once"].items() if count} == {
        name: count for name, count in once.items() if count
    }


def test_policies_and_dates_change_decisions(folder: Path) -> None:
    found = clearscale.diff(str(folder / "second"), str(folder / "cautious"))
    assert found.info["convictions_once"]["other determination"] > 0
    assert found.info["convictions_once"]["only before"] == found.info["convictions_once"]["only after"] == 0
    assert sum(pair["convictions_once"] for pair in found.pairs()) > 0


def test_who_is_in_both_extracts_of_a_county_is_compared(folder: Path) -> None:
    runs = [clearscale.open_run(str(folder / name)) for name in ("replaced", "grown")]
    found = clearscale.diff(runs[0], runs[1])
    assert len(found.info["extracts_only_before"]) == len(found.info["extracts_only_after"]) == 1
    again = found_again(runs[0], runs[1])
    assert found.info["matched"] == len(again) > 20
    changes = Counter(row["change"] for row in found.records.to_pylist())
    assert changes["only after"] > 0
    assert changes["only before"] < len(again) / 4
    cautious = clearscale.diff(runs[0], str(folder / "grown-cautious"))
    assert cautious.info["convictions_once"]["other determination"] > 0


def test_an_extract_of_other_people_is_in_one_run_only(folder: Path) -> None:
    found = clearscale.diff(str(folder / "second"), str(folder / "replaced"))
    assert len(found.info["extracts_only_before"]) == len(found.info["extracts_only_after"]) == 1
    changes = Counter(row["change"] for row in found.records.to_pylist())
    assert changes["only before"] > 0 < changes["only after"]
    assert not changes["other determination"]


@pytest.mark.parametrize("cluster", ["threads:1", "threads:3"])
def test_tables_are_written(folder: Path, tmp_path: Path, cluster: str) -> None:
    found = clearscale.diff(str(folder / "second"), str(folder / "cautious"), out=str(tmp_path), cluster=cluster)
    assert sorted(path.name for path in tmp_path.iterdir()) == [
        "changes.csv",
        "changes.parquet",
        "diff.json",
        "records.csv",
        "records.parquet",
    ]
    assert pq.read_table(tmp_path / "changes.parquet").equals(found.changes)
    assert csv.read_csv(tmp_path / "records.csv").num_rows == found.records.num_rows


def test_an_empty_diff_has_empty_tables(folder: Path, tmp_path: Path) -> None:
    found = clearscale.diff(str(folder / "first"), str(folder / "first"), out=str(tmp_path))
    assert found.records.num_rows == 0
    assert found.pairs() == []
