"""A Dask gateway on this machine: its clusters, named by a file or held as an object, give the bytes of threads."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from urllib.request import urlopen

import pytest

from clearscale.synth import fabricate
from tests.support.places import answers, worked
from tests.support.slurm import free_ports
from tests.support.waiting import PATIENCE, wait_until

pytestmark = pytest.mark.long

BIN = Path(sys.executable).parent
SERVER = BIN.parent / "places" / "bin" / "dask-gateway-server"
PASSWORD = "for this test alone"

_CONFIGURATION = """
c.DaskGateway.backend_class = "dask_gateway_server.backends.local.UnsafeLocalBackend"
c.DaskGateway.address = "127.0.0.1:{own}"
c.DaskGateway.authenticator_class = "dask_gateway_server.auth.SimpleAuthenticator"
c.SimpleAuthenticator.password = "{password}"
c.Proxy.address = "127.0.0.1:{web}"
c.Proxy.tcp_address = "127.0.0.1:{tcp}"
c.LocalBackend.clusters_directory = "{folder}/clusters"
c.ClusterConfig.scheduler_cmd = ["{bin}/dask", "scheduler"]
c.ClusterConfig.worker_cmd = ["{bin}/dask", "worker"]
c.ClusterConfig.worker_cores = 1
c.ClusterConfig.worker_memory = "1 G"
"""


class Gateway:
    """A gateway's server and proxy, on ports of their own."""

    def __init__(self, folder: Path) -> None:
        own, self.web, self.tcp = free_ports(3)
        text = _CONFIGURATION.format(own=own, web=self.web, tcp=self.tcp, folder=folder, bin=BIN, password=PASSWORD)
        (folder / "configuration.py").write_text(text)
        self.log = folder / "gateway.log"
        with self.log.open("wb") as log:
            command = [str(SERVER), "-f", str(folder / "configuration.py")]
            self._process = subprocess.Popen(command, stdout=log, stderr=log, cwd=folder)
        wait_until(self._answers, self._process)

    def _answers(self) -> bool:
        try:
            with urlopen(f"http://127.0.0.1:{self.web}/api/health") as found:
                return bool(found.status == 200)
        except OSError:
            return False

    @property
    def running(self) -> int:
        """How many clusters were started and not stopped."""
        lines = self.log.read_text().splitlines()
        began = sum(" Submitting cluster " in line for line in lines)
        return began - sum(" Cluster " in line and line.endswith(" stopped") for line in lines)

    def stop(self) -> None:
        self._process.terminate()
        self._process.wait(PATIENCE)


@pytest.fixture(scope="module")
def gateway(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Gateway]:
    pytest.importorskip("dask_gateway")
    if not SERVER.exists():
        pytest.skip("no gateway's server; `make test-long` installs one")
    found = Gateway(tmp_path_factory.mktemp("gateway"))
    yield found
    found.stop()


@pytest.fixture(scope="module")
def extracts(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("extracts")
    fabricate(str(folder / "in"), counties=2, people=60, seed=6)
    worked(folder / "in", folder / "threads")
    return folder


def test_a_cluster_that_a_file_names(gateway: Gateway, extracts: Path, tmp_path: Path) -> None:
    kwargs = {
        "address": f"http://127.0.0.1:{gateway.web}",
        "proxy_address": f"gateway://127.0.0.1:{gateway.tcp}",
        "auth": "basic",
    }
    document = {
        "class": "dask_gateway.GatewayCluster",
        "kwargs": kwargs,
        "scale": 2,
        "gateway": {"auth": {"kwargs": {"password": PASSWORD}}},
    }
    file = tmp_path / "gateway.json"
    file.write_text(json.dumps(document))
    worked(extracts / "in", extracts / "file", ["--cluster", str(file), "--wait", "300"])
    assert answers(extracts / "file") == answers(extracts / "threads")
    wait_until(lambda: gateway.running == 0)


PROGRAM = """
import sys
import clearscale
from dask_gateway import BasicAuth, GatewayCluster

if __name__ == "__main__":
    web, proxy, password, store, run, *paths = sys.argv[1:]
    with GatewayCluster(address=web, proxy_address=proxy, auth=BasicAuth(password=password)) as cluster:
        cluster.scale(2)
        clearscale.ingest(paths, store, buckets=4, cluster=cluster)
        clearscale.run(store, "ca-dismiss-all", "2020-07-01", run, cluster=cluster)
"""


def test_a_cluster_that_a_program_holds(gateway: Gateway, extracts: Path, tmp_path: Path) -> None:
    program = tmp_path / "program.py"
    program.write_text(PROGRAM)
    words = [
        f"http://127.0.0.1:{gateway.web}",
        f"gateway://127.0.0.1:{gateway.tcp}",
        *(PASSWORD, str(extracts / "held" / "store"), str(extracts / "held" / "run")),
        *sorted(map(str, (extracts / "in").glob("*.csv"))),
    ]
    done = subprocess.run([sys.executable, str(program), *words], capture_output=True, text=True, timeout=PATIENCE)
    assert done.returncode == 0, done.stderr
    assert answers(extracts / "held") == answers(extracts / "threads")
    wait_until(lambda: gateway.running == 0)
