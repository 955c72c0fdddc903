"""Waits that events start again, against plain Python that looks at every event anew."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from clearscale_kernels.people.calendar import FIRST, KNOWN
from clearscale_kernels.relief.groups import EVER, NEVER, NO, UNSURE, YES, Parts, Spans
from clearscale_kernels.relief.waiting import (
    DAYS,
    Clock,
    Events,
    Line,
    Starts,
    clear,
    line_up,
    wind_up,
)
from tests.support.examples import examples

MISSING = -719162
LENGTH = 10
CLOCK = Clock(np.array([LENGTH, DAYS], np.int32), np.empty(KNOWN, np.int32))
wind_up(CLOCK)

DAY = st.one_of(st.integers(0, 40), st.sampled_from([FIRST - 5, FIRST + KNOWN + 3]))
EVENT = st.tuples(st.sampled_from([NO, UNSURE, YES]), st.one_of(DAY, st.just(MISSING)))
START = st.tuples(st.one_of(DAY, st.just(NEVER)), st.one_of(st.integers(0, 15), st.none())).map(
    lambda pair: (pair[0], EVER if pair[1] is None else max(pair[0], 0) + pair[1] if pair[0] != NEVER else NEVER)
)
CHARGE = st.tuples(EVENT, START, st.booleans())
PART = st.tuples(st.booleans(), st.lists(CHARGE, max_size=6))


def later(day: int) -> int:
    return day if day in (NEVER, EVER) else day + LENGTH


def plain(start: int, events: list[tuple[int, int]], least: int) -> int:
    if start in (NEVER, EVER):
        return start
    while True:
        behind = [day for truth, day in events if truth >= least and start < day < later(start) and day != MISSING]
        if not behind:
            return later(start)
        start = min(behind)


@settings(max_examples=examples(300), deadline=None)
@given(st.lists(PART, max_size=5))
def test_as_plain(parts: list[tuple[bool, list[tuple[tuple[int, int], tuple[int, int], bool]]]]) -> None:
    charges = [charge for _, part in parts for charge in part]
    asked = np.array([k for k, charge in enumerate(charges) if charge[2]], np.int64)
    low, high = (np.array([charges[k][1][end] for k in asked], np.int32) for end in range(2))
    expected = []
    for blind, part in parts:
        events = [event for event, _, _ in part]
        lost = blind or any(truth != NO and day == MISSING for truth, day in events)
        for _, (first, last), is_asked in part:
            if is_asked:
                least = plain(first, events, YES)
                most = plain(last, events, UNSURE)
                if lost and last != NEVER:
                    most = EVER
                elif first == last and UNSURE not in [truth for truth, _ in events]:
                    most = least
                expected.append((least, most))
    bounds = np.cumsum([0, *(len(part) for _, part in parts)]).astype(np.int64)
    events = Events(
        np.array([charge[0][0] for charge in charges], np.int8),
        np.array([charge[0][1] for charge in charges], np.int32),
    )
    blind = np.array([blind for blind, _ in parts], np.bool_)
    line = Line(
        np.empty(len(parts) + 1, np.int64),
        np.empty(len(charges), np.int8),
        np.empty(len(charges), np.int32),
        np.empty(len(parts), np.bool_),
        np.empty(len(parts), np.bool_),
    )
    line_up(events, MISSING, Parts(bounds, blind), line)
    out = Spans(np.empty(asked.size, np.int32), np.empty(asked.size, np.int32))
    whose = np.repeat(np.arange(len(parts)), np.diff(bounds)).astype(np.int32)[asked]
    clear(Starts(whose, low, high), CLOCK, line, out)
    assert list(zip(out.low.tolist(), out.high.tolist(), strict=True)) == expected
