"""Runs over stores of charges: figures against what was fabricated, whatever the buckets, and the command."""

import csv
import datetime
import json
import re
import shutil
from collections import Counter
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet
import pytest

import clearscale
from clearscale.errors import PolicyError, RunError, StoreError
from clearscale.relief import OUTCOMES, read_policy
from clearscale.relief.forecast import FORECAST
from clearscale.relief.packs import text
from clearscale.runs.charges import ChargeRun
from clearscale.runs.charges.forecasting import chart
from clearscale.synth import fabricate_charges
from tests.commands.test_policy_commands import call
from tests.formats.made import COOK
from tests.relief.test_truth import LABELS
from tests.support.samples import contents

PACK, AS_OF = "il-minor-cannabis-2020", "2026-01-01"


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A fabricated file of Cook's, its truth, and a store of it."""
    folder = tmp_path_factory.mktemp("charges")
    fabricate_charges(str(folder), COOK, people=400, seed=11)
    clearscale.ingest_charges(folder / "il-cook-clerk.csv", folder / "store", "il-cook-clerk")
    return folder


@pytest.fixture(scope="module")
def run(made: Path) -> ChargeRun:
    return clearscale.run_charges(made / "store", PACK, AS_OF, made / "run")


def rows_of(run: ChargeRun) -> list[dict[str, Any]]:
    return pa.concat_tables([part.unify_dictionaries() for part in run.decisions()]).to_pylist()


def test_decisions_are_what_was_fabricated(made: Path, run: ChargeRun) -> None:
    with (made / "truth.csv").open() as file:
        truth = {int(row["line"]): row for row in csv.DictReader(file)}
    decided = {row["line"]: row for row in rows_of(run)}
    scope = {line for line, row in truth.items() if row["code"] == "720 ILCS 550" and row["section"] in ("4", "5")}
    assert set(decided) == scope
    for line, row in decided.items():
        year = row["reason"][-4:]
        found = f"expunged by {year}" if row["outcome"] == "expunge" else LABELS[row["outcome"]]
        assert found == truth[line]["outcome"]
    assert len({row["outcome"] for row in decided.values()}) == len(LABELS) + 1


def test_tables_and_figures_count_the_decisions(made: Path, run: ChargeRun) -> None:
    rows = rows_of(run)
    counted = Counter((row["outcome"], row["rule"], row["reason"]) for row in rows)
    table = run.table("charges").to_pylist()
    for scope, county in (("state", None), ("county", "Cook")):
        of_scope = [row for row in table if (row["scope"], row["county"]) == (scope, county)]
        assert {(row["outcome"], row["rule"], row["reason"]): row["charges"] for row in of_scope} == counted
        assert all(0 < row["people"] <= row["charges"] for row in of_scope)
    summary = run.summary
    by_outcome = Counter(row["outcome"] for row in rows)
    assert {name: found["charges"] for name, found in summary["outcomes"].items()} == {
        name: by_outcome[name] for name in OUTCOMES
    }
    assert summary["candidates"] == len(rows)
    store = clearscale.open_charges(made / "store")
    assert summary["charges"] == store.manifest.counts["charges"]
    assert summary["people"] == store.manifest.counts["people"]
    lacking = Counter(word for row in rows if row["missing"] for word in row["missing"].split("; "))
    state = [row for row in run.table("missing").to_pylist() if row["scope"] == "state"]
    assert {row["missing"]: row["charges"] for row in state} == lacking
    assert all((row["missing"] is not None) == (row["outcome"] == "undecided") for row in rows)


def test_the_same_whatever_the_buckets_and_threads(made: Path, run: ChargeRun, tmp_path: Path) -> None:
    clearscale.ingest_charges(made / "il-cook-clerk.csv", tmp_path / "store", "il-cook-clerk", buckets=3)
    other = clearscale.run_charges(tmp_path / "store", PACK, AS_OF, tmp_path / "run", cluster="threads:3")
    assert rows_of(other) == rows_of(run)
    assert other.table("charges").equals(run.table("charges"))
    assert other.summary == run.summary


@pytest.mark.long
def test_the_same_by_worker_processes(made: Path, run: ChargeRun, tmp_path: Path) -> None:
    clearscale.run_charges(made / "store", PACK, AS_OF, tmp_path / "again", cluster="local:2")
    kept = {name: content for name, content in contents(tmp_path / "again").items() if name != "run.json"}
    assert kept == {name: content for name, content in contents(made / "run").items() if name != "run.json"}


def test_a_finished_run_is_returned_and_another_refused(made: Path, run: ChargeRun) -> None:
    before = contents(made / "run")
    assert clearscale.run_charges(made / "store", PACK, AS_OF, made / "run").info == run.info
    assert contents(made / "run") == before
    with pytest.raises(RunError, match="another"):
        clearscale.run_charges(made / "store", PACK, "2020-01-01", made / "run")


def test_a_parameter_decides_otherwise(made: Path, tmp_path: Path) -> None:
    run = clearscale.run_charges(made / "store", PACK, AS_OF, tmp_path / "run", parameters={"limit": 500})
    assert run.info["policy"]["parameters"] == [["limit", 500], ["effective", "2020-01-01"], ["last", "2019-06-25"]]
    with pytest.raises(PolicyError, match="between 1 and 500"):
        clearscale.run_charges(made / "store", PACK, AS_OF, tmp_path / "no", parameters={"limit": 501})
    policy = read_policy(
        (clearscale.law.state("illinois").folder / "relief" / f"{PACK}.toml").read_text(), "x"
    ).policy()
    with pytest.raises(PolicyError, match="has them already"):
        clearscale.run_charges(made / "store", policy, AS_OF, tmp_path / "no", parameters={"limit": 5})


def test_damage_is_found_and_made_anew(made: Path, run: ChargeRun, tmp_path: Path) -> None:
    clearscale.run_charges(made / "store", PACK, AS_OF, tmp_path / "run")
    file = tmp_path / "run" / "decisions" / "bucket-00001.arrow"
    whole = file.read_bytes()
    file.write_bytes(whole[:-9] + bytes([whole[-9] ^ 1]) + whole[-8:])
    with pytest.raises(RunError, match="bucket-00001"):
        rows_of(clearscale.open_charge_run(tmp_path / "run"))
    clearscale.run_charges(made / "store", PACK, AS_OF, tmp_path / "run")
    assert file.read_bytes() == whole


def test_what_is_for_the_other_kind_is_told(made: Path, run: ChargeRun, tmp_path: Path) -> None:
    with pytest.raises(RunError, match=r"the run is over charges, .* `clearscale\.open_charge_run` opens it"):
        clearscale.open_run(made / "run")
    with pytest.raises(PolicyError, match="is a policy over charges"):
        clearscale.run(made / "store", PACK, AS_OF, tmp_path / "run")
    with pytest.raises(StoreError, match="holds charges"):
        clearscale.run(made / "store", "ca-dismiss-all", AS_OF, tmp_path / "run")


def test_the_command(made: Path, run: ChargeRun, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    how = ("run", "--store", str(made / "store"), "--as-of", AS_OF)
    code, out, _ = call(capsys, *how, "--policy", PACK, "--out", str(tmp_path / "run"))
    assert code == 0
    for words in ("Expunge", "List for pardon", "Undecided: data missing", "disposition", "amount"):
        assert words in out
    code, out, _ = call(capsys, *how, "--policy", PACK, "--out", str(tmp_path / "run"), "--json")
    assert {name: found for name, found in json.loads(out).items() if name != "seconds"} == run.summary
    file = tmp_path / "mine.toml"
    file.write_text(text(PACK))
    code, _, _ = call(capsys, *how, "--policy", str(file), "--out", str(tmp_path / "mine"), "--quiet")
    assert code == 0
    assert rows_of(clearscale.open_charge_run(tmp_path / "mine")) == rows_of(run)
    file.write_text(text(PACK) + '\n[lists.more]\nstatutes = [{ code = "1", sections = ["2"] }]\n')
    odd = (*how, "--policy", str(file), "--out", str(tmp_path / "odd"), "--quiet")
    code, _, err = call(capsys, *odd)
    assert code == 1
    assert "list 'more' is used by no rule" in err
    assert "--allow unused-name" in err
    code, _, _ = call(capsys, *odd, "--allow", "unused-name")
    assert code == 0
    assert [allowed["finding"] for allowed in clearscale.open_charge_run(tmp_path / "odd").info["allowed"]] == [
        "unused-name"
    ]


def test_a_forecast_is_what_runs_say_later(made: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    as_of = "2019-10-15"
    how = ("forecast", "--store", str(made / "store"), "--policy", PACK, "--as-of", as_of, "--months", "9")
    code, out, _ = call(capsys, *how, "--out", str(tmp_path / "forecast"), "--json")
    assert code == 0
    rows = json.loads(out)
    table = pa.parquet.read_table(tmp_path / "forecast" / "forecast.parquet")
    assert [row["charges"] for row in table.to_pylist()] == [row["charges"] for row in rows]
    assert (tmp_path / "forecast" / "forecast.csv").read_text().count("\n") == table.num_rows + 1
    assert "<svg" in (tmp_path / "forecast" / "forecast.svg").read_text()
    # Nothing but the date changes, so what is due at the end of a month is what was due by then.
    for month, last in (("2019-12", "2019-12-31"), ("2020-02", "2020-02-29")):
        later = clearscale.run_charges(made / "store", PACK, last, tmp_path / last).summary["outcomes"]
        for outcome in ("expunge", "pardon-list", "vacate"):
            due = [
                row
                for row in rows
                if (row["scope"], row["outcome"]) == ("state", outcome) and (row["month"] or "") <= month
            ]
            assert sum(row["charges"] for row in due) == later[outcome]["charges"]
            assert sum(row["people"] for row in due) == later[outcome]["people"]
    code, out, _ = call(capsys, *how)
    assert "Becomes due, statewide" in out
    code, _, _ = call(capsys, *how[:-1], "0")
    assert code == 2


def test_commands_that_look_at_what_was_made_take_charges(
    made: Path, run: ChargeRun, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    store = str(made / "store")
    for options in (
        ["verify", "--store", store],
        ["verify", "--run", str(made / "run")],
        ["log", "--store", store],
    ):
        code, out, err = call(capsys, *options)
        assert (code, err) == (0, ""), err
    for options, passed in ((["--run", str(made / "run")], "decide charges"), (["--store", store], "fold charges")):
        code, out, _ = call(capsys, "work", *options, "--json")
        assert code == 0
        assert passed in {ended["pass"] for ended in json.loads(out)["passes"]}
        assert passed in call(capsys, "work", *options)[1]
    shutil.copytree(made / "run", tmp_path / "run")
    with (tmp_path / "run" / "crosstab" / "bucket-00000.arrow").open("ab") as file:
        file.write(b"x")
    code, _, err = call(capsys, "verify", "--run", str(tmp_path / "run"))
    assert code == 1
    assert "crosstab/bucket-00000.arrow: is damaged" in err


@pytest.mark.parametrize("months", [1, 5, 24, 36, 37, 120, 600])
def test_the_chart_of_a_forecast_names_no_time_twice_and_goes_on_to_its_end(months: int) -> None:
    rows = [(None, "seal", 10), (datetime.date(2026, 7, 1), "seal", 2), (datetime.date(2026, 7, 1), "expunge", 3)]
    table = pa.Table.from_pylist(
        [
            {
                "month": month,
                "scope": "state",
                "county": None,
                "outcome": outcome,
                "charges": count,
                "people": count,
            }
            for month, outcome, count in rows
        ],
        FORECAST,
    )
    drawn = chart(table, "2026-07-15", months)
    labels = [text for text in re.findall(r"<text[^>]*>([^<]*)</text>", drawn) if re.search(r"20\d\d", text)]
    assert len(labels) == len(set(labels)) <= 8
    assert months < 5 or len(labels) >= 2
    lines = [
        [float(x) for x in re.findall(r"[MLH](-?[\d.]+)", line)]
        for line in re.findall(r'<path d="(M[^"Z]*)" stroke="#', drawn)
    ]
    lines = [places for places in lines if len(places) > 2]
    assert len(lines) == 2
    assert {(places[0], places[-1]) for places in lines} == {(0, max(lines[0]))}
    assert all(places == sorted(places) for places in lines)
