"""What charges of a case or a person have together, against plain Python."""

from itertools import accumulate, chain

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from clearscale_kernels.relief.groups import EVER, NEVER, NO, UNSURE, YES, Parts, Spans, latest
from clearscale_kernels.relief.lacking import Lacks, of_parts
from tests.support.examples import examples

MISSING, UNDATED, BLIND, OTHERS = -99, 8, 16, 32
CHARGE = st.tuples(
    st.sampled_from([NO, UNSURE, YES]), st.sampled_from([MISSING, 3, 5]), st.sampled_from([0, 1, 2, 3])
)
PARTS = st.lists(st.tuples(st.booleans(), st.lists(CHARGE, max_size=5)), max_size=5)
stable = settings(derandomize=True, deadline=None, database=None, max_examples=examples(300))


def arrays(parts: list[tuple[bool, list[tuple[int, int, int]]]]) -> tuple[Parts, list[np.ndarray]]:
    charges = [*chain.from_iterable(own for _, own in parts)]
    kinds = np.int8, np.int32, np.int32
    columns = [np.array([charge[k] for charge in charges], kind) for k, kind in enumerate(kinds)]
    bounds = np.array([*accumulate((len(own) for _, own in parts), initial=0)], np.int64)
    return Parts(bounds, np.array([blind for blind, _ in parts], np.bool_)), columns


@stable
@given(PARTS)
def test_the_latest_day(parts: list[tuple[bool, list[tuple[int, int, int]]]]) -> None:
    together, (truths, days, _) = arrays(parts)
    out = Spans(*(np.full(len(parts), 99, np.int32) for _ in range(2)))
    latest(truths, days, MISSING, together, out)
    low = [max((day for of, day, _ in own if of == YES and day != MISSING), default=NEVER) for _, own in parts]
    high = [
        EVER
        if blind or any(of != NO and day == MISSING for of, day, _ in own)
        else max((day for of, day, _ in own if of != NO), default=NEVER)
        for blind, own in parts
    ]
    assert (out.low.tolist(), out.high.tolist()) == (low, high)


@stable
@given(PARTS, st.sampled_from([0, UNDATED]), st.data())
def test_what_others_lack(
    parts: list[tuple[bool, list[tuple[int, int, int]]]], undated: int, data: st.DataObject
) -> None:
    together, (truths, days, bits) = arrays(parts)
    lacks = Lacks(bits, truths, days, np.array([MISSING, undated], np.int32))
    part = np.repeat(np.arange(len(parts)), [len(own) for _, own in parts]).astype(np.int32)
    rows = [row for row in range(part.size) if data.draw(st.booleans())]
    out = np.full(len(rows), 99, np.int32)
    of_parts(lacks, together, part, np.array(rows, np.int64), np.array([BLIND, OTHERS], np.int32), out)

    def of(truth: int, day: int, bit: int) -> int:
        return bit | (undated if day == MISSING and truth != NO else 0)

    expected = []
    for row in rows:
        blind, own = parts[part[row]]
        found = 0
        for charge in own:
            found |= of(*charge)
        begin = int(together.bounds[part[row]])
        others = OTHERS if found & ~of(*own[row - begin]) else 0
        expected.append(found | others | (BLIND if blind else 0))
    assert out.tolist() == expected
