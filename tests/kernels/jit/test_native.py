"""Kernels called without Numba: the same answers, from code on disk that is made again when it does not fit."""

import os
import subprocess
import sys
from collections.abc import Iterator
from importlib.metadata import version
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pytest

from clearscale_kernels.jit import machine, native, self_test, stored
from clearscale_kernels.jit.compiler import kernel
from tests.support.examples import long

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


class Inner(NamedTuple):
    wide: np.ndarray
    by: int


class Columns(NamedTuple):
    values: np.ndarray
    inner: Inner
    twice: bool


def _nested(first: int, columns: Columns, out: np.ndarray) -> tuple[int, int, int]:
    for i in range(out.size):
        out[i] = columns.values[i] + columns.inner.wide[i] * columns.inner.by
    return first, columns.inner.by, 2 if columns.twice else 1


def _fails_late(out: np.ndarray, by: int) -> int:
    for i in range(out.size):
        out[i] = 7
    return 1 // by


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where code is kept that several tests call."""
    return tmp_path_factory.mktemp("code")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """An empty folder for code, for tests of what is kept."""
    return tmp_path


@pytest.fixture(autouse=True)
def code(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    place = request.getfixturevalue("folder" if "folder" in request.fixturenames else "shared")
    monkeypatch.setenv("NUMBA_CACHE_DIR", str(place))
    assert native.usable()
    monkeypatch.setattr(stored, "folder", lambda: place)
    yield
    native.usable.cache_clear()


def arguments() -> tuple[Any, ...]:
    values = np.arange(6, dtype=np.int16).reshape(2, 3)
    return values, np.array([100, 200], np.int64), -7, True, np.zeros(2, np.int32)


def test_arrays_numbers_and_truths_arrive_as_they_are() -> None:
    given, wanted = arguments(), arguments()
    assert kernel(_numbers)(*given) == _numbers(*wanted)
    assert given[-1].tolist() == wanted[-1].tolist()
    assert kernel(_pair)(np.array([-(2**62), 0], np.int64)) == (2, -(2**62))


@pytest.mark.long
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

    monkeypatch.setattr(machine, "_linker", refuse)
    assert kernel(_pair)(np.array([4, 5], np.int64)) == (2, 4)


def test_a_failing_kernel_is_told() -> None:
    assert kernel(_divides)(np.array([7], np.int32), 2) == 3
    with pytest.raises(RuntimeError, match="_divides failed"):
        kernel(_divides)(np.array([7], np.int32), 0)


def test_an_exception_is_told_though_arrays_are_filled_by_then(capfd: pytest.CaptureFixture[str]) -> None:
    out = np.zeros(3, np.int64)
    assert kernel(_fails_late)(out, 1) == 1
    out[:] = 0
    with pytest.raises(RuntimeError, match="kernel _fails_late failed"):
        kernel(_fails_late)(out, 0)
    assert out.tolist() == [7, 7, 7]
    assert capfd.readouterr() == ("", "")  # Numba's own functions for C would write the exception there


def columns_of(values: Any) -> Columns:
    return Columns(np.asarray(values, np.int16), Inner(np.array([10, 20], np.int64), -3), True)


def test_named_tuples_are_arguments_like_others() -> None:
    out = np.zeros(2, np.int64)
    assert native.load(_nested, native.types_of((4, columns_of([1, 2]), out)) or ()) is not None
    assert kernel(_nested)(4, columns_of([1, 2]), out) == (4, -3, 2)
    assert out.tolist() == [-29, -58]
    with_gaps = columns_of([1, 2])._replace(values=np.array([1, 0, 2, 0], np.int16)[::2])
    assert native.types_of((4, with_gaps, out)) is None
    assert kernel(_nested)(4, with_gaps, out) == (4, -3, 2)
    assert out.tolist() == [-29, -58]


def test_an_array_of_a_named_tuple_that_must_not_be_written_to_is_not() -> None:
    given, out = columns_of([1, 2]), np.zeros(2, np.int64)
    given.inner.wide.flags.writeable = False
    assert native.load(_nested, native.types_of((4, given, out)) or ()) is not None
    assert kernel(_nested)(4, given, out) == (4, -3, 2)
    out.flags.writeable = False
    assert native.load(_nested, native.types_of((4, given, out)) or ()) is None
    with pytest.raises(Exception, match="readonly"):
        kernel(_nested)(4, given, out)


@pytest.mark.parametrize("name", ["numba", "llvmlite"])
def test_numba_calls_kernels_with_versions_that_were_not_tested(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    for other in ("0.1.0", ""):
        versions = {**stored.installed(), name: other}
        monkeypatch.setattr(stored, "installed", lambda versions=versions: versions)
        native.usable.cache_clear()
        assert not native.usable()
        assert native.load(_pair, ("int64.1",)) is None
    assert kernel(_pair)(np.array([4, 5], np.int64)) == (2, 4)


@pytest.mark.parametrize("wrong", ["answer", "silence about an exception", "linking"])
def test_numba_calls_kernels_where_the_first_one_goes_wrong(wrong: str, monkeypatch: pytest.MonkeyPatch) -> None:
    right = native._load

    def load(function: Any, types: Any) -> Any:
        call = right(function, types)
        if function is not self_test.weigh:
            return call
        if wrong == "linking":
            raise RuntimeError("no such relocation")
        if wrong == "answer":
            return lambda flat: (84, -1)
        return lambda flat: call(flat) if flat[1] else (0, 0)

    monkeypatch.setattr(native, "_load", load)
    native.usable.cache_clear()
    assert native.load(_pair, ("int64.1",)) is None
    assert kernel(_pair)(np.array([4, 5], np.int64)) == (2, 4)


def test_the_versions_that_are_installed_are_known_without_an_import() -> None:
    assert stored.installed() == {"numba": version("numba"), "llvmlite": version("llvmlite")}


@pytest.mark.parametrize("changed", ["a source in a folder", "a new source", "numba", "a setting"])
def test_what_code_is_made_from_is_its_stamp(changed: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "text").mkdir()
    source = tmp_path / "text" / "lines.py"
    source.write_text("A = 1\n")
    monkeypatch.setattr(stored, "HOME", tmp_path)
    before = fresh_stamp()
    assert before == fresh_stamp()
    if changed == "a source in a folder":
        times = source.stat()
        source.write_text("A = 2\n")
        os.utime(source, ns=(times.st_atime_ns, times.st_mtime_ns))
    elif changed == "a new source":
        (tmp_path / "text" / "more.py").write_text("")
    elif changed == "numba":
        monkeypatch.setattr(stored, "installed", lambda: {"numba": "0.68.99", "llvmlite": "0.50.0"})
    else:
        monkeypatch.setenv("NUMBA_OPT", "1")
    assert fresh_stamp() != before
    monkeypatch.undo()
    fresh_stamp()


def fresh_stamp() -> str:
    stored.sources.cache_clear()
    stored.stamp.cache_clear()
    stamp = stored.stamp()
    stored.sources.cache_clear()
    stored.stamp.cache_clear()
    return stamp


def made(folder: Path) -> list[Path]:
    return [path for path in folder.iterdir() if path.suffix == ".native"]


def test_code_is_kept_and_not_made_again(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    array = np.array([4, 5], np.int64)
    assert kernel(_pair)(array) == (2, 4)
    assert len(made(folder)) == 1
    monkeypatch.setattr(native, "_compile", lambda *_: pytest.fail("compiled again"))
    assert kernel(_pair)(array) == (2, 4)


@pytest.mark.parametrize("what", ["cut", "other sources", long("changed"), long("no code at all"), long("empty")])
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
        stamp = stored.stamp()
        monkeypatch.setattr(stored, "stamp", lambda *_: "0" * len(stamp))
    else:
        file.write_bytes(b"\xff\n\n" if what == "no code at all" else b"")
    compiled = []
    compile_again = native._compile
    monkeypatch.setattr(native, "_compile", lambda *given: compiled.append(1) or compile_again(*given))
    assert kernel(_pair)(array) == (2, 4)
    assert compiled == [1]
    if what != "other sources":
        assert stored.read(file) is not None


def test_a_folder_that_cannot_be_written_to_does_no_harm(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "file").write_bytes(b"")
    monkeypatch.setattr(stored, "folder", lambda: tmp_path / "file" / "folder")
    assert kernel(_pair)(np.array([4, 5], np.int64)) == (2, 4)


@pytest.mark.long
def test_a_process_that_finds_its_kernels_does_not_import_numba(tmp_path: Path) -> None:
    code = (
        "import sys, numpy\nfrom clearscale_kernels.people.calendar import spans, limits, SPANS\n"
        "table = numpy.zeros(2 * SPANS + 1, numpy.int32); limits(0, 18444, table)\n"
        "out = numpy.zeros(1, numpy.int16); spans(numpy.array([7486], numpy.int32), table, out)\n"
        "print(out[0], sorted({'numba', 'dask', 'pyarrow'} & set(sys.modules)))"
    )
    said = []
    for _ in range(2):
        # With a setting of Numba, the texts that come with the package are not used.
        environment = {**os.environ, "NUMBA_CACHE_DIR": str(tmp_path), "NUMBA_OPT": "3"}
        done = subprocess.run(
            [sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=True
        )
        said.append(done.stdout.strip())
    assert said == ["30 ['numba']", "30 []"]
