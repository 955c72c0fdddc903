"""Dates at the edge of the system: what people write and read, against the day numbers inside."""

import datetime
from functools import lru_cache

import numpy as np

from clearscale_kernels.arrays import Int16s, Int32s
from clearscale_kernels.people import calendar
from clearscale_kernels.people.calendar import NO_DATE, add_years, civil, day_number

from .errors import ClearscaleError

__all__ = ["NO_DATE", "add_years", "as_of_day", "iso", "us", "years_behind"]


def as_of_day(text: str | datetime.date) -> int:
    """Day number of a date, or of one written YYYY-MM-DD. Raises ClearscaleError if it is none."""
    try:
        date = text if isinstance(text, datetime.date) else datetime.datetime.strptime(text, "%Y-%m-%d").date()
        if isinstance(text, str) and len(text) != len("YYYY-MM-DD"):
            raise ValueError
    except (ValueError, TypeError):
        raise ClearscaleError(f"'{text}' is no date; write it as YYYY-MM-DD, such as 2020-07-01") from None
    return day_number(date.year, date.month, date.day)


@lru_cache(maxsize=16)
def _limits(kind: int, as_of: int) -> Int32s:
    out = np.empty(2 * calendar.SPANS + 1, np.int32)
    calendar.limits(kind, as_of, out)
    return out


def years_behind(kind: int, days: Int32s, as_of: int) -> Int16s:
    """Whole years from each day to the as-of date; kind: AGE, SINCE or CLEAR of the kernels' `calendar`.

    days: shape (n,). Shape (n,).
    """
    out = np.empty(days.size, np.int16)
    calendar.spans(days, _limits(kind, as_of), out)
    return out


def iso(day: int) -> str:
    """A day as YYYY-MM-DD."""
    return "{:04d}-{:02d}-{:02d}".format(*civil(day))


def us(day: int) -> str:
    """A day as MM/DD/YYYY."""
    year, month, day_of_month = civil(day)
    return f"{month:02d}/{day_of_month:02d}/{year:04d}"
