"""Rows taken together: what anybody could find out who sees all groups, and knows how they were made."""

import itertools
from collections import defaultdict
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from clearscale.outputs.disclosure import interleaved, microaggregate
from tests.support.examples import examples, long

SIZE = 3
World = tuple[tuple[int, ...], ...]


def groups(world: World, kinds: int, numbers: int, size: int = SIZE) -> World:
    """The rows of a county as a page has them: the first columns are kinds, the others numbers."""
    rows = np.array(world, np.int64).reshape(len(world), kinds + numbers)
    near = [interleaved(list(rows.T[kinds:]), 3)] if numbers else []
    found = microaggregate(rows[:, :kinds], rows[:, kinds:], [*rows.T[:kinds], *near], size)
    return tuple(map(tuple, found.tolist()))


def boxes(shape: tuple[int, ...]) -> Iterator[tuple[tuple[int, int], ...]]:
    """All conditions: between a least and a greatest value in every column."""
    spans = [[(first, last) for first in range(size) for last in range(first, size)] for size in shape]
    return itertools.product(*spans)


def counted(world: World, box: tuple[tuple[int, int], ...]) -> int:
    return sum(all(first <= value <= last for value, (first, last) in zip(row, box, strict=True)) for row in world)


@pytest.mark.parametrize(
    ("kinds", "numbers", "most"),
    [
        ((2,), (), 11),
        ((3,), (), 10),
        ((), (5,), 8),
        ((), (3, 3), 5),
        ((2,), (3,), 6),
        long((2,), (3,), 8),
        ((2, 2), (2,), 5),
        long((2, 2), (2,), 6),
        ((2,), (2, 2), 5),
        long((2,), (2, 2), 6),
    ],
)
def test_every_small_count_has_as_many_values_as_a_group(
    kinds: tuple[int, ...], numbers: tuple[int, ...], most: int
) -> None:
    """Of all counties that there can be, up to a size: for each count of fewer than SIZE, the counties that have
    the same groups have at least SIZE counts. All groups are more than any number of settings shows.
    """
    shape = (*kinds, *numbers)
    narrow, checked = judged(shape, most, lambda world: groups(world, len(kinds), len(numbers)))
    assert checked
    # Larger counties, which are not made here, have the largest of these groups too.
    assert not [found for found in narrow if len(found[0]) * SIZE + SIZE - 1 <= most]


def test_a_rest_at_one_end_would_not_do() -> None:
    """Then half a group at most comes before the first middle."""
    narrow, _ = judged((2,), 8, lambda world: tuple(world[1 : len(world) // SIZE * SIZE : SIZE]))
    assert (((1,), (1,)), ((0, 0),), {0, 1}) in narrow


def judged(shape: tuple[int, ...], most: int, shown_of: Callable[[World], Any]) -> tuple[list[Any], int]:
    """(what is shown, condition, possible counts) of each count of fewer than SIZE that has fewer values than SIZE,
    and how many were looked at.
    """
    cells = list(itertools.product(*map(range, shape)))
    possible: dict[Any, dict[Any, set[int]]] = defaultdict(lambda: defaultdict(set))
    for many in range(most + 1):
        for world in itertools.combinations_with_replacement(cells, many):
            found = possible[shown_of(world)]
            for box in boxes(shape):
                found[box].add(counted(world, box))
    small = [
        (shown, box, counts)
        for shown, by_box in possible.items()
        for box, counts in by_box.items()
        if any(0 < count < SIZE for count in counts)
    ]
    return [found for found in small if len(found[-1]) < SIZE], len(small)


def test_rounding_each_count_by_itself_would_not_do() -> None:
    """Two counts of 1 are shown as 0, so are at most 1; their sum of 2 is shown as 3, so is at least 2."""
    shape = (2,)

    def rounded(world: World) -> tuple[int, ...]:
        return tuple((counted(world, box) + SIZE // 2) // SIZE for box in boxes(shape))

    narrow, _ = judged(shape, 8, rounded)
    assert (rounded(((0,), (1,))), ((0, 0),), {1}) in narrow


ROWS = st.lists(st.tuples(st.integers(0, 3), st.integers(0, 1), st.integers(0, 7), st.integers(0, 7)), max_size=40)


@settings(deadline=None, max_examples=examples(100))
@given(ROWS, st.integers(1, 12), st.randoms())
def test_the_order_of_rows_does_not_matter(rows: list[tuple[int, ...]], size: int, random: object) -> None:
    shuffled = list(rows)
    random.shuffle(shuffled)  # type: ignore[attr-defined]
    assert groups(tuple(rows), 2, 2, size) == groups(tuple(shuffled), 2, 2, size)


@settings(deadline=None, max_examples=examples(100))
@given(ROWS, st.integers(1, 12))
def test_a_group_has_a_kind_and_numbers_that_occur(rows: list[tuple[int, ...]], size: int) -> None:
    found = groups(tuple(rows), 2, 2, size)
    assert len(found) == len(rows) // size
    for row in found:
        assert row[:2] in {other[:2] for other in rows}
        for column in (2, 3):
            values = [other[column] for other in rows]
            assert min(values) <= row[column] <= max(values)
    if size == 1:
        assert sorted(found) == sorted(rows)


def test_groups_are_of_rows_that_are_alike() -> None:
    rows = [(0, 0, 1, 1)] * 3 + [(0, 0, 7, 7)] * 2 + [(0, 0, 6, 6)] + [(1, 0, 0, 0)] * 5
    assert groups(tuple(rows), 2, 2) == ((0, 0, 1, 1), (0, 0, 7, 7), (1, 0, 0, 0))


def test_interleaving_keeps_near_what_is_near() -> None:
    first, second = np.array([0, 1, 0, 1, 2, 3]), np.array([0, 0, 1, 1, 2, 3])
    assert interleaved([first, second], 2).tolist() == [0, 2, 1, 3, 12, 15]
