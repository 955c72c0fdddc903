"""How much is measured: sizes by name, and what data of that size needs."""

from collections.abc import Sequence
from typing import NamedTuple


class Size(NamedTuple):
    """What one name stands for.

    scales: sizes of the state in rising order, 1 as it is. county_rows: records of a county's extract, in rising
    order. rounds: those that count.
    """

    scales: tuple[float, ...]
    county_rows: tuple[int, ...]
    rounds: int


SIZES = {
    "smoke": Size((0.01,), (30_000,), 3),
    "small": Size((0.01, 0.03), (30_000, 100_000), 3),
    "county": Size((0.02, 0.1), (50_000, 500_000), 3),
    "state": Size((0.1, 1), (500_000, 6_000_000), 1),
}


def gigabytes(scales: Sequence[float], county_rows: Sequence[int]) -> float:
    """Say how much disk sizes take, data and scratch together; extracts of more than a state are compressed."""
    state = max(scales)
    return 30 * min(state, 1) + 9 * max(state - 1, 0) + 1.5e-6 * max(county_rows) + 0.2


SCRATCH = "scratch-"
"""How folders begin, beside the data, for what is not kept."""

QUICK_ROUNDS = 15
"""Rounds that count of work that takes milliseconds."""

MORE_ROUNDS = 3
"""So many times the rounds of a size are taken at most of what looks worse than in the baseline."""
