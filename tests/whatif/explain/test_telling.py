"""What is told of a decision, and what is not."""

import datetime
import json
from dataclasses import fields
from pathlib import Path

import pytest

import clearscale
from clearscale.runs import Run
from clearscale.whatif.explain import Explanation
from tests.support.explained import alone, command, explained, made
from tests.support.samples import conviction

SHAPE = {
    "": {field.name for field in fields(Explanation)},
    "policy": {"id", "title", "parameters", "map"},
    "rules": {"number", "determination", "reason", "law", "holds", "state", "missing", "conditions"},
    "conditions": {"fact", "text", "value", "shown", "holds", "missing", "if_known"},
    "missing": {"date", "meaning", "rules", "outcomes", "changes"},
    "outcomes": {"rule", "determination", "reason"},
}


def test_json_and_terminal(three_counties: Path, capsys: pytest.CaptureFixture[str]) -> None:
    run = made(three_counties, "policy.json")
    row, found = next(pair for pair in explained(run) if pair[1].missing)
    about = ("--run", run.folder.url, "--extract", row["extract"], "--row", row["row"])
    code, out, _ = command(capsys, *about, "--json")
    document = json.loads(out)
    assert (code, document) == (0, json.loads(json.dumps(found.document())))
    assert document.keys() == SHAPE[""]
    assert document["policy"].keys() == SHAPE["policy"]
    assert document["rules"][0].keys() == SHAPE["rules"]
    assert document["rules"][0]["conditions"][0].keys() == SHAPE["conditions"]
    assert document["missing"][0].keys() == SHAPE["missing"]
    assert document["missing"][0]["outcomes"][0].keys() == document["possible"][0].keys() == SHAPE["outcomes"]
    page = (Path(__file__).parents[3] / "docs/reference/commands.md").read_text("utf-8")
    section = page.partition("## clearscale explain\n")[2].partition("\n## ")[0]
    for keys in SHAPE.values():
        assert all(f"`{key}`" in section for key in keys), keys
    code, out, _ = command(capsys, *about)
    assert code == 0
    for text in ("Decision", "Rules, in order", "What missing dates leave open", row["determination"], "decides"):
        assert text in out
    assert command(capsys, *about, "--quiet")[:2] == (0, "")


def shown_values(run: Run) -> dict[str, set[str]]:
    """What each condition shows of the run's convictions."""
    found: dict[str, set[str]] = {}
    for _, explanation in explained(run):
        for rule in explanation.rules:
            for asked in rule.conditions:
                found.setdefault(asked.text, set()).add(asked.shown)
    return found


def test_values_are_written_for_people(three_counties: Path) -> None:
    shown = shown_values(made(three_counties, "own.toml"))
    assert shown["birth_date < 1960-01-01"] == {"not shown", "no date"}
    assert shown["related"] == {"yes", "no"}
    assert shown["not code_section contains '148'"] == {"yes", "no"}
    assert {"none", "A"} <= shown["subsection == A"] <= {"none", *"ABCDEFGH"}
    shown = shown_values(made(three_counties, "ca-los-angeles-2019"))
    assert shown["section == 11357"] <= {"11357", "11358", "11359", "11360"}
    dates = shown["event_date >= 2016-11-09"]
    assert shown["event_date > 0001-01-01"] == dates
    assert all(date == "no date" or datetime.date.fromisoformat(date) for date in dates)
    assert {"no date"} < dates
    assert "julian_age <= 21" in shown
    assert "charge has 11357" in shown_values(made(three_counties, "policy.json"))


def test_nothing_tells_a_birth_date_or_who_it_was(
    three_counties: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    person = {"PRI_DOB": "19770313", "PRI_NAME": "ZZYZX", "CII_NUMBER": "A77002", "PRI_SSN": "770047700"}
    rows = [conviction("SUB77001", "YOLO", OFFENSE_DESCR="11360(A) HS", **person)]
    for policy in (str(three_counties / "own.toml"), "ca-los-angeles-2019"):
        run = alone(tmp_path / Path(policy).stem, rows, policy)
        for more in ((), ("--json",)):
            _, out, err = command(capsys, "--run", run.folder.url, "--extract", "yolo", "--row", 0, *more)
            assert out
            for marker in ("19770313", "1977-03-13", "03/13/1977", "ZZYZX", "77002", "770047700", "77001"):
                assert marker not in out + err
    ages = {
        condition.shown
        for rule in clearscale.explain(run, "yolo", 0).rules
        for condition in rule.conditions
        if condition.fact == "julian_age"
    }
    assert ages == {"about 43.3"}
