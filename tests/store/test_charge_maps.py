"""What a map's digest in a manifest is of: all by which files are read, and nothing that people only look at."""

import shutil
from pathlib import Path

import pytest

from clearscale.formats import load_map
from clearscale.law import State, state
from clearscale.store import charge_manifest


@pytest.mark.parametrize(
    ("file", "old", "new", "same"),
    [
        ("statutes", "# How records", "# In which way records", True),
        ("statutes", 'confidence = "K"', 'confidence = "M"', True),
        ("statutes", '  "PL 110",\n', "", True),
        ("places", "# New York's counties", "# Counties", True),
        ("statutes", "SECTIONS?", "SECTION", False),
        ("places", '"Brooklyn"', '"Brooklyn", "Coney Island"', False),
    ],
)
def test_the_digest_is_of_what_says_how_files_are_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, file: str, old: str, new: str, same: bool
) -> None:
    stated = load_map("ny-court-dispositions")
    before = charge_manifest.map_of(stated)["digest"]
    folder = tmp_path / "new_york"
    folder.mkdir()
    for name in ("statutes.toml", "places.toml"):
        with (folder / name).open("wb") as copy:
            shutil.copyfileobj(state("new_york").folder.joinpath(name).open("rb"), copy)
    changed = folder / f"{file}.toml"
    text = changed.read_text("utf-8")
    assert old in text
    changed.write_text(text.replace(old, new), "utf-8")
    monkeypatch.setattr(charge_manifest, "state", lambda name: State(name, folder))
    assert (charge_manifest.map_of(stated)["digest"] == before) is same
