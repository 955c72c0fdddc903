"""Pictures of the front page: what it says of extracts, a county's results, and the policy of charges."""

import csv
import threading
from pathlib import Path
from typing import Any

import clearscale
from clearscale.formats import load_map
from clearscale.synth import fabricate, fabricate_charges

PICTURES = ("front-desktop", "front-results", "front-charges")
PEOPLE, COUNTIES = 600, 3
FORMAT, CHARGED = "il-cook-clerk", 2000
AS_OF = "2020-07-01"
_WINDOW = {"width": 1280, "height": 1500}
_PATIENCE = 200_000


def photograph_front(browser: Any, folder: Path, images: Path) -> None:
    """Photograph the front page on the way from extracts to files."""
    made = [
        Path(extract.path) for extract in fabricate(str(folder / "given"), counties=COUNTIES, people=PEOPLE, seed=5)
    ]
    _without_births(made[1])
    charges = fabricate_charges(str(folder / "charges"), load_map(FORMAT), people=CHARGED, seed=5).path
    server = clearscale.serve_folder(folder / "served")
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        page = browser.new_context(viewport=_WINDOW).new_page()
        page.goto(server.url)
        page.locator("#upload").set_input_files(made)
        page.wait_for_function(f"() => document.querySelectorAll('#listed input:checked').length === {len(made)}")
        _press(page, "#look", "#taking:visible")
        _shoot(page, "header", images / "front-desktop.png")
        for box in page.locator("#findings input").all():
            box.check()
        _press(page, "#take", "#deciding:visible")
        page.locator("#county").select_option(index=1)
        page.locator("#as_of").fill(AS_OF)
        page.locator("#section-11359").select_option("reduce")
        _press(page, "#run", "#key dd")
        _press(page, "#make", "#made-files li")
        _shoot(page, "#results", images / "front-results.png")
        _charges(page, charges)
        _shoot(page, "#policy", images / "front-charges.png")
        page.context.close()
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def _charges(page: Any, file: str) -> None:
    """Go from a file of charges to a run."""
    page.locator("#format").select_option(FORMAT)  # extracts that were taken in are chosen no more
    page.locator("#upload").set_input_files(file)
    page.wait_for_selector("#listed input:checked")
    _press(page, "#look", "#take:enabled")
    page.locator("#take").click()
    page.wait_for_function("() => document.getElementById('store').value.includes('charges')")
    page.locator("#as_of").fill(AS_OF)
    page.locator("#run").click()
    page.wait_for_function("() => document.getElementById('lead').textContent.includes('Illinois')")


def _press(page: Any, button: str, until: str) -> None:
    page.locator(button).click()
    page.wait_for_selector(until, timeout=_PATIENCE)


def _shoot(page: Any, where: str, picture: Path) -> None:
    page.eval_on_selector(where, "each => each.scrollIntoView({behavior: 'instant'})")
    page.screenshot(path=picture, animations="disabled")


def _without_births(extract: Path) -> None:
    with extract.open(encoding="latin-1", newline="") as file:
        rows = list(csv.reader(file))
    place = rows[0].index("PRI_DOB")
    for row in rows[1:]:
        row[place] = ""
    with extract.open("w", encoding="latin-1", newline="") as file:
        csv.writer(file, lineterminator="\n").writerows(rows)
