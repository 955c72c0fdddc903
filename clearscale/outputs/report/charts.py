"""The charts of a report, as SVG."""

from collections.abc import Mapping, Sequence
from textwrap import wrap
from typing import Any

from clearscale.drawing import INK, MUTED, RAMP, RAMP_INK, SERIES, draw
from clearscale.law import state

from .words import HIDDEN

_LONGEST_NAME = 24
"""Letters of a group's name that have room beside bars."""

_LONGEST_LINE = 20
"""Letters of what is said behind a bar, a line."""


def stacked(rows: Sequence[Mapping[str, Any]], order: Sequence[str], parts: Sequence[str], title: str) -> str:
    """Draw bars by `name`, in order, of `count` stacked by `part`. None is hidden, and said behind the bar."""
    y = {"field": "name", "type": "nominal", "sort": list(order), "title": None}
    hidden = []
    for name in order:
        of_name = [row for row in rows if row["name"] == name]
        if missing := [row["part"] for row in of_name if row["count"] is None]:
            end = sum(row["count"] or 0 for row in of_name)
            # In several lines, so that the bars keep most of the width.
            label = wrap(f"+ {HIDDEN}: {', '.join(missing).lower()}", _LONGEST_LINE)
            hidden.append({"name": name, "end": end, "label": label})
    return draw(
        {
            "height": {"step": 34},
            "layer": [
                {
                    "data": {"values": [row for row in rows if row["count"] is not None]},
                    "mark": {"type": "bar", "stroke": INK, "strokeWidth": 0.6},
                    "encoding": {
                        "y": y,
                        "x": {
                            "field": "count",
                            "type": "quantitative",
                            "title": title,
                            "axis": {"format": ",d", "tickCount": 4, "tickMinStep": 1},
                        },
                        "color": {
                            "field": "part",
                            "type": "nominal",
                            "title": None,
                            "scale": {"domain": list(parts), "range": _series(parts)},
                            "legend": {"columns": 1},
                        },
                        "order": {"field": "place", "type": "quantitative"},
                    },
                },
                {
                    "data": {"values": hidden},
                    "mark": {
                        "type": "text",
                        "align": "left",
                        "baseline": "middle",
                        "dx": 5,
                        "dy": -6,
                        "fontSize": 11,
                        "fontStyle": "italic",
                    },
                    "encoding": {
                        "y": y,
                        "x": {"field": "end", "type": "quantitative"},
                        "text": {"field": "label"},
                        "color": {"value": INK},
                    },
                },
            ],
        }
    )


def _series(parts: Sequence[str]) -> list[str]:
    return [SERIES[min(place, len(SERIES) - 1)] for place in range(len(parts))]


def groups(rows: Sequence[Mapping[str, Any]], order: Sequence[str], parts: Sequence[str], title: str) -> str:
    """Draw bars by `name`, in order, one a `part`, of `share` (0 to 1; null if not shown), with `label` behind."""
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
    x = {"field": "share", "type": "quantitative", "title": title, "axis": {"format": "%", "tickCount": 5}}
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
                    "encoding": {"x": x, "color": color},
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

    Where the rate is None, which is hidden, a dashed outline is as high as the picture, with the word in it if it
    is wide enough.
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
                    "encoding": {"x": x, "x2": {"field": "last"}, "y": {"value": 0}, "y2": {"value": "height"}},
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


def county_tiles(counts: Mapping[str, int | None], hidden: str) -> str:
    """Draw the map of tiles.

    counts: by county as records write it, None if hidden. A county without a count is an outline.
    """
    steps = _steps([count for count in counts.values() if count is not None])
    rows = []
    counties = sorted(state().counties.listed, key=lambda county: county.tile[::-1])
    for county in counties:
        count = counts.get(county.name)
        step = "" if count is None else _step(steps, count)
        shown = "-" if county.name not in counts else hidden if count is None else f"{count:,}"
        rows.append(
            {
                "county": county.letters,
                "x": county.tile[0],
                "y": county.tile[1],
                "count": shown,
                "step": step,
            }
        )
    legend = [_step_words(steps, place) for place in range(len(steps) + 1)]
    wide, high = (1 + max(county.tile[axis] for county in counties) for axis in (0, 1))
    place = {"x": _tile_axis("x", wide), "y": _tile_axis("y", high)}
    known = {"test": "datum.step !== ''"}
    inks = {"domain": legend, "range": list(RAMP_INK[: len(legend)])}
    ink = {
        "condition": {
            **known,
            "field": "step",
            "type": "nominal",
            "scale": inks,
            "legend": None,
        },
        "value": INK,
    }
    fill = {
        "condition": {
            **known,
            "field": "step",
            "type": "nominal",
            "title": "Prop 64 convictions",
            "scale": {"domain": legend, "range": list(RAMP[: len(legend)])},
            "legend": {
                "columns": 1,
                "orient": "none",
                "legendX": 274,
                "legendY": 0,
                "symbolType": "square",
                "symbolSize": 90,
                "labelFontSize": 12,
                "rowPadding": 0,
                "titlePadding": 3,
            },
        },
        "value": "transparent",
    }
    return draw(
        {
            "width": wide * 66,
            "height": high * 34,
            "autosize": "pad",
            "padding": 2,
            "data": {"values": rows},
            "encoding": place,
            "layer": [
                {
                    "mark": {"type": "rect", "stroke": MUTED, "strokeWidth": 0.8, "width": 62, "height": 31},
                    "encoding": {"fill": fill},
                },
                {
                    "mark": {"type": "text", "dy": -7, "fontSize": 12, "fontWeight": "bold"},
                    "encoding": {"text": {"field": "county"}, "color": ink},
                },
                {
                    "mark": {"type": "text", "dy": 7, "fontSize": 12},
                    "encoding": {"text": {"field": "count"}, "color": ink},
                },
            ],
            "resolve": {"scale": {"color": "independent", "fill": "independent"}},
        }
    )


def _tile_axis(field: str, size: int) -> dict[str, Any]:
    return {"field": field, "type": "ordinal", "axis": None, "scale": {"domain": list(range(size)), "padding": 0}}


def _steps(counts: Sequence[int]) -> list[int]:
    """Return the counts at which the color changes: 1, 2 or 5 times a power of ten.

    About as many counties have each color.
    """
    round_numbers = [base * 10**power for power in range(8) for base in (1, 2, 5)]
    ordered = sorted(counts)
    found: list[int] = []
    for part in (0.2, 0.45, 0.7, 0.9):
        wanted = ordered[min(int(part * len(ordered)), len(ordered) - 1)] if ordered else 0
        step = max((base for base in round_numbers if base <= max(wanted, 1)), default=1)
        if step > 1 and step not in found:
            found.append(step)
    return found


def _step(steps: Sequence[int], count: int) -> str:
    return _step_words(steps, sum(count >= step for step in steps))


def _step_words(steps: Sequence[int], place: int) -> str:
    if not steps:
        return "any number"
    if place == 0:
        return f"fewer than {steps[0]:,}"
    return (
        f"{steps[place - 1]:,} or more" if place == len(steps) else f"{steps[place - 1]:,} to {steps[place] - 1:,}"
    )
