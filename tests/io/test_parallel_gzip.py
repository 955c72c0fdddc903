"""Gzip by rapidgzip: the same content, the same refusals and words as without it, and it lets go of every file."""

import gzip
import io
import random
import signal
import struct
import subprocess
import sys
import types
import zlib
from pathlib import Path
from typing import BinaryIO

import fsspec.compression
import pytest
from hypothesis import given
from hypothesis import strategies as st

from clearscale.errors import ExtractError, StorageError
from clearscale.extract import opened
from clearscale.extract.reading import opening
from clearscale.io import parallel_gzip
from clearscale.io.compressed import open_compressed
from clearscale.io.parallel_gzip import NotTakenError, least_threads, open_gzip, threads_of
from clearscale.io.source import Source
from tests.support.samples import extract, put

TEXT = extract("KERN", seed=4, subjects=400)
WHOLE = gzip.compress(TEXT, mtime=0)
OTHER = gzip.compress(TEXT[::-1], mtime=0)


def told(content: bytes, threads: int, most: int = -1) -> tuple[bytes, str]:
    """(what is read of a file, the error that ends it)."""
    found = io.BytesIO()
    try:
        with open_gzip(lambda: io.BytesIO(content), threads) as file:
            while piece := file.read(most):
                found.write(piece)
    except NotTakenError:
        return told(content, 0, most)
    except Exception as error:
        return b"", f"{type(error).__name__}: {error}"
    return found.getvalue(), ""


def with_flags(flags: int, more: bytes) -> bytes:
    return WHOLE[:3] + bytes([flags]) + WHOLE[4:10] + more + WHOLE[10:]


def changed(content: bytes, place: int) -> bytes:
    changed = bytearray(content)
    changed[place] ^= 1
    return bytes(changed)


FILES = {
    "whole": WHOLE,
    "members": WHOLE + OTHER + WHOLE,
    "no member": b"",
    "a member without content": gzip.compress(b""),
    "one before": gzip.compress(b"") + WHOLE,
    "zeros behind": WHOLE + bytes(600),
    "zeros between": WHOLE + bytes(64) + OTHER,
    "name": with_flags(8, b"name\0"),
    "extra field": with_flags(4, struct.pack("<H", 3) + b"abc"),
    "a wrong checksum of the header": with_flags(2, b"ab"),
    "reserved flags": with_flags(0xE0, b""),
    "another method": WHOLE[:2] + b"\7" + WHOLE[3:],
    "half": WHOLE[: len(WHOLE) // 2],
    "wrong checksum": changed(WHOLE, -8),
    "wrong checksum of the first": changed(WHOLE, -8) + OTHER,
    "wrong length": changed(WHOLE, -1),
    "changed": changed(WHOLE, len(WHOLE) // 2),
    "zlib": zlib.compress(TEXT),
    "deflate": zlib.compress(TEXT)[2:-4],
    "text": TEXT,
    **{f"{size} bytes": WHOLE[:size] for size in (1, 2, 3, 5, 10, 12, 18)},
    **{f"{lost} bytes less": WHOLE[:-lost] for lost in (1, 4, 8, 9, 20)},
    **{f"{size} of another member": WHOLE + OTHER[:size] for size in range(1, 41)},
    **{f"{size} bytes more": WHOLE + random.Random(size).randbytes(size) for size in range(1, 41)},
}


@pytest.mark.parametrize("name", FILES)
def test_the_same_is_told(name: str) -> None:
    expected = told(FILES[name], 0)
    assert expected[1] or expected[0] == gzip.decompress(FILES[name])
    for threads in (1, 4):
        assert told(FILES[name], threads) == expected


def test_files_that_only_one_of_both_takes_are_among_them() -> None:
    """Otherwise nothing of this would be needed."""
    from rapidgzip import RapidgzipFile

    differ = set()
    for name, content in FILES.items():
        try:
            with RapidgzipFile(io.BytesIO(content), 1) as file:
                taken = (file.read(), "")
        except (RuntimeError, ValueError):
            taken = (b"", "an error")
        expected = told(content, 0)
        if (taken[0], bool(taken[1])) != (expected[0], bool(expected[1])):
            differ.add(name)
    assert {"zeros behind", "zlib", "deflate", "1 bytes more", "20 of another member"} <= differ


@given(
    members=st.lists(
        st.tuples(st.integers(0, 300_000), st.integers(0, 9), st.integers(1, 256), st.integers(0, 2**32)),
        max_size=4,
    ),
    changes=st.lists(st.tuples(st.floats(0, 1, exclude_max=True), st.integers(1, 255)), max_size=2),
    cut=st.none() | st.floats(0, 1),
    most=st.sampled_from([-1, 7_919, 2**20]),
)
def test_any_content_and_any_damage(
    members: list[tuple[int, int, int, int]],
    changes: list[tuple[float, int]],
    cut: float | None,
    most: int,
) -> None:
    content = b"".join(
        gzip.compress(bytes(random.Random(seed).choices(range(letters), k=length)), level, mtime=0)
        for length, level, letters, seed in members
    )
    damaged = bytearray(content)
    for place, change in changes if content else ():
        damaged[int(place * len(content))] ^= change
    content = bytes(damaged if cut is None else damaged[: int(cut * len(damaged))])
    assert told(content, 3, most) == told(content, 0, most)


@pytest.mark.parametrize("threads", [1, 2, 5])
def test_content_of_many_pieces(threads: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Read in order, and not twice, whatever order threads ask in."""
    monkeypatch.setattr(parallel_gzip, "_CHUNK", 2**15)
    monkeypatch.setattr(parallel_gzip, "_READ", 50_000)
    text = random.Random(1).randbytes(2_000_000).hex().encode()
    packed = gzip.compress(text) + gzip.compress(TEXT)
    asked = []

    class Noting(io.BytesIO):
        def read(self, size: int | None = -1, /) -> bytes:
            asked.append((self.tell(), size))
            return super().read(size)

    with open_gzip(lambda: Noting(packed), threads) as file:
        assert file.read() == text + TEXT
    assert len(asked) > 50
    assert [place for place, _ in asked] == sorted({place for place, _ in asked})


@pytest.mark.parametrize("error", [StorageError("the bucket is gone"), OSError(5, "Input/output error")])
def test_an_error_of_the_storage_is_told_as_it_is(error: Exception) -> None:
    class Failing(io.BytesIO):
        def read(self, size: int | None = -1, /) -> bytes:
            if self.tell():
                raise error
            return super().read(size)

    packed = gzip.compress(random.Random(1).randbytes(2**21))
    with open_gzip(lambda: Failing(packed), 2) as file, pytest.raises(type(error)) as raised:
        file.read()
    assert raised.value is error


def test_a_storage_that_gives_files_from_their_beginning_only(monkeypatch: pytest.MonkeyPatch) -> None:
    class Streamed(io.BytesIO):
        def seek(self, offset: int, whence: int = 0, /) -> int:
            raise ValueError("Cannot seek streaming HTTP file")

    with open_gzip(lambda: Streamed(WHOLE), 4) as file:
        assert file.read() == TEXT


@pytest.mark.parametrize(
    ("share", "cores", "threads"),
    [(1, 1, 0), (1, 3, 0), (1, 4, 4), (1, 7, 7), (1, 64, 8), (0.5, 7, 0), (0.5, 8, 4), (0.1, 16, 0), (0, 64, 0)],
)
def test_cores_are_divided(share: float, cores: int, threads: int) -> None:
    assert threads_of(share, cores) == threads


def test_beside_isal_more_threads_are_needed(monkeypatch: pytest.MonkeyPatch) -> None:
    for installed, threads in ((False, 4), (True, 0)):
        monkeypatch.setattr(parallel_gzip, "find_spec", lambda name, found=installed: found or None)
        assert threads_of(1, 4, least_threads()) == threads
    assert threads_of(1, 8, least_threads()) == 8


@pytest.mark.parametrize("threads", [0, 2])
def test_who_decompresses(threads: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Python's gzip, unless threads are given; a source that travels to another process has none."""
    used = []

    def noted(beneath: BinaryIO, compression: str) -> BinaryIO:
        used.append(compression)
        return open_compressed(beneath, compression)

    monkeypatch.setattr(parallel_gzip, "open_compressed", noted)
    with opened(Source(put(tmp_path, "kern.csv.gz", WHOLE), threads=threads)) as file:
        assert file.read() == TEXT
    assert used == ([] if threads else ["gzip"])


PROGRAM = """
import io, os, signal, sys, threading, time
from clearscale.io.parallel_gzip import is_installed, open_gzip
from clearscale.io.source import Source
from clearscale.extract import BlockReader

assert is_installed()
path = sys.argv[1]
def file():
    found = open_gzip(lambda: open(path, "rb"), 3)
    assert found.read(10) and type(found).__name__ == "_Parallel"
    return found
"""

ENDINGS: dict[str, tuple[str, int]] = {
    "closed": ("with file() as f: f.read()", 0),
    "closed early": ("with file() as f: pass", 0),
    "open": ("held = file()", 0),
    "in a cycle": ("held = [file()]; held.append(held)", 0),
    "dropped": ("file(); print(end='')", 0),
    "a generator": (
        "cuts = BlockReader(Source(path, threads=3), 20_000).cuts(); next(cuts)",
        0,
    ),
    "a generator that is closed": (
        "cuts = BlockReader(Source(path, threads=3), 20_000).cuts(); next(cuts); cuts.close()",
        0,
    ),
    "an exception": ("held = file(); raise SystemExit(3)", 3),
    "an exception within": ("with file() as f: raise SystemExit(3)", 3),
    "Ctrl-C": (
        "held = file()\ntry:\n  while True: held.read(100) or os.kill(os.getpid(), signal.SIGINT)\n"
        "except KeyboardInterrupt: sys.exit(130)",
        130,
    ),
    "a thread that still reads": (
        "def read():\n  while True:\n    with file() as f: f.read()\n"
        "threading.Thread(target=read, daemon=True).start(); time.sleep(0.3)",
        0,
    ),
}


@pytest.mark.slow
@pytest.mark.parametrize("how", ENDINGS)
def test_a_process_ends_as_it_should(how: str, tmp_path: Path) -> None:
    program, code = ENDINGS[how]
    path = put(tmp_path, "kern.csv.gz", WHOLE)
    ended = subprocess.run([sys.executable, "-c", PROGRAM + program, path], capture_output=True, text=True)
    assert (ended.returncode, ended.stdout, ended.stderr) == (code, "", "")


def test_a_process_would_abort_otherwise(tmp_path: Path) -> None:
    """What the end of a process is watched for."""
    path = put(tmp_path, "kern.csv.gz", WHOLE)
    program = f"from rapidgzip import RapidgzipFile; f = RapidgzipFile({path!r}, 2); f.read(10)"
    ended = subprocess.run([sys.executable, "-c", program], capture_output=True)
    assert ended.returncode == -signal.SIGABRT


def test_where_it_cannot_be_loaded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(parallel_gzip, "is_installed", lambda: True)
    monkeypatch.setitem(sys.modules, "rapidgzip", None)
    assert told(WHOLE, 4) == (TEXT, "")


def test_where_it_is_not_installed(tmp_path: Path) -> None:
    path = put(tmp_path, "kern.csv.gz", WHOLE)
    program = (
        "import importlib.util, sys; found = importlib.util.find_spec\n"
        "importlib.util.find_spec = lambda name, *of: None if name == 'rapidgzip' else found(name, *of)\n"
        "sys.modules['rapidgzip'] = None\n"
        "from clearscale.io.parallel_gzip import open_gzip\n"
        f"with open_gzip(lambda: open({path!r}, 'rb'), 8) as file: print(len(file.read()))"
    )
    ended = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    assert (ended.stdout, ended.stderr) == (f"{len(TEXT)}\n", "")


def test_what_isal_refuses_is_a_damaged_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where it is installed, fsspec takes it in the place of Python's gzip; its errors are its own."""

    class IsalError(Exception):
        pass

    class Refusing(gzip.GzipFile):
        def readinto(self, buffer: object, /) -> int:
            raise IsalError("Error -1 Invalid deflate block found")

    fake = types.ModuleType("isal.igzip_lib")
    fake.IsalError = IsalError  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "isal", types.ModuleType("isal"))
    monkeypatch.setitem(sys.modules, "isal.igzip_lib", fake)
    monkeypatch.setitem(fsspec.compression.compr, "gzip", lambda file, **_: Refusing(fileobj=file))
    with pytest.raises(ExtractError, match=r"kern\.csv\.gz: cannot be decompressed \(Error -1 Invalid deflate"):
        opening(Source(put(tmp_path, "kern.csv.gz", WHOLE)))
