"""Charges of a group among those of a case or a person: some, only, how many, the latest, the place of each.

A charge is in a group, or not, or it is not known. So each answer is what it can be at least and at most. Charges
of a case or person stand together; of those who are blind, nobody knows which other charges they have.
"""

from typing import NamedTuple

from clearscale_kernels.arrays import Bools, Int8s, Int32s, Int64s
from clearscale_kernels.jit.compiler import inlined, kernel

NO, UNSURE, YES = range(3)
"""Whether something holds. Of two that must both hold, the lesser counts; of two of which one must, the greater."""

NEVER, EVER = -(2**31), 2**31 - 1
"""Days before and behind all others, and numbers below and above: nothing is known, or nothing is there."""


class Parts(NamedTuple):
    """Charges as those of cases or people.

    Attributes
    ----------
    bounds : int64, shape (parts + 1,)
        Charges of part p are bounds[p] to bounds[p + 1].
    blind : bool, shape (parts,)
        Whether there may be charges that nobody knows of.
    """

    bounds: Int64s
    blind: Bools


class Spans(NamedTuple):
    """What numbers or days can be. Filled.

    Attributes
    ----------
    low, high : int32, shape (n,)
        At least and at most.
    """

    low: Int32s
    high: Int32s


@kernel
def some(truths: Int8s, parts: Parts, out: Int8s) -> None:
    """Whether some charge of the part is in the group.

    Parameters
    ----------
    truths : shape (n,)
        NO, UNSURE or YES.
    parts
    out : shape (n,)
        Filled.
    """
    bounds, blind = parts.bounds, parts.blind
    for p in range(bounds.size - 1):
        found = UNSURE if blind[p] else NO
        for i in range(bounds[p], bounds[p + 1]):
            found = max(found, int(truths[i]))
        out[bounds[p] : bounds[p + 1]] = found


@kernel
def only(truths: Int8s, parts: Parts, out: Int8s) -> None:
    """Whether all charges of the part are in the group.

    Parameters
    ----------
    truths : shape (n,)
        NO, UNSURE or YES.
    parts
    out : shape (n,)
        Filled.
    """
    bounds, blind = parts.bounds, parts.blind
    for p in range(bounds.size - 1):
        found = UNSURE if blind[p] else YES
        for i in range(bounds[p], bounds[p + 1]):
            found = min(found, int(truths[i]))
        out[bounds[p] : bounds[p + 1]] = found


@kernel
def count(truths: Int8s, parts: Parts, out: Spans) -> None:
    """How many charges of the part are in the group.

    Parameters
    ----------
    truths : shape (n,)
        NO, UNSURE or YES.
    parts
    out
        Filled.
    """
    bounds, blind = parts.bounds, parts.blind
    for p in range(bounds.size - 1):
        least, most = 0, 0
        for i in range(bounds[p], bounds[p + 1]):
            least += int(truths[i] == YES)
            most += int(truths[i] != NO)
        out.low[bounds[p] : bounds[p + 1]] = least
        out.high[bounds[p] : bounds[p + 1]] = EVER if blind[p] else most


@kernel
def latest(truths: Int8s, days: Int32s, missing: int, parts: Parts, out: Spans) -> None:
    """The latest day of each part's charges that are in the group; NEVER where there is none.

    Parameters
    ----------
    truths : shape (n,)
        NO, UNSURE or YES.
    days : shape (n,)
    missing
        The day that stands for one that is missing.
    parts
    out : shape (parts,)
        Filled; at most EVER where the day of one that may be in the group is missing.
    """
    bounds, blind = parts.bounds, parts.blind
    for p in range(bounds.size - 1):
        least, most = NEVER, NEVER
        for i in range(bounds[p], bounds[p + 1]):
            # Choices instead of branches: charges in a group and others come in no order.
            day, truth = int(days[i]), truths[i]
            least = max(least, day if truth == YES and day != missing else NEVER)
            most = max(most, NEVER if truth == NO else EVER if day == missing else day)
        out.low[p] = least
        out.high[p] = EVER if blind[p] else most


@inlined
def _before(day: int, place: int, other: int, other_place: int) -> bool:
    return day < other or (day == other and place < other_place)


@kernel
def places(truths: Int8s, days: Int32s, missing: int, parts: Parts, out: Spans) -> None:
    """Of a charge of the group, the place that it has by day among those of its part, from 1; 0 of another charge.

    Parameters
    ----------
    truths : shape (n,)
        NO, UNSURE or YES.
    days : shape (n,)
        Of charges of one day, the one that stands first comes first.
    missing
        The day that stands for one that is missing.
    parts
    out
        Filled.
    """
    bounds, blind = parts.bounds, parts.blind
    for p in range(bounds.size - 1):
        for i in range(bounds[p], bounds[p + 1]):
            if truths[i] == NO:
                out.low[i], out.high[i] = 0, 0
                continue
            least, most = 1, 1
            day = int(days[i])
            for k in range(bounds[p], bounds[p + 1]):
                if k == i or truths[k] == NO:
                    continue
                other = int(days[k])
                unsure = day == missing or other == missing
                if unsure or _before(other, k, day, i):
                    most += 1
                    least += int(truths[k] == YES and not unsure)
            out.low[i] = least if truths[i] == YES else 0
            out.high[i] = EVER if blind[p] else most
