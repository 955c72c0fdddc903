"""Differences of two runs over charges, against plain Python over their decisions."""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.csv as csv
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import clearscale
from clearscale.errors import RunError
from clearscale.relief import Decider, read_policy
from clearscale.relief.deciding import NO_RULE_HOLDS
from clearscale.runs.charges import ChargeRun
from clearscale.runs.charges.decisions import Recorded, decision_table, recorded_table
from clearscale.runs.charges.resident import ChargeBucket
from clearscale.synth import fabricate_charges
from clearscale.whatif.diff.charges import ChargeDiff, comparing
from clearscale.whatif.diff.charges.changes import CHANGES, RECORDS, changed, counted, records
from clearscale.whatif.diff.charges.result import changes_table
from clearscale.whatif.diff.charges.sides import Decided, joined
from clearscale_cluster import Cluster
from tests.formats.made import COOK
from tests.relief.histories import AS_OF, PEOPLE, policies
from tests.support.examples import examples, long
from tests.support.plain_charges import Person, day, tables_of
from tests.support.samples import contents, put

PACK, DAY = "il-minor-cannabis-2020", "2020-12-31"
Row = dict[str, Any]
Record = tuple[str, int]
DECISION, BOTH = ("outcome", "rule", "reason"), ("outcome", "rule", "reason", "first_eligible", "missing")
PLACES = ("file", "line", "county", "court", "case", "sequence", "code", "section", "subsection")


def change_of(before: Row | None, after: Row | None) -> str:
    if before is None or after is None:
        return "only after" if before is None else "only before"
    names = {
        "outcome": "other outcome",
        "reason": "other reason",
        "rule": "other rule",
        "first_eligible": "other day",
        "missing": "other missing data",
    }
    return next((said for name, said in names.items() if before[name] != after[name]), "same")


def expected(
    before: dict[Record, Row], after: dict[Record, Row], people: dict[Record, Any]
) -> tuple[dict[tuple[Any, ...], list[int]], dict[str, int], list[Row]]:
    """Charges and people by cell; people of the state by change; and the records that differ."""
    charges: Counter[tuple[Any, ...]] = Counter()
    persons: dict[tuple[Any, ...], set[Any]] = {}
    of_state: dict[str, set[Any]] = {}
    listed = []
    for record in before.keys() | after.keys():
        pair = before.get(record), after.get(record)
        row = pair[1] or pair[0]
        assert row is not None
        change = change_of(*pair)
        decisions = [(decision or {}).get(name) for decision in pair for name in DECISION]
        scopes = [("state", None, None), ("county", row["county"], None)]
        scopes += [("court", row["county"], row["court"])] if row["court"] is not None else []
        for scope in scopes:
            cell = (*scope, change, *decisions)
            charges[cell] += 1
            persons.setdefault(cell, set()).add(people[record])
        of_state.setdefault(change, set()).add(people[record])
        if change != "same":
            both = {
                f"{name}_{side}": (decision or {}).get(name)
                for side, decision in zip(("before", "after"), pair, strict=True)
                for name in BOTH
            }
            listed.append({**{name: row[name] for name in PLACES}, "change": change, **both})
    cells = {cell: [many, len(persons[cell])] for cell, many in charges.items()}
    return cells, {change: len(who) for change, who in of_state.items()}, listed


def cells_of(table: pa.Table) -> dict[tuple[Any, ...], list[int]]:
    return {tuple(row.values())[:-2]: [row["charges"], row["people"]] for row in table.to_pylist()}


def ordered(rows: Sequence[Row]) -> list[Row]:
    return sorted(rows, key=lambda row: (row["file"], row["line"]))


@settings(max_examples=examples(240))
@given(st.lists(PEOPLE, min_size=1, max_size=4), policies(), policies(), st.booleans())
def test_as_a_plain_comparison_says(people: list[Person], one: str, other: str, same_rules: bool) -> None:
    tables = tables_of(people)
    courts = (tables.charges.line % 3 - 1).astype(np.int32)  # none of some
    charges, words = replace(tables.charges, court=courts), replace(tables.words, courts=("First", "Second"))
    tables = replace(tables, charges=charges, words=words)
    sequences = pa.array(["1"] * tables.rows, pa.string()).dictionary_encode()
    bucket = ChargeBucket(tables, pa.array(["x"] * tables.cases.person.size, pa.string()), sequences)
    sides, decisions = [], []
    for text, as_of in ((one, day(AS_OF)), (one if same_rules else other, day(AS_OF) - 400 * same_rules)):
        policy = read_policy(text, "drawn").policy()
        found = Decider(policy, as_of).decide(tables)
        rows = np.flatnonzero(found.outcome >= 0).astype(np.int64)
        reasons = [*(rule.reason for rule in policy.rules), NO_RULE_HOLDS]
        table = decision_table(bucket, Recorded(recorded_table(found, rows)), reasons)
        sides.append(Decided(table, rows, rows, tables.charges.person[rows].astype(np.int64)))
        decisions.append({(row["file"], row["line"]): row for row in table.to_pylist()})
    both = joined(*sides)
    compared = changed(both)
    counts = counted(both, compared)
    who = {
        ("charges.csv", line): person
        for line, person in zip(tables.charges.line.tolist(), tables.charges.person.tolist(), strict=True)
    }
    cells, of_people, listed = expected(*decisions, who)
    assert cells_of(changes_table(counts)) == cells
    assert {name: many for name, many in counts.of_people.items() if name and many} == of_people
    assert records(both, compared).to_pylist() == ordered(listed)
    assert {row["change"] for row in listed} <= set(CHANGES)
    shown = ChargeDiff({}, changes_table(counts), lambda: iter(()))
    for name in ("county", "court"):
        by_place: dict[str, Counter[str]] = {}
        for cell, (many, _) in cells.items():
            if cell[0] == name:
                place = cell[1] or "(not known)"
                by_place.setdefault(place if name == "county" else f"{cell[2]}, {place}", Counter())[cell[3]] += (
                    many
                )
        assert {place: +Counter(counted_) for place, counted_ in shown.by(name).items()} == by_place
    with pytest.raises(RunError, match="by county and by court, not by 'race'"):
        shown.by("race")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A store of two files, in two snapshots, and another with other buckets; each with runs."""
    folder = tmp_path_factory.mktemp("diff")
    for name, seed in (("a.csv", 1), ("b.csv", 2), ("new/a.csv", 3)):
        (folder / name).parent.mkdir(exist_ok=True)
        made = fabricate_charges(str(folder / f"made-{seed}"), COOK, people=40, seed=seed)
        Path(made.path).rename(folder / name)
    run_of(take(folder, "store", ["a.csv"], 3), folder / "first")
    run_of(take(folder, "store", ["b.csv"]), folder / "second")
    run_of(folder / "store", folder / "more", {"limit": 100})
    run_of(take(folder, "other-store", ["b.csv", "a.csv"], 5), folder / "elsewhere")
    header, *rows = (folder / "a.csv").read_text().splitlines()
    grown = put(folder / "newest", "a.csv", "\n".join([header, *rows[30:], *rows[:20], ""]).encode())
    run_of(take(folder, "grown-store", ["b.csv", str(grown)], 2), folder / "grown")
    return folder


def take(folder: Path, store: str, files: Sequence[str], buckets: int | None = None) -> Path:
    accept = ["contradictory-births"]  # people of two fabricated files, whose keys are the same
    how: dict[str, Any] = {"accept": accept, "buckets": buckets, "cluster": "threads:1"}
    clearscale.ingest_charges([folder / file for file in files], folder / store, "il-cook-clerk", **how)
    return folder / store


def run_of(store: Path, out: Path, parameters: dict[str, Any] | None = None, as_of: str = DAY) -> ChargeRun:
    return clearscale.run_charges(store, PACK, as_of, out, parameters=parameters, cluster="threads:1")


def decided(run: ChargeRun) -> dict[Record, Row]:
    return {(row["file"], row["line"]): row for part in run.decisions() for row in part.to_pylist()}


def people_of(run: ChargeRun) -> dict[Record, str]:
    """The person of every record of a run's snapshot, by what the store calls them."""
    store = clearscale.open_charges(run.info["store"], run.info["snapshot"])
    found = {}
    for bucket in range(store.buckets):
        charges, words = store.tables(bucket).charges, store.words
        names = store.numbers(bucket).column("identity").to_pylist()
        found |= {
            (words.files[file], line): name
            for file, line, name in zip(charges.file.tolist(), charges.line.tolist(), names, strict=True)
        }
    return found


def found_again(before: ChargeRun, after: ChargeRun) -> dict[Record, Record]:
    """Charges of the earlier run that are in a file which took another's place, by plain loops."""
    lists: list[dict[tuple[Any, ...], list[Record]]] = [{}, {}]
    held = [{file for file, _ in people_of(run)} for run in (before, after)]
    for run, own, other, found in zip((before, after), held, reversed(held), lists, strict=True):
        people = people_of(run)
        for record, row in sorted(decided(run).items()):
            if record[0] in own - other and not people[record].startswith("record:"):
                stays = (row[name] for name in PLACES if name not in ("file", "line", "court"))
                found.setdefault((people[record], *stays), []).append(record)
    return {
        record: again
        for same, records_ in lists[0].items()
        for record, again in zip(records_, lists[1].get(same, []), strict=False)
    }


PAIRS = [
    ("second", "more", ["policy"], ()),
    ("first", "second", ["snapshot"], ("b",)),
    ("elsewhere", "more", ["policy", "snapshot"], ()),
    long("earlier", "more", ["policy", "as_of"], ()),
    long("second", "replaced", ["snapshot"], ("a", "a")),
    long("earlier", "elsewhere", ["as_of", "snapshot"], ()),
    ("grown", "more", ["policy", "snapshot"], ("a", "a")),
    long("elsewhere", "grown", ["snapshot"], ("a", "a")),
]


@pytest.fixture(scope="module")
def later(folder: Path) -> None:
    """More runs; the last is of a snapshot in which another file took the place of the first."""
    run_of(folder / "store", folder / "earlier", as_of="2019-12-31")
    run_of(take(folder, "store", ["new/a.csv"]), folder / "replaced")


@pytest.mark.parametrize(("before", "after", "differ", "alone"), PAIRS)
def test_counts_and_records_are_those_of_the_decisions(
    request: pytest.FixtureRequest, folder: Path, before: str, after: str, differ: list[str], alone: tuple[str, ...]
) -> None:
    if {before, after} & {"earlier", "replaced"}:
        request.getfixturevalue("later")
    runs = [clearscale.open_charge_run(folder / name) for name in (before, after)]
    found = clearscale.diff(*runs, cluster="threads:1")
    assert isinstance(found, ChargeDiff)
    decisions = [decided(run) for run in runs]
    again = found_again(*runs)
    assert (len(again) > 20) == ("grown" in (before, after))
    decisions[0] = {again.get(record, record): row for record, row in decisions[0].items()}
    cells, of_people, listed = expected(*decisions, people_of(runs[0]) | people_of(runs[1]))
    assert cells_of(found.changes) == cells
    assert ordered(found.records.to_pylist()) == ordered(listed)
    assert found.info["differ"] == differ
    assert {name: many for name, many in found.info["people"].items() if many} == of_people
    assert found.info["records"] == len(listed)
    files = [*found.info["files_only_before"], *found.info["files_only_after"]]
    assert tuple(name.partition("-")[0] for name in files) == alone
    by_county = found.by("county")["Cook"]
    assert by_county == found.info["charges"]
    assert sum(pair["charges"] for pair in found.pairs()) == len(listed)


def test_the_same_records_elsewhere_are_the_same(folder: Path) -> None:
    """Another store, whose files came in another order and were dealt out to other buckets."""
    found = clearscale.diff(folder / "second", folder / "elsewhere", cluster="threads:1")
    assert isinstance(found, ChargeDiff)
    assert found.records.num_rows == found.info["people_changed"] == 0
    assert found.info["charges"]["same"] == clearscale.open_charge_run(folder / "second").summary["candidates"]
    assert found.pairs() == []


@pytest.mark.long
def test_days_alone_are_told_apart(folder: Path, tmp_path: Path) -> None:
    """Where only `effective` moves, what waits for it waits for another day, and nothing else changes."""
    runs = [
        run_of(folder / "other-store", tmp_path / day, {"effective": day}, "2019-10-01")
        for day in ("2020-01-01", "2020-06-01")
    ]
    found = clearscale.diff(*runs, cluster="threads:1")
    charges = found.info["charges"]
    assert charges["other day"] > 0
    assert charges["other day"] + charges["same"] == sum(charges.values())
    assert isinstance(found, ChargeDiff)
    assert set(found.records.column("outcome_before").to_pylist()) == {"not-yet"}
    assert found.info["parameters"] == {"effective": {"before": "2020-01-01", "after": "2020-06-01"}}


def tables_in(out: Path) -> Iterator[tuple[str, bytes]]:
    for name, content in contents(out).items():
        if "records.parquet" not in name and name != "diff.json":
            yield name, content
    yield "records", str(pq.read_table(out / "records.parquet").to_pylist()).encode()


def test_tables_are_written(folder: Path, tmp_path: Path) -> None:
    for name in ("once", "again"):  # over an earlier one, too
        clearscale.diff(folder / "first", folder / "second", out=tmp_path / name, cluster="threads:1")
        found = clearscale.diff(folder / "second", folder / "more", out=tmp_path / name, cluster="threads:3")
    assert sorted(path.name for path in (tmp_path / "once").iterdir()) == [
        *("changes.csv", "changes.parquet", "diff.json", "records.csv", "records.parquet")
    ]
    assert contents(tmp_path / "once") == contents(tmp_path / "again")
    assert pq.read_table(tmp_path / "once" / "changes.parquet").equals(found.changes)
    assert pq.read_table(tmp_path / "once" / "records.parquet").to_pylist() == found.records.to_pylist()
    assert csv.read_csv(tmp_path / "once" / "records.csv").num_rows == found.records.num_rows > 0
    clearscale.diff(folder / "second", folder / "second", out=tmp_path / "once", cluster="threads:1")
    assert pq.read_table(tmp_path / "once" / "records.parquet").num_rows == 0
    assert csv.read_csv(tmp_path / "once" / "records.csv").column_names == RECORDS.names


@pytest.mark.long
def test_any_processes_buckets_and_shares_leave_the_same_bytes(
    folder: Path, tmp_path: Path, two_processes: Cluster, monkeypatch: pytest.MonkeyPatch
) -> None:
    one, two = (clearscale.open_charge_run(folder / name) for name in ("second", "more"))
    clearscale.diff(one, two, out=tmp_path / "one", cluster="threads:1")
    clearscale.diff(one, two, out=tmp_path / "processes", cluster=two_processes)
    assert contents(tmp_path / "one") == contents(tmp_path / "processes")
    store = folder / "other-store"
    other = run_of(store, tmp_path / "a"), run_of(store, tmp_path / "b", {"limit": 100})
    clearscale.diff(*other, out=tmp_path / "buckets", cluster="threads:1")
    assert dict(tables_in(tmp_path / "buckets")) == dict(tables_in(tmp_path / "one"))
    clearscale.diff(one, other[1], out=tmp_path / "elsewhere", cluster="threads:1")
    monkeypatch.setattr(comparing, "CHARGES_A_TASK", 1)
    clearscale.diff(one, other[1], out=tmp_path / "shares", cluster="threads:2")
    assert dict(tables_in(tmp_path / "shares")) == dict(tables_in(tmp_path / "elsewhere"))
    assert dict(tables_in(tmp_path / "shares"))["changes.csv"] == dict(tables_in(tmp_path / "one"))["changes.csv"]


def test_many_records_are_no_csv(folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(comparing, "MOST_CSV_ROWS", 3)
    clearscale.diff(folder / "second", folder / "more", out=tmp_path, cluster="threads:1")
    assert not (tmp_path / "records.csv").exists()
    assert pq.read_table(tmp_path / "records.parquet").num_rows > 3


def test_runs_of_two_kinds_are_refused(folder: Path, edges_of_rules: Path, tmp_path: Path) -> None:
    of_convictions = clearscale.run(edges_of_rules / "store", "ca-dismiss-all", DAY, tmp_path / "run")
    with pytest.raises(RunError, match=r"is over convictions; .* is over charges: compare two runs of one kind"):
        clearscale.diff(of_convictions, folder / "second", out=tmp_path / "out")
    assert not (tmp_path / "out").exists()
