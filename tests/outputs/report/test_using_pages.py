"""Pages in use: what of the state they cover, the index, the map, what charts tell and save, and the next steps."""

import itertools
import os
import re
import shlex
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import pytest
from typer.testing import CliRunner

import clearscale
from clearscale.commands.main import app
from clearscale.law import state as state_of
from clearscale.outputs.report.charts import stacked
from clearscale.outputs.report.figures import ReportedRun
from clearscale.outputs.report.maps import CountyMap
from clearscale.outputs.report.shell import quoted
from clearscale.outputs.report.words import county_title, county_words, with_county
from clearscale.outputs.report.writing import page_of
from clearscale.runs import Run
from tests.support.reading_pages import read

SET = re.compile(r'([A-Z]+)="(.*)"')


def test_a_statewide_page_says_what_it_covers(pages: Path, run: Run) -> None:
    text, counties = read(pages / "statewide.html").text, state_of().counties.listed
    place = f"{len(run.counties)} of California's {len(counties)} counties"
    assert f"marijuana convictions under Proposition 64 in {place}" in text
    assert f"cover {len(run.counties)} of California's {len(counties)} counties (" in text
    assert f"{len(counties) - len(run.counties)} have no extract in this run" in text
    for county in run.counties:
        assert county_words(county) in text


def test_shares_of_a_sentence_add_up(pages: Path) -> None:
    for path in pages.glob("*.html"):
        for sentence in re.findall(r"would receive some relief: (.*?)\.<", path.read_text("utf-8")):
            assert 98 <= sum(map(int, re.findall(r"(\d+)%", sentence))) <= 101


def test_the_index_links_every_page(pages: Path) -> None:
    linked = set(re.findall(r'href="(?!data:)(.*?)"', (pages / "index.html").read_text("utf-8")))
    assert linked == {path.name for path in pages.iterdir()} - {"index.html"}


def test_the_index_keeps_its_margin_on_a_wide_screen(pages: Path) -> None:
    style = (pages / "index.html").read_text("utf-8")
    rules = re.findall(r"^ *([^{}\n]*) \{[^}]*padding-left: 0;", style, re.MULTILINE)
    assert rules
    assert all(rule.startswith("body:has(> nav)") for rule in rules)


def _places(drawn: str, texts: Sequence[str]) -> list[float]:
    """Where along a chart texts stand."""
    found = [re.search(rf"translate\((-?[\d.]+),[^>]*>{re.escape(text)}</text>", drawn) for text in texts]
    return [float(match[1]) for match in found if match]


def test_figures_along_a_chart_do_not_touch() -> None:
    name = "11359 possession for sale"
    row = {"name": name, "part": "Dismiss", "count": 5345, "place": 0}
    drawn = re.sub(
        r'<text[^>]* opacity="0"[^>]*>[^<]*</text>', "", stacked([row], [name], ["Dismiss"], "convictions")
    )
    places = _places(drawn, re.findall(r"<text[^>]*>([\d,]+)</text>", drawn))
    assert len(places) >= 3
    # A figure of four digits is 36 wide.
    assert min(later - earlier for earlier, later in itertools.pairwise(places)) > 42


def test_a_chart_of_which_all_is_hidden_begins_at_the_left() -> None:
    rows = [{"name": year, "part": "charges", "count": None, "place": 0} for year in ("2026", "2027")]
    drawn = stacked(rows, ["2026", "2027"], ["charges"], "charges")
    assert re.findall(r"<text[^>]*>(\d{1,3})</text>", drawn) == ["0"]
    assert _places(drawn, ["0"])[0] <= 10


def test_a_chart_of_nothing_is_an_empty_one() -> None:
    assert re.findall(r"<text[^>]*>([\d,]+)</text>", stacked([], [], ["charges"], "charges")) == ["0"]


def test_a_county_s_title_says_county_once() -> None:
    named = ["LOS ANGELES", "Cascade Co.", "Cook County", "Orleans Parish", "Coconino"]
    assert [county_title(county) for county in named] == [
        "Los Angeles County",
        "Cascade Co.",
        "Cook County",
        "Orleans Parish",
        "Coconino County",
    ]


@pytest.mark.parametrize(
    ("text", "county", "said"),
    [
        ("Court of {county} County", "SAMPLE", "Court of Sample County"),
        ("Court of {county} County", "Sample Co.", "Court of Sample Co."),
        ("Court of {county} County", "COOK COUNTY", "Court of Cook County"),
        ("COUNTY OF {county}", "Sample Co.", "COUNTY OF Sample"),
        ("Superior Court, County of {county}", "YOLO", "Superior Court, County of Yolo"),
        ("Superior Court, County of {county}", "Yolo County", "Superior Court, County of Yolo"),
        ("Records of {county}", "Orleans Parish", "Records of Orleans Parish"),
    ],
)
def test_a_text_with_a_county_in_it_says_county_once(text: str, county: str, said: str) -> None:
    assert with_county(text, county) == said


def test_one_page_has_no_index(internal_pages: Path) -> None:
    assert not (internal_pages / "index.html").exists()


def test_charts_and_their_files_show_what_their_tables_show(pages: Path, internal_pages: Path) -> None:
    for path in (*pages.glob("*.html"), *internal_pages.glob("*.html")):
        page = read(path)
        page.check()
        if path.stem == "statewide":
            assert all(chart.titles and chart.rows for chart in page.charts)


def test_a_title_that_tells_more_is_noticed(pages: Path, tmp_path: Path) -> None:
    text = (pages / "statewide.html").read_text("utf-8")
    changed = tmp_path / "page.html"
    changed.write_text(re.sub(r"(<title>Los Angeles: )[0-9,]+", r"\g<1>7", text, count=1), "utf-8")
    with pytest.raises(AssertionError):
        read(changed).check()


@pytest.mark.parametrize("drawn", [CountyMap.shapes, CountyMap.tiles])
def test_a_map_tells_each_county_once_and_hides_what_is_hidden(drawn: "object") -> None:
    assert callable(drawn)
    names = state_of().counties.names
    svg = drawn(CountyMap({names[0]: 1234, names[1]: None}, "convictions"))
    told = dict(title.split(": ") for title in re.findall("<title>(.*?)</title>", svg))
    assert told.pop(county_words(names[0])) == "1,234"
    assert told.pop(county_words(names[1])) == "hidden"
    assert told == dict.fromkeys(map(county_words, names[2:]), "no extract")


@pytest.mark.parametrize("text", ["plain-name", "LOS ANGELES", "O'BRIEN", 'a "$HOME" `b` \\'])
def test_a_quoted_text_is_one_word_of_a_shell(text: str) -> None:
    done = subprocess.run(["bash", "-c", f"printf %s {quoted(text)}"], check=True, capture_output=True, text=True)
    assert done.stdout == text


def settled(lines: Sequence[str], own: dict[str, str]) -> list[list[str]]:
    """The commands of a page, with the reader's own in the lines that ask for it."""
    assert not re.search("[\u2018-\u201f]", "".join(lines))
    values = {found[1]: own.get(found[1], found[2]) for line in lines if (found := SET.fullmatch(line))}
    words = [shlex.split(line) for line in lines if not SET.fullmatch(line)]
    return [[re.sub(r"\$([A-Z]+)", lambda name: values[name[1]], word) for word in line] for line in words]


def test_the_next_steps_run_as_printed(
    pages: Path, run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    page = read(pages / "los-angeles.html")
    lines = page.commands[: page.commands.index('EXTRACTS="extracts"')]
    commands = settled(lines, {"RUN": run.folder.url})
    assert [command[1] for command in commands] == ["export", "decisions", "decisions"]
    for command in commands:
        done = CliRunner().invoke(app, [*command[1:], "-q"])
        assert done.exit_code == 0, done.output
    assert (tmp_path / "for-los-angeles" / "Prop64_Results.csv").is_file()
    assert "set-aside" in (tmp_path / "for-los-angeles-flagged.csv").read_text("utf-8")
    assert (tmp_path / "for-los-angeles-undecided.csv").is_file()


def test_the_next_steps_list_what_a_policy_leaves_to_people(state: Path, tmp_path: Path) -> None:
    run = clearscale.run(str(state / "store"), "ca-los-angeles-2019", "2020-07-01", str(tmp_path / "run"))
    clearscale.report(run, str(tmp_path), county="LOS ANGELES", suppress_below=None)
    wanted = [shlex.split(line) for line in read(tmp_path / "los-angeles.html").commands if "--outcome" in line]
    [outcomes] = [[word for before, word in itertools.pairwise(words) if before == "--outcome"] for words in wanted]
    assert outcomes == ["none", "To be reviewed by City Attorneys", "Hand Review"]
    found = clearscale.decisions(run, county="LOS ANGELES", outcome=outcomes).table()
    assert "Hand Review" in found.column("outcome").to_pylist()
    assert {*found.column("outcome").to_pylist()} <= {"", *outcomes}


@pytest.mark.long
def test_the_figures_come_out_again_by_the_commands_of_the_page(state: Path, tmp_path: Path) -> None:
    policy = "ca-san-francisco-2018"
    first = clearscale.run(str(state / "store"), policy, "2020-07-01", str(tmp_path / "run"))
    source = ReportedRun.of(first, 11)
    clearscale.report(first, str(tmp_path / "report"))
    lines = read(tmp_path / "report" / "statewide.html").commands
    assert f'POLICY="{policy}"' in lines
    own = f"EXTRACTS={shlex.quote(str(state / 'extracts'))}"
    script = "\n".join(own if line.startswith("EXTRACTS=") else line for line in lines)
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    subprocess.run(["bash", "-euc", script], cwd=tmp_path, env={**os.environ, "PATH": path}, check=True)
    again = read(tmp_path / "report-again" / "statewide.html")
    assert again.figures == read(tmp_path / "report" / "statewide.html").figures
    assert page_of(source.of_state(), "").title in again.text


def test_the_next_steps_of_charges_run_as_printed(
    many_courts: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    run = clearscale.open_charge_run(many_courts / "run")
    clearscale.report(run, tmp_path / "report", county="Cook", court="District 3")
    [page] = map(read, (tmp_path / "report").glob("*.html"))
    lines = page.commands[: page.commands.index('FILES="charges.csv"')]
    commands = settled(lines, {"RUN": str(many_courts / "run")})
    assert len(commands) == 2
    for command in commands:
        done = CliRunner().invoke(app, [*command[1:], "-q"])
        assert done.exit_code == 0, done.output
        rows = (tmp_path / command[-1]).read_text("utf-8").splitlines()
        assert len(rows) > 1
        assert all("District 3" in row for row in rows[1:])
