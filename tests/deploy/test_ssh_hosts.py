"""`--cluster ssh:...` to several hosts: real SSH servers, in networks of their own."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from clearscale.synth import fabricate
from clearscale_bench.far import environment
from tests.support.hosts import NETWORK, Hosts, require
from tests.support.pages import blocks_below
from tests.support.places import CLEARSCALE, answers, worked
from tests.support.waiting import PATIENCE, wait_until

pytestmark = [pytest.mark.long, pytest.mark.slow]

ROOT = Path(__file__).parents[2]

NAMES = ("one", "two", "three")
SMALL = ("--buckets", "8")


@pytest.fixture(scope="module")
def shared() -> Iterator[Path]:
    """A folder that all hosts see, with extracts and what threads make of them."""
    with tempfile.TemporaryDirectory(prefix="shared-") as name:
        folder = Path(name)
        fabricate(str(folder / "in"), counties=30, people=900, seed=5)
        worked(folder / "in", folder / "threads", small=SMALL)
        yield folder


@pytest.fixture
def hosts(tmp_path: Path, shared: Path) -> Iterator[Callable[..., Hosts]]:
    """Makes hosts; they end with the test."""
    require()
    made: list[Hosts] = []

    def make(**options: object) -> Hosts:
        folder = tmp_path / "hosts"
        folder.mkdir()
        made.append(Hosts(folder, options.pop("names", NAMES), shared, **options))  # type: ignore[arg-type]
        return made[-1]

    yield make
    for found in made:
        found.stop()


@contextmanager
def at_last_nothing(hosts: Hosts) -> Iterator[None]:
    """Nothing runs on the hosts afterwards, and no port is open."""
    yield
    for name in hosts.names:
        wait_until(lambda name=name: not hosts.running(name))
        assert hosts.listening(name) == 0


def _ingest(hosts: Hosts, shared: Path, out: Path, file: Path, log_folder: Path) -> subprocess.Popen[str]:
    words = ["ingest", *map(str, sorted((shared / "in").glob("*.csv"))), "--store", str(out / "store"), *SMALL]
    return subprocess.Popen(
        hosts.command(CLEARSCALE, *words, "--cluster", str(file)),
        env={**os.environ, "XDG_STATE_HOME": str(log_folder)},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def _run(hosts: Hosts, out: Path, file: Path, log_folder: Path) -> None:
    words = ["run", "--store", str(out / "store"), "--policy", "ca-dismiss-all", "--as-of", "2020-07-01"]
    command = hosts.command(CLEARSCALE, *words, "--out", str(out / "run"), "--cluster", str(file), "--quiet")
    environment = {**os.environ, "XDG_STATE_HOME": str(log_folder)}
    done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=PATIENCE, check=False)
    assert done.returncode == 0, done.stderr


def test_three_hosts_give_the_same_bytes_and_tell_their_log(
    hosts: Callable[..., Hosts], shared: Path, tmp_path: Path
) -> None:
    three = hosts()
    file = three.configuration(tmp_path / "cluster.yaml")
    with at_last_nothing(three):
        ingesting = _ingest(three, shared, shared / "ssh", file, tmp_path / "state")
        said = ingesting.communicate(timeout=PATIENCE)[1]
        assert ingesting.returncode == 0, said
        _run(three, shared / "ssh", file, tmp_path)
    assert answers(shared / "ssh") == answers(shared / "threads")
    [log] = (tmp_path / "state" / "clearscale" / "logs").iterdir()
    lines = log.read_text().splitlines()
    for name in NAMES:
        assert any(f" {name}: " in line and "Start worker at" in line for line in lines)
    assert any(" one: " in line and "Scheduler at" in line for line in lines)
    assert not any("PRIVATE" in line or "ALAMEDA" in line for line in lines)


def test_a_host_without_the_shared_folder_is_named_and_nothing_begins(
    hosts: Callable[..., Hosts], shared: Path, tmp_path: Path
) -> None:
    three = hosts(without=["three"])
    file = three.configuration(tmp_path / "cluster.yaml")
    with at_last_nothing(three):
        ingesting = _ingest(three, shared, shared / "unshared", file, tmp_path / "state")
        said = ingesting.communicate(timeout=PATIENCE)[1]
    assert ingesting.returncode == 1
    assert "host three (worker tls://10.77.0.3:" in said
    assert f"does not see {shared / 'unshared' / 'store'}" in said
    assert "Traceback" not in said
    left = [path for path in (shared / "unshared").rglob("*") if path.is_file()]
    assert left == []


def test_a_host_that_is_killed_in_the_middle_changes_no_byte(
    hosts: Callable[..., Hosts], shared: Path, tmp_path: Path
) -> None:
    three = hosts()
    file = three.configuration(tmp_path / "cluster.yaml")
    with at_last_nothing(three):
        ingesting = _ingest(three, shared, shared / "killed", file, tmp_path / "state")
        wait_until((shared / "killed" / "store").exists, ingesting)
        # What it works on is not done before it is killed.
        three.signal("two", signal.SIGSTOP)
        with pytest.raises(subprocess.TimeoutExpired):
            ingesting.wait(3)
        three.signal("two", signal.SIGKILL)
        said = ingesting.communicate(timeout=PATIENCE)[1]
        assert ingesting.returncode == 0, said
        _run_on_the_others(three, shared / "killed", tmp_path)
    assert answers(shared / "killed") == answers(shared / "threads")


def _run_on_the_others(three: Hosts, out: Path, folder: Path) -> None:
    three.names.remove("two")
    try:
        _run(three, out, three.configuration(folder / "others.yaml"), folder)
    finally:
        three.names.insert(1, "two")


@pytest.mark.parametrize("why", ["no such interface", "the scheduler is not reached"])
def test_a_start_that_fails_ends_what_it_started(
    why: str, hosts: Callable[..., Hosts], shared: Path, tmp_path: Path
) -> None:
    three = hosts()
    other = {"interface": "eth9"} if why == "no such interface" else {}
    file = three.configuration(tmp_path / "cluster.yaml", **other)
    if not other:
        three.forbid("three", "one")
    with at_last_nothing(three):
        ingesting = _ingest(three, shared, shared / "failed", file, tmp_path / "state")
        said = ingesting.communicate(timeout=PATIENCE)[1]
    assert ingesting.returncode == 1
    assert "the scheduler or a worker did not start" in said
    assert f"host {'three' if not other else 'one'}" in said
    assert "Traceback" not in said
    assert not (shared / "failed").exists()
    assert socket.gethostname() not in NAMES


ENDPOINT = f"http://{NETWORK}.254:9000"

FILL = """
import sys, fsspec
s3 = fsspec.filesystem("s3")
for bucket in ("doj", "state"):
    s3.mkdir(bucket)
for path in sys.argv[1:]:
    s3.put(path, "s3://doj/2020/")
"""
FETCH = 'import sys, fsspec; fsspec.filesystem("s3").get("s3://state/", sys.argv[1], recursive=True)'


@contextmanager
def an_s3_for(hosts: Hosts, folder: Path) -> Iterator[None]:
    """A server in the hosts' network that speaks S3."""
    words = [sys.executable, "-m", "moto.server", "-H", f"{NETWORK}.254", "-p", "9000"]
    with (folder / "s3.log").open("wb") as log:
        server = subprocess.Popen(hosts.command(*words), stdout=log, stderr=log, cwd=folder)
    try:
        call = hosts.command("bash", "-c", f"exec 3<> /dev/tcp/{NETWORK}.254/9000")
        wait_until(lambda: subprocess.run(call, capture_output=True, check=False).returncode == 0, server)
        yield
    finally:
        server.terminate()
        server.wait()


def test_the_page_is_followed_word_by_word_with_all_of_it_in_s3_alone(
    hosts: Callable[..., Hosts], shared: Path, tmp_path: Path
) -> None:
    """As cluster.md says, but for the cores of this machine; no host sees the folder of extracts."""
    variables = environment(ENDPOINT, "0123456789", "us-east-1")
    names = ("node1", "node2", "node3")
    three = hosts(names=names, without=names, environment=variables)
    home, work = tmp_path / "home", tmp_path / "work"
    (home / ".ssh").mkdir(parents=True, mode=0o700)
    (home / ".ssh" / "config").write_text(three.ssh_config.read_text())
    work.mkdir()
    own = {**os.environ, **variables, "HOME": str(home), "PATH": f"{Path(CLEARSCALE).parent}:{os.environ['PATH']}"}

    def does(*words: str) -> None:
        command = three.command(*words)
        done = subprocess.run(
            command, cwd=work, env=own, capture_output=True, text=True, timeout=PATIENCE, check=False
        )
        assert done.returncode == 0, done.stderr

    ingest, file, run = blocks_below(ROOT / "docs/how-to/cluster.md", "On machines that SSH reaches")
    with an_s3_for(three, tmp_path), at_last_nothing(three):
        does(sys.executable, "-c", FILL, *map(str, sorted((shared / "in").glob("*.csv"))))
        does("bash", "-euc", ingest.body)
        text = file.body.replace("/opt/clearscale/bin/python", sys.executable)
        (work / "cluster.yaml").write_text(text.replace("workers: 8", "workers: 1").replace("eth1", "eth0"))
        does("bash", "-euc", run.body)
        does(sys.executable, "-c", FETCH, str(tmp_path / "state"))
    (tmp_path / "state/runs/july").rename(tmp_path / "state/run")
    worked(shared / "in", tmp_path / "threads", small=())
    assert answers(tmp_path / "state") == answers(tmp_path / "threads")
    assert list((home / ".local/state/clearscale/logs").iterdir()), "what the hosts said is where the page says"
