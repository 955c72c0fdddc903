"""Sums over the settings of options, of axes of any length."""

import numpy as np
import pytest

from clearscale_kernels.policy.prefix_sums import sum_up, survivors

AXES = [(1, 1, 1, 1), (2, 27, 16, 16), (2, 3, 5, 2), (1, 32, 2, 7), (2, 1, 16, 1)]
"""Settings of the switch for those under 21, of age, of years since and of years crime-free."""


def cubes_of(n: int, axes: tuple[int, ...]) -> np.ndarray:
    """Histograms as kernels take them: the last axis is years crime-free, only Prop 64 and deceased together."""
    shape = (n, *axes[:3], 4 * axes[3])
    return np.random.default_rng(3).integers(0, 9, shape).astype(np.int32)


def summed(cubes: np.ndarray, axes: tuple[int, ...]) -> np.ndarray:
    """The sums over every axis but the first."""
    laid_open = cubes.reshape(-1, *axes, 2, 2)
    for axis in range(1, laid_open.ndim):
        laid_open = np.cumsum(laid_open, axis=axis, dtype=np.int32)
    return laid_open.reshape(cubes.shape)


@pytest.mark.parametrize("axes", AXES)
def test_prefix_sums(axes: tuple[int, ...]) -> None:
    cubes = cubes_of(3, axes)
    wanted = summed(cubes, axes)
    sum_up(cubes)
    assert (cubes == wanted).all()


@pytest.mark.parametrize("axes", [shape for shape in AXES if shape[0] == 2])
def test_survivors(axes: tuple[int, ...]) -> None:
    held = cubes_of(2, axes)
    wanted = summed(held, axes)
    kinds, cells = np.divmod(np.flatnonzero(held), held[0].size)
    bounds = np.searchsorted(kinds, np.arange(3)).astype(np.int64)
    found = np.full_like(held, -1)
    survivors(bounds, cells, held[held != 0].astype(np.int64), found)
    assert (found == wanted).all()
