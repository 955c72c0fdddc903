"""What the rest of a record says of the convictions on it, free of any policy and any as-of date."""

from typing import NamedTuple

from clearscale_kernels import flag
from clearscale_kernels.arrays import Bools, Int16s, Int32s, Int64s
from clearscale_kernels.jit.compiler import kernel

from .calendar import NO_DATE

_FELONY = flag.FELONY
_SUPERSTRIKE = flag.SUPERSTRIKE
_REGISTRABLE = flag.REGISTRABLE
_STRIKES = flag.SUPERSTRIKE | flag.REGISTRABLE
_SUPERSTRIKE_EARLIER = flag.SUPERSTRIKE_EARLIER
_SUPERSTRIKE_SAME_CASE = flag.SUPERSTRIKE_SAME_CASE
_SUPERSTRIKE_PRIOR = flag.SUPERSTRIKE_PRIOR
_REGISTRABLE_EARLIER = flag.REGISTRABLE_EARLIER
_REGISTRABLE_SAME_CASE = flag.REGISTRABLE_SAME_CASE
_REGISTRABLE_PRIOR = flag.REGISTRABLE_PRIOR


class Convictions(NamedTuple):
    """Convictions, those of a history side by side.

    Attributes
    ----------
    chosen : bool, shape (n,)
        Those that a policy may decide.
    event_dates : int32, shape (n,)
        Day numbers.
    flags : int16, shape (n,)
        Bits of `flag`.
    charges : int16, shape (n,)
        Bits of `flag`.
    cases : int64, shape (n,)
        Negative where the case is unknown.
    sentence_ends : int32, shape (n,)
        Half days since 1970-01-01.
    """

    chosen: Bools
    event_dates: Int32s
    flags: Int16s
    charges: Int16s
    cases: Int64s
    sentence_ends: Int32s


@kernel
def mark_strikes(bounds: Int64s, convictions: Convictions, bits: Int32s, strikes: Int32s) -> None:
    """Say of each chosen conviction which superstrikes and Penal Code 290 offenses stand before and beside it.

    Parameters
    ----------
    bounds : shape (h + 1,)
        The first conviction of each history, and the past-last of the last.
    convictions
    bits : shape (n,)
        Added to: the `*_EARLIER`, `*_SAME_CASE` and `*_PRIOR` bits of `flag`.
    strikes : shape (2, h)
        Added to: convictions that are superstrikes, and those under Penal Code 290.
    """
    chosen, event_dates = convictions.chosen, convictions.event_dates
    charges, cases = convictions.charges, convictions.cases
    for h in range(bounds.size - 1):
        for k in range(bounds[h], bounds[h + 1]):
            charge = int(charges[k])
            if not charge & _STRIKES:
                continue
            if charge & _SUPERSTRIKE:
                strikes[0, h] += 1
            if charge & _REGISTRABLE:
                strikes[1, h] += 1
            for i in range(bounds[h], bounds[h + 1]):
                if not chosen[i] or i == k:
                    continue
                earlier = event_dates[k] < event_dates[i]
                same = cases[k] == cases[i] and cases[i] >= 0
                found = 0
                if charge & _SUPERSTRIKE:
                    found |= _SUPERSTRIKE_EARLIER if earlier else 0
                    found |= _SUPERSTRIKE_SAME_CASE if same else 0
                    found |= _SUPERSTRIKE_PRIOR if earlier and not same else 0
                if charge & _REGISTRABLE:
                    found |= _REGISTRABLE_EARLIER if earlier else 0
                    found |= _REGISTRABLE_SAME_CASE if same else 0
                    found |= _REGISTRABLE_PRIOR if earlier and not same else 0
                bits[i] |= found


@kernel
def sum_others(bounds: Int64s, convictions: Convictions, others: Int32s, ends: Int32s) -> None:
    """What the convictions of each history that are not chosen come to, and when its last sentence ends.

    Parameters
    ----------
    bounds : shape (h + 1,)
        The first conviction of each history, and the past-last of the last.
    convictions
    others : shape (3, h)
        Zeros, filled: convictions that are not chosen, felonies among them, their latest date (`NO_DATE` if none
        has one).
    ends : shape (h,)
        Filled: the latest sentence end of all convictions, twice `NO_DATE` without any.
    """
    chosen, event_dates = convictions.chosen, convictions.event_dates
    flags, sentence_ends = convictions.flags, convictions.sentence_ends
    for h in range(bounds.size - 1):
        others[2, h] = NO_DATE
        ends[h] = 2 * NO_DATE
        for i in range(bounds[h], bounds[h + 1]):
            ends[h] = max(ends[h], sentence_ends[i])
            if chosen[i]:
                continue
            felony = 1 if flags[i] & _FELONY else 0
            others[0, h] += 1
            others[1, h] += felony
            others[2, h] = max(others[2, h], event_dates[i])
