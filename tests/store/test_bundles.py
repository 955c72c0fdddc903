"""Small work for a far storage is bundled, and no worker is left without work for it."""

from itertools import chain

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clearscale.store.ingest.bundles import bundled, each_of

SIZES = st.lists(st.integers(0, 100), max_size=60)


@given(sizes=SIZES, most=st.integers(1, 300), workers=st.integers(0, 20))
def test_bundles_are_of_neighbors_and_small(sizes: list[int], most: int, workers: int) -> None:
    bundles = bundled(range(len(sizes)), sizes, most, workers)
    assert list(chain.from_iterable(bundles)) == list(range(len(sizes)))
    for bundle in bundles:
        assert len(bundle) == 1 or sum(sizes[item] for item in bundle) <= most
        assert len(bundle) <= 16
    assert len(bundles) >= min(len(sizes), 3 * workers)


def test_bundles_by_size_and_number() -> None:
    assert [len(bundle) for bundle in bundled(range(58), [1] * 58, 100, 2)] == [9] * 6 + [4]
    assert [len(bundle) for bundle in bundled(range(58), [1] * 58, 100, 58)] == [1] * 58
    assert [len(bundle) for bundle in bundled(range(58), [30] * 58, 100, 2)] == [3] * 19 + [1]


def test_results_are_in_order_and_errors_are_raised() -> None:
    assert each_of(lambda number: number * 2, (3, 1, 2)) == [6, 2, 4]
    with pytest.raises(ZeroDivisionError):
        each_of(lambda number: 1 / number, (1, 0))
