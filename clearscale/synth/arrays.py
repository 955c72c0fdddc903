"""Small tables of text, and how values are picked from them.

A fabricated record is a row of picks from tables of byte strings. A table is a NumPy object array, so that
a whole column is picked at once with integer codes.
"""

from collections.abc import Iterable, Sequence
from datetime import date, timedelta
from functools import cache
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

Ints: TypeAlias = npt.NDArray[np.int64]
Bools: TypeAlias = npt.NDArray[np.bool_]
Texts: TypeAlias = npt.NDArray[np.object_]

EPOCH = date(1970, 1, 1)
FIRST_DAY = (date(1930, 1, 1) - EPOCH).days
LAST_DAY = (date(2020, 12, 31) - EPOCH).days
_NO_DAYS = (b"", b"00000000", b"        ")


def day_number(year: int, month: int = 1, day: int = 1) -> int:
    """Days from 1970-01-01 to the given date."""
    return (date(year, month, day) - EPOCH).days


def quoted(field: str) -> bytes:
    """A CSV field in Latin-1, quoted only where needed: a comma, quote or line break, or white space in front."""
    if any(mark in field for mark in ',"\r\n') or field[:1].isspace():
        field = '"' + field.replace('"', '""') + '"'
    return field.encode("latin-1")


def fields(*values: str) -> bytes:
    """CSV fields, each followed by a comma."""
    return b"".join(quoted(value) + b"," for value in values)


def texts(values: Iterable[bytes]) -> Texts:
    """A table: object array [n] of byte strings."""
    listed = list(values)
    table = np.empty(len(listed), dtype=object)
    table[:] = listed
    return table


def urn(weights: Sequence[float] | npt.NDArray[np.float64], size: int = 1 << 14) -> Ints:
    """Codes 0..len(weights)-1, each repeated in proportion to its weight (a positive one at least once).

    Picking uniformly from the urn picks codes by weight at the cost of one lookup.
    """
    weight = np.asarray(weights, dtype=np.float64)
    copies = np.rint(weight / weight.sum() * size).astype(np.int64)
    return np.repeat(np.arange(len(weight)), np.maximum(copies, weight > 0))


def pick(rng: np.random.Generator, bag: Ints, shape: int | tuple[int, ...]) -> Ints:
    """Codes of the given shape, drawn from an urn."""
    return bag[rng.integers(0, len(bag), shape)]


def within(counts: Ints) -> Ints:
    """0, 1, ... counts[0]-1, 0, 1, ... counts[1]-1, and so on: int64 [sum(counts)]."""
    ends = np.cumsum(counts)
    return np.arange(int(ends[-1]) if len(ends) else 0) - np.repeat(ends - counts, counts)


@cache
def numbers(first: int, last: int, width: int = 0) -> Texts:
    """The numbers first..last in decimal, with leading zeros up to `width`."""
    return texts(f"{value:0{width}d}".encode() for value in range(first, last + 1))


@cache
def dates() -> Texts:
    """Date fields: the days FIRST_DAY..LAST_DAY as YYYYMMDD, then YYYY0000 by year, then three kinds of none."""
    days = [EPOCH + timedelta(days=day) for day in range(FIRST_DAY, LAST_DAY + 1)]
    years = range(days[0].year, days[-1].year + 1)
    return texts(
        [day.strftime("%Y%m%d").encode() for day in days]
        + [b"%d0000" % year for year in years]
        + [quoted(none.decode()) for none in _NO_DAYS]
    )


@cache
def _year_codes() -> Ints:
    """For each day FIRST_DAY..LAST_DAY the code of its YYYY0000 in `dates`."""
    days = np.arange(FIRST_DAY, LAST_DAY + 1).astype("datetime64[D]")
    years = days.astype("datetime64[Y]").astype(np.int64)
    return np.asarray(len(days) + years - years[0])


def date_codes(days: Ints) -> Ints:
    """Codes into `dates` for days since 1970-01-01; days out of range take the nearest one within."""
    return np.clip(days, FIRST_DAY, LAST_DAY) - FIRST_DAY


def spoil(rng: np.random.Generator, codes: Ints, share: float) -> Ints:
    """Date codes of which `share` became incomplete: about a third YYYY0000, the rest blank or zeros."""
    spoiled = codes.copy()
    (at,) = np.nonzero(rng.random(len(codes)) < share)
    none = len(dates()) - len(_NO_DAYS) + pick(rng, urn((6, 2, 2), 10), len(at))
    spoiled[at] = np.where(rng.random(len(at)) < 1 / 3, _year_codes()[codes[at]], none)
    return spoiled


def missing_date() -> int:
    """The code of the empty date in `dates`."""
    return len(dates()) - len(_NO_DAYS)
