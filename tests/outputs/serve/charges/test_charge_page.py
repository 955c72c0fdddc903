"""The page of a run over charges in a real browser: its controls move figures, and nothing complains."""

import contextlib
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

import clearscale
from clearscale.outputs.serve.charges.answers import answer
from clearscale.outputs.serve.charges.session import ChargeSession, open_charge_session
from clearscale.outputs.serve.charges.site import ChargeSite
from clearscale.outputs.serve.server import Server
from clearscale.runs.charges import ChargeRun
from tests.outputs.serve.charges.test_charge_figures import MOVED
from tests.outputs.serve.test_page import opened, settled, shown
from tests.support.browser import ABSENT, CHROMIUM, DESKTOP, PHONE, wrong_on
from tests.support.examples import long

pytestmark = [pytest.mark.slow, pytest.mark.skipif(CHROMIUM is None, reason=ABSENT)]

YEARS = "[data-policy='moved.toml'] [data-name='p.years']"


@pytest.fixture(scope="module")
def moved(tmp_path_factory: pytest.TempPathFactory) -> str:
    path = tmp_path_factory.mktemp("policies") / "moved.toml"
    path.write_text(MOVED, "utf-8")
    return str(path)


@pytest.fixture(scope="module")
def run(many_courts: Path, moved: str, tmp_path_factory: pytest.TempPathFactory) -> ChargeRun:
    """A run of a policy file with parameters, over counties and courts."""
    out = tmp_path_factory.mktemp("moved") / "run"
    return clearscale.run_charges(many_courts / "store", moved, "2026-01-01", out, cluster="threads:1")


@pytest.fixture(scope="module")
def served(run: ChargeRun, moved: str) -> Iterator[Server]:
    server = clearscale.serve(run, policies=[moved])
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield server
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture(scope="module")
def session(run: ChargeRun, moved: str) -> ChargeSession:
    return open_charge_session(run, [moved])


@contextlib.contextmanager
def open_page(
    browser: Any, server: Server, size: tuple[int, int] = DESKTOP, hash_: str = "", **options: Any
) -> Iterator[Any]:
    ready = "#curve-c0-years svg" if not hash_ else "#key dd"
    with opened(browser, server, size, hash_, ready=ready, **options) as found:
        yield found


def expected(session: ChargeSession, page: Any) -> Any:
    """What the setting in the page's address comes to."""
    given = {
        name: values[0] for name, values in parse_qs(urlsplit(page.url).fragment, keep_blank_values=True).items()
    }
    given.pop("kept", None)
    place = ChargeSite(session).placed({name: given.pop(name, "") for name in ("county", "court")})
    return answer(session, session.choices.read(given), place)


def is_as_expected(session: ChargeSession, page: Any) -> dict[str, int]:
    """Every figure of the page is that of its address."""
    found = expected(session, page)
    key = shown(page)
    assert key == {words: now for words, now, _ in found.key}
    assert page.locator("#lead p").all_text_contents() == [*found.lead]
    told = page.eval_on_selector_all(
        "main section:not([hidden]):has(.bars)",
        "all => all.map(each => [each.id, [...each.querySelectorAll('tbody tr')].map("
        "row => [...row.children].map(cell => cell.textContent))])",
    )
    wanted = {
        listing.id: [[f"{cell:,}" if isinstance(cell, int) else cell for cell in row] for row in listing.rows]
        for listing in found.listings
    }
    assert dict(told) == wanted
    assert [name for name, _ in told] == [*wanted]
    return key


def test_parameters_days_and_places_move_figures(browser: Any, served: Server, session: ChargeSession) -> None:
    with open_page(browser, served) as (page, complaints):
        assert page.locator("#policy").input_value() == "moved.toml"
        before = is_as_expected(session, page)
        assert page.locator("#court").is_disabled()
        assert page.locator("#by-reason .bars").is_hidden()
        page.locator("#c0-years").fill("12")  # the slider
        settled(page, "p.years=12&")
        assert page.locator(YEARS).input_value() == "12"
        assert page.locator("#key small").count() > 0
        assert is_as_expected(session, page) != before
        page.locator("#as_of").fill("2031-06-30")
        settled(page, "as_of=2031-06-30")
        later = is_as_expected(session, page)
        page.locator("#county").select_option("Cook")
        settled(page, "county=Cook&")
        assert page.locator("#counties").is_hidden()
        assert is_as_expected(session, page) != later
        page.locator("#court").select_option("District 3")
        settled(page, "court=District")
        assert page.locator("h2 .place").inner_text() == "District 3, Cook County"
        assert page.locator("#by-reason").is_hidden()
        assert "people with such charges" not in is_as_expected(session, page)
        page.locator("#county").select_option("Lake")
        settled(page, "county=Lake&court=&")
        page.locator("#county").select_option("")
        page.locator("#reset").click()
        settled(page, "as_of=2026-01-01")
        assert is_as_expected(session, page) == before
        assert page.locator("#key small").count() == 0
        assert not complaints


def test_another_policy_is_picked_compared_saved_and_sent(
    browser: Any, served: Server, session: ChargeSession, tmp_path: Path
) -> None:
    with open_page(browser, served) as (page, complaints):
        own = shown(page)
        page.locator("#keep-own").click()
        page.locator("#policy").select_option("il-minor-cannabis-2020")
        settled(page, "policy=il-minor")
        assert page.locator("[data-policy]:visible").count() == 1
        now = is_as_expected(session, page)
        decided = "charges that the policy decides"
        page.wait_for_function(
            "wanted => [...document.querySelectorAll('#compared-rows tr:first-child td')].map(e => e.textContent)"
            ".slice(0, 2).join() === wanted",
            arg=f"{own[decided]:,},{now[decided]:,}",
        )
        assert "policy" in page.locator("#kept-said").inner_text()
        page.locator("[data-policy='il-minor-cannabis-2020'] [data-name='p.limit']").fill("100")
        settled(page, "p.limit=100&")
        shared = page.locator("#shared").input_value()
        assert served.token not in shared
        with page.expect_download() as download:
            page.locator("#policy-file").click()
        download.value.save_as(tmp_path / "policy.toml")
        assert "limit = { default = 100," in (tmp_path / "policy.toml").read_text("utf-8")
        page.locator("#policy").select_option("moved.toml")
        settled(page, "policy=moved.toml&")
        assert shown(page) == own
        page.locator("#given").fill(shared)
        page.locator("#take-shared").click()
        settled(page, "p.limit=100&")
        is_as_expected(session, page)
        page.evaluate("location.hash = '#county=Cook&court=Nowhere'")
        page.wait_for_selector("#problem:visible")
        assert page.locator("#problem").inner_text().startswith("This page has no such court.")
        page.locator("#court").select_option("District 3")
        page.wait_for_selector("#problem", state="hidden")
        assert not complaints


@pytest.mark.long
def test_a_curve_is_a_control_of_each_place(browser: Any, served: Server, session: ChargeSession) -> None:
    with open_page(browser, served, hash_="#county=Cook&court=District+5") as (page, complaints):
        assert page.locator("#court").input_value() == "District 5"
        page.wait_for_selector("#curve-c0-years svg")
        curve = page.locator("#curve-c0-years")
        curve.focus()
        page.keyboard.press("ArrowRight")
        settled(page, "p.years=4&")
        for place in ("District 5", ""):
            page.locator("#court").select_option(place)
            settled(page, f"court={place.replace(' ', '+')}&")
            picked = page.locator("#curve-figure option:checked").text_content()
            key = {f"charges that {words}": now for words, now, _ in expected(session, page).key}
            page.wait_for_function(
                "wanted => document.getElementById('curve-c0-years').ariaValueText === wanted",
                arg=f"4: {key[picked]:,} {picked}",
            )
        page.locator("#curve-figure").select_option(label="people with charges that have relief")
        people = {words: now for words, now, _ in expected(session, page).key}[
            "people with charges that have relief"
        ]
        assert page.locator("#curve-c0-years-rows tr.total td").text_content() == f"{people:,}"
        page.locator("#county").select_option("")
        settled(page, "county=&")
        page.locator("#map-figure").select_option(label="People")
        rows = page.locator("#counties tbody tr:not(.total)").all()
        told = [row.locator("td").last.text_content() for row in rows]
        assert page.locator("#counties .bar > span:last-child").all_text_contents() == told
        assert not complaints


@pytest.mark.parametrize("scheme", [long("light"), "dark"])
@pytest.mark.parametrize("size", [long(DESKTOP), PHONE], ids=["desktop", "phone"])
def test_axe_finds_nothing(browser: Any, served: Server, scheme: str, size: tuple[int, int]) -> None:
    with open_page(browser, served, size, color_scheme=scheme) as (page, complaints):
        page.locator("#keep-own").click()
        page.locator("#policy").select_option("il-minor-cannabis-2020")
        page.wait_for_selector("#compared:visible")
        page.wait_for_selector("[id^=panel-]:visible svg")
        page.eval_on_selector_all("details", "all => all.forEach(each => each.open = true)")
        found = wrong_on(page)
        assert page.evaluate("document.documentElement.scrollWidth") <= size[0]
        assert page.locator("header .warning").count() == 1
        if size == DESKTOP:
            # The figures have the width that the controls leave.
            assert page.locator("main").bounding_box()["width"] > 800
    assert not found
    assert not complaints
