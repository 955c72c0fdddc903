"""The account of the house: the picture is that of the imports, and every folder is named."""

import runpy
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[2]
CONCEPTS = ROOT / "docs" / "concepts"
SOURCES = ("clearscale", "kernels/clearscale_kernels", "cluster/clearscale_cluster", "bench/clearscale_bench")
NOT_NAMED = ("clearscale/outputs", "clearscale/whatif")
"""Folders that hold folders only, each of which is named."""


@pytest.fixture(scope="module")
def drawing() -> dict[str, Any]:
    return runpy.run_path(str(CONCEPTS / "architecture.py"))


def test_the_picture_is_that_of_the_imports(drawing: dict[str, Any]) -> None:
    drawn = drawing["svg"](drawing["rooms"]())
    assert (CONCEPTS / "architecture.svg").read_text("utf-8") == drawn, "run python docs/concepts/architecture.py"


def test_a_circle_of_rooms_is_told(drawing: dict[str, Any]) -> None:
    reduced: Callable[..., Any] = drawing["reduced"]
    assert reduced({"a": {"b", "c"}, "b": {"c"}, "c": set()}) == {"a": {"b"}, "b": {"c"}, "c": set()}
    with pytest.raises(ValueError, match="circle"):
        reduced({"a": {"b"}, "b": {"c"}, "c": {"a"}})


def test_every_folder_is_named_in_one_line() -> None:
    page = (CONCEPTS / "design.md").read_text("utf-8")
    folders = {
        str(path.parent.relative_to(ROOT))
        for source in SOURCES
        for path in (ROOT / source).rglob("*.py")
        if path.parent != ROOT / source
    }
    named = {line.split("`")[1] for line in page.split("\n") if line.startswith("| `")}
    assert sorted(folders - named) == sorted(folder for folder in NOT_NAMED if folder in folders)
    assert sorted(named - folders) == []
