"""Whether the site that was built asks anything of another place: then it is not built (`make docs`)."""

import re
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

from mkdocs.exceptions import PluginError

LOADED = {"audio", "embed", "iframe", "img", "input", "link", "object", "script", "source", "track", "video"}
"""Elements for which a browser fetches something. A link that a reader has to follow is none."""

NOT_FETCHED = {"alternate", "author", "canonical", "license", "next", "prev"}
"""What a `link` may be without being fetched."""

_ELSEWHERE = re.compile(r"\s*(https?:)?//", re.IGNORECASE)
_CSS = re.compile(r"(?:url\(|@import)\s*[\"']?\s*((?:https?:)?//[^\"')\s]+)", re.IGNORECASE)


class _Fetched(HTMLParser):
    """Addresses that a page's elements have a browser fetch."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Look at an element."""
        stated = dict(attrs)
        self.found += _CSS.findall(stated.get("style") or "")
        if tag in LOADED and not (tag == "link" and set((stated.get("rel") or "").split()) <= NOT_FETCHED):
            names = ("src", "href", "data", "poster", "srcset")
            self.found += [value for name in names if (value := stated.get(name)) and _ELSEWHERE.match(value)]

    def handle_data(self, data: str) -> None:
        """Look at a style sheet within the page."""
        if self.lasttag == "style":
            self.found += _CSS.findall(data)


def fetched(site: Path) -> Iterator[str]:
    """File and address of all that a browser would fetch from elsewhere."""
    for path in sorted(site.rglob("*")):
        if path.suffix == ".html":
            parser = _Fetched()
            parser.feed(path.read_text("utf-8"))
            yield from (f"{path.relative_to(site)}: {address}" for address in parser.found)
        elif path.suffix in (".css", ".svg"):
            yield from (f"{path.relative_to(site)}: {address}" for address in _CSS.findall(path.read_text("utf-8")))


def on_post_build(config: Any) -> None:
    """Refuse a site that is not whole by itself."""
    if found := list(fetched(Path(config.site_dir))):
        raise PluginError("The site would fetch from elsewhere:\n" + "\n".join(found))
