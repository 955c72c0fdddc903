"""A session of benchmarks: what pytest is started with, and what its end means."""

import atexit
import fcntl
import gc
import os
import shutil
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from unittest import mock

import pytest

from clearscale_cluster import TerminalProgress
from clearscale_kernels.warm import compile_kernels

from .baseline import Baseline, BenchmarkError, Comparison, read
from .sizes import SCRATCH, SIZES, gigabytes

SUITE = Path(__file__).parent / "suite"
MEASURED = "pytest-benchmark.json"
"""The file in pytest-benchmark's form."""

PLUGINS = ("pytest_benchmark.plugin",)
"""What pytest loads; other plugins that are installed are no part of a measurement."""

ENVIRONMENT = {"PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1", "PYTEST_ADDOPTS": ""}


def default_folder() -> Path:
    """Where data is kept unless it is said: below the user's cache."""
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "clearscale" / "benchmarks"


@dataclass(frozen=True)
class Wanted:
    """What a session measures, and where it keeps things.

    data: the folder of fabricated data. out: the folder of figures. size: one of `SIZES`; scales, county_rows,
    rounds: instead of the size's. only: an expression of names, as pytest's `-k` takes it. goals: whether only the
    largest of the sizes is measured, and a table of goals is shown. against: the file of an earlier session.
    tolerance: up to so many times its ratio, a row is not worse. clock: one of `CLOCKS`.
    """

    data: Path
    out: Path
    size: str = "smoke"
    scales: Sequence[float] = field(default=())
    county_rows: Sequence[int] = field(default=())
    rounds: int | None = None
    only: str | None = None
    goals: bool = False
    against: Path | None = None
    tolerance: float = 1.2
    clock: str = "processor"

    def arguments(self) -> list[str]:
        """Give the arguments of pytest."""
        options: Mapping[str, object] = {
            "size": self.size,
            "data": self.data.absolute(),
            "figures": self.out.absolute(),
            "rounds": self.rounds,
            "against": self.against and self.against.absolute(),
            "tolerance": self.tolerance,
            "clock": self.clock,
            "benchmark-json": self.out.absolute() / MEASURED,
        }
        repeated = [("scales", scale) for scale in self.scales] + [
            ("county-rows", rows) for rows in self.county_rows
        ]
        given = [(name, value) for name, value in options.items() if value is not None]
        return [
            str(SUITE),
            *("-c", str(SUITE / "pytest.ini"), "-q", "--tb=short", "--benchmark-quiet"),
            *("-p", "no:cacheprovider", *(word for plugin in PLUGINS for word in ("-p", plugin))),
            *(f"--{name}={value}" for name, value in (*given, *repeated)),
            *(("-k", self.only) if self.only else ()),
            *(("--goals",) if self.goals else ()),
        ]


def measure(wanted: Wanted) -> Comparison | None:
    """Measure; figures are shown, and left in the folder `wanted.out`.

    Returns
    -------
    Comparison or None
        What got worse since the session that `wanted.against` names; None without it.

    Raises
    ------
    BenchmarkError
        If there is not enough disk, another session uses the data, the baseline cannot be read, no benchmark has
        such a name, or one failed: then a total was wrong, or work did not end.
    KeyboardInterrupt
        If it was interrupted; what was measured is in `figures.md` and `figures.json`.
    """
    baseline = None
    if wanted.against:
        baseline = Baseline(read(wanted.against, wanted.clock), wanted.tolerance, wanted.clock)
    _make_room(wanted)
    wanted.out.mkdir(parents=True, exist_ok=True)
    measured = wanted.out / MEASURED
    measured.unlink(missing_ok=True)
    with TerminalProgress() as progress:
        compile_kernels(lambda done, total: progress(done, total, "compile kernels"))
    # The command line has Python collect nothing at its end; DuckDB would complain of each object that is left.
    atexit.register(gc.unfreeze)
    with _alone(wanted.data), mock.patch.dict(os.environ, ENVIRONMENT):
        code = pytest.main(wanted.arguments())
    if code == pytest.ExitCode.INTERRUPTED:
        raise KeyboardInterrupt
    if code == pytest.ExitCode.NO_TESTS_COLLECTED:
        raise BenchmarkError(f"no benchmark has a name like that: --only {wanted.only}")
    if code == pytest.ExitCode.USAGE_ERROR:
        raise BenchmarkError(
            f"this is no expression of names: --only {wanted.only}; write such as `county or ingest`"
        )
    if code != pytest.ExitCode.OK:
        raise BenchmarkError("a benchmark failed, see above: a total was wrong, or work did not end well")
    return baseline.compare(read(measured, wanted.clock)) if baseline else None


def _make_room(wanted: Wanted) -> None:
    """Make the folder of data. Raises BenchmarkError if its disk has not as much room as the size takes."""
    wanted.data.mkdir(parents=True, exist_ok=True)
    present = sum(path.stat().st_size for path in wanted.data.rglob("*") if path.is_file()) / 1e9
    size = SIZES[wanted.size]
    needed = gigabytes(wanted.scales or size.scales, wanted.county_rows or size.county_rows)
    free = shutil.disk_usage(wanted.data).free / 1e9
    if free + present < needed:
        raise BenchmarkError(
            f"{wanted.data}: {free:.1f} GB are free, and this takes {needed:.1f} GB; name a folder on another "
            "disk by --data, or a smaller size"
        )


@contextmanager
def _alone(folder: Path) -> Iterator[None]:
    """Have no other session use the folder: neither would measure anything. Raises BenchmarkError if one does."""
    with (folder / "in-use").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            raise BenchmarkError(f"{folder}: another `clearscale bench` is at work with this data") from None
        _clear(folder)  # of what a session that was killed left
        try:
            yield
        finally:
            _clear(folder)  # of what one that was interrupted had no time to remove


def _clear(folder: Path) -> None:
    for left in folder.glob(f"{SCRATCH}*"):
        shutil.rmtree(left, ignore_errors=True)
