"""The judge: what somebody can know of hidden counts who reads all pages, by linear programs over the atoms.

Of a hidden count at least as many values must be left as the threshold. Atoms are not taken to be whole numbers.
Where atoms make a table, the least and the greatest value of a count are whole numbers all the same.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from math import inf

import numpy as np

from clearscale_kernels.arrays import Bools, Int64s

from .atoms import Atoms, Form
from .program import Float64s, Program

_ROUNDS = 60
_ENOUGH_IN_A_ROUND = 20
"""Where a round settles fewer counts, the rest is looked at one by one."""

_UPWARDS = 0.9
"""How many counts a round tries to move up: a small one has more room there."""

_EXACT = 1e-6


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
        self._rows, self._below = _without_empty(rows, atoms), below
        self._shown: Bools = np.array([row.known is not None for row in self._rows], np.bool_)
        self._secrets: Int64s = np.array(sorted(secrets), np.int64)
        moved = {*secrets}
        bounded = [row.known is not None or row.least > 0 or place in moved for place, row in enumerate(self._rows)]
        self._program = Program(atoms.size, [row.form for row in self._rows], atoms.known, bounded)
        for place in np.flatnonzero(bounded).tolist():
            self._bound(place)
        values = np.array([row.value for row in rows], np.float64)
        self._lowest, self._highest = values.copy(), values.copy()
        self._random = np.random.default_rng(0)
        self._hidden_here: list[int] = []

    def protect(self, choose: Callable[[tuple[int, ...]], int | None]) -> bool:
        """Hide figures until every secret has enough values left. Returns whether that could be done.

        choose: picks one of the shown figures that prove too much, or None if none may be hidden.
        """
        self._look_at_many()
        self._program.step_by_step()
        done = True
        for secret in self._open().tolist():
            while self._narrow(secret) and (proof := self._look_at(secret)) is not None:
                figure = choose(proof)
                if figure is None:
                    done = False
                    break
                self._shown[figure] = False
                self._bound(figure)
                self._hidden_here.append(figure)
        return done

    def needless(self) -> list[int]:
        """Find figures that `protect` hid and that those shown prove all the same, such as by a total.

        Whoever reads the pages knows them anyway: where they are shown again, nothing becomes known that was not.
        """
        return [figure for figure in self._hidden_here if self._is_proved(figure)]

    def _is_proved(self, figure: int) -> bool:
        """Whether a hidden figure can only be what it is."""
        for way in (1.0, -1.0):
            values = self._program.maximize(np.array([figure]), np.array([way]))
            if values is None or abs(values[figure] - self._rows[figure].value) > _EXACT:
                return False
        return True

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
        capped = left = self._open()
        for figure in capped.tolist():
            self._bound(figure, capped=True)
        for number in range(_ROUNDS if left.size > 1 else 0):
            before = left.size
            ways = self._random.choice([-1.0, 1.0], left.size, p=[1 - _UPWARDS, _UPWARDS])
            # One that has gone one way has to go the other.
            values = np.array([self._rows[figure].value for figure in left.tolist()], np.float64)
            ways[self._highest[left] >= values + self._below - 1] = -1.0
            self._solve(left, ways)
            left = self._open()
            if before - left.size < _ENOUGH_IN_A_ROUND and number > 2:
                break
        for figure in capped.tolist():
            self._bound(figure)

    def _look_at(self, figure: int) -> tuple[int, ...] | None:
        """Find the least and the greatest value of a count.

        Returns the shown figures that prove them where they are too near each other, otherwise None.
        """
        proving: set[int] = set()
        for way in (1.0, -1.0):
            bounded = self._solve(np.array([figure]), np.array([way]))
            if not self._narrow(figure):
                return None
            if bounded:
                proving |= self._proving()
            else:
                (self._highest if way > 0 else self._lowest)[figure] = way * inf
                return None
        return tuple(sorted(proving))

    def _solve(self, figures: Int64s, ways: Float64s) -> bool:
        """Move figures up or down, and note all figures' values. Returns False if there is no bound."""
        values = self._program.maximize(figures, ways)
        if values is None:
            return False
        np.minimum(self._lowest, values, out=self._lowest)
        np.maximum(self._highest, values, out=self._highest)
        return True

    def _proving(self) -> set[int]:
        """Return the shown figures that hold the sum that was maximized last."""
        return {*np.flatnonzero((np.abs(self._program.prices()) > _EXACT) & self._shown).tolist()}

    def _bound(self, figure: int, *, capped: bool = False) -> None:
        """Let a figure be what is known of it. capped: no further from its value than it has to go."""
        row = self._rows[figure]
        if self._shown[figure]:
            self._program.bound(figure, row.value, row.value)
        elif capped:
            self._program.bound(figure, max(row.least, row.value - self._below), row.value + self._below)
        else:
            self._program.bound(figure, row.least, inf)


def _without_empty(rows: Sequence[Row], atoms: Atoms) -> list[Row]:
    """Leave out atoms that everybody knows to be 0, as a sum of them is shown as 0; of what is known, too."""
    empty = {
        atom for row in rows if row.known == 0 and all(factor > 0 for _, factor in row.form) for atom, _ in row.form
    }

    def left(form: Form) -> Form:
        return tuple((atom, factor) for atom, factor in form if atom not in empty)

    atoms.known = [replace(constraint, form=left(constraint.form)) for constraint in atoms.known]
    return [replace(row, form=left(row.form)) for row in rows]
