"""Records that are found 64 bytes at a time, against how they were written: short ones, many of them, any bytes."""

from dataclasses import dataclass

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from clearscale_kernels.jit.vectors import WIDTH
from clearscale_kernels.text import tokens
from clearscale_kernels.text.records import PLACES, FoundRecords, Reading, Text, reading_scratch
from tests.support.examples import examples
from tests.support.reference.writing import line as line_written

stable = settings(derandomize=True, deadline=None, database=None, suppress_health_check=[HealthCheck.too_slow])

PIECES = st.sampled_from(
    [*(bytes([byte]) for byte in b'",\n\r ab\\\x00\xc2'), b"\r\n", b'""', b"word", b"x" * 61, b"y" * 64]
)
VALUES = st.lists(PIECES, max_size=4).map(b"".join)
LINE_ENDS = st.sampled_from([b"\n", b"\r\n"])


@dataclass(frozen=True)
class Record:
    """A record as written at a place of a text, and what it says.

    line: its first physical line, 0-based. within: the fields without the quotes around them.
    """

    begin: int
    end: int
    line: int
    written: bytes
    within: list[bytes]
    values: list[bytes]


@dataclass(frozen=True)
class Found:
    """What the tokenizer finds, and where it stopped."""

    values: list[dict[int, bytes]]
    places: list[tuple[int, int, int]]
    problems: list[int]
    canonical: list[bool]
    passed: tuple[int, int]


def tokenized(
    text: bytes,
    columns: int,
    wanted: list[int],
    *,
    room: int,
    resolve: bool = True,
    judge: bool = True,
    surplus: int = 0,
) -> Found:
    """All records of a text, `room` at a time. wanted: the columns whose values are taken."""
    data = np.frombuffer(bytearray(text + bytes(WIDTH)), np.uint8)
    slots = np.full(columns, -1, np.int64)
    slots[wanted] = np.arange(len(wanted))
    result = Found([], [], [], [], (0, 0))
    position = line = 0
    while position < len(text):
        starts, ends = (np.full((len(wanted), room), -1, np.int32) for _ in range(2))
        extents, details = (np.full((2, room), -1, np.int32) for _ in range(2))
        lines, problems = np.full(room, -1, np.int64), np.full(room, -1, np.int8)
        canonical = np.ones(room, np.bool_)
        found, position, passed, bad = tokens.tokenize(
            Text(data, position, len(text), True),
            Reading(slots, 2**20, resolve, judge, surplus),
            reading_scratch(columns),
            FoundRecords(starts, ends, extents, lines, problems, details, canonical),
        )
        assert bad == np.count_nonzero(problems[:found] != tokens.GOOD)
        content = data.tobytes()
        for n in range(found):
            result.values.append({c: content[starts[k, n] : ends[k, n]] for k, c in enumerate(wanted)})
            result.places.append((int(extents[0, n]), int(extents[1, n]), line + int(lines[n])))
        result.problems.extend(problems[:found].tolist())
        result.canonical.extend(canonical[:found].tolist())
        line += passed
    return Found(result.values, result.places, result.problems, result.canonical, (position, line))


def field(value: bytes, quoted: bool) -> bytes:
    """A field as a writer may write it; one that needs quotes gets them."""
    needed = any(byte in value for byte in b',"\n') or value.endswith(b"\r")
    return b'"' + value.replace(b'"', b'""') + b'"' if quoted or needed else value


@st.composite
def texts(draw: st.DrawFn, columns: int, surplus: int = 0) -> tuple[bytes, list[Record]]:
    """A well-formed text with blank lines, and its records, many of them alike.

    surplus: 1 if each has an empty field behind its columns.
    """
    kinds = draw(
        st.lists(
            st.tuples(
                st.lists(st.tuples(VALUES, st.booleans()), min_size=columns, max_size=columns),
                st.sampled_from([b",", b',""'] if surplus else [b""]),
                LINE_ENDS,
                st.lists(LINE_ENDS, max_size=2),
            ),
            min_size=1,
            max_size=5,
        )
    )
    text, line = bytearray(), 0
    records = []
    for kind in draw(st.lists(st.integers(0, len(kinds) - 1), max_size=30)):
        fields, ending, line_end, blanks = kinds[kind]
        given_fields = [field(value, quoted) for value, quoted in fields]
        written = b",".join(given_fields) + ending
        if not written.strip(b"\r"):  # a record of one empty field is a blank line
            continue
        begin = len(text)
        text += written + line_end
        values = [value.replace(b"\r\n", b"\n") for value, _ in fields]
        within = [given[1:-1] if given.startswith(b'"') else given for given in given_fields]
        records.append(Record(begin, len(text), line, written, within, values))
        line += written.count(b"\n") + 1
        text += b"".join(blanks)
        line += len(blanks)
    return bytes(text), records


@settings(stable, max_examples=examples(200))
@given(
    data=st.data(),
    columns=st.integers(2, 7),
    room=st.sampled_from([1, 2, 7, 100]),
    judge=st.booleans(),
    surplus=st.sampled_from([0, 0, 1]),
)
def test_records_are_found_where_they_were_written(
    data: st.DataObject, columns: int, room: int, judge: bool, surplus: int
) -> None:
    text, records = data.draw(texts(columns, surplus))
    wanted = data.draw(st.permutations(range(columns)).flatmap(lambda all_of: st.just(all_of[: columns - 1])))
    found = tokenized(text, columns, list(wanted), room=room, judge=judge, surplus=surplus)
    assert found.places == [(record.begin, record.end, record.line) for record in records]
    assert found.values == [{c: record.values[c] for c in wanted} for record in records]
    assert set(found.problems) <= {tokens.GOOD}
    assert found.passed == (len(text), text.count(b"\n"))
    for canonical, record in zip(found.canonical, records, strict=True):
        assert not canonical or (judge and record.written + b"\n" == line_written(record.values))


@settings(stable, max_examples=examples(100))
@given(data=st.data(), columns=st.integers(2, 5))
def test_without_resolving_values_lie_as_they_are_written(data: st.DataObject, columns: int) -> None:
    text, records = data.draw(texts(columns))
    found = tokenized(text, columns, list(range(columns)), room=100, resolve=False)
    assert [list(values.values()) for values in found.values] == [record.within for record in records]


PLAIN = [b"1", b"two words", b"", b"x" * 70, b"*"]


@pytest.mark.parametrize("shift", range(0, 130, 7))
@pytest.mark.parametrize("odd", [b'"a ""b"""', b'"a\r\nb"', b'"\n"', b'""', b'"x,y"', b" x", b"a\rb", b'""""'])
def test_what_is_odd_is_read_at_any_distance_from_a_words_begin(shift: int, odd: bytes) -> None:
    first = b",".join([b"z" * shift, *PLAIN[1:]])
    second = b",".join([PLAIN[0], odd, *PLAIN[2:]])
    last = b",".join(PLAIN)
    text = b"\n".join([first, second, last, second, b""])
    meant = odd[1:-1].replace(b'""', b'"').replace(b"\r\n", b"\n") if odd.startswith(b'"') else odd
    found = tokenized(text, 5, [0, 1, 4], room=10)
    assert [values[1] for values in found.values] == [PLAIN[1], meant, PLAIN[1], meant]
    assert [values[0] for values in found.values] == [b"z" * shift, b"1", b"1", b"1"]
    assert [values[4] for values in found.values] == [b"*"] * 4
    stands = second + b"\n" == line_written([PLAIN[0], meant, *PLAIN[2:]]) and b'""' not in odd
    assert [bool(canonical) for canonical in found.canonical] == [True, stands, True, stands]


@pytest.mark.parametrize("damage", [b'a"b', b'"a"b', b"a,b", b'"a'])
@pytest.mark.parametrize("place", [0, 1, 50, PLACES // 3 + 5])
def test_many_records_with_a_malformed_one_among_them(damage: bytes, place: int) -> None:
    """More separators than are listed at a time; records behind a malformed one are found all the same."""
    columns, count = 3, PLACES // 3 + 40
    lines = [b"%d,%s,%s" % (n, b'"q,%d"' % n if n % 5 == 0 else b"q", b"r" * (n % 90)) for n in range(count)]
    lines[place] = b"1," + damage + b",3"
    text = b"\n".join(lines) + b"\n"
    found = tokenized(text, columns, [0, 2], room=count)
    assert [n for n, problem in enumerate(found.problems) if problem != tokens.GOOD] == [place]
    assert [bytes(text[begin : end - 1]) for begin, end, _ in found.places] == lines
    for n, values in enumerate(found.values):
        assert n == place or values == {0: b"%d" % n, 2: b"r" * (n % 90)}


@pytest.mark.parametrize("begin", range(0, 64, 3))
def test_reading_ends_where_it_is_told_to(begin: int) -> None:
    """What lies behind the end, be it well formed or not, is no part of what is read."""
    for behind in (b"a,b,c\n" * 20, b'"' * 100, b"\n" * 100):
        text = b"x" * begin + b",2,3\n1,2,3\n"
        data = np.frombuffer(bytearray(text + behind + bytes(WIDTH)), np.uint8)
        starts, ends, extents, details = (
            np.zeros((3, 99), np.int32),
            np.zeros((3, 99), np.int32),
            *(np.zeros((2, 99), np.int32) for _ in range(2)),
        )
        arrays = FoundRecords(
            starts,
            ends,
            extents,
            np.zeros(99, np.int64),
            np.zeros(99, np.int8),
            details,
            np.zeros(99, np.bool_),
        )
        reading = Reading(np.arange(3), 2**20, True, True, 0)
        found = tokens.tokenize(Text(data, 0, len(text), True), reading, reading_scratch(3), arrays)
        assert found == (2, len(text), 2, 0)
        assert extents[:, :2].tolist() == [[0, begin + 5], [begin + 5, begin + 11]]
