"""Charts, tiles and words by themselves."""

import re
import subprocess
import sys
from typing import Any

import pytest
from typer.testing import CliRunner

import clearscale
from clearscale.commands.main import app
from clearscale.drawing import PALETTE, silent
from clearscale.law import state
from clearscale.outputs.county_files import file_name
from clearscale.outputs.report import charts, policy_words
from clearscale.outputs.report.figures import ReportedRun
from clearscale.outputs.report.html import style
from clearscale.outputs.report.lead import earliest, sentences
from clearscale.outputs.report.maps import CountyMap
from clearscale.outputs.report.words import RACE_WORDS, county_words, group, listed, number, share
from clearscale.outputs.report.writing import page_of
from clearscale.policy import Condition, load_policy
from clearscale.policy.recorded import policy_from
from clearscale.policy.wording import clause
from clearscale.synth.counties import COUNTIES

TILES = {county.name: (county.letters, *county.tile) for county in state().counties.listed}

MAP = CountyMap({"ALPINE": None, **dict.fromkeys(list(TILES)[8:], 7), "FRESNO": 900}, "convictions")

CHARTS = {
    "tiles": lambda: MAP.tiles(),
    "shapes": lambda: MAP.shapes(),
    "stacked": lambda: charts.stacked(
        [{"name": "11357", "part": part, "count": 3, "place": place} for place, part in enumerate("abcdef")],
        ["11357"],
        list("abcdef"),
        "convictions",
    ),
    "groups": lambda: charts.groups(
        [
            {"name": "Black", "part": "a", "share": 0.5, "label": "50%"},
            {"name": "Black", "part": "b", "share": None},
        ],
        ["Black"],
        ["a", "b"],
        "share",
    ),
    "years": lambda: charts.years(
        [{"first": 1999, "last": 2001, "rate": 1}, {"first": 2001, "last": 2003, "rate": None}]
    ),
}


@pytest.mark.parametrize("name", CHARTS)
def test_every_color_of_a_chart_is_the_style_sheet_s(name: str) -> None:
    svg = silent(CHARTS[name]())
    allowed = {"none", "transparent", "black", "white"}
    found = set(re.findall(r'(?:fill|stroke)="([^"]+)"', svg)) - allowed
    assert found
    assert not [color for color in found if not re.fullmatch(r"var\(--[a-z0-9-]+\)", color)]
    assert "http" not in re.sub(r'xmlns(?::\w+)?="[^"]*"', "", svg)


def test_a_hidden_bar_does_not_look_like_zero() -> None:
    """It says so: behind the bar, or in an outline as high as the picture."""
    rows = [{"name": "11357", "part": part, "count": None, "place": 0} for part in ("Dismiss", "Reduce")]
    hidden = charts.stacked(rows, ["11357"], ["Dismiss", "Reduce"], "convictions")
    zero = charts.stacked([{**row, "count": 0} for row in rows], ["11357"], ["Dismiss", "Reduce"], "convictions")
    assert "+ hidden: dismiss," in hidden
    assert ">reduce</tspan>" in hidden
    assert "+ hidden" not in zero
    svg = CHARTS["years"]()
    assert svg.count("stroke-dasharray") == 1
    assert ">hidden</text>" in svg
    assert "(dashed: hidden)" in svg
    assert ">hidden</text>" not in charts.years([{"first": 2001, "last": 2003, "rate": 0}])


def test_a_hidden_part_has_an_outline_up_to_a_total_that_is_shown() -> None:
    rows = [
        {"name": name, "part": part, "count": count, "place": 0}
        for name, counts in {"11357": (None, None), "11358": (40, None), "11359": (30, 20)}.items()
        for part, count in zip(("Dismiss", "Reduce"), counts, strict=True)
    ]
    for totals, outlines in (
        ({}, 0),
        ({"11357": None, "11358": 90, "11359": 50}, 1),
        ({"11357": 60, "11358": 90}, 2),
    ):
        svg = charts.stacked(rows, ["11357", "11358", "11359"], ["Dismiss", "Reduce"], "convictions", totals)
        assert svg.count("stroke-dasharray") == outlines
        assert svg.count("+ hidden") == 2


def test_light_and_dark_define_every_color() -> None:
    light, dark = style().split("@media screen and (prefers-color-scheme: dark)", 1)
    for name in PALETTE.values():
        assert f"--{name}:" in light
        assert f"--{name}:" in dark.split("* {", 1)[0]


def test_every_county_has_a_tile_of_its_own() -> None:
    assert len(TILES) == 58
    assert len({(column, row) for _, column, row in TILES.values()}) == 58
    assert len({letters for letters, _, _ in TILES.values()}) == 58
    assert set(TILES) == {county.name for county in COUNTIES}


@pytest.mark.parametrize(
    ("fact", "operator", "value", "words"),
    [
        ("felony", "==", 0, "it is not a felony"),
        ("age", ">=", 57, "the person is at least 57 years old"),
        ("age_at_conviction", "<", 21, "the person was less than 21 years old at the conviction"),
        ("charge", "has", 5, "the charge names 11357 or 11359"),
        ("event_date", ">=", 17114, "the conviction's date is 2016-11-09 or later"),
        ("section", "==", 2, "its Prop 64 section is 11359"),
        ("julian_age", "<=", 21 * 1461, "the person is at most 21 years old, counting 365.25 days a year"),
        ("code_section begins with '11357(A)'", "==", 1, "the code section begins with 11357(A)"),
        ("code_section contains '(D)'", "==", 0, "the code section does not contain (D)"),
        ("superstrike_earlier", "==", 1, "a superstrike on record has an earlier date"),
    ],
)
def test_conditions_in_plain_words(fact: str, operator: str, value: int, words: str) -> None:
    assert clause(Condition(fact, operator, value)) == words


@pytest.mark.parametrize("pack", ["ca-los-angeles-2019", "ca-prop64-statute", "ca-bear-default", "ca-dismiss-all"])
def test_every_rule_of_a_pack_can_be_said(pack: str) -> None:
    policy = load_policy(pack).of_county("KERN")
    rows = policy_words.rules(policy)
    assert len(rows) == len(policy.rules)
    for row in rows:
        assert all(row)
        assert not re.search(r"[`*{}]", " ".join(row))


def test_what_a_decision_is_worth() -> None:
    policy = load_policy("ca-san-francisco-2018").of_county("SAN FRANCISCO")
    rules = {(rule.reason, rule.worth) for rule in policy.rules if rule.determination == "eligible"}
    assert {worth for _, worth in rules} == {"dismissal", "reduction"}
    for reason, worth in rules:
        assert policy_words.worth(policy, "eligible", reason) == worth
    assert policy_words.worth(policy, "", "") == "none"


def test_texts_of_the_data_stay_out_of_labels() -> None:
    rule = {"conditions": [], "determination": "Hand Review", "reason": "Look at {code_section}", "law": ""}
    policy = policy_from({"id": "a", "title": "A", "rules": [rule]})
    assert policy_words.plain_reason(policy, "Look at 11357 SEE JOHN DOE") == "Look at (code section)"
    assert policy_words.plain_reason(policy, "Other") == "Other"
    assert "DOE" not in group("sex", "DOE")
    assert (group("sex", "F"), group("race", "WHITE"), group("age", "21-29")) == ("Female", "White", "21-29")


def test_words_and_numbers() -> None:
    assert (number(None), number(12345)) == ("hidden", "12,345")
    assert (share(1, 3), share(0, 0), share(None, 3), share(3, None)) == ("33.3%", "-", "hidden", "hidden")
    assert share(9999, 10000) == "99.9%"
    assert listed(["a"]) == "a"
    assert listed(["a", "b", "c"]) == "a, b and c"
    assert (county_words("LOS ANGELES"), file_name("LOS ANGELES"), file_name("  ")) == (
        "Los Angeles",
        "los-angeles",
        "county",
    )
    assert RACE_WORDS["BLACK"] == "Black"


def test_the_command(run: Any, tmp_path: Any) -> None:
    command = ["report", "--run", run.folder.url, "--out", str(tmp_path / "report")]
    shown = CliRunner().invoke(app, [*command, "--county", "LOS ANGELES", "--county", "ORANGE"])
    assert shown.exit_code == 0
    assert [line.rsplit("/", 1)[1] for line in shown.stdout.split()] == [
        "los-angeles.html",
        "los-angeles.pdf",
        "orange.html",
        "orange.pdf",
        "index.html",
    ]
    for wrong in (["--no-suppress", "--suppress-below", "5"], ["--all-counties", "--county", "ORANGE"]):
        assert CliRunner().invoke(app, [*command, *wrong]).exit_code == 2


def test_help_imports_nothing_of_reports() -> None:
    code = (
        "import sys; from clearscale.commands.main import app\n"
        "try: app(['report', '--help'])\n"
        "except SystemExit: print(sorted({'vl_convert', 'typst', 'jinja2', 'pyarrow', 'numba'} & set(sys.modules)))"
    )
    shown = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert shown.stdout.strip().endswith("[]")


def test_the_first_sentence_says_what_is_decided(run: Any, state: Any, tmp_path: Any) -> None:
    options = {"baselineEligibility": {"dismiss": ["11357"], "reduce": []}, "additionalRelief": {}}
    made = clearscale.run(str(state / "store"), options, "2020-07-01", str(tmp_path / "run"))
    for reported, words in ((made, "none reduced and"), (run, "reduced to misdemeanors.")):
        source = ReportedRun.of(reported, None)
        first = sentences(source.of_state())[0]
        assert words in first
        dismissed = source.of_state().convictions("determination")["Eligible for Dismissal"]
        assert f"{dismissed:,} would be dismissed" in first


def test_a_page_to_publish_has_the_year_of_the_earliest_conviction(run: Any) -> None:
    for name in run.counties:
        years = [
            earliest(ReportedRun.of(run, below).of_county(name)).removesuffix(" (some have no usable date)")
            for below in (11, None)
        ]
        assert len(years[0]) == 4
        assert years[1].endswith(years[0])


@pytest.mark.long
def test_a_low_bound_is_not_for_publication(run: Any) -> None:
    for below, words in ((5, "Not for publication"), (11, ""), (12, ""), (None, "Not for publication")):
        assert page_of(ReportedRun.of(run, below).of_county("ORANGE"), "").warning == words
