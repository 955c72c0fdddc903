"""Decided charges counted: charges and people by county and outcome, and what becomes due in which month."""

from typing import NamedTuple

from clearscale_kernels.arrays import Int8s, Int16s, Int32s, Int64s
from clearscale_kernels.jit.compiler import kernel

STATE, FIRST = 0, 2
"""Places: the state, 1 where nobody knows the county, then the counties by their codes."""


class Decided(NamedTuple):
    """Charges, those of a person side by side.

    Attributes
    ----------
    people : int32, shape (n,)
    counties : int16, shape (n,)
        Codes, -1 where nobody knows it.
    outcomes : int8, shape (n,)
        Codes, negative of a charge that is not counted.
    rules : int16, shape (n,)
        From 0, -1 of none.
    missing : int32, shape (n,)
        Bits.
    """

    people: Int32s
    counties: Int16s
    outcomes: Int8s
    rules: Int16s
    missing: Int32s


class Counts(NamedTuple):
    """Counts, added to.

    Attributes
    ----------
    charges, people : int64, shape (places, outcomes, rules + 1)
        By the rule from 1, 0 of none; people once for each.
    outcomes : int64, shape (places, outcomes)
        People, once for each.
    lacking : int64, shape (places, bits)
        Charges, once for each bit that they have.
    """

    charges: Int64s
    people: Int64s
    outcomes: Int64s
    lacking: Int64s


class Seen(NamedTuple):
    """Who was counted last: written over. At first, nobody: -1.

    Attributes
    ----------
    people : int32, shape (places, outcomes, rules + 1)
    outcomes : int32, shape (places, outcomes)
    """

    people: Int32s
    outcomes: Int32s


@kernel
def count_decided(decided: Decided, seen: Seen, out: Counts) -> tuple[int, int]:
    """Count charges and their people: of the state, and of each county.

    Parameters
    ----------
    decided
    seen
    out
        Added to.

    Returns
    -------
    tuple of int
        How many charges were counted, and how many people have one.
    """
    counted, with_some, last = 0, 0, -1
    bits = out.lacking.shape[1]
    for i in range(decided.outcomes.size):
        outcome = int(decided.outcomes[i])
        if outcome < 0:
            continue
        person, rule, missing = int(decided.people[i]), int(decided.rules[i]) + 1, int(decided.missing[i])
        counted += 1
        with_some += int(person != last)
        last = person
        for view in range(2):
            place = STATE if view == 0 else int(decided.counties[i]) + FIRST
            out.charges[place, outcome, rule] += 1
            if seen.people[place, outcome, rule] != person:
                seen.people[place, outcome, rule] = person
                out.people[place, outcome, rule] += 1
            if seen.outcomes[place, outcome] != person:
                seen.outcomes[place, outcome] = person
                out.outcomes[place, outcome] += 1
            if missing != 0:
                for bit in range(bits):
                    out.lacking[place, bit] += (missing >> bit) & 1
    return counted, with_some


class Due(NamedTuple):
    """Charges that are due, or will be; those of a person side by side.

    Attributes
    ----------
    people : int32, shape (n,)
    counties : int16, shape (n,)
        Codes, -1 where nobody knows it.
    outcomes : int8, shape (n,)
        What each gets: codes.
    months : int32, shape (n,)
        When, from 0.
    """

    people: Int32s
    counties: Int16s
    outcomes: Int8s
    months: Int32s


class First(NamedTuple):
    """Who was counted last, and in which month: written over. At first, nobody: -1.

    Attributes
    ----------
    people, months : int32, shape (places, outcomes)
    """

    people: Int32s
    months: Int32s


@kernel
def count_due(due: Due, first: First, out: Int64s) -> None:
    """Count charges by the month in which they are due, and people in the month of the first such charge.

    Parameters
    ----------
    due
    first
    out : shape (2, places, outcomes, months)
        Added to: charges, then people.
    """
    for i in range(due.people.size):
        person, outcome, month = int(due.people[i]), int(due.outcomes[i]), int(due.months[i])
        for view in range(2):
            place = STATE if view == 0 else int(due.counties[i]) + FIRST
            out[0, place, outcome, month] += 1
            if first.people[place, outcome] != person:
                first.people[place, outcome] = person
                first.months[place, outcome] = month
                out[1, place, outcome, month] += 1
            elif month < first.months[place, outcome]:
                out[1, place, outcome, first.months[place, outcome]] -= 1
                first.months[place, outcome] = month
                out[1, place, outcome, month] += 1
