"""Results that go with a purge, by commands that are killed: the same command ends it, and leaves nothing."""

import shutil
from collections.abc import Callable
from itertools import count
from pathlib import Path

import pytest

import clearscale
from clearscale.api.made import destroyed, made_at
from clearscale.errors import RunError
from clearscale.io.encryption.keys import new_key
from tests.support.canary import NUMBER
from tests.support.samples import AS_OF, OPTIONS, Interrupted, InterruptingCluster, decide, put
from tests.support.stopping import Removals


def unfinished(store: Path, out: Path) -> None:
    with pytest.raises(Interrupted):
        decide(store, out, InterruptingCluster("write results"))


def compared(store: Path, out: Path) -> None:
    runs = [clearscale.run(store, OPTIONS, day, out.parent / day) for day in (AS_OF, "2021-07-01")]
    clearscale.diff(*runs, out=out)


def encrypted(store: Path, out: Path) -> None:
    key = out.parent / "key"
    key.touch(0o600)
    key.write_text(new_key())
    clearscale.copy_encrypted(decide(store, out.parent / "run").folder.url, out, f"file:{key}")


RESULTS: dict[str, Callable[[Path, Path], object]] = {
    "run": decide,
    "unfinished run": unfinished,
    "encrypted run": encrypted,
    "sweep": lambda store, out: clearscale.sweep(store, OPTIONS, AS_OF, "subjectAgeThreshold=40,50", out),
    "comparison": compared,
    "county's files": lambda store, out: clearscale.export(decide(store, out.parent / "run"), "YOLO", out),
    "workbook": lambda store, out: clearscale.export(decide(store, out.parent / "run"), "YOLO", out, xlsx=True),
    "all counties": lambda store, out: clearscale.export_all(decide(store, out.parent / "run"), out),
    "papers": lambda store, out: clearscale.packet(decide(store, out.parent / "run"), out, county="YOLO"),
}


@pytest.fixture(scope="session")
def results(everywhere_once: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a result of every kind, made from records that were destroyed afterwards."""
    folder = tmp_path_factory.mktemp("results")
    store = folder / "store"
    shutil.copytree(everywhere_once / "store", store)
    for kind, make in RESULTS.items():
        (folder / kind).mkdir()
        make(store, folder / kind / "result")
    clearscale.purge(store, cii=NUMBER)
    return folder


@pytest.fixture(scope="session")
def removals() -> Removals:
    return Removals()


@pytest.mark.parametrize("kind", RESULTS)
def test_it_may_be_killed_before_anything_is_removed(
    kind: str, results: Path, in_memory: Path, removals: Removals
) -> None:
    folder = in_memory / "result"
    for number in count():
        shutil.copytree(results / kind / "result", folder)
        killed = False
        with removals.killed_before(number):
            try:
                destroyed(made_at([str(folder)]))
            except Interrupted:
                killed = True
        if not killed:
            break
        assert destroyed(made_at([str(folder)])) == (str(folder),)
        assert not folder.exists(), f"killed before removal {number}"
    assert number > 2
    assert not folder.exists()


def test_a_folder_with_something_else_is_left_as_it_is(everywhere: Path, tmp_path: Path) -> None:
    put(tmp_path, "mine/.hidden", b"mine")
    with pytest.raises(RunError, match="holds no run, sweep, comparison, papers or county's files"):
        clearscale.purge(everywhere, cii=NUMBER, made=tmp_path / "mine")
    assert (tmp_path / "mine/.hidden").read_bytes() == b"mine"
