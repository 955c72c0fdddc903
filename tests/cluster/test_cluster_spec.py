"""Reading a cluster specification."""

from __future__ import annotations

import subprocess
import sys

import pytest

from clearscale_cluster import ClusterError, open_cluster
from clearscale_cluster.spec import Address, File, Hosts, Processes, Threads, parse_spec


@pytest.mark.parametrize(
    ("spec", "meaning"),
    [
        (None, Threads(None)),
        ("threads", Threads(None)),
        ("threads:3", Threads(3)),
        ("local", Processes(None)),
        (" local:12 ", Processes(12)),
        ("tcp://127.0.0.1:8786", Address("tcp://127.0.0.1:8786")),
        ("tls://scheduler.example:8786", Address("tls://scheduler.example:8786")),
        ("scheduler.example:8786", Address("scheduler.example:8786")),
        ("ssh:node1", Hosts(("node1",))),
        ("ssh:node1, 10.0.0.2,node-3.example", Hosts(("node1", "10.0.0.2", "node-3.example"))),
        ("clusters/ours.yaml", File("clusters/ours.yaml")),
        ("C.YML", File("C.YML")),
        ("ours.toml", File("ours.toml")),
    ],
)
def test_forms(spec: str | None, meaning: object) -> None:
    assert parse_spec(spec) == meaning


@pytest.mark.parametrize(
    "spec",
    [
        *("", "dask", "threads:", "threads:0", "threads:two", "local:-1", "local:²", "tcp:x", "file.ini"),
        *("ssh:", "ssh:a,", "ssh:-oProxyCommand=x", "ssh:a b", "ssh:a;b"),
    ],
)
def test_anything_else_is_an_error_that_says_what_to_give(spec: str) -> None:
    with pytest.raises(ClusterError, match=r"'local:N'.*'tls://10\.0\.0\.1:8786'") as caught:
        open_cluster(spec)
    assert repr(spec) in str(caught.value)


def test_threads_do_not_import_distributed() -> None:
    code = """
import sys
import clearscale_cluster
assert "dask" not in sys.modules, "importing the package must be cheap"
assert "rich" not in sys.modules
with clearscale_cluster.open_cluster() as cluster:
    assert cluster.gather(str, [1, 2]) == ["1", "2"]
assert "distributed" not in sys.modules
"""
    subprocess.run([sys.executable, "-c", code], check=True)
