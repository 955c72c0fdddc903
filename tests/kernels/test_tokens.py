"""The tokenizer against an independent parser, on records cut into blocks anywhere and damaged anywhere."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from clearscale.extract import (
    BadRecord,
    Block,
    BlockReader,
    MalformedError,
    by_position,
    parse_cut,
    parsing,
    read_block,
    reading,
)
from clearscale.extract.form import without_surplus
from clearscale.io.source import Source
from tests.support.examples import examples
from tests.support.reference import GogenError
from tests.support.reference.reading import COLUMNS, read

WIDTH = len(COLUMNS)
SOME = (94, 0, 53, 54)
HEADER = ",".join(COLUMNS).encode()
BLOCK_BYTES = (1, 100, 257, 1000, 2**20)
stable = settings(
    derandomize=True,
    deadline=None,
    database=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
)

PIECES = st.sampled_from(
    [*(bytes([byte]) for byte in b'",\n\r ab-\\.\x00\xc2\xa0\xff'), b"\r\n", b'""', b"\xe2\x80\x83", b"word"]
)
VALUES = st.lists(PIECES, max_size=6).map(b"".join)
LINE_ENDS = st.sampled_from([b"\n", b"\r\n"])


@dataclass(frozen=True)
class Tokens:
    """What a file holds: (row, line, values) of each good record, and the bad ones."""

    good: list[tuple[int, int, list[bytes]]]
    bad: list[BadRecord]
    rows: int


@pytest.fixture(autouse=True)
def blocks_as_small_as_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    """A file's first block is long enough to hold any header; here it is cut to the header that there is."""
    monkeypatch.setattr(reading, "_LONGEST_OPENING", 1100)


def fit_opening(extract: bytes) -> None:
    """The first record must be seen where the header has a field more than there are columns."""
    vars(reading)["_LONGEST_OPENING"] = 3000 if len(extract.partition(b"\n")[0]) > 500 else 1100


def values_of_block(block: Block, columns: Sequence[int] = range(WIDTH)) -> list[tuple[int, int, list[bytes]]]:
    content = block.data.tobytes()
    return [
        (
            int(block.rows[n]),
            int(block.lines[n]),
            [content[starts[n] : ends[n]] for starts, ends in map(block.column, columns)],
        )
        for n in range(block.rows.size)
    ]


def tokens_of(path: Path, extract: bytes, block_bytes: int) -> Tokens:
    path.write_bytes(extract)
    fit_opening(extract)
    for find_form in (by_position, without_surplus):
        reader = BlockReader(Source(str(path)), block_bytes, find_form=find_form)
        good, bad = [], []
        for block in reader:
            good += values_of_block(block)
            bad += block.bad
        if not (bad and reader.form.surplus):
            break
    return Tokens(good, bad, reader.rows)


def field(value: bytes, quoted: bool) -> bytes:
    """A field as a writer may write it; one that needs quotes gets them."""
    needed = any(byte in value for byte in b',"\n') or value.endswith(b"\r")
    return b'"' + value.replace(b'"', b'""') + b'"' if quoted or needed else value


def plain(**values: bytes) -> bytes:
    """A record of 95 fields without its line end."""
    return b",".join(field(values.get(name, b""), False) for name in COLUMNS)


def put(folder: Path, content: bytes) -> Source:
    path = folder / "extract"
    path.write_bytes(content)
    return Source(str(path))


@dataclass(frozen=True)
class Drawn:
    """A well-formed file, and where each of its records lies."""

    content: bytes
    records: list[tuple[int, list[bytes], bytes]]


@st.composite
def files(draw: st.DrawFn) -> Drawn:
    content, line = b"", 1
    records = []
    surplus = draw(st.booleans())
    for _ in range(draw(st.integers(0, 5))):
        for end in draw(st.lists(LINE_ENDS, max_size=2)):
            content += end
            line += 1
        values = [b""] * WIDTH
        for column in draw(st.lists(st.sampled_from([0, 1, 40, 93, 94]), max_size=4)):
            values[column] = draw(VALUES)
        quoted = draw(st.sets(st.sampled_from([0, 1, 40, 94])))
        text = b",".join(field(value, column in quoted) for column, value in enumerate(values))
        if surplus:
            text += draw(st.sampled_from([b",", b',""']))
        end = draw(LINE_ENDS)
        # The reading of a quoted CRLF is LF.
        records.append((line, [value.replace(b"\r\n", b"\n") for value in values], text + end))
        content += text + end
        line += text.count(b"\n") + 1
    if draw(st.booleans()):
        content = content.removesuffix(b"\n")
    head = draw(st.sampled_from([b"", b"\xef\xbb\xbf", b"RECORD_ID,x\n", b'\xef\xbb\xbfRECORD_ID"\r\n']))
    if surplus:
        head = draw(st.sampled_from([b"", b"\xef\xbb\xbf"])) + HEADER + draw(st.sampled_from([b",\n", b",\r\n"]))
    return Drawn(head + content, records)


@settings(stable, max_examples=examples(300))
@given(drawn=files(), block_bytes=st.sampled_from(BLOCK_BYTES))
def test_any_cutting_into_blocks_gives_the_records_that_were_written(
    tmp_path: Path, drawn: Drawn, block_bytes: int
) -> None:
    found = tokens_of(tmp_path / "extract", drawn.content, block_bytes)
    assert found.bad == []
    assert found.good == [(row, line, values) for row, (line, values, _) in enumerate(drawn.records)]
    assert found.rows == len(drawn.records)
    assert [values for _, _, values in found.good] == [list(record.values()) for record in read(drawn.content)]


@settings(stable, max_examples=examples(300))
@given(drawn=files(), damage=st.lists(st.tuples(st.floats(0, 1), PIECES), min_size=1, max_size=3))
def test_a_damaged_file_is_refused_in_the_words_of_the_reference(
    tmp_path: Path, drawn: Drawn, damage: list[tuple[float, bytes]]
) -> None:
    content = drawn.content
    for where, piece in damage:
        at = int(where * len(content))
        content = content[:at] + piece + content[at:]
    found = {size: tokens_of(tmp_path / "extract", content, size) for size in BLOCK_BYTES}
    assert all(one == found[1] for one in found.values())
    wanted = read_or_message(content)
    if isinstance(wanted, str):
        assert [bad.message for bad in found[1].bad][:1] == [wanted]
    else:
        assert found[1].bad == []
        assert [values for _, _, values in found[1].good] == wanted


def read_or_message(content: bytes) -> list[list[bytes]] | str:
    """The reference's records, or why it refuses them."""
    try:
        return [list(record.values()) for record in read(content)]
    except GogenError as error:
        return str(error)


@settings(stable, max_examples=examples(100))
@given(drawn=files(), block_bytes=st.sampled_from(BLOCK_BYTES))
def test_a_block_read_again_by_its_place_is_the_same_block(tmp_path: Path, drawn: Drawn, block_bytes: int) -> None:
    path = tmp_path / "extract"
    path.write_bytes(drawn.content)
    fit_opening(drawn.content)
    source = Source(str(path))
    reader = BlockReader(source, block_bytes)
    for block in reader:
        with source.open() as file:
            again = read_block(file, source, block.span, form=reader.form)
        assert values_of_block(again) == values_of_block(block)
        assert [again.record(n) for n in range(again.rows.size)] == [
            block.record(n) for n in range(block.rows.size)
        ]


def cuts_and_blocks(path: Path, extract: bytes, block_bytes: int) -> None:
    """Cuts are the blocks, or lead to a malformed record: in the block that begins with or before the first one."""
    path.write_bytes(extract)
    fit_opening(extract)
    exact, quick = (BlockReader(Source(str(path)), block_bytes, checksum=True) for _ in range(2))
    blocks = list(exact)
    wanted = [(block.span, block.lines_passed) for block in blocks]
    malformed = [place for place, block in enumerate(blocks) if block.bad]
    found, parsed = [], []
    try:
        for cut in quick.cuts():
            found.append((cut.span, cut.lines_passed))
            parsed.append(parse_cut(cut, SOME, form=quick.form))
    except MalformedError:
        assert malformed
        assert found[: malformed[0]] == wanted[: malformed[0]]
        assert len(found) <= malformed[0] + 1
        return
    assert not malformed
    assert found == wanted
    for block, wanted_block in zip(parsed, blocks, strict=True):
        assert values_of_block(block, SOME) == values_of_block(wanted_block, SOME)
        assert (block.canonical == wanted_block.canonical).all()
    assert (quick.digest, quick.rows, quick.form) == (exact.digest, exact.rows, exact.form)


@settings(stable, max_examples=examples(300))
@given(drawn=files(), block_bytes=st.sampled_from(BLOCK_BYTES))
def test_cuts_are_the_blocks_of_a_well_formed_file(tmp_path: Path, drawn: Drawn, block_bytes: int) -> None:
    cuts_and_blocks(tmp_path / "extract", drawn.content, block_bytes)


@settings(stable, max_examples=examples(300))
@given(drawn=files(), damage=PIECES, where=st.integers(0, 3000), block_bytes=st.sampled_from(BLOCK_BYTES))
def test_cuts_of_a_damaged_file_lead_to_the_damage(
    tmp_path: Path, drawn: Drawn, damage: bytes, where: int, block_bytes: int
) -> None:
    at = where % (len(drawn.content) + 1)
    content = drawn.content[:at] + damage + drawn.content[at:]
    cuts_and_blocks(tmp_path / "extract", content, block_bytes)


@settings(stable, max_examples=examples(200))
@given(pieces=st.lists(PIECES, max_size=200), good=st.booleans(), block_bytes=st.sampled_from(BLOCK_BYTES))
def test_cuts_of_any_bytes_lead_to_the_damage(
    tmp_path: Path, pieces: list[bytes], good: bool, block_bytes: int
) -> None:
    first = plain(OFN=b"1") + b"\n" if good else b""
    cuts_and_blocks(tmp_path / "extract", first + b"".join(pieces), block_bytes)


@pytest.mark.parametrize("line_end", [b"\n", b"\r\n"])
@pytest.mark.parametrize("shift", [*range(-3, 4)])
def test_cuts_where_line_ends_and_quotes_meet_the_begin_of_a_word(
    tmp_path: Path, shift: int, line_end: bytes
) -> None:
    """Line ends, blank lines and quotes on both sides of each 64th byte."""
    size = 2 * len(plain()) // 64 * 64 + 64 + shift
    value = b"x" * (size - len(plain()) - len(line_end) - 2)
    for field_value in (value, b'"' + value[4:] + b'""' + b'"', b'"' + value[3:] + b"\n" + b'"'):
        record = plain(OFN=b"@", END_OF_REC=b"*").replace(b"@", field_value) + line_end
        for blanks in range(3):
            content = (record + line_end * blanks) * 3
            for ending in (b"", b"\r", b"\r\r", record.removesuffix(line_end), b'"'):
                cuts_and_blocks(tmp_path / "extract", content + ending, 2**20)
                cuts_and_blocks(tmp_path / "extract", content + ending, len(record))


def test_a_quote_that_stays_open_is_not_read_to_the_end_of_the_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(parsing, "LONGEST_RECORD", 4000)
    path = tmp_path / "extract"
    path.write_bytes(plain(OFN=b"1") + b'\n1,"' + (b"x" * 99 + b"\n") * 4000)
    reader = BlockReader(Source(str(path)), 1000)
    cuts = reader.cuts()
    assert next(cuts).span.rows == 1
    with pytest.raises(MalformedError):
        next(cuts)


def test_records_keep_their_original_bytes(tmp_path: Path) -> None:
    first, second = plain(OFN=b'say "a"\r\nb') + b"\r\n", plain(OFN=b"2")
    path = tmp_path / "extract"
    path.write_bytes(first + b"\n" + second)
    (block,) = BlockReader(Source(str(path)))
    assert [block.record(0), block.record(1)] == [first, second]
    assert block.original == first + b"\n" + second


BAD = {
    b'a"b': 'parse error on line 3, column 53: bare " in non-quoted-field',
    b'"a"b': 'parse error on line 3, column 54: extraneous or missing " in quoted-field',
    b"a,b": "record on line 3: wrong number of fields",
}


@pytest.mark.parametrize("block_bytes", BLOCK_BYTES)
@pytest.mark.parametrize("line_end", [b"\n", b"\r\n"])
@pytest.mark.parametrize("damage", BAD)
def test_one_bad_record_costs_one_line_only(
    tmp_path: Path, damage: bytes, line_end: bytes, block_bytes: int
) -> None:
    lines = [plain(SUBJECT_ID=b"%d" % number, END_OF_REC=b"*") for number in range(1, 6)]
    lines[2] = plain(OFN=b"@", END_OF_REC=b"*").replace(b"@", damage)
    found = tokens_of(tmp_path / "extract", line_end.join(lines) + line_end, block_bytes)
    assert [(row, line, values[2]) for row, line, values in found.good] == [
        (0, 1, b"1"),
        (1, 2, b"2"),
        (3, 4, b"4"),
        (4, 5, b"5"),
    ]
    (bad,) = found.bad
    assert (bad.row, bad.line, bad.content) == (2, 3, lines[2] + line_end)
    assert bad.message == BAD[damage]
    assert found.rows == 5


@pytest.mark.parametrize("block_bytes", BLOCK_BYTES)
@pytest.mark.parametrize("where", [0, 1, 50, 94])
@pytest.mark.parametrize("again", ["", "opens", "closes"])
def test_a_quote_that_is_never_closed_costs_its_line_only(
    tmp_path: Path, where: int, again: str, block_bytes: int
) -> None:
    # A second stray quote lines later ends what the first one began; still it is the first line that is wrong.
    strays = (1, 3) if again else (1,)
    lines = []
    for number in range(6):
        values = [b"x%d" % number] * WIDTH
        if number == 1 or (number == 3 and again == "opens"):
            values[where] = b'"' + values[where]
        elif number == 3 and again == "closes":
            values[WIDTH - 1 - where] += b'"'
        lines.append(b",".join(values) + b"\n")
    found = tokens_of(tmp_path / "extract", b"".join(lines), block_bytes)
    assert [(bad.row, bad.line, bad.content) for bad in found.bad] == [(n, n + 1, lines[n]) for n in strays]
    assert [(row, line) for row, line, _ in found.good] == [(n, n + 1) for n in range(6) if n not in strays]


@pytest.mark.parametrize("block_bytes", BLOCK_BYTES)
def test_a_record_with_too_many_fields_that_spans_lines_is_one_bad_record(tmp_path: Path, block_bytes: int) -> None:
    broken = plain(OFN=b"two\nlines") + b",x,y\n"
    found = tokens_of(tmp_path / "extract", plain() + b"\n" + broken + plain(OFN=b"3"), block_bytes)
    assert [(bad.row, bad.line, bad.content, bad.what) for bad in found.bad] == [
        (1, 2, broken, "97 fields, not 95")
    ]
    assert [(row, line) for row, line, _ in found.good] == [(0, 1), (2, 4)]


@pytest.mark.parametrize("block_bytes", [1, 100, 2**20])
def test_a_record_longer_than_the_limit_is_bad_and_reading_goes_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, block_bytes: int
) -> None:
    monkeypatch.setattr(parsing, "LONGEST_RECORD", 500)
    fits, too_long = plain(OFN=b"x" * 400), plain(OFN=b"y" * 600)
    unclosed = plain(OFN=b"@").replace(b"@", b'"z')
    lines = [fits, too_long, plain(OFN=b"3"), unclosed, *[plain(OFN=b"4")] * 8]
    found = tokens_of(tmp_path / "extract", b"\n".join(lines) + b"\n", block_bytes)
    assert {values[COLUMNS.index("OFN")] for _, _, values in found.good} == {b"x" * 400, b"3", b"4"}
    assert sum(values[COLUMNS.index("OFN")] == b"4" for _, _, values in found.good) == 8
    assert (found.bad[0].what, found.bad[0].line) == ("longer than 500 bytes", 2)
    assert found.bad[0].content == too_long[:500]
    assert found.bad[-1].content == unclosed + b"\n"
    assert "missing" in found.bad[-1].what


@pytest.mark.parametrize("end", [b"", b"\n", b"\r\n", b"\r", b"\n\n\r\n", b"\n\r"])
def test_the_end_of_the_file_ends_the_last_record(tmp_path: Path, end: bytes) -> None:
    for block_bytes in BLOCK_BYTES:
        found = tokens_of(tmp_path / "extract", plain(END_OF_REC=b"*") + end, block_bytes)
        assert [values[94] for _, _, values in found.good] == [b"*"]
        assert (found.bad, found.rows) == ([], 1)


@pytest.mark.parametrize(
    ("ending", "what"),
    [
        (b",", None),
        (b',""', None),
        (b",x", "96 fields, not 95"),
        (b", ", "96 fields, not 95"),
        (b",,", "97 fields, not 95"),
        (b",\r\r", "96 fields, not 95"),
    ],
)
def test_only_an_empty_96th_field_is_dropped(tmp_path: Path, ending: bytes, what: str | None) -> None:
    content = HEADER + b",\n" + plain(OFN=b"1") + b",\n" + plain(OFN=b"2") + ending + b"\n"
    fit_opening(content)
    reader = BlockReader(put(tmp_path, content), 1)
    bad = [bad.what for block in reader for bad in block.bad]
    assert bad == ([] if what is None else [what.replace("not 95", "not 96")])
    # Where one record has none, those that have one are the odd ones.
    content = HEADER + b"\n" + plain(OFN=b"1") + ending + b"\n" + plain(OFN=b"2")
    found = tokens_of(tmp_path / "extract", content, 1)
    assert [bad.what for bad in found.bad] == [what or "96 fields, not 95"]
    assert len(found.good) == 1


@pytest.mark.parametrize(
    ("header", "records", "surplus", "line"),
    [
        (",", [",", ","], 1, None),
        (",", [",", ""], 1, 1),
        (",", ["", ","], 0, 2),
        (",", ["", ""], 0, None),
        ("", [",", ","], 0, 1),
        (None, [",", ","], 0, 1),
    ],
)
def test_a_96th_field_is_dropped_where_every_line_has_it(
    tmp_path: Path, header: str | None, records: list[str], surplus: int, line: int | None
) -> None:
    lines = [] if header is None else [HEADER + header.encode()]
    content = b"\n".join([*lines, *(plain(OFN=b"1") + ending.encode() for ending in records)])
    found = tokens_of(tmp_path / "extract", content, 1)
    assert [bad.line for bad in found.bad][:1] == ([] if line is None else [line])
    assert read_or_message(content) == (
        [values for _, _, values in found.good] if line is None else found.bad[0].message
    )
    reader = BlockReader(Source(str(tmp_path / "extract")))
    list(reader)
    assert reader.form.surplus == surplus


@pytest.mark.parametrize("content", [b"", b"\n", b"\r\n\n", b"\r", b"RECORD_ID", b"RECORD_ID,\n\n"])
def test_a_file_without_records_has_no_rows(tmp_path: Path, content: bytes) -> None:
    assert tokens_of(tmp_path / "extract", content, 1) == Tokens([], [], 0)


@pytest.mark.parametrize("content", [b'"', b'"a', b'a,"', b'"a\nb\n', b'"a\n\n', b'"a,""\n', b'"\r', b'"a"\rb'])
def test_an_open_quote_at_the_end_of_the_file_is_told_as_the_reference_tells_it(
    tmp_path: Path, content: bytes
) -> None:
    with pytest.raises(GogenError) as refused:
        read(content)
    for block_bytes in BLOCK_BYTES:
        assert tokens_of(tmp_path / "extract", content, block_bytes).bad[0].message == str(refused.value)
