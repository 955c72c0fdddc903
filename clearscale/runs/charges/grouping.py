"""Rows brought together by what they have in common, as fast as they can be hashed."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from clearscale_kernels.arrays import Int64s

_ROOM = 2**62
"""Keys stay below it."""


@dataclass(frozen=True)
class Groups:
    """Rows by what they have in common.

    Attributes
    ----------
    of_row : shape (n,)
        The group of each row, from 0.
    first : shape (groups,)
        The first row of each.
    """

    of_row: Int64s
    first: Int64s

    @property
    def size(self) -> int:
        """How many groups there are."""
        return int(self.first.size)

    def counts(self) -> Int64s:
        """How many rows each group has. Shape (groups,)."""
        return np.bincount(self.of_row, minlength=self.size)

    def once(self, owners: np.ndarray) -> Int64s:
        """How many different owners the rows of each group have. owners: shape (n,), none negative."""
        pairs = owners.astype(np.int64) * max(self.size, 1) + self.of_row
        pairs.sort()  # which takes a third of hashing them
        distinct = pairs[np.diff(pairs, prepend=-1) != 0]
        return np.bincount(distinct % max(self.size, 1), minlength=self.size)


def grouped(columns: "Sequence[np.ndarray]") -> Groups:
    """Bring rows together that are the same in all columns.

    Parameters
    ----------
    columns
        Whole numbers from -1 up, shape (n,) each.

    Returns
    -------
    Groups
        In the order in which they are met.
    """
    keys, room = np.zeros(columns[0].size, np.int64), 1
    for column in columns:
        size = int(column.max(initial=-1)) + 2
        if room * size >= _ROOM:
            keys, room = _numbered(keys).of_row, max(keys.size, 1)
        keys = keys * size + column + 1
        room *= size
    return _numbered(keys)


def _numbered(keys: Int64s) -> Groups:
    coded = pa.array(keys).dictionary_encode()
    of_row = coded.indices.to_numpy(zero_copy_only=False).astype(np.int64)
    first = np.empty(len(coded.dictionary), np.int64)
    # Of several assignments to one place the last one stays: backwards, that is the first row.
    first[of_row[::-1]] = np.arange(of_row.size - 1, -1, -1)
    return Groups(of_row, first)
