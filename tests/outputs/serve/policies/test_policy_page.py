"""The page of policies in a real browser: a pack is picked, its parameters move figures, and nothing complains."""

import contextlib
import threading
from collections.abc import Iterator
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

import clearscale
from clearscale.outputs.serve.answers import key_figures
from clearscale.outputs.serve.policies.session import PolicySession, open_policy_session
from clearscale.outputs.serve.server import Server
from clearscale.runs import Run
from tests.outputs.serve.policies.samples import KERN
from tests.outputs.serve.test_page import opened, settled, shown
from tests.support.browser import ABSENT, CHROMIUM, DESKTOP, PHONE, wrong_on
from tests.support.examples import long
from tests.support.samples import AS_OF

pytestmark = [pytest.mark.slow, pytest.mark.skipif(CHROMIUM is None, reason=ABSENT)]

PACK = "ca-los-angeles-2019"
READY = "#curve-c0-age svg"


@pytest.fixture(scope="module")
def run(large: Run, tmp_path_factory: pytest.TempPathFactory) -> Run:
    """A run of a pack with a parameter."""
    out = tmp_path_factory.mktemp("pack") / "run"
    return clearscale.run(large.info["store"], PACK, AS_OF, str(out), parameters={"age": 55})


@pytest.fixture(scope="module")
def kern(tmp_path_factory: pytest.TempPathFactory) -> str:
    path = tmp_path_factory.mktemp("policies") / "kern.toml"
    path.write_text(KERN, "utf-8")
    return str(path)


@pytest.fixture(scope="module")
def served(run: Run, kern: str) -> Iterator[Server]:
    server = clearscale.serve(run, policies=[kern])
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield server
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture(scope="module")
def session(run: Run, kern: str) -> PolicySession:
    return open_policy_session(run, [kern])


def expected(session: PolicySession, page: Any) -> list[int]:
    """The key figures that the setting in the page's address has."""
    given = {
        name: values[0] for name, values in parse_qs(urlsplit(page.url).fragment, keep_blank_values=True).items()
    }
    given.pop("kept", None)
    county = given.pop("county") or None
    return key_figures(session.figures(session.choices.read(given), county))


@contextlib.contextmanager
def open_page(
    browser: Any, server: Server, size: tuple[int, int] = DESKTOP, hash_: str = "", **options: Any
) -> Iterator[Any]:
    with opened(browser, server, size, hash_, ready=READY if not hash_ else "#key dd", **options) as found:
        yield found


def test_parameters_move_figures(browser: Any, served: Server, session: PolicySession) -> None:
    with open_page(browser, served) as (page, complaints):
        assert page.locator("#policy").input_value() == PACK
        before = [*shown(page).values()]
        assert before == expected(session, page) == key_figures(session.figures(session.own, None))
        age = page.locator("#c0-age-field")
        assert age.input_value() == "55"
        page.locator("#c0-age").fill("40")  # the slider
        settled(page, "p.age=40&")
        assert age.input_value() == "40"
        assert page.locator("#key small").count() > 0
        age.fill("5")  # is being typed, and no setting
        assert age.get_attribute("aria-invalid") == "true"
        age.fill("57")
        settled(page, "p.age=57&")
        assert age.get_attribute("aria-invalid") == "false"
        assert page.locator("#c0-age").input_value() == "57"
        page.locator("#c0-date_disqualifies").uncheck()
        settled(page, "p.date_disqualifies=false&")
        page.locator("#county").select_option("LOS ANGELES")
        settled(page, "county=LOS")
        assert [*shown(page).values()] == expected(session, page) != before
        assert page.locator("#counties").is_hidden()
        page.locator("#reset").click()
        settled(page, "p.age=55&")
        assert page.locator("#key small").count() == 0
        assert not complaints


def test_another_policy_is_picked_and_compared(browser: Any, served: Server, session: PolicySession) -> None:
    with open_page(browser, served) as (page, complaints):
        own = [*shown(page).values()]
        page.locator("#keep-own").click()
        page.locator("#policy").select_option("kern.toml")
        settled(page, "policy=kern.toml&")
        assert page.locator("[data-policy]:visible").count() == 1
        page.locator("[data-name='p.before']").fill("2011-12-31")
        settled(page, "p.before=2011-12-31&")
        field = page.locator("[data-policy='kern.toml'] [data-name='p.age']")
        field.fill("0")
        settled(page, "p.age=0&")
        slider = page.locator("[data-policy='kern.toml'] [data-threshold='p.age']")
        assert slider.get_attribute("aria-valuetext") == "off"
        assert slider.input_value() == slider.get_attribute("max") == "66"
        slider.fill("52")
        settled(page, "p.age=52&")
        now = [*shown(page).values()]
        assert now == expected(session, page)
        page.wait_for_function(
            "wanted => [...document.querySelectorAll('#compared-rows tr:nth-child(6) td')].map(e => e.textContent)"
            ".slice(0, 2).join() === wanted",
            arg=",".join(f"{figures[5]:,}" for figures in (own, now)),
        )
        assert "policy" in page.locator("#kept-said").inner_text()
        shared = page.locator("#shared").input_value()
        assert served.token not in shared
        assert 'extends = "kern.toml"' in page.locator("#options").inner_text()
        with page.expect_download() as download:
            page.locator("#policy-file").click()
        assert download.value.suggested_filename == "policy.toml"
        page.locator("#policy").select_option("ca-dismiss-all")
        settled(page, "policy=ca-dismiss-all")
        assert page.locator("#over").is_hidden()
        assert [*shown(page).values()] == expected(session, page)
        page.locator("#given").fill(shared)
        page.locator("#take-shared").click()
        settled(page, "p.age=52&")
        assert [*shown(page).values()] == now
        page.evaluate("location.hash = '#policy=nobody.toml&p.age=50'")
        page.wait_for_selector("#problem:visible")
        assert "no policy nobody.toml" in page.locator("#problem").inner_text()
        assert not complaints


def test_a_curve_and_a_map_follow(browser: Any, served: Server, session: PolicySession) -> None:
    with open_page(browser, served) as (page, complaints):
        curve = page.locator("#curve-c0-years")
        curve.focus()
        page.keyboard.press("ArrowRight")
        settled(page, "p.years=11&")
        relief = expected(session, page)[5]
        page.wait_for_function(
            "wanted => document.getElementById('curve-c0-years').ariaValueText === wanted",
            arg=f"11: {relief:,} people with some relief",
        )
        assert curve.locator("circle.now").count() == 1
        assert page.locator("#curve-c0-years-rows tr.total td").text_content() == f"{relief:,}"
        counties = page.locator("#counties tbody tr").count()
        assert page.locator("#map g").count() == 58
        assert page.locator("#map g:not(.step-none)").count() == counties
        page.locator("#map-figure").select_option(label="With some relief")
        rows = page.locator("#counties tbody tr").all()
        column = page.locator("#counties thead th").all_text_contents().index("With some relief")
        told = {row.locator("th").text_content(): row.locator("td").nth(column - 1).text_content() for row in rows}
        titles = page.locator("#map g:not(.step-none) title").all_text_contents()
        assert sorted(titles) == sorted(f"{county}: {count}" for county, count in told.items())
        assert "With some relief" in page.locator("#map").get_attribute("aria-label")
        assert not complaints


@pytest.mark.parametrize("scheme", [long("light"), "dark"])
@pytest.mark.parametrize("size", [long(DESKTOP), PHONE], ids=["desktop", "phone"])
def test_axe_finds_nothing_serious(browser: Any, served: Server, scheme: str, size: tuple[int, int]) -> None:
    with open_page(browser, served, size, color_scheme=scheme) as (page, complaints):
        page.locator("#keep-own").click()
        page.locator("#policy").select_option("kern.toml")
        page.wait_for_selector("#compared:visible")
        page.wait_for_selector("[id^=panel-]:visible svg")
        page.eval_on_selector_all("details", "all => all.forEach(each => each.open = true)")
        found = wrong_on(page, "serious", "critical")
        assert page.evaluate("document.documentElement.scrollWidth") <= size[0]
        assert page.locator("header .warning").count() == 1
    assert not found
    assert not complaints
