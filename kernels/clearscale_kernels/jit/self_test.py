"""One tiny kernel, called before any other, tells whether arguments and results arrive as they should."""

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np

from clearscale_kernels.arrays import Int32s, Int64s

from .arguments import CLOSE, NUMBER, TRUTH, Types, flatten


class Sample(NamedTuple):
    """Arguments of different kinds that come together."""

    table: Int32s
    number: int
    sums: Int64s


TYPES: Types = (Sample, "int32.2", NUMBER, "int64.1", CLOSE, TRUTH)
"""What `weigh` takes."""


def weigh(sample: Sample, twice: bool) -> tuple[int, int]:
    """Sum up each row of a table of two columns, and return two numbers that depend on everything given."""
    total = 0
    for i in range(sample.table.shape[0]):
        sample.sums[i] = (sample.table[i, 0] + 10 * sample.table[i, 1]) * (2 if twice else 1)
        total += sample.sums[i]
    return total, sample.number // sample.table.shape[0]


def passes(load: Callable[..., Any]) -> bool:
    """Whether the kernel that `load` gives answers as it should, with whole numbers and with an exception."""

    def ask(rows: int, sums: Int64s) -> Any:
        key: list[Any] = []
        flat: list[int] = []
        table = np.arange(2 * rows, dtype=np.int32).reshape(rows, 2)
        flatten((Sample(table, -(2**62), sums), True), key, flat)
        return load(weigh, TYPES)(flat)

    sums = np.zeros(3, np.int64)
    if ask(2, sums) != (2 * (10 + 32), -(2**61)) or sums.tolist() != [20, 64, 0]:
        return False
    try:
        ask(0, sums)
    except RuntimeError:
        return True
    return False
