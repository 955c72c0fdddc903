"""Hiding figures of any tables that add up: rows, columns and totals, and sums over sums."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from clearscale.outputs.disclosure import Sum, hide, known
from clearscale.outputs.disclosure.relations import Difference, Freedom
from tests.support.examples import examples
from tests.support.judges import Span

stable = settings(derandomize=True, deadline=None, database=None, max_examples=examples(150))

CELL = st.one_of(st.just(0), st.integers(1, 3), st.integers(0, 25), st.integers(0, 400))


class Table:
    """A table with its totals: cell (r, c) is figure r * width + c, the last row and column are totals."""

    def __init__(self, cells: np.ndarray) -> None:
        rows, columns = cells.shape
        self.values = np.pad(cells, ((0, 1), (0, 1)))
        self.values[-1, :], self.values[:, -1] = self.values.sum(axis=0), self.values.sum(axis=1)
        self.values[-1, -1] = cells.sum()
        place = np.arange(self.values.size).reshape(self.values.shape)
        self.place = place
        self.sums = [Sum(int(row[-1]), tuple(row[:-1].tolist())) for row in place]
        self.sums += [Sum(int(column[-1]), tuple(column[:-1].tolist())) for column in place.T]
        self.atoms = [
            {(r, c): 1 for r in range(rows) for c in range(columns) if row in (r, rows) and column in (c, columns)}
            for row in range(rows + 1)
            for column in range(columns + 1)
        ]


@st.composite
def table(draw: st.DrawFn) -> Table:
    rows, columns = draw(st.integers(1, 6)), draw(st.integers(1, 6))
    cells = draw(st.lists(CELL, min_size=rows * columns, max_size=rows * columns))
    return Table(np.array(cells, np.int64).reshape(rows, columns))


@stable
@given(table(), st.sampled_from([2, 5, 11]))
def test_no_small_figure_follows_from_those_shown(made: Table, below: int) -> None:
    values = made.values.ravel()
    hidden = hide(values, made.sums, below=below)
    small = (values > 0) & (values < below)
    assert not (small & ~hidden).any()
    span = Span(atoms for atoms, away in zip(made.atoms, hidden, strict=True) if not away)
    assert not any(made.atoms[figure] in span for figure in np.flatnonzero(small))
    # What is missing of a shown total is not small either: two people in three groups are few people.
    for relation in made.sums:
        away = hidden[list(relation.parts)]
        if not hidden[relation.total] and values[list(relation.parts)][away].any():
            assert values[list(relation.parts)][away].sum() >= below
    assert (hide(values, made.sums, below=below) == hidden).all()


@stable
@given(table(), st.data())
def test_what_is_known_is_what_follows(made: Table, data: st.DataObject) -> None:
    size = made.values.size
    hidden = np.array(data.draw(st.lists(st.booleans(), min_size=size, max_size=size)))
    span = Span(atoms for atoms, away in zip(made.atoms, hidden, strict=True) if not away)
    assert known(hidden, made.sums).tolist() == [atoms in span for atoms in made.atoms]


@stable
@given(table(), st.data())
def test_showing_one_after_the_other_tells_as_much_as_all_at_once(made: Table, data: st.DataObject) -> None:
    size = made.values.size
    hidden = np.array(data.draw(st.lists(st.booleans(), min_size=size, max_size=size)))
    freedom = Freedom(hidden, made.sums)
    for figure in data.draw(st.permutations(np.flatnonzero(hidden).tolist()))[:6]:
        before = set(freedom.solved())
        told = set(freedom.determined_by(figure)) | before
        freedom.show(figure)
        hidden[figure] = False
        assert set(freedom.solved()) == told | {figure}
        assert known(hidden, made.sums).tolist() == [
            not away or place in told for place, away in enumerate(hidden.tolist())
        ]


@stable
@given(table(), st.data())
def test_what_was_hidden_before_stays_hidden(made: Table, data: st.DataObject) -> None:
    values = made.values.ravel()
    already = np.array(data.draw(st.lists(st.booleans(), min_size=values.size, max_size=values.size)))
    hidden = hide(values, made.sums, already=already)
    assert (already <= hidden).all()
    span = Span(atoms for atoms, away in zip(made.atoms, hidden, strict=True) if not away)
    assert not any(made.atoms[figure] in span for figure in np.flatnonzero((values > 0) & (values < 11)))


@stable
@given(table())
def test_nothing_more_can_be_shown(made: Table) -> None:
    values = made.values.ravel()
    hidden = hide(values, made.sums)
    small = (values > 0) & (values < 11)
    for figure in np.flatnonzero(hidden & ~small):
        shown = hidden.copy()
        shown[figure] = False
        tells = (known(shown | (values == 0) & hidden, made.sums) & small).any()
        assert tells or any(
            _few_missing(values, shown, relation)
            for relation in made.sums
            if figure in (relation.total, *relation.parts)
        )


def _few_missing(values: np.ndarray, hidden: np.ndarray, relation: Sum) -> bool:
    parts = np.array(relation.parts)
    left = values[parts[hidden[parts]]]
    if hidden[relation.total]:
        return not left.size
    small = left[left < 11]
    return bool(left.any()) and (left.sum() - small.max(initial=0) < 11 or np.count_nonzero(left) < 2)


def test_one_small_figure_takes_a_partner_in_its_row_and_its_column() -> None:
    made = Table(np.array([[5, 40, 60], [30, 50, 70], [80, 90, 100]]))
    hidden = hide(made.values.ravel(), made.sums).reshape(4, 4)
    assert hidden.astype(int).tolist() == [[1, 1, 0, 0], [1, 1, 0, 0], [0, 0, 0, 0], [0, 0, 0, 0]]


def test_few_people_who_are_not_among_others_are_hidden_too() -> None:
    # 40 people, 37 of them with relief: 3 without.
    values = np.array([100, 40, 60, 90, 37, 53])
    sums = [Sum(0, (1, 2)), Sum(3, (4, 5))]
    assert not hide(values, sums).any()
    hidden = hide(values, sums, [Difference(*sums)])
    assert not hidden[:3].any()
    assert hidden[4]
    assert np.count_nonzero(hidden[3:]) >= 2


def test_few_people_of_several_groups_who_are_not_among_others_are_hidden_too() -> None:
    # Of the first three groups, whose figures are hidden, 105 of 108 people have relief: 3 have none.
    values = np.array([248, 4, 4, 100, 140, 215, 3, 2, 100, 110])
    sums = [Sum(0, (1, 2, 3, 4)), Sum(5, (6, 7, 8, 9))]
    alone = hide(values, sums)
    assert np.flatnonzero(~alone).tolist() == [0, 4, 5, 9]
    hidden = hide(values, sums, [Difference(*sums)])
    assert hidden[9] or hidden[5]


@pytest.mark.parametrize("cells", [np.zeros((2, 3), np.int64), np.full((3, 3), 11), np.full((2, 2), 3)])
def test_all_or_nothing(cells: np.ndarray) -> None:
    made = Table(cells)
    hidden = hide(made.values.ravel(), made.sums)
    assert hidden[made.place[:-1, :-1]].all() == bool(0 < cells.max() < 11)
    if not 0 < cells.max() < 11:
        assert not hidden.any()
