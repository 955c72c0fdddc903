"""Dates as whole days since 1970-01-01 in the proleptic Gregorian calendar, year 0 included.

"No date" is 1 January of year 1 (`NO_DATE`), so that comparisons need no special case. Adding years to
29 February gives 1 March in a year without one, and so does taking years away.
"""

from clearscale_kernels.arrays import Bools, Bytes, Int16s, Int32s
from clearscale_kernels.jit.compiler import inlined, kernel

NO_DATE = -719162
"""Day number of 0001-01-01, which stands for a missing date."""

FIRST, KNOWN = -55_000, 110_000
"""The first day of tables by day, and how many they have: three centuries from 1819 on."""

_DAYS_OF_ANY_MONTH = 28

MOST_YEARS = 32000
"""Spans of years are clipped to +- this many, so that they fit an int16."""


@inlined
def day_number(year: int, month: int, day: int) -> int:
    """Days from 1970-01-01 to the given date. 29 February of a common year is its 1 March."""
    # Years begin in March here, so that the leap day is the last day of a year.
    shifted = year - 1 if month <= 2 else year
    era = shifted // 400
    year_of_era = shifted - era * 400
    day_of_year = (153 * (month - 3 if month > 2 else month + 9) + 2) // 5 + day - 1
    day_of_era = year_of_era * 365 + year_of_era // 4 - year_of_era // 100 + day_of_year
    return era * 146097 + day_of_era - 719468


@inlined
def civil(day: int) -> tuple[int, int, int]:
    """Year, month and day of month of a day number."""
    shifted = day + 719468
    era = shifted // 146097
    day_of_era = shifted - era * 146097
    year_of_era = (day_of_era - day_of_era // 1460 + day_of_era // 36524 - day_of_era // 146096) // 365
    day_of_year = day_of_era - (365 * year_of_era + year_of_era // 4 - year_of_era // 100)
    month_from_march = (5 * day_of_year + 2) // 153
    day_of_month = day_of_year - (153 * month_from_march + 2) // 5 + 1
    month = month_from_march + 3 if month_from_march < 10 else month_from_march - 9
    year = year_of_era + era * 400
    return (year + 1 if month <= 2 else year), month, day_of_month


@inlined
def add_years(day: int, years: int) -> int:
    """The same date `years` later (earlier when negative)."""
    year, month, day_of_month = civil(day)
    return day_number(year + years, month, day_of_month)


@inlined
def _clip(years: int) -> int:
    return max(-MOST_YEARS, min(MOST_YEARS, years))


@kernel
def ages(births: Int32s, at: Int32s, out: Int16s) -> None:
    """Age in whole years: the most years that can be added to each birth date without passing the other date.

    Parameters
    ----------
    births : shape (n,)
        Day numbers.
    at : shape (n,) or (1,)
        Day numbers, or one for all.
    out : shape (n,)
        Filled.
    """
    for i in range(births.size):
        birth = int(births[i])
        day = int(at[i if at.size > 1 else 0])
        years = civil(day)[0] - civil(birth)[0]
        if add_years(birth, years) > day:
            years -= 1
        out[i] = _clip(years)


SPANS = 10100
"""Years that `limits` covers on each side of the as-of date: more than any two dates of the calendar lie apart."""

AGE, SINCE, CLEAR = range(3)
"""Kinds of spans, by the latest day that has y years behind it.

AGE: the latest birth date to which y years can be added without passing the as-of date. SINCE: the as-of date less
y years, so that a day just y years ago counts. CLEAR: the day before, so that a day just y years ago does not, as
the crime-free rule compares.
"""


@kernel
def limits(kind: int, as_of: int, out: Int32s) -> None:
    """The latest day that has at least y years behind it, for each y from -SPANS.

    Parameters
    ----------
    kind
        AGE, SINCE or CLEAR.
    as_of
        Day number.
    out : shape (2 * SPANS + 1,)
        Filled; it falls with y.
    """
    for k in range(out.size):
        years = k - SPANS
        day = add_years(as_of, -years)
        if kind == CLEAR:
            day -= 1
        elif kind == AGE:
            # Years taken from a leap day give 1 March, and added to that day they lead to 1 March again.
            while add_years(day, years) > as_of:
                day -= 1
        out[k] = day


@kernel
def spans(days: Int32s, at_least: Int32s, out: Int16s) -> None:
    """Whole years behind each day, fewer than 0 if it lies after the as-of date.

    Parameters
    ----------
    days : shape (n,)
        Day numbers.
    at_least : shape (2 * SPANS + 1,)
        See `limits`.
    out : shape (n,)
        Filled.
    """
    as_of = int(at_least[SPANS])
    for i in range(days.size):
        day = int(days[i])
        k = SPANS + int((as_of - day) * (1 / 365.2425))
        while day <= at_least[k + 1]:
            k += 1
        while day > at_least[k]:
            k -= 1
        out[i] = k - SPANS


@kernel
def years_of(days: Int32s, out: Int16s) -> None:
    """Calendar year of each day number.

    Parameters
    ----------
    days : shape (n,)
    out : shape (n,)
        Filled.
    """
    for i in range(days.size):
        out[i] = _clip(civil(int(days[i]))[0])


@kernel
def parse_dates(data: Bytes, starts: Int32s, ends: Int32s, days: Int32s, missing: Bools) -> None:
    """Read dates of exactly 8 digits, YYYYMMDD, that stand in a real calendar; anything else is no date.

    Parameters
    ----------
    data : shape (bytes,)
    starts, ends : shape (n,)
        Where each value lies in `data`.
    days : shape (n,)
        Filled: day numbers, `NO_DATE` where there is none.
    missing : shape (n,)
        Filled: whether there is none.
    """
    for i in range(starts.size):
        days[i] = NO_DATE
        missing[i] = True
        start = int(starts[i])
        if ends[i] - start != 8:
            continue
        number = 0
        digits = True
        for k in range(start, start + 8):
            digit = int(data[k]) - 48
            if digit < 0 or digit > 9:
                digits = False
                break
            number = number * 10 + digit
        if not digits:
            continue
        year, month, day = number // 10000, number // 100 % 100, number % 100
        if month < 1 or month > 12 or day < 1:
            continue
        found = day_number(year, month, day)
        if day <= _DAYS_OF_ANY_MONTH or civil(found) == (year, month, day):
            days[i] = found
            missing[i] = False
