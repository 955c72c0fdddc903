"""A state's folder: found by its name, and every file in it is read by somebody."""

import tomllib
from pathlib import Path

import pytest

import clearscale.law
from clearscale.law import Catalog, state
from clearscale.law.catalog import BITS, NEAR, PAIRED, RELIEF
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
        assert read.name == file.stem
        for key, value in stated.items():
            said = getattr(read, key)
            assert (list(said) if isinstance(said, tuple) else said) == value
    assert sorted(charges.mark for charges in state().charges.lists.values()) == sorted(
        [RELIEF, NEAR, *BITS, *PAIRED]
    )


def test_each_section_has_its_subject() -> None:
    relief = state().charges.marked(RELIEF)
    assert len(relief.subjects) == len(relief.patterns) == 4


def test_pairs_are_no_part_of_a_store_s_digest() -> None:
    alone = Catalog(
        {name: charges for name, charges in state().charges.lists.items() if charges.mark not in (*PAIRED, NEAR)}
    )
    assert alone.digest() == state().charges.digest()
    fewer = dict(state().charges.lists)
    fewer["related"] = fewer["related"]._replace(patterns=fewer["related"].patterns[1:])
    assert Catalog(fewer).digest() != state().charges.digest()


def test_an_example_is_on_its_list() -> None:
    related = state().charges.marked("related")
    assert state().charges.classify(related.example.encode()).flags & BITS["related"]
