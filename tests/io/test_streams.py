"""bzip2 and xz files of several streams: read whole, or refused."""

import bz2
import io
import lzma
import random
from collections.abc import Callable
from pathlib import Path

import pytest

from clearscale.errors import ExtractError
from clearscale.extract.reading import BlockReader
from clearscale.io import streams
from clearscale.io.compressed import DecompressionError
from clearscale.io.source import Source
from clearscale.io.streams import open_streams

TEXTS = [b"".join(b'%d,"DOE, PAT",%d\n' % (k * k % 97, k) for k in range(60 * part)) for part in (1, 0, 3)]
WHOLE = b"".join(TEXTS)
PACKED: dict[str, list[bytes]] = {
    "bz2": [bz2.compress(text) for text in TEXTS],
    "xz": [lzma.compress(text) for text in TEXTS],
}
PADDING = bytes(8)


def older(text: bytes) -> bytes:
    return lzma.compress(text, lzma.FORMAT_ALONE)


def content(packed: bytes, compression: str) -> bytes:
    with open_streams(io.BytesIO(packed), compression) as file:
        return file.read()


def taken(packed: bytes, compression: str) -> bytes | None:
    """The content, None if it is refused as damaged."""
    try:
        return content(packed, compression)
    except (DecompressionError, EOFError):
        return None


@pytest.fixture(params=[1, 7, 2**15])
def pieces(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Streams begin and end anywhere in what is read at a time."""
    monkeypatch.setattr(streams, "_READ", request.param)


@pytest.mark.usefixtures("pieces")
@pytest.mark.parametrize(
    ("packed", "compression"),
    [
        (b"".join(PACKED["bz2"]), "bz2"),
        (b"".join(PACKED["xz"]), "xz"),
        (b"".join(PACKED["xz"]), "lzma"),
        (PADDING.join([*PACKED["xz"], b""]), "xz"),
        (older(WHOLE), "lzma"),
        (older(WHOLE), "xz"),
    ],
    ids=["bz2", "xz", "xz named lzma", "padded", "lzma", "lzma named xz"],
)
def test_all_streams_are_read(packed: bytes, compression: str) -> None:
    assert content(packed, compression) == WHOLE
    with open_streams(io.BytesIO(packed), compression) as file:
        assert b"".join(iter(lambda: file.read(100), b"")) == WHOLE
        assert (file.read(9), file.tell()) == (b"", len(WHOLE))
        for place in (50, 7, len(WHOLE) - 3, 0):
            assert file.seek(place) == place
            assert file.read(9) == WHOLE[place : place + 9]
        assert file.seek(-5, io.SEEK_END) == len(WHOLE) - 5
        assert file.seek(2, io.SEEK_CUR) == len(WHOLE) - 3
        assert file.read() == WHOLE[-3:]


@pytest.mark.parametrize("compression", PACKED)
def test_a_bit_that_changed_anywhere_loses_nothing(compression: str) -> None:
    packed = b"".join(PACKED[compression])
    rng = random.Random(5)
    for place in range(len(packed)):
        changed = bytearray(packed)
        changed[place] ^= 1 << rng.randrange(8)
        assert taken(bytes(changed), compression) in (WHOLE, None), place


@pytest.mark.parametrize("compression", PACKED)
def test_a_file_that_was_cut_ends_with_a_stream_or_is_refused(compression: str) -> None:
    parts = PACKED[compression]
    packed = b"".join(parts)
    whole = {len(b"".join(parts[:count])): b"".join(TEXTS[:count]) for count in (1, 2)}
    for length in range(len(packed)):
        assert taken(packed[:length], compression) == whole.get(length), length


@pytest.mark.parametrize("compression", PACKED)
def test_bytes_that_went_missing_or_were_added_lose_nothing(compression: str) -> None:
    parts = PACKED[compression]
    packed = b"".join(parts)
    edges = [len(parts[0]), len(parts[0] + parts[1]), len(packed)]
    rng = random.Random(7)
    for _ in range(600):
        place = rng.choice([*edges, rng.randrange(len(packed))])
        gone, added = rng.randrange(9), rng.randbytes(rng.randrange(1, 40))
        if gone and place < len(packed):
            assert taken(packed[:place] + packed[place + gone :], compression) is None, (place, gone)
        assert taken(packed[:place] + added + packed[place:], compression) is None, (place, added)


@pytest.mark.parametrize("compression", [*PACKED, "lzma"])
@pytest.mark.parametrize("behind", [b"\n", b"junk behind", b"7 rows affected\r\n" * 5000, b"\0", bytes(4097)])
def test_what_stands_behind_the_end_is_refused(compression: str, behind: bytes) -> None:
    packed = older(WHOLE) if compression == "lzma" else b"".join(PACKED[compression])
    assert taken(packed + behind, compression) is None


@pytest.mark.usefixtures("pieces")
@pytest.mark.parametrize("zeros", range(13))
def test_zero_bytes_between_streams_of_xz_come_by_four(zeros: int) -> None:
    one, _, other = PACKED["xz"]
    for packed, whole in ((one + bytes(zeros) + other, WHOLE), (one + bytes(zeros), TEXTS[0])):
        assert taken(packed, "xz") == (None if zeros % 4 else whole)


def test_a_file_of_the_older_format_has_one_stream() -> None:
    """Zero bytes would be streams of nothing, and whatever follows might be."""
    for behind in (older(b"x"), PACKED["xz"][0], bytes(18), bytes(4)):
        with pytest.raises(DecompressionError, match="more stands behind its end"):
            content(older(WHOLE) + behind, "lzma")
    whole = older(WHOLE)
    assert all(taken(whole[:length], "lzma") is None for length in range(len(whole)))


def test_an_xz_file_does_not_take_any_memory() -> None:
    filters = [{"id": lzma.FILTER_LZMA1, "preset": 1}]
    asking = bytearray(lzma.compress(WHOLE, lzma.FORMAT_ALONE, filters=filters))
    asking[1:5] = (2**31).to_bytes(4, "little")
    with pytest.raises(DecompressionError, match="Memory usage limit exceeded"):
        content(bytes(asking), "lzma")


@pytest.mark.parametrize("compression", PACKED)
def test_a_piece_is_no_longer_than_was_asked_for(compression: str) -> None:
    pack: Callable[[bytes], bytes] = {"bz2": bz2.compress, "xz": lzma.compress}[compression]
    with open_streams(io.BytesIO(pack(bytes(2**24)) * 2), compression) as file:
        lengths = [len(piece) for piece in iter(lambda: file.read(2**16), b"")]
    assert (max(lengths), sum(lengths)) == (2**16, 2**25)


@pytest.mark.parametrize("compression", PACKED)
def test_damage_in_a_later_stream_is_told_as_damage(compression: str, tmp_path: Path) -> None:
    one, _, other = PACKED[compression]
    path = tmp_path / f"a.csv.{compression}"
    path.write_bytes(one + b"?" + other[1:])
    with pytest.raises(ExtractError) as raised:
        list(BlockReader(Source(str(path))))
    assert str(raised.value).startswith(f"{path.name}: cannot be decompressed (")
    assert str(raised.value).endswith("; copy the file again or check its ending")


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (older(WHOLE)[:-20], "cannot be decompressed (the file ends before its content does); copy the file again"),
        (b"?" + older(WHOLE)[1:], "cannot be decompressed (Corrupt input data); copy the file again"),
        (lzma.compress(WHOLE)[:-20], "cannot be decompressed (the file ends before its content does); copy"),
        (WHOLE, "cannot be decompressed (Input format not supported by decoder); copy the file again"),
        (bz2.compress(WHOLE), "cannot be decompressed: its name ends in .lzma, but it is compressed with bzip2;"),
        (b"", "cannot be decompressed: its name ends in .lzma, but it is empty;"),
    ],
)
def test_what_is_said_of_a_file_without_certain_first_bytes(content: bytes, said: str, tmp_path: Path) -> None:
    path = tmp_path / "a.csv.lzma"
    path.write_bytes(content)
    with pytest.raises(ExtractError) as raised:
        list(BlockReader(Source(str(path))))
    assert str(raised.value).startswith(f"a.csv.lzma: {said}")


def test_a_disk_that_fails_is_no_broken_file() -> None:
    class Failing(io.BytesIO):
        def read(self, size: int | None = -1) -> bytes:
            raise OSError(5, "Input/output error")

    with open_streams(Failing(), "bz2") as file, pytest.raises(OSError, match="Input/output error"):
        file.read()
