"""Kernels compiled for levels of processors: which code runs where, and that it answers as this processor's own."""

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import llvmlite.binding as llvm
import pytest

from clearscale_kernels import warm
from clearscale_kernels.jit import declared, native, processors, stored, trusted
from clearscale_kernels.people import calendar
from tests.support.waiting import PATIENCE

MODES = ("NUMBA_BOUNDSCHECK", "NUMBA_DISABLE_JIT")
pytestmark = [
    pytest.mark.skipif(any(mode in os.environ for mode in MODES), reason="Numba calls every kernel then"),
    pytest.mark.skipif(not processors.levels_exist(), reason="this kind of machine has no levels"),
]

EVERY = ("cx16", "popcnt", "sahf", "sse3", "sse4.1", "sse4.2", "ssse3")
WITH_AVX2 = (*EVERY, "avx", "avx2", "bmi", "bmi2", "f16c", "fma", "lzcnt", "movbe", "xsave")
WITH_AVX512 = (*WITH_AVX2, "avx512bw", "avx512cd", "avx512dq", "avx512f", "avx512vl")


@pytest.mark.parametrize(
    ("features", "levels"),
    [
        ((), []),
        (EVERY, ["x86-64-v2"]),
        (WITH_AVX2[:-1], ["x86-64-v2"]),
        (WITH_AVX2, ["x86-64-v3", "x86-64-v2"]),
        (WITH_AVX512[:-1], ["x86-64-v3", "x86-64-v2"]),
        (WITH_AVX512, ["x86-64-v4", "x86-64-v3", "x86-64-v2"]),
    ],
)
def test_a_level_fits_where_no_feature_of_it_lacks(
    features: tuple[str, ...], levels: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    this = processors.own()
    there = {**dict.fromkeys(WITH_AVX512, False), **dict.fromkeys(features, True), "sse2": True}
    monkeypatch.setattr(llvm, "get_host_cpu_features", lambda: there)
    own, *others = processors.fitting.__wrapped__()
    assert own == this
    assert [processor.name for processor in others] == levels


def test_a_level_that_is_none_is_told() -> None:
    with pytest.raises(ValueError, match=r"'znver9' is no level of .*x86-64-v2, x86-64-v3, x86-64-v4"):
        warm.compile_for(["x86-64-v3", "znver9"])


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    place = tmp_path / "kernels"
    place.mkdir()
    monkeypatch.setattr(stored, "folder", lambda: place)
    monkeypatch.setattr(declared, "modules", lambda: [calendar.__name__])
    native.usable.cache_clear()
    yield place
    native.usable.cache_clear()


def _kept(folder: Path) -> dict[str, int]:
    return {file.name: file.stat().st_mtime_ns for file in folder.glob("*.native")}


_CALLS = """
import numpy
from clearscale_kernels.people.calendar import spans, limits, SPANS
table = numpy.zeros(2 * SPANS + 1, numpy.int32); limits(0, 18444, table)
out = numpy.zeros(1, numpy.int16); spans(numpy.array([7486], numpy.int32), table, out)
print(out[0])
"""


def test_code_for_a_level_is_called_and_nothing_compiled_beside_it(folder: Path) -> None:
    highest = processors.fitting()[1].name
    said: list[tuple[int, int]] = []
    warm.compile_for([highest], lambda done, total: said.append((done, total)))
    before = _kept(folder)
    assert said[-1] == (len(before), len(before))
    assert {name.partition("-")[0] for name in before} >= {"self_test.weigh", "calendar.spans", "calendar.limits"}
    settings = {**os.environ, "NUMBA_CACHE_DIR": str(folder)}
    done = subprocess.run(
        [sys.executable, "-c", _CALLS], env=settings, capture_output=True, text=True, timeout=PATIENCE
    )
    assert (done.stdout, done.stderr) == ("30\n", "")
    assert _kept(folder) == before
    warm.compile_for([highest], lambda *_: pytest.fail("compiled again"))


def test_code_for_a_level_that_this_machine_lacks_is_left_alone(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    job = (calendar.spans.function, declared.signatures(calendar.spans)[0])  # type: ignore[attr-defined, arg-type]
    warm.compile_for(["x86-64-v4"])
    monkeypatch.setattr(stored, "fitting", lambda: (processors.own(), processors.level("x86-64-v3")))
    assert stored.found(*job) is None
    warm.compile_for(["x86-64-v3"])
    assert stored.found(*job) is not None


def test_code_of_another_level_under_a_level_s_name_is_not_read(folder: Path) -> None:
    job = (calendar.spans.function, declared.signatures(calendar.spans)[0])  # type: ignore[attr-defined, arg-type]
    two, three = processors.level("x86-64-v2"), processors.level("x86-64-v3")
    warm.compile_for([three.name])
    stored.file_of(*job, three).rename(stored.file_of(*job, two))
    assert stored.read(stored.file_of(*job, two), two) is None


def test_a_folder_that_cannot_be_written_to_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "file").write_bytes(b"")
    monkeypatch.setattr(stored, "folder", lambda: tmp_path / "file" / "folder")
    with pytest.raises(OSError, match="compiled kernels cannot be kept"):
        warm.compile_for(["x86-64-v3"])


def _clearscale(kernels: Path, *words: str | Path) -> None:
    settings = {**os.environ, "NUMBA_CACHE_DIR": str(kernels)}
    subprocess.run(
        [sys.executable, "-m", "clearscale", *words, "--quiet"], env=settings, check=True, timeout=PATIENCE
    )


@pytest.mark.long
def test_every_level_gives_the_same_store_and_run(tmp_path: Path) -> None:
    assert trusted.doubt(tmp_path) == ""
    _clearscale(tmp_path / "own", "synth", "--out", tmp_path / "in", "--counties", "2", "--people", "60")
    answers = []
    for name in ("own", *(processor.name for processor in processors.fitting()[1:])):
        kernels, out = tmp_path / name, tmp_path / f"of-{name}"
        if name != "own":
            _clearscale(kernels, "warm-up", "--processor", name)
        before = _kept(kernels)
        store = out / "store"
        _clearscale(kernels, "ingest", *sorted((tmp_path / "in").glob("*.csv")), "--store", store)
        policy = ["--policy", "ca-dismiss-all", "--as-of", "2020-07-01"]
        _clearscale(kernels, "run", "--store", store, *policy, "--out", out / "run")
        if name != "own":
            assert _kept(kernels) == before
        files = {path.relative_to(out): path for path in out.rglob("*") if path.is_file()}
        timed = {Path("run/run.json"), Path("store/log.jsonl")}
        answers.append({name: path.read_bytes() for name, path in files.items() if name not in timed})
    assert len(answers[0]) > 10
    assert all(found == answers[0] for found in answers)
