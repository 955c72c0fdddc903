"""The front page in a real browser, from a file of this computer to a zip of results."""

import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

import clearscale
from tests.support.browser import ABSENT, CHROMIUM, DESKTOP, PHONE
from tests.support.samples import AS_OF

from .browsing import WAIT, opened, violations
from .conftest import Front, Serve

pytestmark = [pytest.mark.slow, pytest.mark.skipif(CHROMIUM is None, reason=ABSENT)]


def test_from_a_file_to_a_zip(browser: Any, front: Front, refused: Path, tmp_path: Path) -> None:
    with opened(browser, front) as (page, complaints):
        assert page.locator("#deciding").is_hidden()
        page.locator("#upload").set_input_files(refused)
        page.wait_for_selector("#listed input:checked")
        page.locator("#ways summary").click()
        page.locator("#county-of-0").select_option("ALAMEDA")
        page.locator("#look").click()
        page.wait_for_selector("#taking:visible", timeout=WAIT)
        assert page.locator("#take").is_disabled()
        for box in page.locator("#findings input").all():
            box.check()
        page.locator("#take").click()
        page.wait_for_selector("#deciding:visible", timeout=WAIT)
        page.locator("#county").select_option("ALAMEDA")
        page.locator("#as_of").fill(AS_OF)
        page.locator("#age").fill("50")
        page.locator("#run").click()
        page.wait_for_selector("#key dd", timeout=WAIT)
        page.locator("#make-report").uncheck()
        assert page.locator("#office").is_hidden()
        page.locator("#make-papers").check()
        assert page.locator("#office option").all_text_contents() == ["a made-up office"]
        page.locator("#make").click()
        page.wait_for_selector("#made:visible", timeout=WAIT)
        with page.expect_download() as download:
            page.locator("#made-zip").click()
        download.value.save_as(tmp_path / "made.zip")
        assert download.value.suggested_filename == "alameda.zip"
        shown = page.locator("#key dd").all_text_contents()
    assert not complaints
    run = clearscale.open_run(front.folder / front.get("folder")["runs"][0]["name"])
    expected = run.counties["ALAMEDA"]
    assert f"{expected['subjectsWithSomeReliefCount']:,}" in shown
    assert run.info["as_of"] == AS_OF
    clearscale.export(run, "ALAMEDA", tmp_path / "export")
    with zipfile.ZipFile(tmp_path / "made.zip") as archive:
        for path in (tmp_path / "export").glob("*.csv"):
            assert archive.read(f"results/{path.name}") == path.read_bytes()
        assert {"decisions.csv", "papers/order.pdf"} <= {*archive.namelist()}


@pytest.fixture(scope="module")
def decided(serve: Serve, four_counties: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Front]:
    """A front page of a folder that has a store and a run already."""
    folder = tmp_path_factory.mktemp("decided")
    for path in (four_counties / "in").glob("*.csv"):
        (folder / path.name).write_bytes(path.read_bytes())
    with serve(folder) as front:
        files = [file["name"] for file in front.get("folder")["extracts"][0]["files"]]
        assert front.work("ingest", files=files)["status"] == "done"
        chosen = {"dismiss": "", "reduce": "11357", "age": "50", "years_since": "0", "years_crime_free": "0"}
        policy = {"kind": "options", "options": {**chosen, "only_prop64": "false"}}
        assert front.work("run", store="stores/store", as_of=AS_OF, policy=policy)["status"] == "done"
        yield front


@pytest.mark.long
@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("size", [DESKTOP, PHONE], ids=["desktop", "phone"])
def test_it_fits_and_axe_finds_nothing(browser: Any, decided: Front, size: tuple[int, int], scheme: str) -> None:
    with opened(browser, decided, size, color_scheme=scheme) as (page, complaints):
        page.wait_for_selector("#key dd")
        page.locator("#kind-pack").check()
        assert page.locator("#of-options").is_hidden()
        assert page.locator("[data-pack]:visible").count() == 1
        assert violations(page) == []
        assert page.evaluate("document.documentElement.scrollWidth") <= size[0]
    assert not complaints


@pytest.mark.long
def test_earlier_runs_and_the_page_with_controls_are_opened(browser: Any, decided: Front) -> None:
    with opened(browser, decided) as (page, complaints):
        page.wait_for_selector("#key dd")
        run = page.locator("#shown-run").input_value()
        county = page.locator("#shown-county option").nth(1).get_attribute("value")
        page.locator("#shown-county").select_option(county)
        page.wait_for_function(
            "county => document.getElementById('lead').textContent.includes('County')", arg=county
        )
        assert page.locator("#key dd").nth(5).inner_text() == _some_relief(decided, run, county)
        page.locator("#controls").click()
        page.wait_for_selector("#controls-link:visible", timeout=WAIT)
        page.locator("#controls-link").click()
        page.wait_for_selector("#key dd")
        assert page.locator("#age").input_value() == "50"
        assert page.locator("h1").inner_text().startswith("What if")
    assert not complaints


def _some_relief(front: Front, run: str, county: str) -> str:
    return f"{clearscale.open_run(front.folder / run).counties[county]['subjectsWithSomeReliefCount']:,}"


@pytest.mark.long
def test_a_pack_by_the_keyboard(browser: Any, decided: Front) -> None:
    with opened(browser, decided) as (page, _):
        page.wait_for_selector("#deciding:visible")
        page.locator("#kind-options").focus()
        page.keyboard.press("ArrowDown")
        page.locator("#pack").focus()
        page.keyboard.type("Dismiss all Prop 64 c")
        page.locator("#as_of").fill(AS_OF)
        page.locator("#as_of").focus()
        page.keyboard.press("Enter")
        page.wait_for_function(
            "() => document.getElementById('shown-run').value.includes('dismiss-all')", timeout=WAIT
        )
        assert page.locator("#lead .lead").count() > 0
        assert page.locator("#beside").is_hidden()
        this = page.locator("#shown-run").input_value()
        (other,) = [run["name"] for run in decided.get("folder")["runs"] if "options" in run["name"]]
        page.locator("#other-run").select_option(other)
        page.wait_for_selector("#beside:visible")
        key = page.locator("#key dd").all_text_contents()
        rows = [row.locator("td").all_text_contents() for row in page.locator("#beside-rows tr").all()]
        assert [row[1] for row in rows] == key
        counted = [[int(cell.replace(",", "")) for cell in row] for row in rows]
        assert all(now - before == difference for before, now, difference in counted)
        assert any(difference for _, _, difference in counted)
        relief = [
            clearscale.open_run(decided.folder / run).summary["subjectsWithSomeReliefCount"]
            for run in (other, this)
        ]
        assert counted[5][:2] == relief
        assert violations(page) == []
        page.locator("#controls").click()
        page.wait_for_selector("#controls-link:visible", timeout=WAIT)
        page.locator("#controls-link").click()
        page.wait_for_selector("#policy")
        page.wait_for_selector("#key dd")
        assert page.locator("#policy").input_value() == "ca-dismiss-all"
        assert page.locator("#key dd").all_text_contents() == key


@pytest.mark.long
def test_a_report_is_opened_and_its_tables_are_saved(browser: Any, decided: Front) -> None:
    with opened(browser, decided) as (page, complaints):
        page.wait_for_selector("#key dd")
        county = page.locator("#shown-county option").nth(1).get_attribute("value")
        page.locator("#shown-county").select_option(county)
        page.locator("#make-results").uncheck()
        page.locator("#make-list").uncheck()
        page.locator("#make-exact").check()
        page.locator("#make").click()
        page.wait_for_selector("#made:visible", timeout=WAIT)
        link = page.locator("#made-files a", has_text="not-for-publication").filter(has_text=".html")
        with page.context.expect_page() as popup:
            link.click()
        report = popup.value
        report.wait_for_selector("h1")
        assert report.locator(".warning").first.is_visible()
        with report.expect_download() as download:
            report.locator("a[download$='.csv']").first.click()
        assert download.value.suggested_filename.endswith(".csv")
    assert not complaints


@pytest.mark.long
def test_what_is_refused_is_told(browser: Any, front: Front, refused: Path, tmp_path: Path) -> None:
    (tmp_path / "mine.toml").write_text("nothing = 1\n")
    with opened(browser, front) as (page, _):
        page.locator("#upload").set_input_files(refused)
        page.wait_for_selector("#listed input:checked")
        page.locator("#upload").set_input_files(refused)
        page.wait_for_selector("#problem:visible")
        assert "was uploaded already" in page.locator("#problem").inner_text()
        # Of several that are refused, each is told.
        wrong = [tmp_path / name for name in ("one.doc", "two.doc")]
        for path in wrong:
            path.write_text("x")
        page.locator("#upload").set_input_files([*wrong, refused])
        page.wait_for_function("() => document.querySelectorAll('#problem p').length === 3")
        told = page.locator("#problem").inner_text()
        assert all(
            said in told for said in ("one.doc: is no file of records", "two.doc: is no", "uploaded already")
        )
        page.locator("#look").click()
        page.wait_for_function(
            "() => document.getElementById('problem').textContent.includes('county')", timeout=WAIT
        )
        assert page.locator("#ways").get_attribute("open") is not None
        page.locator("#listed button").click()
        page.wait_for_selector("#listed input", state="detached")
