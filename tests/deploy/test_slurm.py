"""Slurm, real, on one node: the batch script and dask-jobqueue's cluster give the bytes of threads."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import dask
import pytest

from clearscale.synth import fabricate
from tests.support.pages import blocks
from tests.support.places import CLEARSCALE, answers, worked
from tests.support.slurm import Slurm, require
from tests.support.waiting import PATIENCE, wait_until

ROOT = Path(__file__).parents[2]
SCRIPT = ROOT / "cluster" / "deploy" / "slurm" / "clearscale.sbatch"
FILE = ROOT / "cluster" / "deploy" / "slurm" / "slurm.yaml"

COUNTIES = 4


@pytest.fixture(scope="module")
def slurm(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Slurm]:
    require()
    cluster = Slurm(tmp_path_factory.mktemp("slurm"), cores=4)
    yield cluster
    cluster.stop()


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("shared")
    fabricate(str(folder / "in"), counties=COUNTIES, people=120, seed=9)
    worked(folder / "in", folder / "threads")
    return folder


@pytest.fixture
def installed(tmp_path: Path) -> Path:
    """The project's folder as the script expects it: with its environment in `.venv`."""
    folder = tmp_path / "clearscale"
    folder.mkdir()
    (folder / "cluster").symlink_to(ROOT / "cluster")
    (folder / ".venv").symlink_to(Path(sys.executable).parents[1])
    return folder


def _submit(slurm: Slurm, installed: Path, folder: Path, *words: str) -> str:
    """Submit the script; returns the number of the job. Its output goes to `job.out`."""
    options = ["--parsable", "--ntasks=2", "--mem-per-cpu=900M", f"--chdir={folder}", "--output=job.out"]
    command = ["sbatch", *options, str(SCRIPT), *words]
    return slurm.does(*command, CLEARSCALE=str(installed)).strip()


@pytest.mark.long
def test_the_batch_script_gives_the_same_bytes(slurm: Slurm, shared: Path, installed: Path, tmp_path: Path) -> None:
    for words in (
        ("ingest", f"{shared}/in/*.csv", "--store", f"{shared}/batch/store", "--buckets", "4"),
        (
            *("run", "--store", f"{shared}/batch/store", "--policy", "ca-dismiss-all", "--as-of", "2020-07-01"),
            *("--out", f"{shared}/batch/run"),
        ),
    ):
        job = _submit(slurm, installed, tmp_path, *words)
        wait_until(lambda: not slurm.jobs())
        said = (tmp_path / "job.out").read_text()
        assert "JobState=COMPLETED" in slurm.does("scontrol", "show", "job", job), said
        assert said.count("Start worker at:      tls://127.0.0.1:") == 2
    assert answers(shared / "batch") == answers(shared / "threads")
    assert [path.name for path in tmp_path.glob(".clearscale-job-*")] == []


@pytest.mark.long
def test_a_job_that_is_cancelled_leaves_nothing_and_goes_on_when_it_is_given_again(
    slurm: Slurm, shared: Path, installed: Path, tmp_path: Path
) -> None:
    words = ("ingest", f"{shared}/in/*.csv", "--store", f"{shared}/cancelled/store", "--buckets", "4")
    job = _submit(slurm, installed, tmp_path, *words)
    wait_until(lambda: (shared / "cancelled" / "store").exists() or not slurm.jobs())
    slurm.does("scancel", "--batch", "--signal=TERM", job)
    wait_until(lambda: not slurm.jobs())
    assert [path.name for path in tmp_path.glob(".clearscale-job-*")] == []
    _submit(slurm, installed, tmp_path, *words)
    wait_until(lambda: not slurm.jobs())
    found, wanted = (answers_of(shared / name / "store") for name in ("cancelled", "threads"))
    assert found == wanted


def answers_of(store: Path) -> dict[str, bytes]:
    files = {path.relative_to(store).as_posix(): path for path in store.rglob("*") if path.is_file()}
    return {name: path.read_bytes() for name, path in files.items() if not name.startswith("log")}


def _file_for_here(slurm: Slurm, folder: Path) -> Path:
    """The file of the how-to, with the paths and sizes of this machine."""
    [settings] = dask.config.collect_yaml([str(FILE)])
    own = {
        "memory": "900MB",
        "python": sys.executable,
        "interface": "lo",
        "shared_temp_directory": str(folder),
        "log_directory": str(folder),
        "job_script_prologue": [f"source {ROOT}/cluster/deploy/environment.sh"],
    }
    kwargs = {**settings["kwargs"], **own}
    path = folder / "slurm.json"
    path.write_text(json.dumps({**settings, "kwargs": kwargs, "adapt": {"minimum": 0, "maximum": 2}}))
    return path


@pytest.mark.long
def test_workers_that_slurm_starts_while_there_is_work_give_the_same_bytes(
    slurm: Slurm, shared: Path, tmp_path: Path
) -> None:
    file = _file_for_here(slurm, tmp_path)
    worked(shared / "in", shared / "jobs", ["--cluster", str(file), "--wait", "300"], slurm.environment)
    assert answers(shared / "jobs") == answers(shared / "threads")
    assert len(list(tmp_path.glob("*.out"))) >= 2  # a job of each command at least
    wait_until(lambda: not slurm.jobs())


@pytest.mark.long
def test_what_slurm_cannot_start_is_told(slurm: Slurm, shared: Path, tmp_path: Path) -> None:
    file = _file_for_here(slurm, tmp_path)
    document = json.loads(file.read_text())
    document["kwargs"]["queue"] = "nowhere"
    document.pop("adapt")
    file.write_text(json.dumps({**document, "scale": 1}))
    words = ["ingest", *map(str, (shared / "in").glob("*.csv")), "--store", str(tmp_path / "store"), "--wait", "5"]
    done = subprocess.run(
        [CLEARSCALE, *words, "--cluster", str(file)],
        env={**os.environ, **slurm.environment},
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        check=False,
    )
    assert done.returncode == 1
    said = done.stderr
    assert "Traceback" not in said
    assert "no workers after 5 s" in said
    assert "it was told: sbatch: error: Batch job submission failed: Invalid partition name specified" in said


def test_the_script_and_the_file_are_well_formed() -> None:
    assert subprocess.run(["bash", "-n", str(SCRIPT)], check=False).returncode == 0
    [settings] = dask.config.collect_yaml([str(FILE)])
    assert settings["class"] == "dask_jobqueue.SLURMCluster"
    assert settings["kwargs"]["security"] is True


@pytest.mark.long
def test_the_page_is_followed_word_by_word(slurm: Slurm, shared: Path, tmp_path: Path) -> None:
    """As cluster-slurm.md says, in a folder of this test's own and with this machine's cores and memory."""
    once, jobs, _, copied, workers = [block.body for block in blocks(ROOT / "docs/how-to/cluster-slurm.md")]
    assert "scripts/install.sh" in once, "what is installed here stands in its place"
    own = tmp_path / "shared"
    installed = own / "clearscale"
    installed.mkdir(parents=True)
    (installed / "cluster").symlink_to(ROOT / "cluster")
    (installed / ".venv").symlink_to(Path(sys.executable).parents[1])
    shutil.copytree(shared / "in", own / "extracts")
    changes = {"/shared": str(own), "--ntasks=16": "--ntasks=2 --mem-per-cpu=900M"}
    changes |= {
        "memory: 3GB": "memory: 900MB",
        "# If a node has several networks: interface: eth1": "interface: lo",
    }

    def here(text: str) -> str:
        for old, new in changes.items():
            text = text.replace(old, new)
        return text

    slurm.does("bash", "-euc", f"cd {tmp_path}\n{here(jobs)}")
    wait_until(lambda: not slurm.jobs())
    said = "".join(path.read_text() for path in sorted(tmp_path.glob("slurm-*.out")))
    (own / "runs" / "july").rename(own / "run")
    kept = {name: content for name, content in answers(own).items() if name.startswith(("store/", "run/"))}
    assert kept == answers(shared / "threads"), said
    shutil.rmtree(own / "store")
    slurm.does("bash", "-euc", f"cd {installed}\n{copied}")
    (installed / "slurm.yaml").write_text(here((installed / "slurm.yaml").read_text()))
    slurm.does("bash", "-euc", f"cd {installed}\n{here(workers)}")
    assert answers_of(own / "store") == answers_of(shared / "threads" / "store")
    wait_until(lambda: not slurm.jobs())
