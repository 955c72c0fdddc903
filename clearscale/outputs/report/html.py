"""A page as one HTML file that needs nothing else."""

from collections.abc import Callable
from functools import lru_cache
from importlib.resources import files
from typing import Any

from clearscale.drawing import page_colors, themed, why_not_drawn
from clearscale.errors import ClearscaleError
from clearscale_cluster.extras import missing

from .model import Page


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
    document = page.document()
    svgs = {chart.name: silent(chart.svg) for chart in page.charts}
    text = environment(template).get_template("page.html.j2").render(page=document, svgs=svgs, style=style())
    return str(text)


def style() -> str:
    """Return the style sheet."""
    return page_colors() + template("style.css")


def silent(svg: str) -> str:
    """Hide a chart from screen readers: the figure around it has words for all of it."""
    return themed(svg).replace("<svg ", '<svg aria-hidden="true" focusable="false" ', 1)
