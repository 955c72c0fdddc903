"""What values of an extract look like."""

import pytest

from clearscale.law import state
from clearscale.law.values import shape

VALUES = state().values


@pytest.mark.parametrize(
    "number", ["A01234567", "a01234567", "01234567", "1234567", " A01234567 ", "A1234567", "A 01234567"]
)
def test_all_forms_of_a_number_have_one_full_form(number: str) -> None:
    assert VALUES.full_number(number.encode()) == b"A01234567"


@pytest.mark.parametrize("number", ["M01234567", "A012345678", "1234567890", "A0123456X", "", "NONE"])
def test_another_number_is_its_own_full_form(number: str) -> None:
    assert VALUES.full_number(number.encode()) != b"A01234567"


@pytest.mark.parametrize("key", ["A0000001", "S0", "1", "10000000", "NULLA", "UNKNOWN1", ""])
def test_a_key_that_names_somebody(key: str) -> None:
    assert not VALUES.names_nobody(key.encode())


@pytest.mark.parametrize(
    ("text", "expected"),
    [("7/1/1990", "9/9/9999"), ("2 Jan 1990", "9 AAA 9999"), ("\xe9\n\x00", "???"), ("x" * 30, "A" * 24 + "...")],
)
def test_a_shape_says_nothing_of_a_value(text: str, expected: str) -> None:
    assert shape(text.encode("latin-1")) == expected
