"""Counts of what is due in which month against plain Python."""

from collections import Counter
from typing import Any

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from clearscale_kernels.relief.counting import FIRST, STATE, Due, First, count_due
from tests.support.examples import examples

COUNTIES, OUTCOMES, MONTHS = 2, 3, 5
CHARGE = st.tuples(
    st.integers(-1, COUNTIES - 1),
    st.integers(0, OUTCOMES - 1),
    st.integers(0, MONTHS - 1),
)
PEOPLE = st.lists(st.lists(CHARGE, max_size=5), max_size=5)
Person = list[tuple[int, int, int]]


def cells(array: np.ndarray) -> Counter[Any]:
    return Counter({tuple(place): int(array[tuple(place)]) for place in np.argwhere(array).tolist()})


def column(people: list[Person], place: int, kind: Any) -> np.ndarray:
    return np.array([charge[place] for person in people for charge in person], kind)


def who(people: list[Person]) -> np.ndarray:
    return np.repeat(np.arange(len(people)), [len(person) for person in people]).astype(np.int32)


@settings(max_examples=examples(200), deadline=None)
@given(PEOPLE)
def test_due(people: list[Person]) -> None:
    expected: Counter[Any] = Counter()
    first: dict[Any, int] = {}
    for number, person in enumerate(people):
        for county, outcome, month in person:
            for place in (STATE, county + FIRST):
                expected[0, place, outcome, month] += 1
                key = (number, place, outcome)
                first[key] = min(first.get(key, month), month)
    expected.update((1, place, outcome, month) for (_, place, outcome), month in first.items())
    out = np.zeros((2, COUNTIES + FIRST, OUTCOMES, MONTHS), np.int64)
    due = Due(who(people), column(people, 0, np.int16), column(people, 1, np.int8), column(people, 2, np.int32))
    count_due(due, First(*(np.full(out.shape[1:3], -1, np.int32) for _ in range(2))), out)
    assert cells(out) == expected
