"""The notebook of the documentation says what it says when it is run."""

import json
import runpy
from pathlib import Path
from typing import Any

import nbformat
import pytest

from tests.support.pages import comparable

SCRIPT = Path(__file__).parents[2] / "docs/research.py"


def shown(outputs: list[Any]) -> list[dict[str, Any]]:
    """What a cell shows, but for standard error; what is printed in a row is one, whatever came between."""
    found: list[dict[str, Any]] = []
    for out in outputs:
        if out.get("name") == "stderr":
            continue
        if found and out["output_type"] == found[-1]["output_type"] == "stream":
            found[-1]["text"] += out["text"]
        else:
            found.append(dict(out))
    return found


def printed(cells: list[Any]) -> list[tuple[str, str]]:
    """Each cell's text, and what it shows, as JSON, but for what varies."""
    return [(cell.source, comparable(json.dumps(shown(cell.get("outputs", [])), sort_keys=True))) for cell in cells]


def test_what_is_printed_around_an_error_is_one() -> None:
    def told(name: str, text: str) -> Any:
        return nbformat.v4.new_output("stream", name=name, text=text)

    table = nbformat.v4.new_output("execute_result", {"text/plain": "3"})
    pieces = [told("stdout", "a\n"), told("stderr", "50%"), told("stdout", "b\n"), table, told("stdout", "c\n")]
    assert [out.get("text") for out in shown(pieces)] == ["a\nb\n", None, "c\n"]
    assert pieces[0]["text"] == "a\n"


def test_the_page_has_the_cells_of_its_script() -> None:
    stored = nbformat.read(SCRIPT.with_suffix(".ipynb"), as_version=4)
    nbformat.validate(stored)
    assert [cell.source for cell in stored.cells] == [text for _, text in runpy.run_path(str(SCRIPT))["CELLS"]]
    assert all(out.output_type != "error" for cell in stored.cells for out in cell.get("outputs", []))


@pytest.mark.long
def test_the_page_shows_what_its_cells_print(tmp_path: Path) -> None:
    stored = nbformat.read(SCRIPT.with_suffix(".ipynb"), as_version=4)
    assert printed(runpy.run_path(str(SCRIPT))["run"](tmp_path).cells) == printed(stored.cells)
