"""The real work on real schedulers: same bytes whatever dies, workers' environments, names that tell nothing."""

from __future__ import annotations

import json
import os
import re
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import cloudpickle
import pytest

import clearscale
from clearscale.api.clusters import warm_up
from clearscale.commands.demo import AS_OF, options
from clearscale.store.ingest.ingest import ingest
from clearscale.store.ingest.settings import Settings
from clearscale.synth import fabricate
from clearscale_cluster import Cluster, ClusterError, open_cluster
from clearscale_cluster.places.served import ServedCluster
from tests.support.dask_servers import Served
from tests.support.examples import is_long
from tests.support.ssh_server import SshServer
from tests.support.waiting import PATIENCE, wait_until

pytestmark = pytest.mark.slow

# Workers elsewhere do not have this module.
cloudpickle.register_pickle_by_value(sys.modules[__name__])

PERSONAL = "doe-jane"
"""In the names of folders and extracts, and to be found in no task's name and no worker's log."""

START_LOCAL = Path(__file__).parents[2] / "cluster" / "deploy" / "start-local.sh"


@pytest.fixture(scope="module")
def extracts(tmp_path_factory: pytest.TempPathFactory) -> list[str]:
    folder = tmp_path_factory.mktemp(PERSONAL) / "extracts"
    made = fabricate(str(folder), counties=3, people=60 if is_long() else 30, seed=5)
    named = [Path(extract.path).rename(folder / f"{PERSONAL}-{place}.csv") for place, extract in enumerate(made)]
    (folder / "policy.json").write_text(json.dumps(options()))
    return [str(path) for path in named]


def _work(extracts: list[str], folder: Path, cluster: Cluster, progress=None) -> dict[str, bytes]:
    """Ingest in many small blocks and run; the bytes of everything that must not depend on where it ran."""
    store, run = folder / "store", folder / "run"
    ingest(extracts, str(store), cluster, Settings(buckets=8, block_bytes=100_000), progress)
    policy = str(Path(extracts[0]).parent / "policy.json")
    clearscale.run(str(store), policy, AS_OF, str(run), cluster=cluster, progress=progress)
    found = {path.relative_to(folder).as_posix(): path for path in folder.rglob("*") if path.is_file()}
    timed = {"run/run.json", "store/log.jsonl"}
    return {name: path.read_bytes() for name, path in sorted(found.items()) if name not in timed}


@pytest.fixture(scope="module")
def expected(extracts: list[str], tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    with open_cluster("threads:1") as cluster:
        return _work(extracts, tmp_path_factory.mktemp("expected"), cluster)


class KillOne:
    """Progress that kills a worker each time a pass with such a label has done its first task."""

    def __init__(self, cluster: Cluster, labels: set[str]) -> None:
        assert isinstance(cluster, ServedCluster)
        self.killed = 0
        self._done: set[str] = set()
        self._cluster = cluster
        self._labels = labels

    def __call__(self, done: int, total: int, label: str) -> None:
        if done > 0 and label in self._labels - self._done:
            self._done.add(str(label))
            pids = self._cluster.client.run(os.getpid)
            os.kill(sorted(pids.values())[0], signal.SIGKILL)
            self.killed += 1


# Workers that die while they read and decide are in tests/store/test_interruptions.py.
ROUNDS = {"read extracts", "fold histories", "decide convictions"} if is_long() else {"fold histories"}


@pytest.mark.sampled
def test_local_workers_are_killed_and_the_bytes_are_the_same(
    extracts: list[str], expected: dict[str, bytes], tmp_path: Path
) -> None:
    with open_cluster("local:2", warm_up) as cluster:
        killing = KillOne(cluster, ROUNDS)
        assert _work(extracts, tmp_path, cluster, killing) == expected
        assert killing.killed == len(ROUNDS)


@pytest.mark.long
def test_a_worker_started_by_hand_is_killed_and_the_bytes_are_the_same(
    extracts: list[str], expected: dict[str, bytes], tmp_path: Path
) -> None:
    servers = Served(tmp_path, workers=2)
    try:
        with open_cluster(servers.address, warm_up) as cluster:
            assert isinstance(cluster, ServedCluster)
            cluster.client.wait_for_workers(2, timeout=PATIENCE)
            killing = KillOne(cluster, {"fold histories"})
            assert _work(extracts, tmp_path / "out", cluster, killing) == expected
            assert killing.killed == 1
    finally:
        servers.stop()


@pytest.mark.long
def test_workers_join_leave_and_stand_still_and_the_bytes_are_the_same(
    extracts: list[str], expected: dict[str, bytes], tmp_path: Path
) -> None:
    servers = Served(tmp_path, workers=3, settings={"DASK_DISTRIBUTED__SCHEDULER__WORKER_TTL": "2s"})
    seen: set[str] = set()
    try:
        with open_cluster(servers.address, warm_up, wait=PATIENCE) as cluster:
            assert isinstance(cluster, ServedCluster)
            client = cluster.client
            client.wait_for_workers(3, timeout=PATIENCE)

            def happen(done: int, total: int, label: str) -> None:
                if done == 0 or label in seen:
                    return
                seen.add(str(label))
                if label == "read extracts":
                    servers.join()
                elif label == "fold histories":
                    client.retire_workers([min(client.nthreads())])
                elif label == "decide convictions":
                    address, process = min(client.run(os.getpid).items(), key=lambda item: item[1])
                    os.kill(process, signal.SIGSTOP)
                    # The pass may be over before anybody misses it.
                    wait_until(lambda: address not in client.scheduler_info()["workers"])

            with cluster.recorded("all") as record:
                assert _work(extracts, tmp_path / "out", cluster, happen) == expected
    finally:
        servers.stop()
    told, decided = record.document(), clearscale.work(run=tmp_path / "out" / "run")
    assert (told["joined"], told["left"], told["lost"], told["silent"] > 0) == (1, 1, 1, True)
    assert (decided["lost"], decided["silent"] > 0) == (1, True)


@contextmanager
def slowed(process: int) -> Iterator[None]:
    """A process that stands still four fifths of the time, while this lasts."""
    ended = threading.Event()

    def stop_and_go() -> None:
        while not ended.wait(0.05):
            os.kill(process, signal.SIGSTOP)
            ended.wait(0.2)
            os.kill(process, signal.SIGCONT)

    thread = threading.Thread(target=stop_and_go)
    thread.start()
    try:
        yield
    finally:
        ended.set()
        thread.join()


@pytest.mark.long
def test_a_slow_worker_and_one_whose_memory_is_full_change_no_byte(
    extracts: list[str], expected: dict[str, bytes], tmp_path: Path
) -> None:
    servers = Served(tmp_path, workers=1)
    servers.join(options=["--no-nanny", "--name", "slow"])
    servers.join(options=["--nanny", "--name", "small", "--memory-limit", "700MB"])

    def fill() -> None:
        sys.modules["held"] = held = bytearray(6 * 10**8)  # type: ignore[assignment]
        held[::4096] = b"x" * len(held[::4096])

    try:
        with open_cluster(servers.address, warm_up, wait=PATIENCE) as cluster, ExitStack() as slow:
            assert isinstance(cluster, ServedCluster)
            client = cluster.client
            client.wait_for_workers(3, timeout=PATIENCE)
            named = {about["name"]: worker for worker, about in client.scheduler_info()["workers"].items()}
            pids = client.run(os.getpid)
            small = named["small"]
            seen: set[str] = set()

            def happen(done: int, total: int, label: str) -> None:
                if done == 0 or label in seen:
                    return
                seen.add(str(label))
                if label == "read extracts":
                    slow.enter_context(slowed(pids[named["slow"]]))
                elif label == "fold histories":
                    client.run(fill, workers=[small], on_error="ignore")
                    wait_until(lambda: small not in client.scheduler_info()["workers"])

            with cluster.recorded("all") as record:
                assert _work(extracts, tmp_path / "out", cluster, happen) == expected
    finally:
        servers.stop()
    told = record.document()
    # Its nanny asks it to end before it kills it, and sometimes it does.
    assert (told["lost"] + told["left"], told["silent"]) == (1, 0)
    assert sum(worker["tasks"] for worker in told["workers"] if worker["worker"] == named["slow"]) > 0


def test_over_ssh_the_bytes_are_the_same(
    extracts: list[str], expected: dict[str, bytes], over_ssh: Cluster, tmp_path: Path
) -> None:
    assert _work(extracts, tmp_path, over_ssh) == expected


@pytest.mark.long
def test_the_scheduler_dies_and_the_same_command_goes_on(
    extracts: list[str], expected: dict[str, bytes], tmp_path: Path
) -> None:
    servers = Served(tmp_path)

    def kill(done: int, total: int, label: str) -> None:
        if done == 1 and label == "fold histories":
            servers.kill_scheduler()

    try:
        with (
            open_cluster(servers.address) as cluster,
            pytest.raises(ClusterError, match=r"fold histories: .* was lost; .*run again"),
        ):
            _work(extracts, tmp_path / "out", cluster, kill)
    finally:
        servers.stop()
    with open_cluster("threads:2") as cluster:
        assert _work(extracts, tmp_path / "out", cluster) == expected


def _own_keys(dask_scheduler) -> list[str]:
    """Every name that the scheduler ever knew: of tasks, and as the dashboard groups them."""
    keys = {str(entry[0]) for entry in dask_scheduler.transition_log}
    return sorted(keys | set(map(str, dask_scheduler.task_groups)) | set(map(str, dask_scheduler.task_prefixes)))


@pytest.mark.long
def test_names_on_a_scheduler_are_readable_and_tell_nothing(extracts: list[str], tmp_path: Path) -> None:
    servers = Served(tmp_path)
    try:
        with open_cluster(servers.address) as cluster:
            assert isinstance(cluster, ServedCluster)
            _work(extracts, tmp_path / PERSONAL, cluster)
            names = cluster.client.run_on_scheduler(_own_keys)
            prefixes = set(
                cluster.client.run_on_scheduler(lambda dask_scheduler: list(dask_scheduler.task_prefixes))
            )
        logs = "".join(path.read_text() for path in tmp_path.glob("*.log"))
    finally:
        servers.stop()
    assert {"scan extracts", "read extracts", "fold histories", "decide convictions"} <= prefixes
    for name in names:
        assert re.fullmatch(r"[a-z ]+(-\d{12}(-\d+)+)?", name), name
    assert len(names) > 20
    assert PERSONAL not in logs


def _environment(_: int) -> dict[str, object]:
    """What a worker has: threads, memory limits and whether kernels are compiled."""
    import dask
    import numba
    import pyarrow as pa

    names = ["NUMBA_NUM_THREADS", "OMP_NUM_THREADS", "ARROW_IO_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS"]
    memory = ["target", "spill", "pause", "terminate"]
    return {
        "environment": [os.environ.get(name) for name in names],
        "trim": os.environ.get("MALLOC_TRIM_THRESHOLD_"),
        "memory": [dask.config.get(f"distributed.worker.memory.{name}") for name in memory],
        "numba": numba.get_num_threads(),
        "arrow": [pa.cpu_count(), pa.io_thread_count()],
        "warm": "clearscale_kernels.warm" in sys.modules,
    }


@pytest.fixture
def by_hand(tmp_path: Path) -> Iterator[str]:
    """What cluster/deploy/start-local.sh starts."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    process = subprocess.Popen(
        [str(START_LOCAL), "2", str(port)],
        env={**os.environ, "PYTHON": sys.executable, "XDG_CACHE_HOME": str(tmp_path)},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
        # A shell's background job ignores Ctrl-C, and so would all that it starts, this script too.
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
    )
    folder = tmp_path / "clearscale" / f"cluster-{port}"
    wait_until((folder / "cluster.yaml").exists, process)
    yield str(folder / "cluster.yaml")
    process.send_signal(signal.SIGINT)
    try:
        # However busy the machine is: only what never ends fails.
        assert process.wait(PATIENCE) == 130
        assert not folder.exists()
    finally:
        process.terminate()


@pytest.mark.long
@pytest.mark.parametrize("kind", ["local", "by hand", "ssh"])
def test_workers_environment(
    kind: str, request: pytest.FixtureRequest, ssh_server: SshServer, tmp_path: Path
) -> None:
    place = "local:2"
    if kind == "by hand":
        place = request.getfixturevalue("by_hand")
    elif kind == "ssh":
        place = str(ssh_server.configuration(tmp_path / "cluster.yaml"))
    with open_cluster(place, warm_up) as cluster:
        assert isinstance(cluster, ServedCluster)
        cluster.client.wait_for_workers(2, timeout=PATIENCE)
        found = list(cluster.client.run(_environment, 0).values())
        limits = [worker["memory_limit"] for worker in cluster.client.scheduler_info()["workers"].values()]
    one = {
        "environment": ["1"] * 5,
        "trim": "65536",
        "memory": [False, False, False, 0.95],
        "numba": 1,
        "arrow": [1, 1],
        "warm": True,
    }
    assert found == [one, one]
    total = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    assert all(0 < limit <= total for limit in limits)
