"""Counts of decided charges by place against plain Python."""

from collections import Counter, defaultdict
from typing import Any

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from clearscale_kernels.relief.places import FIRST, STATE, Counts, Decided, Last, count_in_places
from tests.support.examples import examples

COUNTIES, OUTCOMES, RULES, BITS = 2, 3, 2, 3
CHARGE = st.tuples(
    st.integers(-1, COUNTIES - 1),
    st.integers(-1, OUTCOMES - 1),
    st.integers(-1, RULES - 1),
    st.integers(0, 2**BITS - 1),
)
PEOPLE = st.lists(st.lists(CHARGE, max_size=5), max_size=5)


def cells(array: np.ndarray) -> Counter[Any]:
    return Counter({tuple(place): int(array[tuple(place)]) for place in np.argwhere(array).tolist()})


@settings(max_examples=examples(200), deadline=None)
@given(PEOPLE)
def test_counts(people: list[list[tuple[int, int, int, int]]]) -> None:
    charges: Counter[Any] = Counter()
    lacking: Counter[Any] = Counter()
    met, of_outcomes = defaultdict(set), defaultdict(set)
    for number, person in enumerate(people):
        for county, outcome, rule, missing in person:
            if outcome < 0:
                continue
            of_outcomes[(outcome,)].add(number)
            for place in (STATE, county + FIRST):
                charges[place, outcome, rule + 1] += 1
                met[place, outcome, rule + 1].add(number)
                lacking.update((place, bit) for bit in range(BITS) if missing & 1 << bit)
    rows = [charge for person in people for charge in person]
    columns = [
        np.array([row[place] for row in rows], kind)
        for place, kind in enumerate((np.int16, np.int8, np.int16, np.int32))
    ]
    who = np.repeat(np.arange(len(people)), [len(person) for person in people]).astype(np.int32)
    shape = COUNTIES + FIRST, OUTCOMES, RULES + 1
    out = Counts(
        np.zeros(shape, np.int64),
        np.zeros(shape, np.int64),
        np.zeros((shape[0], BITS), np.int64),
        np.zeros(OUTCOMES, np.int64),
    )
    last = Last(np.full(shape, -1, np.int32), np.full(OUTCOMES, -1, np.int32))
    decided = Decided(who, columns[3], columns[0], columns[2], columns[1])
    count_in_places(decided, np.flatnonzero(columns[1] >= 0), last, out)
    assert cells(out.charges) == charges
    assert cells(out.lacking) == lacking
    assert cells(out.people) == {cell: len(whom) for cell, whom in met.items()}
    assert cells(out.outcomes) == {cell: len(whom) for cell, whom in of_outcomes.items()}
