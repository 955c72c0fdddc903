"""What all tests share: the environment that they run in, and how many examples are tried."""

import importlib
import os
import shutil
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from clearscale_cluster import Cluster, open_cluster
from tests.support import environment
from tests.support.at_once import FailuresAtOnce
from tests.support.browser import ABSENT, CHROMIUM, chromium
from tests.support.waiting import PATIENCE, wait_until

MEMORY, ENOUGH = "/dev/shm", 2**30
"""Where files lie in memory, if there is such a place with so many bytes left: a container's may be small."""

# Before anything is imported that looks at variables, as Dask, Numba and Hypothesis do.
environment.clean()


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--variable",
        action="append",
        default=[],
        metavar="NAME=VALUE",
        help="an environment variable to run the tests with; those that are set are not looked at",
    )
    parser.addoption(
        "--eighth",
        type=int,
        help="try one eighth of what is tried at length: from 0 to 7",
    )


@pytest.hookimpl(tryfirst=True)
def pytest_configure(config: pytest.Config) -> None:
    environment.clean(config.getoption("variable"))
    examples = importlib.import_module("tests.support.examples")  # before Hypothesis is told which profile to take
    if config.getoption("eighth") is not None:
        examples.take(config.getoption("eighth"))
    if not hasattr(config, "workerinput"):
        config.pluginmanager.register(FailuresAtOnce(config))


@pytest.fixture(scope="session", autouse=True)
def clusters_may_start_late() -> Iterator[None]:
    """Ten seconds are for a person who waits; a busy machine takes longer to start a worker."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(open_cluster.__kwdefaults__, "timeout", PATIENCE)
        yield


def _remove(folder: Path) -> None:
    def gone() -> bool:
        shutil.rmtree(folder, ignore_errors=True)
        return not folder.exists()

    wait_until(gone)  # a process that is ending may still write there


@pytest.fixture
def public_folder() -> Iterator[Path]:
    """A folder that everybody may write into, as /tmp; pytest's own lie where no other user comes."""
    folder = Path(tempfile.mkdtemp(prefix="test-"))
    folder.chmod(0o1777)
    yield folder
    _remove(folder)


@pytest.fixture(scope="session")
def memory(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[[], Path]]:
    """What gives folders for hundreds of stores, one after the other: in memory where the system has such a place.

    Files that are made, flushed and removed on a disk take longer than what is tried.
    """
    if not os.access(MEMORY, os.W_OK) or shutil.disk_usage(MEMORY).free < ENOUGH:
        yield lambda: tmp_path_factory.mktemp("stores")
        return
    with tempfile.TemporaryDirectory(prefix="test-", dir=MEMORY) as folder:
        yield lambda: Path(tempfile.mkdtemp(dir=folder))


@pytest.fixture
def in_memory(memory: Callable[[], Path]) -> Iterator[Path]:
    """Such a folder, removed after the test."""
    folder = memory()
    yield folder
    _remove(folder)


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    """A browser for all tests of a file, which are skipped where there is none."""
    if CHROMIUM is None:
        pytest.skip(ABSENT)
    with chromium() as started:
        yield started


@pytest.fixture(scope="session")
def two_processes() -> Iterator[Cluster]:
    """`local:2`, started once; what it works on knows no place and no environment of its own."""
    with open_cluster("local:2") as cluster:
        yield cluster


@pytest.fixture(scope="session")
def build_once(tmp_path_factory: pytest.TempPathFactory, pytestconfig: pytest.Config) -> Callable[[str], Path]:
    """The folder that a function of `tests.support.built` fills."""
    built = importlib.import_module("tests.support.built")
    own = tmp_path_factory.getbasetemp()
    # Each of several processes has a folder in that of the session.
    temporary = own.parent if hasattr(pytestconfig, "workerinput") else own
    return lambda name: built.built_once(getattr(built, name), temporary)


@pytest.fixture(scope="session")
def four_counties(build_once: Callable[[str], Path]) -> Path:
    return build_once("four_counties")


@pytest.fixture(scope="session")
def cook(build_once: Callable[[str], Path]) -> Path:
    return build_once("cook")


@pytest.fixture(scope="session")
def many_courts(build_once: Callable[[str], Path]) -> Path:
    return build_once("many_courts")


@pytest.fixture(scope="session")
def six_counties(build_once: Callable[[str], Path]) -> Path:
    return build_once("six_counties")


@pytest.fixture(scope="session")
def void_results(build_once: Callable[[str], Path]) -> Path:
    return build_once("void_results")


@pytest.fixture(scope="session")
def edges_of_rules(build_once: Callable[[str], Path]) -> Path:
    return build_once("edges_of_rules")


TOGETHER = ("cluster", "outputs/report", "outputs/serve", "whatif/explain")
"""Folders whose tests share what one process has in memory, such as a cluster."""

APART = ("outputs/report/test_judged_", "outputs/report/test_with_sweep", "damaged/test_ten_thousand")
"""Files whose parametrized tests take long and share little: each goes to whichever process is free."""


LARGER_AT_LENGTH = ("four_counties", "two_counties", "three_counties")
"""Fixtures whose data is larger in `make test-long`: tests that use them are tried there, too."""


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """What may take long is begun early, so that no process waits for it at the end."""
    for item in items:
        if set(LARGER_AT_LENGTH) & set(getattr(item, "fixturenames", ())):
            item.add_marker(pytest.mark.sampled)
    slow = {item.path for item in items if item.get_closest_marker("slow")}
    items.sort(key=lambda item: item.path not in slow)


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Any:
    """Deal out tests by file, where they share something by folder, and those that share nothing one by one."""
    from xdist.scheduler import LoadFileScheduling

    class ByFolder(LoadFileScheduling):  # type: ignore[misc]
        def _split_scope(self, nodeid: str) -> str:
            file = str(super()._split_scope(nodeid))
            if "[" in nodeid and any(f"/{name}" in file for name in APART):
                return nodeid
            return next((folder for folder in TOGETHER if f"/{folder}/" in file), file)

    return ByFolder(config, log)
