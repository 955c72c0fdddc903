"""Tables of runs over charges against plain counts of the decisions and of what each record was made of."""

from collections import Counter, defaultdict
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import clearscale
from clearscale.formats import ColumnMap, load_map
from clearscale.relief import OUTCOMES
from clearscale.runs.ages import AGE_BANDS
from clearscale.runs.charges import ChargeRun, packing
from clearscale.runs.charges.crosstabs import count_charges
from clearscale.runs.charges.grouping import grouped
from clearscale_kernels.relief.cells import Cells
from tests.commands.test_policy_commands import call
from tests.formats.made import rendered
from tests.store.test_charge_stores import take
from tests.support.examples import examples, long
from tests.support.many_courts import AS_OF, POLICY, Plain, drawn, write
from tests.support.samples import contents, put

Row = dict[str, Any]
PLACE = ("scope", "county", "court")


@pytest.fixture(scope="module")
def run(many_courts: Path) -> ChargeRun:
    return clearscale.open_charge_run(many_courts / "run")


@pytest.fixture(scope="module")
def records() -> dict[int, Plain]:
    return {plain.line: plain for plain, _ in drawn(900, 8)}


@pytest.fixture(scope="module")
def decided(run: ChargeRun) -> list[Row]:
    return [row for table in run.decisions() for row in table.to_pylist()]


def places(plain: Plain) -> list[tuple[Any, ...]]:
    return [("state", None, None), ("county", plain.county, None), ("court", plain.county, plain.court)]


def age(plain: Plain) -> str | None:
    if plain.born is None:
        return None
    years = AS_OF.year - plain.born.year - ((AS_OF.month, AS_OF.day) < (plain.born.month, plain.born.day))
    bounds = {band: band.replace(" and over", "-200").replace("under 21", "0-20") for band in AGE_BANDS[1:]}
    [band] = [band for band, text in bounds.items() if int(text.split("-")[0]) <= years <= int(text.split("-")[1])]
    return band


def told(table: pa.Table, counts: Iterable[str]) -> dict[tuple[Any, ...], tuple[int, ...]]:
    keys = [name for name in table.column_names if name not in counts]
    found = {tuple(row[name] for name in keys): tuple(row[name] for name in counts) for row in table.to_pylist()}
    assert len(found) == table.num_rows
    return found


def test_charges_and_people_by_place_outcome_and_reason(
    run: ChargeRun, records: dict[int, Plain], decided: list[Row]
) -> None:
    charges: Counter[tuple[Any, ...]] = Counter()
    people = defaultdict(set)
    for row in decided:
        plain = records[row["line"]]
        for place in places(plain):
            cell = (*place, row["outcome"], row["rule"], row["reason"])
            charges[cell] += 1
            people[cell].add(plain.person)
    wanted = {cell: (count, len(people[cell])) for cell, count in charges.items()}
    assert told(run.table("charges"), ("charges", "people")) == wanted
    assert len({cell[:3] for cell in wanted}) == 1 + 4 + 13


def test_what_is_missing_by_place(run: ChargeRun, records: dict[int, Plain], decided: list[Row]) -> None:
    wanted: Counter[tuple[Any, ...]] = Counter()
    for row in decided:
        for words in (row["missing"] or "").split("; "):
            wanted.update((*place, words) for place in places(records[row["line"]]) if words)
    assert told(run.table("missing"), ("charges",)) == {cell: (count,) for cell, count in wanted.items()}


def test_charges_by_all_that_is_told_of_them(run: ChargeRun, records: dict[int, Plain], decided: list[Row]) -> None:
    charges: Counter[tuple[Any, ...]] = Counter()
    people = defaultdict(set)
    for row in decided:
        plain = records[row["line"]]
        cell = (
            *(plain.county, plain.court, plain.code, plain.section, plain.level, plain.severity),
            *(plain.disposition, row["outcome"], row["rule"], row["reason"], plain.race, plain.sex, age(plain)),
            plain.ended.year if plain.ended else None,
        )
        charges[cell] += 1
        people[cell].add(plain.person)
    wanted = {cell: (count, len(people[cell])) for cell, count in charges.items()}
    assert told(run.table("crosstab"), ("charges", "people")) == wanted


def test_people_by_place_race_sex_and_age(run: ChargeRun, records: dict[int, Plain], decided: list[Row]) -> None:
    table = run.table("people")
    counts = table.column_names[6:]
    met: dict[str, dict[tuple[Any, ...], set[str]]] = {name: defaultdict(set) for name in counts}

    def meet(name: str, plain: Plain) -> None:
        for place in places(plain):
            met[name][*place, plain.race, plain.sex, age(plain)].add(plain.person)

    for plain in records.values():
        meet("people", plain)
    for row in decided:
        meet("decided", records[row["line"]])
        meet(row["outcome"], records[row["line"]])
        if OUTCOMES[row["outcome"]].relief:
            meet("relief", records[row["line"]])
    wanted = {cell: tuple(len(met[name][cell]) for name in counts) for cell in list(met["people"])}
    assert told(table, counts) == wanted
    summary = run.summary["outcomes"]
    state = [row for row in table.to_pylist() if row["scope"] == "state"]
    assert {name: sum(row[name] for row in state) for name in summary} == {
        name: found["people"] for name, found in summary.items()
    }


@pytest.mark.parametrize("how", [long({"buckets": 1}), {"buckets": 7}], ids=str)
def test_tables_are_the_same_bytes_however_charges_are_dealt_out(
    many_courts: Path, tmp_path: Path, how: dict[str, Any]
) -> None:
    clearscale.ingest_charges(
        many_courts / "charges.csv", tmp_path / "store", many_courts / "map.toml", cluster="threads:2", **how
    )
    policy = many_courts / "policy.toml"
    run = clearscale.run_charges(tmp_path / "store", policy, str(AS_OF), tmp_path / "run", cluster="threads:2")
    of_tables = [
        {name: content for name, content in contents(folder).items() if name.startswith("tables/")}
        for folder in (tmp_path / "run", many_courts / "run")
    ]
    assert len(of_tables[0]) == 4
    assert of_tables[0] == of_tables[1]
    # What each bucket counted is added up when it is asked for.
    assert run.table("crosstab").equals(clearscale.open_charge_run(many_courts / "run").table("crosstab"))


def test_tables_are_the_same_bytes_where_a_number_has_no_room(
    many_courts: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    counted: list[Any] = []
    monkeypatch.setattr(packing, "ROOM", 20)
    monkeypatch.setattr(packing, "count_charges", lambda *given: counted.append(1) or count_charges(*given))
    policy = many_courts / "policy.toml"
    run = clearscale.run_charges(many_courts / "store", policy, str(AS_OF), tmp_path / "run", cluster="threads:2")
    assert counted
    for name, content in contents(many_courts / "run").items():
        if name != "run.json" and not name.startswith("crosstab/bucket"):
            assert contents(tmp_path / "run")[name] == content
    assert run.table("crosstab").equals(clearscale.open_charge_run(many_courts / "run").table("crosstab"))


def test_many_counts_are_added_up() -> None:
    one, other = (
        Cells(*(np.array(column, np.int64) for column in of)) for of in ([[3], [2], [1]], [[4], [5], [5]])
    )
    for parts in ([one], [one, other] * 40, [one, other] * 40 + [one]):
        found = packing.summed(parts)
        times = parts.count(one), parts.count(other)
        counts = zip(found.charges.tolist(), found.people.tolist(), strict=True)
        rows = dict(zip(found.keys.tolist(), counts, strict=True))
        wanted = {3: (2 * times[0], times[0]), 4: (5 * times[1], 5 * times[1])}
        assert rows == {key: counted for key, counted in wanted.items() if counted[0]}


def test_the_command_shows_the_courts_of_the_most_charges(
    many_courts: Path, run: ChargeRun, capsys: pytest.CaptureFixture[str]
) -> None:
    store, policy = str(many_courts / "store"), str(many_courts / "policy.toml")
    out = str(many_courts / "run")
    code, shown, _ = call(capsys, "run", "--store", store, "--policy", policy, "--as-of", str(AS_OF), "--out", out)
    assert code == 0
    [largest] = [line for line in shown.splitlines() if "Circuit Court of Cook" in line]
    found = Counter(
        {
            row["county"]: row["charges"]
            for row in run.table("charges")
            .group_by(["scope", "county", "court"])
            .aggregate([("charges", "sum")])
            .rename_columns(["scope", "county", "court", "charges"])
            .to_pylist()
            if row["court"] == "Circuit Court of Cook County"
        }
    )
    assert f" {found['Cook']:,} " in largest
    assert "and 3 more" in shown
    assert "Doe, Ann" not in shown


def test_what_files_do_not_have_is_no_column(tmp_path: Path, many_courts: Path) -> None:
    write(tmp_path, 40, 2, without=("race", "court", "class"))
    clearscale.ingest_charges(tmp_path / "charges.csv", tmp_path / "store", tmp_path / "map.toml")
    run = clearscale.run_charges(tmp_path / "store", tmp_path / "policy.toml", str(AS_OF), tmp_path / "run")
    assert not {"race", "court", "class"} & {*run.table("crosstab").column_names}
    assert not {"race", "court"} & {*run.table("people").column_names}
    for name in ("charges", "missing", "people"):
        assert {row["scope"] for row in run.table(name).to_pylist()} == {"state", "county"}


def test_tables_for_a_spreadsheet(run: ChargeRun, tmp_path: Path) -> None:
    names = clearscale.tables(run, tmp_path)
    assert names == ["charges.csv", "people.csv", "missing.csv", "crosstab.csv"]
    for name in names:
        text = (tmp_path / name).read_text("utf-8")
        table = run.table(name.removesuffix(".csv"))
        assert text.count("\n") == table.num_rows + 1
        assert text.splitlines()[0].replace('"', "").split(",") == table.column_names


@settings(max_examples=examples(300))
@given(st.lists(st.tuples(*[st.integers(-1, 3)] * 3, st.integers(0, 5)), max_size=30), st.integers(1, 2**20))
def test_rows_come_together_by_what_they_have_in_common(rows: list[tuple[int, ...]], scale: int) -> None:
    columns = [np.array([row[place] for row in rows], np.int64) for place in range(3)]
    # Numbers so large that three of them have no room in one.
    columns[1] = np.where(columns[1] < 0, -1, columns[1] * scale * 2**20)
    columns[2] = np.where(columns[2] < 0, -1, columns[2] * scale * 2**10)
    owners = np.array([row[3] for row in rows], np.int32)
    groups = grouped(columns)
    plain: dict[tuple[int, ...], list[int]] = defaultdict(list)
    for place in range(len(rows)):
        plain[tuple(int(column[place]) for column in columns)].append(place)
    assert groups.first.tolist() == [of_cell[0] for of_cell in plain.values()]
    assert groups.counts().tolist() == [len(of_cell) for of_cell in plain.values()]
    assert groups.once(owners).tolist() == [len({int(owners[at]) for at in of}) for of in plain.values()]


def test_texts_that_are_on_no_list_have_no_name_in_crosstabs(tmp_path: Path) -> None:
    """A map without words for races: one that is met often stands there, one that may be a name does not."""
    document = load_map("generic-charges").document
    values = {name: words for name, words in document["values"].items() if name != "race"}
    stated = ColumnMap.of("mine", {**document, "values": values})
    rows = [
        {"person_id": str(n), "case_number": str(n), "statute": "PL 221.05", "level": "F", "race": "Green"}
        for n in range(12)
    ]
    rows += [{**rows[0], "person_id": "X", "case_number": "X", "race": "Doe, Ann", "sex": "F", "level": "Doe, Ann"}]
    how = {"accept": ("blank-columns", "no-dispositions")}
    take(tmp_path / "store", put(tmp_path, "a.csv", rendered(rows, stated)), stated=stated, **how)
    policy = POLICY.replace('["level is misdemeanor or violation or felony"]', '["statute in small"]')
    (tmp_path / "policy.toml").write_text(policy, "utf-8")
    run = clearscale.run_charges(tmp_path / "store", tmp_path / "policy.toml", str(AS_OF), tmp_path / "run")
    people = run.table("people").to_pylist()
    assert {row["race"]: row["people"] for row in people if row["scope"] == "state"} == {"Green": 12, None: 1}
    charges = run.table("crosstab")
    assert {row["race"]: row["charges"] for row in charges.to_pylist()} == {"Green": 12, None: 1}
    assert set(charges.column("level").to_pylist()) == {"felony", None}
