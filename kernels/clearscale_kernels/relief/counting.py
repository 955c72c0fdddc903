"""Decided charges counted: what becomes due in which month, of whom."""

from typing import NamedTuple

from clearscale_kernels.arrays import Int8s, Int16s, Int32s, Int64s
from clearscale_kernels.jit.compiler import kernel

STATE, FIRST = 0, 2
"""Places: the state, 1 where nobody knows the county, then the counties by their codes."""


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
