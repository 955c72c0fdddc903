"""The page of each state says what its folder holds."""

import runpy
from pathlib import Path

import pytest

from clearscale.law import state, state_names

SOURCE = Path(__file__).parents[2] / "docs/states/pages.py"
SCRIPT = runpy.run_path(str(SOURCE))
PAGES = SCRIPT["pages"]()


def test_every_state_has_a_page_and_there_is_no_other() -> None:
    assert set(PAGES) == {"README.md", *(f"{name.replace('_', '-')}.md" for name in state_names())}
    assert {file.name for file in SOURCE.parent.glob("*.md")} == set(PAGES)


@pytest.mark.parametrize("name", PAGES)
def test_a_page_is_what_the_folder_says(name: str) -> None:
    assert (SOURCE.parent / name).read_text("utf-8") == PAGES[name], "write them: python docs/states/pages.py"


@pytest.mark.parametrize("name", state_names())
def test_every_example_of_a_spelling_is_understood(name: str) -> None:
    for text in SCRIPT["_document"](state(name), "statutes.toml")["examples"]:
        found = state(name).statutes.normalize(text)
        assert found.is_known or found.inchoate, text
