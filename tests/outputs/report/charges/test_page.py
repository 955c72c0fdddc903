"""The page of a run over charges: its figures are those of the truth table, and small ones are not on it."""

import csv
import json
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

import clearscale
from clearscale.errors import RunError
from clearscale.io.files import Folder
from clearscale.law import state
from clearscale.outputs.report import charts
from clearscale.outputs.report.charges.page import page
from clearscale.outputs.report.charges.view import ReportedRun, View
from clearscale.outputs.report.charges.words import WOULD, what_to_do
from clearscale.outputs.report.model import Page, Table
from clearscale.relief import OUTCOMES
from clearscale.relief.missing import WORDS
from clearscale.runs import Run
from clearscale.runs.charges import ChargeRun
from tests.support.reading_pages import read

TRUE = {
    "expunged by 2021": "Expunge",
    "expunged by 2023": "Expunge",
    "expunged by 2025": "Expunge",
    "pardon list": "List for pardon",
    "motion": "Vacate",
    "hand review": "Hand review",
    "not eligible": "Not eligible",
    "undecided": "Undecided: data missing",
}
"""Outcomes on the page by those of the truth table."""


@pytest.fixture(scope="module")
def run(cook: Path) -> ChargeRun:
    return clearscale.open_charge_run(cook / "run")


@pytest.fixture(scope="module")
def truth(cook: Path) -> "Counter[str]":
    with (cook / "truth.csv").open(encoding="utf-8", newline="") as file:
        return Counter(TRUE[row["outcome"]] for row in csv.DictReader(file) if row["outcome"])


def made(run: ChargeRun, below: int | None) -> Page:
    return page(View(ReportedRun(run, below)), footer="", warning="", note="", command="", version="")


@pytest.fixture
def undrawn(monkeypatch: pytest.MonkeyPatch) -> None:
    """Charts take longest, and say what the tables beside them do."""
    monkeypatch.setattr(charts, "stacked", lambda *_: "<svg></svg>")


def rows(found: Page, caption: str) -> list[tuple[str, ...]]:
    tables = [block for section in found.sections for block in section.blocks if isinstance(block, Table)]
    tables += [chart.table for chart in found.charts]
    [table] = [table for table in tables if table.caption == caption]
    return list(table.rows)


@pytest.mark.usefixtures("undrawn")
def test_every_figure_is_the_truth_table_s(run: ChargeRun, truth: "Counter[str]") -> None:
    found = made(run, None)
    charges: Counter[str] = Counter()
    *counted, total = rows(found, "Charges by outcome and reason")
    for outcome, _, count in counted:
        charges[outcome] += int(count.replace(",", ""))
    assert charges == truth
    assert total == ("All", "", f"{truth.total():,}")
    people = {
        outcome: int(count.replace(",", "")) for outcome, count in rows(found, "People by outcome of their charges")
    }
    assert people.keys() == truth.keys()
    assert all(0 < people[outcome] <= truth[outcome] for outcome in truth)
    lacking = [int(row[1].replace(",", "")) for row in rows(found, "Undecided charges by what is missing")]
    assert max(lacking) <= truth["Undecided: data missing"] <= sum(lacking)


def test_no_small_count_is_on_the_page(run: ChargeRun, tmp_path: Path) -> None:
    exact, shown = ReportedRun(run, None).shown, ReportedRun(run, 11).shown
    small = {key for key, value in exact.items() if value is not None and 0 < value < 11}
    assert small
    assert not [key for key in small if shown[key] is not None]
    paths = clearscale.report(run, tmp_path / "report")
    assert [Path(path).name for path in paths] == ["charges.html", "charges.pdf"]
    found = read(tmp_path / "report" / "charges.html")
    assert "Not for publication" not in found.text
    assert "No record names a court" in found.text
    counting = [rows for rows in found.tables.values() if {"Charges", "People"} & {*rows[0]}]
    assert len(counting) == 3
    printed = [cell for head, *rows in counting for row in rows for cell in row[1:] if cell.isdigit()]
    assert not [cell for cell in [*printed, *found.figures.values()] if cell.isdigit() and 0 < int(cell) < 11]
    assert "hidden" in {cell for rows in counting for row in rows for cell in row}


def test_an_internal_page_says_so(run: ChargeRun, tmp_path: Path) -> None:
    clearscale.report(run, tmp_path, suppress_below=None, note="Fabricated <data>")
    text = (tmp_path / "charges.html").read_text("utf-8")
    assert "Not for publication" in text
    assert "Fabricated &lt;data&gt;" in text
    assert ">hidden<" not in text


@pytest.mark.usefixtures("undrawn")
def test_the_policy_stands_on_it_in_words(run: ChargeRun) -> None:
    [policy] = [section for section in made(run, 11).sections if section.id == "policy"]
    [rules] = [block for block in policy.blocks if isinstance(block, Table) and block.caption.startswith("Rules")]
    assert len(rules.rows) == len(run.info["policy"]["rules"])
    assert "1 year since arrest_date; until 2020-01-01" in {row[2] for row in rules.rows}
    assert "550/7" in str(policy)


def test_it_is_logged(cook: Path, run: ChargeRun, tmp_path: Path) -> None:
    clearscale.report(run, tmp_path)
    last = json.loads((cook / "store" / "log.jsonl").read_text("utf-8").splitlines()[-1])
    assert last["command"] == "report"
    assert last["hidden_below"] == 11


@pytest.mark.parametrize(
    ("more", "told"),
    [
        ({"county": "Lace"}, "no charges of a county 'Lace'; did you mean 'Lake'"),
        ({"court": "District 33"}, "no charges of a court 'District 33'.* did you mean 'District 3'"),
        ({"court": "District 3", "county": "Lake"}, "no charges of a court 'District 3'"),
        ({"with_sweep": "sweep"}, "has no sweeps beside its pages"),
    ],
    ids=str,
)
def test_what_it_has_not_is_told(many_courts: Path, tmp_path: Path, more: dict[str, Any], told: str) -> None:
    with pytest.raises(RunError, match=told):
        clearscale.report(many_courts / "run", tmp_path, **more)


def test_a_run_over_convictions_has_no_courts(tmp_path: Path) -> None:
    run = Run(Folder(str(tmp_path)), {})
    with pytest.raises(RunError, match="by county only"):
        clearscale.report(run, tmp_path, court="District 3")


def test_pages_of_counties_and_courts(many_courts: Path, tmp_path: Path) -> None:
    run = clearscale.open_charge_run(many_courts / "run")
    paths = clearscale.report(run, tmp_path, county=["lake", "Cook"])
    assert [Path(path).name for path in paths[::2]] == ["charges-lake.html", "charges-cook.html", "index.html"]
    paths = clearscale.report(run, tmp_path, court="DISTRICT 3")
    assert [Path(path).name for path in paths] == ["charges-cook-district-3.html", "charges-cook-district-3.pdf"]
    read_county, read_court = read(tmp_path / "charges-cook.html"), read(tmp_path / "charges-cook-district-3.html")
    assert "Cook County, as of January 1, 2026" in read_county.text
    assert "District 3, Cook County, as of January 1, 2026" in read_court.text
    assert '--county Cook --court "District 3" --suppress-below 11' in read_court.text
    row = read_county.row("Charges by court and outcome", "District 3")
    assert row[-1] == read_court.row("Charges by outcome", "All")[1]


@pytest.mark.usefixtures("undrawn")
def test_counties_and_courts_stand_side_by_side(many_courts: Path) -> None:
    run = clearscale.open_charge_run(many_courts / "run")
    found, charges = made(run, None), run.table("charges").to_pylist()
    for caption, scope, width in (
        ("Charges by county and outcome, and people", "county", 1),
        ("Charges by court and outcome", "court", 2),
    ):
        *listed, total = rows(found, caption)
        counted: Counter[tuple[str, ...]] = Counter()
        for row in charges:
            if row["scope"] == scope:
                county = row["county"] or "(not known)"
                counted[(row["court"] or "(not named)", county)[2 - width :]] += row["charges"]
        at = -2 if scope == "county" else -1
        assert {row[:width]: int(row[at].replace(",", "")) for row in listed} == counted
        assert int(total[at].replace(",", "")) == counted.total() == run.summary["candidates"]
    assert [row[0] for row in rows(found, "Charges by county and outcome, and people")] == [
        *("Cook", "Lake", "Will", "(not known)", "All")
    ]
    text = str(found)
    assert "“(not named)”: the record does not say which court." in text


@pytest.mark.usefixtures("undrawn")
def test_a_policy_that_decides_nothing_has_a_page(cook: Path, tmp_path: Path) -> None:
    run = clearscale.run_charges(cook / "store", "nj-2c-52-6-1", "2026-01-01", tmp_path / "run")
    text = str(made(run, 11))
    charges, people = (run.summary[name] for name in ("charges", "people"))
    assert run.summary["candidates"] == 0
    assert f"Counted from {charges:,} charges of {people:,} people." in text
    assert "The policy decides 0 charges of 0 people." in text


@pytest.mark.usefixtures("undrawn")
def test_people_by_what_records_say_of_them(many_courts: Path, run: ChargeRun) -> None:
    other = clearscale.open_charge_run(many_courts / "run")
    found = made(other, None)
    state = [row for row in other.table("people").to_pylist() if row["scope"] == "state"]
    for dimension in ("race", "sex", "age"):
        counted: Counter[tuple[str, str]] = Counter()
        for row in state:
            group = {"F": "Female", "M": "Male", None: "(not said)"}.get(row[dimension], row[dimension])
            counted.update({(group, "decided"): row["decided"], (group, "relief"): row["relief"]})
        *listed, total = rows(found, f"People by {dimension}")
        assert {
            (row[0], of): int(row[at]) for row in listed for of, at in (("decided", 1), ("relief", 3))
        } == counted
        assert [int(total[at]) for at in (1, 3)] == [sum(row[of] for row in state) for of in ("decided", "relief")]
    without = str(made(run, None))  # the clerk's files have no race
    assert "People by sex" in without
    assert "People by age" in without
    assert "race" not in without.replace("trace", "").lower()


@pytest.mark.usefixtures("undrawn")
def test_courts_of_few_charges_have_no_name_on_a_page(many_courts: Path) -> None:
    run = clearscale.open_charge_run(many_courts / "run")
    sizes: Counter[tuple[str, str]] = Counter()
    for row in run.table("charges").to_pylist():
        if row["scope"] == "court":
            sizes[row["county"], row["court"]] += row["charges"]
    few = {court for (county, court), count in sizes.items() if county == "Lake" and count < 11}
    assert few == {"Branch B", "Doe, Ann"}
    of_lake = [court for county, court in ReportedRun(run, 11).courts if county == "Lake"]
    assert of_lake == ["19th Judicial Circuit Court", "Branch A", "(other courts)"]
    assert few < {court for county, court in ReportedRun(run, None).courts if county == "Lake"}
    with pytest.raises(RunError, match="courts of few charges are counted together"):
        clearscale.report(run, "nowhere", court="Branch B")


@pytest.mark.usefixtures("undrawn")
def test_many_courts_stand_on_the_pages_of_their_counties(many_courts: Path) -> None:
    run = clearscale.open_charge_run(many_courts / "run")
    source = ReportedRun(run, 11)
    source.__dict__["courts"] = [("Cook", f"Court {number}") for number in range(61)]
    found = page(View(source), footer="", warning="", note="", command="", version="")
    [courts] = [section for section in found.sections if section.id == "courts"]
    assert "Charges are of 61 courts" in str(courts)
    assert not [block for block in courts.blocks if isinstance(block, Table)]


def test_every_outcome_and_everything_that_is_missing_has_words() -> None:
    assert WOULD.keys() == OUTCOMES.keys()
    assert all(what_to_do(words) for words in WORDS.values())


def test_states_with_a_demo_name_what_there_is() -> None:
    from clearscale.commands.demo_charges import stated, states
    from clearscale.law.charge_policies import charge_policies

    for name in states():
        demo = stated(name)
        assert demo["format"] in state(name).maps
        assert demo["policy"] in charge_policies()
