"""What a page says, read from its HTML as a person would: tables by caption, key figures by their words.

Read, too, are the titles of charts' marks, which are seen by whoever points at them, and the files behind charts.
"""

import csv
import re
from base64 import b64decode
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from html import escape, unescape
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

from clearscale.drawing import TIP
from clearscale.outputs.report.words import share

HIDDEN = "hidden"

_FIGURE = re.compile(rf"{HIDDEN}|[0-9][0-9,.]*%?")


@dataclass
class Drawn:
    """A chart. titles: of its marks. caption: of its table. files: titles in pictures. rows: of its CSV file."""

    titles: list[str] = field(default_factory=list)
    caption: str = ""
    files: list[str] = field(default_factory=list)
    rows: list[list[str]] = field(default_factory=list)


@dataclass
class Read(HTMLParser):
    """tables: rows of texts by caption. figures: values by their words; parts: which part that is. text: all of it.

    commands: lines for a shell.
    """

    tables: dict[str, list[list[str]]] = field(default_factory=dict)
    figures: dict[str, str] = field(default_factory=dict)
    parts: dict[str, tuple[str, str]] = field(default_factory=dict)
    charts: list[Drawn] = field(default_factory=list)
    commands: list[str] = field(default_factory=list)
    text: str = ""

    def __post_init__(self) -> None:
        super().__init__()
        self._into: list[str] = []
        self._rows: list[list[str]] = []
        self._words = self._whole = ""
        self._drawn: Drawn | None = None
        self._key_figures = False

    def handle_starttag(self, tag: str, attributes: Sequence[tuple[str, str | None]]) -> None:
        values = {name: value or "" for name, value in attributes}
        if tag == "dl":
            self._key_figures, self._whole = values.get("class") == "figures", ""
        if tag == "figure":
            self._drawn = Drawn()
            self.charts.append(self._drawn)
        if tag == "a" and "download" in values and self._drawn is not None:
            kind, content = values["href"].split(";base64,")
            content = b64decode(content).decode()
            if kind.startswith("data:text/csv"):
                self._drawn.rows = list(csv.reader(content.splitlines()))
            else:
                assert kind == "data:image/svg+xml"
                self._drawn.files += map(unescape, re.findall("<title>(.*?)</title>", content))
        if tag in ("caption", "th", "td", "dt", "dd", "style", "title", "code"):
            self._into = [tag, ""]
        if tag == "table":
            self._rows = []
        if tag == "tr":
            self._rows.append([])

    def handle_data(self, data: str) -> None:
        if self._into:
            self._into[1] += data
        if self._into[:1] != ["style"]:
            self.text += data

    def handle_endtag(self, tag: str) -> None:
        if tag == "figure":
            self._drawn = None
        if not self._into or self._into[0] != tag:
            return
        said = self._into[1].strip()
        if tag == "caption":
            self.tables[said] = self._rows
            if self._drawn is not None:
                self._drawn.caption = said
        elif tag in ("th", "td"):
            self._rows[-1].append(said)
        elif tag == "dt":
            self._words = said
        elif tag == "dd" and self._key_figures:
            self._whole = self._whole or self._words
            if self._words in self.figures:
                self.parts[self._words] = said, self._whole
            else:
                self.figures[self._words] = said
        elif tag == "code":
            self.commands += said.splitlines()
        elif tag == "title" and self._drawn is not None:
            self._drawn.titles.append(said)
        self._into = []

    def row(self, caption: str, name: str) -> list[str]:
        """The row of a table that begins with the name."""
        return next(row for row in self.tables[caption] if row[0] == name)

    def check(self) -> None:
        """Charts, their files and the parts of key figures show nothing that tables and key figures do not."""
        for words, (text, whole) in self.parts.items():
            assert text.split()[0] == share(figure(self.figures[words]), figure(self.figures[whole])), text
        for chart in self.charts:
            table = self.tables[chart.caption]
            plain = [[_plain(text, place, titles=not row) for place, text in enumerate(cells)]
                     for row, cells in enumerate(table)]  # fmt: skip
            assert chart.rows == plain, chart.caption
            assert sorted(chart.files) == sorted(chart.titles), chart.caption
            for title in chart.titles:
                assert set(self._told(title)) <= self._beside(title, table), title

    @staticmethod
    def _told(title: str) -> Iterator[str]:
        """The figures that a mark's title tells."""
        return (found.group().rstrip(",.") for found in _FIGURE.finditer(title.rpartition(": ")[2]))

    def _beside(self, title: str, table: list[list[str]]) -> set[str]:
        """The figures of the rows that a title is of, and key figures."""
        rows = [row for row in table if title.startswith((f"{row[0]}: ", f"{row[0]}, "))]
        longest = max((len(row[0]) for row in rows), default=0)
        return {*self.figures.values()} | {text for row in rows if len(row[0]) == longest for text in row[1:]}


def _plain(text: str, place: int, *, titles: bool) -> str:
    """A cell as a file of a table has it: a figure without commas, and nothing where there is none."""
    if text == "-":
        return ""
    if titles or not place or not re.fullmatch("[0-9,]+", text):
        return text
    return text.replace(",", "")


def titles_only(spec: dict[str, Any]) -> str:
    """A chart with nothing but the titles of its marks: reading needs no picture, and drawing takes long."""
    titles = "".join(f"<g><title>{escape(title)}</title></g>" for title in _titles(spec))
    return f'<svg viewBox="0 0 400 10">{titles}</svg>'


def _titles(part: Any) -> Iterator[str]:
    if isinstance(part, dict):
        if str(part.get("tip", "")).startswith(TIP):
            yield part["tip"].removeprefix(TIP)
        for inner in part.values():
            yield from _titles(inner)
    elif isinstance(part, list):
        for inner in part:
            yield from _titles(inner)


def read(path: Path) -> Read:
    """A page's file."""
    found = Read()
    found.feed(path.read_text("utf-8"))
    return found


def figure(text: str) -> int:
    """A shown figure."""
    return int(text.replace(",", ""))
