"""The critical path of tasks on many workers."""

import pytest

from clearscale_bench.critical import last_ends


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
