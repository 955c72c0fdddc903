"""The judge: what somebody can know of hidden counts who reads all pages, by linear programs over the atoms.

Of a hidden count at least as many values must be left as the threshold. Atoms are not taken to be whole numbers.
Where atoms make a table, the least and the greatest value of a count are whole numbers all the same.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from math import inf
from typing import Any

import numpy as np
import numpy.typing as npt

from clearscale.errors import ClearscaleError
from clearscale_kernels.arrays import Bools, Int64s

from .atoms import Atoms, Form

Float64s = npt.NDArray[np.float64]

_ROUNDS = 60
_ENOUGH_IN_A_ROUND = 5
"""Where a round settles fewer counts, the rest is looked at one by one."""

_UPWARDS = 0.9
"""How many counts a round tries to move up: a small one has more room there."""

_EXACT = 1e-6
_PRIMAL = 4
"""The primal simplex method, as HiGHS numbers it."""


@dataclass(frozen=True)
class Row:
    """A figure as the judge takes it.

    known: what a page shows; None where nothing is shown. least: no less is possible, as everybody knows.
    """

    form: Form
    value: int
    known: int | None
    least: int


class Judge:
    """Linear programs over the atoms, the shown figures and what is known of both.

    A count that once was found to have enough values keeps them when more is hidden: it is not looked at again.
    """

    def __init__(self, atoms: Atoms, rows: Sequence[Row], secrets: Sequence[int], below: int) -> None:
        self._highs = _solver()
        self._rows, self._below = _without_empty(rows, atoms), below
        self._shown: Bools = np.array([row.known is not None for row in self._rows], np.bool_)
        self._forms = _Matrix.of([row.form for row in self._rows], atoms.size)
        self._pass_model(atoms)
        self._secrets: Int64s = np.array(sorted(secrets), np.int64)
        values = np.array([row.value for row in rows], np.float64)
        self._lowest, self._highest = values.copy(), values.copy()
        self._random = np.random.default_rng(0)

    def protect(self, choose: Callable[[tuple[int, ...]], int | None]) -> bool:
        """Hide figures until every secret has enough values left. Returns whether that could be done.

        choose: picks one of the shown figures that prove too much, or None if none may be hidden.
        """
        self._look_at_many()
        # From a vertex to one near it: by the primal method, without the preparation that the dual one takes.
        self._highs.setOptionValue("simplex_strategy", _PRIMAL)
        done = True
        for secret in self._open().tolist():
            while self._narrow(secret) and (proof := self._look_at(secret)) is not None:
                figure = choose(proof)
                if figure is None:
                    done = False
                    break
                self._shown[figure] = False
                self._bound(figure, self._rows[figure].least, inf)
        return done

    def _narrow(self, figure: int) -> bool:
        return bool(self._values_left(np.array([figure]))[0] < self._below)

    def _values_left(self, figures: Int64s) -> Float64s:
        left: Float64s = np.floor(self._highest[figures] + _EXACT) - np.ceil(self._lowest[figures] - _EXACT) + 1
        return left

    def _open(self) -> Int64s:
        """Return the secrets that have too few values so far."""
        return self._secrets[self._values_left(self._secrets) < self._below]

    def _look_at_many(self) -> None:
        """Move many secrets at once, each up or down by chance, none further than it has to be."""
        left = self._open()
        for figure in left.tolist():
            row = self._rows[figure]
            self._bound(figure, max(row.least, row.value - self._below), row.value + self._below)
        capped = left
        for number in range(_ROUNDS if left.size > 1 else 0):
            before = left.size
            ways = self._random.choice([-1.0, 1.0], left.size, p=[1 - _UPWARDS, _UPWARDS])
            # One that has gone one way has to go the other.
            values = np.array([self._rows[figure].value for figure in left.tolist()], np.float64)
            ways[self._highest[left] >= values + self._below - 1] = -1.0
            self._solve(self._forms.sum_of(left, ways))
            left = self._open()
            if before - left.size < _ENOUGH_IN_A_ROUND and number > 2:
                break
        for figure in capped.tolist():
            self._bound(figure, self._rows[figure].least, inf)

    def _look_at(self, figure: int) -> tuple[int, ...] | None:
        """Find the least and the greatest value of a count.

        Returns the shown figures that prove them where they are too near each other, otherwise None.
        """
        proving: set[int] = set()
        for way in (1.0, -1.0):
            bounded = self._solve(self._forms.sum_of(np.array([figure]), np.array([way])))
            if not self._narrow(figure):
                return None
            if bounded:
                proving |= self._proving()
            else:
                (self._highest if way > 0 else self._lowest)[figure] = way * inf
                return None
        return tuple(sorted(proving))

    def _solve(self, direction: Float64s) -> bool:
        """Maximize a sum of atoms, and note all figures' values. Returns False if it has no bound."""
        self._highs.changeColsCost(direction.size, np.arange(direction.size, dtype=np.int32), direction)
        self._highs.run()
        status = self._highs.getModelStatus()
        if status in (self._status.kUnbounded, self._status.kUnboundedOrInfeasible):
            return False
        if status != self._status.kOptimal:
            raise ClearscaleError(
                "what the pages show contradicts itself, so nobody can say what it gives away; make the run again"
            )
        values = np.array(self._highs.getSolution().row_value, np.float64)[: len(self._rows)]
        np.minimum(self._lowest, values, out=self._lowest)
        np.maximum(self._highest, values, out=self._highest)
        return True

    def _proving(self) -> set[int]:
        """Return the shown figures that hold the sum that was maximized last."""
        prices = np.abs(np.array(self._highs.getSolution().row_dual, np.float64)[: len(self._rows)])
        return set(np.flatnonzero((prices > _EXACT) & self._shown).tolist())

    def _bound(self, figure: int, least: float, most: float) -> None:
        if self._shown[figure]:
            least = most = float(self._rows[figure].value)
        self._highs.changeRowBounds(figure, float(least), float(most))

    def _pass_model(self, atoms: Atoms) -> None:
        import highspy

        self._status = highspy.HighsModelStatus
        matrix = _Matrix.of([*(row.form for row in self._rows), *(known.form for known in atoms.known)], atoms.size)
        lower = [float(row.value) if row.known is not None else float(row.least) for row in self._rows]
        upper = [float(row.value) if row.known is not None else inf for row in self._rows]
        program: Any = highspy.HighsLp()
        program.num_col_, program.num_row_ = atoms.size, len(self._rows) + len(atoms.known)
        program.col_cost_ = np.zeros(atoms.size)
        program.col_lower_, program.col_upper_ = np.zeros(atoms.size), np.full(atoms.size, inf)
        program.row_lower_ = np.array([*lower, *(known.least for known in atoms.known)], np.float64)
        program.row_upper_ = np.array([*upper, *(known.most for known in atoms.known)], np.float64)
        program.sense_ = highspy.ObjSense.kMaximize
        program.a_matrix_.format_ = highspy.MatrixFormat.kRowwise
        program.a_matrix_.start_ = matrix.starts.astype(np.int32)
        program.a_matrix_.index_ = matrix.atoms.astype(np.int32)
        program.a_matrix_.value_ = matrix.factors
        self._highs.passModel(program)


@dataclass(frozen=True)
class _Matrix:
    """Forms as rows of a sparse matrix. starts: shape (forms + 1,). size: how many atoms there are."""

    starts: Int64s
    atoms: Int64s
    factors: Float64s
    size: int

    @classmethod
    def of(cls, forms: Sequence[Form], size: int) -> "_Matrix":
        starts = np.cumsum([0, *(len(form) for form in forms)])
        atoms = np.array([atom for form in forms for atom, _ in form], np.int64)
        factors = np.array([factor for form in forms for _, factor in form], np.float64)
        return cls(starts, atoms, factors, size)

    def sum_of(self, rows: Int64s, times: Float64s) -> Float64s:
        """Return a sum of rows, each so often, as factors of all atoms."""
        result = np.zeros(self.size)
        for row, factor in zip(rows.tolist(), times.tolist(), strict=True):
            part = slice(self.starts[row], self.starts[row + 1])
            np.add.at(result, self.atoms[part], factor * self.factors[part])
        return result


def _without_empty(rows: Sequence[Row], atoms: Atoms) -> list[Row]:
    """Leave out atoms that everybody knows to be 0, as a sum of them is shown as 0; of what is known, too."""
    empty = {
        atom for row in rows if row.known == 0 and all(factor > 0 for _, factor in row.form) for atom, _ in row.form
    }

    def left(form: Form) -> Form:
        return tuple((atom, factor) for atom, factor in form if atom not in empty)

    atoms.known = [replace(constraint, form=left(constraint.form)) for constraint in atoms.known]
    return [replace(row, form=left(row.form)) for row in rows]


def _solver() -> Any:
    """Return HiGHS. Raises ClearscaleError without it."""
    try:
        import highspy
    except ImportError:
        raise ClearscaleError(
            "reports need the package highspy: install clearscale with the extra `report`, such as "
            "pip install 'clearscale[report]'"
        ) from None
    solver: Any = highspy.Highs()  # type: ignore[no-untyped-call]
    solver.silent()
    solver.setOptionValue("threads", 1)
    return solver
