"""Folders that are named in place of files."""

from pathlib import Path

import pytest

from clearscale.errors import ExtractError
from clearscale.io.folders import is_another, named_files, near_folder


def test_a_folder_gives_its_files_of_records_in_order_and_names_the_others(tmp_path: Path) -> None:
    names = ("b.csv", "a.CSV.gz", "c.txt.zst", "d.parquet", "truth.json", "notes.md", ".hidden.csv")
    for name in names:
        (tmp_path / name).touch()
    (tmp_path / "more.csv").mkdir()
    found = named_files(["first.csv", str(tmp_path), "s3://bucket/*.csv"])
    inside = [str(tmp_path / name) for name in ("a.CSV.gz", "b.csv", "c.txt.zst", "d.parquet")]
    assert list(found.files) == ["first.csv", *inside, "s3://bucket/*.csv"]
    assert found.left_out == ("notes.md", "truth.json")


def test_a_folder_without_extracts_is_refused(tmp_path: Path) -> None:
    (tmp_path / "truth.json").touch()
    with pytest.raises(ExtractError, match=r"is a folder without extracts: no name in it ends in \.csv"):
        named_files([str(tmp_path)])


def test_a_near_folder_is_asked_for_only_where_it_holds_the_file(tmp_path: Path) -> None:
    for name in ("store", "stone"):
        (tmp_path / name).mkdir()
    (tmp_path / "store" / "manifest.json").touch()
    assert near_folder(str(tmp_path / "stroe"), "manifest.json") == f"; did you mean {tmp_path / 'store'}?"
    assert near_folder(str(tmp_path / "elsewhere"), "manifest.json") == ""
    assert near_folder(str(tmp_path / "none" / "store"), "manifest.json") == ""
    assert near_folder("s3://bucket/stroe", "manifest.json") == ""


def test_a_folder_that_holds_another_thing_is_said_to(tmp_path: Path) -> None:
    for name, mark in (("july", "run.json"), ("ages", "sweep.json")):
        (tmp_path / name).mkdir()
        (tmp_path / name / mark).touch()
    assert is_another(str(tmp_path / "july")) == "a run"
    assert is_another(str(tmp_path / "ages")) == "a sweep"
    assert is_another(str(tmp_path)) == ""
