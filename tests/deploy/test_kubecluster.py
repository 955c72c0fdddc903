"""`dask_kubernetes.operator.KubeCluster`, named by a file of `--cluster`, with an API server of this machine.

What it starts are processes here. What a Kubernetes adds, such as images and networks, is not tried.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from clearscale.synth import fabricate
from tests.support import kubernetes_api
from tests.support.places import CLEARSCALE, answers, worked
from tests.support.waiting import PATIENCE

pytestmark = [pytest.mark.long, pytest.mark.slow]

PLACES = Path(sys.executable).parents[1] / "places"
KUBE = "dask_kubernetes.operator.KubeCluster"


@pytest.fixture
def named(tmp_path: Path) -> Path:
    """A file that names the class, as the how-to shows it."""
    options = {
        **{"name": "clearscale", "image": "registry.example.org/clearscale:0.1.0", "n_workers": 0, "quiet": True},
        **{"scheduler_service_type": "LoadBalancer", "env": {"DASK_LOGGING__DISTRIBUTED": "error"}},
    }
    file = tmp_path / "kubernetes.json"
    file.write_text(json.dumps({"class": KUBE, "kwargs": options, "scale": 2}))
    return file


def _with(kubeconfig: Path) -> dict[str, str]:
    if not PLACES.exists():
        pytest.skip("dask-kubernetes is not installed: `make test-long` does")
    [packages] = PLACES.glob("lib/python3*/site-packages")
    return {"KUBECONFIG": str(kubeconfig), "PYTHONPATH": str(packages), "NO_PROXY": "127.0.0.1"}


def test_a_file_that_names_it_starts_it_scales_it_and_ends_it(named: Path, tmp_path: Path) -> None:
    fabricate(str(tmp_path / "in"), counties=3, people=60, seed=1)
    with kubernetes_api.serve(tmp_path) as (kubernetes, kubeconfig):
        worked(tmp_path / "in", tmp_path / "there", ["--cluster", str(named), "--insecure"], _with(kubeconfig))
    worked(tmp_path / "in", tmp_path / "here")
    assert answers(tmp_path / "there") == answers(tmp_path / "here")
    once = [("POST", "daskclusters"), ("PATCH", "daskworkergroups"), ("DELETE", "daskclusters")]
    changed = [(method, kind, sent) for method, kind, sent in kubernetes.asked if kind != "daskautoscalers"]
    assert [(method, kind) for method, kind, _ in changed] == 2 * once  # of an ingest, and of a run
    [(_, _, made), (_, _, scaled)] = changed[:2]
    assert made is not None
    [container] = made["spec"]["worker"]["spec"]["containers"]
    assert (made["metadata"]["name"], made["spec"]["worker"]["replicas"]) == ("clearscale", 0)
    assert container["image"] == "registry.example.org/clearscale:0.1.0"
    assert {"name": "DASK_LOGGING__DISTRIBUTED", "value": "error"} in container["env"]
    assert scaled == {"spec": {"worker": {"replicas": 2}}}


def test_what_it_lacks_is_told(named: Path, tmp_path: Path) -> None:
    words = [CLEARSCALE, "synth", "--out", str(tmp_path / "out"), "--cluster", str(named)]
    with kubernetes_api.serve(tmp_path, operated=False) as (_, kubeconfig):
        environment = {**os.environ, **_with(kubeconfig)}
        done = subprocess.run(words, env=environment, capture_output=True, text=True, timeout=PATIENCE, check=False)
    assert done.returncode == 1
    [said] = [line for line in done.stderr.splitlines() if line.startswith("clearscale: ")]
    assert said.startswith(f"clearscale: {KUBE}: did not start (")
    assert "check its arguments in the file" in said
