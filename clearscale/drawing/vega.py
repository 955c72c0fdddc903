"""Charts, drawn offline by Vega-Lite into SVG.

Colors here are those of a light page and of paper. In HTML each becomes a custom property of the style sheet, so
that a dark page has its own; `colors.css` defines them all.
"""

import re
from html import escape
from importlib.resources import files
from importlib.util import find_spec
from typing import Any

from clearscale_cluster.extras import missing

INK, MUTED, GRID = "#1b1b1a", "#595957", "#dcdcd7"
RAMP = ("#f3f6f9", "#c6dbef", "#7fb3d8", "#2f7ab8", "#08427d")
RAMP_INK = ("#1b1b1b", "#1b1b1c", "#1b1b1d", "#fffffe", "#fffffd")
SERIES = ("#0072b2", "#e69f00", "#8a5a9e", "#009e73", "#b5482a", "#8c8c88")
"""After Okabe and Ito; the last, a gray, is for what is left as it is."""

PALETTE = {
    INK: "ink",
    MUTED: "muted",
    GRID: "grid",
    **{color: f"ramp-{place}" for place, color in enumerate(RAMP)},
    **{color: f"ramp-ink-{place}" for place, color in enumerate(RAMP_INK)},
    **{color: f"series-{place}" for place, color in enumerate(SERIES)},
}
"""Names of the style sheet's custom properties, by color."""

WIDTH = 400
"""Units, about pixels, of a chart: what a telephone shows without making texts too small."""

TIP = "tip:"
"""How the description of a mark begins that is shown when somebody points at it; others are left out."""

_TIPPED = re.compile(rf'<(\w+)([^<>]*?) aria-label="{TIP}([^"]*)"([^<>]*?)(/?)>')
_SPOKEN = re.compile(r' (?:role|aria-[a-z]+)="[^"]*"')

_VERSION = "6.4"

_CONFIG: dict[str, Any] = {
    "font": "Arial, Helvetica, 'Liberation Sans', sans-serif",
    "background": None,
    "autosize": {"type": "fit-x", "contains": "padding"},
    # Fonts of a reader may be wider than those that texts were measured with.
    "padding": {"left": 24, "right": 24, "top": 5, "bottom": 5},
    "view": {"stroke": None},
    "axis": {
        "labelColor": INK,
        "titleColor": MUTED,
        "gridColor": GRID,
        "domainColor": MUTED,
        "tickColor": MUTED,
        "labelFontSize": 13,
        "titleFontSize": 12,
        "titleFontWeight": "normal",
        "labelLimit": 180,
        # Labels that would stand closer than this are left out, every second one.
        "labelSeparation": 8,
    },
    "legend": {
        "labelColor": INK,
        "titleColor": MUTED,
        "labelFontSize": 13,
        "titleFontSize": 12,
        "titleFontWeight": "normal",
        "symbolSize": 110,
        "labelLimit": 300,
        "orient": "top",
        "direction": "vertical",
        "columns": 2,
        "columnPadding": 24,
        "offset": 8,
    },
}


POINTED: dict[str, Any] = {"description": {"field": "tip"}}
"""Part of an encoding: what is told when somebody points at a mark, the field `tip` of the data."""


def told(*words: str) -> str:
    """Return what is told of a mark: what it is of, then its figure, after a colon."""
    return f"{TIP}{', '.join(words[:-1])}: {words[-1]}"


def draw(spec: dict[str, Any]) -> str:
    """Draw a chart.

    Parameters
    ----------
    spec
        A Vega-Lite specification. Fonts, colors of axes and legends, and `WIDTH` are filled in where it has none.

    Returns
    -------
    str
        The chart as SVG, its texts as text, the same bytes for the same specification. Of its words for screen
        readers those that begin with TIP are titles of their marks, and the others are left out: whoever shows the
        chart has words for all of it. Where the library that draws is not installed, a picture that says so: the
        tables beside a chart have its figures.
    """
    if (lacking := why_not_drawn()) is not None:
        return _WORDS_ALONE.format(width=WIDTH, words=escape(lacking))
    import vl_convert

    width = {} if "hconcat" in spec else {"width": WIDTH}
    svg = str(vl_convert.vegalite_to_svg({"config": _CONFIG, **width, **spec}, vl_version=_VERSION))
    return _SPOKEN.sub("", _TIPPED.sub(_titled, svg))


def _titled(found: re.Match[str]) -> str:
    tag, before, text, after, closed = found.groups()
    return f"<{tag}{before}{after}><title>{text}</title>" + (f"</{tag}>" if closed else "")


def why_not_drawn() -> str | None:
    """Why charts are not drawn here, and the command that changes it; None if they are."""
    if find_spec("vl_convert") is None:
        return missing("charts need", "vl-convert-python", "report")
    return None


_WORDS_ALONE = (
    '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} 40" width="{width}" height="40">'
    '<text x="0" y="24" font-size="12" font-family="sans-serif">{words}</text></svg>'
)


def themed(svg: str) -> str:
    """Return a chart whose colors are the style sheet's."""
    for color, name in PALETTE.items():
        svg = svg.replace(f'"{color}"', f'"var(--{name})"')
    return svg


def silent(svg: str) -> str:
    """Return a chart for a page, hidden from screen readers: the element around it has words for all of it."""
    return themed(svg).replace("<svg ", '<svg aria-hidden="true" focusable="false" ', 1)


def page_colors() -> str:
    """Return the beginning of a page's style sheet: each color's custom property, for light and for dark."""
    return files(__package__).joinpath("colors.css").read_text("utf-8")
