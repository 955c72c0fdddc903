"""What the page shows when small counts are hidden: for all settings, counties and the state together."""

import itertools
import math
import random
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import clearscale
from clearscale.outputs.serve.answers import answer
from clearscale.outputs.serve.counting import count
from clearscale.outputs.serve.population import ConvictionColumns, PeopleColumns, Population, Setting
from clearscale.outputs.serve.session import REFERENCE, Session, open_session
from clearscale.outputs.serve.site import Site
from clearscale.runs import Run
from clearscale.whatif.sweep.option_family import EVERYTHING, Grid
from tests.support.examples import examples
from tests.support.samples import AS_OF

BELOW = 11

GRIDS = st.integers(0, EVERYTHING.size - 1).map(EVERYTHING.at)


@pytest.fixture(scope="module")
def shown(large: Run) -> Session:
    return open_session(large, published=True)


@pytest.fixture(scope="module")
def true(large: Run) -> Session:
    return open_session(large)


def numbers(session: Session, grid: Grid, county: str | None) -> Iterator[int]:
    """Every figure of a page."""
    found = answer(session, grid, county)
    yield from (value for _, *values in found.key for value in values)
    for listing in found.listings:
        yield from (cell for row in listing.rows for cell in row[1:] if isinstance(cell, int))


@settings(max_examples=150, deadline=None)
@given(GRIDS, st.integers(0, 6))
def test_every_figure_is_a_whole_number_of_groups(shown: Session, grid: Grid, place: int) -> None:
    county = (*shown.counties, None)[place]
    assert all(figure % BELOW == 0 for figure in numbers(shown, grid, county))


@settings(max_examples=25, deadline=None)
@given(GRIDS)
def test_nothing_that_adds_up_from_neighbors_is_a_small_count(shown: Session, grid: Grid) -> None:
    """All figures of a setting and its neighbors in three thresholds, of every county and of the state: each
    difference of two, and the alternating sum over all, which is how a cell would be worked out.
    """
    places = [settings_.index(grid.axes[name][0]) for name, settings_ in EVERYTHING.axes.items()]
    corners = {}
    for step in itertools.product((0, 1), repeat=3):
        # Age and both thresholds of years; settings count on from one to the next.
        moved = {
            name: (EVERYTHING.axes[name][min(place + by, len(EVERYTHING.axes[name]) - 1)],)
            for (name, by), place in zip(
                zip(("age", "years_since", "years_crime_free"), step, strict=True), places[3:6], strict=True
            )
        }
        neighbor = Grid(**(grid.axes | moved))
        corners[step] = np.concatenate(
            [list(numbers(shown, neighbor, county))[: 9 * 2] for county in (*shown.counties, None)]
        )
    for one, other in itertools.combinations(corners, 2):
        differences = np.subtract.outer(corners[one], corners[other])
        assert not ((np.abs(differences) > 0) & (np.abs(differences) < BELOW)).any()
    cell = sum((-1) ** sum(step) * values for step, values in corners.items())
    assert not ((np.abs(cell) > 0) & (np.abs(cell) < BELOW)).any()


def test_figures_are_near_the_true_ones(shown: Session, true: Session) -> None:
    for grid in [true.own, *(EVERYTHING.at(number) for number in range(0, EVERYTHING.size, 40_001))]:
        for county in (None, "LOS ANGELES"):
            found, wanted = shown.figures(grid, county), true.figures(grid, county)
            most = 3 * BELOW + 0.1 * wanted.decided.sum()
            assert np.abs(found.outcomes.sum(axis=0) - wanted.outcomes.sum(axis=0)).max() <= most
            assert np.abs(found.people.sum(axis=0) - wanted.people.sum(axis=0)).max() <= most


def test_a_county_of_few_people_has_no_figures(true: Session) -> None:
    population = true.population
    for county in true.counties:
        convictions, people = population.rows(county)
        few = alone(convictions.at(slice(None)), people.at(slice(BELOW - 1)), county)
        found = few.microaggregated(BELOW, Setting.of(REFERENCE))
        assert count(found, Setting.of(true.own), county).decided.sum() == 0
        assert count(found, Setting.of(true.own), None).people.sum() == 0


def test_groups_are_of_one_county_and_the_states_are_the_counties(shown: Session, true: Session) -> None:
    own = Setting.of(REFERENCE)
    for county in true.counties:
        by_itself = alone(*true.population.rows(county), county).microaggregated(BELOW, own)
        for mine, together in zip(by_itself.rows(county), shown.population.rows(county), strict=True):
            assert np.array_equal(mine.columns, together.columns)


def test_what_is_hidden_is_not_kept(shown: Session, true: Session) -> None:
    assert shown.population.people.columns.shape[1] <= true.population.people.columns.shape[1] // BELOW
    assert shown.population.weight == BELOW


def test_sex_and_age_are_left_out_of_groups_and_the_page_says_so(shown: Session, true: Session) -> None:
    assert true.population.people.who is not None
    assert shown.population.people.who is None
    assert shown.population.rows(shown.counties[0])[1].who is None
    for county in (None, *shown.counties):
        listed = {listing.id for listing in answer(shown, shown.own, county).listings}
        assert {listing.id for listing in answer(true, true.own, county).listings} - listed == {"sexes", "ages"}
    pages = [Site(session).respond("", {}) for session in (shown, true)]
    said = [b"People by sex and by age are left out" in page.content for page in pages if page is not None]
    assert said == [True, False]


def test_no_setting_and_no_run_tells_more_than_one_does(large: Run, shown: Session, tmp_path: Path) -> None:
    """All that is shown of any setting follows from one table of groups, which is the same for every run."""
    for number in random.Random(4).sample(range(EVERYTHING.size), 3):
        other = clearscale.run(
            large.info["store"], EVERYTHING.at(number).options(), AS_OF, str(tmp_path / str(number))
        )
        groups = open_session(other, published=True).population
        assert np.array_equal(groups.people.columns, shown.population.people.columns)
        assert np.array_equal(groups.convictions.columns, shown.population.convictions.columns)
        assert groups.weight == shown.population.weight == BELOW


@pytest.mark.sampled
def test_300_settings_asked_one_after_the_other_give_no_small_count(shown: Session, true: Session) -> None:
    """Whatever is added and taken away of all figures is a multiple of eleven. Of exact ones it is not."""
    for session, divisor in ((shown, BELOW), (true, 1)):
        asked = random.Random(5).sample(range(EVERYTHING.size), examples(300))
        known: set[int] = set()
        for number in asked:
            grid = EVERYTHING.at(number)
            for county in (None, *session.counties):
                found = session.figures(grid, county)
                known |= {*found.decided.ravel().tolist(), *found.people.ravel().tolist()}
            known |= {*session.by_county(grid).ravel().tolist()}
        assert math.gcd(*known) == divisor


def alone(convictions: ConvictionColumns, people: PeopleColumns, county: str) -> Population:
    """A state of one county."""
    return Population(
        ConvictionColumns(convictions.columns, np.zeros_like(convictions.county)),
        PeopleColumns(people.columns, np.zeros_like(people.county)),
        (county,),
    )


class Groups:
    """A small county's convictions or people, and what their groups are after a change."""

    def __init__(self, true: Session, county: str, kind: str) -> None:
        self.parts: dict[str, Any] = dict(zip(("convictions", "people"), true.population.rows(county), strict=True))
        self.kind, self.county, self.own = kind, county, Setting.of(REFERENCE)
        self.columns = self.parts[kind].columns
        self.before = self.of(self.columns)

    def of(self, columns: np.ndarray) -> np.ndarray:
        made = {**self.parts, self.kind: type(self.parts[self.kind])(columns, np.zeros(columns.shape[1], np.int32))}
        population = alone(made["convictions"], made["people"], self.county).microaggregated(BELOW, self.own)
        found: np.ndarray = getattr(population, self.kind).columns
        return found

    def same(self, columns: np.ndarray) -> bool:
        return np.array_equal(self.of(columns), self.before)

    def values(self, cell: dict[int, int]) -> set[int]:
        """Counts of rows with these values in these columns, each of a county that has the same groups as this one.

        One is this county's. The others are found from a county of nothing but the groups' own rows, by giving rows
        the values, or taking them away, one after the other.
        """
        rows = np.concatenate([self.before, self.before], axis=1)
        for column, value in cell.items():
            rows[column, self.before.shape[1] :] = value
        rows = np.unique(rows, axis=1)
        found = {int(inside(self.columns, cell).sum())}
        for wanted in (True, False):
            columns: np.ndarray | None = np.repeat(self.before, BELOW, axis=1)
            while columns is not None and len(found) < BELOW:
                found.add(int(inside(columns, cell).sum()))
                others = rows[:, inside(rows, cell) == wanted]
                columns = next(
                    filter(self.same, self._changed(columns, inside(columns, cell), wanted, others)), None
                )
        return found

    def _changed(
        self, columns: np.ndarray, in_cell: np.ndarray, wanted: bool, others: np.ndarray
    ) -> Iterator[np.ndarray]:
        """The rows with one more that is wanted, or one fewer that is not, or one in place of one that is not."""
        _, first = np.unique(columns, axis=1, return_index=True)
        first = first[in_cell[first] != wanted]
        if wanted:
            yield from (np.concatenate([columns, other[:, np.newaxis]], axis=1) for other in others.T)
        else:
            yield from (np.delete(columns, row, axis=1) for row in first)
        for row, other in itertools.product(first, others.T):
            changed = columns.copy()
            changed[:, row] = other
            yield changed


def inside(columns: np.ndarray, cell: dict[int, int]) -> np.ndarray:
    """Which rows have these values in these columns."""
    found: np.ndarray = np.all([columns[column] == value for column, value in cell.items()], axis=0)
    return found


@pytest.mark.long
@pytest.mark.slow
@pytest.mark.parametrize("kind", ["convictions", "people"])
def test_every_small_count_of_a_county_has_eleven_values(true: Session, kind: str) -> None:
    """For every small count of a fabricated county, by one column or by two, ten other counties have other counts
    and the same groups: so all figures of all settings, however their bounds are intersected, leave eleven values.
    """
    sizes = {county: true.population.rows(county)[1].columns.shape[1] for county in true.counties}
    county = min((size, name) for name, size in sizes.items() if size >= 2 * BELOW)[1]
    groups = Groups(true, county, kind)
    asked = {
        "convictions": ("charge", "felony", "under_21", "age", "years_since", "years_crime_free"),
        "people": ("race", "age", "years_crime_free"),
    }
    part = groups.parts[kind]
    columns = [
        next(p for p, column in enumerate(part.columns) if np.shares_memory(column, part[name]))
        for name in asked[kind]
    ]
    cells = {
        tuple(sorted({one: a, other: b}.items()))
        for one, other in itertools.combinations_with_replacement(columns, 2)
        for a, b in zip(part.columns[one].tolist(), part.columns[other].tolist(), strict=True)
    }
    few = [cell for cell in map(dict, sorted(cells)) if inside(part.columns, cell).sum() < BELOW]
    assert len(few) > 20
    assert not [cell for cell in few if len(groups.values(cell)) < BELOW]
