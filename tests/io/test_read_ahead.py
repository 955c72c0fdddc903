"""Working ahead: results in order, errors in their place, no more items drawn than asked for, no thread left."""

import threading
import time
from collections.abc import Iterator

import pytest

from clearscale.io.read_ahead import ahead


def late(number: int) -> int:
    """The first items take longest."""
    time.sleep(0.02 / (number + 1))
    return number * number


@pytest.mark.parametrize("threads", [1, 2, 5])
def test_results_come_in_order(threads: int) -> None:
    assert list(ahead(late, range(20), threads, 4)) == [number * number for number in range(20)]
    assert list(ahead(late, [], threads, 4)) == []


def test_only_so_many_items_are_drawn_ahead() -> None:
    drawn = []

    def items() -> Iterator[int]:
        for number in range(100):
            drawn.append(number)
            yield number

    results = ahead(late, items(), 2, 3)
    assert next(results) == 0
    assert len(drawn) == 4
    results.close()
    assert len(drawn) == 4


def test_an_error_comes_in_its_place_and_no_thread_stays() -> None:
    before = threading.active_count()

    def fail(number: int) -> int:
        if number == 3:
            raise ValueError("three")
        return late(number)

    results = ahead(fail, range(100), 2, 4)
    assert [next(results) for _ in range(3)] == [0, 1, 4]
    with pytest.raises(ValueError, match="three"):
        next(results)

    def broken() -> Iterator[int]:
        yield 1
        raise OSError("gone")

    with pytest.raises(OSError, match="gone"):
        list(ahead(late, broken(), 2, 4))
    assert threading.active_count() == before
