"""The site of the documentation: its pictures, and that it is read and searched without a network, anywhere."""

import functools
import http.server
import os
import re
import runpy
import shutil
import subprocess
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.support.browser import PHONE, opened
from tests.support.pages import ROOT

from .test_docs import PAGES

MKDOCS = ROOT / ".venv/docs/bin/mkdocs"
IMAGES = ROOT / "docs/images"
MAKE = runpy.run_path(str(IMAGES / "make.py"))


def test_every_picture_is_made_by_the_script_and_shown_on_a_page() -> None:
    there = {path.stem for path in IMAGES.glob("*.png")}
    shown = {name for page in PAGES for name in re.findall(r"images/([\w-]+)\.png", page.read_text("utf-8"))}
    assert shown == there
    assert {*MAKE["PICTURES"]} == there, "docs/images/make.py makes them all"


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The site as `make docs` builds it: strictly, so that a dead link fails."""
    if not MKDOCS.exists():
        pytest.skip("no MkDocs here: `make docs` installs it")
    folder = tmp_path_factory.mktemp("site")
    done = built(ROOT, folder)
    assert done.returncode == 0, done.stderr
    return folder


def built(root: Path, folder: Path) -> subprocess.CompletedProcess[str]:
    """Build the site of a copy of the repository. What would be fetched fails at once."""
    offline = os.environ | {"http_proxy": "http://127.0.0.1:9", "https_proxy": "http://127.0.0.1:9"}
    command = [str(MKDOCS), "build", "--strict", "--site-dir", str(folder)]
    return subprocess.run(command, cwd=root, env=offline, capture_output=True, text=True, check=False)


class _Silent(http.server.SimpleHTTPRequestHandler):
    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture(scope="module")
def address(site: Path) -> Iterator[str]:
    """Where `python -m http.server` would serve the site."""
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(_Silent, directory=site)) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()


def search(page: Any, words: str) -> list[str]:
    """Titles of what a search finds, on a page that was just opened."""
    page.locator(".md-search__input").click()
    page.locator(".md-search__input").press_sequentially(words)
    page.wait_for_selector(".md-search-result__item h1")
    return list(page.locator(".md-search-result__item h1").all_text_contents())


@pytest.mark.long
@pytest.mark.parametrize("served", [False, True], ids=["file", "server"])
def test_the_search_works_without_a_network(browser: Any, site: Path, address: str, served: bool) -> None:
    context = browser.new_context(offline=not served)
    complaints: list[str] = []
    page = context.new_page()
    page.on("console", lambda message: complaints.append(message.text) if message.type == "error" else None)
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on("request", lambda request: complaints.append(request.url) if not_here(request.url, address) else None)
    for words, title in (("quarantine", "Glossary"), ("clearscale forecast", "Commands")):
        page.goto(f"{address}/index.html" if served else (site / "index.html").as_uri())
        assert title in search(page, words)
    assert not complaints
    context.close()


def not_here(url: str, address: str) -> bool:
    return not url.startswith(("file:", "data:", "about:", "blob:", address))


@pytest.mark.long
@pytest.mark.parametrize("name", ["start", "reference/python", "concepts/comparison", "tutorial-what-if"])
def test_pages_fit_a_phone(browser: Any, site: Path, name: str) -> None:
    with opened(browser, site / f"{name}.html", PHONE) as (page, complaints):
        assert page.evaluate("document.documentElement.scrollWidth") <= PHONE[0]
        assert not complaints


@pytest.mark.long
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_pages_are_accessible(browser: Any, site: Path, scheme: str) -> None:
    from axe_playwright_python.sync_playwright import Axe

    theirs = {"aria-dialog-name", "landmark-unique"}  # the theme's own frame, which no style can mend
    with opened(browser, site / "for/prosecutors-office.html", (1280, 900), color_scheme=scheme) as (page, _):
        found = Axe().run(page).response["violations"]
    assert not [
        (violation["id"], violation["nodes"][0]["html"]) for violation in found if violation["id"] not in theirs
    ]


@pytest.mark.long
def test_a_dead_link_is_refused(site: Path, tmp_path: Path) -> None:
    """On a page, to a heading, from outside of docs, and to what the site shows of the repository."""
    for name in (
        "README.md",
        "CHANGELOG.md",
        "CONTRIBUTING.md",
        "ROADMAP.md",
        "LICENSE",
        "clearscale",
        "cluster",
        ".github",
    ):
        (tmp_path / name).symlink_to(ROOT / name)
    shutil.copytree(ROOT / "docs", tmp_path / "docs")
    shutil.copy(ROOT / "mkdocs.yml", tmp_path)
    dead = ("nowhere.md", "glossary.md#nowhere", "../NOWHERE.md", "../clearscale/nowhere.py")
    page = tmp_path / "docs/parity.md"
    page.write_text(page.read_text("utf-8") + "".join(f"\n[dead]({link})\n" for link in dead), "utf-8")
    (tmp_path / "README.md").unlink()
    (tmp_path / "README.md").write_text(
        (ROOT / "README.md").read_text("utf-8") + "\n[dead](docs/never.md)\n", "utf-8"
    )
    told = built(tmp_path, tmp_path / "site").stderr
    for link in (*dead, "never.md"):
        assert f"'{link}'" in told, told


def test_what_would_be_fetched_from_elsewhere_is_refused(tmp_path: Path) -> None:
    if not MKDOCS.exists():
        pytest.skip("no MkDocs here: `make docs` installs it")
    here = '<script src="a.js"></script><a href="https://example.org">b</a><link rel="canonical" href="https://example.org">'
    there = (
        '<script src="https://example.org/a.js">',
        '<link rel="preconnect" href="//example.org">',
        "<style>@import 'https://example.org/a.css'</style>",
    )
    (tmp_path / "here.html").write_text(here)
    for number, text in enumerate(there):
        (tmp_path / f"{number}.html").write_text(text)
    (tmp_path / "a.css").write_text("a {background: url(https://example.org/a.png)}")
    code = "import pathlib, runpy, sys; found = runpy.run_path(sys.argv[1])['fetched'](pathlib.Path(sys.argv[2])); "
    code += "print(*found, sep='\\n')"
    command = [str(MKDOCS.parent / "python"), "-c", code, str(ROOT / "docs/site/offline.py"), str(tmp_path)]
    found = subprocess.run(command, capture_output=True, text=True, check=True).stdout.splitlines()
    assert [line.partition(":")[0] for line in found] == ["0.html", "1.html", "2.html", "a.css"]
