"""Benchmarks: the table of figures, and peers whose totals are ours on a tiny state. No time is looked at."""

import json
from dataclasses import replace
from pathlib import Path

import pytest

import clearscale
from clearscale.commands.demo import AS_OF, options
from clearscale.store.ingest import blocks
from clearscale_bench import charge_peers, work
from clearscale_bench.charge_peers import AS_OF as CHARGES_AS_OF
from clearscale_bench.charge_peers import MONTHS, POLICY
from clearscale_bench.data import Data
from clearscale_bench.measure import Program, Taken, Turns, process
from clearscale_bench.peers import (
    ALL,
    NEEDED,
    arrow_columns,
    arrow_records,
    arrow_totals,
    decided_totals,
    duckdb_convictions,
    duckdb_totals,
    numpy_rules,
    polars_totals,
    run_totals,
)
from clearscale_bench.report import Goal, Line, growth, table, write
from tests.support.samples import extract, ingest, put

TINY = 0.001


def line(**more: object) -> Line:
    values = {"work": "fold", "size": "tiny", "kind": "resident", "seconds": 2.0, "rows": 400, "peer": "reading"}
    return Line(**{**values, "peer_seconds": 4.0, **more})  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("goal", "reached"),
    [
        (Goal("x peer", 0.5), True),
        (Goal("x peer", 0.4), False),
        (Goal("seconds", 2), True),
        (Goal("seconds", 1.9), False),
        (Goal("rows/s", 200), True),
        (Goal("rows/s", 201), False),
        (Goal("MB", 100), True),
        (Goal("MB", 99), False),
        (Goal("x peak", 2), True),
        (Goal("x peak", 1), False),
        (Goal("more", 0), True),
    ],
)
def test_a_goal_is_reached_up_to_its_limit(goal: Goal, reached: bool) -> None:
    assert line(peak_mb=100, peer_peak_mb=50).reached(goal) is reached


@pytest.mark.parametrize("measure", ["x peer", "MB", "x peak", "more", "rows/s"])
def test_a_goal_that_was_not_measured_is_neither_reached_nor_missed(measure: str) -> None:
    assert line(rows=None, peer_seconds=None).reached(Goal(measure, 1)) is None


def test_a_peer_with_other_rows_is_compared_row_for_row() -> None:
    assert line(peer_rows=100).ratio == (2.0 / 400) / (4.0 / 100)


def test_a_second_peer_of_the_same_work_does_not_repeat_our_side() -> None:
    first, second, other = line(goals=[Goal("MB", 1)]), line(peer="DuckDB"), line(size="large")
    *_, one, two, three = table([first, second, other]).splitlines()
    assert one.startswith("| fold | tiny")
    assert "not measured" in one
    assert two.startswith("|      |      ")
    assert "DuckDB" in two
    assert three.startswith("| fold | large")


def test_growth_has_a_row_for_each_size() -> None:
    large = line(size="large", rows=2_000_000, peak_mb=7)
    smaller = [
        replace(large, peer="small", peer_rows=1_000_000),
        replace(large, peer="medium", peer_rows=1_500_000),
    ]
    *_, one, two, three = growth([line(), *smaller]).splitlines()
    assert one.split("|")[2:6] == [" small  ", "       4 ", "                4 ", "         "]
    assert "medium" in two
    assert three.split("|")[2:6] == [" large  ", "       2 ", "                1 ", "       7 "]


def test_figures_are_written_as_markdown_and_json(tmp_path: Path) -> None:
    write(tmp_path, [line(goals=[Goal("x peer", 1)])], {"cores": 2})
    (figure,) = json.loads((tmp_path / "figures.json").read_text())["lines"]
    assert figure["ratio"] == 0.5
    assert figure["seconds_a_million_rows"] == 5000
    assert figure["goals"] == [{"goal": "<= 1 x the peer", "reached": True}]
    assert "| fold | tiny" in (tmp_path / "figures.md").read_text()


def test_a_wrong_total_fails() -> None:
    turns = Turns(
        Program("ours", lambda: 1, int), [Program("same", lambda: 1, int), Program("other", lambda: 2, int)]
    )
    turns.before()
    turns.run_ours()
    with pytest.raises(AssertionError, match="other: 2 and not 1"):
        turns.after()


def test_the_median_of_the_counted_rounds_is_taken() -> None:
    seconds = iter([90.0, 3.0, 1.0, 2.0])
    turns = Turns(Program("ours", lambda: Taken(next(seconds), 0.5, 7.0)), [])
    for _ in range(4):
        turns.before()
        turns.run_ours()
        turns.after()
    assert turns.taken(turns.ours) == Taken(2.0, 0.5, 7.0)


def test_a_command_that_fails_is_an_error() -> None:
    with pytest.raises(RuntimeError, match="ended with 3"):
        process("failing", "import sys; sys.exit(3)").run()


def test_a_command_is_measured_without_the_memory_of_this_process() -> None:
    taken = process("small", "pass").run()
    assert 1 < taken.peak_mb < 40


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Data:
    return Data(tmp_path_factory.mktemp("data"))


@pytest.mark.long
@pytest.mark.slow
def test_peers_agree_with_a_run_and_with_kernels(data: Data, tmp_path: Path) -> None:
    store = data.store(TINY, buckets=4)
    opened = clearscale.open_store(str(store))
    expected = run_totals(clearscale.run(str(store), options(), AS_OF, str(tmp_path / "run")))
    assert sum(expected.values()) == data.state(TINY).state["convictions"]
    assert decided_totals(work.evaluate(str(store))()) == expected
    assert duckdb_totals(opened) == expected
    assert duckdb_totals(opened, histories=True) == expected
    assert polars_totals(opened) == expected
    assert polars_totals(opened, histories=True) == expected
    assert duckdb_convictions(opened) == work.fold(str(store))() == opened.manifest.counts["convictions"]


@pytest.mark.long
@pytest.mark.slow
def test_numpy_decides_as_the_kernel_does(data: Data) -> None:
    rules = work.rules_of(str(data.store(TINY, buckets=4)))
    found = work.decide_kernel(rules)()
    assert found.tolist() == numpy_rules(rules.policy, rules.facts).tolist()


@pytest.mark.long
@pytest.mark.slow
def test_the_peer_of_charges_agrees_with_a_run_and_a_forecast(data: Data, tmp_path: Path) -> None:
    store = str(data.charge_store(TINY))
    run = work.charge_run(store, POLICY, CHARGES_AS_OF, str(tmp_path / "run"))()
    expected = charge_peers.run_totals(run)
    # Every rule that gives relief does, and makes somebody wait.
    assert {(outcome, rule) for outcome in ("dismiss", "not-yet") for rule in (4, 6, 8, 9)} <= expected.keys()
    assert charge_peers.ChargesInMemory(clearscale.open_charges(store)).totals() == expected
    due = charge_peers.forecast_totals(work.forecast(store, POLICY, CHARGES_AS_OF, str(MONTHS))())
    assert due == charge_peers.months_of_decisions(charge_peers.write_decisions(run, tmp_path / "decisions"))
    assert len({month for _, _, month in due}) > 12


@pytest.mark.slow
def test_charges_are_read_on_one_core(data: Data) -> None:
    file, rows = data.charges(300)
    assert work.read_charges(str(file))() == rows
    (extract,) = data.county(2_000).paths
    assert work.encode(str(extract), 1)() == work.encode(str(extract))()


@pytest.mark.slow
def test_peers_agree_with_reading(data: Data) -> None:
    (extract,) = data.county(2_000).paths
    assert arrow_totals(arrow_columns(str(extract), NEEDED)) == work.encode(str(extract))()
    assert arrow_totals(arrow_columns(str(extract), ALL)) == work.encode(str(extract))()
    kernel = work.tokenize(str(extract))
    text = kernel.reads[0].tobytes()
    assert arrow_records(text) == kernel() == kernel.rows


@pytest.mark.slow
def test_data_that_is_whole_is_not_made_again(data: Data) -> None:
    before = {path: path.stat().st_mtime_ns for path in data.county(2_000).paths}
    assert {path: path.stat().st_mtime_ns for path in data.county(2_000).paths} == before
    (data.county(2_000).folder / "truth.json").unlink()
    assert all(path.stat().st_mtime_ns > before[path] for path in data.county(2_000).paths)


@pytest.mark.slow
def test_data_that_lost_something_is_made_again(tmp_path: Path) -> None:
    data = Data(tmp_path)
    (extract,) = data.county(300).paths
    whole = extract.read_bytes()
    extract.write_bytes(whole[:-100])
    (again,) = data.county(300).paths
    assert again.read_bytes() == whole


def test_the_gate_is_timed_against_an_ingest_that_looks_at_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in vars(blocks).copy().items():
        monkeypatch.setattr(blocks, name, value)  # put back what is taken away
    path = put(tmp_path, "alameda.csv", extract())  # edges of rules, of which many look like damage
    seen = ingest(path, tmp_path / "seen", county="ALAMEDA")
    work.without_gate()
    unseen = ingest(path, tmp_path / "unseen", county="ALAMEDA")
    with_gate, without = ({finding.name for finding in report.findings["alameda.csv"]} for report in (seen, unseen))
    values = {
        "unusual-severities",
        "unreadable-dates",
        "contradictory-births",
        "prop64-without-disposition",
    }
    assert values <= with_gate
    assert not values & without
