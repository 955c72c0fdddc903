"""Kernels called without Numba: the same answers, from code on disk that is made again when it does not fit."""

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from clearscale_kernels.jit import native
from clearscale_kernels.jit.compiler import kernel

MODES = ("NUMBA_BOUNDSCHECK", "NUMBA_DISABLE_JIT")
pytestmark = pytest.mark.skipif(any(mode in os.environ for mode in MODES), reason="Numba calls every kernel then")


def _numbers(values: np.ndarray, table: np.ndarray, number: int, twice: bool, out: np.ndarray) -> int:
    total = 0
    for i in range(values.shape[0]):
        for j in range(values.shape[1]):
            total += values[i, j] * number
        out[i] = total * (2 if twice else 1) + table[i % table.size]
    return total


def _pair(values: np.ndarray) -> tuple[int, int]:
    return values.size, int(values[0])


def _makes_room(values: np.ndarray) -> int:
    return int(np.zeros(values.size, np.int64).sum())


def _divides(values: np.ndarray, by: int) -> int:
    return int(values[0]) // by


def _half(values: np.ndarray) -> float:
    return values[0] / 2


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("NUMBA_CACHE_DIR", str(tmp_path))
    native._folder.cache_clear()
    monkeypatch.setattr(native, "_folder", lambda: tmp_path)
    return tmp_path


def arguments() -> tuple[Any, ...]:
    values = np.arange(6, dtype=np.int16).reshape(2, 3)
    return values, np.array([100, 200], np.int64), -7, True, np.zeros(2, np.int32)


def test_arrays_numbers_and_truths_arrive_as_they_are() -> None:
    given, wanted = arguments(), arguments()
    assert kernel(_numbers)(*given) == _numbers(*wanted)
    assert given[-1].tolist() == wanted[-1].tolist()
    assert kernel(_pair)(np.array([-(2**62), 0], np.int64)) == (2, -(2**62))


def test_only_numba_calls_what_gives_other_results_or_makes_room() -> None:
    assert native.load(_pair, ("int64.1",)) is not None
    assert native.load(_makes_room, ("int32.1",)) is None
    assert native.load(_half, ("int32.1",)) is None
    assert native.load(_pair, ("int32.1",)) is None  # its second number has 32 bits


def test_no_rows_are_no_rows() -> None:
    out = np.zeros(0, np.int32)
    assert kernel(_numbers)(np.zeros((0, 3), np.int16), np.zeros(1, np.int64), 1, False, out) == 0


def test_what_it_does_not_know_is_left_to_numba() -> None:
    gaps = np.arange(12, dtype=np.int16).reshape(2, 6)[:, ::2]
    out = np.zeros(2, np.int32)
    assert native.types_of((gaps,)) is None
    assert kernel(_numbers)(gaps, np.zeros(1, np.int64), 1, False, out) == gaps.sum()
    assert kernel(_makes_room)(np.ones(3, np.int32)) == 0
    assert kernel(_half)(np.ones(3, np.int32)) == 0.5


def test_arrays_that_must_not_be_written_to_are_not() -> None:
    fixed = np.array([5, 6], np.int64)
    fixed.flags.writeable = False
    assert native.load(_pair, native.types_of((fixed,)) or ()) is not None
    assert kernel(_pair)(fixed) == (2, 5)
    values, table, number, twice, out = arguments()
    out.flags.writeable = False
    with pytest.raises(Exception, match="readonly"):
        kernel(_numbers)(values, table, number, twice, out)
    assert out.tolist() == [0, 0]


def test_numba_calls_what_cannot_be_linked(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse() -> None:
        raise RuntimeError("no such relocation")

    monkeypatch.setattr(native, "_linker", refuse)
    assert kernel(_pair)(np.array([4, 5], np.int64)) == (2, 4)


def test_a_failing_kernel_is_told() -> None:
    assert kernel(_divides)(np.array([7], np.int32), 2) == 3
    with pytest.raises(RuntimeError, match="_divides failed"):
        kernel(_divides)(np.array([7], np.int32), 0)


def made(folder: Path) -> list[Path]:
    return [each for each in folder.iterdir() if each.suffix == ".native"]


def test_code_is_kept_and_not_made_again(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    array = np.array([4, 5], np.int64)
    assert kernel(_pair)(array) == (2, 4)
    assert len(made(folder)) == 1
    monkeypatch.setattr(native, "_compile", lambda *_: pytest.fail("compiled again"))
    assert kernel(_pair)(array) == (2, 4)


@pytest.mark.parametrize("what", ["cut", "changed", "other sources", "no code at all", "empty"])
def test_code_that_does_not_fit_is_made_again(folder: Path, what: str, monkeypatch: pytest.MonkeyPatch) -> None:
    array = np.array([4, 5], np.int64)
    kernel(_pair)(array)
    (file,) = made(folder)
    whole = file.read_bytes()
    if what == "cut":
        file.write_bytes(whole[:-100])
    elif what == "changed":
        file.write_bytes(whole[:-1] + bytes([whole[-1] ^ 1]))
    elif what == "other sources":
        stamp = native._stamp()
        monkeypatch.setattr(native, "_stamp", lambda: "0" * len(stamp))
    else:
        file.write_bytes(b"\xff\n\n" if what == "no code at all" else b"")
    compiled = []
    compile_again = native._compile
    monkeypatch.setattr(native, "_compile", lambda *given: compiled.append(1) or compile_again(*given))
    assert kernel(_pair)(array) == (2, 4)
    assert compiled == [1]
    if what != "other sources":
        assert native._read(file) is not None


def test_a_folder_that_cannot_be_written_to_does_no_harm(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "file").write_bytes(b"")
    monkeypatch.setattr(native, "_folder", lambda: tmp_path / "file" / "folder")
    assert kernel(_pair)(np.array([4, 5], np.int64)) == (2, 4)


def test_a_process_that_finds_its_kernels_does_not_import_numba(tmp_path: Path) -> None:
    code = (
        "import sys, numpy\nfrom clearscale_kernels.people.calendar import spans, limits, SPANS\n"
        "table = numpy.zeros(2 * SPANS + 1, numpy.int32); limits(0, 18444, table)\n"
        "out = numpy.zeros(1, numpy.int16); spans(numpy.array([7486], numpy.int32), table, out)\n"
        "print(out[0], sorted({'numba', 'dask', 'pyarrow'} & set(sys.modules)))"
    )
    said = []
    for _ in range(2):
        environment = {**os.environ, "NUMBA_CACHE_DIR": str(tmp_path)}
        done = subprocess.run(
            [sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=True
        )
        said.append(done.stdout.strip())
    assert said == ["30 ['numba']", "30 []"]
