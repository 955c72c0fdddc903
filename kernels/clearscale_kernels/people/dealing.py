"""Codes numbered anew inside each bucket, so that a bucket needs only the texts of its own rows."""

from clearscale_kernels.arrays import Int32s, Int64s
from clearscale_kernels.jit.compiler import kernel


@kernel
def number_anew(codes: Int32s, bounds: Int64s, seen: Int32s, out: Int32s, used: Int32s, ends: Int64s) -> int:
    """Number codes by first appearance in each group of rows.

    codes: shape (n,), -1 for none, which stays. bounds: shape (g + 1,), first row of each group. seen: zeros, one a
    code. Filled: out, shape (n,), numbers from 0 in each group; used, at least as long as there are numbers, the
    codes they stand for, group after group; ends, shape (g + 1,), where each group's begin and the last one's end.
    Returns how many there are.
    """
    found = 0
    for group in range(bounds.size - 1):
        first = found
        ends[group] = first
        for i in range(bounds[group], bounds[group + 1]):
            code = codes[i]
            if code < 0:
                out[i] = -1
                continue
            # What an earlier group left there is lower.
            if seen[code] <= first:
                used[found] = code
                found += 1
                seen[code] = found
            out[i] = seen[code] - 1 - first
    ends[bounds.size - 1] = found
    return found
