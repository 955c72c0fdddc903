"""A table of a workbook, on as many sheets as its rows need."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import pyarrow as pa

from .cells import Column, worded
from .markup import rows_of

if TYPE_CHECKING:
    from .book import Book

MOST_ROWS = 2**20 - 1
"""Rows of a sheet below its header, as spreadsheets can show."""

FOOTER = "&L&F: &A&RPage &P of &N"
"""Of a printed page: the file and the sheet, and which page of how many."""

_PRINTED_WIDTH = 190
"""Characters side by side on a printed page that are still read with ease."""

_AT_ONCE = 2**11
"""Rows that are in memory as markup."""


class Sheet:
    """A table: a frozen header with filters, and rows below it. `Book.sheet` makes one.

    Printed, columns that do not fit on one page go on on the next one, with the header, and the columns that tell
    what a row is, on each.

    Attributes
    ----------
    rows
        How many there are so far, on all of its sheets.
    names
        Of its sheets.
    cut
        Texts that were longer than a cell can be.
    """

    def __init__(
        self,
        book: "Book",
        name: str,
        columns: Sequence[Column],
        most_rows: int = MOST_ROWS,
        keys: tuple[int, int] | None = None,
    ) -> None:
        self.rows, self.cut = 0, 0
        self.names: list[str] = []
        self._book, self._name, self._columns, self._most = book, name, columns, most_rows
        self._keys = keys
        # A header that is broken would stand over the first row.
        self._widths = [max(column.width, len(column.name) * 5 // 4 + 3) for column in columns]
        self._styles = [book.style(column.kind) for column in columns]
        self._begin()

    def add(self, table: pa.Table) -> None:
        """Add rows: of each column texts, dates or numbers.

        A column of dates may be structs of a `text` and the `day` that it is, null where it is none.
        """
        done = 0
        while done < table.num_rows:
            if self._at == self._most:
                self.finish()
                self._begin()
            piece = table.slice(done, min(_AT_ONCE, self._most - self._at))
            columns = [column.combine_chunks() for column in piece.columns]
            kinds = [column.kind for column in self._columns]
            rows, cut = rows_of(columns, kinds, self._styles, self._at + 2, self._widths)
            self._at += piece.num_rows
            self._sheet.add_rows(rows, self._at, len(columns) - 1)
            self.rows += piece.num_rows
            self.cut += cut
            done += piece.num_rows

    def finish(self) -> None:
        """End it: no row comes any more."""
        self._sheet.autofilter(0, 0, max(self._at, 1), len(self._columns) - 1)

    def _begin(self) -> None:
        sheet, name = self._book.new_sheet(self._name)
        self.names.append(name)
        self._sheet, self._at = sheet, 0
        formats = self._book.formats
        for place, (column, width) in enumerate(zip(self._columns, self._widths, strict=True)):
            sheet.set_column(place, place, width, formats.get(column.kind))
        sheet.freeze_panes(1, 0)
        self._as_printed(sheet)
        for place, column in enumerate(self._columns):
            sheet.write_string(0, place, worded(column.name), formats["header"])

    def _as_printed(self, sheet: Any) -> None:
        """Say how a sheet is printed."""
        sheet.set_landscape()
        sheet.set_margins(left=0.4, right=0.4)
        sheet.set_footer(FOOTER)
        sheet.repeat_rows(0)
        repeated = 0
        if self._keys is not None:
            sheet.repeat_columns(*self._keys)
            repeated = sum(self._widths[self._keys[0] : self._keys[1] + 1])
        across = -(-(sum(self._widths) - repeated) // (_PRINTED_WIDTH - repeated))
        sheet.fit_to_pages(max(across, 1), 0)
        # All columns of some rows, and then the next rows.
        sheet.print_across()
