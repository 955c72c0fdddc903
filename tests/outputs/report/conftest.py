"""A fabricated state with its truth table, a run over it, and the run's pages as files."""

import json
from pathlib import Path
from typing import Any

import pytest

import clearscale
from clearscale.commands.demo import options
from clearscale.runs import Run
from clearscale.whatif.sweep.option_family import EVERYTHING
from tests.support.judged import ReadReport, Stores, numbers


@pytest.fixture(scope="session")
def state(six_counties: Path) -> Path:
    """Folder with `extracts` and their truth table, and `store`: two large counties and four small ones."""
    return six_counties


@pytest.fixture(scope="session")
def run(state: Path, tmp_path_factory: pytest.TempPathFactory) -> Run:
    """A run over the fabricated state."""
    out = tmp_path_factory.mktemp("state") / "run"
    return clearscale.run(str(state / "store"), options(), "2020-07-01", str(out))


@pytest.fixture(scope="session")
def stores(tmp_path_factory: pytest.TempPathFactory) -> Stores:
    """Stores for many policies."""
    return Stores(tmp_path_factory.mktemp("judged"))


@pytest.fixture(scope="session")
def read_report(stores: Stores, tmp_path_factory: pytest.TempPathFactory) -> ReadReport:
    """The report of the store of few people under the first policy, read."""
    options = EVERYTHING.at(numbers()[0]).options()
    return ReadReport.of(stores["six"], tmp_path_factory.mktemp("read"), options)


@pytest.fixture(scope="session")
def truth(state: Path) -> dict[str, Any]:
    """What the extracts were made of, by county as records write it; the state's under an empty name."""
    document = json.loads((state / "extracts" / "truth.json").read_text("utf-8"))
    return {"": document["state"], **{county["county"]: county for county in document["counties"]}}


@pytest.fixture(scope="session")
def pages(run: Run, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Folder with the pages to publish: statewide and every county's."""
    folder = tmp_path_factory.mktemp("pages")
    clearscale.report(run, str(folder), all_counties=True, note="Fabricated <data>")
    return folder


@pytest.fixture(scope="session")
def internal_pages(run: Run, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Folder with pages on which nothing is hidden: statewide and Los Angeles."""
    folder = tmp_path_factory.mktemp("internal")
    clearscale.report(run, str(folder), suppress_below=None)
    clearscale.report(run, str(folder), county="LOS ANGELES", suppress_below=None)
    return folder
