"""A rule and the charges that none before it has closed, against plain Python."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from clearscale_kernels.relief.groups import EVER, NEVER, NO, UNSURE, YES
from clearscale_kernels.relief.settling import (
    CLOSED,
    LATER,
    NOTHING,
    NOW,
    OPEN,
    UNTOLD,
    WAITING,
    Ends,
    Given,
    Left,
    Standing,
    Verdicts,
    asked,
    judge,
    settle,
)
from tests.support.examples import examples

AS_OF, NO_DAY, PLACE, CODE, WAITS, TOLD_NOT = 10, -99, 4, 1, 2, 3
TRUTH, STATE = st.sampled_from([NO, UNSURE, YES]), st.sampled_from([OPEN, WAITING, CLOSED])
DAYS = st.tuples(st.sampled_from([NEVER, 8, 10, 12]), st.sampled_from([0, 3, EVER])).map(
    lambda ends: (ends[0], EVER if ends[1] == EVER else ends[0] + (ends[1] if ends[0] != NEVER else 0))
)
stable = settings(derandomize=True, deadline=None, database=None, max_examples=examples(300))


def days(ends: list[tuple[int, int]] | None) -> list[np.ndarray]:
    return [np.array([end[k] for end in ends or ()], np.int32) for k in range(2)]


@stable
@given(st.lists(st.tuples(TRUTH, STATE, st.booleans()), max_size=9))
def test_who_is_asked(charges: list[tuple[int, int, bool]]) -> None:
    holds, state = (np.array([charge[k] for charge in charges], np.int8) for k in range(2))
    rows = [row for row, charge in enumerate(charges) if charge[2]]
    left = Left(np.array(rows, np.int64), np.array([len(rows)]))
    out = np.full(len(rows), 99, np.int64)
    count = asked(holds, state, left, out)
    still = [row for row in rows if state[row] != CLOSED]
    assert left.rows[: left.number[0]].tolist() == still
    assert out[:count].tolist() == [row for row in still if holds[row] != NO]


@stable
@given(
    st.lists(st.tuples(st.integers(0, 1), TRUTH, STATE, DAYS), max_size=9),
    st.none() | st.tuples(DAYS, DAYS),
    st.booleans(),
    st.booleans(),
)
def test_what_a_rule_says(
    charges: list[tuple[int, int, int, tuple[int, int]]],
    of_people: tuple[tuple[int, int], tuple[int, int]] | None,
    has_own: bool,
    tells: bool,
) -> None:
    person, holds, state, own = ([charge[k] for charge in charges] for k in range(4))
    rows = [row for row in range(len(charges)) if holds[row] != NO and state[row] != CLOSED]
    ends = Ends(
        *days([own[row] for row in rows] if has_own else None),
        np.array(person, np.int32),
        *days(None if of_people is None else [*of_people]),
    )
    out = Verdicts(np.full(len(rows), 99, np.int8), np.full(len(rows), 99, np.int32))
    asks = np.array(rows, np.int64), np.array(holds, np.int8), np.array(state, np.int8)
    judge(*asks, ends, AS_OF, int(tells), out)
    expected = []
    for row in rows:
        waits = [own[row]] * has_own + ([] if of_people is None else [of_people[person[row]]])
        low, high = (max((wait[k] for wait in waits), default=NEVER) for k in range(2))
        over = YES if high <= AS_OF else NO if low == high else UNSURE
        said = NOW if over == YES else LATER
        if UNSURE in (holds[row], over):
            said = UNTOLD if tells and state[row] == OPEN else NOTHING
        expected.append((said, high))
    assert list(zip(out.verdict.tolist(), out.first.tolist(), strict=True)) == expected


@stable
@given(
    st.lists(
        st.tuples(
            st.sampled_from([OPEN, WAITING]),
            st.sampled_from([NOTHING, LATER, NOW, UNTOLD]),
            st.sampled_from([NEVER, 11, 13]),
            st.integers(12, 13),
        ),
        max_size=9,
    ),
    st.booleans(),
)
def test_what_becomes_of_charges(charges: list[tuple[int, int, int, int]], relief: bool) -> None:
    state, verdict, first, waited = ([charge[k] for charge in charges] for k in range(4))
    standing = Standing(
        np.array(state, np.int8),
        np.zeros(len(charges), np.int8),
        np.zeros(len(charges), np.int16),
        np.array([day if of == WAITING else NO_DAY for of, day in zip(state, waited, strict=True)], np.int32),
    )
    given_ = Given(np.array([CODE, WAITS, TOLD_NOT], np.int32), np.array([PLACE, relief, NO_DAY], np.int32))
    untold = np.full(len(charges), 99, np.int64)
    says = Verdicts(np.array(verdict, np.int8), np.array(first, np.int32))
    before = standing.first.tolist()
    count = settle(np.arange(len(charges)), says, given_, standing, untold)
    expected = []
    for k, of in enumerate(state):
        becomes = of, 0, 0, before[k]
        if verdict[k] == NOW and (relief or of == OPEN):
            becomes = CLOSED, CODE, PLACE, NO_DAY if first[k] == NEVER or not relief else first[k]
        elif verdict[k] == LATER and (of == OPEN or first[k] < before[k]):
            becomes = WAITING, WAITS, PLACE, first[k]
        elif verdict[k] == UNTOLD:
            becomes = CLOSED, TOLD_NOT, PLACE, before[k]
        expected.append(becomes)
    assert list(zip(*(column.tolist() for column in standing), strict=True)) == expected
    assert untold[:count].tolist() == [k for k, said in enumerate(verdict) if said == UNTOLD]
