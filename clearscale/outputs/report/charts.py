"""The charts of a report, as SVG."""

from collections import Counter
from collections.abc import Mapping, Sequence
from textwrap import wrap
from typing import Any

from clearscale.drawing import INK, MUTED, POINTED, SERIES, draw, told

from .words import HIDDEN

_LONGEST_NAME = 24
"""Letters of a group's name that have room beside bars."""

_LONGEST_LINE = 20
"""Letters of what is said behind a bar, a line."""

_BAR = 0.55
"""Part of the width that a bar has at most behind which something is said."""

_LINE = 13
"""Height of such a line."""


def stacked(
    rows: Sequence[Mapping[str, Any]],
    order: Sequence[str],
    parts: Sequence[str],
    title: str,
    totals: Mapping[str, int | None] | None = None,
) -> str:
    """Draw bars by `name`, in order, of `count` stacked by `part`. None is hidden, and said behind the bar.

    totals: what all parts add up to, where it is shown: a dashed outline goes on to there.
    """
    y = {"field": "name", "type": "nominal", "sort": list(order), "title": None}
    seen = [
        {**row, "tip": told(row["name"], *([row["part"]] if len(parts) > 1 else []), f"{row['count']:,}")}
        for row in rows
        if row["count"] is not None
    ]
    known = {name: total for name, total in (totals or {}).items() if total is not None}
    most = max(
        [*(sum(row["count"] or 0 for row in rows if row["name"] == name) for name in order), *known.values()],
        default=0,
    )
    hidden: list[dict[str, Any]] = []
    for name in order:
        of_name = [row for row in rows if row["name"] == name]
        if missing := [row["part"] for row in of_name if row["count"] is None]:
            end = sum(row["count"] or 0 for row in of_name)
            # In several lines, so that the bars keep most of the width.
            label = wrap(f"+ {HIDDEN}: {', '.join(missing).lower()}", _LONGEST_LINE)
            until = known.get(name, end)
            hidden.append(
                {
                    "name": name,
                    "end": end,
                    "until": until,
                    "at": until if until <= _BAR * most else end,
                    "label": label,
                }
            )
    return draw(
        {
            "height": {"step": max([34, *(_LINE * len(bar["label"]) + 6 for bar in hidden)])},
            "layer": [
                {
                    "data": {"values": seen},
                    "mark": {"type": "bar", "stroke": INK, "strokeWidth": 0.6},
                    "encoding": {
                        **POINTED,
                        "y": y,
                        "x": {
                            "field": "count",
                            "type": "quantitative",
                            "title": title,
                            **_room(rows, hidden),
                        },
                        "color": {
                            "field": "part",
                            "type": "nominal",
                            "title": None,
                            "scale": {"domain": list(parts), "range": _series(parts)},
                            "legend": {"columns": 1} if len(parts) > 1 else None,
                        },
                        "order": {"field": "place", "type": "quantitative"},
                    },
                },
                {
                    "data": {"values": [bar for bar in hidden if bar["until"] > bar["end"]]},
                    "mark": {"type": "bar", "fill": "transparent", "stroke": MUTED, "strokeDash": [3, 2]},
                    "encoding": {
                        "y": y,
                        "x": {"field": "end", "type": "quantitative"},
                        "x2": {"field": "until"},
                    },
                },
                {
                    "data": {"values": hidden},
                    "mark": {
                        "type": "text",
                        "align": "left",
                        "baseline": "middle",
                        "dx": 5,
                        "dy": {"expr": f"-{_LINE} * (length(datum.label) - 1) / 2"},
                        "lineHeight": _LINE,
                        "fontSize": 11,
                        "fontStyle": "italic",
                    },
                    "encoding": {
                        "y": y,
                        "x": {"field": "at", "type": "quantitative"},
                        "text": {"field": "label"},
                        "color": {"value": INK},
                    },
                },
            ],
        }
    )


def _room(rows: Sequence[Mapping[str, Any]], hidden: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """Return an axis, and a scale on which there is room for what is said behind bars.

    Where there is no bar it begins at the left all the same, and has no figure but 0.
    """
    axis: dict[str, Any] = {"format": ",d", "tickCount": 4, "tickMinStep": 1}
    ends: Counter[str] = Counter()
    for row in rows:
        ends[row["name"]] += row["count"] or 0
    if not any(ends.values()) and not any(bar["until"] for bar in hidden):
        return {"scale": {"domain": [0, 1]}, "axis": {**axis, "values": [0]}}
    if not any(bar["at"] for bar in hidden):
        return {"axis": axis}
    needed = [room for bar in hidden for room in (bar["until"], bar["at"] / _BAR)]
    return {"scale": {"domainMax": max(*ends.values(), *needed)}, "axis": axis}


def _series(parts: Sequence[str]) -> list[str]:
    return [SERIES[min(place, len(SERIES) - 1)] for place in range(len(parts))]


def groups(rows: Sequence[Mapping[str, Any]], order: Sequence[str], parts: Sequence[str], title: str) -> str:
    """Draw bars by `name`, in order, one a `part`, of `share` (0 to 1; null if not shown), with `label` behind.

    tip: what is told of a bar.
    """
    # A long name is of several lines.
    rows = [{**row, "name": _wrapped(row["name"])} for row in rows]
    y = {
        "field": "name",
        "type": "nominal",
        "sort": [_wrapped(name) for name in order],
        "title": None,
        "axis": {"labelExpr": "split(datum.label, '\\n')"},
    }
    offset = {"field": "part", "type": "nominal", "sort": list(parts)}
    # Beside the longest bar there is room for its label.
    longest = max((row["share"] or 0 for row in rows), default=0) or 1
    x = {
        "field": "share",
        "type": "quantitative",
        "title": title,
        "scale": {"domainMax": longest * 1.15},
        "axis": {"format": "%", "tickCount": 4},
    }
    color = {
        "field": "part",
        "type": "nominal",
        "title": None,
        "scale": {"domain": list(parts), "range": [SERIES[place] for place in (5, 0, 1, 3)][: len(parts)]},
    }
    known = "datum.share === null ? 0 : datum.share"
    return draw(
        {
            "height": {"step": 13, "for": "offset"},
            "data": {"values": list(rows)},
            "transform": [{"calculate": known, "as": "end"}],
            "encoding": {"y": {**y, "scale": {"paddingInner": 0.25, "paddingOuter": 0.1}}, "yOffset": offset},
            "layer": [
                {
                    "mark": {"type": "bar", "stroke": INK, "strokeWidth": 0.5},
                    "encoding": {**POINTED, "x": x, "color": color},
                },
                {
                    "mark": {"type": "text", "align": "left", "baseline": "middle", "dx": 4, "fontSize": 11},
                    "encoding": {
                        "x": {"field": "end", "type": "quantitative"},
                        "text": {"field": "label"},
                        "color": {"value": INK},
                    },
                },
            ],
        }
    )


def _wrapped(name: str) -> str:
    return "\n".join(wrap(name, _LONGEST_NAME))


def years(rows: Sequence[Mapping[str, Any]]) -> str:
    """Draw a bar from `first` to `last` of each row, as high as its `rate`: a histogram of unequal steps.

    `tip` is what is told of a bar. Where the rate is None, which is hidden, a dashed outline is as high as the
    picture, with the word in it if it is wide enough.
    """
    is_hidden = [row for row in rows if row["rate"] is None]
    x = {
        "field": "first",
        "type": "quantitative",
        "title": f"year of the conviction{f' (dashed: {HIDDEN})' if is_hidden else ''}",
        "scale": {"zero": False, "nice": False, "padding": 4},
        "axis": {"format": "d", "tickCount": 6, "tickMinStep": 1, "grid": False},
    }
    hidden = {"values": is_hidden}
    wide = {"values": [row for row in is_hidden if row["last"] - row["first"] > 1]}
    outline = {"type": "bar", "binSpacing": 0.5, "fill": "transparent", "stroke": MUTED, "strokeDash": [3, 2]}
    return draw(
        {
            "height": 190,
            "layer": [
                {
                    "data": {"values": [row for row in rows if row["rate"] is not None]},
                    "mark": {"type": "bar", "orient": "vertical", "binSpacing": 0.5, "color": SERIES[0]},
                    "encoding": {
                        **POINTED,
                        "x": x,
                        "x2": {"field": "last"},
                        "y2": {"datum": 0},
                        "y": {
                            "field": "rate",
                            "type": "quantitative",
                            "title": "convictions a year",
                            "axis": {"format": ",d", "tickCount": 4, "tickMinStep": 1},
                        },
                    },
                },
                {
                    "data": hidden,
                    "mark": outline,
                    "encoding": {
                        **POINTED,
                        "x": x,
                        "x2": {"field": "last"},
                        "y": {"value": 0},
                        "y2": {"value": "height"},
                    },
                },
                {
                    "data": wide,
                    "transform": [{"calculate": "(datum.first + datum.last) / 2", "as": "middle"}],
                    "mark": {"type": "text", "angle": 270, "align": "left", "fontSize": 10, "fontStyle": "italic"},
                    "encoding": {
                        "x": {"field": "middle", "type": "quantitative"},
                        "y": {"value": {"expr": "height - 6"}},
                        "text": {"value": HIDDEN},
                        "color": {"value": INK},
                    },
                },
            ],
        }
    )
