"""A store that holds a person everywhere, and the same without the person."""

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest


@pytest.fixture(scope="session")
def without(build_once: Callable[[str], Path]) -> Path:
    return build_once("canary_nowhere") / "store"


@pytest.fixture(scope="session")
def everywhere_once(build_once: Callable[[str], Path]) -> Path:
    return build_once("canary_everywhere")


@pytest.fixture
def everywhere(everywhere_once: Path, tmp_path: Path) -> Path:
    """A copy of that store."""
    return Path(shutil.copytree(everywhere_once / "store", tmp_path / "store"))
