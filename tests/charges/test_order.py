"""Rows in the order of several keys, which are packed into one number where they fit."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from clearscale.charges.grouping import in_order
from tests.support.examples import examples

KEYS = st.one_of(st.integers(0, 3), st.sampled_from([-(2**31), -719162, 2**31 - 1, 2**40]))


@settings(max_examples=examples(200))
@given(st.integers(1, 4).flatmap(lambda keys: st.lists(st.tuples(*[KEYS] * keys), max_size=12)), st.integers(1, 4))
def test_as_sorted_by_python(rows: list[tuple[int, ...]], keys: int) -> None:
    width = len(rows[0]) if rows else keys
    columns = [np.array([row[k] for row in rows], np.int64) for k in range(width)]
    assert in_order(*columns).tolist() == sorted(range(len(rows)), key=lambda place: rows[place])
