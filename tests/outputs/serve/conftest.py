"""Runs to serve: over fabricated states, and over histories on the edges of every rule."""

from pathlib import Path

import pytest

import clearscale
from clearscale.outputs.serve.session import Session, open_session
from clearscale.runs import Run
from tests.support.samples import AS_OF, OPTIONS

STORES = ("state", "edges")


@pytest.fixture(scope="session")
def runs(four_counties: Path, edges_of_rules: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Run]:
    """A run of the sample options over each store."""
    folder = tmp_path_factory.mktemp("runs")
    return {
        name: clearscale.run(str(built / "store"), OPTIONS, AS_OF, str(folder / name))
        for name, built in zip(STORES, (four_counties, edges_of_rules), strict=True)
    }


@pytest.fixture(scope="session")
def exact(runs: dict[str, Run]) -> dict[str, Session]:
    """Nothing is hidden."""
    return {name: open_session(run) for name, run in runs.items()}


@pytest.fixture(scope="session")
def large(six_counties: Path, tmp_path_factory: pytest.TempPathFactory) -> Run:
    """A run over a state of two large counties and four small ones."""
    return clearscale.run(
        str(six_counties / "store"), OPTIONS, AS_OF, str(tmp_path_factory.mktemp("large") / "run")
    )
