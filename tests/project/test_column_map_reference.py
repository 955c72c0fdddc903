"""The page of column maps is what the schema says."""

import runpy
from pathlib import Path

SOURCE = Path(__file__).parents[2] / "docs/reference/column-map.py"


def test_the_page_is_up_to_date() -> None:
    script = runpy.run_path(str(SOURCE))
    assert script["PAGE"].read_text("utf-8") == script["page"](), f"run python {SOURCE.name} in docs/reference"
