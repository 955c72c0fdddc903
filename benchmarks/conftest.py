"""Options and fixtures of the benchmarks: sizes, data, and the table of what was measured."""

import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest
from pytest_benchmark.fixture import BenchmarkFixture

from benchmarks.data import Data
from benchmarks.measure import NO_CHILD, FirstAndAgain, Program, Turns
from benchmarks.report import Goal, Line

from . import report

SIZES: dict[str, dict[str, Any]] = {
    "smoke": {"scales": [0.002, 0.01], "county_rows": [5_000, 30_000], "rounds": 1},
    "bench": {"scales": [0.01, 0.1], "county_rows": [50_000, 500_000], "rounds": 3},
    "state": {"scales": [0.1, 1], "county_rows": [500_000, 6_000_000], "rounds": 1},
}
"""scales: sizes of the state, 1 as it is. county_rows: records of a county's extract. rounds: those that count."""

QUICK_ROUNDS = 7
"""Rounds that count of work that takes milliseconds."""

LINES: pytest.StashKey[list[Line]] = pytest.StashKey()


def pytest_addoption(parser: pytest.Parser) -> None:
    group = parser.getgroup("clearscale benchmarks")
    group.addoption("--size", choices=sorted(SIZES), default="smoke", help="sizes and rounds unless given below")
    group.addoption("--scales", type=float, nargs="+", help="sizes of the state in rising order, 1 as it is")
    group.addoption("--county-rows", type=int, nargs="+", help="records of a county's extract, in rising order")
    group.addoption("--rounds", type=int, help="counted rounds, of which the median is shown")
    group.addoption("--data", type=Path, default=Path(".benchmarks/data"), help="where fabricated data is kept")
    group.addoption("--figures", type=Path, default=Path("benchmarks/results"), help="where figures are written")


def _chosen(config: pytest.Config, name: str) -> Any:
    return config.getoption(name) or SIZES[config.getoption("size")][name]


def _data(config: pytest.Config) -> Path:
    folder: Path = config.getoption("data").resolve()
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def _session(config: pytest.Config) -> dict[str, Any]:
    sizes = {name.replace("_", " "): _chosen(config, name) for name in SIZES["smoke"]}
    return {"size": config.getoption("size"), **sizes, **report.machine()}


def pytest_configure(config: pytest.Config) -> None:
    config.stash[LINES] = []


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """A benchmark with `scale` or `county_rows` is measured once at each size."""
    for argument, option in (("scale", "scales"), ("county_rows", "county_rows")):
        if argument in metafunc.fixturenames:
            metafunc.parametrize(argument, _chosen(metafunc.config, option))


def pytest_terminal_summary(terminalreporter: Any, config: pytest.Config) -> None:
    """Show what was measured, also when the session was interrupted."""
    if config.stash[LINES]:
        terminalreporter.section("figures")
        terminalreporter.write_line(report.markdown(config.stash[LINES], _session(config)))


@pytest.fixture(scope="session")
def data(pytestconfig: pytest.Config) -> Data:
    return Data(_data(pytestconfig))


@pytest.fixture
def scratch(pytestconfig: pytest.Config) -> Iterator[Path]:
    """A folder on the disk of the data, for what is not kept: gigabytes, which no temporary folder may have."""
    with tempfile.TemporaryDirectory(prefix="scratch-", dir=_data(pytestconfig)) as folder:
        yield Path(folder)


@pytest.fixture(scope="session")
def scales(pytestconfig: pytest.Config) -> list[float]:
    return list(_chosen(pytestconfig, "scales"))


@pytest.fixture(scope="session")
def sizes_of_county(pytestconfig: pytest.Config) -> list[int]:
    return list(_chosen(pytestconfig, "county_rows"))


class Bench:
    """pytest-benchmark with peers: ours is the benchmark; before each of its rounds its peers take their turn."""

    def __init__(self, benchmark: BenchmarkFixture, config: pytest.Config) -> None:
        self._benchmark = benchmark
        self._config = config
        self.rounds: int = _chosen(config, "rounds")

    def compare(
        self,
        work: str,
        size: str,
        ours: Program,
        peers: Sequence[Program],
        *,
        rows: int | None,
        mb: float | None = None,
        child: FirstAndAgain = NO_CHILD,
        goals: Sequence[Goal] = (),
        peer_rows: dict[str, int] | None = None,
        quick: bool = False,
    ) -> None:
        """Measure, after one round that does not count, and add a line for each peer to the table.

        child: the same work called twice in a process of its own. quick: a round takes so little that more of them
        are taken. Raises AssertionError if totals differ.
        """
        turns = Turns(ours, peers)
        rounds = max(self.rounds, QUICK_ROUNDS) if quick else self.rounds
        self._benchmark.group = work
        self._benchmark.pedantic(
            turns.run_ours, setup=turns.before, teardown=turns.after, rounds=rounds, warmup_rounds=1
        )
        taken = turns.taken(rounds)
        own = taken[ours.name]
        is_process = own.peak_mb is not None
        lines = [
            Line(
                work=work,
                size=size,
                kind="process" if is_process else "resident",
                seconds=own.seconds,
                rows=rows,
                mb=mb,
                cold=own.seconds if is_process else child.first,
                warm=child.again if is_process else own.seconds,
                peak_mb=own.peak_mb if is_process else child.peak_mb,
                peer=peer.name,
                peer_seconds=taken[peer.name].seconds,
                peer_rows=(peer_rows or {}).get(peer.name),
                peer_peak_mb=taken[peer.name].peak_mb,
                goals=[goal for goal in goals if goal.peer == peer.name or (goal.peer is None and place == 0)],
            )
            for place, peer in enumerate(peers)
        ]
        self._record(lines)

    def _record(self, lines: list[Line]) -> None:
        """Keep the figures at once: a session that is interrupted leaves those it has."""
        self._benchmark.extra_info["lines"] = [line.document() for line in lines]
        self._config.stash[LINES].extend(lines)
        report.write(self._config.getoption("figures"), self._config.stash[LINES], _session(self._config))


@pytest.fixture
def bench(benchmark: BenchmarkFixture, pytestconfig: pytest.Config) -> Bench:
    return Bench(benchmark, pytestconfig)
