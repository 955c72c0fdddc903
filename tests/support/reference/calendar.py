"""Dates as Go has them: years 0 to 9999 and beyond, and differences that end at 64 bits of nanoseconds.

A date is a tuple (year, month, day), because Python's own dates start at year 1. Tuples compare as dates do.
"""

import datetime

Date = tuple[int, int, int]

# What stands for "no date" in every comparison.
NO_DATE: Date = (1, 1, 1)

_LONGEST_HOURS = (2**63 - 1) / (3600 * 10**9)
_HOURS_A_YEAR = 24 * 365.25
_MONTH_DAYS = (31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)


def from_python(date: datetime.date) -> Date:
    return (date.year, date.month, date.day)


def parse(text: bytes) -> Date:
    """The calendar date in exactly eight digits, or NO_DATE."""
    if len(text) != 8 or not all(0x30 <= byte <= 0x39 for byte in text):
        return NO_DATE
    year, month, day = int(text[:4]), int(text[4:6]), int(text[6:])
    if not 1 <= month <= 12 or not 1 <= day <= _days_in(year, month):
        return NO_DATE
    return (year, month, day)


def add_years(date: Date, years: int) -> Date:
    """The same day of another year; 29 February becomes 1 March where there is none."""
    year, month, day = date
    year += years
    if day > _days_in(year, month):
        return (year, 3, 1)
    return (year, month, day)


def years_between(earlier: Date, later: Date) -> float:
    """Years of 365.25 days from one date to another, negative when they are the other way round."""
    hours = float((_day_number(later) - _day_number(earlier)) * 24)
    # Go's durations are 64-bit nanoseconds; a longer difference stops at the longest one, some 292 years.
    hours = max(-_LONGEST_HOURS, min(hours, _LONGEST_HOURS))
    return hours / _HOURS_A_YEAR


def in_json(date: Date) -> str:
    year, month, day = date
    return f"{year:04}-{month:02}-{day:02}T00:00:00Z"


def in_csv(date: Date) -> bytes:
    year, month, day = date
    return b"%02d/%02d/%04d" % (month, day, year)


def _is_leap(year: int) -> bool:
    return year % 4 == 0 and (year % 100 != 0 or year % 400 == 0)


def _days_in(year: int, month: int) -> int:
    return 29 if month == 2 and _is_leap(year) else _MONTH_DAYS[month - 1]


def _day_number(date: Date) -> int:
    """Days since 1 January of year 0."""
    year, month, day = date
    # Leap years among the years 0 to year - 1; year 0 is one.
    leaps = (year + 3) // 4 - (year + 99) // 100 + (year + 399) // 400
    return year * 365 + leaps + sum(_days_in(year, earlier) for earlier in range(1, month)) + day - 1
