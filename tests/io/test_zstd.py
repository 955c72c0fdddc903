"""Extracts compressed with zstd: any number of frames, cut anywhere, with junk behind, near and far."""

import base64
import io
import itertools
from collections.abc import Callable
from pathlib import Path
from typing import BinaryIO

import fsspec
import pyarrow as pa
import pytest

from clearscale.errors import ExtractError, StorageError
from clearscale.extract.reading import BlockReader
from clearscale.io.compressed import DecompressionError
from clearscale.io.reasons import explained
from clearscale.io.source import Source

PLAIN = b"".join(b'%d,"DOE, PAT",%d\n' % (k * k % 97, k) for k in range(60))

CHECKED = base64.b64decode(
    "KLUv/QRolQUAUo8gE4AnhTrAPBCDLlkh20+AVhmoHQZncWw/rDu0oVydKB/DJe8wuxPpPrubtxlelFMflGXoKKyzHYufyDXa"
    "pFfiNPOULYgH3ZzWEb+wW7lRXZJT1dNcyI4ZOeNGos/yTjeha6a552qROYROwbH6Zd3SZnNVpnxqkWMQCgAIBoPAQIAwRDuo"
    "ESAEILn7GaBbGxBe5GsDum3TRUZDlPc0WHy1/kynEpIzNU55HlyCCUTJKvD7srg="
)
"""`PLAIN` by the command `zstd -19 --check`: without its length in front, with its checksum behind."""

WITH_LENGTH: bytes = pa.compress(PLAIN, codec="zstd", asbytes=True)
OF_NOTHING: bytes = pa.compress(b"", codec="zstd", asbytes=True)
SKIPPED = b"\x5a\x2a\x4d\x18" + (9).to_bytes(4, "little") + b"not data."
"""A frame that holds no content; some tools write an index into one."""

WHOLE = {
    "empty": (b"", b""),
    "a frame of nothing": (OF_NOTHING, b""),
    "a frame": (CHECKED, PLAIN),
    "two frames": (CHECKED + WITH_LENGTH, PLAIN * 2),
    "many frames": ((CHECKED + OF_NOTHING + SKIPPED + WITH_LENGTH) * 300, PLAIN * 600),
    "skipped first": (SKIPPED + CHECKED, PLAIN),
    "skipped last": (CHECKED + SKIPPED, PLAIN),
    "skipped only": (SKIPPED, b""),
}


def put(folder: Path, content: bytes) -> Source:
    path = folder / "a.csv.zst"
    path.write_bytes(content)
    return Source(str(path))


def everything(file: BinaryIO, size: int) -> bytes:
    """What is read piece by piece."""
    return b"".join(iter(lambda: file.read(size), b""))


def far(folder: Path, content: bytes) -> Source:
    path = f"memory:/{folder.as_posix()}/a.csv.zst"
    fsspec.filesystem("memory").pipe(path, content)
    return Source(path)


@pytest.mark.parametrize("place", [put, far])
@pytest.mark.parametrize("form", WHOLE)
def test_whole_files(form: str, place: Callable[[Path, bytes], Source], tmp_path: Path) -> None:
    compressed, content = WHOLE[form]
    source = place(tmp_path, compressed)
    with source.open() as file:
        assert file.read() == content
        assert file.read() == b""
    for size in (1000, 70_000):
        with source.open() as file:
            assert everything(file, size) == content


FRAMES = (CHECKED, SKIPPED, WITH_LENGTH, SKIPPED)
ENDS = list(itertools.accumulate(map(len, FRAMES), initial=0))


@pytest.mark.parametrize("size", [-1, 100])
def test_a_file_cut_at_any_byte_within_a_frame(size: int, tmp_path: Path) -> None:
    compressed = b"".join(FRAMES)
    for length in range(len(compressed) + 1):
        with put(tmp_path, compressed[:length]).open() as file:
            if length in ENDS:
                assert everything(file, size) == (b"", PLAIN, PLAIN, 2 * PLAIN, 2 * PLAIN)[ENDS.index(length)]
                continue
            with pytest.raises(EOFError, match=r"^the file ends before its content does$"):
                everything(file, size)


def test_a_long_frame_cut_at_the_edges_of_its_blocks(tmp_path: Path) -> None:
    noise = bytes((k * k * 2_654_435_761 >> 7) & 255 for k in range(2**18))
    compressed = pa.compress(noise, codec="zstd", asbytes=True)
    edges = {edge + k for edge in range(0, len(compressed), 2**16) for k in (-1, 0, 1, 2, 3)}
    for length in (*sorted(edge for edge in edges if 0 < edge < len(compressed)), len(compressed) - 1):
        with put(tmp_path, compressed[:length]).open() as file, pytest.raises(EOFError):
            file.read()


@pytest.mark.parametrize(
    ("content", "detail"),
    [
        (CHECKED + b"junk behind", "Unknown frame descriptor"),
        (CHECKED + b"\0" * 9, "Unknown frame descriptor"),
        (CHECKED[:-1] + bytes([CHECKED[-1] ^ 1]), "Restored data doesn't match checksum"),
        (SKIPPED + CHECKED[:-1] + bytes([CHECKED[-1] ^ 1]), "Restored data doesn't match checksum"),
    ],
)
def test_bytes_that_are_no_zstd(content: bytes, detail: str, tmp_path: Path) -> None:
    source = put(tmp_path, content)
    with source.open() as file, pytest.raises(DecompressionError, match=f"^zstd decompressor error: {detail}$"):
        file.read()
    with pytest.raises(ExtractError) as raised:
        list(BlockReader(source))
    assert str(raised.value) == (
        f"a.csv.zst: cannot be decompressed (zstd decompressor error: {detail}); "
        "copy the file again or check its ending"
    )


def test_what_a_cut_file_is_told_as(tmp_path: Path) -> None:
    with pytest.raises(ExtractError) as raised:
        list(BlockReader(put(tmp_path, CHECKED[:-1])))
    assert str(raised.value) == (
        "a.csv.zst: cannot be decompressed (the file ends before its content does); "
        "copy the file again or check its ending"
    )


def test_a_file_that_is_not_compressed_is_told_as_that(tmp_path: Path) -> None:
    source = put(tmp_path, PLAIN)
    with source.open() as file, pytest.raises(DecompressionError, match="Unknown frame descriptor"):
        file.read()
    with pytest.raises(ExtractError, match=r"its name ends in \.zst, but it is not compressed"):
        list(BlockReader(source))


def test_seeking(tmp_path: Path) -> None:
    with put(tmp_path, CHECKED + WITH_LENGTH).open() as file:
        assert file.seek(100) == 100
        assert file.read(20) == PLAIN[100:120]
        assert file.seek(len(PLAIN) + 7) == len(PLAIN) + 7
        assert file.read(5) == PLAIN[7:12]
        for offset in (0, 50, 7, len(PLAIN)):
            assert file.seek(offset) == offset
            assert file.read(9) == (PLAIN * 2)[offset : offset + 9]
        for offset, whence in ((1, io.SEEK_CUR), (0, io.SEEK_END)):
            with pytest.raises(io.UnsupportedOperation, match="from its begin only"):
                file.seek(offset, whence)
        assert file.seek(10**6) == 2 * len(PLAIN)


def test_a_storage_that_fails_while_it_is_read_is_told_as_such(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    source = far(tmp_path, CHECKED)

    class Failing(io.BytesIO):
        def read(self, size: int | None = -1) -> bytes:
            with explained(source.url, "read"):
                raise ConnectionResetError(104, "Connection reset by peer")

    monkeypatch.setattr("clearscale.io.source.open_stored", lambda *_: Failing())
    with source.open() as file, pytest.raises(StorageError, match=r"a\.csv\.zst: cannot be read"):
        file.read()


def test_a_disk_that_fails_while_it_is_read_is_no_broken_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Failing(io.BytesIO):
        def read(self, size: int | None = -1) -> bytes:
            raise OSError(5, "Input/output error")

    monkeypatch.setattr("clearscale.io.local.ThisMachine.open", lambda *_: Failing())
    with put(tmp_path, CHECKED).open() as file, pytest.raises(OSError, match="Input/output error") as raised:
        file.read()
    assert raised.value.errno == 5


def test_closing_closes_the_file_beneath(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    beneath = io.BytesIO(CHECKED)
    monkeypatch.setattr("clearscale.io.source.open_stored", lambda *_: beneath)
    with far(tmp_path, CHECKED).open() as file:
        file.read(1)
    assert beneath.closed
