"""Counts of decided charges, and of what is due in which month, against plain Python."""

from collections import Counter
from typing import Any

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from clearscale_kernels.relief.counting import (
    FIRST,
    STATE,
    Counts,
    Decided,
    Due,
    First,
    Seen,
    count_decided,
    count_due,
)
from tests.support.examples import examples

COUNTIES, OUTCOMES, RULES, BITS, MONTHS = 2, 3, 2, 4, 5
CHARGE = st.tuples(
    st.integers(-1, COUNTIES - 1),
    st.integers(-1, OUTCOMES - 1),
    st.integers(-1, RULES - 1),
    st.integers(0, 2**BITS - 1),
    st.integers(0, MONTHS - 1),
)
PEOPLE = st.lists(st.lists(CHARGE, max_size=5), max_size=5)
Person = list[tuple[int, int, int, int, int]]


def cells(array: np.ndarray) -> Counter[Any]:
    return Counter({tuple(place): int(array[tuple(place)]) for place in np.argwhere(array).tolist()})


def column(people: list[Person], place: int, kind: Any) -> np.ndarray:
    return np.array([charge[place] for person in people for charge in person], kind)


def who(people: list[Person]) -> np.ndarray:
    return np.repeat(np.arange(len(people)), [len(person) for person in people]).astype(np.int32)


@settings(max_examples=examples(200), deadline=None)
@given(PEOPLE)
def test_decided(people: list[Person]) -> None:
    charges: Counter[Any] = Counter()
    lacking: Counter[Any] = Counter()
    once: set[Any] = set()
    of_outcomes: set[Any] = set()
    for number, person in enumerate(people):
        for county, outcome, rule, missing, _ in person:
            for place in (STATE, county + FIRST) if outcome >= 0 else ():
                charges[place, outcome, rule + 1] += 1
                once.add((number, place, outcome, rule + 1))
                of_outcomes.add((number, place, outcome))
                lacking.update((place, bit) for bit in range(BITS) if missing >> bit & 1)
    by_outcome = (COUNTIES + FIRST, OUTCOMES)
    by_rule = (*by_outcome, RULES + 1)
    out = Counts(
        *(np.zeros(by_rule, np.int64) for _ in range(2)),
        np.zeros(by_outcome, np.int64),
        np.zeros((by_outcome[0], BITS), np.int64),
    )
    decided = Decided(
        who(people),
        column(people, 0, np.int16),
        column(people, 1, np.int8),
        column(people, 2, np.int16),
        column(people, 3, np.int32),
    )
    seen = Seen(np.full(by_rule, -1, np.int32), np.full(by_outcome, -1, np.int32))
    counted, with_some = count_decided(decided, seen, out)
    assert cells(out.charges) == charges
    assert cells(out.people) == Counter(cell[1:] for cell in once)
    assert cells(out.outcomes) == Counter(cell[1:] for cell in of_outcomes)
    assert cells(out.lacking) == lacking
    candidates = [[charge for charge in person if charge[1] >= 0] for person in people]
    assert (counted, with_some) == (sum(map(len, candidates)), sum(map(bool, candidates)))


@settings(max_examples=examples(200), deadline=None)
@given(PEOPLE)
def test_due(people: list[Person]) -> None:
    people = [[charge for charge in person if charge[1] >= 0] for person in people]
    expected: Counter[Any] = Counter()
    first: dict[Any, int] = {}
    for number, person in enumerate(people):
        for county, outcome, _, _, month in person:
            for place in (STATE, county + FIRST):
                expected[0, place, outcome, month] += 1
                key = (number, place, outcome)
                first[key] = min(first.get(key, month), month)
    expected.update((1, place, outcome, month) for (_, place, outcome), month in first.items())
    out = np.zeros((2, COUNTIES + FIRST, OUTCOMES, MONTHS), np.int64)
    due = Due(who(people), column(people, 0, np.int16), column(people, 1, np.int8), column(people, 4, np.int32))
    count_due(due, First(*(np.full(out.shape[1:3], -1, np.int32) for _ in range(2))), out)
    assert cells(out) == expected
