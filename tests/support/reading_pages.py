"""What a page says, read from its HTML as a person would: tables by caption, key figures by their words."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from html.parser import HTMLParser
from pathlib import Path


@dataclass
class Read(HTMLParser):
    """tables: rows of texts by caption. figures: values by their words. text: all of it."""

    tables: dict[str, list[list[str]]] = field(default_factory=dict)
    figures: dict[str, str] = field(default_factory=dict)
    text: str = ""

    def __post_init__(self) -> None:
        super().__init__()
        self._into: list[str] = []
        self._rows: list[list[str]] = []
        self._words = ""

    def handle_starttag(self, tag: str, attributes: Sequence[tuple[str, str | None]]) -> None:
        if tag in ("caption", "th", "td", "dt", "dd", "style"):
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
        if not self._into or self._into[0] != tag:
            return
        said = self._into[1].strip()
        if tag == "caption":
            self.tables[said] = self._rows
        elif tag in ("th", "td"):
            self._rows[-1].append(said)
        elif tag == "dt":
            self._words = said
        elif tag == "dd":
            self.figures[self._words] = said
        self._into = []

    def row(self, caption: str, name: str) -> list[str]:
        """The row of a table that begins with the name."""
        return next(row for row in self.tables[caption] if row[0] == name)


def read(path: Path) -> Read:
    """A page's file."""
    found = Read()
    found.feed(path.read_text("utf-8"))
    return found


def figure(text: str) -> int:
    """A shown figure."""
    return int(text.replace(",", ""))
