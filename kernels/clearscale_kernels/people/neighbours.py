"""What the rest of a record says of the convictions on it, free of any policy and any as-of date."""

from clearscale_kernels import flag
from clearscale_kernels.arrays import Bools, Int16s, Int32s, Int64s
from clearscale_kernels.jit.compiler import kernel

from .calendar import NO_DATE

_FELONY = flag.FELONY
_SUPERSTRIKE = flag.SUPERSTRIKE
_PC290 = flag.PC290
_STRIKES = flag.SUPERSTRIKE | flag.PC290
_SUPERSTRIKE_EARLIER = flag.SUPERSTRIKE_EARLIER
_SUPERSTRIKE_SAME_CASE = flag.SUPERSTRIKE_SAME_CASE
_SUPERSTRIKE_PRIOR = flag.SUPERSTRIKE_PRIOR
_PC290_EARLIER = flag.PC290_EARLIER
_PC290_SAME_CASE = flag.PC290_SAME_CASE
_PC290_PRIOR = flag.PC290_PRIOR


@kernel
def mark_strikes(
    bounds: Int64s,
    chosen: Bools,
    event_dates: Int32s,
    charges: Int16s,
    cases: Int64s,
    bits: Int32s,
    strikes: Int32s,
) -> None:
    """Say of each chosen conviction which superstrikes and Penal Code 290 offenses stand before and beside it.

    bounds: shape (h + 1,), the first conviction of each history. chosen, event_dates, charges (bits), cases
    (negative: unknown): of each conviction, shape (n,).

    Filled: bits, shape (n,), added to: the `*_EARLIER`, `*_SAME_CASE` and `*_PRIOR` bits of `flag`. strikes, shape
    (2, h), zeros before: convictions that are superstrikes, and those under Penal Code 290.
    """
    for h in range(bounds.size - 1):
        for k in range(bounds[h], bounds[h + 1]):
            charge = int(charges[k])
            if not charge & _STRIKES:
                continue
            if charge & _SUPERSTRIKE:
                strikes[0, h] += 1
            if charge & _PC290:
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
                if charge & _PC290:
                    found |= _PC290_EARLIER if earlier else 0
                    found |= _PC290_SAME_CASE if same else 0
                    found |= _PC290_PRIOR if earlier and not same else 0
                bits[i] |= found


@kernel
def sum_others(
    bounds: Int64s,
    chosen: Bools,
    event_dates: Int32s,
    flags: Int16s,
    sentence_ends: Int32s,
    others: Int32s,
    ends: Int32s,
) -> None:
    """What the convictions of each history that are not chosen come to, and when its last sentence ends.

    bounds: shape (h + 1,). chosen, event_dates, flags, sentence_ends (half days): of each conviction, shape (n,).

    Filled: others, shape (3, h), zeros before: convictions that are not chosen, felonies among them, their latest
    date (`NO_DATE` if none has one). ends, shape (h,): the latest sentence end of all convictions, twice `NO_DATE`
    without any.
    """
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
