"""Small files within links of a page, which a reader saves without a network."""

from base64 import b64encode
from collections.abc import Sequence

import pyarrow as pa

from .spreadsheet import csv

NOTHING = "-"
"""What a page shows where there is no figure; a cell of a file is empty."""


def link_to(kind: str, content: bytes | memoryview) -> str:
    """Return the address of a file within a link. kind: its media type."""
    return f"data:{kind};base64,{b64encode(content).decode()}"


def link_to_svg(svg: str) -> str:
    """Return the address of a picture within a link."""
    return link_to("image/svg+xml", svg.encode())


def link_to_csv(columns: Sequence[str], rows: Sequence[Sequence[str]], numbers: Sequence[int]) -> str:
    """Return the address of a table's texts as a CSV file within a link, with what a page hides hidden.

    columns: titles. numbers: places of columns that hold figures, which lose their commas.
    """
    cells = [
        [_cell(text.replace(",", "") if place in numbers else text) for place, text in enumerate(row)]
        for row in rows
    ]
    texts = [pa.array([row[place] for row in cells], pa.string()) for place in range(len(columns))]
    written = csv(pa.Table.from_arrays(texts, names=list(columns)))
    return link_to("text/csv;charset=utf-8", memoryview(written))


def _cell(text: str) -> str:
    return "" if text == NOTHING else text
