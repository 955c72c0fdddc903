"""Dates that cannot be right: one rule for records as they are read and for convictions as they are decided."""

import numpy as np

from clearscale_kernels.arrays import Bools, Int16s, Int32s
from clearscale_kernels.people import calendar

from .states import state

_FEWEST_DAYS = 365
"""No year has fewer days, so who is younger in such years is not too old."""


def implausible(events: Int32s, dated: Bools, births: Int32s, born: Bools, last: int | None = None) -> Bools:
    """Which records have a date that cannot be right; a missing one can.

    Parameters
    ----------
    events, dated
        Day numbers, and which of them are dates. Shape (n,).
    births, born
        The same of births.
    last
        The last day that a date can have; None if any day can be.

    Returns
    -------
    array of bool
        Before the first date that can be right, before birth, more years after it than people reach, to the day, or
        after the last day. Shape (n,).
    """
    values = state().values
    first, oldest = values.earliest_date, values.oldest
    odd: Bools = (dated & (events < first)) | (born & (births < first))
    lived = events - births
    both = dated & born
    odd |= both & (lived < 0)
    perhaps = np.flatnonzero(both & (lived >= oldest * _FEWEST_DAYS))
    if perhaps.size:
        # Too old on a day is who had reached the highest age on the day before.
        odd[perhaps] |= _ages(births[perhaps], events[perhaps] - np.int32(1)) >= oldest
    return odd if last is None else odd | later(events, births, last)


def later(events: Int32s, births: Int32s, last: int) -> Bools:
    """Which records have a date after the last day that one can have.

    Parameters
    ----------
    events, births
        Day numbers; those that stand for missing dates are of long ago. Shapes (n,).
    last
        A day number.

    Returns
    -------
    array of bool
        Shape (n,).
    """
    result: Bools = (events > last) | (births > last)
    return result


def _ages(births: Int32s, at: Int32s) -> Int16s:
    out = np.empty(births.size, np.int16)
    calendar.ages(births, at, out)
    return out
