"""zstd files of several frames, read from any place."""

import functools
import http.server
import io
import random
import shutil
import subprocess
import threading
from pathlib import Path

import pyarrow as pa
import pytest

from clearscale.errors import ExtractError
from clearscale.extract import BlockSpan, opened
from clearscale.extract.reading import OtherFramesError
from clearscale.io import frames
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
        (OF_NOTHING + NOISE + CHECKED, [0, len(OF_NOTHING), len(OF_NOTHING + NOISE)], [0, 0, len(LONG)]),
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
    [b"", PLAIN, CHECKED, NOISE, SKIPPED, SKIPPED + CHECKED, CHECKED + b"junk", CHECKED * 2 + b"\0", OF_NOTHING],
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
