"""The page in a real browser: controls move figures, nothing complains, and nothing is asked of anybody else."""

import contextlib
import json
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

import clearscale
from clearscale.outputs.serve.server import Server
from clearscale.outputs.serve.session import Session, open_session
from clearscale.outputs.serve.settings import read
from clearscale.runs import Run
from tests.support.browser import ABSENT, CHROMIUM, DESKTOP, PHONE, wrong_on
from tests.support.examples import long

pytestmark = [pytest.mark.slow, pytest.mark.skipif(CHROMIUM is None, reason=ABSENT)]

HIDING, INTERNAL = True, False


@contextlib.contextmanager
def serving(run: Run, published: bool) -> Iterator[Server]:
    server = clearscale.serve(run, published=published, county=None if published else "LOS ANGELES")
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield server
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@pytest.fixture(scope="module")
def served(large: Run) -> Iterator[Server]:
    with serving(large, HIDING) as server:
        yield server


@pytest.fixture(scope="module")
def session(large: Run) -> Session:
    return open_session(large, published=HIDING)


@contextlib.contextmanager
def opened(
    browser: Any,
    server: Server,
    size: tuple[int, int] = DESKTOP,
    hash_: str = "",
    ready: str = "#curve-age svg",
    **options: Any,
) -> Iterator[tuple[Any, list[str]]]:
    """The page with its figures, and what the browser complained of. Other addresses cannot be reached."""
    context = browser.new_context(viewport={"width": size[0], "height": size[1]}, **options)
    complaints: list[str] = []
    page = context.new_page()
    context.route(
        "**/*", lambda route: route.continue_() if route.request.url.startswith(server.url) else route.abort()
    )
    page.on("console", lambda message: complaints.append(message.text))
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on("requestfailed", lambda request: complaints.append(request.url))
    page.goto(server.url + hash_)
    page.wait_for_selector("#key dd")
    page.wait_for_selector(ready)
    try:
        yield page, complaints
    finally:
        context.close()


def shown(page: Any) -> dict[str, int]:
    """The key figures by their words."""
    pairs = page.eval_on_selector_all(
        "#key div",
        "all => all.map(each => [each.querySelector('dt').firstChild.data, each.querySelector('dd').textContent])",
    )
    return {words: int(value.replace(",", "")) for words, value in pairs}


def settled(page: Any, query: str) -> None:
    """Wait until the page shows the setting: it stands in the address, and in the link to its figures, then."""
    page.wait_for_function(
        "wanted => location.hash.includes(wanted)"
        " && location.hash.slice(1).startsWith(document.getElementById('csv').href.split('?')[1])",
        arg=query,
    )


def expected(session: Session, page: Any) -> dict[str, int]:
    """The key figures that the setting in the page's address has."""
    given = {
        name: values[0] for name, values in parse_qs(urlsplit(page.url).fragment, keep_blank_values=True).items()
    }
    county = given.pop("county") or None
    found = session.figures(read(given, session.own), county)
    outcomes = found.outcomes.sum(axis=0).tolist()
    return dict(zip(shown(page), [sum(outcomes), *outcomes, *found.people.sum(axis=0).tolist()], strict=True))


@pytest.mark.parametrize("size", [DESKTOP, PHONE], ids=["desktop", "phone"])
def test_it_loads_from_its_own_server_only_and_fits(browser: Any, served: Server, size: tuple[int, int]) -> None:
    with opened(browser, served, size) as (page, complaints):
        assert page.locator("h1").is_visible()
        assert page.evaluate("document.documentElement.scrollWidth") <= size[0]
        assert page.locator("main section:visible .bars .bar").count() > 10
        assert not complaints


def test_controls_move_figures(browser: Any, served: Server, session: Session) -> None:
    with opened(browser, served) as (page, complaints):
        before = shown(page)
        assert before == expected(session, page)
        page.locator("#age").fill("40")
        settled(page, "age=40&")
        assert page.locator("#age-said").inner_text() == "40 years or older"
        page.locator("#years_since").fill("16")
        settled(page, "years_since=0&")
        assert page.locator("#years_since").get_attribute("aria-valuetext") == "off"
        page.locator("#deceased").uncheck()
        settled(page, "deceased=false")
        page.locator("#years_crime_free").fill("16")
        page.locator("#section-11357").select_option("neither")
        page.locator("#section-11359").select_option("neither")
        settled(page, "dismiss=&reduce=&")
        page.locator("#county").select_option("LOS ANGELES")
        settled(page, "county=LOS")
        after = shown(page)
        assert after == expected(session, page) != before
        assert page.locator("h2 .place").inner_text() == "Los Angeles County"
        assert page.locator("#counties").is_hidden()
        assert page.locator("#key small").count() > 0
        assert json.loads(page.locator("#options").inner_text())["baselineEligibility"]["dismiss"] == []
        page.locator("#reset").click()
        settled(page, "deceased=true")
        assert page.locator("#key small").count() == 0
        assert not complaints


def test_the_keyboard_moves_a_threshold(browser: Any, served: Server, session: Session) -> None:
    with opened(browser, served) as (page, _):
        start = int(page.locator("#age").input_value())
        page.locator("#age").focus()
        for step in (1, 2, 3):
            page.keyboard.press("ArrowLeft")
            settled(page, f"age={start - step}&")
        assert shown(page) == expected(session, page)
        page.keyboard.press("End")
        settled(page, "age=0&")
        page.locator("#only_prop64").focus()
        page.keyboard.press("Space")
        settled(page, "only_prop64=false")
        assert shown(page) == expected(session, page)


def test_the_setting_is_in_the_address(browser: Any, served: Server, session: Session) -> None:
    setting = "county=LOS+ANGELES&dismiss=11359&reduce=11357%2C11358&age=44&years_since=0&under_21=false"
    with opened(browser, served, hash_=f"#{setting}") as (page, complaints):
        assert page.locator("#county").input_value() == "LOS ANGELES"
        assert page.locator("#section-11358").input_value() == "reduce"
        assert page.locator("#section-11360").input_value() == "neither"
        assert page.locator("#age-said").inner_text() == "44 years or older"
        assert page.locator("#years_since-said").inner_text() == "off"
        assert shown(page) == expected(session, page)
        page.evaluate("location.hash = '#age=60&county='")
        settled(page, "age=60&years")
        assert shown(page) == expected(session, page)
        assert not complaints


def test_tables_and_bars_say_the_same(browser: Any, served: Server) -> None:
    with opened(browser, served) as (page, _):
        for name in ("sections", "reasons", "races", "counties"):
            section = page.locator(f"#{name}")
            rows = section.locator("tbody tr:not(.total) th").all_text_contents()
            assert section.locator(".bar > span:first-child").all_text_contents() == rows
            label = section.locator(".bars").get_attribute("aria-label")
            assert all(row in label for row in rows)
            assert section.locator("table caption").count() == 1
        total = page.locator("#sections tr.total td").last.inner_text()
        assert total == page.locator("#key dd").first.inner_text()


def test_changes_are_spoken_once_they_rest(browser: Any, served: Server) -> None:
    with opened(browser, served) as (page, _):
        assert page.locator("#said").get_attribute("role") == "status"
        page.locator("#section-11359").select_option("neither")
        settled(page, "reduce=&")
        lead = " ".join(page.locator("#lead p").all_text_contents())
        page.wait_for_function("wanted => document.getElementById('said').textContent === wanted", arg=lead)


def test_the_file_is_the_settings(browser: Any, served: Server, tmp_path: Path) -> None:
    with opened(browser, served) as (page, _):
        page.locator("#age").fill("50")
        settled(page, "age=50&")
        with page.expect_download() as download:
            page.locator("#csv").click()
        download.value.save_as(tmp_path / "figures.csv")
        assert download.value.suggested_filename == "statewide-figures.csv"
    assert '"setting","California","age","50"' in (tmp_path / "figures.csv").read_text("utf-8").replace("\r", "")


def test_a_program_that_ended_is_told(browser: Any, large: Run) -> None:
    with serving(large, HIDING) as server, opened(browser, server) as (page, _):
        page.route("**/figures?*", lambda route: route.abort())
        page.locator("#age").fill("50")
        page.wait_for_selector("#problem:visible")
        assert page.locator("#problem").inner_text() == "The program on this machine does not answer: was it ended?"


@pytest.mark.parametrize("published", [HIDING, long(INTERNAL)])
@pytest.mark.parametrize("scheme", ["light", long("dark")])
@pytest.mark.parametrize("size", [DESKTOP, long(PHONE)], ids=["desktop", "phone"])
def test_axe_finds_nothing_serious(
    browser: Any, large: Run, published: bool, scheme: str, size: tuple[int, int]
) -> None:
    with (
        serving(large, published) as server,
        opened(browser, server, size, color_scheme=scheme) as (page, complaints),
    ):
        page.eval_on_selector_all("details", "all => all.forEach(each => each.open = true)")
        found = wrong_on(page, "serious", "critical")
        assert page.locator("header .warning").count() == (0 if published else 1)
        assert page.locator("#county").input_value() == ("" if published else "LOS ANGELES")
    assert not found
    assert not complaints


@pytest.mark.long
def test_a_curve_is_a_control_and_a_picture(browser: Any, served: Server, session: Session) -> None:
    with opened(browser, served) as (page, complaints):
        curve = page.locator("#curve-age")
        start = int(page.locator("#age").input_value())
        curve.focus()
        page.keyboard.press("ArrowLeft")
        settled(page, f"age={start - 1}&")
        page.wait_for_function(
            "wanted => document.getElementById('curve-age').ariaValueNow === wanted", arg=str(start - 1)
        )
        relief = f"{expected(session, page)['people with some relief']:,}"
        assert (
            curve.get_attribute("aria-valuetext") == f"{start - 1} years or older: {relief} people with some relief"
        )
        assert page.locator("#curve-age-rows tr.total td").text_content() == relief
        assert curve.locator("circle.now").count() == 1
        page.keyboard.press("End")
        settled(page, "age=0&")
        box = curve.bounding_box()
        curve.click(position={"x": box["width"] * 46 / 360 + 1, "y": box["height"] / 2})
        settled(page, "age=40&")
        page.locator("#curve-figure").select_option(label="would be dismissed")
        assert curve.get_attribute("aria-valuetext").endswith("would be dismissed")
        assert not complaints


@pytest.mark.long
def test_a_choice_is_kept_compared_and_sent(browser: Any, served: Server) -> None:
    with opened(browser, served) as (page, _):
        page.locator("#keep").click()
        page.wait_for_selector("#compared:visible")
        before = page.locator("#key dd").nth(5).inner_text()
        page.locator("#age").fill("65")
        page.locator("#only_prop64").uncheck()
        settled(page, "only_prop64=false")
        page.wait_for_function("() => document.getElementById('kept-said').textContent.includes('Only Prop 64')")
        row = page.locator("#compared-rows tr").nth(5).locator("td").all_text_contents()
        assert row[:2] == [before, page.locator("#key dd").nth(5).inner_text()]
        shared = page.locator("#shared").input_value()
        assert served.token not in shared
        assert "kept=" in shared
        figures = page.locator("#key dd").all_text_contents()
    with opened(browser, served) as (page, complaints):
        assert page.locator("#compared").is_hidden()
        page.locator("#given").fill(f"http://127.0.0.1:1/somewhere/{shared}")
        page.locator("#take-shared").click()
        settled(page, "age=65&")
        page.wait_for_selector("#compared:visible")
        assert page.locator("#key dd").all_text_contents() == figures
        page.locator("#unkeep").click()
        page.wait_for_selector("#compared", state="hidden")
        assert "kept" not in page.url
        assert not complaints


@pytest.mark.long
def test_bars_do_not_move_for_who_wants_no_motion(browser: Any, served: Server) -> None:
    durations = []
    for motion in ("reduce", "no-preference"):
        with opened(browser, served, reduced_motion=motion) as (page, _):
            durations.append(
                page.evaluate("getComputedStyle(document.querySelector('.track i')).transitionDuration")
            )
    assert durations == ["0s", "0.1s"]
