"""Tables on a terminal: every text in them is made fit to be shown, and none is read as markup."""

from collections.abc import Sequence
from typing import Any, Literal

import rich.table
from rich.console import Console
from rich.text import Text

from clearscale_cluster.shown import shown


class Table:
    """A table of texts.

    Parameters
    ----------
    title
        Above it.
    show_header
        Whether the columns have names.
    """

    def __init__(self, title: str, *, show_header: bool = True) -> None:
        self._table = rich.table.Table(
            title=Text(shown(title), "table.title"), show_header=show_header, title_justify="left"
        )

    def add_column(
        self,
        name: str | Sequence[str] = "",
        *,
        right: bool = False,
        overflow: Literal["fold", "ellipsis"] = "ellipsis",
        no_wrap: bool = False,
        min_width: int | None = None,
    ) -> None:
        """Add a column. name: a text, or several lines. min_width: characters that it has at least."""
        self._table.add_column(
            _cell(name),
            justify="right" if right else "left",
            overflow=overflow,
            no_wrap=no_wrap,
            min_width=min_width,
        )

    def add_row(self, *cells: str | Sequence[str], end_section: bool = False) -> None:
        """Add a row. cells: a text, or several lines."""
        self._table.add_row(*map(_cell, cells), end_section=end_section)

    def remark(self, text: str) -> None:
        """Say something below it."""
        self._table.caption = Text(shown(text), "table.caption")

    @property
    def row_count(self) -> int:
        """How many rows it has."""
        return self._table.row_count

    def draw(self) -> None:
        """Print it."""
        # Without lines that are broken where a terminal is narrow.
        Console(highlight=False, soft_wrap=True).print(self._table)


def stacked(name: str) -> tuple[str, ...]:
    """A column's name with a word a line: for tables of many columns, which a narrow terminal would cut."""
    return tuple(name.split())


def _cell(content: str | Sequence[str]) -> Text:
    lines = [content] if isinstance(content, str) else content
    return Text("\n".join(map(shown, lines)))


def figures_table(title: str, rows: Sequence[tuple[str, Any]]) -> Table:
    """Return a table of names and figures."""
    table = Table(title, show_header=False)
    table.add_column()
    table.add_column(right=True)
    for name, value in rows:
        table.add_row(name, f"{value:,}" if isinstance(value, int) else str(value))
    return table
