"""Runs whose lists are looked at."""

from pathlib import Path

import pytest

from clearscale.runs import Run
from clearscale.runs.charges import ChargeRun, open_charge_run
from tests.support.samples import decide


@pytest.fixture(scope="module")
def on_edges(edges_of_rules: Path, tmp_path_factory: pytest.TempPathFactory) -> Run:
    """The sample policy over extracts that sit on edges of rules."""
    return decide(edges_of_rules / "store", tmp_path_factory.mktemp("lists") / "run", "threads:1")


@pytest.fixture(scope="module")
def fabricated(four_counties: Path, tmp_path_factory: pytest.TempPathFactory) -> Run:
    """The sample policy over a fabricated state, whose records name courts and agencies."""
    return decide(four_counties / "store", tmp_path_factory.mktemp("lists") / "run", "threads:1")


@pytest.fixture(scope="module")
def over_charges(cook: Path) -> ChargeRun:
    return open_charge_run(cook / "run")
