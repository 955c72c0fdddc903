"""Damaged ZIP archives: read whole, or refused in plain words."""

import io
import random
import zipfile
from pathlib import Path

import numpy as np
import pytest

from clearscale.errors import ExtractError, StorageError
from clearscale.extract.reading import fill, opened
from clearscale.io.compressed import DecompressionError
from clearscale.io.source import Source
from clearscale.io.zipped import open_zipped

PLAIN = b"".join(b'%d,"DOE, PAT",%d\n' % (k * k % 97, k) for k in range(60))
OTHER = PLAIN[:200]
METHODS = {
    "stored": zipfile.ZIP_STORED,
    "deflated": zipfile.ZIP_DEFLATED,
    "bzip2": zipfile.ZIP_BZIP2,
    "lzma": zipfile.ZIP_LZMA,
}


def zipped(method: int, **members: bytes) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", method) as archive:
        for name, content in members.items():
            archive.writestr(f"{name}.csv", content)
    return file.getvalue()


def outcome(folder: Path, packed: bytes) -> bytes | str:
    """The content, or what is said where it is refused."""
    path = folder / "a.zip"
    path.write_bytes(packed)
    source, buffer = Source(str(path)), np.empty(2**16, np.uint8)
    try:
        with opened(source) as file:
            return buffer[: fill(file, buffer, source)].tobytes()
    except ExtractError as error:
        return str(error)


def changed(packed: bytes, place: int, rng: random.Random) -> bytes:
    made = bytearray(packed)
    made[place] = rng.choice([made[place] ^ 1 << rng.randrange(8), made[place] ^ 255, rng.randrange(256), 0, 255])
    return bytes(made)


def require_whole_or_refused(folder: Path, packed: bytes, whole: bytes | None) -> None:
    found = outcome(folder, packed)
    if isinstance(found, bytes):
        assert found == whole
    else:
        assert found.startswith("a.zip: ")
        assert "codec" not in found
        assert "index out of range" not in found


@pytest.mark.parametrize("method", METHODS)
def test_a_byte_that_changed_anywhere(method: str, tmp_path: Path) -> None:
    rng = random.Random(2)
    packed = zipped(METHODS[method], **{"kérn": PLAIN})
    for place in range(len(packed)):
        require_whole_or_refused(tmp_path, changed(packed, place, rng), PLAIN)


def test_a_byte_that_changed_anywhere_hides_no_extract(tmp_path: Path) -> None:
    """One of two that were `.csv` is not the only one when the name of the other is damaged, or its place."""
    rng = random.Random(3)
    packed = zipped(zipfile.ZIP_DEFLATED, a=PLAIN, b=OTHER)
    for place in range(packed.index(b"PK\1\2"), len(packed)):
        for _ in range(4):
            require_whole_or_refused(tmp_path, changed(packed, place, rng), None)
    first = packed.index(b"PK\1\2")
    for field in (30, 32):  # lengths of what stands behind the name of the first, which the other is in then
        made = bytearray(packed)
        made[first + field] = packed.rindex(b"PK\5\6") - packed.rindex(b"PK\1\2")
        assert "cannot be decompressed (" in str(outcome(tmp_path, bytes(made)))
    for place in range(packed.rindex(b"b.csv"), packed.rindex(b"b.csv") + 5):
        made = bytearray(packed)
        made[place] ^= 1
        assert "cannot be decompressed (File name in directory" in str(outcome(tmp_path, bytes(made)))


@pytest.mark.parametrize("method", METHODS)
def test_a_file_that_was_cut(method: str, tmp_path: Path) -> None:
    packed = zipped(METHODS[method], kern=PLAIN)
    for length in range(len(packed)):
        assert "cannot be decompressed" in str(outcome(tmp_path, packed[:length])), length


@pytest.mark.long
@pytest.mark.parametrize("method", METHODS)
def test_several_bytes_that_changed(method: str, tmp_path: Path) -> None:
    rng = random.Random(4)
    whole = zipped(METHODS[method], **{"kérn": PLAIN})
    for _ in range(5000):
        packed = whole
        for _ in range(rng.choice([2, 3, 8])):
            edge = rng.choice([60, 120, len(packed)])
            place = rng.randrange(edge)
            packed = changed(packed, rng.choice([place, len(packed) - 1 - place]), rng)
        require_whole_or_refused(tmp_path, packed, PLAIN)


@pytest.mark.parametrize(
    ("field", "value", "said"),
    [
        (42, b"\xff\xff\xff\x7f", "the archive tells of a place outside of it"),
        (42, b"\xf0\xff\xff\xff", "the archive tells of a place outside of it"),
        (46, b"\0", "what the archive says of its content is damaged"),
        (46, b"\xff", "File name in directory"),
        (28, b"\0", "Truncated central directory"),
    ],
)
def test_what_is_said(field: int, value: bytes, said: str, tmp_path: Path) -> None:
    made = bytearray(zipped(zipfile.ZIP_DEFLATED, kern=PLAIN))
    place = made.rindex(b"PK\1\2") + field
    made[place : place + len(value)] = value
    assert f"a.zip: cannot be decompressed ({said}" in str(outcome(tmp_path, bytes(made)))


@pytest.mark.parametrize("error", [OSError(5, "Input/output error"), StorageError("a bucket: cannot be read")])
def test_what_fails_beneath_is_no_damage(error: Exception) -> None:
    packed = zipped(zipfile.ZIP_STORED, kern=PLAIN)

    class Failing(io.BytesIO):
        fails = False

        def read(self, size: int | None = -1) -> bytes:
            if self.fails:
                raise error
            return super().read(size)

    file = Failing(packed)
    with open_zipped(file, "a.zip") as content:
        file.fails = True
        with pytest.raises(type(error)):
            content.read()
    file = Failing(packed)
    file.fails = True
    with pytest.raises(type(error)):
        open_zipped(file, "a.zip")
    assert file.closed


def test_no_more_is_asked_for_than_there_is() -> None:
    asked = []

    class Asked(io.BytesIO):
        def read(self, size: int | None = -1) -> bytes:
            asked.append(size)
            return super().read(size)

    packed = bytearray(zipped(zipfile.ZIP_STORED, kern=PLAIN))
    for place in (packed.rindex(b"PK\5\6") + 12, packed.rindex(b"PK\1\2") + 20):
        packed[place : place + 4] = b"\xff\xff\xff\x7f"
        with pytest.raises(DecompressionError):
            open_zipped(Asked(bytes(packed)), "a.zip").read()
    assert all(size is not None and 0 <= size <= len(packed) for size in asked)
