"""Options and fixtures of the benchmarks: sizes, data, and the table of what was measured."""

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from pytest_benchmark.fixture import BenchmarkFixture

from clearscale_bench import report
from clearscale_bench.baseline import CLOCKS, Baseline, read
from clearscale_bench.comparing import Bench
from clearscale_bench.data import Data
from clearscale_bench.report import Line
from clearscale_bench.sizes import SCRATCH, SIZES
from clearscale_cluster import TerminalProgress

LINES = pytest.StashKey[list[Line]]()


def pytest_addoption(parser: pytest.Parser) -> None:
    group = parser.getgroup("clearscale benchmarks")
    group.addoption("--size", choices=list(SIZES), default="smoke")
    group.addoption("--scales", type=float, action="append")
    group.addoption("--county-rows", type=int, action="append")
    group.addoption("--rounds", type=int)
    group.addoption("--data", type=Path)
    group.addoption("--figures", type=Path)
    group.addoption("--goals", action="store_true")
    group.addoption("--against", type=Path)
    group.addoption("--tolerance", type=float)
    group.addoption("--clock", choices=list(CLOCKS))


def _chosen(config: pytest.Config, name: str) -> Any:
    return config.getoption(name) or getattr(SIZES[config.getoption("size")], name)


def _measured(config: pytest.Config, name: str) -> Any:
    """The sizes that each piece of work is measured at; growth looks at all in any case."""
    return _chosen(config, name)[-1:] if config.getoption("goals") else _chosen(config, name)


def _session(config: pytest.Config) -> dict[str, Any]:
    sizes = {name.replace("_", " "): _chosen(config, name) for name in ("scales", "county_rows", "rounds")}
    goals = {"goals": True} if config.getoption("goals") else {}
    return {"size": config.getoption("size"), **sizes, **report.machine(), **goals}


def _lines(config: pytest.Config) -> list[Line]:
    return config.stash[LINES]


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "every_size: has a goal at each size")
    config.stash[LINES] = list[Line]()


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """A benchmark with `scale` or `county_rows` is measured once at each size.

    One that is marked `every_size` has a goal at each, and is so in a session of goals, too.
    """
    sizes = _chosen if metafunc.definition.get_closest_marker("every_size") else _measured
    for argument, option in (("scale", "scales"), ("county_rows", "county_rows")):
        if argument in metafunc.fixturenames:
            metafunc.parametrize(argument, sizes(metafunc.config, option))


def pytest_terminal_summary(terminalreporter: Any, config: pytest.Config) -> None:
    """Show what was measured, also when the session was interrupted."""
    if lines := _lines(config):
        terminalreporter.section("figures")
        terminalreporter.write_line(report.markdown(lines, _session(config)))


def pytest_report_teststatus(report: pytest.TestReport) -> tuple[str, str, str] | None:
    """No dots for what is done: each piece of work has lines of its own."""
    return ("passed", "", "") if report.passed and report.when == "call" else None


def pytest_benchmark_update_machine_info(machine_info: dict[str, Any]) -> None:
    """A machine's name says nothing of its speed, and figures are given to others."""
    machine_info.pop("node", None)


def pytest_benchmark_update_commit_info(commit_info: dict[str, Any]) -> None:
    """The folder that a session is started in is named after anything."""
    commit_info.pop("project", None)


def pytest_benchmark_update_json(config: pytest.Config, output_json: dict[str, Any]) -> None:
    """Keep the sizes and versions with the figures."""
    output_json["clearscale"] = _session(config)


@pytest.fixture
def data(pytestconfig: pytest.Config, capfd: pytest.CaptureFixture[str]) -> Data:
    """What commands print is kept for those that fail; how far the data is made is shown."""

    @contextmanager
    def progress() -> Iterator[TerminalProgress]:
        with capfd.disabled(), TerminalProgress() as shown:
            yield shown

    return Data(pytestconfig.getoption("data"), progress)


@pytest.fixture
def scratch(pytestconfig: pytest.Config) -> Iterator[Path]:
    """A folder on the disk of the data, for what is not kept: gigabytes, which no temporary folder may have."""
    with tempfile.TemporaryDirectory(prefix=SCRATCH, dir=pytestconfig.getoption("data")) as folder:
        yield Path(folder)


@pytest.fixture(scope="session")
def scales(pytestconfig: pytest.Config) -> list[float]:
    return list(_chosen(pytestconfig, "scales"))


@pytest.fixture(scope="session")
def sizes_of_county(pytestconfig: pytest.Config) -> list[int]:
    return list(_chosen(pytestconfig, "county_rows"))


@pytest.fixture(scope="session")
def baseline(pytestconfig: pytest.Config) -> Baseline | None:
    path = pytestconfig.getoption("against")
    if not path:
        return None
    clock = pytestconfig.getoption("clock")
    return Baseline(read(path, clock), pytestconfig.getoption("tolerance"), clock)


@pytest.fixture
def bench(
    benchmark: BenchmarkFixture,
    pytestconfig: pytest.Config,
    request: pytest.FixtureRequest,
    capfd: pytest.CaptureFixture[str],
    baseline: Baseline | None,
) -> Bench:
    terminal: Any = pytestconfig.pluginmanager.get_plugin("terminalreporter")
    place = f"{request.session.items.index(request.node) + 1} of {len(request.session.items)}"

    def keep(lines: list[Line]) -> None:
        """Keep and show figures at once: a session that is interrupted leaves those it has."""
        _lines(pytestconfig).extend(lines)
        report.write(pytestconfig.getoption("figures"), _lines(pytestconfig), _session(pytestconfig))
        with capfd.disabled():
            for line in lines:
                terminal.write(f"{place}: {report.in_words(line)}\n", flush=True)

    return Bench(benchmark, _chosen(pytestconfig, "rounds"), keep, baseline)
