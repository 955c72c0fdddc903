"""The figures of pages: those of the truth table, of the run's tables, and hidden where they must be."""

import json
import re
import shutil
from pathlib import Path
from typing import Any

import pypdfium2
import pytest

import clearscale
from clearscale.errors import RunError
from clearscale.outputs.county_files import file_name
from clearscale.outputs.report.figures import ReportedRun
from clearscale.outputs.report.words import RACE_WORDS, SECTION_WORDS, county_words, share
from clearscale.runs import Run
from clearscale.runs.demography import RACES, race_group
from tests.support.published import parts_of
from tests.support.reading_pages import Read, figure, read
from tests.support.resealed import change_summary

COUNTY = "LOS ANGELES"


def races(facts: dict[str, Any]) -> dict[str, int]:
    """People of the truth table by the groups that tables have."""
    found = dict.fromkeys(RACES, 0)
    for group in facts["groups"]:
        found[race_group(group["race"])] += group["people"]
    return found


def pdf_pages(path: Path) -> list[str]:
    with pypdfium2.PdfDocument(path) as document:
        return [page.get_textpage().get_text_bounded() for page in document]


def test_the_state_is_as_it_was_fabricated(internal_pages: Path, truth: dict[str, Any]) -> None:
    facts, page = truth[""], read(internal_pages / "statewide.html")
    assert figure(page.figures["people with Prop 64 convictions"]) == facts["people"]
    assert figure(page.figures["Prop 64 convictions"]) == facts["convictions"]
    check_races(page, facts)
    for county in truth.keys() - {""}:
        row = page.row("Counties: convictions and people, as each county alone counts", county_words(county))
        assert (figure(row[2]), figure(row[5])) == (truth[county]["convictions"], truth[county]["people"])


def check_races(page: Read, facts: dict[str, Any]) -> None:
    for race, people in races(facts).items():
        if people:
            row = page.row("People by race", RACE_WORDS[race])
            assert (figure(row[1]), row[2]) == (people, share(people, facts["people"]))


def test_los_angeles_is_as_it_was_fabricated(internal_pages: Path, truth: dict[str, Any]) -> None:
    facts, page = truth[COUNTY], read(internal_pages / "los-angeles.html")
    assert figure(page.figures["people with Prop 64 convictions"]) == facts["people"]
    assert figure(page.figures["Prop 64 convictions"]) == facts["convictions"]
    for section, words in SECTION_WORDS.items():
        if section in facts["felonies"]:
            felonies, others = facts["felonies"][section], facts["others"][section]
            row = page.row("Prop 64 convictions in this county", words)
            assert [figure(text) for text in row[1:]] == [felonies, others, felonies + others]
    check_races(page, facts)


def test_the_page_to_publish_shows_the_truth_or_hides(pages: Path, truth: dict[str, Any]) -> None:
    facts, page = truth[COUNTY], read(pages / "los-angeles.html")
    assert figure(page.figures["people with Prop 64 convictions"]) == facts["people"]
    counted, shown = races(facts), 0
    for row in page.tables["People by race"][1:-1]:
        people = sum(number for race, number in counted.items() if RACE_WORDS[race] in parts_of(row[0]))
        if row[1] != "hidden":
            assert (figure(row[1]), row[2]) == (people, share(people, facts["people"]))
            assert people == 0 or people > 10
            shown += 1
    assert shown


def test_what_the_publication_hides_is_on_no_page(pages: Path, run: Run) -> None:
    publication = ReportedRun.of(run, 11).publication
    hidden = 0
    for county in run.counties:
        page = read(pages / f"{file_name(county)}.html")
        told = publication.figure("county", county, "with_prop64")
        assert page.figures["people with Prop 64 convictions"] == ("hidden" if told is None else f"{told:,}")
        if "People by race" not in page.tables:
            assert page.figures["Prop 64 convictions"] == "hidden"
            continue
        for block in publication.blocks("county", county, "race"):
            for column, measure in ((1, "with_prop64"), (3, "some_relief"), (5, "no_felony"), (7, "no_conviction")):
                told = publication.figure("county", county, measure, race=block)
                words = [RACE_WORDS[race] for race in block]
                row = [row for row in page.tables["People by race"] if list(parts_of(row[0])) == words]
                assert not row or row[0][column] == ("hidden" if told is None else f"{told:,}")
                hidden += told is None
    assert hidden


def test_small_people_of_broader_policies_are_hidden(pages: Path, run: Run) -> None:
    caption = "People who no longer have a felony or a conviction, under this policy and under broader ones"
    for county in ("statewide", *run.counties):
        page = read(pages / f"{file_name(county)}.html")
        everyone = page.figures["people with Prop 64 convictions"]
        for row in page.tables.get(caption, [[]])[1:]:
            shown = [figure(text) for text in [everyone, *row[1:]] if text != "hidden"]
            gaps = [abs(one - other) for one in shown for other in shown]
            assert not [count for count in [*shown, *gaps] if 0 < count < 11]


def test_the_state_s_page_adds_up(internal_pages: Path, run: Run) -> None:
    page, summary = read(internal_pages / "statewide.html"), run.summary
    decisions = page.tables["Prop 64 convictions by section and decision"]
    total = sum(summary["prop64ConvictionsCountInCountyByCodeSection"].values())
    assert sum(figure(row[-1]) for row in decisions[1:-1]) == figure(decisions[-1][-1]) == total
    reasons = page.tables["Prop 64 convictions by decision and reason"]
    assert sum(figure(row[-1]) for row in reasons[1:]) == total
    by_year = page.tables["Prop 64 convictions by year"]
    assert sum(figure(row[-1]) for row in by_year[1:-1]) == total
    assert figure(page.figures["people with some relief"]) == summary["subjectsWithSomeReliefCount"]
    assert len(page.tables["Counties: convictions and people, as each county alone counts"]) == 1 + len(
        run.counties
    )


def test_figures_that_disagree_are_refused(run: Run, tmp_path: Path) -> None:
    shutil.copytree(run.folder.url, tmp_path / "run")
    summary = json.loads((tmp_path / "run" / "summary.json").read_text())
    summary["subjectsWithSomeReliefCount"] += 1
    change_summary(tmp_path / "run", summary)
    with pytest.raises(RunError, match=r"people with some relief of the state are .* make the run again"):
        clearscale.report(str(tmp_path / "run"), str(tmp_path / "report"))
    assert not (tmp_path / "report").exists()


def test_a_page_needs_nothing_but_itself_and_names_nobody(pages: Path, state: Path) -> None:
    extract = (state / "extracts" / "los-angeles.csv").read_text("latin-1").splitlines()
    names = {line.split('"')[1] for line in extract[1:200] if line.count('"') > 1}
    for path in pages.glob("*.html"):
        text = path.read_text("utf-8")
        assert not re.search(r"<script|@import|url\(|<link(?! rel=\"icon\" href=\"data:)|<iframe", text)
        linked = set(re.findall(r"(?:src|href)=\"(?!#|data:)(.*?)\"", text))
        assert linked <= ({file.name for file in pages.iterdir()} if path.name == "index.html" else set())
        assert str(state) not in text
        assert str(pages) not in text
        assert not [name for name in names if name in text]
        assert "Fabricated &lt;data&gt;" in text


def test_pages_that_hide_nothing_say_so_on_every_page(internal_pages: Path, pages: Path) -> None:
    for name in ("statewide", "los-angeles"):
        assert "Not for publication" in read(internal_pages / f"{name}.html").text
        assert "hidden" not in read(internal_pages / f"{name}.html").figures.values()
        internal = pdf_pages(internal_pages / f"{name}.pdf")
        assert len(internal) > 3
        assert all("Not for publication" in text for text in internal)
        assert "Not for publication" not in read(pages / f"{name}.html").text
        assert not any("Not for publication" in text for text in pdf_pages(pages / f"{name}.pdf"))


def test_the_pdf_says_what_the_page_says(pages: Path) -> None:
    for name in ("statewide", "los-angeles"):
        page, text = read(pages / f"{name}.html"), "\n".join(pdf_pages(pages / f"{name}.pdf"))
        for value in page.figures.values():
            assert value in text
        for caption in page.tables:
            assert caption in re.sub(r"\s+", " ", text)


@pytest.mark.long
def test_the_same_run_gives_the_same_files(run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1600000000")
    first, second = (clearscale.report(run, str(tmp_path / folder), county=COUNTY) for folder in ("1", "2"))
    assert [Path(path).read_bytes() for path in first] == [Path(path).read_bytes() for path in second]
    assert read(Path(first[0])).row("Processing", "Time of this report")[1] == "2020-09-13 12:26 UTC"


def test_a_county_of_few_people_hides_how_they_divide(pages: Path, run: Run) -> None:
    publication = ReportedRun.of(run, 11).publication
    few = [county for county in run.counties if not publication.may_list_convictions("county", county)]
    for county in few:
        page = read(pages / f"{file_name(county)}.html")
        assert "Why most figures are hidden" in page.text
        assert "Prop 64 convictions by year" not in page.tables
        assert page.row("Processing", "Lines in the extract")[1] == "hidden"


def test_what_is_wrong_is_told(run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(RunError, match="did you mean 'LOS ANGELES'"):
        clearscale.report(run, str(tmp_path), county="Los Angeles")
    with pytest.raises(RunError, match="has no county 'NOWHERE'; there are: "):
        clearscale.report(run, str(tmp_path), county=["NOWHERE"])
    for package in ("vl_convert", "typst"):
        with monkeypatch.context() as absent:
            absent.setitem(__import__("sys").modules, package, None)
            with pytest.raises(clearscale.errors.ClearscaleError, match="which the extra `report` brings"):
                clearscale.report(run, str(tmp_path))
    assert not list(tmp_path.iterdir())


@pytest.mark.long
@pytest.mark.parametrize("pack", ["ca-contra-costa-2019", "ca-san-francisco-2018"])
def test_other_policies_have_pages_too(state: Path, tmp_path: Path, pack: str) -> None:
    made = clearscale.run(str(state / "store"), pack, "2020-07-01", str(tmp_path / "run"))
    clearscale.report(made, str(tmp_path), suppress_below=None)
    page, recorded = read(tmp_path / "statewide.html"), made.info["policy"]
    decided = page.tables["Prop 64 convictions by decision and reason"][1:]
    forms = {rule["reason"].replace("{code_section}", "(code section)") for rule in recorded["rules"]}
    assert {row[1] for row in decided} <= {*forms, "no rule holds"}
    shown = [figure(page.figures[words]) for words in ("would be dismissed", "would get neither")]
    reduced = figure(page.figures["would be reduced to misdemeanors"])
    assert sum(shown) + reduced == figure(page.figures["Prop 64 convictions"])
    for source in recorded["sources"]:
        assert source["title"] in page.text
