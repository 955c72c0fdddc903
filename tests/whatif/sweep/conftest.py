"""Stores to sweep over: a fabricated state, and histories on the edges of every rule."""

from pathlib import Path

import pytest


@pytest.fixture(scope="session")
def state(four_counties: Path) -> str:
    return str(four_counties / "store")


@pytest.fixture(scope="session")
def edges(edges_of_rules: Path) -> str:
    return str(edges_of_rules / "store")
