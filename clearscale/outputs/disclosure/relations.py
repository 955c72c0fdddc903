"""Relations among figures: which add up to which, and which can be solved for when some are hidden."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from clearscale_kernels.arrays import Bools, Int64s

_PRIME = 2**31 - 1
"""Products of two residues fit in 64 bits."""


@dataclass(frozen=True)
class Sum:
    """A figure is the sum of others. Figures are named by their places among all figures."""

    total: int
    parts: tuple[int, ...]

    @property
    def figures(self) -> tuple[int, ...]:
        """The total and its parts."""
        return (self.total, *self.parts)


@dataclass(frozen=True)
class Difference:
    """Two sums over the same groups, where one counts people whom the other counts too.

    first, second: with as many parts, in the same order. What is left between two figures counts people as well: if
    these are few, the second's figure is hidden, unless the first's is.
    """

    first: Sum
    second: Sum


class Freedom:
    """The values that hidden figures could have: changes that leave every sum as it is.

    A figure that no change moves can be solved for. This is linear algebra, modulo a large prime: it uses
    neither the signs of counts nor that they are whole numbers.
    """

    def __init__(self, hidden: Bools, sums: Sequence[Sum]) -> None:
        self._block_of: dict[int, _Block] = {}
        self._blocks = [_Block(*group) for group in _independent_groups(hidden, sums)]
        for block in self._blocks:
            self._block_of |= dict.fromkeys(block.figures.tolist(), block)

    def solved(self) -> list[int]:
        """Return the hidden figures that can be solved for, in order."""
        return sorted(figure for block in self._blocks for figure in block.solved().tolist())

    def determined_by(self, figure: int) -> list[int]:
        """Return the hidden figures that can only be solved for if this hidden one is shown."""
        found: list[int] = self._block_of[figure].determined_by(figure).tolist()
        return found

    def show(self, figure: int) -> None:
        """Take a hidden figure as shown."""
        self._block_of[figure].show(figure)


def known(hidden: Bools, sums: Sequence[Sum]) -> Bools:
    """Return which figures are shown or can be solved for. Shapes (n,)."""
    result: Bools = ~hidden
    result[Freedom(hidden, sums).solved()] = True
    return result


class _Block:
    """Hidden figures that share sums.

    figures: shape (h,). changes: shape (k, h), a basis of the changes that leave every sum as it is, all modulo
    the prime.
    """

    def __init__(self, figures: list[int], rows: list[dict[int, int]]) -> None:
        self.figures = np.array(figures, np.int64)
        self.column = {figure: place for place, figure in enumerate(figures)}
        matrix = np.zeros((len(rows), len(figures)), np.int64)
        for place, row in enumerate(rows):
            for figure, factor in row.items():
                matrix[place, self.column[figure]] = factor % _PRIME
        self.changes = _null_space(matrix)

    def solved(self) -> Int64s:
        result: Int64s = self.figures[~self.changes.any(axis=0)]
        return result

    def determined_by(self, figure: int) -> Int64s:
        change = self.changes[:, self.column[figure]]
        if not change.any():
            return self.figures[:0]
        # Every change moves them in proportion to the figure, so none that leaves the figure moves them.
        pivot = int(np.flatnonzero(change)[0])
        near = np.flatnonzero(self.changes[pivot])
        same = (self.changes[:, near] * change[pivot] - np.outer(change, self.changes[pivot, near])) % _PRIME == 0
        result: Int64s = self.figures[near[same.all(axis=0)]]
        return result

    def show(self, figure: int) -> None:
        change = self.changes[:, self.column[figure]]
        if change.any():
            pivot = int(np.flatnonzero(change)[0])
            factors = change * pow(int(change[pivot]), -1, _PRIME) % _PRIME
            moved = np.flatnonzero(factors)
            self.changes[moved] -= np.outer(factors[moved], self.changes[pivot]) % _PRIME
            self.changes[moved] %= _PRIME
            self.changes = np.delete(self.changes, pivot, axis=0)


def _independent_groups(hidden: Bools, sums: Sequence[Sum]) -> list[tuple[list[int], list[dict[int, int]]]]:
    """Split the hidden figures into groups that share no sum, each with its sums' hidden terms and factors."""
    parent = {int(figure): int(figure) for figure in np.flatnonzero(hidden)}

    def root(figure: int) -> int:
        while parent[figure] != figure:
            parent[figure] = figure = parent[parent[figure]]
        return figure

    rows = []
    for relation in sums:
        row: dict[int, int] = {}
        for figure, factor in zip(relation.figures, (-1, *[1] * len(relation.parts)), strict=True):
            if hidden[figure]:
                row[figure] = row.get(figure, 0) + factor
        if row:
            rows.append(row)
            first, *others = (root(figure) for figure in row)
            for other in others:
                parent[other] = first
    groups: dict[int, tuple[list[int], list[dict[int, int]]]] = {}
    for figure in parent:
        groups.setdefault(root(figure), ([], []))[0].append(figure)
    for row in rows:
        groups[root(next(iter(row)))][1].append(row)
    return list(groups.values())


def _null_space(matrix: Int64s) -> Int64s:
    """Return a basis of the null space of the matrix, shape (r, h). Shape (h - rank, h); all modulo the prime."""
    left, width = matrix.copy(), matrix.shape[1]
    pivots: list[int] = []
    for column in range(width):
        here = len(pivots)
        if here == left.shape[0]:
            break
        rows = np.flatnonzero(left[here:, column]) + here
        if not rows.size:
            continue
        left[[here, rows[0]]] = left[[rows[0], here]]
        left[here] = left[here] * pow(int(left[here, column]), -1, _PRIME) % _PRIME
        others = np.flatnonzero(left[:, column])
        others = others[others != here]
        left[others] = (left[others] - np.outer(left[others, column], left[here])) % _PRIME
        pivots.append(column)
    free = np.setdiff1d(np.arange(width), pivots)
    basis = np.zeros((free.size, width), np.int64)
    basis[np.arange(free.size), free] = 1
    basis[:, pivots] = (-left[: len(pivots), free].T) % _PRIME
    return basis
