"""Atoms: the counts that no page divides further, and what everybody knows of them.

Each figure of a publication is a sum of atoms. Two figures that are the same sum are one figure.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from math import inf

Form = tuple[tuple[int, int], ...]
"""A sum of atoms: (atom, how often), in order of atoms."""


def added(*forms: Form) -> Form:
    """Add forms."""
    return combined((form, 1) for form in forms)


def difference(first: Form, second: Form) -> Form:
    """Subtract the second form from the first."""
    return combined([(first, 1), (second, -1)])


def combined(parts: Iterable[tuple[Form, int]]) -> Form:
    """Add forms, each so often."""
    found: dict[int, int] = {}
    for form, times in parts:
        for atom, number in form:
            found[atom] = found.get(atom, 0) + times * number
    return tuple(sorted((atom, number) for atom, number in found.items() if number))


@dataclass(frozen=True)
class Constraint:
    """What is known of a sum of atoms: it lies between two bounds."""

    form: Form
    least: float
    most: float


@dataclass
class Atoms:
    """All atoms of a publication, none of which is negative, and what is known of them beside the figures."""

    size: int = 0
    known: list[Constraint] = field(default_factory=list)

    def new(self) -> Form:
        """Return one more atom."""
        self.size += 1
        return ((self.size - 1, 1),)

    def equal(self, first: Form, second: Form, more: int = 0) -> None:
        """Note that the first sum is the second and so many more."""
        self.known.append(Constraint(difference(first, second), more, more))

    def at_most(self, first: Form, second: Form) -> None:
        """Note that the first sum is no more than the second."""
        self.known.append(Constraint(difference(second, first), 0, inf))


@dataclass(frozen=True)
class Figure:
    """A count of a publication. printed: whether a page has a place for it, hidden or not.

    positive: whether everybody knows that it is not 0 where it is hidden, as the page shows what is 0.
    """

    form: Form
    value: int
    printed: bool = True
    positive: bool = False


Figures = Mapping[object, Figure]
