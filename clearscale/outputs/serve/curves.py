"""Curves: what each key figure would be at every setting of a threshold, all other options as they are."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

import pyarrow as pa

from clearscale.whatif.sweep.option_family import EVERYTHING, Grid

from .answers import KEY_WORDS, key_figures
from .session import Session
from .settings import THRESHOLDS


@dataclass(frozen=True)
class Curve:
    """A threshold's curve.

    settings: from the first to the last, then that for off, if there is one. figures: of each, by KEY_WORDS.
    """

    name: str
    settings: tuple[int, ...]
    figures: tuple[tuple[int, ...], ...]
    off: int | None = 0


def curves(session: Session, grid: Grid, county: str | None) -> tuple[Curve, ...]:
    """Count a county, or the state, at every setting of each threshold.

    They are figures of settings as any other, so that with groups they follow from the same table of groups.
    """
    return tuple(_curve(session, grid, county, name) for name in THRESHOLDS)


def _curve(session: Session, grid: Grid, county: str | None, name: str) -> Curve:
    off, *others = EVERYTHING.axes[name]
    settings = (*others, off)
    changed = (replace(grid, **{name: (setting,)}) for setting in settings)
    figures = (tuple(key_figures(session.figures(each, county))) for each in changed)
    return Curve(name, settings, tuple(figures))


def document(found: tuple[Curve, ...]) -> dict[str, Any]:
    """Return curves as JSON."""
    return {
        "words": KEY_WORDS,
        "curves": {
            curve.name: {"settings": curve.settings, "figures": curve.figures, "off": curve.off} for curve in found
        },
    }


def table(found: tuple[Curve, ...], place: str, note: str) -> pa.Table:
    """Return curves for a spreadsheet: a row a figure. note: what to know of all figures."""
    rows = [("about", "", "note", place, note), *_rows(found, place)]
    columns = [pa.array(values, pa.string()) for values in zip(*rows, strict=True)]
    return pa.table(columns, names=["threshold", "setting", "column", "of", "figure"])


def _rows(found: tuple[Curve, ...], place: str) -> Iterator[tuple[str, ...]]:
    for curve in found:
        for setting, figures in zip(curve.settings, curve.figures, strict=True):
            for words, figure in zip(KEY_WORDS, figures, strict=True):
                yield curve.name, "off" if setting == curve.off else str(setting), words, place, str(figure)
