"""Dates as files write them, in forms such as DD-MON-YY, to days since 1970-01-01. No locale has a say."""

import re
from collections.abc import Sequence
from datetime import date
from functools import cache, lru_cache

_EPOCH = date(1970, 1, 1).toordinal()

MONTHS = ("JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC")
_NAMES = (
    *("JANUARY", "FEBRUARY", "MARCH", "APRIL", "MAY", "JUNE", "JULY"),
    *("AUGUST", "SEPTEMBER", "OCTOBER", "NOVEMBER", "DECEMBER"),
)

_PARTS = {
    "YYYY": r"(?P<year>[0-9]{4})",
    "YY": r"(?P<short>[0-9]{2})",
    "MONTH": rf"(?P<name>{'|'.join(_NAMES)})",
    "MON": rf"(?P<name>{'|'.join(MONTHS)})",
    "MM": r"(?P<month>[0-9]{2})",
    "M": r"(?P<month>[0-9]{1,2})",
    "DD": r"(?P<day>[0-9]{2})",
    "D": r"(?P<day>[0-9]{1,2})",
}
TOKEN = re.compile("|".join(_PARTS))
_TIME = r"(?:[ T][0-9]{1,2}:[0-9]{2}(?::[0-9]{2}(?:[.][0-9]+)?)?(?: ?[AP]M)?Z?)?"
"""A time behind a date, which is passed over."""

ISO = "YYYY-MM-DD"
DEFAULT_PIVOT = 29


@cache
def _compiled(form: str) -> re.Pattern[str]:
    pieces, at = [], 0
    for token in TOKEN.finditer(form):
        pieces += [re.escape(form[at : token.start()]), _PARTS[token.group()]]
        at = token.end()
    return re.compile("".join([*pieces, re.escape(form[at:]), _TIME]))


def check_form(form: str) -> None:
    """Raise ValueError where a form has no year, month or day, or has one twice."""
    found = [token.group() for token in TOKEN.finditer(form.upper())]
    kinds = sorted({"Y": "year", "M": "month", "D": "day"}[token[0]] for token in found)
    if kinds != ["day", "month", "year"]:
        raise ValueError(
            f"'{form}' is no form of dates; allowed is one each of YYYY or YY, MM, M, MON or MONTH, and DD or D, "
            "such as DD-MON-YY"
        )


def parse_day(text: str, forms: Sequence[str], pivot: int = DEFAULT_PIVOT) -> int | None:
    """The day that a text is, in the first form that it has.

    Parameters
    ----------
    text
        Without white space around it.
    forms
        Such as DD-MON-YY. YYYY-MM-DD is read besides.
    pivot
        Two-digit years up to this are of 2000, others of 1900.

    Returns
    -------
    int or None
        Days since 1970-01-01; None if it has none of the forms, or there is no such day.
    """
    return _parsed(text.upper(), tuple(forms), pivot)


@lru_cache(2**16)
def _parsed(capitals: str, forms: tuple[str, ...], pivot: int) -> int | None:
    """Columns of a file have the same days again and again, and so have its blocks."""
    for form in (*forms, ISO):
        found = _compiled(form.upper()).fullmatch(capitals)
        if found is None:
            continue
        parts = found.groupdict()
        short = int(parts.get("short") or 0)
        year = int(parts["year"]) if parts.get("year") else short + (2000 if short <= pivot else 1900)
        name = parts.get("name")
        month = MONTHS.index(name[:3]) + 1 if name else int(parts["month"])
        try:
            return date(year, month, int(parts["day"])).toordinal() - _EPOCH
        except ValueError:
            continue
    return None


@lru_cache(2**16)
def written_day(day: int, form: str) -> str:
    """A day, from 1970-01-01, as a form has it; the other way round of `parse_day`."""
    there = date.fromordinal(day + _EPOCH)
    texts = {
        "YYYY": f"{there.year:04d}",
        "YY": f"{there.year % 100:02d}",
        "MONTH": _NAMES[there.month - 1].title(),
        "MON": MONTHS[there.month - 1].title(),
        "MM": f"{there.month:02d}",
        "M": f"{there.month}",
        "DD": f"{there.day:02d}",
        "D": f"{there.day}",
    }
    return TOKEN.sub(lambda token: texts[token.group()], form.upper())
