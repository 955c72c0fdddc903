"""Records that cannot be used, as columns of numbers with words made when they are asked for."""

import numpy as np

from clearscale.extract.bad_records import BLANK_SUBJECT, HEADER, SHORT_ORDER
from clearscale.extract.parsing import Block, parse
from clearscale_kernels.text import tokens

GOOD = b"1," * 94 + b"*\n"
LINES = [GOOD, b"a,b\n", GOOD, b'a"b,c\n', GOOD, b"x\n", b"a,b\n"]


def block() -> Block:
    return parse(b"".join(LINES), True, 0, 0, 100, 200)


def test_each_has_its_place_its_reason_and_its_bytes() -> None:
    bad = block().bad
    assert [(one.row, one.line, one.content) for one in bad] == [
        (100 + place, 201 + place, LINES[place]) for place in (1, 3, 5, 6)
    ]
    assert bad.reasons() == [
        "2 fields, not 95",
        'bare " in non-quoted-field',
        "1 fields, not 95",
        "2 fields, not 95",
    ]
    assert [one.what for one in bad] == bad.reasons()
    assert bad[1].message == 'parse error on line 204, column 1: bare " in non-quoted-field'
    assert [one.row for one in bad[1:3]] == [103, 105]
    assert bad[-1] == list(bad)[-1]


def test_what_is_set_aside_later_stands_in_its_place() -> None:
    found = block()
    found.set_aside(np.array([0, 2]), np.array([BLANK_SUBJECT, HEADER], np.int8))
    assert found.bad.rows.tolist() == [100, 101, 103, 104, 105, 106]
    assert found.rows.tolist() == [102]
    assert found.bad[0].what == "SUBJECT_ID is blank"
    assert found.bad[3].message == "record on line 205: a header in the midst of the file"
    data, begins, ends = found.bad.bytes_of_all()
    assert [data[begin:end].tobytes() for begin, end in zip(begins, ends, strict=True)] == [
        LINES[place] for place in (0, 1, 3, 4, 5, 6)
    ]


def test_a_million_of_them_are_no_million_objects() -> None:
    found = parse(b"a,b\n" * 100_000, True, 0, 0, 0, 0)
    assert len(found.bad) == 100_000
    assert set(found.bad.reasons()) == {"2 fields, not 95"}
    assert not any(isinstance(getattr(found.bad, name), list) for name in ("rows", "lines", "problems"))


def test_problems_do_not_collide() -> None:
    of_tokens = {tokens.GOOD, tokens.WRONG_FIELD_COUNT, tokens.BARE_QUOTE, tokens.BAD_QUOTE, tokens.TOO_LONG}
    assert not of_tokens & {BLANK_SUBJECT, SHORT_ORDER, HEADER}
