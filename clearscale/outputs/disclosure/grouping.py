"""Rows taken several at a time: whatever is counted of them, however often, a few are never told apart."""

from collections.abc import Sequence

import numpy as np

from clearscale_kernels.arrays import Int64s


def taken_together(kinds: np.ndarray, numbers: np.ndarray, alike: Sequence[np.ndarray], size: int) -> np.ndarray:
    """One row in place of each `size` rows that are most alike.

    kinds: shape (n, c), codes and bits; a group has those of the row in its middle. numbers: shape (n, d), a group
    has the middle value of each column. alike: keys, shape (n,) each, the most important first, by which rows are
    sorted before they are taken; ties are settled by kinds and then numbers, so that it does not matter in which
    order rows came. size: at least 1. What is left over at the end, fewer than `size`, is left out.

    Shape (n // size, c + d).
    """
    many, middle = len(kinds) // size, (size - 1) // 2
    order = np.lexsort([*numbers.T[::-1], *kinds.T[::-1], *reversed(alike)])[: many * size].reshape(many, size)
    values = np.sort(numbers[order], axis=1)[:, middle]
    return np.concatenate([kinds[order[:, middle]], values], axis=1)


def interleaved(columns: Sequence[np.ndarray], bits: int) -> Int64s:
    """A number that is near for rows that are near in all columns: their bits in turn, the highest first.

    columns: shape (n,) each, from 0 below 2 ** bits; columns times bits at most 63. Shape (n,).
    """
    result = np.zeros(len(columns[0]), np.int64)
    for bit in reversed(range(bits)):
        for column in columns:
            result = result << 1 | (column.astype(np.int64) >> bit & 1)
    return result
