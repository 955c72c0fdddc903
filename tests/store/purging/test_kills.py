"""A purge that is killed: the store is as before or as after, or says what to do, and the same command ends it."""

import random
import shutil
import subprocess
import sys
import time
from pathlib import Path

import pytest

import clearscale
from clearscale.errors import StoreError
from clearscale.store import open_store
from clearscale.store.manifest import UnderWayError
from tests.support.canary import NUMBER, WORDS, found_below
from tests.support.examples import at_length
from tests.support.samples import Interrupted, decide
from tests.support.stopping import Steps
from tests.support.waiting import PATIENCE

KILLS = 50
STATES = {"before", "under way", "after"}

CHILD = """
import sys
import clearscale
from clearscale.store.purging import purge
clearscale.purge
print("ready", flush=True)
sys.stdin.readline()
clearscale.purge(sys.argv[1], cii=sys.stdin.readline().strip(), made=sys.argv[2:])
"""


def state_of(store: Path) -> str:
    """Whether the store is as before or as after, each whole, or a purge is under way, as every reader is told."""
    if b"under_way" in (store / "manifest.json").read_bytes():
        with pytest.raises(UnderWayError, match="interrupted; run the same `clearscale purge` command again"):
            open_store(str(store))
        names = [path.name for path in (store / "snapshots").iterdir() if path.is_dir()]
        for read in (
            lambda: open_store(str(store), names[0]),
            lambda: clearscale.verify(store),
            lambda: clearscale.check(store),
            lambda: clearscale.purge(store, cii=NUMBER, dry_run=True),
        ):
            with pytest.raises(StoreError, match="a purge is under way, or was interrupted"):
                read()
        return "under way"
    assert clearscale.verify(store).damaged == ()
    numbers = open_store(str(store)).table("people", ["cii_number"]).column("cii_number").to_pylist()
    return "before" if NUMBER.encode() in numbers else "after"


def finished(store: Path, folder: Path, *made: Path) -> None:
    """The same command again leaves nothing of the person, and what every other purge leaves."""
    clearscale.purge(store, cii=NUMBER, made=made)
    assert found_below(folder) == {}
    assert state_of(store) == "after"
    assert not (store / "purging").exists()
    assert not (store / "staging").exists()
    again = clearscale.purge(store, cii=NUMBER)
    assert again.nothing
    assert again.leftovers == ()


@pytest.mark.long
def test_a_purge_may_stop_before_any_step(
    everywhere: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    spare = tmp_path / "spare"
    shutil.copytree(everywhere, spare)
    with monkeypatch.context() as patch:
        steps = Steps(patch)
        clearscale.purge(spare, cii=NUMBER)
    expected = open_store(str(spare)).manifest.counts
    shutil.rmtree(spare)
    met = set()
    for stop in at_length(range(steps.done)):
        store = tmp_path / str(stop)
        shutil.copytree(everywhere, store)
        with monkeypatch.context() as patch:
            Steps(patch, stop)
            with pytest.raises(Interrupted):
                clearscale.purge(store, cii=NUMBER)
        met.add(state_of(store))
        finished(store, store)
        assert open_store(str(store)).manifest.counts == expected
        shutil.rmtree(store)
    assert met >= {"before", "under way"}


@pytest.mark.long
@pytest.mark.slow
def test_nothing_is_left_after_a_kill_at_any_moment(
    everywhere_once: Path,
    tmp_path: Path,
    tmp_path_factory: pytest.TempPathFactory,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    temporary = tmp_path / "tmp"
    temporary.mkdir()
    monkeypatch.setenv("TMPDIR", str(temporary))
    chance, seconds = random.Random(8), 0.0
    met = []
    store, made, kept = tmp_path / "store", (tmp_path / "run", tmp_path / "export"), tmp_path_factory.mktemp("kept")
    shutil.copytree(everywhere_once / "store", store)
    decide(store, kept / "run")
    clearscale.export(kept / "run", "YOLO", kept / "export")
    assert all(found_below(kept / path.name) for path in made)
    shutil.rmtree(store)
    least = len(at_length(range(KILLS)))
    for number in range(KILLS + 1):
        if number > least and {*met} == STATES:
            break
        shutil.copytree(everywhere_once / "store", store)
        for path in made:
            shutil.copytree(kept / path.name, path)
        process = subprocess.Popen(
            [sys.executable, "-c", CHILD, str(store), *map(str, made)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        assert process.stdin is not None
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
        began = time.monotonic()
        process.stdin.write(f"\n{NUMBER}\n")
        process.stdin.flush()
        if number:
            time.sleep(chance.random() * seconds)
            process.kill()
        printed = process.communicate(timeout=PATIENCE)
        seconds = seconds or time.monotonic() - began
        assert not any(word.decode() in "".join(printed) for word in WORDS)
        met.append(state_of(store))
        finished(store, tmp_path, *made)
        shutil.rmtree(store)
    assert met[0] == "after"
    assert {*met} == STATES
