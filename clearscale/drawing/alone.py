"""A chart as a picture by itself, for a letter or a slide: with its title, what it is of, and its remarks."""

import re
from dataclasses import dataclass
from html import escape
from textwrap import wrap

from .vega import INK, MUTED

_FONT = "Arial, Helvetica, 'Liberation Sans', sans-serif"
_PAPER, _WARNING = "#ffffff", "#7a1f00"
_EDGE = 14
"""Around all that is said."""

_WIDTH_OF_LETTER = 0.54
"""Of its height, about: texts are broken before they are too wide."""

_OPENING = re.compile(r"<svg\b[^>]*>")
_SIZE = re.compile(r'viewBox="0 0 ([0-9.]+) ([0-9.]+)"')


@dataclass(frozen=True)
class Words:
    """What stands around a chart that is a picture by itself.

    title: above it. below: under the title, what the figures are of. notes: under the chart. alt: what it shows,
    for those who do not see it. warning: stands first, if it must not be published.
    """

    title: str
    below: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    alt: str = ""
    warning: str = ""


def alone(svg: str, words: Words) -> str:
    """Return a chart as a picture by itself, on white paper.

    Parameters
    ----------
    svg
        The chart, as `draw` returns it.
    words
        What stands around it.

    Returns
    -------
    str
        An SVG that needs nothing else; the same bytes for the same chart and words.
    """
    opening = _OPENING.match(svg)
    size = _SIZE.search(opening.group()) if opening else None
    assert opening is not None
    assert size is not None
    # Letters of a reader may be wider than those that the chart was drawn with, and stand out of it.
    width, height = float(size[1]) + 2 * _EDGE, float(size[2])
    content = svg[opening.end() : svg.rindex("</svg>")]
    head, top = _lines(
        [
            *([(words.warning, 13, _WARNING, True)] if words.warning else []),
            (words.title, 15, INK, True),
            *((text, 12, MUTED, False) for text in words.below),
        ],
        width,
        _EDGE,
    )
    top += 8
    foot, bottom = _lines([(text, 11, MUTED, False) for text in words.notes], width, top + height + 6)
    whole = f"{width:g}", f"{bottom + _EDGE:g}"
    return (
        '<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" version="1.1" '
        f'width="{whole[0]}" height="{whole[1]}" viewBox="0 0 {whole[0]} {whole[1]}" role="img" '
        'aria-labelledby="picture-title picture-words">'
        f'<title id="picture-title">{escape(words.title)}</title>'
        f'<desc id="picture-words">{escape(" ".join((*words.below, words.alt)))}</desc>'
        f'<rect width="{whole[0]}" height="{whole[1]}" fill="{_PAPER}"/>'
        f'<g font-family="{_FONT}">{head}</g><g transform="translate({_EDGE},{top:g})">{content}</g>'
        f'<g font-family="{_FONT}">{foot}</g></svg>'
    )


def _lines(texts: list[tuple[str, int, str, bool]], width: float, top: float) -> tuple[str, float]:
    """Set texts (text, size, color, whether it is bold) below each other; return them and where they end."""
    found = []
    for text, size, color, bold in texts:
        letters = int((width - 2 * _EDGE) / (size * _WIDTH_OF_LETTER * (1.08 if bold else 1)))
        weight = ' font-weight="bold"' if bold else ""
        for line in wrap(text, letters):
            top += size * 1.3
            found.append(
                f'<text x="{_EDGE}" y="{top - size * 0.3:.1f}" font-size="{size}" fill="{color}"{weight}>'
                f"{escape(line)}</text>"
            )
        top += 2
    return "".join(found), top
