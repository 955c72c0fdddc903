"""Dates in any form, with two-digit years, against Python's own calendar."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clearscale.formats.days import check_form, parse_day

EPOCH = date(1970, 1, 1)
FORMS = ["DD-MON-YY", "MM/DD/YYYY", "YYYYMMDD", "M/D/YY", "D MONTH YYYY", "MON DD, YYYY", "DD.MM.YYYY", "YY-MM-DD"]
MONTHS = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
]


def written(day: date, form: str) -> str:
    """A day as a form has it, by another way than reading it."""
    pieces = {
        "YYYY": f"{day.year:04d}",
        "YY": f"{day.year % 100:02d}",
        "MONTH": MONTHS[day.month - 1],
        "MON": MONTHS[day.month - 1][:3],
        "MM": f"{day.month:02d}",
        "DD": f"{day.day:02d}",
    }
    for token, text in pieces.items():
        form = form.replace(token, f"<{text.lower()}>" if token.startswith("MON") else f"<{text}>")
    form = form.replace("D", f"{day.day}") if "<" in form and "DD" not in form else form
    return form.replace("M/", f"{day.month}/").replace("<", "").replace(">", "")


@given(st.dates(date(1930, 1, 1), date(2029, 12, 31)), st.sampled_from(FORMS), st.booleans())
def test_a_day_is_read_as_it_was_written(day: date, form: str, capitals: bool) -> None:
    text = written(day, form)
    assert parse_day(text.upper() if capitals else text, [form], 29) == (day - EPOCH).days


@pytest.mark.parametrize(("pivot", "year"), [(83, 1984), (84, 2084), (0, 1984), (99, 2084)])
def test_the_pivot_says_which_century(pivot: int, year: int) -> None:
    assert parse_day("09-Feb-84", ["DD-MON-YY"], pivot) == (date(year, 2, 9) - EPOCH).days


@pytest.mark.parametrize(
    "text",
    ["31-Feb-84", "00-Jan-84", "9-Feb-84", "09-Feb-1984", "09-Feb-84x", "", "30712", "09-\u0424\u0435\u0432-84"],
)
def test_what_is_no_day_is_none(text: str) -> None:
    assert parse_day(text, ["DD-MON-YY"]) is None


def test_forms_are_tried_in_order_and_a_time_is_passed_over() -> None:
    assert parse_day("02/03/2001", ["MM/DD/YYYY", "DD/MM/YYYY"]) == (date(2001, 2, 3) - EPOCH).days
    assert parse_day("13/03/2001", ["MM/DD/YYYY", "DD/MM/YYYY"]) == (date(2001, 3, 13) - EPOCH).days
    for time in (" 00:00:00", "T12:30:00.000Z", " 1:05 PM"):
        assert parse_day(f"2001-02-03{time}", ["DD-MON-YY"]) == (date(2001, 2, 3) - EPOCH).days


@pytest.mark.parametrize("form", ["YYYY", "MM/DD", "DD/DD/YYYY", "date", "MMDD-MON-YYYY"])
def test_a_form_needs_a_year_a_month_and_a_day(form: str) -> None:
    with pytest.raises(ValueError, match="is no form of dates; allowed is one each of"):
        check_form(form)
