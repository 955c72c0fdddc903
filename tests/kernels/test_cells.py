"""Charges counted by one number each, against plain Python."""

from collections import Counter
from datetime import date, timedelta

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from clearscale_kernels.relief.cells import NOBODY, Cells, Charges, Fields, Met, merge, pack, repeated, tally
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
    codes = [name for name in KINDS if name != "day"]
    columns = dict(zip([*codes, "day"], zip(*rows, strict=True) if rows else [()] * 10, strict=True))
    columns["day"] = tuple(MISSING if day is None else (day - epoch).days for day in columns["day"])
    fields = {name: 10 ** (place + 5) * np.arange(CODES + 1, dtype=np.int64) for place, name in enumerate(codes)}
    chosen = [row for row in range(len(rows)) if data.draw(st.booleans())]
    out = np.full(len(chosen), 99, np.int64)
    charges = Charges(**{name: np.array(columns[name], kind) for name, kind in KINDS.items()})
    rows, put = np.array(chosen, np.int64), Fields(**{name: fields[name] for name in Fields._fields})
    pack(charges, rows, put, MISSING, out)
    days = [columns["day"][row] for row in chosen]
    years = [0 if day == MISSING else (epoch + timedelta(day)).year + 1 for day in days]
    of_codes = [sum((columns[name][row] + 1) * 10 ** (k + 5) for k, name in enumerate(codes)) for row in chosen]
    assert out.tolist() == [year + code for year, code in zip(years, of_codes, strict=True)]


@stable
@given(st.lists(st.lists(st.sampled_from([0, 1, 16, 32, 2**61]), max_size=ROOM - 1), max_size=6))
def test_people_count_once(people: list[list[int]]) -> None:
    keys = np.array([key for person in people for key in person], np.int64)
    who = np.repeat(np.arange(len(people)), [len(person) for person in people]).astype(np.int32)
    out = np.full(keys.size, 99, np.int64)
    count = repeated(keys, who, Met(np.zeros(ROOM, np.int64), np.full(ROOM, NOBODY, np.int32)), out)
    again = Counter(key for person in people for key, times in Counter(person).items() for _ in range(times - 1))
    assert Counter(out[:count].tolist()) == again
    cells = room(keys.size)
    found = tally(np.sort(keys), np.sort(out[:count]), cells)
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
