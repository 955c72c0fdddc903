"""A page as one HTML file that needs nothing else."""

from base64 import b64encode
from collections.abc import Callable
from functools import lru_cache
from importlib.resources import files
from typing import Any

import pyarrow as pa

from clearscale.drawing import page_colors, themed, why_not_drawn
from clearscale.errors import ClearscaleError
from clearscale.io.spreadsheet import csv
from clearscale_cluster.extras import missing

from .model import Page, Table


def template(name: str) -> str:
    """Return the text of a file in `templates`."""
    return files(__package__).joinpath("templates", name).read_text("utf-8")


@lru_cache(maxsize=2)
def environment(load: Callable[[str], str]) -> Any:
    """Return Jinja with templates from a function; it escapes data. Raises ClearscaleError without Jinja."""
    try:
        import jinja2
    except ImportError:
        raise ClearscaleError(missing("reports need", "Jinja2", "report")) from None
    return jinja2.Environment(
        loader=jinja2.FunctionLoader(load),
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
        undefined=jinja2.StrictUndefined,
    )


def html(page: Page) -> str:
    """Return the page as HTML. Raises ClearscaleError where charts cannot be drawn."""
    if (lacking := why_not_drawn()) is not None:
        raise ClearscaleError(lacking)
    pictures = {each.name: each.svg for chart in page.charts for each in chart.pictures}
    text = (
        environment(template)
        .get_template("page.html.j2")
        .render(
            page=page.document(),
            svgs={name: silent(svg) for name, svg in pictures.items()},
            images={name: image_url(svg) for name, svg in pictures.items()},
            tables={chart.name: csv_url(chart.table) for chart in page.charts},
            style=style(),
        )
    )
    return str(text)


def csv_url(table: Table) -> str:
    """Return a table's texts as a CSV file within a link: what the page shows, with hidden figures hidden.

    Where there is no figure, which a page shows as a dash, a cell is empty.
    """
    rows = [[figure.replace(",", "") if place in table.numbers else figure for place, figure in enumerate(row)]
            for row in table.rows]  # fmt: skip
    rows = [["" if figure == "-" else figure for figure in row] for row in rows]
    columns = [pa.array([row[place] for row in rows], pa.string()) for place in range(len(table.columns))]
    written = csv(pa.Table.from_arrays(columns, names=list(table.columns)))
    return f"data:text/csv;charset=utf-8;base64,{b64encode(written).decode()}"


def image_url(svg: str) -> str:
    """Return a chart as an SVG file within a link, on white paper."""
    opening, rest = svg.split(">", 1)
    paper = '<rect width="100%" height="100%" fill="#ffffff"/>'
    return f"data:image/svg+xml;base64,{b64encode(f'{opening}>{paper}{rest}'.encode()).decode()}"


def style() -> str:
    """Return the style sheet."""
    return page_colors() + template("style.css")


def silent(svg: str) -> str:
    """Hide a chart from screen readers: the figure around it has words for all of it."""
    return themed(svg).replace("<svg ", '<svg aria-hidden="true" focusable="false" ', 1)
