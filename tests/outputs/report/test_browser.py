"""Pages in a real browser: nothing is fetched, nothing complains, and keyboard, phone and dark mode work."""

import itertools
from pathlib import Path
from typing import Any

import pytest

from tests.support.browser import ABSENT, CHROMIUM, DESKTOP, PHONE, opened, wrong_on
from tests.support.examples import long

pytestmark = [pytest.mark.slow, pytest.mark.skipif(CHROMIUM is None, reason=ABSENT)]

NAMES = ("statewide", "los-angeles")


@pytest.mark.parametrize(
    ("name", "size"),
    [("statewide", DESKTOP), ("los-angeles", PHONE), long("statewide", PHONE), long("los-angeles", DESKTOP)],
)
def test_it_loads_without_a_network_and_fits(browser: Any, pages: Path, name: str, size: tuple[int, int]) -> None:
    with opened(browser, pages / f"{name}.html", size) as (page, complaints):
        assert page.locator("h1").is_visible()
        assert page.locator("figure svg").count() >= 5
        assert page.evaluate("document.documentElement.scrollWidth") <= size[0]
        assert page.evaluate("performance.getEntriesByType('resource').length") == 0
        assert not complaints


@pytest.mark.parametrize(
    ("name", "scheme"),
    [
        ("statewide", "light"),
        *(long(*pair) for pair in itertools.product(NAMES, ("light", "dark")) if pair != ("statewide", "light")),
    ],
)
def test_axe_finds_nothing_serious(browser: Any, pages: Path, name: str, scheme: str) -> None:
    with opened(browser, pages / f"{name}.html", DESKTOP, color_scheme=scheme) as (page, _):
        page.eval_on_selector_all("details", "all => all.forEach(each => each.open = true)")
        found = wrong_on(page, "serious", "critical")
    assert not found


@pytest.mark.long
def test_axe_finds_nothing_serious_on_internal_pages(browser: Any, internal_pages: Path) -> None:
    with opened(browser, internal_pages / "statewide.html", PHONE) as (page, complaints):
        found = wrong_on(page, "serious", "critical")
        assert page.locator("header .warning").is_visible()
    assert not complaints
    assert not found


def test_tables_and_pictures_are_saved_without_a_network(browser: Any, pages: Path) -> None:
    saved = {}
    with opened(browser, pages / "statewide.html", DESKTOP) as (page, complaints):
        for ending in ("csv", "svg"):
            with page.expect_download() as found:
                page.locator(f"figure.counties a[download$='.{ending}']").first.click()
            saved[found.value.suggested_filename] = Path(found.value.path()).read_text("utf-8")
        shown = page.locator("figure.counties tbody tr").count()
    assert not complaints
    assert len(saved["statewide-counties.csv"].splitlines()) == 1 + shown
    assert saved["statewide-counties.svg"].startswith("<svg ")


def test_the_keyboard_reaches_everything(browser: Any, pages: Path) -> None:
    with opened(browser, pages / "statewide.html", DESKTOP) as (page, _):
        page.keyboard.press("Tab")
        assert page.evaluate("document.activeElement.textContent") == "Skip to the figures"
        page.keyboard.press("Enter")
        assert page.evaluate("document.activeElement.id") == "main"
        table = page.locator("figure.counties details")
        assert table.get_attribute("open") is None
        page.locator("figure.counties summary").focus()
        page.keyboard.press("Enter")
        assert table.get_attribute("open") is not None
        assert table.locator("tbody th").first.is_visible()


def test_headings_and_words_are_in_order(browser: Any, pages: Path) -> None:
    levels = "all => all.map(each => Number(each.tagName[1]))"
    for name in NAMES:
        with opened(browser, pages / f"{name}.html", DESKTOP) as (page, _):
            found = page.eval_on_selector_all("h1, h2, h3, h4", levels)
            assert found[0] == 1
            assert found.count(1) == 1
            assert all(after - before <= 1 for before, after in itertools.pairwise(found))
            assert page.locator("table:not(:has(caption)), th:not([scope])").count() == 0
            labels = page.eval_on_selector_all(".chart", "all => all.map(each => each.getAttribute('aria-label'))")
            assert all(label and len(label) > 40 for label in labels)
            assert page.locator("figure:not(:has(details table))").count() == 0


def test_dark_pages_have_colors_of_their_own(browser: Any, pages: Path) -> None:
    color = "getComputedStyle(document.querySelector('figure.counties svg text')).fill"
    shown = []
    for scheme in ("light", "dark"):
        with opened(browser, pages / "statewide.html", DESKTOP, color_scheme=scheme) as (page, _):
            shown.append((page.evaluate("getComputedStyle(document.body).backgroundColor"), page.evaluate(color)))
    assert shown[0] == ("rgb(255, 255, 255)", "rgb(27, 27, 26)")
    assert shown[1] == ("rgb(22, 24, 26)", "rgb(236, 236, 234)")
