"""How much is measured: sizes by name, and what data of that size needs."""

from typing import NamedTuple


class Size(NamedTuple):
    """What one name stands for.

    scales: sizes of the state in rising order, 1 as it is. county_rows: records of a county's extract, in rising
    order. rounds: those that count. gigabytes: of disk, data and scratch together.
    """

    scales: tuple[float, ...]
    county_rows: tuple[int, ...]
    rounds: int
    gigabytes: float


SIZES = {
    "smoke": Size((0.01,), (30_000,), 3, 0.5),
    "small": Size((0.01, 0.03), (30_000, 100_000), 3, 1.5),
    "county": Size((0.02, 0.1), (50_000, 500_000), 3, 5),
    "state": Size((0.1, 1), (500_000, 6_000_000), 1, 30),
}

QUICK_ROUNDS = 15
"""Rounds that count of work that takes milliseconds."""

MORE_ROUNDS = 3
"""So many times the rounds of a size are taken at most of what looks worse than in the baseline."""
