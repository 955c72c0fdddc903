"""The pictures of a sweep's page: figures as lines over the settings of a parameter."""

import json
from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import Any

from clearscale.drawing import POINTED, SERIES, WIDTH, draw, told

Along = Mapping[str, Sequence[int | None]]
"""Figures along the settings of a parameter; None is hidden."""

_COLORS = tuple(SERIES[place] for place in (0, 4, 3, 2, 1, 5))
"""Those of the palette that stand out from the page as thin lines first; marks differ too."""

_MARKS = ("circle", "square", "triangle-up", "diamond", "cross", "triangle-down", "triangle-right", "triangle-left")
_HEIGHT = 250
_PLOT = WIDTH - 110
"""Width of what is within the axes, about, in units of a picture."""

_SYMBOL = 36
"""Room beside a line's name above a picture."""

_MOST_TICKS = 30
_LOWEST_TOP = 5
"""Where the axis of figures ends at the lowest: below, its steps would be no whole numbers."""

_SETTING_SIZE = 11
"""Size of the letters of a setting."""

_UPRIGHT, _UPRIGHT_SIZE = 18, 10
"""Beyond so many, settings stand upright, in letters so small that `_MOST_TICKS` of them have room."""


def lines(title: str, name: str, settings: Sequence[str], figures: Along) -> str:
    """Draw lines over settings.

    Parameters
    ----------
    title
        What is counted.
    name
        The parameter.
    settings
        Its settings, as people write them.
    figures
        By what the line is called. Where one is hidden, its line is dashed, from one that is shown to the next.

    Returns
    -------
    str
        The picture as SVG. Each mark tells its setting and figure.
    """
    step = -(-len(settings) // _MOST_TICKS)
    ticks = list(range(0, len(settings), step))
    order = list(figures)
    columns = max(1, min(len(order), int(_PLOT // (_SYMBOL + 7 * max(map(len, order), default=1)))))
    legend = {"columns": columns, "symbolSize": 70}
    series = {"field": "line", "type": "nominal", "sort": order, "title": None, "legend": legend}
    colors, marks = list(_COLORS[: len(order)]), list(_MARKS[: len(order)])
    counted = [(place, label, count) for label, counts in figures.items() for place, count in enumerate(counts)]
    values = [{"place": place, "line": label, "count": count} for place, label, count in counted]
    pointed = [
        {"place": place, "line": label, "count": count, "tip": told(settings[place], label, f"{count:,}")}
        for place, label, count in counted
        if count is not None and place % step == 0
    ]
    return draw(
        {
            "height": _HEIGHT,
            "encoding": {
                "x": _across(name, settings, ticks),
                "y": _upward(title, figures),
                "color": {**series, "scale": {"domain": order, "range": colors}},
            },
            "layer": [
                {
                    "data": {"values": values},
                    "mark": {"type": "line", "strokeWidth": 1.8, "invalid": "break-paths-show-domains"},
                },
                {
                    "data": {"values": _gaps(figures)},
                    "mark": {"type": "line", "strokeWidth": 1.2, "strokeDash": [2, 3]},
                    "encoding": {"detail": {"field": "gap", "type": "nominal"}},
                },
                {
                    # Where there is no room for the mark of each setting, those of the ticks. What is transparent
                    # around a mark is pointed at, too.
                    "data": {"values": pointed},
                    "mark": {
                        "type": "point",
                        "filled": True,
                        "size": 38,
                        "opacity": 1,
                        "stroke": "transparent",
                        "strokeWidth": 9,
                    },
                    "encoding": {**POINTED, "shape": {**series, "scale": {"domain": order, "range": marks}}},
                },
            ],
        }
    )


def _gaps(figures: Along) -> list[dict[str, Any]]:
    """Return both ends of each part of a line in which figures are hidden."""
    found = []
    for label, counts in figures.items():
        known = [(place, count) for place, count in enumerate(counts) if count is not None]
        for number, (one, other) in enumerate(pairwise(known)):
            if other[0] - one[0] > 1:
                found += [
                    {"place": place, "line": label, "count": count, "gap": f"{label} {number}"}
                    for place, count in (one, other)
                ]
    return found


def _across(name: str, settings: Sequence[str], ticks: list[int]) -> dict[str, Any]:
    # Letters are about 0.6 as wide as they are high; leave room for two more.
    longest = max(len(settings[place]) for place in ticks) + 2
    flat = longest * 0.6 * _SETTING_SIZE * len(ticks) <= _PLOT
    upright = len(ticks) > _UPRIGHT
    turned = {"labelAngle": -90 if upright else -60, "labelAlign": "right", "labelBaseline": "middle"}
    return {
        "field": "place",
        "type": "ordinal",
        "scale": {"domain": list(range(len(settings)))},
        "title": name,
        "axis": {
            "values": ticks,
            "labelExpr": f"{json.dumps(list(settings))}[datum.value]",
            "labelFontSize": _UPRIGHT_SIZE if upright else _SETTING_SIZE,
            "labelLimit": 240,
            "labelOverlap": False,
            "titlePadding": 8,
            **({"labelAngle": 0} if flat else turned),
        },
    }


def _upward(title: str, figures: Along) -> dict[str, Any]:
    highest = max((count for counts in figures.values() for count in counts if count is not None), default=0)
    return {
        "field": "count",
        "type": "quantitative",
        "title": title.lower(),
        "scale": {"domainMin": 0, "nice": True, **({"domainMax": _LOWEST_TOP} if highest < _LOWEST_TOP else {})},
        # Letters of a reader may be wider than those that the axis was set with.
        "axis": {"format": ",d", "tickCount": 6, "tickMinStep": 1, "titlePadding": 14},
    }
