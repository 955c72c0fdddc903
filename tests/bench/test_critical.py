"""The critical path of tasks on many workers."""

import pytest

from clearscale_bench.critical import last_ends, seconds_on


@pytest.mark.parametrize(
    ("tasks", "workers", "seconds"),
    [
        ([], 4, 0),
        ([3], 4, 3),
        ([1, 1, 1, 1], 1, 4),
        ([1, 1, 1, 1], 2, 2),
        ([1, 1, 1, 1], 3, 2),
        ([4, 1, 1, 1, 1], 2, 4),
        ([1, 1, 1, 1, 4], 2, 6),  # the longest comes last, when one worker is free for it
    ],
)
def test_a_free_worker_takes_the_next_task(tasks: list[float], workers: int, seconds: float) -> None:
    assert last_ends(tasks, workers) == seconds


def test_passes_wait_for_each_other_and_what_is_between_stays() -> None:
    passes = [[1.0] * 8, [2.0] * 4]
    assert seconds_on(1, passes, 3) == 8 + 8 + 3
    assert seconds_on(4, passes, 3) == 2 + 2 + 3
    assert seconds_on(1000, passes, 3) == 1 + 2 + 3
