"""The maps of a report, as SVG: counties as tiles of one size, and as they are shaped, with the same figures."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from clearscale.drawing import GRID, INK, MUTED, POINTED, RAMP, RAMP_INK, draw, told
from clearscale.law import state
from clearscale.law.counties import County

from .words import HIDDEN, county_words

_NO_EXTRACT = "no extract"

_LEGEND: dict[str, Any] = {
    "columns": 1,
    "symbolType": "square",
    "symbolSize": 90,
    "symbolStrokeWidth": 0.8,
    "symbolStrokeColor": MUTED,
    "labelFontSize": 12,
    "rowPadding": 0,
    "titlePadding": 3,
}


@dataclass(frozen=True)
class CountyMap:
    """Counts by county, to be drawn.

    counts: by county as records write it, None if hidden; a county that has none has no extract. what: what they
    count, in words.
    """

    counts: Mapping[str, int | None]
    what: str

    @cached_property
    def _steps(self) -> list[int]:
        return _steps([count for count in self.counts.values() if count is not None])

    @cached_property
    def _legend(self) -> list[str]:
        """What colors mean: steps of counts, and where there is one, what has none."""
        counted = [_step_words(self._steps, place) for place in range(len(self._steps) + 1)]
        missing = len(self.counts) < len(state().counties.listed)
        return [*counted, *([HIDDEN] if None in self.counts.values() else []), *([_NO_EXTRACT] if missing else [])]

    def _color(self, colors: Sequence[str], hidden: str, missing: str) -> dict[str, Any]:
        """Return the scale of a color for each entry of the legend."""
        others = {HIDDEN: hidden, _NO_EXTRACT: missing}
        steps = iter(colors)
        return {"domain": self._legend, "range": [others.get(entry) or next(steps) for entry in self._legend]}

    def _row(self, county: County) -> dict[str, Any]:
        count = self.counts.get(county.name)
        if county.name not in self.counts:
            step, said, shown = _NO_EXTRACT, _NO_EXTRACT, "-"
        elif count is None:
            step = said = shown = HIDDEN
        else:
            shown = f"{count:,}"
            step, said = _step_words(self._steps, sum(count >= step for step in self._steps)), shown
        return {
            "id": county.name,
            "county": county.letters,
            "x": county.tile[0],
            "y": county.tile[1],
            "count": shown,
            "step": step,
            "tip": told(county_words(county.name), said),
        }

    def tiles(self) -> str:
        """Draw a tile for each county, all of one size, roughly where it lies, with its count."""
        counties = sorted(state().counties.listed, key=lambda county: county.tile[::-1])
        wide, high = (1 + max(county.tile[axis] for county in counties) for axis in (0, 1))
        ink = {
            "field": "step",
            "type": "nominal",
            "scale": self._color(RAMP_INK, INK, INK),
            "legend": None,
        }
        fill = {
            "field": "step",
            "type": "nominal",
            "title": self.what,
            "scale": self._color(RAMP, GRID, "transparent"),
            "legend": {**_LEGEND, "orient": "none", "legendX": 274, "legendY": 0},
        }
        return draw(
            {
                "width": wide * 66,
                "height": high * 34,
                "autosize": "pad",
                "padding": 2,
                "data": {"values": [self._row(county) for county in counties]},
                "encoding": {"x": _tile_axis("x", wide), "y": _tile_axis("y", high)},
                "layer": [
                    {
                        "mark": {"type": "rect", "stroke": MUTED, "strokeWidth": 0.8, "width": 62, "height": 31},
                        "encoding": {**POINTED, "fill": fill},
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

    def shapes(self) -> str | None:
        """Draw the counties as they are shaped; None where the state's data have no shapes."""
        topology = state().shapes
        if topology is None:
            return None
        rows = [self._row(county) for county in state().counties.listed]
        return draw(
            {
                "width": 380,
                "height": 440,
                "autosize": "pad",
                "padding": 2,
                "projection": {"type": "mercator"},
                "data": {"values": topology, "format": {"type": "topojson", "feature": "counties"}},
                "transform": [
                    {
                        "lookup": "id",
                        "from": {"data": {"values": rows}, "key": "id", "fields": ["step", "tip"]},
                    }
                ],
                "mark": {"type": "geoshape", "stroke": MUTED, "strokeWidth": 0.8},
                "encoding": {
                    **POINTED,
                    "fill": {
                        "field": "step",
                        "type": "nominal",
                        "title": self.what,
                        "scale": self._color(RAMP, GRID, "transparent"),
                        "legend": {**_LEGEND, "orient": "top-right", "offset": 0},
                    },
                },
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


def _step_words(steps: Sequence[int], place: int) -> str:
    if not steps:
        return "any number"
    if place == 0:
        return f"fewer than {steps[0]:,}"
    return (
        f"{steps[place - 1]:,} or more" if place == len(steps) else f"{steps[place - 1]:,} to {steps[place] - 1:,}"
    )
