"""Charts for pages: Vega-Lite drawn offline into SVG, in the colors of a page, light and dark."""

from .alone import Words, alone
from .vega import (
    GRID,
    INK,
    MUTED,
    PALETTE,
    POINTED,
    RAMP,
    RAMP_INK,
    SERIES,
    TIP,
    WIDTH,
    draw,
    page_colors,
    silent,
    themed,
    told,
    why_not_drawn,
)

__all__ = [
    "GRID",
    "INK",
    "MUTED",
    "PALETTE",
    "POINTED",
    "RAMP",
    "RAMP_INK",
    "SERIES",
    "TIP",
    "WIDTH",
    "Words",
    "alone",
    "draw",
    "page_colors",
    "silent",
    "themed",
    "told",
    "why_not_drawn",
]
