"""Codes numbered anew in each bucket, against plain Python."""

from itertools import accumulate, pairwise

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from clearscale_kernels.people.dealing import Renumbered, number_anew
from tests.support.examples import examples

CODES = 6

stable = settings(derandomize=True, deadline=None, database=None, max_examples=examples(300))


@stable
@given(st.lists(st.lists(st.integers(-1, CODES - 1), max_size=8), max_size=6))
def test_each_group_numbers_its_own_codes_by_first_appearance(groups: list[list[int]]) -> None:
    codes = [code for group in groups for code in group]
    bounds = list(accumulate(map(len, groups), initial=0))
    out, used = np.full(len(codes), 99, np.int32), np.full(len(codes), 99, np.int32)
    ends = np.full(len(bounds), 99, np.int64)
    found = number_anew(
        np.array(codes, np.int32),
        np.array(bounds, np.int64),
        np.zeros(CODES, np.int32),
        Renumbered(out, used, ends),
    )
    listed = [list(dict.fromkeys(code for code in group if code >= 0)) for group in groups]
    assert used[:found].tolist() == [code for group in listed for code in group]
    assert ends.tolist() == list(accumulate(map(len, listed), initial=0))
    numbers = [out[first:last].tolist() for first, last in pairwise(bounds)]
    assert numbers == [
        [own.index(code) if code >= 0 else -1 for code in group] for group, own in zip(groups, listed, strict=True)
    ]
