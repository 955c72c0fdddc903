"""The page of a sweep in a browser: nothing is fetched, axe finds nothing, and tables and pictures are saved."""

from pathlib import Path
from typing import Any

import pytest

from tests.support.browser import ABSENT, CHROMIUM, DESKTOP, PHONE, opened, wrong_on

from .test_page import page

pytestmark = [pytest.mark.slow, pytest.mark.skipif(CHROMIUM is None, reason=ABSENT)]


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A page on which most is hidden, of a parameter with a long name."""
    path = tmp_path_factory.mktemp("page") / "chart.html"
    path.write_text(page([0, *range(40, 66)], highest=100, name="years_crime_free_" * 4), "utf-8")
    return path


@pytest.mark.parametrize(("size", "scheme"), [(DESKTOP, "light"), (PHONE, "dark")])
def test_it_fits_and_axe_finds_nothing(browser: Any, written: Path, size: tuple[int, int], scheme: str) -> None:
    with opened(browser, written, size, color_scheme=scheme) as (shown, complaints):
        assert shown.evaluate("document.documentElement.scrollWidth") <= size[0]
        assert shown.evaluate("performance.getEntriesByType('resource').length") == 0
        assert not complaints
        assert not wrong_on(shown)


def test_tables_and_pictures_are_saved(browser: Any, written: Path) -> None:
    saved = {}
    with opened(browser, written, DESKTOP) as (shown, complaints):
        for link in shown.locator(".downloads a").all():
            with shown.expect_download() as found:
                link.click()
            saved[Path(found.value.suggested_filename).suffix] = Path(found.value.path()).read_text("utf-8")
        rows = shown.locator("tbody tr").count()
    assert not complaints
    assert len(saved[".csv"].splitlines()) == 1 + rows
    assert saved[".svg"].startswith("<svg ")
