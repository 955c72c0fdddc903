"""Every policy of a family of options at once: histograms whose prefix sums hold the answer to each policy.

A felony survives a policy exactly when it lies on the wrong side of every option: below each threshold, outside of
each switch, and of no dismissed section. Buckets are numbered so that a felony in bucket b survives the settings
b, b + 1, ... of an axis, "off" being the last; the sum over all buckets up to a setting counts what survives it.
"""

import math

import numpy as np

from clearscale_kernels.arrays import Int32s, Int64s
from clearscale_kernels.jit.compiler import inlined, kernel


@inlined
def _sum_block(block: Int32s, row: int) -> None:
    """Inclusive sums along the four axes of a block. row: cells of a setting of its first axis, years since."""
    for start in range(0, block.size, row):
        cells = block[start : start + row]
        neither = deceased = only = every = 0
        for place in range(row // 4):
            i = 4 * place
            a, b, c, d = cells[i], cells[i + 1], cells[i + 2], cells[i + 3]
            neither += a
            deceased += a + b
            only += a + c
            every += a + b + c + d
            cells[i], cells[i + 1], cells[i + 2], cells[i + 3] = neither, deceased, only, every
    for start in range(row, block.size, row):
        _add(block[start : start + row], block[start - row : start])


@inlined
def _add(cells: Int32s, other: Int32s) -> None:
    for i in range(cells.size):
        cells[i] += other[i]


@inlined
def _sum_cube(blocks: Int32s, row: int) -> None:
    """Inclusive sums along all axes of a cube, whose blocks have shape (u, ages, cells)."""
    ages = blocks.shape[1]
    for u in range(blocks.shape[0]):
        for age in range(ages):
            _sum_block(blocks[u, age], row)
            if age:
                _add(blocks[u, age], blocks[u, age - 1])
    for u in range(1, blocks.shape[0]):
        for age in range(ages):
            _add(blocks[u, age], blocks[u - 1, age])


def _blocks(cubes: Int32s) -> Int32s:
    """Cubes with their last two axes as one, without a copy."""
    n, u, ages, since, columns = cubes.shape
    return cubes.reshape((n, u, ages, since * columns), copy=False)


def sum_up(cubes: Int32s) -> None:
    """Turn histograms into inclusive prefix sums along all axes but the first, in place.

    Parameters
    ----------
    cubes : shape (n, u, ages, since, columns)
        Changed. u is 2 where the switch for those under 21 is an axis too, else 1. The axes are as long as their
        options have settings; columns are years crime-free, only Prop 64 and deceased together, the last the
        fastest.
    """
    _sum_up(_blocks(cubes), cubes.shape[4])


@kernel
def _sum_up(blocks: Int32s, row: int) -> None:
    """As `sum_up`.

    Parameters
    ----------
    blocks : shape (n, u, ages, cells)
        Of the cubes.
    row
        Cells of a setting of a block's first axis.
    """
    for n in range(blocks.shape[0]):
        _sum_cube(blocks[n], row)


def survivors(bounds: Int64s, cells: Int64s, counts: Int64s, cubes: Int32s) -> None:
    """How many of the felonies of each kind survive every policy, from a histogram of those that occur.

    Parameters
    ----------
    bounds : shape (n + 1,)
        The first entry of each kind, and the past-last of the last.
    cells, counts : shape (entries,)
        Cells within the kind's cube, and how many felonies are there.
    cubes : shape (n, 2, ages, since, columns)
        Filled, one after the other, each while caches hold it; see `sum_up`.
    """
    blocks = _blocks(cubes)
    flat = blocks.reshape((blocks.shape[0], math.prod(blocks.shape[1:])), copy=False)
    _survivors(bounds, cells, counts, blocks, flat, cubes.shape[4])


@kernel
def _survivors(bounds: Int64s, cells: Int64s, counts: Int64s, blocks: Int32s, flat: Int32s, row: int) -> None:
    """As `survivors`.

    Parameters
    ----------
    blocks : shape (n, u, ages, all cells)
        Of the cubes.
    flat : shape (n, all cells)
        The same cubes.
    row
        Cells of a setting of a block's first axis.
    """
    for n in range(blocks.shape[0]):
        cube = flat[n]
        for i in range(cube.size):
            cube[i] = 0
        for e in range(bounds[n], bounds[n + 1]):
            cube[cells[e]] += np.int32(counts[e])
        _sum_cube(blocks[n], row)
