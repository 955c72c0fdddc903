"""Make the pictures of these pages anew, of a fabricated state: `python docs/images/make.py`, some two minutes.

They need Chromium, LibreOffice, and what `make` installs for tests (Pillow comes with bokeh). Fewer people
(`--people 3000`) are quicker, and hide more.
"""

import argparse
import sys
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]
sys.path[:0] = [str(ROOT), str(Path(__file__).parent)]

from front import PICTURES as OF_FRONT  # noqa: E402
from front import photograph_front  # noqa: E402
from lists import draw_list  # noqa: E402
from papers import draw_papers  # noqa: E402

import clearscale  # noqa: E402
from clearscale.commands.demo import NOTE, demonstrate  # noqa: E402
from clearscale.commands.demo_charges import demonstrate as demonstrate_charges  # noqa: E402
from tests.support.browser import PHONE, chromium, opened  # noqa: E402

PEOPLE, COUNTIES = 30_000, 58
SETTING = "dismiss=11357&reduce=11358,11359&age=50&years_since=15&years_crime_free=0&under_21=false"

REPORT = (
    ("statewide", "statewide-desktop", (1360, 1420), "light", ""),
    ("statewide", "statewide-people", (1440, 1000), "light", "#people"),
    ("statewide", "statewide-dark", (1360, 900), "dark", "#counties"),
    ("statewide", "statewide-phone", PHONE, "light", ""),
    ("los-angeles", "los-angeles-desktop", (1360, 1300), "light", ""),
)
"""(page, picture, window, colors, where in the page)."""

SERVED = (
    ("serve-desktop", (1200, 1150), "light", f"#county=&{SETTING}", ""),
    ("serve-dark", (1200, 900), "dark", f"#county=LOS+ANGELES&{SETTING}", "#races"),
    ("serve-phone", PHONE, "light", f"#county=LOS+ANGELES&{SETTING}", "fieldset + fieldset"),
)
"""(picture, window, colors, setting, where in the page)."""

OF_POLICIES = ("serve-policies", (1200, 1000), "light", "#county=&policy=ca-los-angeles-2019&p.age=45", "")
"""The same of the page with packs."""

OF_CHARGES = ("serve-charges", (1200, 1000), "light", "#p.misdemeanor_years=3&p.felonies=3", "")
"""The same of a run over charges, of a state with fewer people."""

CHARGED = "michigan", 6_000

DRAWN = {"papers": draw_papers, "list-for-a-court": draw_list}
"""Pictures that no browser makes."""

PICTURES = (
    *(shot[1] for shot in REPORT),
    *(shot[0] for shot in (*SERVED, OF_POLICIES, OF_CHARGES)),
    *OF_FRONT,
    *DRAWN,
)


def photograph_report(browser: Any, report: Path, images: Path) -> None:
    """Photograph pages of a report."""
    for name, picture, size, scheme, where in REPORT:
        with opened(browser, report / f"{name}.html", size, color_scheme=scheme) as (page, _):
            _shoot(page, where, images / f"{picture}.png")


def photograph_served(browser: Any, run: "clearscale.Run", images: Path) -> None:
    """Photograph the page with controls, at a setting."""
    with served(run) as url:
        for shot in SERVED:
            _photograph(browser, url, shot, images)
        _photograph(browser, f"{url}policies/", OF_POLICIES, images)


def photograph_charges(browser: Any, folder: Path, images: Path) -> None:
    """Photograph the page with controls of a run over charges."""
    state, people = CHARGED
    made = demonstrate_charges(folder, state, people=people, seed=1, note=NOTE, cluster=None)
    with served(made.run) as url:
        _photograph(browser, url, OF_CHARGES, images)


def _photograph(browser: Any, address: str, shot: tuple[str, tuple[int, int], str, str, str], images: Path) -> None:
    picture, (width, height), scheme, setting, where = shot
    context = browser.new_context(viewport={"width": width, "height": height}, color_scheme=scheme)
    page = context.new_page()
    page.goto(address + setting)
    page.wait_for_selector("#key dd")
    _shoot(page, where, images / f"{picture}.png")
    context.close()


@contextmanager
def served(run: "clearscale.Run | clearscale.ChargeRun") -> Iterator[str]:
    """Serve a run's page; gives its address."""
    server = clearscale.serve(run)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield server.url
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def _shoot(page: Any, where: str, picture: Path) -> None:
    if where:
        page.eval_on_selector(where, "each => each.scrollIntoView({behavior: 'instant'})")
    page.screenshot(path=picture, animations="disabled")


def main() -> None:
    """Make all pictures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--people", type=int, default=PEOPLE)
    parser.add_argument("--out", type=Path, default=Path(__file__).parent)
    asked = parser.parse_args()
    asked.out.mkdir(parents=True, exist_ok=True)
    for draw in DRAWN.values():
        draw(asked.out)
    with tempfile.TemporaryDirectory() as folder, chromium() as browser:
        made = demonstrate(f"{folder}/state", counties=COUNTIES, people=asked.people, seed=1, cluster=None)
        clearscale.report(made.run, f"{folder}/report", county=made.county, note=NOTE)
        clearscale.report(made.run, f"{folder}/report", note=NOTE)
        photograph_report(browser, Path(folder) / "report", asked.out)
        photograph_served(browser, made.run, asked.out)
        photograph_charges(browser, Path(folder) / "charges", asked.out)
        photograph_front(browser, Path(folder) / "front", asked.out)


if __name__ == "__main__":
    main()
