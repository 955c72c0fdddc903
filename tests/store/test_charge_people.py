"""Charges of people without a key in a store, with the people that a linking found."""

import shutil
from pathlib import Path

import numpy as np
import pytest

import clearscale
from clearscale.charges.tables import Mark
from clearscale.commands.main import main
from clearscale.errors import ExtractError, StoreError
from clearscale.linking.linker import Linked, link_files
from clearscale.store.charge_store import open_charges
from tests.linking.made import NAMED, STATED, put, rows
from tests.support.samples import contents

pytest.importorskip("splink")

OTHER = {"first": "Mary", "middle": "", "last": "Jones", "birth_date": "1980-04-05", "sex": "F"}
PEOPLE = ({}, {"middle": "Q"}, OTHER, {"first": "James", "middle": ""}, OTHER | {"license": "D1"})
"""Two people of two charges each, and one who may be the first."""


@pytest.fixture(scope="module")
def once(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Linked]:
    """A folder with a file, its map, and its people."""
    folder = tmp_path_factory.mktemp("linked")
    (folder / "named.toml").write_text(NAMED)
    files = put(folder, charges=rows(*PEOPLE))
    return folder, link_files(files, STATED, str(folder / "people"))


@pytest.fixture
def linked(once: tuple[Path, Linked], tmp_path: Path) -> tuple[Path, Linked]:
    """The same for one test alone."""
    return Path(shutil.copytree(once[0], tmp_path / "linked")), once[1]


def take(folder: Path, store: str = "store", where: str = "threads:1", **options: object) -> None:
    options = {"people": folder / "people", "cluster": where, **options}
    clearscale.ingest_charges(folder / "charges.csv", folder / store, folder / "named.toml", **options)  # type: ignore[arg-type]


def sizes(store: Path) -> list[int]:
    """How many charges each person has."""
    opened = open_charges(store)
    tables = [opened.tables(bucket) for bucket in range(opened.buckets)]
    assert all("person" in part.words.told for part in tables)
    assert not any((part.people.marks & Mark.NO_KEY).any() for part in tables)
    return sorted(size for part in tables for size in np.diff(part.people.bounds).tolist())


def test_a_store_has_the_people_that_were_found(linked: tuple[Path, Linked]) -> None:
    folder, found = linked
    assert (found.people, found.people_with_doubtful) == (3, 2)
    take(folder)
    assert sizes(folder / "store") == [1, 2, 2]
    take(folder, "merged", with_doubtful=True)
    assert sizes(folder / "merged") == [2, 3]
    assert not clearscale.verify(folder / "store", cluster="threads:1").damaged


def test_other_people_are_for_another_store(linked: tuple[Path, Linked]) -> None:
    folder, _ = linked
    take(folder)
    before = contents(folder / "store")
    for options in ({"with_doubtful": True}, {"people": None}):
        with pytest.raises(StoreError, match="its people are of another table, or of none"):
            take(folder, **options)
    take(folder)
    assert contents(folder / "store") == before


def test_what_was_not_linked_is_refused(linked: tuple[Path, Linked]) -> None:
    folder, _ = linked
    put(folder, charges=rows(*PEOPLE, OTHER))
    with pytest.raises(ExtractError, match=r"charges\.csv: is not as it was linked"):
        take(folder)
    (folder / "charges.csv").rename(folder / "others.csv")
    with pytest.raises(ExtractError, match=r"others\.csv: was not linked"):
        clearscale.ingest_charges(
            folder / "others.csv", folder / "store", folder / "named.toml", people=folder / "people"
        )
    with pytest.raises(ExtractError, match="has a key of people"):
        clearscale.ingest_charges(
            folder / "others.csv", folder / "store", "generic-charges", people=folder / "people"
        )


@pytest.mark.slow
@pytest.mark.long
def test_worker_processes_read_the_same_people(linked: tuple[Path, Linked]) -> None:
    folder, _ = linked
    take(folder)
    take(folder, "other", where="local:2")
    assert sizes(folder / "other") == sizes(folder / "store")


def test_the_command(linked: tuple[Path, Linked], capsys: pytest.CaptureFixture[str]) -> None:
    folder, _ = linked
    words = ["ingest", str(folder / "charges.csv"), "--store", str(folder / "store"), "--quiet"]
    people, named = ["--people", str(folder / "people")], ["--format", str(folder / "named.toml")]
    for more, code, said in (
        (people, 2, "name their map with --format"),
        ([*named, "--with-doubtful"], 2, "name it with --people"),
        ([*named, *people, "--with-doubtful"], 0, ""),
    ):
        with pytest.raises(SystemExit) as left:
            main([*words, *more])
        assert left.value.code == code
        assert said in " ".join(capsys.readouterr().err.replace("│", " ").split())
    assert sizes(folder / "store") == [2, 3]
