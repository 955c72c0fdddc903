"""Kernels compiled before they are called: what they say they take, texts that come with the package, processes."""

import os
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from clearscale_kernels import warm
from clearscale_kernels.arrays import Bools, Int16s, Int32s
from clearscale_kernels.jit import ahead, declared, native, self_test, stored, texts
from clearscale_kernels.jit.callee import Callee
from clearscale_kernels.people import calendar
from tests.support.examples import long
from tests.support.waiting import PATIENCE

MODES = ("NUMBA_BOUNDSCHECK", "NUMBA_DISABLE_JIT")
pytestmark = pytest.mark.skipif(any(mode in os.environ for mode in MODES), reason="Numba calls every kernel then")

CALENDAR = "clearscale_kernels.people.calendar"
MAKE = "run `python -m clearscale_kernels.jit.make_texts`"


class Rows(NamedTuple):
    """Rows.

    Attributes
    ----------
    days : int32, shape (n,)
    table : int16, shape (at most 3, n)
    """

    days: Int32s
    table: Int16s


def _of_two_dtypes(rows: Rows, ages: Int16s | Int32s, most: int, whole: bool, out: Bools) -> None:
    """Nothing.

    Parameters
    ----------
    ages : shape (n,) or, to use one for all, (1,)
    out : shape (4, n, len(x))
    """


def _without_a_shape(days: Int32s) -> None:
    """Nothing."""


def _of_text(text: str) -> None:
    """Nothing."""


def test_types_follow_from_annotations_and_docstrings() -> None:
    rows = (Rows, "int32.1", "int16.2", ")")
    assert declared.signatures(Callee(_of_two_dtypes, False)) == [
        (*rows, "int16.1", "number", "truth", "bool.3"),
        (*rows, "int32.1", "number", "truth", "bool.3"),
    ]


def test_what_a_kernel_does_not_say_is_an_error() -> None:
    with pytest.raises(TypeError, match="_without_a_shape, days: the docstring does not say the array's shape"):
        declared.signatures(Callee(_without_a_shape, False))
    with pytest.raises(TypeError, match=r"_of_text, text: kernels take arrays .*, not <class 'str'>"):
        declared.signatures(Callee(_of_text, False))


def every_kernel() -> list[tuple[Any, Any]]:
    kernels = declared.kernels(declared.modules())
    assert len(kernels) > 30
    return [(kernel.function, types) for kernel in kernels for types in declared.signatures(kernel)]


def test_the_texts_that_come_with_the_package_are_of_its_kernels() -> None:
    if not texts.archive().exists():
        pytest.skip("no texts come for this kind of machine")
    assert texts.fit(), f"the texts were made from other sources; {MAKE}"
    wanted = {stored.name_of(*job) for job in [*every_kernel(), (self_test.weigh, self_test.TYPES)]}
    with zipfile.ZipFile(texts.archive()) as archive:
        assert {name.removesuffix(".ll") for name in archive.namelist()} - {"sources"} == wanted, MAKE


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    assert native.usable()
    monkeypatch.setattr(stored, "folder", lambda: tmp_path)
    native._compile_what_is_imported.cache_clear()
    yield tmp_path
    texts.fit.cache_clear()
    texts._shipped.cache_clear()


@pytest.mark.parametrize("why", ["other sources", long("a setting"), "no texts", long("cut short")])
def test_texts_that_do_not_fit_are_not_used(
    why: str, folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    job = (calendar.spans.function, declared.signatures(calendar.spans)[0])  # type: ignore[attr-defined, arg-type]
    name = stored.name_of(*job)
    whole = texts.archive().read_bytes()
    texts.fit.cache_clear()
    assert texts.shipped(name) is not None
    texts.fit.cache_clear()
    texts._shipped.cache_clear()
    other = tmp_path / "texts.zip"
    if why == "other sources":
        monkeypatch.setattr(stored, "sources", lambda _="*": "0" * 64)
    elif why == "a setting":
        monkeypatch.setenv("NUMBA_OPT", "1")
    else:
        if why == "cut short":
            other.write_bytes(whole[: len(whole) // 2])
        monkeypatch.setattr(texts, "archive", lambda: other)
    assert texts.shipped(name) is None
    assert texts.size(name) == 0
    native.prepare(*job)
    found = stored.read(stored.file_of(*job))
    assert found is not None
    assert found.written == (False, False, True)


def numbers_of(folder: Path) -> str:
    code = "\n".join(
        (
            "import sys, numpy",
            "from clearscale_kernels.people.calendar import spans, limits, SPANS",
            "table = numpy.zeros(2 * SPANS + 1, numpy.int32); limits(0, 18444, table)",
            "out = numpy.zeros(1, numpy.int16); spans(numpy.array([7486], numpy.int32), table, out)",
            "print(out[0], 'numba' in sys.modules)",
        )
    )
    settings = {**os.environ, "NUMBA_CACHE_DIR": str(folder)}
    command = [sys.executable, "-c", code]
    return subprocess.run(
        command, env=settings, capture_output=True, text=True, check=True, timeout=PATIENCE
    ).stdout


def test_the_first_kernel_that_is_called_brings_those_of_imported_modules_and_no_numba(tmp_path: Path) -> None:
    assert numbers_of(tmp_path) == "30 False\n"
    made = {path.name.partition("-")[0] for path in tmp_path.glob("*.native")}
    names = ("ages", "limits", "parse_dates", "spans", "years_of")
    assert made == {"self_test.weigh", *(f"calendar.{name}" for name in names)}


def test_processes_that_start_together_share_one_empty_folder(tmp_path: Path) -> None:
    code = (
        "import sys; from clearscale_kernels.jit import ahead, declared, native\n"
        "from clearscale_kernels.people import calendar, dealing\n"
        "ahead.compile_missing(declared.imported(), native.prepare, 2)\n"
        "print(len(ahead.missing(declared.imported())), 'numba' in sys.modules)"
    )
    settings = {**os.environ, "NUMBA_CACHE_DIR": str(tmp_path)}
    command = [sys.executable, "-c", code]
    started = [subprocess.Popen(command, env=settings, stdout=subprocess.PIPE, text=True) for _ in range(3)]
    assert [process.communicate(timeout=PATIENCE)[0] for process in started] == ["0 False\n"] * 3
    assert len(list(tmp_path.glob("*.native"))) == 6
    assert not list(tmp_path.glob(".writing-*"))


def test_shares_are_dealt_out_and_what_a_process_leaves_undone_is_done(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    started, prepared, said = [], [], []

    class Lost:
        def wait(self) -> None:
            started[-1].append("waited for")

    def start(jobs: Any) -> Lost:
        started.append([function.__name__ for function, _ in jobs])
        return Lost()

    monkeypatch.setattr(ahead, "_start", start)

    def prepare(function: Any, types: Any) -> None:
        prepared.append(function.__name__)

    ahead.compile_missing([CALENDAR], prepare, 8, lambda *done: said.append(done))
    assert len(started) == 1  # for five kernels one other process is enough
    assert started[0][-1] == "waited for"
    assert set(prepared) == {"ages", "limits", "parse_dates", "spans", "years_of"}
    assert said[-1] == (5, 5)


def test_a_process_that_compiles_a_share_starts_no_other(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ahead, "_start", lambda _: pytest.fail("started a process"))
    job = (calendar.spans.function, declared.signatures(calendar.spans)[0])  # type: ignore[attr-defined, arg-type]
    native.prepare(*job)
    assert [path.name.partition("-")[0] for path in folder.glob("*.native")] == ["calendar.spans"]
    monkeypatch.setenv("CLEARSCALE_KERNELS_SHARE", "1")
    ahead.compile_missing([CALENDAR], lambda *_: pytest.fail("compiled"), 8)


def test_a_folder_that_cannot_be_written_to_starts_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "file").write_bytes(b"")
    monkeypatch.setattr(stored, "folder", lambda: tmp_path / "file" / "folder")
    monkeypatch.setattr(ahead, "_start", lambda _: pytest.fail("started a process"))
    ahead.compile_missing([CALENDAR], lambda *_: pytest.fail("compiled"), 8)


@pytest.mark.long
def test_all_kernels_are_compiled_ahead_once(tmp_path: Path) -> None:
    code = (
        "import sys; from clearscale_kernels import warm; said = []\n"
        "warm.compile_kernels(lambda *done: said.append(done))\n"
        "print(said[-1:], 'numba' in sys.modules)"
    )
    settings = {**os.environ, "NUMBA_CACHE_DIR": str(tmp_path)}
    command = [sys.executable, "-c", code]
    outputs = [
        subprocess.run(command, env=settings, capture_output=True, text=True, check=True, timeout=PATIENCE).stdout
        for _ in range(2)
    ]
    count = len(every_kernel())
    assert outputs == [f"[({count}, {count})] False\n", "[] False\n"]
    assert len(list(tmp_path.glob("*.native"))) == count + 1


def test_numba_compiles_ahead_where_it_calls_kernels(monkeypatch: pytest.MonkeyPatch, folder: Path) -> None:
    compiled = []
    monkeypatch.setattr(native, "usable", lambda: False)
    monkeypatch.setattr(declared, "modules", lambda: [CALENDAR])
    by_numba = type(calendar.spans.by_numba)  # type: ignore[attr-defined]
    monkeypatch.setattr(by_numba, "compile", lambda self, types: compiled.append((self.__name__, len(types))))
    for name in ("ages", "limits", "parse_dates", "spans", "years_of"):
        monkeypatch.setattr(getattr(calendar, name), "_found", {})
    warm.compile_kernels()
    assert sorted(compiled) == [("ages", 3), ("limits", 3), ("parse_dates", 5), ("spans", 3), ("years_of", 2)]
    assert not list(folder.glob("*.native"))
