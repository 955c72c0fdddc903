"""The chart of a sweep: each figure along each parameter, as one HTML file that needs no network and no program.

Each picture has a title and a description for those who do not see it, and its numbers stand in a table beneath.
"""

import io
import re
from collections.abc import Mapping, Sequence
from html import escape
from typing import Any

import numpy as np

from clearscale.runs.tally import MEASURES
from clearscale_kernels.arrays import Int64s

from .cube import Figures

_PANELS = (
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
"""Figures side by side, with what their lines are called."""

_COLOURS = ("#0072b2", "#d55e00", "#009e73", "#cc79a7")
"""Of Okabe and Ito's palette, which people with any colour vision tell apart; marks differ too."""

_MARKS = ("o", "s", "^", "D")
_MOST_TICKS = 30

_STYLE = """
body { font: 16px/1.5 system-ui, sans-serif; max-width: 70rem; margin: 2rem auto; padding: 0 1rem; color: #1b1b1b; }
figure { margin: 0; overflow-x: auto; }
svg { max-width: 100%; height: auto; }
table { border-collapse: collapse; margin: 1rem 0 3rem; font-variant-numeric: tabular-nums; }
caption { text-align: left; font-weight: 600; padding: .25rem 0; }
th, td { padding: .15rem .75rem; border-bottom: 1px solid #ccc; text-align: right; }
th[scope=row] { text-align: left; font-weight: 400; }
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


def chart(
    title: str, as_of: str, axes: Mapping[str, Sequence[Any]], base: Sequence[int], statewide: Figures
) -> str:
    """The page. axes: settings by parameter. base: place of each one's setting while another changes.

    statewide: figures under every combination of settings, shapes (policies,).
    """
    shape = tuple(len(settings) for settings in axes.values())
    sections: list[str] = []
    for place, (name, settings) in enumerate(axes.items()):
        if len(settings) < 2:
            continue
        steps = np.tile(np.array(base, np.int64)[:, np.newaxis], (1, len(settings)))
        steps[place] = np.arange(len(settings))
        policies = np.ravel_multi_index(tuple(steps), shape)
        along = {figure: statewide[figure][policies] for _, lines in _PANELS for figure, _ in lines}
        others = [f"{other} = {shown(axes[other][base[k]])}" for k, other in enumerate(axes) if other != name]
        sections.append(_section(len(sections), name, [shown(each) for each in settings], along, others))
    about = f"As of {as_of}, statewide, each person once. {int(np.prod(shape)):,} policies."
    if not sections:
        sections.append("<p>No parameter was varied; the table holds the figures.</p>")
    return _PAGE.format(
        title=escape(f"What if: {title}"), style=_STYLE, about=escape(about), sections="\n".join(sections)
    )


def shown(setting: Any) -> str:
    """A setting for people."""
    if isinstance(setting, bool):
        return "yes" if setting else "no"
    return str(setting)


def _section(number: int, name: str, settings: list[str], along: Figures, others: list[str]) -> str:
    held = f"The other parameters stay as they are: {', '.join(others)}." if others else ""
    lines = [
        f"{label}: {int(along[figure][0]):,} at {settings[0]}, {int(along[figure][-1]):,} at {settings[-1]}"
        for _, panel in _PANELS
        for figure, label in panel
    ]
    described = f"Lines of convictions and of people along {name}. {'; '.join(lines)}."
    return (
        f"<section>\n<h2>{escape(name)}</h2>\n<p>{escape(held)}</p>\n"
        f"<figure>\n{_picture(number, name, settings, along, described)}\n</figure>\n"
        f"{_values(name, settings, along)}\n</section>"
    )


def _values(name: str, settings: list[str], along: Figures) -> str:
    columns = [(figure, f"{title.lower()}: {label}") for title, lines in _PANELS for figure, label in lines]
    head = "".join(f'<th scope="col">{escape(label)}</th>' for _, label in columns)
    rows = "\n".join(
        f'<tr><th scope="row">{escape(setting)}</th>'
        + "".join(f"<td>{int(along[figure][place]):,}</td>" for figure, _ in columns)
        + "</tr>"
        for place, setting in enumerate(settings)
    )
    caption = f"<caption>Values along {escape(name)}</caption>"
    top = f'<thead><tr><th scope="col">{escape(name)}</th>{head}</tr></thead>'
    return f"<table>\n{caption}\n{top}\n<tbody>\n{rows}\n</tbody>\n</table>"


def _picture(number: int, name: str, settings: list[str], along: Figures, described: str) -> str:
    """The lines as SVG."""
    from matplotlib import rc_context
    from matplotlib.figure import Figure
    from matplotlib.ticker import FuncFormatter

    # Text stays text, and the file depends on nothing but the numbers.
    with rc_context({"svg.fonttype": "none", "svg.hashsalt": "clearscale", "text.parse_math": False}):
        figure = Figure(figsize=(11, 3.8))
        # Room below for the longest setting, which stands at an angle; to let a layout engine find it takes longer
        # than all the counting.
        longest = max(map(len, settings))
        figure.subplots_adjust(0.07, min(0.5, 0.17 + 0.018 * longest), 0.99, 0.91, 0.14)
        for axes, (title, lines) in zip(figure.subplots(1, len(_PANELS)), _PANELS, strict=True):
            for place, (column, label) in enumerate(lines):
                marks = {"marker": _MARKS[place], "markersize": 4, "color": _COLOURS[place]}
                axes.plot(range(len(settings)), along[column], label=label, linewidth=1.5, **marks)
            step = -(-len(settings) // _MOST_TICKS)
            slanted = {"rotation": 60, "ha": "right", "rotation_mode": "anchor"} if longest > 3 else {}
            axes.set_xticks(range(0, len(settings), step), settings[::step], fontsize=8, **slanted)
            axes.set_ylim(bottom=0, top=_top([along[column] for column, _ in lines]))
            axes.yaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:,.0f}"))
            axes.set_title(title, loc="left")
            axes.set_xlabel(name)
            axes.grid(axis="y", alpha=0.3)
            axes.legend(fontsize=8, loc="best", frameon=False)
        sink = io.StringIO()
        figure.savefig(sink, format="svg", metadata={"Date": None, "Creator": None})
    return _inlined(sink.getvalue(), number, f"Figures along {name}", described)


def _top(lines: Sequence[Int64s]) -> float:
    return max(1.0, *(float(line.max()) * 1.05 for line in lines))


def _inlined(svg: str, number: int, title: str, described: str) -> str:
    """The picture as a part of a page: with its title and description, and names that no other picture has."""
    mine = f"picture-{number}"
    body = svg[svg.index("<svg") :]
    body = re.sub(r"<metadata>.*?</metadata>", "", body, flags=re.DOTALL)
    for before in ('id="', 'href="#', "url(#"):
        body = body.replace(before, f"{before}{mine}-")
    opening, rest = body.split(">", 1)
    named = f'{opening} role="img" aria-labelledby="{mine}-title {mine}-described">'
    texts = (
        f'<title id="{mine}-title">{escape(title)}</title>\n<desc id="{mine}-described">{escape(described)}</desc>'
    )
    return f"{named}\n{texts}{rest}".strip()
