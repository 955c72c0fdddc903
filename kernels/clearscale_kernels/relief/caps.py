"""Places under a cap: of a person's charges that could have one, which get one."""

from typing import NamedTuple

from clearscale_kernels.arrays import Bools, Int32s, Int64s
from clearscale_kernels.jit.compiler import kernel


class Claims(NamedTuple):
    """Charges that could have a place.

    Attributes
    ----------
    wanted : bool, shape (n,)
    first : int32, shape (n,)
        The day from which each could have it.
    order : int32, shape (n,)
        Of those of one day, the least comes first; of those, the one that stands first.
    """

    wanted: Bools
    first: Int32s
    order: Int32s


@kernel
def allot(claims: Claims, bounds: Int64s, most: int, used: Int32s, out: Bools) -> None:
    """Give places: of each person, at most so many.

    Parameters
    ----------
    claims
    bounds : shape (people + 1,)
        Charges of person p are bounds[p] to bounds[p + 1].
    most
        How many places a person has.
    used : shape (people,)
        How many of them are taken. Changed: those that are given come to them.
    out : shape (n,)
        Filled: whether a charge got a place.
    """
    wanted, first, order = claims.wanted, claims.first, claims.order
    out[:] = False
    for p in range(bounds.size - 1):
        while used[p] < most:
            best = -1
            for i in range(bounds[p], bounds[p + 1]):
                if not wanted[i] or out[i]:
                    continue
                if best < 0 or first[i] < first[best] or (first[i] == first[best] and order[i] < order[best]):
                    best = i
            if best < 0:
                break
            out[best] = True
            used[p] += 1
