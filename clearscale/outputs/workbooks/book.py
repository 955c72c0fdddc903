"""A workbook while it is written, and how it comes to its place: whole, or not at all."""

import contextlib
import datetime
from collections.abc import Iterator, Sequence
from typing import Any

from clearscale.errors import ClearscaleError
from clearscale.io.all_or_nothing import put_file
from clearscale_cluster.extras import missing
from clearscale_cluster.scratch import scratch_folder

from .cells import DATE, DECIMAL, LINE_HEIGHT, MOST_LINES, NUMBER, WORDS, Column, fit, sheet_name, worded
from .sheet import FOOTER, MOST_ROWS, Sheet

_CONTENT = {
    "strings_to_formulas": False,
    "strings_to_urls": False,
    "strings_to_numbers": False,
    "constant_memory": True,
    "use_zip64": True,
    "default_format_properties": {"valign": "top"},
}
"""What XlsxWriter is told: a text is a text whatever it begins with, rows leave the memory, and what stands beside
words of several lines stands beside the first of them."""


_WIDTH = 100
"""Of a page's second column, in characters."""

_LINE = 110
"""Characters that surely fit into a line of it."""


class Book:
    """A workbook that is being written. `writing_book` makes one.

    Its first sheet, and others that stand before tables, may be written last: see `page`.
    """

    def __init__(self, workbook: Any) -> None:
        self._workbook = workbook
        self._names: list[str] = []
        self._tables: list[Sheet] = []
        self.formats = {
            "header": workbook.add_format(
                {"bold": True, "text_wrap": True, "valign": "top", "bottom": 1, "bg_color": "#E8EDF5"}
            ),
            "title": workbook.add_format({"bold": True, "font_size": 14}),
            "strong": workbook.add_format({"bold": True, "valign": "top"}),
            WORDS: workbook.add_format({"text_wrap": True, "valign": "top"}),
            DATE: workbook.add_format({"num_format": "yyyy-mm-dd", "align": "left"}),
            "figure": workbook.add_format({"num_format": "#,##0", "align": "left", "valign": "top"}),
            NUMBER: workbook.add_format({"num_format": "0", "align": "right", "indent": 1}),
            DECIMAL: workbook.add_format({"num_format": "0.0"}),
        }

    def new_sheet(self, name: str) -> tuple[Any, str]:
        """A further sheet, and its name, which is like the one that is wanted."""
        found = sheet_name(name, self._names)
        self._names.append(found)
        from .rows import RowSheet

        return self._workbook.add_worksheet(found, RowSheet), found

    def style(self, kind: str) -> int:
        """The number of a kind's form, 0 for none."""
        form = self.formats.get(kind)
        return 0 if form is None else int(form._get_xf_index())

    def sheet(
        self, name: str, columns: Sequence[Column], most_rows: int = MOST_ROWS, keys: tuple[int, int] | None = None
    ) -> Sheet:
        """A table, whose rows are added to it. keys: the first and last column of those that tell what a row is."""
        made = Sheet(self, name, columns, most_rows, keys)
        self._tables.append(made)
        return made

    def page(self, name: str) -> "Page":
        """A sheet of words, which stands where it is made and may be written at any time."""
        return Page(self, self.new_sheet(name)[0])

    def finish(self) -> None:
        """End all tables."""
        for table in self._tables:
            table.finish()


class Page:
    """A sheet of words in two columns, from the top down."""

    def __init__(self, book: Book, sheet: Any) -> None:
        self._book, self._sheet, self._row = book, sheet, 0
        sheet.set_column(0, 0, 36)
        sheet.set_column(1, 1, _WIDTH)
        sheet.hide_gridlines(2)
        sheet.set_portrait()
        sheet.fit_to_pages(1, 0)
        sheet.set_footer(FOOTER)

    def title(self, text: str) -> None:
        """The title, or that of a part."""
        self._row += 1 if self._row else 0
        self._write(0, text, "title")
        self._row += 1

    def line(self, name: str, text: str | int) -> None:
        """A name and what is said of it; a number stays one."""
        self._write(0, name, "strong")
        if isinstance(text, int):
            self._sheet.write_number(self._row, 1, text, self._book.formats["figure"])
        else:
            self._write(1, text, WORDS)
        self._row += 1

    def words(self, text: str) -> None:
        """A paragraph."""
        self._write(1, text, WORDS)
        self._row += 1

    def _write(self, column: int, text: str, form: str) -> None:
        if form == WORDS:
            # Not every program finds the height of a row by itself.
            lines = sum(1 + len(line) // _LINE for line in text.split("\n"))
            self._sheet.set_row(self._row, LINE_HEIGHT * min(lines, MOST_LINES))
        self._sheet.write_string(self._row, column, worded(text), self._book.formats[form])


@contextlib.contextmanager
def writing_book(url: str, title: str, made_on: datetime.date) -> Iterator[Book]:
    """Write a workbook, which is at its path or URL once the block has ended well, or not at all.

    Until then its parts lie in a folder for temporary files, for this user alone. The same content gives the same
    bytes.

    Parameters
    ----------
    url
        Where it belongs.
    title
        In its properties.
    made_on
        The day that its properties name, whenever it is made.

    Yields
    ------
    Book
        To be filled.

    Raises
    ------
    ClearscaleError
        If the extra `xlsx` is not installed.
    StorageError
        If an object storage refuses, or cannot be reached.
    """
    try:
        import xlsxwriter
    except ImportError:
        raise ClearscaleError(missing("workbooks need", "xlsxwriter", "xlsx")) from None
    with scratch_folder("workbook") as folder:
        place = folder / "book.xlsx"
        workbook = xlsxwriter.Workbook(str(place), {**_CONTENT, "tmpdir": str(folder)})
        created = datetime.datetime.combine(made_on, datetime.time())
        workbook.set_properties({"title": fit(title)[0], "created": created})
        book = Book(workbook)
        try:
            yield book
            book.finish()
            workbook.close()
        except BaseException:
            # What it has open is closed with it: its folder goes next.
            _abandon(workbook)
            raise
        put_file(place, url)


def _abandon(workbook: Any) -> None:
    for sheet in workbook.worksheets():
        with contextlib.suppress(Exception):
            sheet._opt_close()
