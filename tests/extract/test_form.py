"""What is told of an extract's form from its first bytes, whole or cut anywhere."""

import pytest

from clearscale.extract.form import Form, Unreadable, by_names, by_position, doubts, names_in, without_surplus
from tests.support.fabricate import COLUMNS

HEADER = ",".join(COLUMNS).encode() + b"\n"
RECORD = b"," * 94 + b"\n"


def test_a_plain_extract_is_the_same_either_way() -> None:
    for begin, form in (
        (HEADER + RECORD, Form(len(HEADER), 1)),
        (b"\xef\xbb\xbf" + HEADER + RECORD, Form(len(HEADER) + 3, 1)),
        (RECORD, Form()),
        (b"\xef\xbb\xbf" + RECORD, Form(3)),
        (HEADER, Form(len(HEADER), 1)),
        (b"", Form()),
    ):
        assert by_names(begin, True) == by_position(begin, True) == form
        assert doubts(begin, True) == []


@pytest.mark.parametrize("whole", [False, True])
def test_a_field_too_many_counts_where_header_and_record_have_it(whole: bool) -> None:
    top = HEADER[:-1] + b",\n"
    for record, surplus in ((RECORD, 0), (RECORD[:-1] + b",\r\n", 1), (RECORD[:-1] + b",x\n", 0)):
        for look in (by_names, by_position):
            form = look(top + record + b",", whole)
            assert isinstance(form, Form)
            assert form.surplus == surplus
        assert without_surplus(top + record, True) == Form(len(top), 1)


@pytest.mark.parametrize("cut", [len(HEADER) + 5, len(HEADER) + len(RECORD) - 1])
def test_a_record_that_is_cut_tells_no_number_of_fields(cut: int) -> None:
    begin = (HEADER[:-1] + b",\n" + RECORD[:-1] + b",\n")[:cut]
    form = by_names(begin, False)
    assert isinstance(form, Form)
    assert form.surplus == 0


def test_the_order_of_a_header_is_that_of_its_names() -> None:
    names = [*COLUMNS[1:], COLUMNS[0]]
    form = by_names(",".join(names).encode() + b"\n" + RECORD, True)
    assert isinstance(form, Form)
    assert form.order == (*range(1, len(COLUMNS)), 0)
    assert doubts(",".join(names).encode() + b"\n" + RECORD, True) == [
        "has a header that is not written as the format's, so that it counts as a record",
        "has a header with the columns in another order; values are read in that of the format all the same",
    ]


def test_a_first_line_without_an_end_is_named() -> None:
    odd = by_names(b"x" * 70_000, False)
    assert isinstance(odd, Unreadable)
    assert odd.what == "has a first line of more than 70,000 bytes"


def test_a_message_shows_names_of_columns_only() -> None:
    names = [*COLUMNS[:90], "DOE, JANE", "19700101", "12 MAIN ST.", "A1", "x"]
    odd = by_names(",".join(f'"{name}"' for name in names).encode() + b"\n", True)
    assert isinstance(odd, Unreadable)
    assert not any(value in odd.what for value in names[90:93])


@pytest.mark.parametrize(
    ("fields", "is_header"),
    [
        (COLUMNS, True),
        (COLUMNS[:3], True),
        (["RECORD_ID"], True),
        (["GENDER", "PRI_DOB"], False),
        ([*COLUMNS[1:11], *map(str, range(11))], False),
        (["", *COLUMNS[:5], *[""] * 80], True),
        ([], False),
        ([""], False),
    ],
)
def test_half_of_what_stands_in_a_header_is_names(fields: list[str], is_header: bool) -> None:
    assert (names_in(fields) is not None) == is_header
