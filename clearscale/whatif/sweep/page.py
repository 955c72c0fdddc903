"""The chart of a sweep: each figure along each parameter, as one HTML file that needs no network and no program.

Each picture has a title and a description for those who do not see it; a table beneath holds its numbers.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from html import escape
from itertools import chain
from math import prod
from typing import Any

import numpy as np

from clearscale.drawing import INK, SERIES, draw, page_colors, themed
from clearscale.runs.tally import MEASURES
from clearscale.small_counts import SUPPRESS_BELOW
from clearscale_kernels.arrays import Bools

from .cube import Figures
from .hiding import visible

Along = Mapping[str, Sequence[int | None]]
"""Figures along the settings of a parameter; None is hidden."""

HIDDEN = "hidden"
"""In place of a figure that the page does not show."""

Panels = Sequence[tuple[str, Sequence[tuple[str, str]]]]
"""Pictures side by side: title, and figures with what their lines are called."""

_PANELS: Panels = (
    ("Convictions", (("convictions_dismissed", "dismissed"), ("convictions_reduced", "reduced"))),
    (
        "People",
        tuple(
            zip(
                (f"people_{measure}" for measure in MEASURES),
                ("some relief", "no felony", "no conviction", "none in 7 years"),
                strict=True,
            )
        ),
    ),
)

_COLORS = tuple(SERIES[place] for place in (0, 4, 3, 2, 1, 5))
"""Those of the palette that stand out from the page as thin lines first; marks differ too."""

_MARKS = ("circle", "square", "triangle-up", "diamond", "cross", "triangle-down", "triangle-right", "triangle-left")
_PANEL = (430, 260)
"""Width and height of a panel, in units of about a pixel."""

_MOST_IN_A_ROW = 4
"""So many lines' names stand beside each other above a panel."""

_MOST_TICKS = 30
_LOWEST_TOP = 5
"""Where the axis of figures ends at the lowest: below, its steps would be no whole numbers."""

_SETTING_SIZE = 11
"""Size of the letters of a setting, so small that `_MOST_TICKS` of them have room at an angle."""

_STYLE = """body {
  font: 16px/1.5 system-ui, sans-serif; max-width: 70rem; margin: 2rem auto; padding: 0 1rem;
  background: var(--paper); color: var(--ink);
}
figure { margin: 0; }
.scroll { overflow-x: auto; }
.scroll:focus-visible { outline: 3px solid var(--link); outline-offset: 2px; }
svg { display: block; width: 100%; min-width: 44rem; max-width: 66rem; height: auto; }
table { border-collapse: collapse; margin: 1rem 0 3rem; font-variant-numeric: tabular-nums; }
caption { text-align: left; font-weight: 600; padding: .25rem 0; }
th, td { padding: .15rem .75rem; border-bottom: 1px solid var(--grid); text-align: right; }
th[scope=row] { text-align: left; font-weight: 400; white-space: nowrap; }
"""

_PAGE = """<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<title>{title}</title>
<style>{style}</style>
</head>
<body>
<main>
<h1>{title}</h1>
<p>{about}</p>
{sections}
</main>
</body>
</html>
"""


@dataclass(frozen=True)
class Charted:
    """What a sweep's page is about.

    axes: settings by parameter, as people write them. base: place of each one's setting while another changes.
    """

    title: str
    as_of: str
    axes: Mapping[str, Sequence[str]]
    base: tuple[int, ...]

    @property
    def size(self) -> int:
        """How many policies there are."""
        return prod(map(len, self.axes.values()))

    @cached_property
    def along(self) -> dict[str, list[int]]:
        """The places of the policies along each parameter that is varied, among all combinations of settings."""
        shape = tuple(map(len, self.axes.values()))
        found = {}
        for place, (name, settings) in enumerate(self.axes.items()):
            if len(settings) > 1:
                steps = np.tile(np.array(self.base, np.int64)[:, np.newaxis], (1, len(settings)))
                steps[place] = np.arange(len(settings))
                found[name] = np.ravel_multi_index(tuple(steps), shape).tolist()
        return found

    @property
    def policies(self) -> list[int]:
        """All policies of the page, each once, the one that the others are varied from first."""
        first = int(np.ravel_multi_index(self.base, tuple(map(len, self.axes.values())))) if self.base else 0
        return list(dict.fromkeys([first, *chain(*self.along.values())]))


ALONE = (
    "The tables beside this page hide nothing and are not for publication. Publish this page alone: no report of "
    "the same records was judged with it. `clearscale report --with-sweep` makes one that was."
)
"""What a page says that was decided on for itself."""


def chart(page: Charted, statewide: Figures, told: Mapping[str, Bools] | None = None, beside: str = ALONE) -> str:
    """Write the page.

    statewide: figures under every combination of settings, shapes (policies,). told: which of FIGURES_SHOWN are
    shown, in the same shapes; without, what may be if nothing else is published. beside: what the page says of
    other publications.
    """
    told = visible(statewide, page.policies) if told is None else told
    about = (
        f"As of {page.as_of}, statewide, each person once. {page.size:,} policies. “{HIDDEN}”: "
        f"fewer than {SUPPRESS_BELOW}, or fewer than {SUPPRESS_BELOW} away from another published figure. {beside}"
    )
    return written(page, _PANELS, statewide, told, about)


def written(page: Charted, panels: Panels, statewide: Figures, told: Mapping[str, Bools] | None, about: str) -> str:
    """Write a page of any figures.

    statewide, told: as of `chart`, of the figures of the panels; None shows all. about: what stands at its head.
    """
    axes, base = page.axes, page.base
    sections: list[str] = []
    for name, policies in page.along.items():
        along = {
            figure: [
                int(statewide[figure][policy]) if told is None or told[figure][policy] else None
                for policy in policies
            ]
            for _, lines in panels
            for figure, _ in lines
        }
        others = [f"{other} = {axes[other][base[k]]}" for k, other in enumerate(axes) if other != name]
        sections.append(_section(len(sections), name, list(axes[name]), panels, along, others))
    if not sections:
        sections.append("<p>No parameter was varied; the table holds the figures.</p>")
    return _PAGE.format(
        title=escape(f"What if: {page.title}"),
        style=page_colors() + _STYLE,
        about=escape(about),
        sections="\n".join(sections),
    )


def shown(setting: Any) -> str:
    """Write a setting for people."""
    if isinstance(setting, bool):
        return "yes" if setting else "no"
    return str(setting)


def _section(number: int, name: str, settings: list[str], panels: Panels, along: Along, others: list[str]) -> str:
    held = f"The other parameters stay as they are: {', '.join(others)}." if others else ""
    lines = [
        f"{label}: {_number(along[figure][0])} at {settings[0]}, {_number(along[figure][-1])} at {settings[-1]}"
        for _, panel in panels
        for figure, label in panel
    ]
    what = " and of ".join(title.lower() for title, _ in panels)
    described = f"Lines of {what} along {name}. {'; '.join(lines)}."
    picture = _picture(number, name, settings, panels, along, described)
    values = _values(name, settings, panels, along)
    return (
        f"<section>\n<h2>{escape(name)}</h2>\n<p>{escape(held)}</p>\n"
        f"<figure>\n{_scrolled(f'Figures along {name}', picture)}\n"
        f"</figure>\n{_scrolled(f'Values along {name}', values)}\n</section>"
    )


def _scrolled(label: str, content: str) -> str:
    """Wrap content that may be wider than the window, so that the keyboard can scroll it."""
    return f'<div class="scroll" tabindex="0" role="region" aria-label="{escape(label)}">\n{content}\n</div>'


def _number(count: int | None) -> str:
    return HIDDEN if count is None else f"{count:,}"


def _values(name: str, settings: list[str], panels: Panels, along: Along) -> str:
    columns = [(figure, f"{title.lower()}: {label}") for title, lines in panels for figure, label in lines]
    head = "".join(f'<th scope="col">{escape(label)}</th>' for _, label in columns)
    rows = "\n".join(
        f'<tr><th scope="row">{escape(setting)}</th>'
        + "".join(f"<td>{_number(along[figure][place])}</td>" for figure, _ in columns)
        + "</tr>"
        for place, setting in enumerate(settings)
    )
    caption = f"<caption>Values along {escape(name)}</caption>"
    top = f'<thead><tr><th scope="col">{escape(name)}</th>{head}</tr></thead>'
    return f"<table>\n{caption}\n{top}\n<tbody>\n{rows}\n</tbody>\n</table>"


def _picture(number: int, name: str, settings: list[str], panels: Panels, along: Along, described: str) -> str:
    """Draw the lines as SVG, with a title and a description for those who do not see them."""
    views = [
        _panel(title, name, settings, {label: along[figure] for figure, label in lines}) for title, lines in panels
    ]
    # Each panel has lines of its own, and beside another one no width of its own to fit into.
    alone = dict.fromkeys(("color", "shape", "x", "y"), "independent")
    svg = themed(draw({"hconcat": views, "spacing": 28, "autosize": "pad", "resolve": {"scale": alone}}))
    texts = {"title": f"Figures along {name}", "desc": described}
    ids = {tag: f"picture-{number}-{tag}" for tag in texts}
    opening, rest = svg.split(">", 1)
    inside = "\n".join(f'<{tag} id="{ids[tag]}">{escape(text)}</{tag}>' for tag, text in texts.items())
    return f'{opening} role="img" aria-labelledby="{" ".join(ids.values())}">\n{inside}{rest}'


def _panel(title: str, name: str, settings: list[str], lines: Along) -> dict[str, Any]:
    """Return lines over settings as a Vega-Lite view. lines: figures by what the line is called."""
    width, height = _PANEL
    step = -(-len(settings) // _MOST_TICKS)
    ticks = list(range(0, len(settings), step))
    # Letters are about 0.6 as wide as they are high; leave room for two more.
    longest = max(len(settings[place]) for place in ticks) + 2
    flat = longest * 0.6 * _SETTING_SIZE * len(ticks) <= width
    slanted = {"labelAngle": 0} if flat else {"labelAngle": -60, "labelAlign": "right", "labelBaseline": "middle"}
    highest = max((count for counts in lines.values() for count in counts if count is not None), default=0)
    order = list(lines)
    legend = {"columns": len(order) if len(order) <= _MOST_IN_A_ROW else _MOST_IN_A_ROW - 1, "symbolSize": 70}
    series = {"field": "line", "type": "nominal", "sort": order, "title": None, "legend": legend}
    colors, marks = list(_COLORS[: len(order)]), list(_MARKS[: len(order)])
    return {
        "title": {"text": title, "anchor": "start", "color": INK, "fontSize": 15, "offset": 8},
        "width": width,
        "height": height,
        "data": {
            "values": [
                {"place": place, "line": label, "count": count}
                for label, counts in lines.items()
                for place, count in enumerate(counts)
                if count is not None
            ]
        },
        "encoding": {
            "x": {
                "field": "place",
                "type": "ordinal",
                "scale": {"domain": list(range(len(settings)))},
                "title": name,
                "axis": {
                    "values": ticks,
                    "labelExpr": f"{json.dumps(settings)}[datum.value]",
                    "labelFontSize": _SETTING_SIZE,
                    "labelLimit": 240,
                    "labelOverlap": False,
                    **slanted,
                },
            },
            "y": {
                "field": "count",
                "type": "quantitative",
                "title": None,
                "scale": {"domainMin": 0, **({"domainMax": _LOWEST_TOP} if highest < _LOWEST_TOP else {})},
                "axis": {"format": ",d", "tickCount": 6, "tickMinStep": 1},
            },
            "color": {**series, "scale": {"domain": order, "range": colors}},
        },
        "layer": [
            {"mark": {"type": "line", "strokeWidth": 1.8}},
            {
                # Where there is no room for the mark of each setting, those of the ticks.
                "transform": [{"filter": f"datum.place % {step} === 0"}],
                "mark": {"type": "point", "filled": True, "size": 38, "opacity": 1},
                "encoding": {"shape": {**series, "scale": {"domain": order, "range": marks}}},
            },
        ],
    }
