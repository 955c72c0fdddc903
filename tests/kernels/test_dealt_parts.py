"""Decisions brought into the order of extracts and rows, against plain Python."""

import random
from dataclasses import dataclass

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from clearscale_kernels import flag
from clearscale_kernels.policy import parts
from tests.support.examples import examples

EXTRACTS, OFFENSES = 3, 4
CHARGES = (flag.RELATED, flag.SYNTHETIC, flag.SYNTHETIC | flag.FIRST_SECTION, 0)

stable = settings(derandomize=True, deadline=None, database=None, max_examples=examples(200))


@dataclass(frozen=True)
class Decision:
    in_scope: bool
    own: bool
    canonical: bool
    history: int
    row: int
    county: int
    offense: int
    rule: int
    rests: bool
    bits: int


BITS = {
    parts.NO_EVENT_DATE: flag.NO_EVENT_DATE,
    parts.FROM_COMMENT: flag.FROM_COMMENT,
    parts.SET_ASIDE: flag.SET_ASIDE,
    parts.REDUCED: flag.REDUCED,
    parts.CLEARED: flag.CLEARED,
    parts.OTHER_OFFENSE: flag.OTHER_OFFENSE,
    parts.IMPLAUSIBLE_DATE: flag.IMPLAUSIBLE_DATE,
    parts.UNCLEAR_RECORD: flag.UNCLEAR_RECORD,
    parts.UNREADABLE_DATE: flag.UNREADABLE_DATE,
    parts.CONTRADICTORY_SUBJECT: flag.CONTRADICTORY_SUBJECT,
    parts.CONTRADICTORY_PERSON: flag.CONTRADICTORY_PERSON,
}
ROW_BITS = st.lists(st.sampled_from([*BITS.values(), flag.FELONY, flag.REGISTRABLE_PRIOR]), max_size=6).map(
    lambda bits: int(np.bitwise_or.reduce([0, *bits]))
)
DRAWN = st.lists(
    st.builds(
        Decision,
        st.booleans(),
        st.booleans(),
        st.booleans(),
        st.integers(0, 4),
        st.integers(0, 2**31 - 1),
        st.integers(0, 9),
        st.integers(0, OFFENSES - 1),
        st.integers(-1, 300),
        st.booleans(),
        ROW_BITS,
    ),
    max_size=12,
)


def mark(decision: Decision) -> int:
    found = sum(bit for bit, of_row in BITS.items() if decision.bits & of_row)
    found += parts.RESTS_ON_MISSING * decision.rests + parts.SYNTHETIC * (
        CHARGES[decision.offense] & flag.SYNTHETIC > 0
    )
    return found + parts.OTHER_COUNTY * (not decision.own) + parts.SUPERSEDED * (not decision.canonical)


@stable
@given(DRAWN, st.lists(st.integers(0, EXTRACTS - 1), min_size=5, max_size=5))
def test_decisions_are_dealt_out_to_their_extracts(drawn: list[Decision], extracts: list[int]) -> None:
    flags = [
        decision.bits | flag.OWN_COUNTY * decision.own | flag.CANONICAL * decision.canonical for decision in drawn
    ]
    decided = parts.Decided(
        np.array([decision.in_scope for decision in drawn], np.bool_),
        np.array(flags, np.int32),
        np.array([decision.history for decision in drawn], np.int32),
        np.array([decision.row for decision in drawn], np.int32),
        np.array([decision.county for decision in drawn], np.int32),
        np.array([decision.offense for decision in drawn], np.int32),
        np.array([decision.rule for decision in drawn], np.int16),
        np.array([decision.rests for decision in drawn], np.bool_),
    )
    of_history = np.array(extracts, np.int32)
    counts = np.zeros(EXTRACTS, np.int64)
    parts.count_by_extract(decided, of_history, counts)
    kept = [decision for decision in drawn if decision.in_scope and (decision.own or decision.canonical)]
    by_extract = [
        [decision for decision in kept if extracts[decision.history] == extract] for extract in range(EXTRACTS)
    ]
    assert counts.tolist() == [len(decisions) for decisions in by_extract]
    out = [np.full(len(kept), 99, dtype) for dtype in (np.int32, np.int32, np.int32, np.int16, np.int16)]
    parts.deal_out(
        decided,
        of_history,
        np.array(CHARGES, np.int16),
        np.concatenate([[0], np.cumsum(counts)])[:-1].astype(np.int64),
        parts.DecisionColumns(*out),
    )
    wanted = [
        (decision.row, decision.county, decision.offense, decision.rule, mark(decision))
        for decisions in by_extract
        for decision in decisions
    ]
    assert list(zip(*(column.tolist() for column in out), strict=True)) == wanted


def ordered(rows: list[int]) -> tuple[int, list[int]]:
    words = max(rows, default=0) // parts.WORD + 1
    out = np.full(len(rows), -1, np.int32)
    numbers = np.array(rows, np.int64)
    return parts.order_rows(numbers, np.zeros(words, np.uint32), np.empty(words, np.int32), out), out.tolist()


@stable
@given(
    st.sets(st.integers(0, 300) | st.sampled_from([31, 32, 63, 64, 5000, 5001])), st.randoms(use_true_random=False)
)
def test_rows_are_put_in_order(rows: set[int], rng: random.Random) -> None:
    shuffled = rng.sample(sorted(rows), len(rows))
    found, order = ordered(shuffled)
    assert found == len(rows)
    assert [shuffled[place] for place in order] == sorted(rows)


def test_a_row_that_is_there_twice_is_told() -> None:
    assert ordered([70, 3, 70])[0] == 2
