"""Killed ingests and runs: nothing is lost, nothing half done is seen, and nothing is done twice."""

import json
import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from clearscale.errors import RunError
from clearscale.runs import open_run
from clearscale.runs.run import run as run_policy
from clearscale.store import open_store
from clearscale.store.ingest.ingest import ingest as ingest_extracts
from clearscale.store.ingest.settings import Settings
from clearscale.synth import fabricate
from clearscale_cluster import open_cluster
from clearscale_cluster.places.served import ServedCluster
from tests.support.examples import is_long, long
from tests.support.samples import AS_OF, POLICY, answers, contents, decide, extract, ingest, policy_file, put
from tests.support.waiting import PATIENCE, wait_until

pytestmark = pytest.mark.slow

BLOCK_BYTES = 2**18 if is_long() else 2**17
"""Some forty blocks for the extracts below."""

CHILD = """
import sys, time
from clearscale.store.ingest.ingest import ingest
from clearscale.store.ingest.settings import Settings
from clearscale_cluster import open_cluster

def hold(done, total, label):
    while label == {label!r} and done == total - {left}:
        time.sleep(0.01)

if __name__ == "__main__":
    with open_cluster("threads:1") as cluster:
        ingest(sys.argv[2:], sys.argv[1], cluster, Settings(block_bytes={block_bytes}), hold)
"""
"""An ingest that waits when so many of a pass's tasks are left, so that no interruption comes too late."""


@pytest.fixture(scope="module")
def two_counties(tmp_path_factory: pytest.TempPathFactory) -> list[str]:
    """Extracts of two counties, about 11,000 records, and at length 110,000."""
    folder = str(tmp_path_factory.mktemp("two-counties"))
    made = fabricate(folder, counties=2, people=1200 if is_long() else 120, seed=5)
    assert sum(extract.rows for extract in made) > (100_000 if is_long() else 10_000)
    return [extract.path for extract in made]


@pytest.fixture(scope="module")
def earlier(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A store with one county in it."""
    store = tmp_path_factory.mktemp("earlier") / "store"
    ingest(put(store.parent, "yolo.csv", extract("YOLO")), store)
    return store


@pytest.fixture(scope="module")
def uninterrupted(
    two_counties: list[str], earlier: Path, tmp_path_factory: pytest.TempPathFactory
) -> dict[str, bytes]:
    store = tmp_path_factory.mktemp("uninterrupted") / "store"
    shutil.copytree(earlier, store)
    ingest(two_counties, store, block_bytes=BLOCK_BYTES)
    return contents(store)


def markers(store: Path) -> dict[Path, int]:
    """When each finished block was finished."""
    return {path: path.stat().st_mtime_ns for path in store.glob("staging/*/*/*.json")}


@pytest.mark.parametrize(
    ("moment", "ending"),
    [
        ("read", signal.SIGKILL),
        long("fold", signal.SIGINT),
        long("read", signal.SIGINT),
        long("fold", signal.SIGKILL),
    ],
)
def test_a_killed_ingest_goes_on_where_it_stopped(
    ending: signal.Signals,
    moment: str,
    two_counties: list[str],
    earlier: Path,
    uninterrupted: dict[str, bytes],
    tmp_path: Path,
) -> None:
    store = tmp_path / "store"
    shutil.copytree(earlier, store)
    script = tmp_path / "child.py"
    label, left = {"read": ("read extracts", 8), "fold": ("fold histories", 1)}[moment]
    script.write_text(CHILD.format(block_bytes=BLOCK_BYTES, label=label, left=left))
    process = subprocess.Popen(
        [sys.executable, str(script), str(store), *two_counties], stderr=subprocess.PIPE, text=True
    )
    done = "snapshots/000002-*/.folded/bucket-*.json"  # the last that a bucket's task writes
    moments = {"read": lambda: len(markers(store)) >= 3, "fold": lambda: bool(list(store.glob(done)))}
    wait_until(moments[moment], process)
    process.send_signal(ending)
    _, errors = process.communicate(timeout=PATIENCE)
    assert process.returncode != 0
    assert "KeyboardInterrupt" in errors if ending == signal.SIGINT else errors == ""

    assert [entry.name for entry in open_store(str(store)).manifest.extracts] == ["yolo.csv"]
    assert decide(store, tmp_path / "between").counties.keys() == {"YOLO"}
    before = markers(store)
    folded = [path.parents[1] / "subjects" / f"{path.stem}.arrow" for path in store.glob(done)]
    buckets = {path: path.stat().st_mtime_ns for path in folded}
    assert before
    for folder in {path.parent for path in [*store.glob("records/*/*"), *buckets] if "yolo" not in str(path)}:
        (folder / ".writing-planted").write_bytes(b"as if killed in the midst of a write")

    redone: dict[Path, int] = {}

    def look(done: int, total: int, label: str) -> None:
        if label == "fold histories" and done == 0:
            redone.update(markers(store))

    with open_cluster("threads:2") as cluster:
        ingest_extracts(two_counties, str(store), cluster, Settings(block_bytes=BLOCK_BYTES), look)
    assert {path: redone[path] for path in before} == before, "finished blocks were read again"
    assert (len(redone) == len(before)) == (moment == "fold")
    assert {path: path.stat().st_mtime_ns for path in buckets} == buckets, "finished buckets were folded again"
    assert contents(store) == uninterrupted


def test_an_interrupted_command_says_how_to_go_on(two_counties: list[str], tmp_path: Path) -> None:
    store = tmp_path / "store"
    code = "from clearscale.commands.main import main; main()"
    endless = "import time; from clearscale.store.ingest import ingest; ingest.commit = lambda *_: time.sleep(3600)"
    command = ["ingest", *two_counties, "--store", str(store), "--cluster", "threads:1"]
    process = subprocess.Popen(
        [sys.executable, "-c", f"{endless}\n{code}", *command],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    wait_until(lambda: list(store.glob("records/*/*")), process)
    process.send_signal(signal.SIGINT)
    output, errors = process.communicate(timeout=PATIENCE)
    assert process.returncode == 130
    assert output == ""
    assert errors.splitlines()[-1] == (
        "clearscale: interrupted; nothing is half-written, and the same command again goes on from here"
    )
    assert "Traceback" not in errors
    done = subprocess.run([sys.executable, "-c", code, *command], capture_output=True, text=True, check=True)
    assert "extracts added" in done.stdout
    assert len(open_store(str(store)).manifest.extracts) == 2


class Killer:
    """A progress callback that kills one worker process in the midst of the pass with a label."""

    def __init__(self, cluster: ServedCluster, label: str) -> None:
        self._cluster, self._label, self.killed = cluster, label, 0

    def __call__(self, done: int, total: int, label: str) -> None:
        if label == self._label and not self.killed and done:
            pids = self._cluster.client.run(os.getpid)
            self.killed = next(iter(pids.values()))
            assert self.killed != os.getpid()
            os.kill(self.killed, signal.SIGKILL)


@pytest.mark.long
def test_a_killed_worker_process_changes_nothing(
    two_counties: list[str], earlier: Path, uninterrupted: dict[str, bytes], tmp_path: Path
) -> None:
    store = tmp_path / "store"
    shutil.copytree(earlier, store)
    with open_cluster("local:2") as cluster:
        assert isinstance(cluster, ServedCluster)
        reading = Killer(cluster, "read extracts")
        ingest_extracts(two_counties, str(store), cluster, Settings(block_bytes=BLOCK_BYTES), reading)
        assert contents(store) == uninterrupted
        deciding = Killer(cluster, "decide convictions")
        run_policy(str(store), POLICY, AS_OF, str(tmp_path / "run"), cluster, progress=deciding)
        assert 0 not in (reading.killed, deciding.killed)
    decide(store, tmp_path / "expected")
    assert answers(tmp_path / "run") == answers(tmp_path / "expected")


def test_a_killed_run_is_done_again(earlier: Path, tmp_path: Path) -> None:
    out, ready = tmp_path / "out", tmp_path / "ready"
    script = tmp_path / "child.py"
    script.write_text(
        "import os, sys, time\n"
        "from pathlib import Path\n"
        "from clearscale import run\n"
        "def stop(done, total, label):\n"
        "    if label == 'write results':\n"
        f"        Path({str(ready)!r}).touch()\n"
        "        time.sleep(3600)\n"
        "run(*sys.argv[1:5], cluster='threads:1', progress=stop)\n"
    )
    arguments = [str(earlier), policy_file(tmp_path), AS_OF, str(out)]
    process = subprocess.Popen([sys.executable, str(script), *arguments])
    wait_until(ready.exists, process)
    process.kill()
    process.wait()
    with pytest.raises(RunError, match="there is no finished run"):
        open_run(str(out))
    put(out, ".writing-planted", b"as if killed in the midst of a write")
    decide(earlier, out)
    decide(earlier, tmp_path / "expected")
    assert answers(out) == answers(tmp_path / "expected")


def test_a_folder_that_holds_other_things_is_refused(earlier: Path, tmp_path: Path) -> None:
    put(tmp_path, "out/notes.txt", b"mine")
    with pytest.raises(RunError, match=r"out: is not empty; choose a new folder for out"):
        decide(earlier, tmp_path / "out")
    assert contents(tmp_path / "out") == {"notes.txt": b"mine"}


def test_the_same_run_again_is_the_first(earlier: Path, tmp_path: Path) -> None:
    first = decide(earlier, tmp_path / "out")
    modified = {path: path.stat().st_mtime_ns for path in (tmp_path / "out").rglob("*")}
    assert decide(earlier, tmp_path / "out").info == first.info
    assert {path: path.stat().st_mtime_ns for path in (tmp_path / "out").rglob("*")} == modified
    with (
        open_cluster("threads:1") as cluster,
        pytest.raises(RunError, match="holds another run; choose another folder"),
    ):
        run_policy(str(earlier), POLICY, "2020-07-02", str(tmp_path / "out"), cluster)
    assert json.loads((tmp_path / "out/run.json").read_bytes())["as_of"] == AS_OF
