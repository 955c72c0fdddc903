"""One contract for every kind of cluster. Tasks are lambdas and closures, which travel by value."""

from __future__ import annotations

import operator
import re
import time
from pathlib import Path

import pytest

from clearscale_cluster import Cluster
from tests.support.waiting import PATIENCE

WORDS = ["dismiss", "reduce", "review", "keep", "dismiss", "reduce", "", "the last of them"]


def test_its_representation_is_a_line(cluster: Cluster) -> None:
    assert re.fullmatch(r"\w+Cluster\(.+\)", repr(cluster))


def test_map_yields_each_position_with_its_result(cluster: Cluster) -> None:
    pairs = list(cluster.map(lambda word: word.upper(), WORDS, label="map"))
    assert sorted(pairs) == [(position, word.upper()) for position, word in enumerate(WORDS)]


def test_gather_keeps_the_order_of_items(cluster: Cluster) -> None:
    assert cluster.gather(lambda number: number * 2, range(50), label="gather") == list(range(0, 100, 2))


@pytest.mark.parametrize("count", [1, 2, 7, 8, 9, 65])
def test_reduce_combines_all_in_order(cluster: Cluster, count: int) -> None:
    total = cluster.reduce(lambda number: f"{number},", range(count), operator.add, label="reduce")
    assert total == "".join(f"{number}," for number in range(count))


def test_no_items(cluster: Cluster) -> None:
    assert list(cluster.map(len, [], label="nothing")) == []
    assert cluster.gather(len, [], label="nothing") == []
    with pytest.raises(ValueError, match="nothing: no items to reduce"):
        cluster.reduce(len, [], operator.add, label="nothing")


def test_items_may_be_an_iterator_and_results_none(cluster: Cluster) -> None:
    assert cluster.gather(lambda _: None, iter("abc"), label="iterator") == [None, None, None]


def test_the_same_label_twice_is_new_work(cluster: Cluster) -> None:
    assert cluster.gather(lambda number: number + 1, [1, 2], label="same") == [2, 3]
    assert cluster.gather(lambda number: number + 2, [1, 2], label="same") == [3, 4]


def test_a_pass_within_a_pass(cluster: Cluster) -> None:
    totals = {}
    for position, number in cluster.map(lambda number: number, range(6), label="outer"):
        totals[position] = cluster.reduce(lambda item: item, range(number + 1), operator.add, label="inner")
    assert totals == {0: 0, 1: 1, 2: 3, 3: 6, 4: 10, 5: 15}


@pytest.mark.parametrize("error", [ValueError("seven"), FileNotFoundError(2, "no such file"), TimeoutError("late")])
def test_exceptions_are_raised_as_themselves(cluster: Cluster, error: Exception) -> None:
    def fail_at_seven(number: int) -> int:
        if number == 7:
            raise error
        return number

    for call in (
        lambda: cluster.gather(fail_at_seven, range(20), label="fail"),
        lambda: cluster.reduce(fail_at_seven, range(20), operator.add, label="fail"),
    ):
        with pytest.raises(type(error)) as caught:
            call()
        assert type(caught.value) is type(error)
        assert str(caught.value) == str(error)
    assert cluster.gather(lambda number: number, [1], label="afterwards") == [1]


def test_an_exception_of_combine_is_raised_as_itself(cluster: Cluster) -> None:
    with pytest.raises(TypeError, match="unsupported operand"):
        cluster.reduce(lambda number: number, [1, 2, 3], lambda left, right: left + str(right) - 1, label="combine")


def test_a_pass_may_be_left_early(cluster: Cluster) -> None:
    for _, result in cluster.map(lambda number: number, range(100), label="left early"):
        assert result in range(100)
        break
    assert cluster.gather(lambda number: number, [1, 2], label="afterwards") == [1, 2]


def test_results_arrive_before_all_are_done(cluster: Cluster, tmp_path: Path) -> None:
    arrived = tmp_path / "arrived"

    def work(number: int) -> int:
        # The last task ends only when the first results are there.
        deadline = time.monotonic() + PATIENCE
        while number == 19 and not arrived.exists() and time.monotonic() < deadline:
            time.sleep(0.01)
        return int(arrived.exists())

    last = 0
    for position, result in cluster.map(work, range(20), label="stream"):
        arrived.touch()
        last = result if position == 19 else last
    assert last == 1


def test_progress_counts_in_the_callers_thread(cluster: Cluster) -> None:
    import threading

    calls = []
    threads = set()

    def progress(done: int, total: int, label: str) -> None:
        calls.append((done, total, label))
        threads.add(threading.get_ident())

    expected = [(done, 5, "count") for done in range(6)]
    cluster.gather(lambda number: number, range(5), label="count", progress=progress)
    assert calls == expected
    calls.clear()
    cluster.reduce(lambda number: number, range(5), operator.add, label="count", progress=progress)
    assert calls == expected
    assert threads == {threading.get_ident()}


def test_workers_is_the_parallelism(cluster: Cluster) -> None:
    assert cluster.workers >= 1
