"""Runs to serve: over a fabricated state, and over histories on the edges of every rule."""

from pathlib import Path

import pytest

import clearscale
from clearscale.outputs.serve.session import Session, open_session
from clearscale.runs import Run
from tests.support.samples import AS_OF, OPTIONS
from tests.whatif.sweep.conftest import edges, state

__all__ = ["edges", "state"]

STORES = ("state", "edges")


@pytest.fixture(scope="session")
def runs(state: str, edges: str, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Run]:
    """A run of the sample options over each store."""
    folder = tmp_path_factory.mktemp("runs")
    return {
        name: clearscale.run(store, OPTIONS, AS_OF, str(folder / name))
        for name, store in zip(STORES, (state, edges), strict=True)
    }


@pytest.fixture(scope="session")
def exact(runs: dict[str, Run]) -> dict[str, Session]:
    """Nothing is hidden."""
    return {name: open_session(run, None) for name, run in runs.items()}


@pytest.fixture(scope="session")
def large(tmp_path_factory: pytest.TempPathFactory) -> Run:
    """A run over a state of two large counties and four small ones."""
    from clearscale.synth import fabricate

    folder: Path = tmp_path_factory.mktemp("large")
    made = fabricate(str(folder / "extracts"), counties=6, people=700, seed=5)
    clearscale.ingest([each.path for each in made], str(folder / "store"))
    return clearscale.run(str(folder / "store"), OPTIONS, AS_OF, str(folder / "run"))
