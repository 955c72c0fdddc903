"""Microaggregation: groups of rows in place of rows, so that no count tells a few people apart."""

from collections.abc import Sequence

import numpy as np

from clearscale_kernels.arrays import Int64s


def microaggregate(kinds: np.ndarray, numbers: np.ndarray, alike: Sequence[np.ndarray], size: int) -> np.ndarray:
    """Replace each `size` rows that are most alike by one row.

    kinds: shape (n, c), codes and bits; a group has those of the row in its middle. numbers: shape (n, d), a group
    has the middle value of each column. alike: keys, shape (n,) each, the most important first, by which rows are
    sorted before they are grouped; kinds and then numbers settle ties, so that the order of the rows does not
    matter. size: at least 1. Fewer than `size` rows remain and are left out, half of them at each end: otherwise
    who comes before the middle of the first group would be known to be half a group at most.

    Shape (n // size, c + d).
    """
    many, middle = len(kinds) // size, (size - 1) // 2
    first = len(kinds) % size // 2
    order = np.lexsort([*numbers.T[::-1], *kinds.T[::-1], *reversed(alike)])
    order = order[first : first + many * size].reshape(many, size)
    values = np.sort(numbers[order], axis=1)[:, middle]
    return np.concatenate([kinds[order[:, middle]], values], axis=1)


def interleaved(columns: Sequence[np.ndarray], bits: int) -> Int64s:
    """Return a number that is near for rows that are near in all columns: their bits in turn, the highest first.

    columns: shape (n,) each, from 0 below 2 ** bits; columns times bits at most 63. Shape (n,).
    """
    result = np.zeros(len(columns[0]), np.int64)
    for bit in reversed(range(bits)):
        for column in columns:
            result = result << 1 | (column.astype(np.int64) >> bit & 1)
    return result
