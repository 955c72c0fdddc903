"""Which counts of a run over charges may be published: of the state, its counties and its courts, together."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from clearscale.errors import RunError
from clearscale.small_counts import SUPPRESS_BELOW

from .atoms import Atoms, Figure, Form, added, difference
from .judge import Judge, Row

Key = tuple[Any, ...]
"""A figure: what it counts, then what it is of. The first word is one of the constants below."""

CHARGES, PEOPLE, LACKING, DUE, STORE, GROUPS = "charges", "people", "lacking", "due", "store", "groups"
"""Charges by (place, outcome, rule), each but the place left out for a sum; people by (place, outcome) or (place);
undecided charges by (place, what is missing); charges that are not yet due by (place, year); of the store its
`charges`, `people`, and `unsure`: charges of which nobody knows whether the policy decides them; people of the
state by (state, dimension, group, DECIDED or RELIEF)."""

DECIDED, RELIEF = "decided", "relief"
"""People with a charge that the policy decides, and with one that has relief; in place of an outcome, too."""

STATE = ""
"""The place of all counties together. A county is a place by its name, a court by (county, name)."""


@dataclass(frozen=True)
class ChargeCounts:
    """What the pages of a run count.

    Attributes
    ----------
    cells
        Charges by (county, outcome, rule), only such as occur; rule 0 is of no rule.
    people
        People by (place, outcome), the state and counties; each once for each of theirs.
    everybody
        People with a charge that the policy decides, by place.
    undecided, waiting
        The outcomes of charges that lack something, and of those whose day is yet to come.
    lacking
        Undecided charges by (county, what is missing); one that lacks two things is in both.
    due
        Charges that are not yet due, by (county, year).
    courts
        Charges by (county, court, outcome), all of them; empty if no record names a court.
    store
        `charges`, `people` and `unsure` of the store; empty if no page says so.
    relieving
        The outcomes that are relief.
    relieved
        People of the state with a charge that has relief; none, if no page says so.
    groups
        People of the state by (dimension, group, DECIDED or RELIEF): each person in one group of each dimension.
    """

    cells: Mapping[tuple[str, str, int], int]
    people: Mapping[tuple[str, str], int]
    everybody: Mapping[str, int]
    undecided: str
    waiting: str
    lacking: Mapping[tuple[str, str], int]
    due: Mapping[tuple[str, int], int]
    courts: Mapping[tuple[str, str, str], int] = field(default_factory=dict)
    store: Mapping[str, int] = field(default_factory=dict)
    relieving: tuple[str, ...] = ()
    relieved: int = 0
    groups: Mapping[tuple[str, str, str], int] = field(default_factory=dict)

    @property
    def counties(self) -> list[str]:
        """Counties of charges that the policy decides."""
        return sorted({county for county, _, _ in self.cells})

    def shown(self, below: int | None = SUPPRESS_BELOW) -> dict[Key, int | None]:
        """Return the figures of all pages.

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
        figures = _Figures(self)
        if below is None:
            return {key: figure.value for key, figure in figures.printed.items()}
        hidden = _hidden(figures, below)
        return {key: None if key in hidden else figure.value for key, figure in figures.printed.items()}


class _Figures:
    """All figures as sums of atoms, and what everybody knows of these.

    printed: by key. differences: how many people are not among others, which no page says and many would let work
    out.
    """

    def __init__(self, counts: ChargeCounts) -> None:
        self.counts, self.atoms = counts, Atoms()
        self.printed: dict[Key, Figure] = {}
        self.differences: list[Figure] = []
        self._add_charges()
        if counts.store:
            self._add_store()
        if (CHARGES, STATE) not in self.printed:
            return
        self._add_courts()
        for place in (*counts.counties, STATE):
            self._add_people(place)
        for kind, parts, outcome in (
            (LACKING, counts.lacking, counts.undecided),
            (DUE, counts.due, counts.waiting),
        ):
            self._add_parts(kind, parts, outcome)
        if counts.store:
            people = self.printed[STORE, "people"]
            everybody = self.printed[PEOPLE, STATE]
            self.atoms.at_most(everybody.form, people.form)
            self._differ(people.form, everybody.form, people.value - everybody.value)
        if counts.relieved:
            self._add_relieved()
        for dimension in dict.fromkeys(name for name, _, _ in sorted(counts.groups)):
            self._add_groups(dimension)

    def _add_charges(self) -> None:
        cells = self.counts.cells
        atoms = {key: self.atoms.new() for key in sorted(cells)}
        sums: dict[Key, list[tuple[str, str, int]]] = {}
        for county, outcome, rule in atoms:
            for place in (STATE, county):
                for key in ((place,), (place, outcome), (place, outcome, rule)):
                    sums.setdefault((CHARGES, *key), []).append((county, outcome, rule))
        for key, parts in sums.items():
            self._print(key, [atoms[cell] for cell in parts], sum(cells[cell] for cell in parts))

    def _print(self, key: Key, forms: Iterable[Form], value: int) -> Form:
        form = added(*forms)
        self.printed[key] = Figure(form, value)
        return form

    def _add_courts(self) -> None:
        """Divide the charges of a county by court and outcome.

        They are not divided by court and rule: no page does so, and for any counts by the two that come to the same
        total there is a table that crosses them.
        """
        of_outcome: dict[tuple[str, str], list[str]] = {}
        for county, court, outcome in sorted(self.counts.courts):
            of_outcome.setdefault((county, outcome), []).append(court)
        forms: dict[tuple[str, str], dict[str, Form]] = {}
        for (county, outcome), courts in of_outcome.items():
            whole = self.printed[CHARGES, county, outcome].form
            # All charges of one court are those of the county: one count with two names.
            own = {court: self.atoms.new() for court in courts} if len(courts) > 1 else {courts[0]: whole}
            if len(courts) > 1:
                self.atoms.equal(added(*own.values()), whole)
            for court, form in own.items():
                self._print((CHARGES, (county, court), outcome), [form], self.counts.courts[county, court, outcome])
                forms.setdefault((county, court), {})[outcome] = form
        for place, found in forms.items():
            value = sum(self.counts.courts[*place, outcome] for outcome in found)
            self._print((CHARGES, place), found.values(), value)

    def _add_people(self, place: str) -> None:
        """Each person has a charge of each outcome that counts them; one of several counties is in each of them."""
        counts, atoms = self.counts, self.atoms
        outcomes = [outcome for where, outcome in sorted(counts.people) if where == place]
        if place == STATE and len(counts.counties) == 1:
            # All people of one county are those of the state: one count with two names.
            for key in ((), *((outcome,) for outcome in outcomes)):
                self.printed[PEOPLE, STATE, *key] = self.printed[PEOPLE, counts.counties[0], *key]
            return
        everybody = self._print((PEOPLE, place), [atoms.new()], counts.everybody[place])
        atoms.at_most(everybody, self.printed[CHARGES, place].form)
        parts = []
        for outcome in outcomes:
            form = self._print((PEOPLE, place, outcome), [atoms.new()], counts.people[place, outcome])
            atoms.at_most(form, self.printed[CHARGES, place, outcome].form)
            atoms.at_most(form, everybody)
            self._differ(everybody, form, counts.everybody[place] - counts.people[place, outcome])
            parts.append(form)
        atoms.at_most(everybody, added(*parts))
        if place == STATE:
            self._join(())
            for outcome in outcomes:
                self._join((outcome,))

    def _join(self, key: tuple[str, ...]) -> None:
        """Note how many people are counted in several counties: whoever does not know it knows less."""
        whole = self.printed[PEOPLE, STATE, *key]
        parts = [figure for county in self.counts.counties if (figure := self.printed.get((PEOPLE, county, *key)))]
        more = sum(figure.value for figure in parts) - whole.value
        self.atoms.equal(added(*(figure.form for figure in parts)), whole.form, more)
        for figure in parts:
            self.atoms.at_most(figure.form, whole.form)

    def _differ(self, whole: Form, part: Form, value: int) -> None:
        self.differences.append(Figure(difference(whole, part), value, printed=False))

    def _add_parts(self, kind: str, counts: Mapping[tuple[str, Any], int], outcome: str) -> None:
        """Divide the charges of an outcome: due ones are of one year each, undecided ones lack a thing or more."""
        named: dict[Any, list[tuple[str, Form]]] = {}
        for county in self.counts.counties:
            whole = self.printed.get((CHARGES, county, outcome))
            own = sorted(name for where, name in counts if where == county and counts[county, name])
            if whole is None or not own:
                continue
            forms = [self._print((kind, county, name), [self.atoms.new()], counts[county, name]) for name in own]
            for name, form in zip(own, forms, strict=True):
                self.atoms.at_most(form, whole.form)
                named.setdefault(name, []).append((county, form))
            together = added(*forms)
            if kind == LACKING:
                self.atoms.at_most(whole.form, together)
            elif sum(counts[county, name] for name in own) == whole.value:
                self.atoms.equal(together, whole.form)
            else:
                self.atoms.at_most(together, whole.form)
        for name, parts in named.items():
            value = sum(counts[county, name] for county, _ in parts)
            self._print((kind, STATE, name), [form for _, form in parts], value)

    def _add_store(self) -> None:
        """Of the store are charges that the policy decides, others, and those of which nobody knows."""
        store, atoms = self.counts.store, self.atoms
        decided = self.printed.get((CHARGES, STATE), Figure((), 0))
        unsure = [atoms.new()] if store["unsure"] else []
        if unsure:
            self._print((STORE, "unsure"), unsure, store["unsure"])
        others = atoms.new()
        self._print((STORE, "charges"), [decided.form, *unsure, others], store["charges"])
        rest = store["charges"] - decided.value - store["unsure"]
        self.differences.append(Figure(others, rest, printed=False))
        self._print((STORE, "people"), [atoms.new()], store["people"])

    def _add_relieved(self) -> None:
        """People with relief are those of any outcome that is relief."""
        counts, atoms, everybody = self.counts, self.atoms, self.printed[PEOPLE, STATE]
        own = [self.printed[PEOPLE, STATE, name] for name in counts.relieving if (STATE, name) in counts.people]
        # Those of the only such outcome are one count with two names.
        form = own[0].form if len(own) == 1 else atoms.new()
        self._print((PEOPLE, STATE, RELIEF), [form], counts.relieved)
        if len(own) > 1:
            atoms.at_most(form, everybody.form)
            atoms.at_most(form, added(*(figure.form for figure in own)))
            for figure in own:
                atoms.at_most(figure.form, form)
            self._differ(everybody.form, form, everybody.value - counts.relieved)

    def _add_groups(self, dimension: str) -> None:
        """Divide the people of the state, and those of them who have relief."""
        counts, atoms = self.counts, self.atoms
        groups = dict.fromkeys(group for name, group, _ in sorted(counts.groups) if name == dimension)
        forms: dict[str, list[Form]] = {DECIDED: [], RELIEF: []}
        for group in groups:
            whole, part = (counts.groups.get((dimension, group, measure), 0) for measure in (DECIDED, RELIEF))
            form = self._print((GROUPS, STATE, dimension, group, DECIDED), [atoms.new()], whole)
            forms[DECIDED].append(form)
            if part:
                relieved = self._print((GROUPS, STATE, dimension, group, RELIEF), [atoms.new()], part)
                forms[RELIEF].append(relieved)
                atoms.at_most(relieved, form)
                self._differ(form, relieved, whole - part)
        for measure, key in ((DECIDED, (PEOPLE, STATE)), (RELIEF, (PEOPLE, STATE, RELIEF))):
            if key in self.printed:
                atoms.equal(added(*forms[measure]), self.printed[key].form)


def _hidden(figures: _Figures, below: int) -> set[Key]:
    """Return what to hide: the small figures, and others until no small one has fewer than `below` values left."""
    names: dict[Form, list[Key]] = {}
    for key, figure in figures.printed.items():
        names.setdefault(figure.form, []).append(key)
    forms = list(names)
    values = [figures.printed[names[form][0]].value for form in forms]
    small = [0 < value < below for value in values]
    # What is on the pages is not 0, hidden or not: a page has no rows of nothing.
    rows = [
        Row(form, value, None if secret else value, 1)
        for form, value, secret in zip(forms, values, small, strict=True)
    ]
    # Of what no page says nobody knows whether it is 0.
    beside = {figure.form: figure.value for figure in figures.differences if 0 < figure.value < below}
    rows += [Row(form, value, None, 0) for form, value in beside.items()]
    weights = [max(map(_weight, names[form])) for form in forms]
    hidden = {place for place, secret in enumerate(small) if secret}
    secrets = [*sorted(hidden), *range(len(forms), len(rows))]

    def choose(proof: tuple[int, ...]) -> int | None:
        able = [place for place in proof if place not in hidden and place < len(forms)]
        if not able:
            return None
        chosen = min(able, key=lambda place: (weights[place], values[place], place))
        hidden.add(chosen)
        return chosen

    judge = Judge(figures.atoms, rows, secrets, below)
    if not judge.protect(choose):
        # What is known beside the figures gives something away, whatever is hidden.
        return set(figures.printed)
    hidden.difference_update(judge.needless())
    return {key for place in hidden for key in names[forms[place]]}


def _weight(key: Key) -> tuple[int, int]:
    """How much a figure is missed: less of a court than of a county, and less where it is of one thing more."""
    place = key[1]
    scope = 0 if isinstance(place, tuple) else 2 if place == STATE or key[0] == STORE else 1
    return scope, -len(key)
