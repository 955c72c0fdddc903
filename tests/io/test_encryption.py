"""Encrypted files: they come back as they were, or not at all; and keys from where they may be."""

import os
import random
from collections.abc import Callable
from importlib.metadata import EntryPoint
from itertools import pairwise
from pathlib import Path

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from clearscale.errors import StorageError
from clearscale.io.encryption import Cipher, Encryption
from clearscale.io.encryption.cipher import BEGIN, encrypted_length, frames_of
from clearscale.io.encryption.keys import HOOKS, key_of, new_key, unwrapped_by, wrapped_by
from clearscale.io.files import Folder
from clearscale.io.parts import whole_file
from tests.support.examples import is_long

FRAME = 2**20
CIPHER = Cipher(bytes(range(32)))
LENGTHS = (0, 1, FRAME - 1, FRAME, FRAME + 1, 3 * FRAME, 3 * FRAME + 5)


@pytest.mark.parametrize("length", LENGTHS)
def test_what_is_encrypted_comes_back(length: int) -> None:
    content = random.Random(length).randbytes(length)
    stored = CIPHER.encrypted(content)
    assert len(stored) == encrypted_length(length)
    assert CIPHER.decrypted(stored) == content
    assert CIPHER.decrypted(pa.py_buffer(bytes(stored))) == content
    assert length < 16 or content[:100] not in stored  # a few bytes occur by chance
    assert CIPHER.encrypted(content) != stored, "each file has a key of its own"


CONTENT = random.Random(5).randbytes(2 * FRAME + 5)
STORED = bytes(CIPHER.encrypted(CONTENT))


def part(stored: bytes, start: int, end: int, length: int) -> bytes:
    """Bytes of a file of so many, read from no more of it than the frames that hold them."""
    begin, after = frames_of(start, end, length)
    return bytes(CIPHER.decrypted_part(stored[:BEGIN], stored[begin:after], start, end, length))


@given(st.lists(st.integers(0, len(CONTENT)), min_size=2, max_size=2).map(sorted))
def test_any_part_is_read_by_itself(ends: list[int]) -> None:
    start, end = ends
    assert part(STORED, start, end, len(CONTENT)) == CONTENT[start:end]


def whole(stored: bytes) -> bytes:
    return bytes(CIPHER.decrypted(stored))


def by_parts(stored: bytes) -> bytes:
    """A file of two frames and a piece, a part of each frame after the other."""
    length = 2 * FRAME + 100
    edges = [0, 7, FRAME, FRAME + 7, 2 * FRAME, 2 * FRAME + 7, length]
    return b"".join(part(stored, *ends, length) for ends in pairwise(edges))


@pytest.mark.parametrize("read", [whole, by_parts])
def test_what_was_changed_is_not_read(read: Callable[[bytes], bytes]) -> None:
    content = random.Random(7).randbytes(2 * FRAME + 100)
    stored = bytes(CIPHER.encrypted(content))
    other = bytes(CIPHER.encrypted(random.Random(8).randbytes(2 * FRAME + 100)))
    step, begin = FRAME + 16, 24
    chance = random.Random(9)
    changed = [
        b"",
        content,
        other[:begin] + stored[begin:],
        stored[:begin] + other[begin : begin + step] + stored[begin + step :],
        stored[:begin] + stored[begin + step : begin + 2 * step] + stored[begin : begin + step] + stored[-116:],
        stored[: begin + step],  # whole frames alone
        stored[: begin + 2 * step],
        stored[:-1],
        stored[:begin],
    ]
    for _ in range(500 if is_long() else 20):
        at = chance.randrange(len(stored))
        changed.append(stored[:at] + bytes([stored[at] ^ 1 << chance.randrange(8)]) + stored[at + 1 :])
    longer = stored + b"\0"
    if read is whole:
        changed.append(longer)
    else:  # who asks for parts knows the length, and gets what was written
        assert read(longer) == content
    for bad in changed:
        with pytest.raises(OSError, match="not what was encrypted"):
            read(bad)


def test_another_key_reads_nothing() -> None:
    with pytest.raises(OSError, match="another key"):
        Cipher(bytes(32)).decrypted(CIPHER.encrypted(b"text"))


def test_a_folder_reads_what_it_wrote(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("A_KEY", new_key())
    folder = Folder(str(tmp_path), encryption=Encryption.new("env:A_KEY"))
    folder.declare()
    inside = Folder.rooted(str(tmp_path)).folder("inside")
    table = pa.table({"name": ["a name that nobody has"] * 1000})
    seals = {
        "a.parquet": inside.write_parquet("a.parquet", table, use_dictionary=False, compression="none"),
        "a.arrow": inside.write_arrow("a.arrow", table),
        "a.json": inside.write_json("a.json", {"name": "a name that nobody has"}, lasting=True),
        "empty": inside.write("empty", b""),
    }
    assert inside.read_parquet("a.parquet") == inside.read_arrow("a.arrow") == table
    [arrow] = inside.read_parts([whole_file("a.arrow", seals["a.arrow"].length)])
    assert pa.ipc.open_file(arrow).read_all() == table
    assert inside.read_json("a.json") == {"name": "a name that nobody has"}
    assert inside.read("empty") == b""
    assert all(inside.holds(name, seal) for name, seal in seals.items())
    for path in (tmp_path / "inside").iterdir():
        assert b"nobody" not in path.read_bytes()
    (tmp_path / "inside" / "a.json").write_bytes(b'{"name": "put there by somebody"}')
    with pytest.raises(OSError, match="not what was encrypted"):
        inside.read_json("a.json")


def test_keys(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    text = new_key()
    path = tmp_path / "key"
    path.write_text(text + "\n")
    path.chmod(0o600)
    monkeypatch.setenv("A_KEY", text)
    folders_key = os.urandom(32)
    wrapped = wrapped_by(f"file:{path}", folders_key)
    assert unwrapped_by("env:A_KEY", wrapped) == folders_key
    monkeypatch.setenv("A_KEY", new_key())
    with pytest.raises(StorageError, match=r"another key.*CLEARSCALE_KEY"):
        unwrapped_by("env:A_KEY", wrapped)
    for mode in (0o604, 0o620, 0o602):
        path.chmod(mode)
        with pytest.raises(StorageError, match="chmod it to 600"):
            unwrapped_by(f"file:{path}", wrapped)


@pytest.mark.parametrize(
    ("source", "message"),
    [
        ("", "named as file:PATH"),
        ("file:", "named as file:PATH"),
        ("kms:a", "named as file:PATH"),
        ("env:NOT_SET", "is not set"),
        ("env:TOO_SHORT", "not 32 bytes in base64"),
        ("env:NOT_BASE64", "not 32 bytes in base64"),
        ("file:/nowhere/key", "cannot be read"),
        ("hook:nobodys", "no installed package has it"),
    ],
)
def test_keys_that_cannot_be_had(source: str, message: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TOO_SHORT", "c2hvcnQ=")
    monkeypatch.setenv("NOT_BASE64", "S3CR3T-" * 5)
    with pytest.raises(StorageError, match=message) as error:
        key_of(source)
    assert "S3CR3T" not in str(error.value)


class Service:
    """What stands for a key management service: it turns keys around."""

    down = False

    def wrap(self, key: bytes) -> bytes:
        return b"of the service:" + key[::-1]

    def unwrap(self, wrapped: bytes) -> bytes:
        if self.down:
            raise ConnectionError("token S3CR3T refused")
        return wrapped.removeprefix(b"of the service:")[::-1]


SERVICE = Service()


def test_a_service_is_asked_by_an_installed_package(monkeypatch: pytest.MonkeyPatch) -> None:
    points = {name: EntryPoint(name, f"{__name__}:{name}", HOOKS) for name in ("SERVICE", "FRAME", "not_there")}
    monkeypatch.setattr(
        "importlib.metadata.entry_points",
        lambda group, name=None: [
            point for point in points.values() if group == HOOKS and name in (None, point.name)
        ],
    )
    key = os.urandom(32)
    assert unwrapped_by("hook:SERVICE", wrapped_by("hook:SERVICE", key)) == key
    with pytest.raises(StorageError, match="gave a key of 3 bytes"):
        unwrapped_by("hook:SERVICE", b"abc")
    monkeypatch.setattr(Service, "down", True)
    with pytest.raises(StorageError, match=r"hook:SERVICE cannot be used \(ConnectionError\)") as error:
        unwrapped_by("hook:SERVICE", wrapped_by("hook:SERVICE", key))
    assert "S3CR3T" not in str(error.value)
    with pytest.raises(StorageError, match="no `wrap` and `unwrap`"):
        key_of("hook:FRAME")
    with pytest.raises(StorageError, match="cannot be loaded"):
        key_of("hook:not_there")
