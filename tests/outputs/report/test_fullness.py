"""No page of a PDF, or of a print from a browser, is left next to empty."""

from pathlib import Path
from typing import Any

import pytest

import clearscale
from tests.support.browser import ABSENT, CHROMIUM
from tests.support.fullness import fullness, near_empty


def test_pages_of_a_pdf_are_used(pages: Path, internal_pages: Path) -> None:
    paths = [*pages.glob("*.pdf"), *internal_pages.glob("*.pdf")]
    assert len(paths) > 6
    assert {path.name: found for path in paths if (found := near_empty(path))} == {}


def test_the_first_page_of_the_state_goes_on_with_its_maps(pages: Path) -> None:
    assert next(fullness(pages / "statewide.pdf")) > 0.8


def test_pages_of_charges_are_used(many_courts: Path, tmp_path: Path) -> None:
    clearscale.report(many_courts / "run", tmp_path, suppress_below=None)
    [path] = tmp_path.glob("*.pdf")
    assert near_empty(path) == []


@pytest.mark.long
@pytest.mark.slow
@pytest.mark.skipif(CHROMIUM is None, reason=ABSENT)
def test_pages_that_a_browser_prints_are_used(browser: Any, pages: Path, tmp_path: Path) -> None:
    found: dict[str, Any] = {}
    for path in sorted(pages.glob("*.html")):
        for form in ("Letter", "A4"):
            page = browser.new_page()
            page.goto(path.as_uri())
            page.pdf(path=str(tmp_path / "page.pdf"), format=form)
            page.close()
            if empty := near_empty(tmp_path / "page.pdf"):
                found[f"{path.stem}, {form}"] = empty
    assert found == {}
