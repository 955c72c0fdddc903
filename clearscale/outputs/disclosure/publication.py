"""What the pages of a run may show, the statewide one and all counties' taken together."""

from collections.abc import Iterable, Mapping, Sequence, Set
from dataclasses import dataclass
from typing import Any

import numpy as np

from clearscale.errors import RunError
from clearscale.policy.model import NONE
from clearscale.runs.crosstabs import SCOPES
from clearscale.small_counts import SUPPRESS_BELOW

from .atoms import Atoms, Figure, Form, difference
from .convictions import TOTAL, ConvictionAtoms, PageCounts, PagesOfConvictions
from .convictions import Key as ConvictionKey
from .hiding import hide
from .judge import Judge, Row
from .merging import Block
from .people import DIMENSIONS, GROUPED, MEASURES_PUBLISHED, Measure, PeopleAtoms, PeopleCounts, relations
from .people import Key as PeopleKey
from .people import figures as people_figures

Name = tuple[str, Any]
"""A figure of the publication: `people` and its key, or a page of convictions and its key there."""


@dataclass(frozen=True)
class Publication:
    """What a report may show of a run.

    below: counts from 1 up to this, exclusively, are hidden, with what would give them away; None hides nothing.
    hidden_people, hidden_convictions: keys of what no page shows.
    """

    below: int | None
    people: PeopleCounts
    convictions: PagesOfConvictions
    hidden_people: frozenset[PeopleKey] = frozenset()
    hidden_convictions: frozenset[tuple[str, ConvictionKey]] = frozenset()

    @classmethod
    def of(
        cls, people: PeopleCounts, convictions: Mapping[str, PageCounts], below: int | None = SUPPRESS_BELOW
    ) -> "Publication":
        """Decide what may be shown.

        people: its blocks made with the same bound. convictions: by page. below: at least 2, or None for internal
        use: nothing is hidden.
        """
        if below is None:
            return cls(None, people, PagesOfConvictions.of(convictions, frozenset(), None))
        if below < 2:
            raise RunError(f"counts below {below} cannot be hidden: choose at least 2, such as {SUPPRESS_BELOW}")
        hidden = _hidden_people(people, below)
        closed = frozenset(
            page
            for page in {*people.pages, *convictions}
            if _total_hidden(page, hidden)
            or (page in convictions and 0 < convictions[page].by.get(TOTAL, 0) < below)
        )
        while True:
            pages = PagesOfConvictions.of(convictions, closed, below)
            of_convictions = _hidden_convictions(pages, below)
            more = {page for page, key in of_convictions if key == TOTAL} - closed
            if not more:
                break
            closed |= more
        return _judged(cls(below, people, pages, frozenset(hidden), frozenset(of_convictions)), below)

    @property
    def hidden(self) -> set[Name]:
        """All that no page shows."""
        return {
            *(("people", key) for key in self.hidden_people),
            *(("convictions", name) for name in self.hidden_convictions),
        }

    def figure(self, scope: str, county: str, measure: Measure, **by: str | Block) -> int | None:
        """Return a count that may be shown, or None if it is hidden.

        scope: `state` (county is then empty) or `county`. measure: one of MEASURES_PUBLISHED, or one of LEFT with a
        broader policy. by: at most one of race, sex, age, with its group, or the groups that the page counts
        together (see `blocks`); the total without. Groups and counties that do not occur count 0.
        """
        page = self._page(scope, county)
        if len(by) > 1 or not set(by) <= {*DIMENSIONS}:
            raise RunError("a figure is by race, sex or age, or none of them")
        if not isinstance(measure, tuple) and measure not in (GROUPED if by else MEASURES_PUBLISHED):
            known = ", ".join(GROUPED if by else MEASURES_PUBLISHED)
            raise RunError(f"'{measure}' is not published; there are {known}")
        name, groups = next(iter(by.items()), ("", ()))
        key = (page, measure, name, (groups,) if isinstance(groups, str) else tuple(groups))
        if key in self.hidden_people:
            return None
        return self.people.value(key)

    def share(self, scope: str, county: str, measure: Measure, **by: str | Block) -> float | None:
        """Return a group's share in its page's total, from 0 to 1.

        None if one of the two is hidden, or the total is 0. Both numbers are shown, so the share discloses nothing
        new, however it is rounded.
        """
        part, total = self.figure(scope, county, measure, **by), self.figure(scope, county, measure)
        return None if part is None or not total else part / total

    def blocks(self, scope: str, county: str, dimension: str) -> tuple[Block, ...]:
        """Return the groups of race, sex or age as a page counts them: single ones, and some together."""
        return tuple(self.people.blocks[self._page(scope, county), dimension])

    def may_list_convictions(self, scope: str, county: str) -> bool:
        """Return whether a page may list convictions by section, severity, determination, reason and year.

        Not where a total of convictions, of people with Prop 64 convictions or of people with some relief is
        hidden: the lists add up to the first, and bound the others.
        """
        return self._page(scope, county) not in self.convictions.closed

    def count(self, page: str, *key: str) -> int | None:
        """Return a count of convictions, or None if it is hidden. page: a county, empty for the state."""
        if page in self.convictions.closed or (page, key) in self.hidden_convictions:
            return None
        return self.convictions.value(page, key)

    def years(self, page: str) -> tuple[Block, ...]:
        """Return the years as a page counts them: single ones, and some together; the last without a date."""
        return self.convictions.blocks[page]

    @property
    def hidden_count(self) -> int:
        """How many figures of all pages are hidden."""
        printed = {key for page in self.people.pages for key in self.people.printed(page)}
        lists = {
            (page, key)
            for page in self.convictions.pages
            for key, is_printed in self.convictions.keys(page)
            if is_printed
        }
        return len(printed & self.hidden_people) + len(lists & self.hidden_convictions)

    def _page(self, scope: str, county: str) -> str:
        if scope not in SCOPES:
            raise RunError("a figure is of scope 'state' or 'county'")
        return county


def _total_hidden(page: str, hidden: Iterable[PeopleKey]) -> bool:
    return any((page, measure, "", ()) in hidden for measure in GROUPED[:2])


def _hidden_people(people: PeopleCounts, below: int) -> set[PeopleKey]:
    """Choose the figures of people to hide: small ones, and what gives them away by adding and subtracting."""
    place: dict[PeopleKey, int] = {}
    for number, key in enumerate(people.keys):
        page, measure, by, block = key
        same = [
            (page, wide, by, block)
            for wide, part in people.nested(page)
            if part == measure and (page, wide, by, block) in place
        ]
        # Where two count equally many, they count the same people: the figures are one, and hidden together.
        value = people.value(key)
        one = next((place[other] for other in same if value and people.value(other) == value), number)
        place[key] = one
    few = {
        (page, measure)
        for page, measure, by, _ in people.keys
        if not by and 0 < people.value((page, measure, "", ())) < below
    }
    printed = {key for page in people.pages for key in people.printed(page)}
    values = np.zeros(len(people.keys), np.int64)
    already = np.zeros(len(people.keys), np.bool_)
    for key in people.keys:
        values[place[key]] = people.value(key)
        # A page that counts few people in all does not even show which groups are empty.
        already[place[key]] |= key[:2] in few or key not in printed
    sums, differences = relations(people, place)
    hidden = hide(values, sums, differences, below, already)
    return {key for key in people.keys if hidden[place[key]]}


def _hidden_convictions(pages: PagesOfConvictions, below: int) -> set[tuple[str, ConvictionKey]]:
    """Choose the counts of convictions to hide. Counts that are the same sum of atoms are one."""
    forms = pages.atoms(Atoms())
    place: dict[tuple[str, ConvictionKey], int] = {}
    number: dict[tuple[str, Form], int] = {}
    printed = set()
    for page in pages.pages:
        for key, is_printed in pages.keys(page):
            place[page, key] = number.setdefault((page, forms[page].form(key)), len(number))
            # Decisions without a flag are known where those with it and all decisions are.
            if (is_printed or key[0] == "no flag") and page not in pages.closed:
                printed.add(place[page, key])
    values = np.zeros(len(number), np.int64)
    for (page, key), at in place.items():
        values[at] = pages.value(page, key)
    already = np.array([at not in printed for at in range(len(number))], np.bool_)
    hidden = hide(values, pages.relations(place), (), below, already)
    return {name for name, at in place.items() if hidden[at]}


@dataclass(frozen=True)
class PublishedAtoms:
    """The forms of a publication's figures: of people, of each page's convictions, and all figures by name."""

    people: PeopleAtoms
    convictions: Mapping[str, ConvictionAtoms]
    figures: Mapping[Name, Figure]


def atoms_of(people: PeopleCounts, pages: PagesOfConvictions, atoms: Atoms) -> PublishedAtoms:
    """Make the atoms of a publication, and note what is known of them beside its figures."""
    of_people, of_convictions = PeopleAtoms(people, atoms), pages.atoms(atoms)
    figures: dict[Name, Figure] = {
        **{("people", key): figure for key, figure in people_figures(people, of_people).items()},
        **{("convictions", name): figure for name, figure in pages.figures(of_convictions).items()},
    }
    _tie_people_to_convictions(people, pages, figures, atoms)
    return PublishedAtoms(of_people, of_convictions, figures)


def _judged(publication: Publication, below: int) -> Publication:
    """Hide more until nobody can narrow a small count down to fewer values than `below`."""
    atoms, people = Atoms(), publication.people
    found = atoms_of(people, publication.convictions, atoms)
    figures, hidden = found.figures, publication.hidden
    names: dict[Any, list[Name]] = {}
    for name, figure in figures.items():
        names.setdefault(figure.form, []).append(name)
    names.pop((), None)
    rows = [row_of([(name, figures[name]) for name in same], hidden, publication) for same in names.values()]
    secrets = [place for place, row in enumerate(rows) if 0 < row.value < below]
    for page in people.pages:
        for form, value in differences(people, found.people, page):
            if 0 < value < below:
                secrets.append(len(rows))
                rows.append(Row(form, value, None, 0))
    by_row = list(names.values())

    def choose(proof: tuple[int, ...]) -> int | None:
        able = [place for place in proof if rows[place].value]
        if not able:
            return None
        chosen = min(able, key=lambda place: _cost(by_row[place], rows[place].value))
        hidden.update(by_row[chosen])
        return chosen

    judge = Judge(atoms, rows, secrets, below)
    if judge.protect(choose):
        before = publication.hidden
        for place in judge.needless():
            hidden -= {*by_row[place]} - before
    else:
        # What is known beside the figures gives something away, whatever is hidden: only zeros are shown.
        hidden.update(name for name, figure in figures.items() if figure.value)
    return _closed(publication, hidden)


def row_of(same: Sequence[tuple[Name, Figure]], hidden: Set[Name], publication: Publication) -> Row:
    """Return figures that are the same sum as the judge takes them."""
    shown = any(figure.printed and name not in hidden for name, figure in same)
    figure = same[0][1]
    positive = figure.value > 0 and any(
        figure.printed and (figure.positive or (name[0] == "people" and _lists(publication, name[1])))
        for name, figure in same
    )
    return Row(figure.form, figure.value, figure.value if shown else None, int(positive))


def _lists(publication: Publication, key: PeopleKey) -> bool:
    """Whether the page shows which of a measure's groups are empty."""
    page, measure, by, _ = key
    total = publication.people.value((page, measure, "", ()))
    return not by or publication.below is None or not 0 < total < publication.below


def differences(people: PeopleCounts, forms: PeopleAtoms, page: str) -> Iterable[tuple[Any, int]]:
    """Yield who is counted in one figure of a page and not in another that lies in it."""
    for wide, part in people.nested(page):
        keys: list[tuple[str, Block]] = [("", ())]
        if {wide, part} <= {*GROUPED}:
            keys += [(by, block) for by in DIMENSIONS for block in people.blocks[page, by]]
        for by, block in keys:
            one, other = (page, wide, by, block), (page, part, by, block)
            yield difference(forms.form(one), forms.form(other)), people.value(one) - people.value(other)


def _tie_people_to_convictions(
    people: PeopleCounts, pages: PagesOfConvictions, figures: Mapping[Name, Figure], atoms: Atoms
) -> None:
    """Note that people have convictions: as many at least as there are people, and of each kind of relief."""
    for page in people.pages:
        if page not in pages.pages or people.related:
            continue
        counts = pages.pages[page]
        with_prop64, relief = (figures["people", (page, measure, "", ())] for measure in GROUPED[:2])
        total = figures.get(("convictions", (page, TOTAL)))
        if total is None or total.value < with_prop64.value:
            continue
        atoms.at_most(with_prop64.form, total.form)
        if not counts.worth:
            continue
        neither = figures.get(("convictions", (page, ("worth", NONE))), Figure((), 0))
        left = with_prop64.value - relief.value
        if left <= neither.value and relief.value <= total.value - neither.value:
            atoms.at_most(difference(with_prop64.form, relief.form), neither.form)
            atoms.at_most(relief.form, difference(total.form, neither.form))


def _cost(names: list[Name], value: int) -> tuple[bool, bool, int]:
    totals = [
        not key[2] if kind == "people" else len(key[1]) < 3 and key[1][0] not in ("year", "flag", "related")
        for kind, key in names
    ]
    return any(totals), any(not key[0] for _, key in names), value


def _closed(publication: Publication, hidden: set[Name]) -> Publication:
    """Close the pages whose totals had to be hidden."""
    people: set[PeopleKey] = {key for kind, key in hidden if kind == "people"}
    lists: set[tuple[str, ConvictionKey]] = {key for kind, key in hidden if kind == "convictions"}
    pages = publication.convictions
    more = {page for page in publication.people.pages if _total_hidden(page, people) or (page, TOTAL) in lists}
    closed = pages.closed | more
    return Publication(
        publication.below,
        publication.people,
        PagesOfConvictions(pages.pages, pages.blocks, closed),
        frozenset(people),
        frozenset(lists | {(page, key) for page in closed & pages.pages.keys() for key, _ in pages.keys(page)}),
    )
