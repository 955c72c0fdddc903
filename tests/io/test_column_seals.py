"""Parquet files of which some columns are read: whatever is damaged of what is read is told, by the file's seal."""

import zlib
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from random import Random
from typing import Any

import fsspec
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st

import clearscale
from clearscale.errors import StoreError
from clearscale.io import files as io_files
from clearscale.io.column_seals import ColumnSeals, end_length
from clearscale.io.files import Folder
from clearscale.io.joined_crc import joined_crc
from clearscale.io.parquet_pieces import joined, pieces_of
from clearscale.io.sealed import Guard, SealedFolder
from clearscale.io.seals import Seal, seal_of

GROUPS, ROWS = 3, 20
NAME = "some.parquet"
GUARD = Guard(StoreError, "store", "mend it")
CHOSEN = ["row", "second"]


def piece(group: int, letter: bytes = b"a") -> bytes:
    """A row group whose texts are as long as those of others."""
    table = pa.table(
        {
            "row": pa.array(range(group * ROWS, group * ROWS + ROWS), pa.int32()),
            "first": pa.array([letter + b"%d%d" % (group, row % 10) for row in range(ROWS)]),
            "second": pa.array([letter + b"%d%d" % (row % 10, group) for row in range(ROWS)]),
        }
    )
    sink = pa.BufferOutputStream()
    pq.write_table(
        table, sink, compression="none", use_dictionary=False, write_statistics=False, store_schema=False
    )
    found: bytes = sink.getvalue().to_pybytes()
    return found


def file_of(pieces: list[bytes]) -> bytes:
    return b"".join(joined([*map(pieces_of, pieces)]))


WHOLE = file_of([piece(group) for group in range(GROUPS)])
OTHER = file_of([piece(group, b"b") for group in range(GROUPS)])
SWAPPED = file_of([piece(group) for group in (1, 0, 2)])


@pytest.fixture(params=["far", "encrypted", "far and encrypted"])
def folder(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Folder]:
    """A folder of whose files only parts are read."""
    monkeypatch.setattr(io_files, "MOST_WHOLE", 0)
    url = str(tmp_path / "files") if request.param == "encrypted" else f"memory://{tmp_path.name}/files"
    if "encrypted" in request.param:
        clearscale.make_key(tmp_path / "key")
        clearscale.start_encryption(url, f"file:{tmp_path / 'key'}")
    yield Folder.rooted(url)
    if "far" in request.param:
        fsspec.filesystem("memory").rm(f"/{tmp_path.name}", recursive=True)


def sealed(folder: Folder, content: bytes = WHOLE) -> SealedFolder:
    """The folder with a file whose seal is that of this content."""
    return SealedFolder(folder.url, {NAME: seal_of(content)}, GUARD, encryption=folder.encryption)


def table(content: bytes, group: int, columns: list[str] | None = None) -> pa.Table:
    return pq.ParquetFile(pa.BufferReader(content)).read_row_group(group, columns)


def spans(content: bytes, group: int, columns: list[str] | None) -> list[tuple[int, int]]:
    """Where what is read of a row group lies, and the end of the file from the table on."""
    metadata = pq.read_metadata(pa.BufferReader(content))
    chunks = [metadata.row_group(group).column(place) for place in range(metadata.num_columns)]
    found = [
        (chunk.data_page_offset, chunk.data_page_offset + chunk.total_compressed_size)
        for chunk in chunks
        if columns is None or chunk.path_in_schema in columns
    ]
    return [*found, (len(content) - end_length(content), len(content))]


def told(folder: SealedFolder, group: int, columns: list[str] | None, expected: pa.Table) -> bool:
    """Whether damage is told where a row group is read; if not, it is as it was written."""
    try:
        found = folder.some_row_groups(NAME).read(group, columns)
    except StoreError as error:
        return f"{NAME}: is damaged" in str(error)
    assert found.equals(expected)
    assert found.column_names == expected.column_names
    return False


@given(pieces=st.lists(st.binary(max_size=200), max_size=20))
def test_a_checksum_of_pieces(pieces: list[bytes]) -> None:
    lengths, crcs = [*map(len, pieces)], [*map(zlib.crc32, pieces)]
    assert joined_crc(lengths, crcs) == zlib.crc32(b"".join(pieces))


@given(sizes=st.lists(st.integers(0, 2**22), min_size=1, max_size=5))
def test_a_checksum_of_long_pieces(sizes: list[int]) -> None:
    pieces = [bytes([number]) * size for number, size in enumerate(sizes)]
    assert joined_crc(sizes, [*map(zlib.crc32, pieces)]) == zlib.crc32(b"".join(pieces))


def test_what_was_written_is_read(folder: Folder) -> None:
    folder.write(NAME, WHOLE)
    for group in range(GROUPS):
        for columns in (None, CHOSEN, ["first"], []):
            assert not told(sealed(folder), group, columns, table(WHOLE, group, columns))
    assert end_length(WHOLE[-200:]) > 200, "the footer is longer"
    assert ColumnSeals.read(WHOLE[-end_length(WHOLE) :], seal_of(WHOLE)) is not None


@pytest.mark.parametrize("columns", [None, CHOSEN])
@pytest.mark.parametrize("step", [pytest.param(1, marks=pytest.mark.long), 13])
def test_any_byte_that_is_changed_where_it_is_read_is_told(
    step: int, columns: list[str] | None, folder: Folder
) -> None:
    random = Random(step)
    group = 1
    expected = table(WHOLE, group, columns)
    read = spans(WHOLE, group, columns)
    for place in range(0, len(WHOLE), step):
        content = bytearray(WHOLE)
        content[place] ^= random.choice([1 << random.randrange(8), random.randrange(1, 256)])
        folder.write(NAME, bytes(content))
        is_read = any(start <= place < end for start, end in read)
        assert told(sealed(folder), group, columns, expected) == is_read, place


def test_several_bytes_that_are_changed_are_told(folder: Folder) -> None:
    random, group = Random(6), 2
    expected, read = table(WHOLE, group), spans(WHOLE, group, None)
    for _ in range(200):
        content = bytearray(WHOLE)
        start, end = random.choice(read)
        for _ in range(random.randrange(1, 9)):
            content[random.randrange(start, end)] = random.randrange(256)
        folder.write(NAME, bytes(content))
        assert told(sealed(folder), group, None, expected) == (content != WHOLE)


def test_a_file_that_is_cut_or_has_zeros_is_told(folder: Folder) -> None:
    expected = table(WHOLE, 0)
    for length in range(0, len(WHOLE), 17):
        for content in (WHOLE[:length], WHOLE[:length] + bytes(len(WHOLE) - length), WHOLE[length:]):
            folder.write(NAME, content)
            assert told(sealed(folder), 0, None, expected) == (content != WHOLE)


def exchanged(content: bytes, one: tuple[int, int], other: tuple[int, int]) -> bytes:
    """The content with two pieces of the same length in each other's place."""
    assert one[1] - one[0] == other[1] - other[0]
    found = bytearray(content)
    found[slice(*one)], found[slice(*other)] = content[slice(*other)], content[slice(*one)]
    return bytes(found)


def test_pieces_in_each_others_place_are_told(folder: Folder) -> None:
    found = [(spans(WHOLE, group, None)[:-1]) for group in range(GROUPS)]
    pairs = [(of_one[place], of_other[place]) for of_one, of_other in pairwise(found) for place in range(3)]
    pairs += [(of_group[1], of_group[2]) for of_group in found]
    pairs += [((of_one[0][0], of_one[-1][1]), (other[0][0], other[-1][1])) for of_one, other in pairwise(found)]
    for one, other in pairs:
        folder.write(NAME, exchanged(WHOLE, one, other))
        assert any(told(sealed(folder), group, None, table(WHOLE, group)) for group in range(GROUPS))


@pytest.mark.parametrize("content", [SWAPPED, OTHER], ids=["row groups by the footer", "file"])
def test_another_file_of_the_same_length_is_told(content: bytes, folder: Folder) -> None:
    assert len(content) == len(WHOLE)
    folder.write(NAME, content)
    assert all(told(sealed(folder), group, None, table(WHOLE, group)) for group in range(GROUPS))
    for end in (spans(WHOLE, 0, None)[-1][0], len(WHOLE) - 8):
        folder.write(NAME, WHOLE[:end] + content[end:])
        assert told(sealed(folder), 0, None, table(WHOLE, 0)) == (WHOLE[end:] != content[end:])


def test_files_in_each_others_place_are_told(folder: Folder) -> None:
    """Each is encrypted under its own key, which stands in it: it decrypts in any place."""
    folder.write(NAME, WHOLE)
    folder.write("other.parquet", OTHER)
    folder.copy("other.parquet", NAME)
    assert told(sealed(folder), 0, None, table(WHOLE, 0))
    assert not told(sealed(folder, OTHER), 0, None, table(OTHER, 0))


def test_a_file_without_the_seals_is_read_as_a_whole(folder: Folder, monkeypatch: pytest.MonkeyPatch) -> None:
    content = piece(0)
    folder.write(NAME, content)
    whole: list[str] = []
    read = SealedFolder._content

    def noted(self: Any, name: str) -> Any:
        whole.append(name)
        return read(self, name)

    monkeypatch.setattr(SealedFolder, "_content", noted)
    assert not told(sealed(folder, content), 0, None, table(content, 0))
    assert whole == [NAME]


def test_a_table_of_anything_is_no_error() -> None:
    random = Random(7)
    for _ in range(2000):
        end = random.randbytes(random.randrange(12, 80))
        if end_length(end) <= len(end):
            assert ColumnSeals.read(end[len(end) - end_length(end) :], Seal(1000, 5)) is None
