"""What stands in a cell: whatever a record holds, so that a spreadsheet shows it and runs none of it."""

import datetime
from collections.abc import Iterable
from dataclasses import dataclass

TEXT, WORDS, DATE, NUMBER, DECIMAL = "text", "words", "date", "number", "decimal"
"""Kinds of columns. Words are texts that go on in further lines of their cell. A date that is none, or that a
spreadsheet cannot show, stays the text that it is."""

LINE_HEIGHT, MOST_LINES = 15, 25
"""The height of a line, in points; lines that a row can show."""

MOST_UNITS = 32767
"""UTF-16 units in a cell at most."""

CUT = " [cut here: the whole text is in the other files]"

EARLIEST = datetime.date(1900, 3, 1)
"""Spreadsheets differ on the days before, since one of them counts a 29 February 1900."""

_DAY_ZERO = datetime.date(1899, 12, 30).toordinal()
_MOST_NAME = 31
_NOT_IN_NAMES = str.maketrans(dict.fromkeys("[]:*?/\\", "-"))


@dataclass(frozen=True)
class Column:
    """A column of a sheet. width: in characters. kind: of its cells."""

    name: str
    width: int = 14
    kind: str = TEXT


def worded(text: str) -> str:
    """A text for the library that writes workbooks.

    It takes one in `<r>` and `</r>` for marked-up text and writes it as it is: with a space behind it, it is a text
    like others.
    """
    fitting = fit(text)[0]
    return f"{fitting} " if fitting.startswith("<r>") and fitting.endswith("</r>") else fitting


def fit(text: str) -> tuple[str, bool]:
    """A text as a cell can hold it, and whether it had to be cut. Halves of characters, which UTF-8 has not, go."""
    if len(text) * 2 <= MOST_UNITS and text.isascii():
        return text, False
    units = text.encode("utf-16-le", "surrogatepass")
    cut = len(units) > 2 * MOST_UNITS
    if cut:
        units = units[: 2 * (MOST_UNITS - len(CUT))]
        # Not in the midst of a character of two units.
        units = units[:-2] if 0xD8 <= units[-1] <= 0xDB else units
    return units.decode("utf-16-le", "replace") + (CUT if cut else ""), cut


def serial(day: datetime.date) -> int | None:
    """The number that is a day to a spreadsheet; None for one that it cannot show."""
    return day.toordinal() - _DAY_ZERO if day >= EARLIEST else None


def sheet_name(wanted: str, taken: Iterable[str]) -> str:
    """A name that a sheet may have: short, without what means something in formulas, and of no other sheet.

    taken: names of sheets that there are.
    """
    plain = "".join(letter for letter in fit(wanted)[0].translate(_NOT_IN_NAMES) if letter.isprintable())
    plain = plain[:_MOST_NAME].strip("' ") or "Sheet"
    plain = f"{plain[: _MOST_NAME - 1]}-" if plain.casefold() == "history" else plain
    others, found, number = {name.casefold() for name in taken}, plain, 1
    while found.casefold() in others:
        number += 1
        ending = f" ({number})"
        found = plain[: _MOST_NAME - len(ending)].rstrip("' ") + ending
    return found
