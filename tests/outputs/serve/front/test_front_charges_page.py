"""The front page over charges in a real browser, from a file of this computer to lists and reports."""

import csv
import io
import zipfile
from collections.abc import Iterator
from importlib import resources
from pathlib import Path
from typing import Any

import pytest

import clearscale
from clearscale.outputs.report.charges.words import WOULD
from tests.support.browser import ABSENT, CHROMIUM, DESKTOP, PHONE

from .browsing import WAIT, opened, violations
from .conftest import Front, Serve

pytestmark = [pytest.mark.slow, pytest.mark.long, pytest.mark.skipif(CHROMIUM is None, reason=ABSENT)]

AS_OF, LATER = "2020-12-31", "2022-12-31"
COOK, PACK = "il-cook-clerk", "il-minor-cannabis-2020"


def _upload(page: Any, file: Path) -> None:
    page.locator("#upload").set_input_files(file)
    page.wait_for_selector("#listed input:checked")


def test_from_a_file_of_illinois_to_a_zip(browser: Any, front: Front, cook: Path, tmp_path: Path) -> None:
    with opened(browser, front) as (page, complaints):
        _upload(page, cook)
        page.locator("#ways summary").click()
        assert page.locator("#statewide").is_visible()
        page.locator("#format").select_option(COOK)
        assert page.locator("#statewide").is_hidden()
        assert "One row a charge" in page.locator("#format-about").inner_text()
        page.locator("#look").click()
        page.wait_for_selector("#take:enabled", timeout=WAIT)
        page.locator("#take").click()
        page.wait_for_selector("#deciding:visible", timeout=WAIT)
        assert "charges of" in page.locator("#held").inner_text()
        assert page.locator("#kind-options").is_hidden()
        assert page.locator("#county").is_hidden()
        assert page.locator("#pack option").all_text_contents() == [_title()]
        page.locator("#as_of").fill(AS_OF)
        page.locator(f"#{PACK}-limit").fill("40")
        page.locator("#run").click()
        page.wait_for_selector("#key dd", timeout=WAIT)
        page.locator("#shown-county").select_option("Cook")
        page.wait_for_function("() => document.getElementById('lead').textContent.includes('Cook County')")
        shown = dict(
            zip(page.locator("#key dt").all_inner_texts(), page.locator("#key dd").all_inner_texts(), strict=True)
        )
        assert page.locator("#make-results").is_hidden()
        page.locator("#make-tables").check()
        page.locator("#make").click()
        page.wait_for_selector("#made:visible", timeout=WAIT)
        with page.expect_download() as download:
            page.locator("#made-zip").click()
        download.value.save_as(tmp_path / "made.zip")
        assert download.value.suggested_filename == "cook.zip"
        page.locator("#controls").click()
        page.wait_for_selector("#controls-link:visible", timeout=WAIT)
        page.locator("#controls-link").click()
        page.wait_for_selector("h2 .place")
        page.wait_for_selector("#key dd")
        assert page.locator("#policy").input_value() == PACK
        assert page.locator("#c0-limit-field").input_value() == "40"
    assert not complaints
    clearscale.ingest_charges(cook, tmp_path / "store", COOK)
    of = {"limit": "40"}
    expected = clearscale.run_charges(tmp_path / "store", PACK, AS_OF, tmp_path / "run", parameters=of)
    summary = expected.summary
    assert shown["charges that the policy decides"] == f"{summary['candidates']:,}"
    for outcome, counts in summary["outcomes"].items():
        if counts["charges"]:
            assert shown[WOULD[outcome]] == f"{counts['charges']:,}", outcome
    clearscale.decisions(expected, county="Cook", out=tmp_path / "list.csv")
    with zipfile.ZipFile(tmp_path / "made.zip") as archive:
        rows = list(csv.reader(io.StringIO(archive.read("decisions.csv").decode())))
        assert {"report/charges-cook.html", "report/charges-cook.pdf", "tables/people.csv"} <= {*archive.namelist()}
    assert rows == list(csv.reader(io.StringIO((tmp_path / "list.csv").read_text("utf-8"))))


def _title() -> str:
    from clearscale.relief.packs import pack

    return pack(PACK).title


def test_a_damaged_file_has_findings(browser: Any, front: Front, cook: Path, tmp_path: Path) -> None:
    lines = cook.read_bytes().split(b"\n")
    lines[2:40] = [b"garbage," + line[:20] for line in lines[2:40]]
    (tmp_path / "torn.csv").write_bytes(b"\n".join(lines))
    with opened(browser, front) as (page, complaints):
        page.locator("#format").select_option(COOK)
        _upload(page, tmp_path / "torn.csv")
        page.locator("#look").click()
        page.wait_for_selector("#findings .finding", timeout=WAIT)
        for box in page.locator("#findings input").all():
            box.check()
        assert page.locator("#take").is_disabled()
        assert "38 records cannot be used" in page.locator("#take-said").inner_text()
        assert violations(page) == []
        page.locator("#quarantine").check()
        page.locator("#look").click()
        page.wait_for_function("() => !document.getElementById('take-said').textContent.includes('cannot be used')")
        for box in page.locator("#findings input").all():
            box.check()
        page.locator("#take").click()
        page.wait_for_selector("#deciding:visible", timeout=WAIT)
        page.reload()
        page.wait_for_selector("#deciding:visible")
        assert page.locator("#format").input_value() == COOK
        assert "38 set aside" in page.locator("#looked-counties").inner_text()
        page.locator("#format").select_option("")  # it was taken in as another kind
        assert page.locator("#listed input:checked").count() == 0
        assert page.locator("#taking").is_hidden()
        page.locator("#format").select_option(COOK)
        assert page.locator("#listed input:checked").count() == 1
        assert page.locator("#taking").is_visible()
    assert not complaints


@pytest.fixture(scope="module")
def decided(
    serve: Serve, cook: Path, four_counties: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Front]:
    """A front page of a folder that has a store of charges and two runs, and a store of extracts and a run."""
    folder = tmp_path_factory.mktemp("decided")
    with serve(folder) as front:
        assert front.upload(cook.name, cook.read_bytes())[0] == 200
        assert front.work("ingest", files=[f"uploads/{cook.name}"], format=COOK)["status"] == "done"
        for as_of in (AS_OF, LATER):
            asked = {"store": f"stores/charges-{COOK}", "policy": {"kind": "pack", "pack": PACK}}
            assert front.work("run", as_of=as_of, **asked)["status"] == "done"
        extract = next(iter(sorted((four_counties / "in").glob("*.csv"))))
        assert front.upload(extract.name, extract.read_bytes())[0] == 200
        assert front.work("ingest", files=[f"uploads/{extract.name}"])["status"] == "done"
        dismiss = {"kind": "pack", "pack": "ca-dismiss-all"}
        assert front.work("run", store="stores/store", as_of=AS_OF, policy=dismiss)["status"] == "done"
        yield front


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("size", [DESKTOP, PHONE], ids=["desktop", "phone"])
def test_it_fits_and_axe_finds_nothing(browser: Any, decided: Front, size: tuple[int, int], scheme: str) -> None:
    with opened(browser, decided, size, color_scheme=scheme) as (page, complaints):
        page.wait_for_selector("#key dd")
        page.locator("#format").select_option(COOK)
        page.locator("#store").select_option(f"stores/charges-{COOK}")
        run = _run_of(decided, AS_OF)
        page.locator("#shown-run").select_option(run)
        page.wait_for_function("() => document.getElementById('lead').textContent.includes('Illinois')")
        page.locator("#other-run").select_option(_run_of(decided, LATER))
        page.wait_for_selector("#beside:visible")
        assert violations(page) == []
        assert page.evaluate("document.documentElement.scrollWidth") <= size[0]
    assert not complaints


def _run_of(front: Front, as_of: str) -> str:
    runs = [run for run in front.get("folder")["runs"] if run["holds"] == "charges" and run["as_of"] == as_of]
    return str(runs[0]["name"])


def test_what_does_not_fit_is_not_offered(browser: Any, decided: Front, tmp_path: Path) -> None:
    law = resources.files("clearscale.law")
    (tmp_path / "ours.toml").write_bytes(law.joinpath(f"illinois/relief/{PACK}.toml").read_bytes())
    (tmp_path / "my-map.toml").write_bytes(law.joinpath("illinois/formats/il-cook-clerk.toml").read_bytes())
    with opened(browser, decided) as (page, complaints):
        page.wait_for_selector("#key dd")
        page.locator("#store").select_option("stores/store")
        assert page.locator("#kind-options").is_visible()
        assert all("Illinois" not in text for text in page.locator("#pack option").all_text_contents())
        page.locator("#kind-options").check()
        page.locator("#store").select_option(f"stores/charges-{COOK}")
        assert page.locator("#kind-options").is_hidden()
        assert page.locator("#kind-pack").is_checked()
        page.locator("#shown-run").select_option(_run_of(decided, AS_OF))
        page.wait_for_function("() => document.getElementById('lead').textContent.includes('Illinois')")
        others = [option.get_attribute("value") for option in page.locator("#other-run option").all()]
        assert others == ["", _run_of(decided, LATER)]

        page.locator("#kind-file").check()
        page.locator("#policy-upload").set_input_files(tmp_path / "ours.toml")
        page.wait_for_selector("#policy-file option", state="attached")
        assert page.locator("#policy-file").input_value() == "policies/ours.toml"
        page.locator("#store").select_option("stores/store")
        assert page.locator("#policy-file option").count() == 0
        assert page.locator("#policy-file-said").inner_text() == "1 more is for stores of charges."
        page.locator("#store").select_option(f"stores/charges-{COOK}")
        page.locator("#policy-remove").click()
        page.wait_for_selector("#policy-file option", state="detached")

        page.locator("#own-map summary").click()
        page.locator("#map-upload").set_input_files(tmp_path / "my-map.toml")
        page.wait_for_function("() => document.getElementById('format').value === 'maps/my-map.toml'")
        page.locator("#map-remove").click()
        page.wait_for_function("() => document.getElementById('format').value === ''")
    assert not complaints


def test_a_map_is_drafted_and_changed(browser: Any, front: Front, cook: Path) -> None:
    own = resources.files("clearscale.law").joinpath("illinois/formats/il-cook-clerk.toml").read_text("utf-8")
    with opened(browser, front) as (page, complaints):
        _upload(page, cook)
        page.locator("#own-map summary").click()
        assert page.locator("#map-edit").is_disabled()
        page.locator("#draft").click()
        page.wait_for_selector("#editing:visible", timeout=WAIT)
        assert page.locator("#format").input_value() == "maps/il-cook-clerk.toml"
        assert "case_number" in page.locator("#map-text").input_value()
        page.locator("#map-text").fill("title = 1")
        page.locator("#map-save").click()
        page.wait_for_selector("#map-wrong p")
        assert "Saved" not in page.locator("#map-wrong").inner_text()
        assert violations(page) == []
        page.locator("#map-text").fill(own)
        page.locator("#map-save").click()
        page.wait_for_function("() => document.getElementById('map-wrong').textContent.startsWith('Saved')")
        page.locator("#look").click()
        page.wait_for_selector("#take:enabled", timeout=WAIT)
        page.locator("#map-remove").click()
        page.wait_for_selector("#editing", state="hidden")
    assert not complaints
