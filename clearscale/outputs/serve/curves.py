"""Curves: what each key figure would be at every setting of a threshold, all other options as they are."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

import pyarrow as pa

from clearscale.outputs.report.words import MEASURE_WORDS
from clearscale.whatif.sweep.option_family import EVERYTHING, Grid

from .answers import KEY_WORDS, key_figures
from .session import Session
from .settings import THRESHOLDS


@dataclass(frozen=True)
class Curve:
    """A threshold's curve.

    settings: from the first to the last, then that for off, if there is one. figures: of each, by `Curves.words`.
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
    figures = (tuple(key_figures(session.figures(point, county))) for point in changed)
    return Curve(name, settings, tuple(figures))


@dataclass(frozen=True)
class Curves:
    """Curves over all numbers of a setting. words: what figures count. picked: the one that is drawn first."""

    curves: tuple[Curve, ...]
    words: tuple[str, ...] = KEY_WORDS
    picked: int = KEY_WORDS.index(MEASURE_WORDS["some_relief"])

    def document(self) -> dict[str, Any]:
        """Return them as JSON."""
        return {
            "words": self.words,
            "picked": self.picked,
            "curves": {
                curve.name: {"settings": curve.settings, "figures": curve.figures, "off": curve.off}
                for curve in self.curves
            },
        }

    def table(self, place: str, note: str) -> pa.Table:
        """Return them for a spreadsheet: a row a figure. note: what to know of all figures."""
        rows = [("about", "", "note", place, note), *self._rows(place)]
        columns = [pa.array(values, pa.string()) for values in zip(*rows, strict=True)]
        return pa.table(columns, names=["threshold", "setting", "column", "of", "figure"])

    def _rows(self, place: str) -> Iterator[tuple[str, ...]]:
        for curve in self.curves:
            for setting, figures in zip(curve.settings, curve.figures, strict=True):
                for words, figure in zip(self.words, figures, strict=True):
                    yield curve.name, "off" if setting == curve.off else str(setting), words, place, str(figure)
