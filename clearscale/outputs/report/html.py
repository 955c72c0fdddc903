"""A page as one HTML file that needs nothing else."""

from collections.abc import Callable
from functools import lru_cache
from importlib.resources import files
from typing import Any

from clearscale.drawing import Words, alone, page_colors, silent, why_not_drawn
from clearscale.errors import ClearscaleError
from clearscale.io.links import link_to_csv, link_to_svg
from clearscale_cluster.extras import missing

from .model import Chart, Page, Picture


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
    pictures = [(chart, picture) for chart in page.charts for picture in chart.pictures]
    text = (
        environment(template)
        .get_template("page.html.j2")
        .render(
            page=page.document(),
            svgs={picture.name: silent(picture.svg) for _, picture in pictures},
            images={picture.name: link_to_svg(_alone(page, chart, picture)) for chart, picture in pictures},
            tables={chart.name: _csv(chart) for chart in page.charts},
            style=style(),
        )
    )
    return str(text)


def _csv(chart: Chart) -> str:
    table = chart.table
    return link_to_csv(table.columns, table.rows, table.numbers)


def _alone(page: Page, chart: Chart, picture: Picture) -> str:
    """Return a chart as a picture that is understood without its page."""
    words = Words(
        chart.title,
        (f"{page.title}. {page.subtitle}.",),
        (*chart.table.notes, f"{page.footer}."),
        picture.alt,
        page.warning,
    )
    return alone(picture.svg, words)


def style() -> str:
    """Return the style sheet."""
    return page_colors() + template("style.css")
