"""A power cut leaves the old snapshot or the new one, and the same command goes on from whatever it left."""

import random
import shutil
from pathlib import Path

import pytest

from clearscale.runs import open_run
from clearscale.store import open_store
from clearscale_cluster.places.embedded import EmbeddedCluster
from tests.support.examples import at_length, is_long
from tests.support.power import ForgetfulDisk, PowerCut
from tests.support.samples import answers, contents, decide, extract, ingest, put

CUTS = at_length(range(250)) if is_long() else range(8)
BLOCK_BYTES = 5000


@pytest.fixture(scope="module")
def earlier(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A store with one county in it, and an extract that is to come."""
    folder = tmp_path_factory.mktemp("earlier")
    ingest(put(folder, "yolo.csv", extract("YOLO", 2, 10)), folder / "store", buckets=2)
    put(folder, "alameda.csv", extract("ALAMEDA", 1, 15) + b"not a record\n")
    return folder


def take_in(folder: Path) -> None:
    named, store, cluster = str(folder / "alameda.csv"), folder / "store", EmbeddedCluster(1)
    with pytest.MonkeyPatch.context() as patch:  # in several blocks, for fixtures as well
        patch.setattr("clearscale.extract.reading._LONGEST_OPENING", 2000)
        patch.setattr("clearscale.store.ingest.refolding.FEWEST_ROWS", 0)  # with buckets of the snapshot before
        ingest(named, store, quarantine=True, block_bytes=BLOCK_BYTES, cluster=cluster)


def again(earlier: Path, folder: Path) -> Path:
    shutil.copytree(earlier, folder)
    return folder


@pytest.fixture(scope="module")
def uninterrupted(earlier: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    folder = again(earlier, tmp_path_factory.mktemp("uninterrupted") / "folder")
    take_in(folder)
    assert len({held.snapshot for held in open_store(str(folder / "store")).manifest.held}) == 2
    return contents(folder / "store")


@pytest.fixture(scope="module")
def events(earlier: Path, tmp_path_factory: pytest.TempPathFactory) -> int:
    """How many flushes and renames an ingest has."""
    folder = again(earlier, tmp_path_factory.mktemp("events") / "folder")
    with pytest.MonkeyPatch.context() as patch:
        disk = ForgetfulDisk(folder / "store", patch)
        take_in(folder)
    return disk.events


@pytest.mark.sampled
def test_a_power_cut_at_any_moment(
    earlier: Path, uninterrupted: dict[str, bytes], events: int, tmp_path: Path
) -> None:
    before = open_store(str(earlier / "store")).manifest.snapshot
    seen = set()
    for number in CUTS:
        chance = random.Random(number)
        folder = again(earlier, tmp_path / str(number))
        with pytest.MonkeyPatch.context() as patch:
            disk = ForgetfulDisk(folder / "store", patch, after=chance.randrange(events))
            with pytest.raises(PowerCut):
                take_in(folder)
        keep(disk, folder, earlier)
        lost = disk.lose(chance)
        held = open_store(str(folder / "store"))
        seen.add(held.manifest.snapshot == before)
        if held.manifest.snapshot != before:
            for path in held.files.seals:
                held.files.compare(path)
        take_in(folder)
        assert contents(folder / "store") == uninterrupted, f"cut {number}, lost {lost}"
        shutil.rmtree(folder)
    assert True in seen


def keep(disk: ForgetfulDisk, folder: Path, earlier: Path) -> None:
    """What was there before lies on the disk for good."""
    for path in (earlier / "store").rglob("*"):
        there = folder / "store" / path.relative_to(earlier / "store")
        if path.is_file() and there.read_bytes() == path.read_bytes():
            disk.known(there)


def test_what_was_committed_survives(
    earlier: Path, uninterrupted: dict[str, bytes], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """After an ingest has ended nothing that it wrote can be lost."""
    folder = again(earlier, tmp_path / "folder")
    disk = ForgetfulDisk(folder / "store", monkeypatch)
    take_in(folder)
    keep(disk, folder, earlier)
    for seed in range(5):
        assert disk.lose(random.Random(seed)) == []
    assert contents(folder / "store") == uninterrupted


def test_a_finished_run_survives(earlier: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    disk = ForgetfulDisk(tmp_path / "run", monkeypatch)
    decide(earlier / "store", tmp_path / "run", EmbeddedCluster(1))
    assert disk.lose(random.Random(1)) == []


@pytest.mark.sampled
def test_an_interrupted_run_is_made_anew(earlier: Path, tmp_path: Path) -> None:
    decide(earlier / "store", tmp_path / "expected", EmbeddedCluster(1))
    with pytest.MonkeyPatch.context() as patch:
        disk = ForgetfulDisk(tmp_path / "count", patch)
        decide(earlier / "store", tmp_path / "count", EmbeddedCluster(1))
    for after in range(0, disk.events, 1 if is_long() else 4):
        out = tmp_path / f"run-{after}"
        with pytest.MonkeyPatch.context() as patch:
            disk = ForgetfulDisk(out, patch, after)
            with pytest.raises(PowerCut):
                decide(earlier / "store", out, EmbeddedCluster(1))
            if out.exists():
                disk.lose(random.Random(after))
        decide(earlier / "store", out, EmbeddedCluster(1))
        assert answers(out) == answers(tmp_path / "expected")
        assert open_run(str(out)).summary
