"""Parts of files, many in one call: those that were asked for, wherever the files are and however encrypted."""

import random
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clearscale import make_key
from clearscale.errors import StorageError
from clearscale.io.encryption import Encryption
from clearscale.io.files import Folder
from clearscale.io.parts import FilePart, whole_file

FRAME = 2**20
LENGTHS = {"none": 0, "short": 999, "a-frame": FRAME, "frames": 3 * FRAME, "more": 2 * FRAME + 5}
"""Of files, by their names."""

CONTENTS = {name: random.Random(length).randbytes(length) for name, length in LENGTHS.items()}

EDGES = (0, 1, FRAME - 1, FRAME, FRAME + 1, 2 * FRAME, 2 * FRAME + 5, 3 * FRAME)


@pytest.fixture(scope="module", params=["local", "memory"])
def folders(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> list[Folder]:
    """A plain folder and an encrypted one with the same files."""
    place = tmp_path_factory.mktemp("parts")
    make_key(place / "key")
    encryption = Encryption.new(f"file:{place / 'key'}")
    root = str(place) if request.param == "local" else f"memory://{place.name}"
    made = [Folder(f"{root}/plain"), Folder(f"{root}/encrypted", encryption=encryption)]
    for folder in made:
        for name, content in CONTENTS.items():
            folder.write(name, content)
    return made


@st.composite
def parts(draw: st.DrawFn) -> FilePart:
    name = draw(st.sampled_from(sorted(LENGTHS)))
    length = LENGTHS[name]
    places = st.one_of(st.integers(0, length), st.sampled_from([edge for edge in EDGES if edge <= length]))
    start, end = sorted((draw(places), draw(places)))
    return FilePart(name, start, end, length)


@given(asked=st.lists(parts(), max_size=8))
def test_parts_are_what_was_asked_for(folders: list[Folder], asked: list[FilePart]) -> None:
    asked = [part for part in asked if part.end > part.start]
    for folder in folders:
        found = [part.to_pybytes() for part in folder.read_parts(asked)]
        assert found == [CONTENTS[part.name][part.start : part.end] for part in asked]


def test_whole_files(folders: list[Folder]) -> None:
    names = [name for name in CONTENTS if CONTENTS[name]]
    for folder in folders:
        found = folder.read_parts([whole_file(name, LENGTHS[name]) for name in names])
        assert [part.to_pybytes() for part in found] == [CONTENTS[name] for name in names]
        assert folder.read_parts([]) == []


def test_a_file_that_is_not_there_or_shorter(folders: list[Folder]) -> None:
    for folder in folders:
        with pytest.raises(FileNotFoundError, match="absent"):
            folder.read_parts([whole_file("short", 999), whole_file("absent", 5)])
        with pytest.raises(StorageError, match=r"short: cannot be read \(it is shorter than it was written"):
            folder.read_parts([FilePart("short", 900, 2000, 2000)])


def test_what_was_not_encrypted_with_the_key_is_told_by_its_file(folders: list[Folder]) -> None:
    plain, encrypted = folders
    for start in (0, FRAME + 7):
        with pytest.raises(OSError, match="not what was encrypted") as error:
            Folder(plain.url, encryption=encrypted.encryption).read_parts(
                [FilePart("more", start, start + 9, FRAME + 99)]
            )
        assert Path(str(error.value.filename)).name == "more"
