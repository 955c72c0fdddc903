"""What can be worked out from figures that are shown, judged without the code that hides them.

A figure is a sum of *atoms*: the people of a page, of one race, sex and age, that no page divides further.
"""

from collections.abc import Hashable, Iterable, Mapping
from fractions import Fraction

import highspy
import numpy as np

Atoms = Mapping[Hashable, int]
"""How often each atom is counted in a figure."""


class Span:
    """All that follows from some figures by adding and subtracting: their span, by exact elimination."""

    def __init__(self, figures: Iterable[Atoms]) -> None:
        self._rows: dict[Hashable, dict[Hashable, Fraction]] = {}
        for figure in figures:
            left = self._reduced(figure)
            if left:
                pivot = next(iter(left))
                self._rows[pivot] = {atom: factor / left[pivot] for atom, factor in left.items()}

    def __contains__(self, figure: Atoms) -> bool:
        return not self._reduced(figure)

    def _reduced(self, figure: Atoms) -> dict[Hashable, Fraction]:
        left = {atom: Fraction(factor) for atom, factor in figure.items() if factor}
        # A row holds no pivot of a row before it: gone through in order, no pivot is left.
        for pivot, row in self._rows.items():
            factor = left.get(pivot)
            if factor:
                for atom, other in row.items():
                    value = left.get(atom, Fraction(0)) - factor * other
                    if value:
                        left[atom] = value
                    else:
                        left.pop(atom, None)
        return left


def bounds(
    values: list[int],
    hidden: list[int],
    sums: list[tuple[int, list[int]]],
    at_most: list[tuple[int, int]],
    secrets: list[int],
) -> dict[int, tuple[float, float]]:
    """The least and the greatest that each secret can be for all that is shown, whole numbers or not.

    values: of all figures. hidden, secrets: places of figures. sums: (total, parts); what is missing of a total
    from the beginning is taken as known. at_most: (smaller, larger) figures.
    """
    column = {figure: place for place, figure in enumerate(hidden)}
    equal = [[(total, -1), *((part, 1) for part in parts)] for total, parts in sums]
    less = [[(small, 1), (large, -1)] for small, large in at_most]
    known = [sum(factor * values[figure] for figure, factor in terms if figure in column) for terms in equal]
    limit = [-sum(factor * values[figure] for figure, factor in terms if figure not in column) for terms in less]

    model = highspy.Highs()
    model.silent()
    size = len(hidden)
    model.addVars(size, np.zeros(size), np.full(size, 1e6))
    rows = [(known[row], known[row], relation) for row, relation in enumerate(equal)]
    rows += [(-highspy.kHighsInf, limit[row], relation) for row, relation in enumerate(less)]
    for lowest, highest, relation in rows:
        terms = [(column[figure], factor) for figure, factor in relation if figure in column]
        places = np.array([place for place, _ in terms], np.int32)
        model.addRow(lowest, highest, len(terms), places, np.array([factor for _, factor in terms], float))
    least = np.array([values[figure] for figure in hidden], float)
    greatest = least.copy()

    def look(direction: np.ndarray) -> None:
        model.changeColsCost(size, np.arange(size, dtype=np.int32), direction)
        model.run()
        assert model.getModelStatus() == highspy.HighsModelStatus.kOptimal
        found = np.array(model.getSolution().col_value)
        np.minimum(least, found, out=least)
        np.maximum(greatest, found, out=greatest)

    def pinned() -> list[int]:
        return [column[figure] for figure in secrets if greatest[column[figure]] - least[column[figure]] < 1 - 1e-6]

    # One direction moves many figures at once; those that it leaves are looked at one by one.
    random = np.random.default_rng(0)
    for _ in range(12):
        direction = np.zeros(len(hidden))
        direction[pinned()] = random.choice([-1.0, 1.0], len(pinned()))
        if pinned():
            look(direction)
    for place in pinned():
        for sign in (1.0, -1.0):
            if place in pinned():
                direction = np.zeros(len(hidden))
                direction[place] = sign
                look(direction)
    return {figure: (float(least[column[figure]]), float(greatest[column[figure]])) for figure in secrets}
