"""The notebook of the documentation says what it says when it is run."""

import runpy
from pathlib import Path
from typing import Any

import nbformat
import pytest

SCRIPT = Path(__file__).parents[2] / "docs/research.py"


def printed(cells: list[Any]) -> list[tuple[str, list[Any]]]:
    """Each cell's text, and what it prints, but for what is said on standard error."""
    outputs = ((cell.source, cell.get("outputs", [])) for cell in cells)
    return [(source, [dict(out) for out in found if out.get("name") != "stderr"]) for source, found in outputs]


def test_the_page_has_the_cells_of_its_script() -> None:
    stored = nbformat.read(SCRIPT.with_suffix(".ipynb"), as_version=4)
    nbformat.validate(stored)
    assert [cell.source for cell in stored.cells] == [text for _, text in runpy.run_path(str(SCRIPT))["CELLS"]]
    assert all(out.output_type != "error" for cell in stored.cells for out in cell.get("outputs", []))


@pytest.mark.long
def test_the_page_shows_what_its_cells_print(tmp_path: Path) -> None:
    stored = nbformat.read(SCRIPT.with_suffix(".ipynb"), as_version=4)
    assert printed(runpy.run_path(str(SCRIPT))["run"](tmp_path).cells) == printed(stored.cells)
