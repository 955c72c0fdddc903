"""Charts for pages: Vega-Lite drawn offline into SVG, in the colors of a page, light and dark."""

from .vega import (
    GRID,
    INK,
    MUTED,
    PALETTE,
    RAMP,
    RAMP_INK,
    SERIES,
    TIP,
    WIDTH,
    draw,
    page_colors,
    themed,
    why_not_drawn,
)

__all__ = [
    "GRID",
    "INK",
    "MUTED",
    "PALETTE",
    "RAMP",
    "RAMP_INK",
    "SERIES",
    "TIP",
    "WIDTH",
    "draw",
    "page_colors",
    "themed",
    "why_not_drawn",
]
