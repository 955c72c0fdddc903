"""What stands before and beside a conviction, and what the others come to, against plain Python."""

import random
from dataclasses import dataclass

import numpy as np
import pytest

from clearscale_kernels import flag
from clearscale_kernels.people.calendar import NO_DATE
from clearscale_kernels.people.neighbors import Convictions, mark_strikes, sum_others

ALREADY = flag.FELONY | flag.OWN_COUNTY | flag.CANONICAL
"""Bits that stand there before and stay."""

KINDS = {
    flag.SUPERSTRIKE: (flag.SUPERSTRIKE_EARLIER, flag.SUPERSTRIKE_SAME_CASE, flag.SUPERSTRIKE_PRIOR),
    flag.REGISTRABLE: (flag.REGISTRABLE_EARLIER, flag.REGISTRABLE_SAME_CASE, flag.REGISTRABLE_PRIOR),
}


@dataclass(frozen=True)
class Conviction:
    chosen: bool = True
    date: int = 0
    charge: int = 0
    case: int = 0
    flags: int = 0
    end: int = 0


@dataclass(frozen=True)
class Found:
    """bits of each conviction; strikes, others and end of the history."""

    bits: list[int]
    strikes: list[int]
    others: list[int]
    end: int


def naive(history: list[Conviction]) -> Found:
    bits = []
    for place, conviction in enumerate(history):
        found = ALREADY
        # A conviction does not stand before or beside itself.
        beside = [other for number, other in enumerate(history) if number != place] if conviction.chosen else []
        for kind, (earlier, same_case, prior) in KINDS.items():
            strikes = [other for other in beside if other.charge & kind]
            if any(other.date < conviction.date for other in strikes):
                found |= earlier
            if any(other.case == conviction.case >= 0 for other in strikes):
                found |= same_case
            if any(
                other.date < conviction.date and (other.case != conviction.case or conviction.case < 0)
                for other in strikes
            ):
                found |= prior
        bits.append(found)
    left = [conviction for conviction in history if not conviction.chosen]
    felonies = sum(conviction.flags & flag.FELONY > 0 for conviction in left)
    others = [len(left), felonies, max([NO_DATE, *(conviction.date for conviction in left)])]
    strikes = [sum(conviction.charge & kind > 0 for conviction in history) for kind in KINDS]
    return Found(bits, strikes, others, max([2 * NO_DATE, *(conviction.end for conviction in history)]))


def found(histories: list[list[Conviction]]) -> list[Found]:
    rows = [conviction for history in histories for conviction in history]
    bounds = np.cumsum([0, *map(len, histories)]).astype(np.int64)
    chosen = np.array([row.chosen for row in rows], np.bool_)
    dates, ends = (np.array([getattr(row, name) for row in rows], np.int32) for name in ("date", "end"))
    charges, flags = (np.array([getattr(row, name) for row in rows], np.int16) for name in ("charge", "flags"))
    bits = np.full(len(rows), ALREADY, np.int32)
    strikes, others = np.zeros((2, len(histories)), np.int32), np.zeros((3, len(histories)), np.int32)
    last = np.full(len(histories), 99, np.int32)
    cases = np.array([row.case for row in rows], np.int64)
    record = Convictions(chosen, dates, flags, charges, cases, ends)
    mark_strikes(bounds, record, bits, strikes)
    sum_others(bounds, record, others, last)
    return [
        Found(bits[bounds[h] : bounds[h + 1]].tolist(), strikes[:, h].tolist(), others[:, h].tolist(), int(last[h]))
        for h in range(len(histories))
    ]


def drawn(rng: random.Random, cases: list[int]) -> list[Conviction]:
    charges = [
        0,
        flag.SUPERSTRIKE,
        flag.REGISTRABLE,
        flag.SUPERSTRIKE | flag.REGISTRABLE,
        flag.RELATED | flag.FIRST_SECTION,
    ]
    return [
        Conviction(
            rng.random() < 0.6,
            rng.choice([NO_DATE - 366, NO_DATE, 0, 1, 17000, flag.LAST_DAY]),
            rng.choice(charges),
            rng.choice(cases),
            rng.choice([0, flag.FELONY, flag.CONVICTED | flag.FELONY, flag.CONVICTED]),
            rng.choice([2 * NO_DATE, 0, 34000, 2 * flag.LAST_DAY]),
        )
        for _ in range(rng.choice([0, 1, 2, 3, 6]))
    ]


@pytest.mark.parametrize("seed", range(10))
def test_random_histories(seed: int) -> None:
    rng = random.Random(seed)
    cases = rng.choice([[0, 1], [-1, 5], [-1, 0, 2**47, 2**47 + 2**33]])
    histories = [drawn(rng, cases) for _ in range(60)]
    assert found(histories) == [naive(history) for history in histories]


def test_an_earlier_strike_of_the_same_case_is_no_prior() -> None:
    strike = Conviction(False, 5, flag.SUPERSTRIKE, 7)
    (history,) = found(
        [[strike, Conviction(date=6, case=7), Conviction(date=6, case=8), Conviction(date=5, case=8)]]
    )
    assert [bits - ALREADY for bits in history.bits] == [
        0,
        flag.SUPERSTRIKE_EARLIER | flag.SUPERSTRIKE_SAME_CASE,
        flag.SUPERSTRIKE_EARLIER | flag.SUPERSTRIKE_PRIOR,
        0,
    ]


def test_a_chosen_strike_stands_beside_others_but_not_beside_itself() -> None:
    both = flag.SUPERSTRIKE | flag.REGISTRABLE
    (history,) = found([[Conviction(date=1, charge=both), Conviction(date=2, case=0)]])
    assert history.bits[0] == ALREADY
    assert history.bits[1] == ALREADY | flag.SUPERSTRIKE_EARLIER | flag.SUPERSTRIKE_SAME_CASE | (
        flag.REGISTRABLE_EARLIER | flag.REGISTRABLE_SAME_CASE
    )
    assert history.strikes == [1, 1]


def test_convictions_whose_case_is_unknown_share_none() -> None:
    (history,) = found([[Conviction(False, 1, flag.REGISTRABLE, -1), Conviction(date=2, case=-1)]])
    assert history.bits[1] == ALREADY | flag.REGISTRABLE_EARLIER | flag.REGISTRABLE_PRIOR


def test_one_histories_strikes_are_nothing_to_another() -> None:
    strike = Conviction(False, 1, flag.SUPERSTRIKE, 0, flags=flag.FELONY, end=9)
    first, second, third = found([[strike], [], [Conviction(date=2)]])
    assert (first.others, first.end) == ([1, 1, 1], 9)
    assert second == Found([], [0, 0], [0, 0, NO_DATE], 2 * NO_DATE)
    assert third == Found([ALREADY], [0, 0], [0, 0, NO_DATE], 0)


def test_no_histories() -> None:
    assert found([]) == []
