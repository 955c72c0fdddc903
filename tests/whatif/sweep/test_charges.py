"""Sweeps over charges: every figure against runs one by one, and against plain Python."""

import datetime
import hashlib
import re
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import clearscale
from clearscale.errors import PolicyError, RunError, StoreError
from clearscale.relief import OUTCOMES
from clearscale.relief.packs import text
from clearscale.runs.charges import ChargeRun
from clearscale.whatif.sweep.charges.counting import count, decider_of
from clearscale.whatif.sweep.charges.plan import ChargePlan, figures_of, plan_of
from clearscale_cluster import Cluster
from tests.relief.histories import AS_OF, PEOPLE, policies
from tests.support.examples import examples, is_long
from tests.support.plain_charges import Person, tables_of
from tests.support.reading_pages import figure, read
from tests.support.reference.relief import RELIEF, Policy
from tests.support.samples import OPTIONS

PACK, DAY = "il-minor-cannabis-2020", "2020-12-31"
LIMITS, DAYS = [10, 30, 100], ["2019-12-31", DAY]
DOUBTS = ["unused-name", "unused-parameter", "never-decides"]
D = datetime.date


@pytest.fixture(scope="module")
def store(cook: Path) -> str:
    return str(cook / "store")


@pytest.fixture(scope="module")
def swept(store: str, tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("swept") / "sweep"
    clearscale.sweep(
        *(store, PACK, DAY, {"limit": LIMITS, "as_of": DAYS}, out),
        by_county=True,
        frontier="charges_expunge,-charges_undecided",
        cluster="threads:1",
    )
    return out


def counted(
    answers: Sequence[Sequence[Any]], people: Sequence[Person], county: str | None, all_: bool
) -> Counter[str]:
    """Figures of a county, or of all, from what the reference decided of each person's charges."""
    found: Counter[str] = Counter()
    for person, of_person in zip(people, answers, strict=True):
        own = [
            answer
            for charge, answer in zip(person.charges, of_person, strict=True)
            if all_ or charge.county == county
        ]
        kinds = []
        for answer in own:
            found["charges_unsure"] += answer.unsure
            if answer.outcome is not None:
                kinds += ["decided", answer.outcome.replace("-", "_")]
                kinds += ["relief"] * (answer.outcome in RELIEF)
        found.update(f"charges_{kind}" for kind in kinds)
        found.update(f"people_{kind}" for kind in {*kinds})
    return found


@settings(max_examples=examples(150))
@given(st.lists(PEOPLE, min_size=1, max_size=4), policies(), st.booleans())
def test_as_the_reference_counts(
    tmp_path_factory: pytest.TempPathFactory, people: list[Person], policy: str, by_county: bool
) -> None:
    file = tmp_path_factory.mktemp("policy") / "drawn.toml"
    file.write_text(policy)
    years, days = [18, 21, 40], [AS_OF, D(2016, 2, 29)]
    vary = {"years": years, "as_of": [str(date) for date in days]}
    plan = plan_of(str(file), str(AS_OF), vary, DOUBTS)
    tables = tables_of(people)
    figures = count(tables, decider_of(plan), plan, by_county)
    counties = [*tables.words.counties, None] if by_county else []
    names = figures_of(plan.outcomes)
    place = 0
    for year in years:
        for date in days:
            plain = Policy(policy, date)
            plain.values["years"] = year
            answers = [plain.decide(person) for person in people]
            for scope, county in enumerate([*counties, ""]):
                expected = counted(answers, people, county, all_=scope == len(counties))
                found = dict(zip(names, figures[place, scope].tolist(), strict=True))
                assert {name: many for name, many in found.items() if many} == dict(+expected)
            place += 1


def figures_of_run(run: ChargeRun) -> dict[str, int]:
    """Figures of the state that a run's tables and summary have."""
    summary = run.summary
    found = {"charges_decided": summary["candidates"], "charges_unsure": summary["unsure"]}
    found["people_decided"] = summary["people_with_candidates"]
    for name, counts in summary["outcomes"].items():
        found |= {f"{kind}_{name.replace('-', '_')}": counts[kind] for kind in ("charges", "people")}
    found["charges_relief"] = sum(
        counts["charges"] for name, counts in summary["outcomes"].items() if OUTCOMES[name].relief
    )
    return found


def row_of(table: list[dict[str, Any]], scope: str, **settings_: Any) -> dict[str, Any]:
    (row,) = [
        row for row in table if row["scope"] == scope and all(row[name] == of for name, of in settings_.items())
    ]
    return row


def test_each_setting_is_what_a_run_says(cook: Path, swept: Path, tmp_path: Path) -> None:
    table = clearscale.open_sweep(swept).table().to_pylist()
    assert len(table) == 2 * len(LIMITS) * len(DAYS)
    runs = {(30, DAY): clearscale.open_charge_run(cook / "run")}
    for limit, day in [(100, "2019-12-31"), (10, DAY)] if is_long() else []:
        out = tmp_path / f"{limit}-{day}"
        runs[limit, day] = clearscale.run_charges(cook / "store", PACK, day, out, parameters={"limit": limit})
    for (limit, day), run in runs.items():
        state, county = (row_of(table, scope, limit=limit, as_of=day) for scope in ("state", "county"))
        expected = figures_of_run(run)
        assert {name: state[name] for name in expected if name in state} == {
            name: many for name, many in expected.items() if name in state
        }
        assert all(not many for name, many in expected.items() if name not in state)
        with_relief = [
            part.column("line").to_pylist()
            for part in run.decisions()
            for part in [part.filter([OUTCOMES[name].relief for name in part.column("outcome").to_pylist()])]
        ]
        assert sum(map(len, with_relief)) == state["charges_relief"] >= state["people_relief"]
        assert county["county"] == "Cook"  # all charges are of one county
        assert [county[name] for name in expected if name in county] == [
            state[name] for name in expected if name in state
        ]


def digests(folder: Path) -> dict[str, str]:
    return {
        path.name: hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(folder.iterdir())
        if path.name != "sweep.json"
    }


def again(store: str | Path, out: Path, cluster: Any) -> Path:
    vary = [f"limit={','.join(map(str, LIMITS))}", f"as_of={','.join(DAYS)}"]
    wish = "charges_expunge,-charges_undecided"
    clearscale.sweep(store, PACK, DAY, vary, out, by_county=True, frontier=wish, cluster=cluster)
    return out


def test_any_workers_leave_the_same_bytes(store: str, swept: Path, tmp_path: Path) -> None:
    assert digests(again(store, tmp_path / "three", "threads:3")) == digests(swept)
    assert {*digests(swept)} == {
        *("chart.html", "frontier.csv", "frontier.parquet", "policies.csv", "policies.parquet")
    }


@pytest.mark.long
def test_any_processes_and_buckets_leave_the_same_bytes(
    cook: Path, swept: Path, tmp_path: Path, two_processes: Cluster
) -> None:
    assert digests(again(cook / "store", tmp_path / "processes", two_processes)) == digests(swept)
    clearscale.ingest_charges(cook / "il-cook-clerk.csv", tmp_path / "store", "il-cook-clerk", buckets=3)
    assert digests(again(tmp_path / "store", tmp_path / "buckets", "threads:1")) == digests(swept)


def test_a_finished_sweep_is_returned_and_another_refused(store: str, swept: Path) -> None:
    before = (swept / "sweep.json").read_bytes()
    again(store, swept, "threads:1")
    assert (swept / "sweep.json").read_bytes() == before
    with pytest.raises(RunError, match="another"):
        clearscale.sweep(store, PACK, DAY, {"limit": [10]}, swept)


def test_the_page_says_that_it_is_not_for_publication(swept: Path, cook: Path, tmp_path: Path) -> None:
    page = read(swept / "chart.html")
    assert "Not for publication" in page.text
    assert "hidden" not in page.text
    table = clearscale.open_sweep(swept).table().to_pylist()
    rows = [row_of(table, "state", limit=limit, as_of=DAY) for limit in LIMITS]
    shown = page.tables["Values along limit"]
    place = shown[0].index("charges: expunge")
    assert [figure(row[place]) for row in shown[1:]] == [row["charges_expunge"] for row in rows]
    assert "<script" not in (swept / "chart.html").read_text()
    sweep = clearscale.open_sweep(swept)
    with pytest.raises(RunError, match="exact counts"):
        _ = sweep.charted
    with pytest.raises(RunError, match="no cube"):
        sweep.look_up(OPTIONS)
    with pytest.raises(RunError, match="no sweeps beside it"):
        clearscale.report(cook / "run", tmp_path, with_sweep=sweep)


def test_policies_by_name_and_file(store: str, tmp_path: Path) -> None:
    mine = tmp_path / "mine.toml"
    mine.write_text(text(PACK).replace("default = 30", "default = 100"))
    made = clearscale.sweep(store, PACK, DAY, {"policy": [PACK, str(mine)]}, tmp_path / "out", cluster="threads:1")
    limits = clearscale.sweep(store, PACK, DAY, {"limit": [30, 100]}, tmp_path / "limits", cluster="threads:1")
    names = [name for name in made.table().column_names if name.startswith(("charges", "people"))]
    assert made.table().select(names).equals(limits.table().select(names))
    assert made.table().column("policy").to_pylist() == [PACK, str(mine)]
    assert made.info["title"] == "Several policies"


def test_a_policy_in_memory_is_swept_over_days(store: str, swept: Path, tmp_path: Path) -> None:
    policy = clearscale.relief.packs.load_document(PACK).policy()
    made = clearscale.sweep(store, policy, DAY, {"as_of": DAYS}, tmp_path / "out", cluster="threads:1")
    expected = [
        row_of(clearscale.open_sweep(swept).table().to_pylist(), "state", limit=30, as_of=day) for day in DAYS
    ]
    for row in expected:
        del row["limit"]
    assert made.table().to_pylist() == expected
    with pytest.raises(PolicyError, match="has its parameters already"):
        clearscale.sweep(store, policy, DAY, {"limit": [1, 2]}, tmp_path / "no")


@pytest.mark.parametrize(
    ("vary", "message"),
    [
        ("limitt=30", "'limitt' is no parameter; did you mean 'limit'?"),
        ("limit=0,30", "parameter 'limit' is 0; it should be between 1 and 500"),
        ("as_of=2020-13-01", "vary as_of: '2020-13-01' is no date"),
        ("as_of=2020", "vary as_of: '2020' is no date"),
        ("policy=ca-dismiss-all", "'ca-dismiss-all' is no policy over charges"),
        ("effective=soon", "parameter 'effective' is 'soon'; it should be a date, YYYY-MM-DD"),
        (
            ["limit=1..500", "as_of=" + ",".join(str(D(2000, 1, 1) + datetime.timedelta(n)) for n in range(50))],
            "at most 20,000 are possible",
        ),
    ],
)
def test_wishes_that_cannot_be_met_are_told(store: str, tmp_path: Path, vary: Any, message: str) -> None:
    with pytest.raises(PolicyError, match=re.escape(message)):
        clearscale.sweep(store, PACK, DAY, vary, tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_too_long_a_table_is_refused(store: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("clearscale.whatif.sweep.charges.sweeping.MOST_ROWS", 8)
    with pytest.raises(PolicyError, match="9 rows, 3 policies in 3 scopes; at most 8 are possible of charges"):
        clearscale.sweep(store, PACK, DAY, {"limit": LIMITS}, tmp_path / "out", by_county=True)


def test_a_store_of_extracts_is_refused(edges: str, tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="extracts"):
        clearscale.sweep(edges, PACK, DAY, {"limit": LIMITS}, tmp_path / "out")


def test_plans_are_the_same_by_what_they_say(tmp_path: Path) -> None:
    def plan(**more: Any) -> ChargePlan:
        return plan_of(**{"policy": PACK, "as_of": DAY, "vary": {"limit": [10, 30]}, **more})

    file = tmp_path / "mine.toml"
    file.write_text(text(PACK))
    assert plan() == plan(policy=str(file)) == plan(vary=["limit=10,30"])
    others = [plan(as_of="2020-01-01"), plan(vary={"limit": [30, 10]}), plan(vary={"limit": [10], "as_of": [DAY]})]
    file.write_text(text(PACK).replace("24-1.2-5", "24-1.2-6"))
    digests_ = {planned.digest for planned in [plan(), *others, plan(policy=str(file))]}
    assert len(digests_) == 5
    assert plan().base == (1,)
