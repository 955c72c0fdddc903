"""Charges counted by one number each, against plain Python."""

from collections import Counter
from datetime import date, timedelta
from itertools import accumulate

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from clearscale_kernels.people.calendar import FIRST
from clearscale_kernels.relief.cells import (
    COUNTY,
    COURT,
    NOBODY,
    Cells,
    Charges,
    Fields,
    Located,
    Met,
    Seen,
    Visits,
    codes,
    count_visits,
    look_up,
    mark_repeats,
    meet,
    merge,
    pack,
    tally,
    visits,
)
from tests.support.examples import examples

KINDS = {
    **dict.fromkeys(("person", "court", "offense", "day"), np.int32),
    **dict.fromkeys(("county", "rule"), np.int16),
    **dict.fromkeys(("level", "severity", "disposition", "outcome"), np.int8),
}
MISSING, CODES, ROOM = -(2**31), 3, 16
stable = settings(derandomize=True, deadline=None, database=None, max_examples=examples(200))


def room(size: int) -> Cells:
    return Cells(*(np.full(size, 99, np.int64) for _ in range(3)))


def listed(cells: Cells, count: int) -> list[tuple[int, ...]]:
    return list(zip(*(column[:count].tolist() for column in cells), strict=True))


@stable
@given(
    st.lists(st.tuples(*[st.integers(-1, CODES - 1)] * 9, st.none() | st.dates()), max_size=9),
    st.data(),
)
def test_a_field_for_each_code(rows: list[tuple[int | date | None, ...]], data: st.DataObject) -> None:
    epoch = date(1970, 1, 1)
    coded = [name for name in KINDS if name != "day"]
    columns = dict(zip([*coded, "day"], zip(*rows, strict=True) if rows else [()] * 10, strict=True))
    columns["day"] = tuple(MISSING if day is None else (day - epoch).days for day in columns["day"])
    fields = {name: 10 ** (place + 5) * np.arange(CODES + 1, dtype=np.int64) for place, name in enumerate(coded)}
    chosen = [row for row in range(len(rows)) if data.draw(st.booleans())]
    out = np.full(len(chosen), 99, np.int64)
    charges = Charges(**{name: np.array(columns[name], kind) for name, kind in KINDS.items()})
    known = np.arange(FIRST, FIRST + data.draw(st.sampled_from([0, 60_000])))
    years_known = np.array([(epoch + timedelta(day)).year + 1 for day in known.tolist()], np.int16)
    rows, put = np.array(chosen, np.int64), Fields(**{name: fields[name] for name in coded}, year=years_known)
    pack(charges, rows, put, MISSING, out)
    days = [columns["day"][row] for row in chosen]
    years = [0 if day == MISSING else (epoch + timedelta(day)).year + 1 for day in days]
    of_codes = [sum((columns[name][row] + 1) * 10 ** (k + 5) for k, name in enumerate(coded)) for row in chosen]
    assert out.tolist() == [year + code for year, code in zip(years, of_codes, strict=True)]


@stable
@given(st.lists(st.lists(st.sampled_from([0, 1, 16, 32, 2**61 - 1]), max_size=ROOM - 1), max_size=6))
def test_people_count_once(people: list[list[int]]) -> None:
    keys = np.array([key for person in people for key in person], np.int64)
    who = np.repeat(np.arange(len(people)), [len(person) for person in people]).astype(np.int32)
    marked = keys.copy()
    mark_repeats(marked, who, Met(np.zeros(ROOM, np.int64), np.full(ROOM, NOBODY, np.int32)))
    assert marked.tolist() == [2 * key + (key in person[:k]) for person in people for k, key in enumerate(person)]
    cells = room(keys.size)
    found = tally(np.sort(marked), cells)
    charges = Counter(keys.tolist())
    of_people = Counter(key for person in people for key in set(person))
    assert listed(cells, found) == [(key, charges[key], of_people[key]) for key in sorted(charges)]


COUNTED = st.dictionaries(st.integers(0, 9), st.tuples(st.integers(1, 9), st.integers(1, 9)))


@stable
@given(COUNTED, COUNTED)
def test_two_counts_are_added_up(one: dict[int, tuple[int, int]], other: dict[int, tuple[int, int]]) -> None:
    parts = [
        Cells(*(np.array([row[k] for row in rows], np.int64) for k in range(3)))
        for rows in ([(key, *counts) for key, counts in sorted(of.items())] for of in (one, other))
    ]
    out = room(len(one) + len(other))
    nothing = (0, 0)
    assert listed(out, merge(*parts, out)) == [
        (key, *(a + b for a, b in zip(one.get(key, nothing), other.get(key, nothing), strict=True)))
        for key in sorted({*one, *other})
    ]


PLACED = st.lists(st.lists(st.tuples(*[st.integers(-1, 2)] * 3), max_size=ROOM - 1), max_size=6)


@stable
@given(PLACED, st.sampled_from([COUNTY, COURT]))
def test_people_are_met_once_in_each_place(people: list[list[tuple[int, int, int]]], scope: int) -> None:
    rows = [charge for person in people for charge in person]
    located = Located(
        *(np.array([row[k] for row in rows], kind) for k, kind in enumerate((np.int16, np.int32, np.int8)))
    )
    bounds = np.array([*accumulate(map(len, people), initial=0)], np.int64)
    seen = Seen(np.zeros(ROOM, np.int64), np.full(ROOM, NOBODY, np.int32), np.zeros(ROOM, np.int32))
    out = Visits(*(np.full(len(rows), 99, np.int64) for _ in range(2)))
    count = visits(located, bounds, scope, seen, out)
    wanted: dict[tuple[int, ...], list[int]] = {}
    for row, person in enumerate(np.repeat(np.arange(len(people)), [len(person) for person in people]).tolist()):
        wanted.setdefault((person, *rows[row][:scope]), []).append(row)
    assert out.first[:count].tolist() == [of[0] for of in wanted.values()]
    bits = [sum({2 ** (rows[row][2] + 1) for row in of}) for of in wanted.values()]
    assert out.outcomes[:count].tolist() == bits


@stable
@given(
    st.lists(st.tuples(st.integers(0, 2), st.integers(0, 15)), max_size=9),
    st.lists(st.integers(-1, 15), max_size=4),
)
def test_people_are_counted_by_what_they_have(found: list[tuple[int, int]], bits: list[int]) -> None:
    counts = np.zeros((3, len(bits)), np.int64)
    groups, outcomes = (np.array([row[k] for row in found], np.int64) for k in range(2))
    count_visits(groups, outcomes, np.array(bits, np.int64), counts)
    assert counts.tolist() == [
        [sum(group == row and has & bit != 0 for group, has in found) for bit in bits] for row in range(3)
    ]


@stable
@given(st.lists(st.tuples(st.integers(-1, 6), st.integers(-1, 2), st.integers(-1, 0)), max_size=9))
def test_codes_of_fields(rows: list[tuple[int, int, int]]) -> None:
    keys = np.array([(high + 1) << 40 | (mid + 1) << 38 | (low + 1) << 37 for high, mid, low in rows], np.int64)
    for place, (shift, mask) in enumerate(((40, 7), (38, 3), (37, 1))):
        out = np.full(keys.size, 99, np.int32)
        codes(keys, shift, mask, out)
        assert out.tolist() == [row[place] for row in rows]
        met = np.zeros(8, np.bool_)
        meet(out, met)
        assert {*(np.flatnonzero(met) - 1).tolist()} == {row[place] for row in rows}
        looked_up = np.full(keys.size, 99, np.int32)
        look_up(out, np.arange(8, dtype=np.int32) * 10, looked_up)
        assert looked_up.tolist() == [(row[place] + 1) * 10 for row in rows]
