"""Kubernetes' manifests: judged by its schemas, confined as far as can be, and what they start works."""

from __future__ import annotations

import copy
import json
import os
import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.request import urlopen

import boto3
import pytest
import yaml

from clearscale.synth import fabricate
from clearscale_bench.far import environment
from clearscale_cluster.setup.certificates import make_certificates
from tests.support.places import CLEARSCALE, answers, worked
from tests.support.s3_server import serve
from tests.support.slurm import free_ports
from tests.support.waiting import PATIENCE, wait_until

ROOT = Path(__file__).parents[2]
FOLDER = ROOT / "cluster" / "deploy" / "kubernetes"
JUDGE = Path(__file__).with_name("judge_manifests.py")
PLACES = Path(sys.executable).parents[1] / "places" / "bin" / "python"

ADDRESS = "tls://clearscale-scheduler.clearscale.svc:8786"


def _documents(name: str) -> list[dict[str, Any]]:
    return list(yaml.safe_load_all((FOLDER / name).read_text("utf-8")))


def _cluster() -> dict[str, Any]:
    [document] = _documents("cluster.yaml")
    return document


def _job() -> dict[str, Any]:
    [document] = _documents("job.yaml")
    return document


def _pods() -> dict[str, dict[str, Any]]:
    spec = _cluster()["spec"]
    return {
        "scheduler": spec["scheduler"]["spec"],
        "worker": spec["worker"]["spec"],
        "job": _job()["spec"]["template"]["spec"],
    }


def _as_the_chart_does(values: dict[str, Any], part: str) -> dict[str, Any]:
    """The deployment that the chart makes of values: what its templates take, where they put it."""
    found = values[part]
    words = {
        "scheduler": ["dask-scheduler", "--port=8786", "--dashboard-address=:8787", *found["extraArgs"]],
        "worker": [
            *(found["image"].get("dask_worker", ""), "clearscale-dask-scheduler:8786"),
            *(
                "--nthreads",
                str(found.get("threads_per_worker")),
                "--memory-limit",
                found["resources"]["limits"]["memory"],
            ),
            *("--no-dashboard", "--dashboard-address", str(found.get("portDashboard")), *found["extraArgs"]),
        ],
    }
    own = ("env", "resources", "livenessProbe", "readinessProbe")
    container = {
        "name": part,
        "image": f"{found['image']['repository']}:{found['image']['tag']}",
        "imagePullPolicy": found["image"]["pullPolicy"],
        "args": words[part],
        **{name: found[name] for name in own},
    }
    labels = {"component": part}
    return {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": {"name": part},
        "spec": {
            "replicas": found.get("replicas", 1),
            "selector": {"matchLabels": labels},
            "template": {
                "metadata": {"labels": labels},
                "spec": {"containers": [container], "securityContext": found["securityContext"]},
            },
        },
    }


def _charts() -> list[dict[str, Any]]:
    [values] = _documents("helm-values.yaml")
    return [_as_the_chart_does(values, part) for part in ("scheduler", "worker")]


def _judged(documents: list[dict[str, Any]], folder: Path) -> list[str]:
    if not PLACES.exists():
        pytest.skip("no schemas of Kubernetes; `make test-long` installs them")
    (folder / "documents").write_text("\n".join(map(json.dumps, documents)))
    command = [str(PLACES), str(JUDGE), str(folder / "documents")]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    *found, last = done.stdout.splitlines()
    assert last == "judged"
    return found


@pytest.mark.long
@pytest.mark.parametrize("name", sorted(path.name for path in FOLDER.glob("*.yaml")))
def test_schemas_have_nothing_against_a_manifest(name: str, tmp_path: Path) -> None:
    assert _judged(_charts() if name == "helm-values.yaml" else _documents(name), tmp_path) == []


def _misspelled(document: dict[str, Any]) -> None:
    document["spec"]["worker"]["replica"] = document["spec"]["worker"].pop("replicas")


def _of_another_type(document: dict[str, Any]) -> None:
    document["spec"]["scheduler"]["service"]["ports"][0]["port"] = "many"


def _deep(document: dict[str, Any]) -> None:
    document["spec"]["worker"]["spec"]["containers"][0]["securityContext"]["readOnly"] = True


@pytest.mark.long
@pytest.mark.parametrize("damage", [_misspelled, _of_another_type, _deep])
def test_schemas_find_what_is_wrong(damage: Callable[[dict[str, Any]], None], tmp_path: Path) -> None:
    document = copy.deepcopy(_cluster())
    damage(document)
    assert _judged([document], tmp_path) != []


@pytest.mark.parametrize("name", ["scheduler", "worker", "job"])
def test_pods_are_confined(name: str) -> None:
    pod = _pods()[name]
    assert pod["automountServiceAccountToken"] is False
    assert pod["securityContext"]["runAsNonRoot"] is True
    assert pod["securityContext"]["runAsUser"] == 10001
    assert pod["securityContext"]["seccompProfile"] == {"type": "RuntimeDefault"}
    for container in (*pod.get("initContainers", ()), *pod["containers"]):
        own = container["securityContext"]
        assert own == {
            "allowPrivilegeEscalation": False,
            "readOnlyRootFilesystem": True,
            "capabilities": {"drop": ["ALL"]},
        }
        assert set(container["resources"]["limits"]) == {"cpu", "memory", "ephemeral-storage"}
        assert set(container["resources"]["requests"]) == {"cpu", "memory", "ephemeral-storage"}
        assert [mount["mountPath"] for mount in container["volumeMounts"]] == ["/certificates", "/tmp"]
        assert not [
            variable["name"]
            for variable in container["env"]
            if re.search("SECRET|PASSWORD|TOKEN", variable["name"])
        ]


def test_images_have_the_version_of_the_project_and_no_registry() -> None:
    text = "".join(path.read_text("utf-8") for path in sorted(FOLDER.glob("*.yaml")))
    images = set(re.findall(r"^\s*image: (\S+)$", text, re.MULTILINE))
    assert images == {"clearscale:0.1.0"}
    assert "latest" not in text


def test_probes_ask_what_the_image_serves() -> None:
    for name, port in (("scheduler", 8787), ("worker", 8788)):
        [container] = _pods()[name]["containers"]
        for probe in ("startupProbe", "readinessProbe", "livenessProbe"):
            assert container[probe]["httpGet"] == {"path": "/health", "port": "http-dashboard"}
        assert {"name": "http-dashboard", "containerPort": port, "protocol": "TCP"} in container["ports"]
        assert f":{port}" in " ".join(container["args"])


@pytest.fixture
def storage(monkeypatch: pytest.MonkeyPatch) -> Iterator[dict[str, str]]:
    """An S3 server with the buckets of the job; the secret that tells of it."""
    with serve() as (url, _):
        secret = environment(url, "0123456789", "us-west-2")
        for name, value in secret.items():
            monkeypatch.setenv(name, value)
        client = boto3.client("s3")
        for bucket in ("doj", "state"):
            where = {"LocationConstraint": "us-west-2"}
            client.create_bucket(Bucket=bucket, CreateBucketConfiguration=where)
        yield secret


class Pods:
    """Containers of manifests as processes: their words and variables, with this machine's paths and ports."""

    def __init__(self, certificates: Path, folder: Path) -> None:
        self._folder = folder
        self.port, *self.pages = free_ports(3)
        self._here = {"/certificates": str(certificates), ADDRESS: f"tls://127.0.0.1:{self.port}"}
        self._processes: list[subprocess.Popen[bytes]] = []

    def started(self, container: dict[str, Any], name: str, secret: dict[str, str]) -> subprocess.Popen[bytes]:
        words = [self._local(word) for word in container["args"]]
        variables = {variable["name"]: self._local(variable["value"]) for variable in container["env"]}
        image = dict(re.findall(r"^    (DASK_\w+)='(.*?)'", _containerfile(), re.MULTILINE))
        script = f'source {ROOT}/cluster/deploy/environment.sh && exec "$@"'
        with (self._folder / f"{name}.log").open("wb") as log:
            process = subprocess.Popen(
                ["bash", "-c", script, "bash", *words],
                env={**os.environ, **image, **variables, **secret, "DASK_WORKER_NAME": name, "PATH": _path()},
                stdout=log,
                stderr=log,
                cwd=self._folder,
            )
        self._processes.append(process)
        return process

    def _local(self, word: str) -> str:
        for there, here in self._here.items():
            word = word.replace(there, here)
        word = re.sub("^8786$", str(self.port), word).replace("$(DASK_WORKER_NAME)", "worker")
        for port, page in zip((8787, 8788), self.pages, strict=True):
            word = re.sub(f":{port}$", f"127.0.0.1:{page}", word)
        return word

    def stop(self) -> None:
        for process in reversed(self._processes):
            process.terminate()
        for process in self._processes:
            process.wait(PATIENCE)


def _containerfile() -> str:
    return (ROOT / "cluster/deploy/container/Containerfile").read_text("utf-8")


def _path() -> str:
    return f"{Path(CLEARSCALE).parent}:{os.environ['PATH']}"


def _answers(url: str) -> str:
    try:
        with urlopen(url) as found:
            return str(found.read().decode())
    except OSError:
        return ""


@pytest.mark.long
def test_what_the_manifests_start_works_from_s3_over_tls(storage: dict[str, str], tmp_path: Path) -> None:
    fabricate(str(tmp_path / "in"), counties=2, people=60, seed=3)
    worked(tmp_path / "in", tmp_path / "threads", small=())
    client = boto3.client("s3")
    for path in (tmp_path / "in").glob("*.csv"):
        client.upload_file(str(path), "doj", f"2020/{path.name}")
    make_certificates(tmp_path / "certificates")
    pods = Pods(tmp_path / "certificates", tmp_path)
    try:
        parts = _pods()
        for name in ("scheduler", "worker"):
            process = pods.started(parts[name]["containers"][0], name, storage)
            page = f"http://127.0.0.1:{pods.pages[name == 'worker']}"
            wait_until(lambda page=page: _answers(f"{page}/health") == "ok", process)
            assert f"dask_{name}" in _answers(f"{page}/metrics")
        for container in (*parts["job"]["initContainers"], *parts["job"]["containers"]):
            process = pods.started(container, container["name"], storage)
            assert process.wait(PATIENCE) == 0, (tmp_path / f"{container['name']}.log").read_text()
    finally:
        pods.stop()
    found = {}
    for page in client.get_paginator("list_objects_v2").paginate(Bucket="state"):
        for entry in page["Contents"]:
            found[entry["Key"].replace("runs/july/", "run/")] = client.get_object(Bucket="state", Key=entry["Key"])[
                "Body"
            ].read()
    wanted = answers(tmp_path / "threads")
    assert wanted.keys() <= found.keys()
    assert {name for name in wanted if found[name] != wanted[name]} == set()


@pytest.mark.long
def test_certificates_as_variables_work_as_the_chart_has_them(tmp_path: Path) -> None:
    make_certificates(tmp_path / "certificates")
    pods = Pods(tmp_path / "certificates", tmp_path)
    [values] = _documents("helm-values.yaml")
    try:
        for part in ("scheduler", "worker"):
            container = _as_the_chart_does(values, part)["spec"]["template"]["spec"]["containers"][0]
            for variable in container["env"]:
                if reference := variable.pop("valueFrom", None):
                    key = reference["secretKeyRef"]["key"]
                    file = tmp_path / "certificates" / key
                    variable["value"] = file.read_text() if file.exists() else "x"
            words = [word.replace("8786", str(pods.port)) for word in container["args"]]
            words = [re.sub("^clearscale-dask-scheduler", "127.0.0.1", word) for word in words]
            words = [
                re.sub("--dashboard-address=:8787", f"--dashboard-address=127.0.0.1:{pods.pages[0]}", word)
                for word in words
            ]
            words = [f"127.0.0.1:{pods.pages[1]}" if word == "8788" else word for word in words]
            kind, *rest = words
            container["args"] = ["dask", kind.removeprefix("dask-"), *rest]
            process = pods.started(container, part, {})
            page = f"http://127.0.0.1:{pods.pages[part == 'worker']}"
            wait_until(lambda page=page: _answers(f"{page}/health") == "ok", process)
        wait_until(lambda: "Registered to" in (tmp_path / "worker.log").read_text())
    finally:
        pods.stop()
    assert f"tls://127.0.0.1:{pods.port}" in (tmp_path / "worker.log").read_text()
