"""The fold against a plain loop over each history, on histories drawn at random."""

import random
from dataclasses import dataclass, field

import numpy as np
import pytest

from clearscale_kernels import flag
from clearscale_kernels.people.calendar import NO_DATE
from clearscale_kernels.people.fold import Codes, FoldedConvictions, FoldedHistories, HistoryRows, fold, table_size

LATER = flag.SET_ASIDE | flag.REDUCED
PERSON = flag.DECEASED | flag.REGISTERED
EARLIEST_END, LATEST_END = 2 * NO_DATE, 2 * flag.LAST_DAY


@dataclass(frozen=True)
class Row:
    date: int
    flags: int
    offense: int
    order: int
    sentence: int


@dataclass
class Person:
    """What the fold says of one history."""

    convictions: list[tuple[int, int, int]] = field(default_factory=list)
    flags: int = 0
    sections: list[int] = field(default_factory=lambda: [0, 0, 0, 0])
    latest: int = NO_DATE


def naive(history: list[Row], sections: list[int], cycles: list[int]) -> Person:
    """Convictions as (row, flags, sentence end)."""
    person = Person()
    prop64_cycles = {cycles[row.order] for row in history if sections[row.offense] >= 0 and cycles[row.order] >= 0}
    first_rows: dict[int, int] = {}
    ends: dict[int, int] = {}
    bits: dict[int, int] = {}
    for place, row in enumerate(history):
        person.flags |= row.flags & PERSON
        part = row.sentence
        if row.flags & flag.CONVICTED and row.order not in first_rows:
            first_rows[row.order] = place
            bits[row.order] = row.flags
            ends[row.order] = min(max(2 * row.date + part, EARLIEST_END), LATEST_END)
            person.latest = max(person.latest, row.date)
            if row.flags & flag.NO_EVENT_DATE:
                person.flags |= flag.ANY_NO_EVENT_DATE
            if sections[row.offense] >= 0:
                person.sections[sections[row.offense]] += 1
        elif row.order in first_rows:
            bits[row.order] |= row.flags & LATER
            if row.flags & flag.CONVICTED:
                ends[row.order] = min(max(ends[row.order] + part, EARLIEST_END), LATEST_END)
    for order, place in sorted(first_rows.items(), key=lambda entry: entry[1]):
        in_cycle = flag.PROP64_IN_CYCLE if cycles[order] in prop64_cycles else 0
        person.convictions.append((place, bits[order] | in_cycle, ends[order]))
    return person


def folded(histories: list[list[Row]], sections: list[int], cycles: list[int]) -> list[Person]:
    """The same of the kernel."""
    rows = [row for history in histories for row in history]
    bounds = np.cumsum([0, *map(len, histories)]).astype(np.int64)
    convicted = sum(bool(row.flags & flag.CONVICTED) for row in rows)
    conviction_rows = np.full(convicted, -1, np.int32)
    conviction_flags = np.zeros(convicted, np.int16)
    ends = np.zeros(convicted, np.int32)
    history_bounds = np.full(bounds.size, -1, np.int64)
    history_flags, latest = np.zeros(len(histories), np.int16), np.zeros(len(histories), np.int32)
    history_sections = np.zeros((len(histories), 4), np.int32)
    longest = max(map(len, histories), default=0)
    found = fold(
        bounds,
        HistoryRows(
            np.array([row.date for row in rows], np.int32),
            np.array([row.flags for row in rows], np.int16),
            np.array([row.offense for row in rows], np.int32),
            np.array([row.order for row in rows], np.int32),
            np.array([row.sentence for row in rows], np.int32),
        ),
        Codes(np.array(sections, np.int8), np.array(cycles, np.int32)),
        np.zeros((5, table_size(longest)), np.int32),
        FoldedConvictions(conviction_rows, conviction_flags, ends),
        FoldedHistories(history_bounds, history_flags, history_sections, latest),
    )
    assert history_bounds[-1] == found
    people = []
    for h in range(len(histories)):
        own = range(int(history_bounds[h]), int(history_bounds[h + 1]))
        people.append(
            Person(
                [(int(conviction_rows[c] - bounds[h]), int(conviction_flags[c]), int(ends[c])) for c in own],
                int(history_flags[h]),
                history_sections[h].tolist(),
                int(latest[h]),
            )
        )
    return people


def drawn(rng: random.Random, orders: int, offenses: int) -> list[Row]:
    """A history; convictions, later notes on them and rows of no consequence in any order."""
    flags = [flag.CONVICTED, flag.CONVICTED | flag.FELONY, 0, flag.SET_ASIDE, flag.REDUCED, flag.DECEASED]
    flags += [flag.REGISTERED, flag.COURT_ACTION, flag.CONVICTED | flag.NO_EVENT_DATE | flag.REDUCED]
    dates = [NO_DATE, NO_DATE - 366, 0, 17000, 18321, 18322, flag.LAST_DAY]
    sentences = [0, 0, 2, 61, 732, -732, 2 * flag.LAST_DAY, -2 * flag.LAST_DAY, 2 * (flag.LAST_DAY - NO_DATE)]
    return [
        Row(
            rng.choice(dates),
            rng.choice(flags),
            rng.randrange(offenses),
            rng.randrange(orders),
            rng.choice(sentences),
        )
        for _ in range(rng.choice([0, 1, 2, 5, 20]))
    ]


@pytest.mark.parametrize("seed", range(12))
def test_random_histories_fold_as_a_plain_loop_folds_them(seed: int) -> None:
    rng = random.Random(seed)
    # Many codes make the tables collide, few make rows meet.
    orders, offenses = rng.choice([2, 5, 60]), rng.choice([1, 4, 30])
    sections = [rng.choice([-1, -1, 0, 1, 2, 3]) for _ in range(offenses)]
    cycles = [rng.choice([-1, 0, 1, 0x303031, 0x303032, 2**24 - 1]) for _ in range(orders)]
    histories = [drawn(rng, orders, offenses) for _ in range(40)]
    assert folded(histories, sections, cycles) == [naive(history, sections, cycles) for history in histories]


def test_a_history_of_many_convictions_fills_its_tables_and_no_more() -> None:
    count = table_size(0) // 2 * 5
    history = [Row(place, flag.CONVICTED, 0, place, 1) for place in range(count)]
    cycles = list(range(count))
    assert folded([history, [], history[:3]], [2], cycles) == [
        naive(rows, [2], cycles) for rows in (history, [], history[:3])
    ]


def test_a_set_aside_before_its_conviction_says_nothing_of_it() -> None:
    rows = [Row(5, flag.SET_ASIDE, 0, 0, 0), Row(6, flag.CONVICTED, 0, 0, 0), Row(7, flag.REDUCED, 0, 0, 0)]
    (person,) = folded([rows], [-1], [1])
    assert person.convictions == [(1, flag.CONVICTED | flag.REDUCED, 12)]


def test_one_histories_rows_say_nothing_of_anothers() -> None:
    prop64 = Row(1, 0, 0, 0, 0)
    convicted = Row(2, flag.CONVICTED, 1, 0, 4)
    people = folded([[prop64], [convicted], [convicted, prop64]], [3, -1], [7])
    assert [person.convictions for person in people] == [
        [],
        [(0, flag.CONVICTED, 8)],
        [(0, flag.CONVICTED | flag.PROP64_IN_CYCLE, 8)],
    ]


def test_no_histories_fold_to_nothing() -> None:
    assert folded([], [], []) == []


@pytest.mark.parametrize(("longest", "size"), [(0, 16), (1, 16), (8, 16), (9, 32), (1000, 2048), (1024, 2048)])
def test_a_table_is_a_power_of_two_and_at_most_half_full(longest: int, size: int) -> None:
    assert table_size(longest) == size
