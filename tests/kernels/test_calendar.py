"""Day numbers against Python's calendar, and spans of years against counting them one by one."""

import datetime
import random
from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from clearscale_kernels.people import calendar
from clearscale_kernels.people.calendar import NO_DATE, SPANS, add_years, civil, day_number
from tests.support.reference import calendar as plain

EPOCH = datetime.date(1970, 1, 1)


def days_of(date: datetime.date) -> int:
    return (date - EPOCH).days


def later(date: datetime.date, years: int) -> datetime.date:
    """The same day of another year; 29 February becomes 1 March where there is none."""
    try:
        return date.replace(year=date.year + years)
    except ValueError:
        return datetime.date(date.year + years, 3, 1)


def naive_span(earlier: datetime.date, later_date: datetime.date) -> int:
    """The most whole years between two dates in order."""
    years = 0
    while later(earlier, years + 1) <= later_date:
        years += 1
    return years


Date = tuple[int, int, int]
"""Year, month, day: the calendar of Python begins with year 1 and ends with 9999."""

NUMBER_OF_1970 = 719528
"""Days from 1 January of year 0 to that of 1970."""


def number_of(date: Date) -> int:
    return plain._day_number(date) - NUMBER_OF_1970


# Of each kind, whether y years lie behind a date on the as-of date.
BEHIND: dict[int, Callable[[Date, Date, int], bool]] = {
    calendar.AGE: lambda date, as_of, years: plain.add_years(date, years) <= as_of,
    calendar.SINCE: lambda date, as_of, years: date <= plain.add_years(as_of, -years),
    calendar.CLEAR: lambda date, as_of, years: date < plain.add_years(as_of, -years),
}


def plain_span(kind: int, date: Date, as_of: Date) -> int:
    """The most years that lie behind the date."""
    return next(
        years
        for years in range(as_of[0] - date[0] + 2, as_of[0] - date[0] - 3, -1)
        if BEHIND[kind](date, as_of, years)
    )


def limits_of(kind: int, as_of: int) -> np.ndarray:
    out = np.empty(2 * SPANS + 1, np.int32)
    calendar.limits(kind, as_of, out)
    return out


def spans_of(kind: int, days: list[int], as_of: int) -> list[int]:
    out = np.full(len(days), -1, np.int16)
    calendar.spans(np.array(days, np.int32), limits_of(kind, as_of), out)
    return out.tolist()


def parsed(*texts: bytes) -> tuple[list[int], list[bool]]:
    data = np.frombuffer(b"".join(texts) + b"?", np.uint8)
    ends = np.cumsum([len(text) for text in texts]).astype(np.int32)
    starts = ends - np.array([len(text) for text in texts], np.int32)
    days, missing = np.empty(len(texts), np.int32), np.empty(len(texts), np.bool_)
    calendar.parse_dates(data, starts, ends, days, missing)
    return days.tolist(), missing.tolist()


def sampled_dates() -> list[datetime.date]:
    """The ends of every month around every fourth and hundredth year, and days at random."""
    years = [1, 2, 3, 4, 5, 99, 100, 101, 399, 400, 401, 1600, 1899, 1900, 1901, 1969, 1970, 1999, 2000, 2001]
    years += [2019, 2020, 2021, 2100, 2400, 9996, 9998]
    firsts = [datetime.date(year, month, 1) for year in years for month in range(1, 13)]
    around = [first + datetime.timedelta(days) for first in firsts for days in (-1, 0, 1, 27) if first.year > 1]
    rng = random.Random(1)
    span = (datetime.date.max - datetime.date.min).days
    return [
        *firsts,
        *around,
        datetime.date.min,
        datetime.date.max,
        *(datetime.date.min + datetime.timedelta(rng.randint(0, span)) for _ in range(300)),
    ]


def test_day_numbers_are_those_of_pythons_calendar_from_year_1_to_9999() -> None:
    for date in sampled_dates():
        parts = (date.year, date.month, date.day)
        assert day_number(*parts) == days_of(date), date
        assert civil(days_of(date)) == parts


def test_every_day_of_four_centuries_has_its_own_number() -> None:
    days = np.arange(days_of(datetime.date(1801, 1, 1)), days_of(datetime.date(2201, 1, 1)), 3, np.int32)
    years = np.empty(days.size, np.int16)
    calendar.years_of(days, years)
    wanted = [(EPOCH + datetime.timedelta(int(day))).year for day in days]
    assert years.tolist() == wanted


@pytest.mark.parametrize(
    ("parts", "days_before_year_1"),
    [((0, 12, 31), 1), ((0, 3, 1), 306), ((0, 2, 29), 307), ((0, 2, 28), 308), ((0, 1, 1), 366)],
)
def test_year_0_is_a_leap_year_before_year_1(parts: tuple[int, int, int], days_before_year_1: int) -> None:
    assert day_number(*parts) == NO_DATE - days_before_year_1
    assert civil(NO_DATE - days_before_year_1) == parts


def test_no_date_is_the_first_day_of_year_1() -> None:
    assert day_number(1, 1, 1) == NO_DATE == days_of(datetime.date.min)


def test_29_february_of_a_common_year_is_1_march() -> None:
    assert day_number(2021, 2, 29) == days_of(datetime.date(2021, 3, 1))
    leap_day = days_of(datetime.date(2000, 2, 29))
    assert civil(add_years(leap_day, 21)) == (2021, 3, 1)
    assert civil(add_years(leap_day, -1)) == (1999, 3, 1)
    assert civil(add_years(leap_day, 20)) == (2020, 2, 29)
    assert civil(add_years(leap_day, -100)) == (1900, 3, 1)
    assert civil(add_years(leap_day, -2000)) == (0, 2, 29)
    assert civil(add_years(leap_day, 8000)) == (10000, 2, 29)


def test_adding_years_agrees_with_pythons_calendar() -> None:
    for date in sampled_dates():
        for years in (-15, -7, -1, 0, 1, 4, 21, 57, 65):
            if 1 <= date.year + years <= 9999:
                assert add_years(days_of(date), years) == days_of(later(date, years)), (date, years)


def boundary_pairs() -> list[tuple[datetime.date, datetime.date]]:
    """Pairs of dates 0 to 70 years apart to the day, a day less and a day more, many of 29 February."""
    ends = [datetime.date(2020, 2, 29), datetime.date(2021, 2, 28), datetime.date(2021, 3, 1)]
    ends += [datetime.date(2100, 3, 1), datetime.date(2020, 7, 1), datetime.date(2020, 12, 31)]
    starts = [later(end, -years) for end in ends for years in (0, 1, 2, 4, 7, 10, 15, 21, 40, 57, 65)]
    starts += [datetime.date(1960, 2, 29), datetime.date(2000, 2, 29), datetime.date(1999, 3, 1)]
    return [
        (start + datetime.timedelta(days), end)
        for end in ends
        for start in starts
        for days in (-2, -1, 0, 1, 2)
        if start + datetime.timedelta(days) <= end
    ]


def test_ages_are_those_that_a_loop_counts() -> None:
    pairs = boundary_pairs()
    firsts = np.array([days_of(first) for first, _ in pairs], np.int32)
    lasts = np.array([days_of(last) for _, last in pairs], np.int32)
    ages = np.empty(firsts.size, np.int16)
    calendar.ages(firsts, lasts, ages)
    assert ages.tolist() == [naive_span(first, last) for first, last in pairs]
    for as_of in sorted({last for _, last in pairs}):
        chosen = [first for first, last in pairs if last == as_of]
        days = np.array([days_of(day) for day in chosen], np.int32)
        at_one = np.empty(days.size, np.int16)
        calendar.ages(days, np.array([days_of(as_of)], np.int32), at_one)
        assert at_one.tolist() == [naive_span(day, as_of) for day in chosen]


def test_a_date_after_the_other_gives_negative_years() -> None:
    as_of = days_of(datetime.date(2020, 7, 1))
    days = np.array([as_of + 1, as_of + 366, days_of(datetime.date(2022, 7, 1))], np.int32)
    for kind in BEHIND:
        assert spans_of(kind, days.tolist(), as_of) == [-1, -2, -3 if kind == calendar.CLEAR else -2]
    out = np.empty(3, np.int16)
    calendar.ages(days, np.array([as_of], np.int32), out)
    assert out.tolist() == [-1, -2, -2]


def test_spans_are_cut_to_what_an_int16_holds() -> None:
    far = np.array([2**30, -(2**30)], np.int32)
    out = np.empty(2, np.int16)
    calendar.years_of(far, out)
    assert out.tolist() == [calendar.MOST_YEARS, -calendar.MOST_YEARS]
    calendar.ages(far, np.zeros(1, np.int32), out)
    assert out.tolist() == [-calendar.MOST_YEARS, calendar.MOST_YEARS]


AS_OFS: list[Date] = [
    *((2020, 2, 28), (2020, 2, 29), (2020, 3, 1), (2021, 2, 28), (2021, 3, 1), (2100, 2, 28), (2100, 3, 1)),
    *((2020, 7, 1), (2019, 12, 31), (2020, 1, 1), (1, 1, 1), (4, 2, 29), (9999, 12, 31), (9996, 2, 29)),
]


def around(as_of: Date) -> list[Date]:
    """Dates a whole number of years from the as-of date, a day less and a day more, and the ends of Februaries."""
    found: list[Date] = []
    for years in (-21, -4, -1, 0, 1, 2, 3, 4, 5, 7, 10, 15, 20, 21, 40, 57, 65, 100, 400, 1000):
        year, month, day = plain.add_years(as_of, -years)
        found += [(year, month, day), (year, 2, 28), (year, 3, 1), (year, 12, 31), (year, 1, 1)]
        found += [(year, month, day - 1)] if day > 1 else []
        found += [(year, month, day + 1)] if day < 28 else []
        found += [(year, 2, 29)] if plain._is_leap(year) else []
    found += [(0, 1, 1), (0, 2, 29), (0, 12, 31), (1, 1, 1), (1, 1, 2), (9999, 12, 31), (9999, 1, 1)]
    return [date for date in found if -90 <= date[0] <= 10090]


@pytest.mark.parametrize("kind", BEHIND)
@pytest.mark.parametrize("as_of", AS_OFS)
def test_spans_are_those_of_the_plain_definition(kind: int, as_of: Date) -> None:
    dates = around(as_of)
    found = spans_of(kind, [number_of(date) for date in dates], number_of(as_of))
    assert found == [plain_span(kind, date, as_of) for date in dates]


@pytest.mark.parametrize("kind", BEHIND)
@pytest.mark.parametrize("as_of", AS_OFS)
def test_a_limit_is_the_latest_day_with_so_many_years_behind_it(kind: int, as_of: Date) -> None:
    limits = limits_of(kind, number_of(as_of))
    assert np.all(np.diff(limits) < 0)
    for years in (*range(-5, 70), -97, -400, 100, 400, 1000, -SPANS, SPANS):
        last = civil(int(limits[SPANS + years]))
        following = civil(int(limits[SPANS + years]) + 1)
        assert BEHIND[kind](last, as_of, years), (last, years)
        assert not BEHIND[kind](following, as_of, years), (following, years)


@pytest.mark.parametrize("kind", BEHIND)
def test_spans_cover_every_two_dates_of_the_calendar(kind: int) -> None:
    first, last = (0, 1, 1), (9999, 12, 31)
    for as_of, date in ((first, last), (last, first), (first, first), (last, last)):
        assert spans_of(kind, [number_of(date)], number_of(as_of)) == [plain_span(kind, date, as_of)]


@settings(derandomize=True, deadline=None, database=None, max_examples=60)
@given(st.sampled_from(list(BEHIND)), st.dates(), st.lists(st.dates(), min_size=5, max_size=50))
def test_any_spans(kind: int, as_of: datetime.date, dates: list[datetime.date]) -> None:
    wanted = [plain_span(kind, plain.from_python(date), plain.from_python(as_of)) for date in dates]
    assert spans_of(kind, [days_of(date) for date in dates], days_of(as_of)) == wanted


@pytest.mark.parametrize(
    ("text", "date"),
    [
        (b"00010101", datetime.date(1, 1, 1)),
        (b"20000229", datetime.date(2000, 2, 29)),
        (b"20240229", datetime.date(2024, 2, 29)),
        (b"19990131", datetime.date(1999, 1, 31)),
        (b"19990430", datetime.date(1999, 4, 30)),
        (b"99991231", datetime.date(9999, 12, 31)),
    ],
)
def test_eight_digits_of_the_calendar_are_a_date(text: bytes, date: datetime.date) -> None:
    assert parsed(text) == ([days_of(date)], [False])


def test_days_of_year_0_are_dates() -> None:
    assert parsed(b"00000101", b"00000229", b"00001231") == (
        [NO_DATE - 366, NO_DATE - 307, NO_DATE - 1],
        [False] * 3,
    )


@pytest.mark.parametrize(
    "text",
    [
        *(b"", b"0", b"00000000", b"19790000", b"19790100", b"19790001", b"20201301", b"20200431", b"20200132"),
        *(b"20210229", b"19000229", b"21000229", b"20200230", b"2020010", b"202001011", b" 2020010", b"2020010 "),
        *(
            b"+2020101",
            b"-2020101",
            b"2020-1-1",
            b"2020/1/1",
            b"2020010O",
            b"202001\xb20",
            b"2020010:",
            b"\x00" * 8,
        ),
        *("٢٠٢٠".encode(), b"99999999"),
    ],
)
def test_anything_else_is_no_date(text: bytes) -> None:
    assert parsed(b"20200101", text, b"20200102") == (
        [days_of(datetime.date(2020, 1, 1)), NO_DATE, days_of(datetime.date(2020, 1, 2))],
        [False, True, False],
    )


def test_every_eight_digits_of_a_leap_and_a_common_year_are_told_apart() -> None:
    for year in (1900, 2000, 2023, 2024):
        texts = [b"%04d%02d%02d" % (year, month, day) for month in range(14) for day in range(33)]
        days, missing = parsed(*texts)
        for text, day, absent in zip(texts, days, missing, strict=True):
            try:
                wanted = days_of(datetime.datetime.strptime(text.decode(), "%Y%m%d").date())
            except ValueError:
                assert (day, absent) == (NO_DATE, True), text
            else:
                assert (day, absent) == (wanted, False), text
