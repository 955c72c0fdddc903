"""A run whose store, or which itself, lies elsewhere than when it was made."""

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

import clearscale
from clearscale.commands import main
from clearscale.errors import RunError, StoreError
from clearscale.io.files import Folder
from clearscale.runs.located import AT, located
from clearscale.runs.stores import open_store_of
from tests.support.samples import decide, extract, ingest, put

COUNTY = "ALAMEDA"


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a store and a run of it."""
    folder = tmp_path_factory.mktemp("made")
    for county in (COUNTY, "FRESNO"):
        ingest(put(folder, f"{county}.csv", extract(county)), folder / "store", county=county)
    decide(folder / "store", folder / "runs/july")
    return folder


@pytest.fixture
def place(made: Path, tmp_path: Path) -> Iterator[Path]:
    """The same, moved together to another folder; where it was made, nothing is."""
    shutil.copytree(made, tmp_path / "moved")
    (made / "store").rename(made / "away")
    yield tmp_path / "moved"
    (made / "away").rename(made / "store")


def exported(run: clearscale.Run, out: Path) -> list[str]:
    return sorted(path.name for path in clearscale.export(run, COUNTY, out))


def test_a_run_finds_its_store_when_both_were_moved_together(place: Path, tmp_path: Path) -> None:
    run = clearscale.open_run(place / "runs/july")
    assert run.info["store"] == str(place / "store")
    assert "gogen.json" in exported(run, tmp_path / "out")


def test_a_store_that_was_moved_alone_is_named(place: Path, tmp_path: Path) -> None:
    (place / "store").rename(tmp_path / "elsewhere")
    with pytest.raises(StoreError, match=r"its store is not at .*/store any more; say where it is now with store"):
        exported(clearscale.open_run(place / "runs/july"), tmp_path / "out")
    run = clearscale.open_run(place / "runs/july", store=tmp_path / "elsewhere")
    assert open_store_of(run).folder.url == str(tmp_path / "elsewhere")
    assert "gogen.json" in exported(run, tmp_path / "out")


def test_the_commands_take_the_place_of_the_store(place: Path, tmp_path: Path) -> None:
    (place / "store").rename(tmp_path / "elsewhere")
    words = ["export", "--run", str(place / "runs/july"), "--county", COUNTY, "--out", str(tmp_path / "out"), "-q"]
    with pytest.raises(SystemExit) as leaving:
        main.main([*words, "--store", str(tmp_path / "elsewhere")])
    assert leaving.value.code == 0
    assert (tmp_path / "out/gogen.json").exists()


def test_another_store_is_refused(made: Path, tmp_path: Path) -> None:
    ingest(put(tmp_path, "yolo.csv", extract("YOLO")), tmp_path / "other", county="YOLO")
    with pytest.raises(RunError, match=r"other: does not hold snapshot 000002-"):
        clearscale.open_run(made / "runs/july", store=tmp_path / "other")


def test_records_that_were_destroyed_in_a_store_that_was_moved_make_the_run_void(place: Path) -> None:
    held = clearscale.open_store(place / "store").manifest.extracts[0]
    clearscale.purge(place / "store", extract=held.id)
    with pytest.raises(RunError, match="is void"):
        clearscale.open_run(place / "runs/july")


@pytest.mark.parametrize(
    ("here", "made_at", "store", "found"),
    [
        ("s3://b/new/runs/july", "s3://b/old/runs/july", "s3://b/old/store", "s3://b/new/store"),
        ("s3://c/runs/july", "s3://b/runs/july", "s3://b/store", "s3://c/store"),
        ("s3://b/runs/july", "s3://b/runs/july", "s3://b/store", None),
        ("s3://c/runs/july", "s3://b/runs/july", "s3://a/store", None),
        ("s3://c/runs/july", "/data/runs/july", "/data/store", "s3://c/store"),
        ("s3://c/july", "s3://b/runs/july", "s3://b/store", "s3://c/store"),
    ],
)
def test_where_a_store_lies_that_was_moved_with_its_run(
    here: str, made_at: str, store: str, found: str | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("clearscale.runs.located.holds_store", lambda url: url != store)
    info: dict[str, Any] = {"store": store, "snapshot": "000001", AT: made_at}
    assert located(Folder(here), info)["store"] == (found or store)
