"""Quoting against the rule in plain Python, and whole lines of chosen columns and rows."""

import random
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest

from clearscale.extract import BlockReader
from clearscale.io.source import Source
from clearscale.law import state
from clearscale_kernels.jit import vectors
from clearscale_kernels.text.lines import most_bytes, write_lines
from clearscale_kernels.text.quoting import quoted
from clearscale_kernels.text.records import Records, Suffixes
from tests.support.fabricate import COLUMNS

WIDTH = len(state().format.columns)

# White space as Unicode has it, one character at a time: what Go's unicode.IsSpace knows.
SPACES = {chr(code) for code in (*range(9, 14), 0x20, 0x85, 0xA0, 0x1680, *range(0x2000, 0x200B))}
SPACES |= {chr(code) for code in (0x2028, 0x2029, 0x202F, 0x205F, 0x3000)}


def first_character(value: bytes) -> str | None:
    """The first character, if the bytes begin with valid UTF-8."""
    for length in (1, 2, 3, 4):
        try:
            return value[:length].decode()
        except UnicodeDecodeError:
            continue
    return None


def naive(value: bytes) -> bytes:
    """A field as Go's encoding/csv writes it."""
    needed = any(character in value for character in b',"\r\n') or first_character(value) in SPACES
    if value and (needed or value == rb"\."):
        return b'"' + value.replace(b'"', b'""') + b'"'
    return value


MARK = b"\x00END"


def test_a_value_by_itself_is_quoted_as_in_a_block() -> None:
    codes = [*range(0x3100), 0xFEFF, 0xFFFD, 0x1F600, 0x10FFFF]
    values = [chr(code).encode() + rest for code in codes for rest in (b"", b"x")]
    values += [bytes([first, second]) for first in range(256) for second in (0, 0x2E, 0x80, 0x85, 0xA0)]
    for seed in range(5):
        values += random_values(random.Random(seed), 300)
    values += [rb"\.", b"\\.\n", b"\n\\."]
    assert [quoted(value) for value in values] == [naive(value) for value in values]


@dataclass(frozen=True)
class Table:
    """Values that lie scattered in one block of bytes, column by column."""

    data: np.ndarray
    starts: np.ndarray
    ends: np.ndarray

    @classmethod
    def of(cls, columns: list[list[bytes]]) -> "Table":
        """The values in another order than they came and apart from each other."""
        shape = (len(columns), len(columns[0]))
        places = [(column, row) for column in range(shape[0]) for row in range(shape[1])]
        random.Random(len(places)).shuffle(places)
        starts, ends = np.zeros(shape, np.int32), np.zeros(shape, np.int32)
        data = bytearray(b'",')
        for place in places:
            starts[place] = len(data)
            data += columns[place[0]][place[1]]
            ends[place] = len(data)
            data += b',"\n \xa0'
        return cls(np.frombuffer(data, np.uint8), starts, ends)

    def written(self, columns: list[int], rows: list[int], suffixes: list[bytes], suffix_of: list[int]) -> bytes:
        count = self.starts.shape[1]
        extents, canonical = np.zeros((2, count), np.int32), np.zeros(count, np.bool_)
        arguments = (
            Records(self.data, self.starts, self.ends, extents, canonical),
            np.array(columns),
            np.array(rows, np.int64),
            Suffixes(
                np.frombuffer(b"".join(suffixes), np.uint8),
                np.cumsum([0, *map(len, suffixes)]).astype(np.int64),
                np.array(suffix_of, np.int32),
            ),
        )
        room = most_bytes(*arguments)
        out = np.full(room + 1, ord("?"), np.uint8)
        size = write_lines(*arguments, out)
        assert size <= room
        assert set(out[size + vectors.WIDTH :].tolist()) <= {ord("?")}, "at most a word beyond the lines is touched"
        return out[:size].tobytes()


def fields(values: list[bytes]) -> list[bytes]:
    """Each value as the only field of a line."""
    lines = Table.of([values]).written([0], list(range(len(values))), [MARK], [0] * len(values))
    return lines.split(MARK + b"\n")[:-1]


def test_every_character_that_may_come_first_is_quoted_or_not_as_the_rule_says() -> None:
    codes = [*range(0x3100), 0xFEFF, 0xFFFD, 0x1F600, 0x10FFFF]
    values = [chr(code).encode() + rest for code in codes for rest in (b"", b"x")]
    assert fields(values) == [naive(value) for value in values]
    quoted = {value.decode() for value in values if naive(value).startswith(b'"')}
    assert {text for text in quoted if len(text) == 1} == SPACES | {",", '"'}


def test_space_within_or_behind_a_value_needs_no_quotes() -> None:
    values = [f"x{space}y{space}".encode() for space in SPACES if space not in "\n\r"]
    assert fields(values) == values


def test_bytes_that_are_no_utf8_are_no_white_space() -> None:
    prefixes = [space.encode()[:cut] for space in SPACES for cut in range(1, len(space.encode()))]
    values = [bytes([byte]) for byte in range(0x80, 0x100)]
    values += [prefix + rest for prefix in prefixes for rest in (b"", b"x", b" ", b"\xff", b"\x80")]
    values += [b"\xc0\xa0", b"\xe0\x80\xa0", b"\xf0\x80\x80\xa0", b"\xed\xa0\x80", b"\xf4\x90\x80\x80"]
    assert fields(values) == [naive(value) for value in values]
    assert fields([b"\x85", b"\xa0", b"\xe2\x80"]) == [b"\x85", b"\xa0", b"\xe2\x80"]


@pytest.mark.parametrize(
    ("value", "written"),
    [
        (b"", b""),
        (b"-", b"-"),
        (rb"\.", rb'"\."'),
        (rb"\.x", rb"\.x"),
        (rb"x\.", rb"x\."),
        (b"\\", b"\\"),
        (b'"', b'""""'),
        (b'say "no"', b'"say ""no"""'),
        (b"a,b", b'"a,b"'),
        (b"a\nb", b'"a\nb"'),
        (b"a\rb", b'"a\rb"'),
        (b"a\r", b'"a\r"'),
        (b"\x00", b"\x00"),
        (b"'", b"'"),
        ("\u200bx".encode(), "\u200bx".encode()),
    ],
)
def test_a_field_is_quoted_only_where_it_must_be(value: bytes, written: bytes) -> None:
    assert fields([value]) == [written] == [naive(value)]


def random_values(rng: random.Random, count: int) -> list[bytes]:
    pieces = [*(bytes([byte]) for byte in b'",\n\r \t\\.abc-\xa0\x85\xc2\xe2\x80'), "\u2003".encode(), b"word"]
    return [b"".join(rng.choices(pieces, k=rng.choice([0, 1, 2, 3, 8]))) for _ in range(count)]


@pytest.mark.parametrize("seed", range(5))
def test_random_values_are_quoted_as_the_rule_says(seed: int) -> None:
    values = random_values(random.Random(seed), 300)
    assert fields(values) == [naive(value) for value in values]


@pytest.mark.parametrize("seed", range(5))
def test_lines_hold_the_chosen_columns_of_the_chosen_rows_and_their_suffixes(seed: int) -> None:
    rng = random.Random(seed)
    count, rows = 6, 9
    columns = [random_values(rng, rows) for _ in range(count)]
    suffixes = [b"", b",a,b", b",\xff"]
    suffix_of = [rng.randrange(len(suffixes)) for _ in range(rows)]
    for chosen in ([0], list(range(count)), rng.sample(range(count), 4)):
        some_rows = sorted(rng.sample(range(rows), rng.randint(0, rows)))
        wanted = b"".join(
            b",".join(naive(columns[column][row]) for column in chosen) + suffixes[suffix_of[row]] + b"\n"
            for row in some_rows
        )
        assert Table.of(columns).written(chosen, some_rows, suffixes, suffix_of) == wanted


def record(rng: random.Random) -> list[bytes]:
    """Mostly plain values, as in real records; in every third record anything."""
    plain = [
        b"",
        b"X",
        b"DOE,JANE",
        b"-",
        b"11357 HS-POSSESS",
        b" PADDED",
        b"a\\b",
        b"word " * 20,
        b"two\nlines",
        b" ",
    ]
    odd = 0.2 if rng.random() < 0.3 else 0.0
    return [random_values(rng, 1)[0] if rng.random() < odd else rng.choice(plain) for _ in range(WIDTH)]


def as_given(values: list[bytes], rng: random.Random) -> bytes:
    """A record as it may come: quoted as the writer would, or with quotes too many and too few."""
    changed = rng.choice([0.0, 0.0, 0.01])
    given = []
    for value in values:
        must = any(character in value for character in b',"\n') or value.endswith(b"\r")
        as_written = naive(value) != value
        quoted = must or as_written != (rng.random() < changed)
        given.append(b'"' + value.replace(b'"', b'""') + b'"' if quoted else value)
    return b",".join(given)


def rewritten(path: Path, columns: list[int]) -> tuple[list[bytes], np.ndarray]:
    """(the columns of an extract's records as they are written, whether each record could be copied)."""
    (block,) = BlockReader(Source(str(path)))
    count = block.rows.size
    suffixes = Suffixes(
        np.frombuffer(MARK, np.uint8), np.array([0, len(MARK)], np.int64), np.zeros(count, np.int32)
    )
    records = Records(block.data, block.starts, block.ends, block.extents, block.canonical)
    arguments = (records, np.array(columns), np.arange(count), suffixes)
    out = np.empty(most_bytes(*arguments), np.uint8)
    size = write_lines(*arguments, out)
    return out[:size].tobytes().split(MARK + b"\n")[:-1], block.canonical


PLAIN, SURPLUS = (b"\n", b"\n", b"\r\n"), (b",\n", b',""\r\n')
"""Ends of records, and of those with an empty field more, which header and records then all have."""
LONG_HEADER = ",".join(COLUMNS).encode() + b",\n"


@pytest.mark.parametrize("seed", range(8))
def test_records_are_written_anew_or_copied_with_the_same_result(seed: int, tmp_path: Path) -> None:
    rng = random.Random(seed)
    records = [record(rng) for _ in range(60)]
    surplus = seed % 3 == 0
    ends = [rng.choice(SURPLUS if surplus else PLAIN) for _ in records]
    path = tmp_path / "extract.csv"
    content = b"".join(as_given(values, rng) + end for values, end in zip(records, ends, strict=True))
    content = LONG_HEADER * surplus + content
    path.write_bytes(content if seed % 2 else content.removesuffix(b"\n"))
    for columns in (list(range(WIDTH)), list(range(WIDTH - 1)), rng.sample(range(WIDTH), 20)):
        written, copied = rewritten(path, columns)
        # A quoted CRLF is read as LF.
        assert written == [
            b",".join(naive(values[column].replace(b"\r\n", b"\n")) for column in columns) for values in records
        ]
    assert copied.any() != surplus
    assert not copied.all()


@pytest.mark.parametrize("quoted", [True, False])
@pytest.mark.parametrize("line_end", [b"\n", b"\r\n"])
def test_one_odd_value_anywhere_in_a_plain_record_is_written_as_the_rule_says(
    quoted: bool, line_end: bytes, tmp_path: Path
) -> None:
    odd = [
        b"",
        b" ",
        b"\t",
        b"\v",
        b"\xa0",
        b"\\",
        rb"\.",
        b" x",
        b"\x85x",
        "\xa0".encode(),
        "\u2003x".encode(),
        b"x",
    ]
    odd += [b"a,b", b" ,", b'"', b'a""b', b"a\rb", b"\rb", b"\n", b"a\nb", b",", b"\n,\n"]
    # The widths before the value move it over the borders of the words in which a record is read.
    records, content = [], b""
    for place, (value, column) in enumerate((value, column) for value in odd * 3 for column in (0, 1, 50, 93, 94)):
        values = [b"w"] * WIDTH
        values[2] = b"x" * (place % 67)
        values[column] = value
        must = any(character in value for character in b',"\n')
        given = list(values)
        given[column] = b'"' + value.replace(b'"', b'""') + b'"' if quoted or must else value
        records.append(values)
        content += b",".join(given) + line_end
    path = tmp_path / "extract.csv"
    path.write_bytes(content)
    for columns in (list(range(WIDTH)), [94, 93, 50, 1, 0]):
        written, _ = rewritten(path, columns)
        assert written == [b",".join(naive(values[column]) for column in columns) for values in records]
