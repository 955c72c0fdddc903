"""All files that an ingest refuses are told at once, each in the words that it has alone."""

from pathlib import Path

import pytest

import clearscale
from clearscale.errors import ExtractError
from clearscale.store.ingest import refusals
from clearscale.store.ingest.refusals import Refusals
from clearscale.synth import fabricate, fabricate_charges
from tests.formats.made import COOK
from tests.support.samples import put


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> list[bytes]:
    """Two fabricated extracts, in which nothing is doubtful beyond what is told."""
    folder = tmp_path_factory.mktemp("made")
    fabricate(str(folder), counties=2, people=30, seed=1)
    return [path.read_bytes() for path in sorted(folder.glob("*.csv"))]


def damaged(folder: Path, content: bytes) -> dict[str, str]:
    """Write extracts that are refused at different steps: part of what is said of each, by its path."""
    lines = content.splitlines(keepends=True)
    wrong = {
        "cut.csv": (b"".join(lines[:-1]) + lines[-1][:40], "Take it out, or ask for the file again"),
        "header.csv": (b"".join([lines[0].replace(b"RECORD_ID", b"OTHER"), *lines[1:]]), "lacks RECORD_ID"),
        "empty.csv": (b"", "nothing-usable"),
        "packed.csv.gz": (b"\x1f\x8b\x08 no gzip", "cannot be decompressed"),
    }
    return {put(folder, name, content): said for name, (content, said) in wrong.items()}


def test_each_bad_extract_of_a_folder_is_told_as_it_is_alone(made: list[bytes], tmp_path: Path) -> None:
    bad = damaged(tmp_path / "in", made[0])
    put(tmp_path / "in", "good.csv", made[1])
    alone = {}
    for number, path in enumerate(bad):
        with pytest.raises(ExtractError) as refused:
            clearscale.ingest(path, tmp_path / f"store-{number}")
        alone[path] = list(refused.value.args)
    with pytest.raises(ExtractError) as refused:
        clearscale.ingest(tmp_path / "in", tmp_path / "store")
    head, *lines = refused.value.args
    assert head == "4 extracts are refused, and nothing was stored:"
    assert sorted(lines) == sorted(line for told in alone.values() for line in told)
    for path, said in bad.items():
        assert any(Path(path).name.partition(".")[0] in line for line in alone[path])
        assert any(said in line for line in alone[path]), alone[path]
    for path in bad:
        Path(path).unlink()
    assert clearscale.ingest(tmp_path / "in", tmp_path / "store").added == ("good.csv",)


@pytest.mark.parametrize("how", ["statewide", "dry_run", "twice"])
def test_however_they_are_taken(how: str, made: list[bytes], tmp_path: Path) -> None:
    bad = damaged(tmp_path / "in", made[0])
    if how == "twice":  # a store that has one already
        clearscale.ingest(put(tmp_path, "good.csv", made[1]), tmp_path / "store")
    chosen = [path for path, said in bad.items() if said != "nothing-usable"]
    with pytest.raises(ExtractError, match="3 extracts are refused"):
        clearscale.ingest(chosen, tmp_path / "store", statewide=how == "statewide", dry_run=how == "dry_run")


def test_files_whose_county_nobody_knows_are_told_together(made: list[bytes], tmp_path: Path) -> None:
    rows = [content.splitlines(keepends=True) for content in made]
    both = [
        put(tmp_path, f"{place}.csv", b"".join([own[0], own[1]])) for place, own in zip("ab", rows, strict=True)
    ]
    with pytest.raises(ExtractError) as refused:
        clearscale.ingest(both, tmp_path / "store")
    said = str(refused.value)
    assert "a.csv: its records do not tell which county" in said
    assert "b.csv: its records do not tell which county" in said


def test_many_are_told_in_part(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(refusals, "MOST", 2)
    met = Refusals("files")
    for number in range(4):
        met.add(ExtractError(f"{number}.csv: wrong"))
    with pytest.raises(ExtractError) as refused:
        met.require_none()
    assert refused.value.args == (
        "4 files are refused, and nothing was stored:",
        "0.csv: wrong",
        "1.csv: wrong",
        "2 more files are refused; mend these, and the command tells the others.",
    )


def test_files_of_charges(tmp_path: Path) -> None:
    good = Path(fabricate_charges(str(tmp_path / "made"), COOK, people=10, seed=1).path)
    lines = good.read_bytes().splitlines(keepends=True)
    made = {
        "short.csv": b"".join([lines[0], *lines[1:4]]).replace(b",", b"", 3),
        "header.csv": b"".join([b"x" + lines[0], *lines[1:4]]),
        "cut.csv": b"".join(lines[:5]) + b'"never closed\n',
    }
    for name, content in made.items():
        put(tmp_path / "in", name, content)
    put(tmp_path / "in", "good.csv", good.read_bytes())
    with pytest.raises(ExtractError) as refused:
        clearscale.ingest_charges(sorted((tmp_path / "in").glob("*.csv")), tmp_path / "store", "il-cook-clerk")
    assert "3 files are refused" in str(refused.value)
    assert all(name in str(refused.value) for name in made)
