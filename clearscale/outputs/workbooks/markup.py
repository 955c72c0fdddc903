"""Rows of a table as a workbook's file has them: column by column, whole batches at a time.

A county's results are tens of millions of cells. One by one in Python they take minutes, in this way seconds.
"""

import datetime
import re
from collections.abc import Sequence
from xml.sax.saxutils import escape

import pyarrow as pa
import pyarrow.compute as pc

from .cells import DATE, LINE_HEIGHT, MOST_LINES, WORDS, fit, serial

_ODD = r"[&<>\x00-\x1f\x{FFFE}\x{FFFF}]|_x[0-9A-Fa-f]{4}_"
"""What has to be written otherwise than it is."""

_ESCAPES = re.compile(r"_(?=x[0-9A-Fa-f]{4}_)|[\x00-\x08\x0b-\x1f\ufffe\uffff]")
"""Characters that a workbook's file cannot hold, written by their numbers; and what looks like one so written."""

_SURELY_FITS = 16000
"""Characters that are a cell's at most, whatever they are."""


def letters(place: int) -> str:
    """The letters of a column, from 0."""
    found = ""
    place += 1
    while place:
        place, rest = divmod(place - 1, 26)
        found = chr(ord("A") + rest) + found
    return found


def rows_of(
    columns: Sequence[pa.Array], kinds: Sequence[str], styles: Sequence[int], first: int, widths: Sequence[int]
) -> tuple[bytes, int]:
    """Rows in the markup of a sheet.

    Parameters
    ----------
    columns
        An array a column, of one length: texts; dates, or texts of which some are none; or numbers.
    kinds
        Of the columns.
    styles
        The number of each column's form in the workbook, 0 for none.
    first
        Number of the first row, from 1.
    widths
        Of the columns, in characters.

    Returns
    -------
    tuple of (bytes, int)
        The rows, and how many texts had to be cut.
    """
    numbers = pa.array(range(first, first + len(columns[0]))).cast(pa.string())
    pieces: list[pa.Array | str] = ['<row r="', numbers, '"', *_heights(columns, kinds, widths), ">"]
    cut = 0
    for place, (column, kind, style) in enumerate(zip(columns, kinds, styles, strict=True)):
        form, cell = f' s="{style}"' if style else "", f'<c r="{letters(place)}'
        if pa.types.is_string(column.type):
            texts, own = _escaped(_filled(column))
            cut += own
            pieces += _cells(cell, numbers, f'"{form} t="inlineStr"><is><t{_kept(texts)}>', texts, "</t></is></c>")
            continue
        values = column
        if kind == DATE:
            values, texts, own = _dates(column)
            cut += own
            pieces += _cells(cell, numbers, '" t="inlineStr"><is><t>', texts, "</t></is></c>")
        pieces += _cells(cell, numbers, f'"{form}><v>', values.cast(pa.string()), "</v></c>")
    pieces.append("</row>")
    rows = pc.binary_join_element_wise(*pieces, "", null_handling="skip")
    return b"".join(rows.cast(pa.binary()).to_pylist()), cut


def _heights(columns: Sequence[pa.Array], kinds: Sequence[str], widths: Sequence[int]) -> list[pa.Array]:
    """How high rows are whose words need several lines, null for others: not every program finds it out."""
    lines: pa.Array | None = None
    for column, kind, width in zip(columns, kinds, widths, strict=True):
        if kind == WORDS:
            own = pc.add(pc.divide(pc.max_element_wise(pc.subtract(pc.utf8_length(column), 1), 0), width), 1)
            lines = own if lines is None else pc.max_element_wise(lines, own)
    if lines is None or not _any(pc.greater(lines, 1)):
        return []
    height = pc.multiply(pc.min_element_wise(lines, MOST_LINES), LINE_HEIGHT)
    said = pc.binary_join_element_wise(' ht="', height.cast(pa.string()), '" customHeight="1"', "")
    return [pc.if_else(pc.greater(lines, 1), said, pa.scalar(None, pa.string()))]


def _filled(texts: pa.Array) -> pa.Array:
    """Texts of which empty ones are null, whose cells are left out: most of an extract is."""
    empty = pc.equal(texts, "")
    return pc.if_else(empty, pa.scalar(None, pa.string()), texts) if _any(empty) else texts


def _kept(texts: pa.Array) -> str:
    """What says that spaces around texts are theirs, where there are any."""
    return ' xml:space="preserve"' if _any(pc.match_substring_regex(texts, r"^\s|\s$")) else ""


def _cells(cell: str, numbers: pa.Array, before: str, content: pa.Array, after: str) -> list[pa.Array]:
    """Cells, null where there is no content; none where there is no content at all."""
    if content.null_count == len(content):
        return []
    return [pc.binary_join_element_wise(cell, numbers, before, content, after, "")]


def _any(found: pa.Array) -> bool:
    return bool(pc.any(found).as_py())


def _escaped(texts: pa.Array) -> tuple[pa.Array, int]:
    """Texts as markup can hold them, and how many had to be cut."""
    if texts.null_count == len(texts):
        return texts, 0
    odd = pc.or_(pc.match_substring_regex(texts, _ODD), pc.greater(pc.utf8_length(texts), _SURELY_FITS))
    odd = pc.fill_null(odd, False)
    if not odd.true_count:
        return texts, 0
    made, cut = [], 0
    for text in texts.filter(odd).to_pylist():
        fitting, own = fit(text)
        cut += own
        made.append(_ESCAPES.sub(_by_number, escape(fitting)))
    return pc.replace_with_mask(texts, odd, pa.array(made, pa.string())), cut


def _by_number(found: re.Match[str]) -> str:
    return f"_x{ord(found[0]):04X}_"


def _dates(days: pa.Array) -> tuple[pa.Array, pa.Array, int]:
    """(numbers of days that a spreadsheet can show, other texts, how many of these had to be cut).

    Each is null where the other is not. days: dates, or texts and the days of those that are one, see `Sheet.add`.
    """
    written = pa.types.is_struct(days.type)
    coded = (days.field("day") if written else days).dictionary_encode()
    known: list[datetime.date] = coded.dictionary.to_pylist()
    serials = [serial(day) for day in known]
    numbers = pa.array(serials, pa.int32()).take(coded.indices)
    if written:
        others = pc.if_else(pc.is_valid(numbers), pa.scalar(None, pa.string()), _filled(days.field("text")))
        return numbers, *_escaped(others)
    texts = [None if number is not None else day.isoformat() for day, number in zip(known, serials, strict=True)]
    return numbers, pa.array(texts, pa.string()).take(coded.indices), 0
