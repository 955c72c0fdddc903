"""Is each number one person? What the histories that it joins tell of who it is."""

from collections.abc import Sequence

import numpy as np

from clearscale_kernels.arrays import Bools, Int32s, Int64s


def contradictory(person: Int32s | Int64s, told: Sequence[Int64s]) -> Bools:
    """Which people's histories contradict one another.

    Parameters
    ----------
    person
        Of each history, places from 0. Shape (h,).
    told
        What each history tells in several respects, as numbers that are the same for the same; 0 where it tells
        nothing. Shapes (h,).

    Returns
    -------
    array of bool
        Of each person, whether two histories tell different things in one respect.
    """
    count = int(person.max(initial=-1)) + 1
    differing = np.zeros(count, np.bool_)
    if count == person.size:  # nobody has two
        return differing
    for values in told:
        told_by = np.flatnonzero(values)
        first = np.zeros(count, np.int64)
        first[person[told_by[::-1]]] = values[told_by[::-1]]  # backwards: the first stays
        differing[person[told_by[values[told_by] != first[person[told_by]]]]] = True
    return differing


def people_side_by_side(numbers: np.ndarray) -> Int64s:
    """The person of each history, from 0.

    Parameters
    ----------
    numbers
        Of each history, those of a person side by side; an empty number is nobody's, so that history stands alone.

    Returns
    -------
    array of int
        Shape (h,).
    """
    begins = np.ones(numbers.size, np.bool_)
    begins[1:] = (numbers[1:] != numbers[:-1]) | (numbers[1:] == b"")
    return np.cumsum(begins) - 1
