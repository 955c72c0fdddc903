"""A linear program over atoms: sums of them with bounds, one of which is maximized after the other."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import inf
from typing import Any

import numpy as np
import numpy.typing as npt

from clearscale.errors import ClearscaleError
from clearscale_cluster.extras import missing
from clearscale_kernels.arrays import Int64s

from .atoms import Constraint, Form

Float64s = npt.NDArray[np.float64]

_PRIMAL = 4
"""The primal simplex method, as HiGHS numbers it."""


class Program:
    """Sums of atoms that are not negative, what is known of them, and HiGHS.

    bounded: the sums whose bounds are set or moved; all others have none, and only their values are asked. Sums
    that are equal have one row, and one that is a single atom has none: the solver holds what it needs, and most of
    its time goes by how much that is.
    """

    def __init__(
        self, size: int, forms: Sequence[Form], known: Sequence[Constraint], bounded: Sequence[bool]
    ) -> None:
        self._sums = _Matrix.of(forms, size)
        self._column: dict[int, int] = {}
        self._row: dict[int, int] = {}
        places: dict[Form, int] = {}
        for place, (form, is_bounded) in enumerate(zip(forms, bounded, strict=True)):
            if not form or not is_bounded:
                continue
            if len(form) == 1 and form[0][1] == 1:
                self._column[place] = form[0][0]
            else:
                self._row[place] = places.setdefault(form, len(places))
        self._alike: dict[tuple[bool, int], list[int]] = {}
        for is_row, of in ((False, self._column), (True, self._row)):
            for place, at in of.items():
                self._alike.setdefault((is_row, at), []).append(place)
        self._bounds: dict[int, tuple[float, float]] = dict.fromkeys([*self._column, *self._row], (-inf, inf))
        self._highs = _solver()
        self._pass(_Matrix.of([*places, *(constraint.form for constraint in known)], size), known, len(places))
        self._solution: Any = None

    def bound(self, place: int, least: float, most: float) -> None:
        """Let a bounded sum be between two values. Of equal sums, the narrowest bounds hold."""
        if place not in self._bounds:
            return
        self._bounds[place] = (float(least), float(most))
        is_row = place in self._row
        at = self._row[place] if is_row else self._column[place]
        alike = [self._bounds[other] for other in self._alike[is_row, at]]
        lower, upper = max(one for one, _ in alike), min(one for _, one in alike)
        if is_row:
            self._highs.changeRowBounds(at, lower, upper)
        else:
            self._highs.changeColBounds(at, max(0.0, lower), upper)

    def step_by_step(self) -> None:
        """Go from one solution to one near it: by the primal method, without the preparation of the dual one."""
        self._highs.setOptionValue("simplex_strategy", _PRIMAL)

    def maximize(self, places: Int64s, times: Float64s) -> Float64s | None:
        """Maximize sums, each so often, added up. Returns the values of all sums, or None if there is no bound.

        Raises ClearscaleError if nothing is possible.
        """
        direction = self._sums.combined(places, times)
        self._highs.changeColsCost(direction.size, np.arange(direction.size, dtype=np.int32), direction)
        self._highs.run()
        status = self._highs.getModelStatus()
        if status in (self._status.kUnbounded, self._status.kUnboundedOrInfeasible):
            return None
        if status != self._status.kOptimal:
            raise ClearscaleError(
                "what the pages show contradicts itself, so nobody can say what it gives away; make the run again"
            )
        self._solution = self._highs.getSolution()
        return self._sums.values(np.array(self._solution.col_value, np.float64))

    def prices(self) -> Float64s:
        """Return what each sum's bounds cost the sum that was maximized last; 0 if it would be as great without."""
        result = np.zeros(self._sums.starts.size - 1)
        of_columns, of_rows = (np.array(found) for found in (self._solution.col_dual, self._solution.row_dual))
        for places, found in ((self._column, of_columns), (self._row, of_rows)):
            result[list(places)] = found[list(places.values())]
        return result

    def _pass(self, matrix: "_Matrix", known: Sequence[Constraint], free: int) -> None:
        import highspy

        self._status = highspy.HighsModelStatus
        program: Any = highspy.HighsLp()
        program.num_col_, program.num_row_ = matrix.size, matrix.starts.size - 1
        program.col_cost_ = np.zeros(matrix.size)
        program.col_lower_, program.col_upper_ = np.zeros(matrix.size), np.full(matrix.size, inf)
        program.row_lower_ = np.array([*[-inf] * free, *(one.least for one in known)], np.float64)
        program.row_upper_ = np.array([*[inf] * free, *(one.most for one in known)], np.float64)
        program.sense_ = highspy.ObjSense.kMaximize
        program.a_matrix_.format_ = highspy.MatrixFormat.kRowwise
        program.a_matrix_.start_ = matrix.starts.astype(np.int32)
        program.a_matrix_.index_ = matrix.atoms.astype(np.int32)
        program.a_matrix_.value_ = matrix.factors
        self._highs.passModel(program)


@dataclass(frozen=True)
class _Matrix:
    """Forms as rows of a sparse matrix.

    starts: shape (forms + 1,). rows: of each factor, which row it is in. size: how many atoms there are.
    """

    starts: Int64s
    rows: Int64s
    atoms: Int64s
    factors: Float64s
    size: int

    @classmethod
    def of(cls, forms: Sequence[Form], size: int) -> "_Matrix":
        lengths = np.array([len(form) for form in forms], np.int64)
        starts = np.concatenate([[0], np.cumsum(lengths)])
        atoms = np.array([atom for form in forms for atom, _ in form], np.int64)
        factors = np.array([factor for form in forms for _, factor in form], np.float64)
        return cls(starts, np.repeat(np.arange(lengths.size), lengths), atoms, factors, size)

    def combined(self, rows: Int64s, times: Float64s) -> Float64s:
        """Return a sum of rows, each so often, as factors of all atoms."""
        result = np.zeros(self.size)
        for row, factor in zip(rows.tolist(), times.tolist(), strict=True):
            part = slice(self.starts[row], self.starts[row + 1])
            np.add.at(result, self.atoms[part], factor * self.factors[part])
        return result

    def values(self, atoms: Float64s) -> Float64s:
        """Return what each row is for these values of the atoms."""
        of_rows = np.bincount(self.rows, weights=self.factors * atoms[self.atoms], minlength=self.starts.size - 1)
        return np.asarray(of_rows, np.float64)


def _solver() -> Any:
    """Return HiGHS. Raises ClearscaleError without it."""
    try:
        import highspy
    except ImportError:
        raise ClearscaleError(missing("reports need", "highspy", "report")) from None
    solver: Any = highspy.Highs()  # type: ignore[no-untyped-call]
    solver.silent()
    solver.setOptionValue("threads", 1)
    return solver
