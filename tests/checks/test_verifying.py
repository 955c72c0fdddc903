"""`clearscale verify`: every file that is damaged is named, with what to do, and only those."""

import json
import shutil
from pathlib import Path

import pytest

import clearscale
from clearscale.commands import main
from clearscale.errors import RunError, StoreError
from tests.support.damaging import damage
from tests.support.samples import extract, ingest, put
from tests.support.uses import prepare


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("verify") / "whole"
    prepare(folder)
    return folder


@pytest.fixture
def folder(whole: Path, tmp_path: Path) -> Path:
    shutil.copytree(whole, tmp_path / "folder")
    return tmp_path / "folder"


def test_what_is_whole(whole: Path) -> None:
    found = clearscale.verify(whole / "store")
    files = [path for path in (whole / "store").rglob("*") if path.is_file()]
    assert found.files == len(files), "records are in both snapshots, and looked at once"
    assert found.damaged == ()
    for name in ("run", "sweep"):
        found = clearscale.verify(run=whole / name)
        assert found.files == len([path for path in (whole / name).rglob("*") if path.is_file()])
        assert not found.damaged


@pytest.mark.long
@pytest.mark.parametrize("part", ["store", "run", "sweep"])
def test_every_file_that_is_damaged_is_named(part: str, whole: Path, folder: Path) -> None:
    for path in sorted((folder / part).rglob("*")):
        if not path.is_file():
            continue
        content = path.read_bytes()
        path.write_bytes(content[:-1] + bytes([content[-1] ^ 1]))
        found = clearscale.verify(**{"store" if part == "store" else "run": folder / part})
        assert [damage.file for damage in found.damaged] == [str(path)]
        assert "what was written" in found.damaged[0].what or "whole JSON" in found.damaged[0].what
        path.write_bytes(content)


def test_an_earlier_snapshot_without_its_manifest(folder: Path) -> None:
    first = min((folder / "store" / "snapshots").iterdir()) / "manifest.json"
    first.unlink()
    (damage,) = clearscale.verify(folder / "store").damaged
    assert (damage.file, damage.what) == (str(first), "missing")


def test_a_damaged_ledger(folder: Path) -> None:
    clearscale.purge(folder / "store", quarantine=True)
    whole = clearscale.verify(folder / "store")
    assert whole.files == len([path for path in (folder / "store").rglob("*") if path.is_file()])
    ledger = folder / "store" / "purged.json"
    ledger.write_bytes(ledger.read_bytes().replace(b'"purge"', b'"prune"'))
    (damage,) = clearscale.verify(folder / "store").damaged
    assert (damage.file, damage.remedy) == (str(ledger), "put the file back from a copy of the store")


def test_the_command(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    def verify(*words: str) -> int:
        with pytest.raises(SystemExit) as left:
            main.main(["verify", "--quiet", *words])
        assert isinstance(left.value.code, int)
        return left.value.code

    assert verify("--store", str(folder / "store"), "--run", str(folder / "run")) == 0
    assert capsys.readouterr() == ("", "")
    [cut], gone = (folder / "store" / "quarantine").rglob("*.parquet"), folder / "run" / "summary.json"
    cut.write_bytes(cut.read_bytes()[:100])
    gone.unlink()
    assert verify("--store", str(folder / "store"), "--run", str(folder / "run"), "--json") == 1
    said = capsys.readouterr()
    document = json.loads(said.out)
    assert [damage["file"] for damage in document["damaged"]] == [str(cut), str(gone)]
    first, second = said.err.splitlines()
    assert first.startswith(f"clearscale: {cut}: is damaged (100 bytes where ")
    assert second.startswith(f"clearscale: {gone}: is missing; run the same `clearscale run` command again")
    assert verify() == 2


def test_a_store_without_its_manifest(folder: Path, tmp_path: Path) -> None:
    """It is no empty store: an ingest does not begin anew in it."""
    manifest = folder / "store" / "manifest.json"
    content = manifest.read_bytes()
    manifest.unlink()
    with pytest.raises(StoreError, match=r"manifest.json: is missing; copy manifest.json of the newest"):
        ingest(put(tmp_path, "a.csv", extract("FRESNO", 3, 5)), folder / "store")
    newest = max((folder / "store" / "snapshots").iterdir())
    shutil.copy(newest / "manifest.json", manifest)
    assert manifest.read_bytes() == content
    assert not clearscale.verify(folder / "store").damaged


def test_what_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="there is no store"):
        clearscale.verify(tmp_path / "none")
    with pytest.raises(RunError, match="there is no finished run"):
        clearscale.verify(run=tmp_path / "none")


@pytest.mark.long
def test_a_damage_generator_that_damages(folder: Path) -> None:
    """What the other tests rest on: each kind of damage is found."""
    seen = set()
    for seed in range(40):
        shutil.copytree(folder / "store", folder / str(seed))
        done = damage(folder / str(seed), seed)
        found = {named.file for named in clearscale.verify(folder / str(seed)).damaged}
        assert found & {str(file) for file in done.files}, done
        seen.add(done.kind)
        shutil.rmtree(folder / str(seed))
    assert len(seen) == 7
