"""A real Chromium without a display and without a network, driven by Playwright."""

import contextlib
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
ABSENT = "no Chromium on this machine: install the package chromium to test pages in a browser"

_FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)

DESKTOP, PHONE = (1280, 900), (360, 780)


@contextlib.contextmanager
def chromium() -> Iterator[Any]:
    """A browser, each with a profile of its own that is empty at first.

    Its folder has a short name, unlike those of tests: the path of a socket in it has at most 107 bytes.
    """
    from playwright.sync_api import sync_playwright

    with tempfile.TemporaryDirectory(prefix="c-", dir="/tmp") as folder, sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=CHROMIUM, args=[*_FLAGS], env={"HOME": folder, "TMPDIR": folder}
        )
        try:
            yield browser
        finally:
            browser.close()


@contextlib.contextmanager
def opened(browser: Any, path: Path, size: tuple[int, int], **options: Any) -> Iterator[tuple[Any, list[str]]]:
    """A page's file in a window without a network, and what the browser complained of."""
    context = browser.new_context(viewport={"width": size[0], "height": size[1]}, offline=True, **options)
    complaints: list[str] = []
    page = context.new_page()
    page.on("console", lambda message: complaints.append(message.text))
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on("requestfailed", lambda request: complaints.append(request.url))
    page.goto(path.resolve().as_uri())
    try:
        yield page, complaints
    finally:
        context.close()


def wrong_on(page: Any, *impacts: str) -> list[tuple[str, str, list[str]]]:
    """What axe finds wrong on a page: rule, its words, the first elements. impacts: of these alone, if any."""
    from axe_playwright_python.sync_playwright import Axe

    return [
        (violation["id"], violation["help"], [node["html"] for node in violation["nodes"]][:3])
        for violation in Axe().run(page).response["violations"]
        if not impacts or violation["impact"] in impacts
    ]
