"""Which counts of a run over charges may be published, judged together."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from clearscale.errors import RunError
from clearscale.small_counts import SUPPRESS_BELOW

from .atoms import Atoms, Figure, Form, added
from .judge import Judge, Row

Key = tuple[Any, ...]
"""A figure: what it counts, then what it is of. The first word is one of the constants below."""

CHARGES, PEOPLE, LACKING, DUE = "charges", "people", "lacking", "due"
"""Charges by (place, outcome, rule), each but the place left out for a sum; people by (outcome) or all; undecided
charges by what is missing; charges that are not yet due by the year in which they are."""

STATE = ""
"""The place of all counties together."""


@dataclass(frozen=True)
class ChargeCounts:
    """What a page of charges counts.

    Attributes
    ----------
    cells
        Charges by (county, outcome, rule), only such as occur; rule 0 is of no rule.
    people
        People by outcome, each once for each of theirs.
    everybody
        People with a charge that the policy decides.
    undecided, waiting
        The outcomes of charges that lack something, and of those whose day is yet to come.
    lacking
        Undecided charges by what is missing; one that lacks two things is in both.
    due
        Charges that are not yet due, by year.
    """

    cells: Mapping[tuple[str, str, int], int]
    people: Mapping[str, int]
    everybody: int
    undecided: str
    waiting: str
    lacking: Mapping[str, int]
    due: Mapping[int, int]

    def shown(self, below: int | None = SUPPRESS_BELOW) -> dict[Key, int | None]:
        """Return the figures of a page.

        Parameters
        ----------
        below
            Counts from 1 up to this, exclusively, are hidden, with what would give them away; None hides nothing.

        Returns
        -------
        dict
            By key, None where it is hidden. What does not occur is 0 and has no key.

        Raises
        ------
        RunError
            If `below` hides nothing.
        """
        if below is not None and below < 2:
            raise RunError(f"counts below {below} cannot be hidden: choose at least 2, such as {SUPPRESS_BELOW}")
        atoms = Atoms()
        figures = self._figures(atoms)
        if below is None:
            return {key: figure.value for key, figure in figures.items()}
        hidden = _hidden(figures, atoms, below)
        return {key: None if key in hidden else figure.value for key, figure in figures.items()}

    def _figures(self, atoms: Atoms) -> dict[Key, Figure]:
        """All figures as sums of atoms, and what everybody knows of these."""
        cells = {key: atoms.new() for key in sorted(self.cells)}
        sums: dict[Key, list[tuple[str, str, int]]] = {}
        for county, outcome, rule in cells:
            for place in (STATE, county):
                for key in ((place,), (place, outcome), (place, outcome, rule)):
                    sums.setdefault((CHARGES, *key), []).append((county, outcome, rule))
        figures = {
            key: Figure(added(*(cells[cell] for cell in parts)), sum(self.cells[cell] for cell in parts))
            for key, parts in sums.items()
        }
        self._add_people(figures, atoms)
        self._add_parts(figures, atoms, LACKING, self.lacking, self.undecided, once=False)
        self._add_parts(figures, atoms, DUE, self.due, self.waiting, once=True)
        return figures

    def _add_people(self, figures: dict[Key, Figure], atoms: Atoms) -> None:
        """Each person has a charge of each outcome that counts them."""
        everybody, total = atoms.new(), figures.get((CHARGES, STATE))
        if total is None:
            return
        figures[PEOPLE,] = Figure(everybody, self.everybody)
        atoms.at_most(everybody, total.form)
        of_outcome = {outcome: atoms.new() for outcome in sorted(self.people) if self.people[outcome]}
        for outcome, form in of_outcome.items():
            figures[PEOPLE, outcome] = Figure(form, self.people[outcome])
            atoms.at_most(form, figures[CHARGES, STATE, outcome].form)
            atoms.at_most(form, everybody)
        atoms.at_most(everybody, added(*of_outcome.values()))

    def _add_parts(
        self,
        figures: dict[Key, Figure],
        atoms: Atoms,
        kind: str,
        counts: Mapping[Any, int],
        outcome: str,
        once: bool,
    ) -> None:
        """Divide the charges of an outcome. once: each is in one part at most, otherwise in one at least."""
        whole = figures.get((CHARGES, STATE, outcome))
        if whole is None:
            return
        parts: dict[Any, Form] = {name: atoms.new() for name in sorted(counts) if counts[name]}
        for name, form in parts.items():
            figures[kind, name] = Figure(form, counts[name])
            atoms.at_most(form, whole.form)
        if not parts:
            return
        together = added(*parts.values())
        if once and sum(counts.values()) == whole.value:
            atoms.equal(together, whole.form)
        elif once:
            atoms.at_most(together, whole.form)
        else:
            atoms.at_most(whole.form, together)


def _hidden(figures: Mapping[Key, Figure], atoms: Atoms, below: int) -> set[Key]:
    """Return what to hide: the small figures, and others until no small one has fewer than `below` values left."""
    names: dict[Form, list[Key]] = {}
    for key, figure in figures.items():
        names.setdefault(figure.form, []).append(key)
    forms = list(names)
    values = [figures[names[form][0]].value for form in forms]
    small = [0 < value < below for value in values]
    # What is on the page is not 0, hidden or not: a page has no rows of nothing.
    rows = [
        Row(form, value, None if secret else value, 1)
        for form, value, secret in zip(forms, values, small, strict=True)
    ]
    hidden = {place for place, secret in enumerate(small) if secret}

    def choose(proof: tuple[int, ...]) -> int | None:
        able = [place for place in proof if place not in hidden]
        if not able:
            return None
        chosen = min(able, key=lambda place: (-max(map(len, names[forms[place]])), values[place], place))
        hidden.add(chosen)
        return chosen

    if not Judge(atoms, rows, sorted(hidden), below).protect(choose):
        # What is known beside the figures gives something away, whatever is hidden.
        return set(figures)
    return {key for place in hidden for key in names[forms[place]]}
