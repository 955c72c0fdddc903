"""zstd files of several frames, read from any place."""

import functools
import http.server
import io
import random
import shutil
import subprocess
import threading
from collections.abc import Callable
from pathlib import Path
from typing import BinaryIO

import pyarrow as pa
import pytest

from clearscale.errors import ExtractError
from clearscale.extract import BlockSpan, opened
from clearscale.extract.reading import OtherFramesError
from clearscale.io import frames
from clearscale.io.compressed import DecompressionError, open_zstd
from clearscale.io.frames import Frames, UnevenFramesError, frames_of, open_frames
from clearscale.io.source import Source

from .test_zstd import CHECKED, OF_NOTHING, PLAIN, SKIPPED, WITH_LENGTH, put


def found(content: bytes) -> Frames | None:
    return frames_of(lambda: io.BytesIO(content))


LONG = bytes((k * k * 2_654_435_761 >> 7) & 255 for k in range(2**18)) + b"a" * 2**18
NOISE: bytes = pa.compress(LONG, codec="zstd", asbytes=True)
"""Of several blocks, raw ones and such of one byte."""


@pytest.mark.parametrize(
    ("packed", "begins", "places"),
    [
        (WITH_LENGTH * 2, [0, len(WITH_LENGTH)], [0, len(PLAIN)]),
        (WITH_LENGTH + CHECKED, [0, len(WITH_LENGTH)], [0, len(PLAIN)]),
        (CHECKED * 3, [len(CHECKED) * k for k in range(3)], [len(PLAIN) * k for k in range(3)]),
        (SKIPPED + NOISE + SKIPPED + WITH_LENGTH, [17, 34 + len(NOISE)], [0, len(LONG)]),
        (OF_NOTHING + NOISE + CHECKED, [0, len(OF_NOTHING + NOISE)], [0, len(LONG)]),
        (NOISE + OF_NOTHING * 2 + CHECKED + OF_NOTHING, [0, len(NOISE + OF_NOTHING * 2)], [0, len(LONG)]),
    ],
)
def test_where_frames_lie(packed: bytes, begins: list[int], places: list[int]) -> None:
    one = found(packed)
    assert one is not None
    assert one.begins[:-1] == tuple(begins)
    assert one.places[:-1] == tuple(places)
    assert one.begins[-1] == len(packed)
    with open_frames(lambda: io.BytesIO(packed), one) as file:
        content = file.read()
    assert len(content) == one.length
    with pa.CompressedInputStream(pa.BufferReader(packed), "zstd") as whole:
        assert content == whole.read()


def test_a_server_that_gives_files_from_their_beginning_only(tmp_path: Path) -> None:
    source = put(tmp_path, WITH_LENGTH + CHECKED)
    assert source.in_frames().from_anywhere
    handler = functools.partial(http.server.SimpleHTTPRequestHandler, directory=str(tmp_path))
    handler.func.log_message = lambda *_: None  # type: ignore[method-assign]
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        far = Source(f"http://127.0.0.1:{server.server_port}/{source.name}").in_frames()
        assert not far.from_anywhere
        with far.open() as file:
            assert file.read() == PLAIN * 2
        server.shutdown()


@pytest.mark.parametrize(
    "packed",
    [
        *(b"", PLAIN, CHECKED, NOISE, SKIPPED, SKIPPED + CHECKED, CHECKED + b"junk", CHECKED * 2 + b"\0"),
        *(OF_NOTHING, OF_NOTHING * 3, OF_NOTHING + CHECKED + OF_NOTHING),
    ],
)
def test_what_is_read_from_its_beginning(packed: bytes) -> None:
    assert found(packed) is None


def test_a_file_that_was_cut_short_has_no_frames() -> None:
    packed = CHECKED + SKIPPED + WITH_LENGTH + SKIPPED
    ends = {len(CHECKED + SKIPPED + WITH_LENGTH), len(packed)}
    for length in range(len(packed) + 1):
        assert (found(packed[:length]) is not None) == (length in ends), length


def test_a_long_frame_is_read_from_its_beginning(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(frames, "_LONGEST", len(LONG) - 1)
    assert found(NOISE + CHECKED) is None
    assert found(CHECKED + WITH_LENGTH) is not None


def without_length(content: bytes) -> bytes:
    sink = pa.BufferOutputStream()
    with pa.CompressedOutputStream(sink, "zstd") as stream:
        stream.write(content)
    packed: bytes = sink.getvalue().to_pybytes()
    return packed


def test_a_long_frame_is_not_decompressed_to_see_that_it_is(monkeypatch: pytest.MonkeyPatch) -> None:
    """Neither one that does not tell, nor one that tells less than it has."""
    read = []

    class Counted(io.BytesIO):
        def read(self, size: int | None = -1) -> bytes:
            piece = super().read(size)
            read.append(len(piece))
            return piece

    monkeypatch.setattr(frames, "_LONGEST", 2**16)
    monkeypatch.setattr(frames, "_PIECE", 2**12)
    monkeypatch.setattr(frames, "open_zstd", lambda opener: Counted(bytes(2**24) if opener().read(1) else b""))
    packed = without_length(bytes(2**24))
    assert len(packed) < 2**12
    assert found(packed * 2) is None
    assert sum(read) <= 2**16 + 2**12
    read.clear()
    taken_for = Frames((0, len(packed), 2 * len(packed)), (0, 9, 18))
    with open_frames(lambda: io.BytesIO(packed * 2), taken_for) as file, pytest.raises(UnevenFramesError):
        file.read()
    assert sum(read) <= 2**12


@pytest.mark.parametrize("packed", [NOISE * 2, OF_NOTHING * 60 + NOISE + WITH_LENGTH])
def test_what_would_be_read_in_one_long_piece_is_read_from_its_beginning(
    packed: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert found(packed) is not None
    monkeypatch.setattr(frames, "_LONGEST_PACKED", len(NOISE) + (len(packed) < 2 * len(NOISE)) - 1)
    assert found(packed) is None


def outcome(opened: Callable[[], BinaryIO]) -> bytes | None:
    """The content, None if it is refused or is to be read from its beginning."""
    try:
        with opened() as file:
            return file.read()
    except (DecompressionError, EOFError, UnevenFramesError):
        return None


def require_the_same(packed: bytes) -> bool:
    """Reading by frames gives what reading from the beginning does, or nothing. Returns whether it has frames."""
    one = found(packed)
    if one is None:
        return False
    framed = outcome(lambda: open_frames(lambda: io.BytesIO(packed), one))
    if framed is not None:
        assert framed == outcome(lambda: open_zstd(lambda: io.BytesIO(packed)))
        assert len(framed) == one.length
    return True


PARTS = [WITH_LENGTH, OF_NOTHING, CHECKED, SKIPPED, without_length(PLAIN), without_length(b""), b""]
"""Frames of all kinds, and none."""


@pytest.mark.parametrize("seed", range(8))
def test_a_bit_that_changed_anywhere_loses_no_frame(seed: int) -> None:
    rng = random.Random(seed)
    packed = b"".join([WITH_LENGTH, *rng.choices(PARTS, k=4), CHECKED])
    by_frames = 0
    for place in range(len(packed)):
        changed = bytearray(packed)
        changed[place] ^= 1 << rng.randrange(8)
        by_frames += require_the_same(bytes(changed))
    assert by_frames > len(packed) // 4


@pytest.mark.parametrize("told", [0, 1, len(PLAIN) - 1, len(PLAIN) + 1])
@pytest.mark.parametrize("place", range(3))
def test_a_header_that_tells_another_length_is_refused(told: int, place: int) -> None:
    wrong = bytearray(WITH_LENGTH)
    assert int.from_bytes(wrong[5:7], "little") == len(PLAIN) - 256
    wrong[4] = 0b10100000 | (wrong[4] & 0b11111)  # a length of four bytes
    wrong[5:7] = told.to_bytes(4, "little")
    parts = [WITH_LENGTH] * 3
    parts[place] = bytes(wrong)
    packed = b"".join(parts)
    assert outcome(lambda: open_zstd(lambda: io.BytesIO(packed))) is None
    one = found(packed)
    assert one is not None
    with pytest.raises((DecompressionError, UnevenFramesError)):
        open_frames(lambda: io.BytesIO(packed), one).read()


@pytest.mark.long
def test_damage_of_any_kind_loses_no_frame() -> None:
    rng = random.Random(11)
    for _ in range(20_000):
        changed = bytearray(b"".join(rng.choices(PARTS, k=rng.randrange(1, 7))))
        for _ in range(rng.randrange(4)):
            if changed:
                changed[rng.randrange(len(changed))] = rng.choice([0, 255, rng.randrange(256)])
        if rng.random() < 0.2:
            del changed[rng.randrange(len(changed) + 1) :]
        require_the_same(bytes(changed))


def test_any_bytes_of_the_content_are_read() -> None:
    packed = (NOISE + CHECKED + OF_NOTHING + SKIPPED + WITH_LENGTH) * 2
    content = (LONG + PLAIN * 2) * 2
    one = found(packed)
    assert one is not None
    rng = random.Random(3)
    with open_frames(lambda: io.BytesIO(packed), one) as file:
        for _ in range(200):
            start = rng.choice([0, len(LONG), len(LONG) + len(PLAIN), len(content), rng.randrange(len(content))])
            start, size = max(0, start - rng.randrange(3)), rng.choice([0, 1, 100, 2**19])
            assert file.seek(start) == start
            read = file.read(size)
            assert content[start:].startswith(read)
            assert len(read) > 0 or size == 0 or start == len(content)


def test_a_frame_that_is_not_as_long_as_the_first_is_seen(tmp_path: Path) -> None:
    """Frames that do not tell how long they are, the one in the middle shorter."""
    packer = shutil.which("zstd")
    if packer is None:
        pytest.skip("no zstd on this machine")
    texts = [b"a,b\n" * 1000, b"c\n" * 10, b"d,e\n" * 1000]
    packed = b"".join(
        subprocess.run([packer, "-c"], input=text, capture_output=True, check=True).stdout for text in texts
    )
    one = found(packed)
    assert one is not None
    assert one.length == 12000
    with open_frames(lambda: io.BytesIO(packed), one) as file, pytest.raises(UnevenFramesError):
        file.read()
    source = put(tmp_path, packed).in_frames()
    assert source.frames == one
    with opened(source) as file:
        file.seek(9000)
        assert file.read(4) == b"d,e\n"
    from clearscale.extract.reading import read_block  # the way of all readers

    with opened(source) as file, pytest.raises(OtherFramesError, match="changed") as raised:
        read_block(file, source, BlockSpan(0, 4000, 10, 0, 0, 1))
    assert isinstance(raised.value, ExtractError)
