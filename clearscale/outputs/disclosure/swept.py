"""What the page of a sweep may show that is published with a report: both are judged by one program.

A conviction of the state has a worth under each policy of the page beside what becomes of it in the report; the
report's figures and the page's are sums of the same atoms. What the report shows is decided already. Where both
together give something away, the page hides it.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import chain, combinations, product

import numpy as np

from clearscale.errors import RunError
from clearscale.policy.model import DISMISSAL, REDUCTION
from clearscale_kernels.arrays import Bools, Int64s

from .atoms import Atoms, Form, added, difference
from .convictions import SWEPT, TOTAL, Key, Outcome, PageCounts
from .judge import Judge, Row
from .people import LEFT, MEASURES_PUBLISHED, Measure, PeopleCounts
from .publication import Name, Publication, PublishedAtoms, atoms_of, differences, row_of

WITH, *MEASURES = MEASURES_PUBLISHED
RELIEF = MEASURES[0]

SweptFigure = tuple[int, str]
"""A figure of a policy, by the policy's number: DISMISSAL or REDUCTION of convictions, or a measure of people."""


@dataclass(frozen=True)
class SweptCounts:
    """The figures of the policies of sweeps, statewide, and what everybody knows of these policies.

    figures: all of them. possible: what can become of convictions, with what each policy makes of them, each with
    the years in which it can. worths: shape (m, n + 1), what all policies can make of one conviction, as numbers
    that rise with what it is worth; the report's own policy is the last.
    """

    figures: Mapping[SweptFigure, int]
    possible: Mapping[Outcome, frozenset[str]]
    worths: Int64s

    @cached_property
    def less(self) -> Bools:
        """Which policy relieves nothing that another does not, nor more of it. Shape (n + 1, n + 1)."""
        columns = self.worths.T
        return np.array([(column <= columns).all(axis=1) for column in columns], np.bool_)

    @property
    def size(self) -> int:
        """How many policies there are."""
        return len(self.less) - 1

    def page(self, counts: PageCounts) -> PageCounts:
        """Return the counts of the state's page with what each policy makes of its convictions."""
        more: dict[Key, int] = {
            (SWEPT, str(policy), name): value
            for (policy, name), value in self.figures.items()
            if name in (DISMISSAL, REDUCTION) and value
        }
        return replace(counts, by={**counts.by, **more}, possible=self.possible)

    def pairs(self, policies: Sequence[int]) -> Iterator[tuple[int, int]]:
        """Yield pairs of policies of which neither relieves less than the other."""
        for one, other in combinations(policies, 2):
            if not (self.less[one, other] or self.less[other, one]):
                yield one, other

    def one_as(self, worths: Int64s, policies: Sequence[int]) -> int | None:
        """Return a policy under which convictions are worth just this."""
        same = (self.worths[:, list(policies)] == worths[:, np.newaxis]).all(axis=0)
        return policies[int(np.argmax(same))] if same.any() else None

    def steps(self) -> Iterator[tuple[int, int]]:
        """Yield policies of which the second relieves more, with none between the two."""
        more = self.less & ~self.less.T
        between = (more.astype(np.int64) @ more.astype(np.int64)) > 0
        yield from map(tuple, np.argwhere(more & ~between).tolist())


def shown_beside(
    publication: Publication, swept: SweptCounts, wanted: Sequence[SweptFigure], below: int
) -> set[SweptFigure]:
    """Choose what the pages of sweeps show beside a report.

    wanted: what they show for themselves, the most important first. Raises ClearscaleError if the figures of the
    report and of the sweeps contradict each other.
    """
    people, pages = publication.people, publication.convictions
    state = swept.page(pages.pages[""])
    atoms = Atoms()
    found = atoms_of(people, replace(pages, pages={**pages.pages, "": state}), atoms)
    own = _OwnForms(swept, state, people, found, atoms)
    by_form: dict[Form, tuple[list[Name], list[SweptFigure]]] = {}
    for name, figure in found.figures.items():
        if not (name[0] == "convictions" and name[1][1][0] == SWEPT):
            by_form.setdefault(figure.form, ([], []))[0].append(name)
    for policy, of in swept.figures:
        by_form.setdefault(own.form(policy, of), ([], []))[1].append((policy, of))
    by_form.pop((), None)
    rank = {figure: place for place, figure in enumerate(wanted)}
    hidden, rows, gone = publication.hidden, list[Row](), set[SweptFigure]()
    for form, (of_report, of_sweep) in by_form.items():
        named = [(name, found.figures[name]) for name in of_report]
        row = row_of(named, hidden, publication) if named else Row(form, swept.figures[of_sweep[0]], None, 0)
        if any(figure.printed for _, figure in named):
            # What the report hides, the other page hides too.
            gone.update(of_sweep if row.known is None else ())
        elif of_sweep and (row.value == 0 or any(figure in rank for figure in of_sweep)):
            row = replace(row, known=row.value)
        rows.append(replace(row, least=int(row.value > 0)) if of_sweep else row)
    secrets = [place for place, row in enumerate(rows) if 0 < row.value < below]
    of_pages = (differences(people, found.people, page) for page in people.pages)
    for form, value in dict.fromkeys([*own.differences(), *chain(*of_pages)]):
        if 0 < value < below:
            secrets.append(len(rows))
            rows.append(Row(form, value, None, 0))
    names = list(by_form.values())

    def importance(place: int) -> int:
        return min(rank.get(figure, len(rank)) for figure in names[place][1])

    def choose(proof: tuple[int, ...]) -> int | None:
        able = [
            place
            for place in proof
            if rows[place].value
            and names[place][1]
            and not any(found.figures[name].printed for name in names[place][0])
        ]
        if not able:
            return None  # the report alone says so much
        chosen = max(able, key=importance)
        gone.update(names[chosen][1])
        return chosen

    judge = Judge(atoms, rows, secrets, below)
    judge.protect(choose)
    for place in judge.needless():
        gone.difference_update(names[place][1])
    return {*wanted} - gone


class _OwnForms:
    """The forms of the figures of sweeps, with what is known of them. The report's own policy is the last one."""

    def __init__(
        self, swept: SweptCounts, state: PageCounts, people: PeopleCounts, found: PublishedAtoms, atoms: Atoms
    ) -> None:
        self._swept, self._people, self._found, self._atoms = swept, people, found, atoms
        own = swept.size
        convictions = found.convictions[""]
        self._forms: dict[SweptFigure, Form] = {}
        self._values: dict[SweptFigure, int] = dict(swept.figures)
        for worth in (DISMISSAL, REDUCTION):
            self._forms[own, worth] = convictions.form(("worth", worth))
            self._values[own, worth] = state.by.get(("worth", worth), 0)
        for measure in MEASURES:
            self._forms[own, measure], self._values[own, measure] = self._of_people(measure)
        self._alone = [own]
        for policy in range(own):
            same = next((other for other in self._alone if self._same(policy, other)), None)
            if same is not None:
                for name in (DISMISSAL, REDUCTION, *MEASURES):
                    self._forms[policy, name] = self._forms[same, name]
                    self._require_equal((policy, name), (same, name))
                continue
            self._alone.append(policy)
            for worth in (DISMISSAL, REDUCTION):
                self._forms[policy, worth] = convictions.form((SWEPT, str(policy), worth))
            nothing = not (self._forms[policy, DISMISSAL] or self._forms[policy, REDUCTION])
            for measure in MEASURES:
                self._forms[policy, measure] = () if nothing else atoms.new()
        self._total = (convictions.form(TOTAL), state.by.get(TOTAL, 0))
        for policy in self._alone:
            self._note(policy)
        for lesser, greater in swept.steps():
            if {lesser, greater} <= {*self._alone}:
                self._note_step(lesser, greater)
        for one, other in swept.pairs(self._alone):
            self._note_pair(one, other)

    def form(self, policy: int, name: str) -> Form:
        """Return the sum of atoms that a figure is."""
        return self._forms[policy, name]

    def differences(self) -> Iterator[tuple[Form, int]]:
        """Yield who is counted in one figure and not in another that lies in it."""
        with_prop64 = self._of_people(WITH)
        for policy in self._alone:
            relief = self._of(policy, RELIEF)
            yield _less(with_prop64, relief)
            for measure in LEFT:
                yield _less(with_prop64, self._of(policy, measure))
                yield _less(relief, self._of(policy, measure))
                if wider := self._wider(measure):
                    yield _less(wider, self._of(policy, measure))
        for lesser, greater in product(self._alone, repeat=2):
            if lesser != greater and self._swept.less[lesser, greater]:
                for name in (DISMISSAL, *MEASURES):
                    yield _less(self._of(greater, name), self._of(lesser, name))
                yield _less(self._relieved(greater), self._relieved(lesser))

    def _same(self, one: int, other: int) -> bool:
        return bool(self._swept.less[one, other] and self._swept.less[other, one])

    def _require_equal(self, one: SweptFigure, other: SweptFigure) -> None:
        if self._values[one] != self._values[other]:
            raise RunError(
                "the sweep counts otherwise than the run under a policy that decides the same; make both again"
            )

    def _of(self, policy: int, name: str) -> "_Counted":
        return self._forms[policy, name], self._values[policy, name]

    def _of_people(self, measure: Measure) -> "_Counted":
        key = ("", measure, "", ())
        return self._found.people.form(key), self._people.value(key)

    def _relieved(self, policy: int) -> "_Counted":
        (one, number), (other, more) = self._of(policy, DISMISSAL), self._of(policy, REDUCTION)
        return added(one, other), number + more

    def _wider(self, measure: str) -> "_Counted | None":
        """Return who is counted under the first broader policy, which dismisses all, if the page has that."""
        broader: list[Measure] = [(measure, policy) for policy in self._people.broader[:1]]
        return self._of_people(broader[0]) if broader and ("", broader[0], "", ()) in self._people.base else None

    def _at_most(self, one: "_Counted", other: "_Counted") -> None:
        # Records may contradict each other, such as a person's in two counties.
        if one[1] <= other[1]:
            self._atoms.at_most(one[0], other[0])

    def _note(self, policy: int) -> None:
        """Note what people say of each other and of convictions under a policy: each has one that was relieved."""
        with_prop64, relief, relieved = self._of_people(WITH), self._of(policy, RELIEF), self._relieved(policy)
        self._at_most(relief, with_prop64)
        self._at_most(relief, relieved)
        self._at_most(_less(with_prop64, relief), _less(self._total, relieved))
        for measure in LEFT:
            left = self._of(policy, measure)
            self._at_most(left, relief)
            self._at_most(left, relieved if measure == LEFT[0] else self._of(policy, DISMISSAL))
            if wider := self._wider(measure):
                self._at_most(left, wider)

    def _note_step(self, lesser: int, greater: int) -> None:
        """Note that nobody is counted no more under a policy that relieves more, and has a conviction for it."""
        relieved = _less(self._relieved(greater), self._relieved(lesser))
        dismissed = _less(self._of(greater, DISMISSAL), self._of(lesser, DISMISSAL))
        for measure in MEASURES:
            more = _less(self._of(greater, measure), self._of(lesser, measure))
            self._at_most(((), 0), more)
            self._at_most(more, relieved if measure in (RELIEF, LEFT[0]) else dismissed)

    def _note_pair(self, one: int, other: int) -> None:
        """Note what a policy that relieves what either does, or what both do, says of people under the two.

        Who has relief where either relieves has it from one of them. Who is left without a conviction under both is
        so where only what both relieve is relieved, unless under one of them only.
        """
        worths, less = self._swept.worths, self._swept.less
        either = self._swept.one_as(np.maximum(worths[:, one], worths[:, other]), self._alone)
        if either is not None:
            lower = [policy for policy in self._alone if less[policy, one] and less[policy, other]]
            relief = _more(self._of(one, RELIEF), self._of(other, RELIEF))
            self._at_most(self._of(either, RELIEF), relief)
            for policy in lower:
                self._at_most(_more(self._of(either, RELIEF), self._of(policy, RELIEF)), relief)
        common = self._swept.one_as(np.minimum(worths[:, one], worths[:, other]), self._alone)
        if common is not None:
            upper = [policy for policy in self._alone if less[one, policy] and less[other, policy]]
            for measure in LEFT:
                both = _more(self._of(one, measure), self._of(other, measure))
                self._at_most(both, _more(self._of(common, measure), self._of_people(WITH)))
                for policy in upper:
                    self._at_most(both, _more(self._of(common, measure), self._of(policy, measure)))


_Counted = tuple[Form, int]
"""A sum of atoms, and what it is."""


def _more(one: _Counted, other: _Counted) -> _Counted:
    return added(one[0], other[0]), one[1] + other[1]


def _less(whole: _Counted, part: _Counted) -> _Counted:
    return difference(whole[0], part[0]), whole[1] - part[1]
