"""What can be worked out from figures that are shown, judged without the code that hides them.

A figure is a sum of *atoms*: the people of a page, of one race, sex and age, that no page divides further.
"""

from collections.abc import Hashable, Iterable, Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any

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


Form = tuple[tuple[int, float], ...]
"""A sum of atoms, in their order."""


@dataclass
class Program:
    """A linear program: atoms by name, rows of (least, most, factors)."""

    atoms: dict[Any, int] = field(default_factory=dict)
    rows: list[tuple[float, float, dict[int, float]]] = field(default_factory=list)

    def atom(self, name: Any) -> int:
        return self.atoms.setdefault(name, len(self.atoms))

    def row(self, least: float, most: float, *parts: tuple[float, Mapping[int, float]]) -> None:
        factors: dict[int, float] = {}
        for times, form in parts:
            for atom, factor in form.items():
                factors[atom] = factors.get(atom, 0) + times * factor
        self.rows.append((least, most, {atom: factor for atom, factor in factors.items() if factor}))


def ranges(
    program: Program, forms: list[dict[int, float]], values: list[int], below: int
) -> list[tuple[float, float]]:
    """The least and the greatest that each form can be, looked for until `below` values are found."""
    if not forms:
        return []
    simple = _Simple(program, forms)
    true = np.array(values, float)
    least, most = true.copy(), true.copy()

    def left(of: np.ndarray) -> np.ndarray:
        return np.flatnonzero(np.floor(most[of] + 1e-6) - np.ceil(least[of] - 1e-6) + 1 < below)

    def look(of: list[int], ways: np.ndarray) -> bool:
        found = simple.maximize(of, ways)
        if found is not None:
            np.minimum(least, found, out=least)
            np.maximum(most, found, out=most)
        return found is not None

    every, random = np.arange(len(forms)), np.random.default_rng(1)
    assert look([0], np.zeros(1)), "what the pages show contradicts itself"
    for place in every.tolist():
        simple.bound(place, true[place] - below, true[place] + below)
    before = len(forms) + 99
    while left(every).size and before - left(every).size > 20:
        before = left(every).size
        open_ = left(every)
        look(open_.tolist(), random.choice([-1.0, 1.0, 1.0, 1.0], open_.size))
    for place in every.tolist():
        simple.bound(place, -np.inf, np.inf)
    simple.model.setOptionValue("simplex_strategy", 4)
    for place in left(every).tolist():
        for way in (1.0, -1.0):
            if left(every[[place]]).size and not look([place], np.array([way])):
                (most if way > 0 else least)[place] = way * np.inf
    return list(zip(least.tolist(), most.tolist(), strict=True))


class _Simple:
    """A program without what it need not hold: atoms that must be 0, rows that say the same, rows of one atom."""

    def __init__(self, program: Program, forms: list[dict[int, float]]) -> None:
        self.size = len(program.atoms)
        empty = {
            atom
            for _, most, row in program.rows
            if most == 0 and all(factor > 0 for factor in row.values())
            for atom in row
        }

        def left(form: Mapping[int, float]) -> Form:
            return tuple(sorted((atom, factor) for atom, factor in form.items() if atom not in empty))

        self.forms = [left(form) for form in forms]
        bounds: dict[Form, tuple[float, float]] = dict.fromkeys(self.forms, (-np.inf, np.inf))
        for least, most, row in program.rows:
            form = left(row)
            lower, upper = bounds.get(form, (-np.inf, np.inf))
            bounds[form] = (max(lower, least), min(upper, most))
        lower, upper = bounds.pop((), (0, 0))
        assert lower <= 0 <= upper, "what the pages show contradicts itself"
        self.known = bounds
        self.rows = {form: place for place, form in enumerate(form for form in bounds if not _is_atom(form))}
        self.model = highspy.Highs()
        self.model.silent()
        self.model.setOptionValue("threads", 1)
        self.model.addVars(self.size, np.zeros(self.size), np.full(self.size, np.inf))
        self.model.addRows(len(self.rows), *self._bounds_of_rows(), *_sparse(list(self.rows)))
        self.model.changeObjectiveSense(highspy.ObjSense.kMaximize)
        for form in bounds:
            if _is_atom(form):
                self._set(form, *bounds[form])
        *_, self.atoms, self.factors = _sparse(self.forms)
        self.row_of = np.repeat(np.arange(len(self.forms)), [len(form) for form in self.forms])

    def _bounds_of_rows(self) -> list[np.ndarray]:
        return [np.array([self.known[form][side] for form in self.rows], float) for side in (0, 1)]

    def bound(self, place: int, least: float, most: float) -> None:
        """Keep a form between two values, beside what is known of it."""
        lower, upper = self.known.get(self.forms[place], (0, 0))
        if self.forms[place]:
            self._set(self.forms[place], max(lower, least), min(upper, most))

    def _set(self, form: Form, least: float, most: float) -> None:
        if _is_atom(form):
            self.model.changeColBounds(form[0][0], max(0.0, least), most)
        else:
            self.model.changeRowBounds(self.rows[form], least, most)

    def maximize(self, of: list[int], ways: np.ndarray) -> np.ndarray | None:
        """What the forms are where these are moved up or down as far as they go; None if there is no end."""
        direction = np.zeros(self.size)
        for place, way in zip(of, ways, strict=True):
            for atom, factor in self.forms[place]:
                direction[atom] += way * factor
        self.model.changeColsCost(self.size, np.arange(self.size, dtype=np.int32), direction)
        self.model.run()
        status = self.model.getModelStatus()
        if status != highspy.HighsModelStatus.kOptimal:
            assert status in (highspy.HighsModelStatus.kUnbounded, highspy.HighsModelStatus.kUnboundedOrInfeasible)
            return None
        atoms = np.array(self.model.getSolution().col_value)
        return np.bincount(self.row_of, weights=self.factors * atoms[self.atoms], minlength=len(self.forms))


def _is_atom(form: Form) -> bool:
    return len(form) == 1 and form[0][1] == 1


def _sparse(forms: list[Form]) -> tuple[int, np.ndarray, np.ndarray, np.ndarray]:
    starts = np.cumsum([0, *(len(form) for form in forms)])
    atoms = np.array([atom for form in forms for atom, _ in form], np.int32)
    return len(atoms), starts[:-1].astype(np.int32), atoms, np.array([f for form in forms for _, f in form], float)
