"""One spelling of names, numbers and dates."""

import pytest

from clearscale.formats.days import parse_day
from clearscale.linking.identities import exchanged, identity, number, parts


@pytest.mark.parametrize(
    ("first", "middle", "last", "expected"),
    [
        ("john", "q.", "Smith", ("SMITH", "JOHN", "Q", "")),
        ("José", "", "Peña-Muñoz", ("PENA MUNOZ", "JOSE", "", "")),
        ("Sean", "", "O'Brien, Jr.", ("OBRIEN", "SEAN", "", "JR")),
        ('Robert "Buddy"', "III", "De la Cruz", ("DE LA CRUZ", "ROBERT", "", "III")),
        ("Juan  Jr", "", "Sr", ("SR", "JUAN", "", "JR")),
        ("Иван", "", "Петров", ("ПЕТРОВ", "ИВАН", "", "")),
        ("", "", "", ("", "", "", "")),
    ],
)
def test_names_are_brought_into_one_spelling(first: str, middle: str, last: str, expected: tuple[str, ...]) -> None:
    found = identity(first, middle, last, "", "", ())
    assert (found.last, found.first, found.middle, found.suffix) == expected


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("SMITH, JOHN Q", ("JOHN", "Q", "SMITH")),
        ("SMITH JR,JOHN QUINCY LEE", ("JOHN", "QUINCY LEE", "SMITH JR")),
        ("John Quincy Smith", ("JOHN", "QUINCY", "SMITH ")),
        ("John Smith, Jr.", ("JOHN", "", "SMITH JR")),
        ("Smith", ("", "", "SMITH ")),
        ("", ("", "", "")),
    ],
)
def test_whole_names_have_parts(name: str, expected: tuple[str, str, str]) -> None:
    assert tuple(part.strip() for part in parts(name)) == tuple(part.strip() for part in expected)


def test_numbers_and_forms_of_dates() -> None:
    assert number("007-65 a") == "765A"
    assert exchanged("MM/DD/YYYY") == "DD/MM/YYYY"
    assert exchanged("D-MON-YY") == "M-MON-YY"
    assert parse_day("25/12/1970", [exchanged("M/D/YYYY")]) == 358
