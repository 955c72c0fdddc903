"""A state's folder: found by its name, and every file in it is read by somebody."""

import tomllib
from pathlib import Path

import pytest

import clearscale.law
from clearscale.law import state
from clearscale.law.catalog import MARKS, RELIEF
from clearscale.policy import PACKS

FOLDER = Path(clearscale.law.__file__).parent


@pytest.mark.parametrize("name", ["Atlantis", "", "../law", "__pycache__/x"])
def test_a_state_without_a_folder_is_refused(name: str) -> None:
    with pytest.raises(ValueError, match="there is no state"):
        state(name)


def test_a_state_is_read_once() -> None:
    assert state() is state()
    assert state().charges is state().charges


def test_policies_are_the_files_of_the_state() -> None:
    files = sorted((FOLDER / state().name / "policies").iterdir())
    assert sorted(file.stem for file in files) == list(PACKS)
    for file in files:
        assert state().policies.read(file.stem) == file.read_bytes()


def test_charges_are_the_files_of_the_state() -> None:
    files = sorted((FOLDER / state().name / "charges").iterdir())
    assert [file.stem for file in files] == list(state().charges.lists)
    for file in files:
        stated, read = tomllib.loads(file.read_text("utf-8")), state().charges.lists[file.stem]
        assert {**stated, "name": file.stem} == {
            "name": read.name,
            "title": read.title,
            "mark": read.mark,
            "sources": list(read.sources),
            "patterns": list(read.patterns),
        }
    assert sorted(each.mark for each in state().charges.lists.values()) == sorted([RELIEF, *MARKS])
