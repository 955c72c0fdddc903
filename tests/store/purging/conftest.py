"""A store that holds a person everywhere, and the same without the person."""

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.formats.made import rendered
from tests.support.charged_canary import own, stored


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


@pytest.fixture(scope="session")
def charged_once(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("charges")
    stored(folder, own(1, 2), folder / "store")
    stored(folder / "without", [], folder / "fresh")
    left = folder / "store" / "staging" / "left.csv"  # as killed work might leave it
    left.parent.mkdir(exist_ok=True)
    left.write_bytes(rendered(own(1)))
    return folder


@pytest.fixture
def charged(charged_once: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(charged_once / "store", tmp_path / "store"))
