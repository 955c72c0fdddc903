"""Codes numbered anew inside each bucket, so that a bucket needs only the texts of its own rows."""

from typing import NamedTuple

from clearscale_kernels.arrays import Int32s, Int64s
from clearscale_kernels.jit.compiler import kernel


class Renumbered(NamedTuple):
    """Codes of g groups of rows numbered anew. Filled.

    Attributes
    ----------
    numbers : int32, shape (n,)
        From 0 in each group, -1 for none.
    codes : int32, shape (at least as many as there are numbers,)
        What the numbers stand for, group after group.
    bounds : int64, shape (g + 1,)
        The first of each group's codes, and the past-last of the last.
    """

    numbers: Int32s
    codes: Int32s
    bounds: Int64s


@kernel
def number_anew(codes: Int32s, bounds: Int64s, seen: Int32s, out: Renumbered) -> int:
    """Number codes by first appearance in each group of rows.

    Parameters
    ----------
    codes : shape (n,)
        -1 for none, which stays.
    bounds : shape (g + 1,)
        The first row of each group, and the past-last of the last.
    seen : shape (known codes,)
        Scratch: zeros.
    out
        Filled.

    Returns
    -------
    int
        How many numbers there are.
    """
    numbers, used, ends = out.numbers, out.codes, out.bounds
    found = 0
    for group in range(bounds.size - 1):
        first = found
        ends[group] = first
        for i in range(bounds[group], bounds[group + 1]):
            code = codes[i]
            if code < 0:
                numbers[i] = -1
                continue
            # What an earlier group left there is lower.
            if seen[code] <= first:
                used[found] = code
                found += 1
                seen[code] = found
            numbers[i] = seen[code] - 1 - first
    ends[bounds.size - 1] = found
    return found
