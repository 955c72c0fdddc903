"""The part of a pack's page that puts what it finds in a fabricated file beside what was published."""

from collections.abc import Mapping, Sequence
from typing import Any

from clearscale.law.published import Figure, PackFigures

NOTHING = "not published"
"""Of a figure that nobody published."""

HEAD = ("Figure", "Published", "Found", "Where published, confidence", "Why they differ")


def section(stated: PackFigures, found: Mapping[str, Any], seed: int) -> tuple[list[str], list[tuple[str, ...]]]:
    """What stands before the table, and its rows.

    Parameters
    ----------
    stated
        What was published of a pack.
    found
        What it finds: `people` and `charges` of the file, and `found`, counts by the place of a figure.
    seed
        Of the file.

    Returns
    -------
    tuple
        (lines, rows under `HEAD`).
    """
    lines = [
        f"Found: in a fabricated file in the form of `{stated.format}`, {found['people']:,} people with "
        f"{found['charges']:,} charges (seed {seed}), as of {stated.as_of}. The pack is not tuned to what was "
        "published, nor the file to the pack.",
        "",
        stated.note,
    ]
    rows = [_row(figure, found["found"][str(place)]) for place, figure in enumerate(stated.figures)]
    return lines, rows


def _row(figure: Figure, found: Sequence[int]) -> tuple[str, ...]:
    source = f"{figure.source} ({figure.confidence})" if figure.source else ""
    return figure.what, _published(figure), _counted(figure, *found), source, figure.note


def _published(figure: Figure) -> str:
    if figure.value is not None:
        return _counted(figure, figure.value, *([figure.of] if figure.of else []))
    return figure.said or (NOTHING if figure.share is None else f"{figure.share:.0%}")


def _counted(figure: Figure, value: int | None = None, of: int | None = None) -> str:
    """A count with its share, or with how many there are of each."""
    if value is None:
        return "-"
    if of is None:
        return f"{value:,} {figure.unit}"
    if figure.unit == figure.of_unit:
        return f"{value:,} of {of:,} {figure.unit}{f': {value / of:.1%}' if of else ''}"
    return f"{value:,} {figure.unit} of {of:,} {figure.of_unit}{f': {value / of:.2f} each' if of else ''}"
