"""The figures of people: by race, sex and age band, what relief leaves of their record, under several policies."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise, product

from .atoms import Atoms, Figure, Form, added
from .merging import Block
from .relations import Difference, Sum

MEASURES_PUBLISHED = ("with_prop64", "some_relief", "no_felony", "no_conviction", "no_recent_conviction")
"""What a page counts of people. Where one of two has to be hidden to protect the difference, it is the later."""

GROUPED = MEASURES_PUBLISHED[:4]
"""Measures that a page divides by race, sex and age."""

LEFT = MEASURES_PUBLISHED[2:]
"""Measures that a page has under broader policies, too."""

DIMENSIONS = ("race", "sex", "age")

_NESTED = (
    ("with_prop64", "some_relief"),
    *((whole, part) for part in LEFT for whole in MEASURES_PUBLISHED[:2]),
)
"""(among whom, those counted): where one of both figures has to be hidden, it is the second."""

Page = str
"""A county, empty for the state."""

Measure = str | tuple[str, str]
"""One of MEASURES_PUBLISHED, or one of LEFT with the broader policy under which it is counted."""

Key = tuple[Page, Measure, str, Block]
"""Of a figure: page, measure, by what (empty for the total), and the groups that it counts together."""


@dataclass(frozen=True)
class PeopleCounts:
    """People of a run. base: by page, measure, dimension and single group. beside: by page, under broader policies.

    groups: of each dimension, in the order of tables. blocks: the groups that each page counts together. broader:
    policies counted beside the run's, each relieving more than the one before. related: whether the policy decides
    related charges, so that somebody without a Prop 64 conviction may have relief.
    """

    pages: Sequence[Page]
    groups: Mapping[str, Sequence[str]]
    blocks: Mapping[tuple[Page, str], Sequence[Block]]
    base: Mapping[Key, int]
    broader: Sequence[str] = ()
    related: bool = False

    def value(self, key: Key) -> int:
        """Return a count, of several groups together."""
        page, measure, by, block = key
        if len(block) < 2:
            return self.base.get(key, 0)
        return sum(self.base.get((page, measure, by, (group,)), 0) for group in block)

    def printed(self, page: Page) -> Iterator[Key]:
        """Yield the keys of what a page shows or hides."""
        for measure in MEASURES_PUBLISHED:
            yield (page, measure, "", ())
        for measure, by in product(GROUPED, DIMENSIONS):
            yield from ((page, measure, by, block) for block in self.blocks[page, by])
        for policy, measure in product(self.broader, LEFT):
            if (page, (measure, policy), "", ()) in self.base:
                yield (page, (measure, policy), "", ())

    def bases(self, page: Page) -> Iterator[Key]:
        """Yield the keys of single groups that the page counts with others."""
        for measure, by in product(GROUPED, DIMENSIONS):
            for block in self.blocks[page, by]:
                if len(block) > 1:
                    yield from ((page, measure, by, (group,)) for group in block)

    @cached_property
    def keys(self) -> list[Key]:
        """All keys, those of pages first."""
        return [key for page in self.pages for key in (*self.printed(page), *self.bases(page))]

    def nested(self, page: Page) -> Iterator[tuple[Measure, Measure]]:
        """Yield pairs of measures, of which the second counts some of those of the first."""
        yield from _NESTED
        for measure in LEFT:
            chain = [(measure, policy) for policy in self.broader if (page, (measure, policy), "", ()) in self.base]
            if chain and not self.related:
                yield chain[0], measure
                yield "with_prop64", chain[0]
            elif chain and chain[-1][1] == self.broader[-1]:
                yield chain[-1], measure  # the last relieves related charges, too
            yield from ((wider, one) for one, wider in pairwise(chain))


def relations(counts: PeopleCounts, place: Mapping[Key, int]) -> tuple[list[Sum], list[Difference]]:
    """Return which figures add up to which, and which count some of whom others count. place: of each key.

    The counties are treated as if they added up to the state, though people with records in several counties are in
    each: how many these are may be known.
    """
    sums: list[Sum] = []
    differences: list[Difference] = []

    def divided(page: Page, measure: Measure, by: str) -> Sum:
        blocks = counts.blocks[page, by] if measure in GROUPED else ()
        parts = tuple(place[page, measure, by, block] for block in blocks)
        return Sum(place[page, measure, "", ()], parts)

    for page in counts.pages:
        for measure, by in product(GROUPED, DIMENSIONS):
            sums.append(divided(page, measure, by))
            for block in counts.blocks[page, by]:
                if len(block) > 1:
                    parts = tuple(place[page, measure, by, (group,)] for group in block)
                    sums.append(Sum(place[page, measure, by, block], parts))
        for whole, part in counts.nested(page):
            for by in DIMENSIONS if {whole, part} <= {*GROUPED} else ("",):
                if by:
                    one, other = divided(page, whole, by), divided(page, part, by)
                else:
                    one, other = (Sum(place[page, measure, "", ()], ()) for measure in (whole, part))
                if one != other:
                    differences.append(Difference(one, other))
    for key in dict.fromkeys((measure, by, block) for page, measure, by, block in counts.keys if not page):
        parts = tuple(place[page, *key] for page in counts.pages if page and (page, *key) in place)
        if parts and len(key[2]) < 2:
            sums.append(Sum(place["", *key], parts))
    return list(dict.fromkeys(sums)), list(dict.fromkeys(differences))


class PeopleAtoms:
    """The atoms of people: those of one standing, by race, by sex and by age, on each page.

    A standing is which of GROUPED count a person. Pages do not cross race, sex and age. A table of all three exists
    for any counts by race, sex and age that come to the same total, so these counts are judged in its place.
    """

    def __init__(self, counts: PeopleCounts, atoms: Atoms) -> None:
        self._forms: dict[Key, Form] = {}
        relief = [(True, felony, conviction) for felony in (False, True) for conviction in (False, True)]
        standings = [(True, False, False, False), *((True, *rest) for rest in relief)]
        if counts.related:
            standings += [(False, *rest) for rest in relief]
        for page in counts.pages:
            self._add_page(counts, atoms, page, standings)
        for page in counts.pages:
            for wide, part in counts.nested(page):
                if wide in MEASURES_PUBLISHED and part in GROUPED:
                    continue  # by their standings
                if not (counts.related and wide == "with_prop64"):
                    atoms.at_most(self._forms[page, part, "", ()], self._forms[page, wide, "", ()])
        self._tie_counties(counts, atoms)

    def form(self, key: Key) -> Form:
        """Return the sum of atoms that a figure is."""
        page, measure, by, block = key
        if len(block) < 2:
            return self._forms.get(key, ())
        return added(*(self._forms[page, measure, by, (group,)] for group in block))

    def _add_page(
        self, counts: PeopleCounts, atoms: Atoms, page: Page, standings: Sequence[tuple[bool, ...]]
    ) -> None:
        totals: list[Form] = []
        for by in DIMENSIONS:
            made = {(group, standing): atoms.new() for group in counts.groups[by] for standing in standings}
            for place, measure in enumerate(GROUPED):
                for group in counts.groups[by]:
                    counted = [made[group, standing] for standing in standings if standing[place]]
                    self._forms[page, measure, by, (group,)] = added(*counted)
            of_standing = [added(*(made[group, standing] for group in counts.groups[by])) for standing in standings]
            if not totals:
                totals = of_standing
            else:
                for one, other in zip(totals, of_standing, strict=True):
                    atoms.equal(one, other)
        for place, measure in enumerate(GROUPED):
            counted = [form for form, standing in zip(totals, standings, strict=True) if standing[place]]
            self._forms[page, measure, "", ()] = added(*counted)
        for key in counts.printed(page):
            if key not in self._forms and not key[2]:
                self._forms[key] = atoms.new()

    def _tie_counties(self, counts: PeopleCounts, atoms: Atoms) -> None:
        """Let the state be the counties' sum, but for what is counted twice, as if everybody knew how much."""
        for key in [key for key in self._forms if not key[0]]:
            parts = [(page, *key[1:]) for page in counts.pages if page and (page, *key[1:]) in self._forms]
            if parts:
                twice = counts.value(key) - sum(map(counts.value, parts))
                atoms.equal(self._forms[key], added(*(self._forms[part] for part in parts)), twice)


def figures(counts: PeopleCounts, atoms: PeopleAtoms) -> dict[Key, Figure]:
    """Return the figures of people by their keys."""
    printed = {key for page in counts.pages for key in counts.printed(page)}
    return {key: Figure(atoms.form(key), counts.value(key), key in printed) for key in counts.keys}
