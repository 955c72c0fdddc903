"""The table of a sweep: a row a policy and scope; and its frontier."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa

from clearscale.errors import PolicyError, closest
from clearscale.runs.crosstabs import SCOPES
from clearscale_kernels.arrays import Bools, Int64s

from .cube import Figures

COUNTY, STATE = SCOPES

POINT = "point"
"""Column of a frontier: policies with the same two figures have the same number."""


@dataclass(frozen=True)
class SweptParameter:
    """A column of settings. texts: what they show as. places: shape (policies,), the setting of each policy."""

    name: str
    settings: tuple[Any, ...]
    places: Int64s

    def column(self) -> pa.Array:
        """Return the setting of each policy."""
        if all(isinstance(setting, bool) for setting in self.settings):
            return pa.array(np.array(self.settings, np.bool_)[self.places])
        if all(isinstance(setting, int) and not isinstance(setting, bool) for setting in self.settings):
            return pa.array(np.array(self.settings, np.int64)[self.places])
        texts = pa.array([str(setting) for setting in self.settings], pa.string())
        return pa.DictionaryArray.from_arrays(pa.array(self.places.astype(np.int32)), texts)


def parameters(axes: Mapping[str, Sequence[Any]]) -> list[SweptParameter]:
    """Return the columns of all combinations of the settings, the last parameter's changing fastest."""
    shape = [len(settings) for settings in axes.values()]
    places = np.indices(shape).reshape(len(shape), int(np.prod(shape, dtype=np.int64)))
    return [
        SweptParameter(name, tuple(settings), place)
        for (name, settings), place in zip(axes.items(), places, strict=True)
    ]


def sweep_table(columns: Sequence[SweptParameter], figures: Mapping[str | None, Figures]) -> pa.Table:
    """Return a row for each scope and policy: `scope`, `county` (empty for the state), parameters, figures.

    figures: of each county, or of the state under None; shapes (policies,).
    """
    pieces = []
    settings = {column.name: column.column() for column in columns}
    for county, counted in figures.items():
        size = len(next(iter(counted.values())))
        scope = STATE if county is None else COUNTY
        pieces.append(
            pa.table(
                {
                    "scope": _repeated(scope, size),
                    "county": _repeated(county or "", size),
                    **settings,
                    **{name: pa.array(values) for name, values in counted.items()},
                }
            )
        )
    return pa.concat_tables(pieces).unify_dictionaries().combine_chunks()


def _repeated(text: str, size: int) -> pa.Array:
    return pa.DictionaryArray.from_arrays(pa.array(np.zeros(size, np.int32)), pa.array([text], pa.string()))


@dataclass(frozen=True)
class Measure:
    """A figure that is wanted high or, with a sign of -1, low."""

    name: str
    sign: int


def read_frontier(text: str, known: Sequence[str]) -> tuple[Measure, Measure]:
    """Read the two measures of `A,B`; a minus before one wants it low.

    Raises PolicyError if there are not two, both the same, or one is no figure.
    """
    parts = [part.strip() for part in text.split(",")]
    if len(parts) != 2:
        raise PolicyError(
            f"--frontier '{text}': write two figures, such as convictions_dismissed,-people_no_felony; "
            "a minus wants a figure low"
        )
    first, second = (Measure(part.lstrip("-"), -1 if part.startswith("-") else 1) for part in parts)
    for measure in (first, second):
        if measure.name not in known:
            near = closest(measure.name, known, 0.5)
            hint = f"did you mean '{near}'?" if near else f"there are {', '.join(known)}"
            raise PolicyError(f"--frontier: '{measure.name}' is no figure; {hint}")
    if first.name == second.name:
        raise PolicyError(f"--frontier '{text}': names one figure twice")
    return first, second


def unbeaten(first: Int64s, second: Int64s) -> Bools:
    """Return which pairs no other beats: none is as high in both and higher in one. Shapes (n,)."""
    order = np.lexsort((-second, -first))
    a, b = first[order], second[order]
    new = np.diff(a, prepend=a[:1] + 1) != 0  # where the first figure falls; the second is highest there
    heads = np.flatnonzero(new)
    highest = np.maximum.accumulate(b[heads])
    before = np.concatenate([[np.iinfo(np.int64).min], highest[:-1]])
    group = np.cumsum(new) - 1
    kept = (b == b[heads][group]) & (b[heads] > before)[group]
    result = np.zeros(a.size, np.bool_)
    result[order] = kept
    return result


def frontier(table: pa.Table, measures: tuple[Measure, Measure]) -> pa.Table:
    """Return the policies of each scope that no other beats in both measures, with a column `point` first.

    Rows are in the order of the first measure, best first, and then of the table. `point` counts from 1 in each
    scope.
    """
    pieces = []
    codes = table.column("county").combine_chunks().indices.to_numpy()
    for code in dict.fromkeys(codes.tolist()):
        rows = np.flatnonzero(codes == code)
        scope = table.slice(int(rows[0]), rows.size)
        a, b = (measure.sign * scope.column(measure.name).to_numpy() for measure in measures)
        kept = np.flatnonzero(unbeaten(a, b))
        kept = kept[np.argsort(-a[kept], kind="stable")]
        point = np.cumsum(np.diff(a[kept], prepend=np.iinfo(np.int64).max) != 0)
        pieces.append(scope.take(kept).add_column(0, POINT, pa.array(point)))
    return pa.concat_tables(pieces).unify_dictionaries().combine_chunks()
