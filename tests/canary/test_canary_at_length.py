"""The same in processes of their own: killed workers, files of their memory, and what a scheduler shows."""

import itertools
import json
import os
import resource
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from contextlib import suppress
from functools import partial
from importlib.resources import files
from pathlib import Path
from typing import Any

import dask
import psutil
import pytest
import yaml
from distributed import LocalCluster
from typer.main import get_command

import clearscale
from clearscale.commands.main import app
from clearscale.errors import ClearscaleError
from clearscale.law import state
from clearscale_cluster import open_cluster
from clearscale_cluster.places.served import ServedCluster
from clearscale_kernels.jit import stored
from tests.support.canary import NAME, NUMBER, WORDS, bad_records, canary, found_below, others
from tests.support.samples import AS_OF, put, rendered
from tests.support.waiting import PATIENCE

from .commands import Place, word

pytestmark = pytest.mark.long

SIGNALS = (signal.SIGKILL, signal.SIGSEGV, signal.SIGABRT)
"""The last two leave a file of the memory, unless nobody wants one."""


def with_cluster() -> list[str]:
    """The commands that take a cluster, from the command line itself."""
    commands: Any = get_command(app)
    taking = {name for name, found in commands.commands.items() if any(p.name == "cluster" for p in found.params)}
    return sorted(taking - {"cluster"})


def descendants(process: subprocess.Popen[bytes]) -> list[psutil.Process]:
    """The worker processes of a command."""
    with suppress(psutil.Error):
        every = psutil.Process(process.pid).children(recursive=True)
        return [child for child in every if "spawn_main" in " ".join(child.cmdline())]
    return []


def limits_of(pid: int) -> str:
    """The line that says how large a file of a process's memory may be."""
    with suppress(OSError):
        return next(line for line in Path(f"/proc/{pid}/limits").read_text().splitlines() if "core file" in line)
    return ""


def unlimited_core() -> None:
    resource.setrlimit(resource.RLIMIT_CORE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))


def killed(words: list[str], folder: Path, killer: signal.Signals) -> tuple[int, bytes, int]:
    """(exit code, all that it printed, workers that were killed) of a command in a process of its own."""
    environment = {**os.environ, "TMPDIR": str(folder / "temporary")}
    with (folder / "said").open("wb") as said:
        command = subprocess.Popen(
            [sys.executable, "-m", "clearscale", *words],
            stdout=said,
            stderr=said,
            cwd=folder / "here",
            env=environment,
            preexec_fn=unlimited_core,
        )
        kills, until = 0, time.monotonic() + PATIENCE
        while command.poll() is None and time.monotonic() < until:
            workers = descendants(command)
            for worker in workers[:1] if kills < 3 else ():
                assert limits_of(worker.pid).split()[4:6] in ([], ["0", "0"])
                with suppress(psutil.Error):
                    worker.send_signal(killer)
                    kills += 1
            time.sleep(0.5)
        command.kill()
    return command.wait(), (folder / "said").read_bytes(), kills


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Place:
    """A store, two runs, and extracts that take some time."""
    place = Place(tmp_path_factory.mktemp("place") / "marked")
    for county in ("ALAMEDA", "YOLO"):
        rows = [*others(county, 3000), *canary(county)]
        put(place.root, f"in/{county.lower()}.csv", rendered(rows) + (bad_records() if county == "YOLO" else b""))
    calls = place.calls()
    for words, _ in (calls["ingest"][5], *calls["run"]):
        subprocess.run([sys.executable, "-m", "clearscale", *words], capture_output=True, check=False)
    return place


@pytest.mark.skipif(not Path("/proc").exists(), reason="processes are looked at in /proc")
@pytest.mark.parametrize(("name", "killer"), [*zip(with_cluster(), itertools.cycle(SIGNALS), strict=False)])
def test_killed_workers_leave_no_word(name: str, killer: signal.Signals, place: Place, tmp_path: Path) -> None:
    for folder in ("here", "temporary"):
        (tmp_path / folder).mkdir()
    words = place.calls()[name][5 if name == "ingest" else 0][0]
    words = [str(tmp_path / "out") if flag == "--out" else word for flag, word in itertools.pairwise(["", *words])]
    if name == "ingest":
        words[words.index("--store") + 1] = str(tmp_path / "fresh-store")
    _, said, kills = killed([*words, "--cluster", "local:2"], tmp_path, killer)
    assert kills > 0
    assert [found for found in WORDS if found in said] == []
    assert b"Traceback" not in said
    assert [path for path in tmp_path.rglob("core*") if path.is_file()] == []
    assert found_below(tmp_path / "here", tmp_path / "temporary") == {}
    assert found_below(stored.folder()) == {}
    assert place.leaks() == {}


def fail(number: int) -> int:
    """Fail as a library does, with a person's values in its message."""
    raise ValueError(f"{NAME} {NUMBER}")


def test_a_scheduler_shows_no_word(tmp_path: Path) -> None:
    """One that logs and has pages: these, its JSON, logs, events and report. Files are named for the person."""
    report = tmp_path / "report.html"
    rows = rendered([*others("ALAMEDA", 20), *canary("ALAMEDA")])
    path = put(tmp_path, f"{word('PRI_NAME')}.csv", rows)
    refused = put(tmp_path, f"{word('OFN')}.csv", rows + bad_records())
    accepting = list(state().findings.listed)
    # All pages that Dask has, whatever a cluster of another test that is still open has set for itself.
    defaults = yaml.safe_load((files("distributed") / "distributed.yaml").read_text("utf-8"))["distributed"]
    routes = {
        f"distributed.{role}.http.routes": defaults[role]["http"]["routes"] for role in ("scheduler", "worker")
    }
    with (
        dask.config.set(routes),
        # Those pages that are drawn in a browser say nothing by themselves; their content is that of the report.
        LocalCluster(
            n_workers=1,
            host="127.0.0.1",
            dashboard_address="127.0.0.1:0",
            scheduler_kwargs={"dashboard": False},
            silence_logs=False,
        ) as served,
        open_cluster(served.scheduler_address, insecure=True) as cluster,
        cluster.performance_report(str(report)),
    ):
        assert isinstance(cluster, ServedCluster)
        with pytest.raises(ClearscaleError):
            clearscale.ingest(refused, tmp_path / "store", county="ALAMEDA", cluster=cluster)
        clearscale.ingest(path, tmp_path / "store", county="ALAMEDA", accept=accepting, cluster=cluster)
        clearscale.run(tmp_path / "store", "ca-dismiss-all", AS_OF, tmp_path / "run", cluster=cluster)
        with pytest.raises(ValueError, match=NAME):
            cluster.gather(partial(fail), [1], label="fail")
        client = cluster.client
        seen = repr(client.run_on_scheduler(lambda dask_scheduler: list(dask_scheduler.transition_log)))
        seen += repr((client.get_events(), client.get_scheduler_logs(), client.get_worker_logs()))
        # A task's exception goes to clients, which raise it: it is looked for wherever else this may be shown.
        stream = [
            {name: value for name, value in event.items() if name not in ("exception", "traceback")}
            for event in client.get_task_stream()
        ]
        assert {"fail"} <= {str(event["key"]).partition("-")[0] for event in stream}
        seen += repr((client.scheduler_info(), client.profile(), stream))
        about = client.scheduler_info()
        ports = [about["services"]["dashboard"]]
        ports += [worker["services"]["dashboard"] for worker in about["workers"].values()]
        found = {f"{port}/{page}" for port in ports for page in _pages(port)}
        answered = {page.partition("/")[2]: _content(f"http://127.0.0.1:{page}") for page in found}
    for page in ("json/counts.json", "info/main/logs.html", "info/main/exceptions.html"):
        assert answered[page], page
    seen += "".join(answered.values()) + report.read_text("utf-8")
    assert "Task Stream" in seen
    assert "\nclearscale_" in answered["metrics"]
    assert "read extracts" in seen
    assert "<failure: ValueError>" in seen
    assert [found for found in WORDS if found.decode() in seen] == []


def _content(address: str) -> str:
    try:
        with urllib.request.urlopen(address, timeout=PATIENCE) as answer:
            content: bytes = answer.read()
    except urllib.error.HTTPError as error:
        content = error.read()
    return content.decode("utf-8", "replace")


def _pages(port: int) -> list[str]:
    """The addresses that a server of Dask's answers to at once, but for pictures, styles and scripts."""
    with urllib.request.urlopen(f"http://127.0.0.1:{port}/sitemap.json") as answer:
        found = [page.lstrip("/") for page in json.loads(answer.read())["paths"]]
    return [page for page in found if not any(part in page for part in ("(", "statics", "eventstream"))]
