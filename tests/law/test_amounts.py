"""Amounts: what a subsection meant on a day, what descriptions say, and what neither says."""

from datetime import date

import pytest

from clearscale.law import state
from clearscale.law.amounts import NO_LIMIT, Amount

AMOUNTS = state("illinois").statutes.amounts
LAST, FIRST = date(2016, 7, 28), date(2016, 7, 29)


@pytest.mark.parametrize(
    ("day", "amount", "within"),
    [(LAST, (10, 30), True), (FIRST, (30, 100), False), (None, (10, 100), None)],
)
def test_a_subsection_changes_sides_of_the_limit_on_a_day(
    day: date | None, amount: tuple[float, float], within: bool | None
) -> None:
    found = AMOUNTS.of("720 ILCS 550", "4", "(c)", day)
    assert found == (*amount, "subsection")
    assert found.within(30) is within


def test_a_description_narrows_what_a_subsection_leaves_open() -> None:
    assert AMOUNTS.of("720 ILCS 550", "4", "(c)", None, "10-30 GRAM") == (10, 30, "subsection")
    assert AMOUNTS.of("720 ILCS 550", "4", "", FIRST, "POSS 10-30 GRAM") == (10, 30, "description")
    assert AMOUNTS.of("720 ILCS 550", "4", "(a)", LAST, "30-500 GRAMS") == (None, None, "contradictory")
    assert AMOUNTS.of("720 ILCS 550", "4", "", LAST, "POSS CANNABIS") == (None, None, "not said")
    assert AMOUNTS.of("720 ILCS 5", "9-1", "(c)", LAST) == (None, None, "not said")
    assert AMOUNTS.of("", "", "", None, "2000-5000 GRAMS").within(30) is False
    assert Amount(None, None, "not said").within(30) is None


@pytest.mark.parametrize(
    ("words", "amount"),
    [
        ("POSS CANNABIS 10-30 GRAM", (10, 30)),
        ("poss of cannabis  2.5 - 10  grams", (2.5, 10)),
        ("CANNABIS 30 TO 500 GMS", (30, 500)),
        (">30-500 GRAMS", (30, 500)),
        ("MORE THAN 30 BUT NOT MORE THAN 500 GRAMS", (30, 500)),
        ("OVER 30 GRAMS AND UP TO 500 GRAMS", (30, 500)),
        ("LESS THAN 2.5 GRAMS", (0, 2.5)),
        ("NOT MORE THAN 30 G", (0, 30)),
        ("OVER 5000 GRAMS", (5000, NO_LIMIT)),
        ("5000+ GRAMS", (5000, NO_LIMIT)),
        ("2-5 KG", (2000, 5000)),
        ("30-10 GRAMS", None),
        ("20-50 PLANTS", None),
        ("SENTENCED TO 30 DAYS", None),
        ("10-30 GARAGES", None),
    ],
)
def test_words(words: str, amount: tuple[float, float] | None) -> None:
    expected = (None, None, "not said") if amount is None else (*amount, "description")
    assert AMOUNTS.of("", "", "", None, words) == expected
