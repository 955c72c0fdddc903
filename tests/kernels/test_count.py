"""Counts of decisions against plain Python."""

from collections import Counter
from dataclasses import dataclass
from typing import Any

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from clearscale_kernels import flag
from clearscale_kernels.people.calendar import NO_DATE
from clearscale_kernels.policy.count import (
    DISMISSED,
    MEASURES,
    NO_CONVICTION,
    NO_FELONY,
    NO_RECENT,
    NO_RELIEF,
    REDUCED,
    SOME_RELIEF,
    WITH_PROP64,
    Candidates,
    ConvictionCounts,
    Histories,
    PeopleCounts,
    count_convictions,
    count_people,
)
from clearscale_kernels.policy.tables import (
    ConvictionRows,
    CountTable,
    Terms,
    add_equal,
    count_bits,
    merge_counts,
    pack_convictions,
    split_keys,
)
from tests.support.examples import examples

LATE = 2**31 - 1
DATES = (NO_DATE - 366, NO_DATE, -1, 0, 15000, 15001, 15002, flag.LAST_DAY)
RECENT = 15000
EXTRACTS, RULES, POLICIES = 3, 4, 2

stable = settings(derandomize=True, deadline=None, database=None, max_examples=examples(300))


@dataclass(frozen=True)
class Candidate:
    felony: bool
    own: bool
    section: int
    date: int
    rule: int
    reliefs: tuple[int, ...]


@dataclass(frozen=True)
class Other:
    """A conviction that is no candidate."""

    felony: bool
    date: int


@dataclass(frozen=True)
class History:
    extract: int
    canonical: bool
    candidates: list[Candidate]
    others: list[Other]

    def sums(self) -> list[int]:
        latest = max([NO_DATE, *(conviction.date for conviction in self.others)])
        return [len(self.others), sum(conviction.felony for conviction in self.others), latest]


DRAWN = st.lists(
    st.builds(
        History,
        st.integers(0, EXTRACTS - 1),
        st.booleans(),
        st.lists(
            st.builds(
                Candidate,
                st.booleans(),
                st.booleans(),
                st.integers(-1, 3),
                st.sampled_from(DATES),
                st.integers(-1, RULES - 1),
                st.tuples(*[st.sampled_from([NO_RELIEF, REDUCED, DISMISSED])] * POLICIES),
            ),
            max_size=4,
        ),
        st.lists(st.builds(Other, st.booleans(), st.sampled_from(DATES)), max_size=2),
    ),
    max_size=6,
)


def columns(histories: list[History]) -> dict[str, np.ndarray]:
    """The candidates' columns."""
    pairs = [(history, candidate) for history in histories for candidate in history.candidates]
    flags = [
        flag.FELONY * candidate.felony
        | flag.OWN_COUNTY * candidate.own
        | flag.CANONICAL * history.canonical
        # What the kernels must not take for one of these.
        | (flag.CONVICTED | flag.SET_ASIDE | flag.SUPERSTRIKE_EARLIER) * (place % 2)
        for place, (history, candidate) in enumerate(pairs)
    ]
    return {
        "extract": np.array([history.extract for history, _ in pairs], np.int32),
        "flags": np.array(flags, np.int32),
        "section": np.array([candidate.section for _, candidate in pairs], np.int8),
        "rule": np.array([candidate.rule for _, candidate in pairs], np.int8),
        "date": np.array([candidate.date for _, candidate in pairs], np.int32),
        "reliefs": np.array([candidate.reliefs for _, candidate in pairs], np.int8).reshape(-1, POLICIES).T.copy(),
    }


@stable
@given(DRAWN)
def test_convictions_are_counted_by_their_county_and_by_the_state(histories: list[History]) -> None:
    column = columns(histories)
    rules = np.full((EXTRACTS + 1, RULES + 1), 100, np.int64)  # counts are added to what is there
    sections, severities = np.zeros((EXTRACTS + 1, 4), np.int64), np.zeros((EXTRACTS + 1, 2), np.int64)
    earliest = np.full(EXTRACTS + 1, LATE, np.int64)
    count_convictions(
        Candidates(column["flags"], column["date"], column["section"]),
        column["extract"],
        column["rule"],
        ConvictionCounts(rules, sections, severities, earliest),
    )
    for scope in range(EXTRACTS + 1):
        counted = [
            candidate
            for history in histories
            for candidate in history.candidates
            if candidate.section >= 0
            and (history.canonical if scope == EXTRACTS else candidate.own and history.extract == scope)
        ]
        by_rule = Counter(candidate.rule for candidate in counted)
        assert (rules[scope] - 100).tolist() == [by_rule[rule] for rule in (*range(RULES), -1)]
        by_section = Counter(candidate.section for candidate in counted)
        assert sections[scope].tolist() == [by_section[place] for place in range(4)]
        felonies = sum(candidate.felony for candidate in counted)
        assert severities[scope].tolist() == [felonies, len(counted) - felonies]
        assert earliest[scope] == min([LATE, *(candidate.date for candidate in counted)])


def standing(history: History, policy: int, own_only: bool) -> int:
    """What a policy leaves of a person's record, as bits. own_only: its relief is that of one county."""
    candidates = [
        (candidate, candidate.reliefs[policy] if candidate.own or not own_only else NO_RELIEF)
        for candidate in history.candidates
    ]
    relief = candidates + [(conviction, NO_RELIEF) for conviction in history.others]
    felonies = [given for conviction, given in relief if conviction.felony]
    recent = [given for conviction, given in relief if conviction.date > RECENT]
    found = SOME_RELIEF if any(given != NO_RELIEF for _, given in relief) else 0
    if felonies and all(given != NO_RELIEF for given in felonies):
        found |= NO_FELONY
    if relief and all(given == DISMISSED for _, given in relief):
        found |= NO_CONVICTION
    if recent and all(given == DISMISSED for given in recent):
        found |= NO_RECENT
    return found


@stable
@given(DRAWN)
def test_people_are_counted_by_what_relief_leaves_of_their_record(histories: list[History]) -> None:
    column = columns(histories)
    bounds = np.cumsum([0, *(len(history.candidates) for history in histories)]).astype(np.int64)
    others = np.array([history.sums() for history in histories], np.int32).reshape(-1, 3).T.copy()
    standings = np.full((2, len(histories)), 99, np.int8)
    with_prop64 = np.full(EXTRACTS + 1, 100, np.int64)
    measures = np.full((EXTRACTS + 1, POLICIES, MEASURES), 100, np.int64)
    count_people(
        Histories(
            bounds,
            np.array([history.extract for history in histories], np.int32),
            np.array([history.canonical for history in histories], np.bool_),
            others,
        ),
        Candidates(column["flags"], column["date"], column["section"]),
        column["reliefs"],
        RECENT,
        PeopleCounts(standings, with_prop64, measures),
    )
    wanted: Any = np.zeros((EXTRACTS + 1, POLICIES, MEASURES), np.int64)
    people = np.zeros(EXTRACTS + 1, np.int64)
    for h, history in enumerate(histories):
        for view, scope in ((0, history.extract), (1, EXTRACTS)):
            if view == 1 and not history.canonical:
                assert standings[view, h] == 0
                continue
            counted = [candidate for candidate in history.candidates if view == 1 or candidate.own]
            prop64 = WITH_PROP64 if any(candidate.section >= 0 for candidate in counted) else 0
            people[scope] += prop64 > 0
            assert standings[view, h] == standing(history, 0, view == 0) | prop64
            for policy in range(POLICIES):
                found = standing(history, policy, view == 0)
                wanted[scope, policy] += [found >> bit & 1 for bit in range(MEASURES)]
    assert (measures - 100).tolist() == wanted.tolist()
    assert (with_prop64 - 100).tolist() == people.tolist()


KEYS = st.integers(0, 3) | st.sampled_from([0, 7, 2**40, 2**56])


@stable
@given(st.lists(st.tuples(KEYS, st.lists(st.integers(0, 2**40), min_size=2, max_size=2)), max_size=20))
def test_counts_of_equal_keys_are_added_up(rows: list[tuple[int, list[int]]]) -> None:
    rows.sort(key=lambda row: row[0])
    keys = np.array([key for key, _ in rows], np.int64)
    counts = np.array([pair for _, pair in rows], np.int64).reshape(-1, 2)
    out_keys, out_counts = np.full(keys.size, -1, np.int64), np.full_like(counts, -1)
    size = add_equal(CountTable(keys, counts), CountTable(out_keys, out_counts))
    wanted: dict[int, list[int]] = {}
    for key, (one, two) in rows:
        before = wanted.get(key, [0, 0])
        wanted[key] = [before[0] + one, before[1] + two]
    assert out_keys[:size].tolist() == list(wanted)
    assert out_counts[:size].tolist() == list(wanted.values())


@stable
@given(st.lists(st.tuples(KEYS, st.integers(0, 63)), max_size=30), st.integers(1, 6))
def test_set_bits_are_counted_by_key(rows: list[tuple[int, int]], bits: int) -> None:
    marks = 2**bits - 1
    packed = [key << bits | mark & marks for key, mark in rows]
    out_keys, out_counts = np.zeros(len(packed), np.int64), np.zeros((len(packed), bits), np.int64)
    slots = np.zeros(64, np.int32)
    size = count_bits(np.array(packed, np.int64), bits, slots, CountTable(out_keys, out_counts))
    wanted: dict[int, list[int]] = {key: [0] * bits for key, _ in rows}
    for key, mark in rows:
        for bit in range(bits):
            wanted[key][bit] += mark >> bit & 1
    assert out_keys[:size].tolist() == list(wanted)
    assert out_counts[:size].tolist() == list(wanted.values())


def test_keys_that_fall_into_one_slot_are_told_apart() -> None:
    keys = [place << 40 for place in range(1, 17)] * 2
    out_keys, out_counts = np.zeros(len(keys), np.int64), np.zeros((len(keys), 1), np.int64)
    packed = np.array([key << 1 | 1 for key in keys], np.int64)
    assert count_bits(packed, 1, np.zeros(64, np.int32), CountTable(out_keys, out_counts)) == 16
    assert out_keys[:16].tolist() == keys[:16]
    assert out_counts[:16].ravel().tolist() == [2] * 16


TABLE = st.dictionaries(KEYS, st.tuples(st.integers(0, 2**40), st.integers(0, 2**40)), max_size=5)


@stable
@given(TABLE, TABLE)
def test_two_tables_of_counts_become_one(
    one: dict[int, tuple[int, int]], other: dict[int, tuple[int, int]]
) -> None:
    tables = []
    for table in (one, other):
        keys = sorted(table)
        counts = np.array([table[key] for key in keys], np.int64).reshape(-1, 2)
        tables.append(CountTable(np.array(keys, np.int64), counts))
    size = len(one) + len(other)
    out_keys, out_counts = np.full(size, -1, np.int64), np.full((size, 2), -1, np.int64)
    found = merge_counts(*tables, CountTable(out_keys, out_counts))
    wanted = sorted({*one, *other})
    assert out_keys[:found].tolist() == wanted
    assert out_counts[:found].tolist() == [
        [sum(both) for both in zip(one.get(key, (0, 0)), other.get(key, (0, 0)), strict=True)] for key in wanted
    ]


@stable
@given(st.lists(st.integers(1, 9), min_size=1, max_size=5), st.lists(st.integers(0, 2**30), max_size=9))
def test_keys_are_split_into_places(sizes: list[int], numbers: list[int]) -> None:
    numbers = [number % int(np.prod(sizes)) for number in numbers]
    out = np.full((len(sizes), len(numbers)), -1, np.int32)
    split_keys(np.array(numbers, np.int64), np.array(sizes, np.int64), out)
    found = [
        sum(int(place) * int(np.prod(sizes[axis + 1 :])) for axis, place in enumerate(column)) for column in out.T
    ]
    assert found == numbers
    assert all((row >= 0).all() and (row < size).all() for row, size in zip(out, sizes, strict=True))


@stable
@given(DRAWN, st.data())
def test_convictions_become_the_rows_that_they_are_counted_in(
    histories: list[History], data: st.DataObject
) -> None:
    column = columns(histories)
    size = column["flags"].size
    owners = [h for h, history in enumerate(histories) for _ in history.candidates]
    drawn = {
        name: data.draw(st.lists(st.integers(low, high), min_size=size, max_size=size))
        for name, low, high in (("scope", 0, 1), ("county", 0, 2), ("year", -1, 2020), ("outcome", 0, 3))
    }
    persons = list(range(len(histories)))
    out = np.full(size, -1, np.int64)
    found = pack_convictions(
        ConvictionRows(
            np.array(drawn["scope"], np.bool_),
            column["flags"],
            np.array(owners, np.int32),
            column["section"],
            np.array(drawn["county"], np.int32),
            np.array(drawn["year"], np.int16),
            np.array(drawn["outcome"], np.int64),
        ),
        np.array(persons, np.int64),
        Terms(np.arange(3) * 10**14, np.arange(5) * 10**12, np.arange(2) * 10**10, 10**8, 10**5),
        out,
    )
    wanted = []
    candidates = [candidate for history in histories for candidate in history.candidates]
    for place, owner in enumerate(owners):
        marks = int(candidates[place].own) + 2 * int(histories[owner].canonical)
        if drawn["scope"][place] and marks:
            key = drawn["county"][place] * 10**14 + candidates[place].section % 5 * 10**12
            key += (not candidates[place].felony) * 10**10
            key += drawn["outcome"][place] * 10**8 + persons[owner] * 10**5 + drawn["year"][place] + 1
            wanted.append(key << 2 | marks)
    assert out[:found].tolist() == wanted
