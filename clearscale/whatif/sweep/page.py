"""The page of a sweep: each figure along each parameter, as one HTML file that needs no network and no program.

Each picture has words for those who do not see it; a table beneath holds its numbers, and links save both.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from html import escape
from importlib.resources import files

from clearscale.drawing import Words, alone, page_colors, silent
from clearscale.io.links import link_to_csv, link_to_svg
from clearscale.runs.tally import MEASURES
from clearscale.small_counts import SUPPRESS_BELOW
from clearscale_kernels.arrays import Bools

from .charted import Charted
from .cube import Figures
from .hiding import visible
from .lines import Along, lines

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

_PAGE = """<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<meta name="color-scheme" content="light dark">
<meta name="referrer" content="no-referrer">
<title>{title}</title>
<style>{style}</style>
</head>
<body>
<main>
{warning}<h1>{title}</h1>
<p class="subtitle">{subtitle}</p>
{notes}
{sections}
</main>
</body>
</html>
"""


@dataclass(frozen=True)
class Head:
    """What stands at the head of a page, and beside a picture that is saved from it.

    subtitle: what its figures are of. notes: what is said of them; words between backticks are a command. warning:
    that it is not for publication, and why.
    """

    subtitle: str
    notes: tuple[str, ...] = ()
    warning: str = ""


ALONE = (
    "The tables beside this page hide nothing and are not for publication. Publish this page alone: no report of "
    "the same records was judged with it. `clearscale report --with-sweep` makes one that was."
)
"""What a page says that was decided on for itself."""


def chart(
    page: Charted,
    statewide: Figures,
    told: Mapping[str, Bools] | None = None,
    beside: str = ALONE,
    below: int | None = SUPPRESS_BELOW,
) -> str:
    """Write the page.

    statewide: figures under every combination of settings, shapes (policies,). told: which of FIGURES_SHOWN are
    shown, in the same shapes; without, what may be if nothing else is published. beside: what the page says of
    other publications. below: counts from 1 up to this are hidden; None where nothing is, and beside says so.
    """
    subtitle = f"As of {page.as_of}, statewide, each person once. {page.size:,} policies."
    if below is None:
        return written(page, _PANELS, statewide, told, Head(subtitle, warning=beside))
    hides = (
        f"“{HIDDEN}”: fewer than {below}, or fewer than {below} away from another published figure. A line is "
        "dashed where figures are hidden."
    )
    told = visible(statewide, page.policies, below) if told is None else told
    return written(page, _PANELS, statewide, told, Head(subtitle, (hides, beside)))


def written(page: Charted, panels: Panels, statewide: Figures, told: Mapping[str, Bools] | None, head: Head) -> str:
    """Write a page of any figures.

    statewide, told: as of `chart`, of the figures of the panels; None shows all.
    """
    sections = []
    for name, policies in page.along.items():
        along = {
            figure: [
                int(statewide[figure][policy]) if told is None or told[figure][policy] else None
                for policy in policies
            ]
            for _, panel in panels
            for figure, _ in panel
        }
        sections.append(_Section(page, name, panels, along, head).html())
    title = escape(f"What if: {page.title}")
    return _PAGE.format(
        title=title,
        style=page_colors() + files(__package__).joinpath("page.css").read_text("utf-8"),
        subtitle=escape(head.subtitle),
        warning=f'<p class="warning"><strong>{escape(head.warning)}</strong></p>\n' if head.warning else "",
        notes="\n".join(f"<p>{_with_commands(note)}</p>" for note in head.notes),
        sections="\n".join(sections) or "<p>No parameter was varied; the table holds the figures.</p>",
    )


def _with_commands(text: str) -> str:
    return re.sub("`(.*?)`", r"<code>\1</code>", escape(text))


@dataclass(frozen=True)
class _Section:
    """The part of a page along one parameter. along: its figures by name."""

    page: Charted
    name: str
    panels: Panels
    along: Along
    head: Head

    @property
    def settings(self) -> Sequence[str]:
        return self.page.axes[self.name]

    @property
    def held(self) -> str:
        axes, base = self.page.axes, self.page.base
        others = [f"{other} = {axes[other][base[k]]}" for k, other in enumerate(axes) if other != self.name]
        return f"The other parameters stay as they are: {', '.join(others)}." if others else ""

    @property
    def file(self) -> str:
        """Name of what is saved, without an ending."""
        return f"sweep-{re.sub('[^a-z0-9]+', '-', self.name.lower()).strip('-') or 'parameter'}"

    def html(self) -> str:
        pictures, saved = [], [("table (CSV)", f"{self.file}.csv", self._csv())]
        for title, panel in self.panels:
            counts = {label: self.along[figure] for figure, label in panel}
            svg, alt = lines(title, self.name, self.settings, counts), self._described(title, counts)
            pictures.append(
                f'<div class="chart"><h3>{escape(title)}</h3>\n'
                f'<div role="img" aria-label="{escape(alt)}">{silent(svg)}</div></div>'
            )
            words = Words(
                f"{title} along {self.name}",
                (f"What if: {self.page.title}. {self.head.subtitle}", *([self.held] if self.held else [])),
                self.head.notes[:1] if any(None in figures for figures in counts.values()) else (),
                alt,
                self.head.warning,
            )
            address = link_to_svg(alone(svg, words))
            saved.append((f"picture of {title.lower()} (SVG)", f"{self.file}-{title.lower()}.svg", address))
        links = ", ".join(f'<a href="{address}" download="{name}">{words}</a>' for words, name, address in saved)
        held = f'<p class="held">{escape(self.held)}</p>\n' if self.held else ""
        label = escape(f"Values along {self.name}")
        return (
            f'<section>\n<h2>{escape(self.name)}</h2>\n{held}<figure>\n<div class="pictures">\n'
            + "\n".join(pictures)
            + f'\n</div>\n<div class="scroll" tabindex="0" role="region" aria-label="{label}">\n{self._table()}\n'
            f'</div>\n<p class="downloads">Save: {links}</p>\n</figure>\n</section>'
        )

    def _described(self, title: str, counts: Along) -> str:
        first, last = self.settings[0], self.settings[-1]
        ends = [
            f"{label}: {_number(figures[0])} at {first}, {_number(figures[-1])} at {last}"
            for label, figures in counts.items()
        ]
        return f"Lines of {title.lower()} along {self.name}. {'; '.join(ends)}."

    @property
    def _columns(self) -> list[tuple[str, str]]:
        return [(figure, f"{title.lower()}: {label}") for title, panel in self.panels for figure, label in panel]

    @property
    def _rows(self) -> list[tuple[str, ...]]:
        return [
            (setting, *(_number(self.along[figure][place]) for figure, _ in self._columns))
            for place, setting in enumerate(self.settings)
        ]

    def _csv(self) -> str:
        titles = [self.name, *(label for _, label in self._columns)]
        return link_to_csv(titles, self._rows, range(1, len(titles)))

    def _table(self) -> str:
        head = "".join(f'<th scope="col">{escape(label)}</th>' for _, label in self._columns)
        rows = "\n".join(
            f'<tr><th scope="row">{escape(setting)}</th>{"".join(map(_cell, figures))}</tr>'
            for setting, *figures in self._rows
        )
        return (
            f"<table>\n<caption><span>Values along {escape(self.name)}</span></caption>\n"
            f'<thead><tr><th scope="col">{escape(self.name)}</th>{head}</tr></thead>\n'
            f"<tbody>\n{rows}\n</tbody>\n</table>"
        )


def _number(count: int | None) -> str:
    return HIDDEN if count is None else f"{count:,}"


def _cell(text: str) -> str:
    return f'<td><span class="{HIDDEN}">{text}</span></td>' if text == HIDDEN else f"<td>{text}</td>"
