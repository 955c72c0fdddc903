"""A Kubernetes API server of this machine, as far as `dask_kubernetes` asks it, and what its operator would do.

A scheduler and workers are processes of this machine, started when their objects are made or scaled.
"""

from __future__ import annotations

import json
import re
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

from .slurm import free_ports

Object = dict[str, Any]

GROUP = "kubernetes.dask.org"
CORE, OWN = ("Pod", "Service"), ("DaskCluster", "DaskWorkerGroup", "DaskAutoscaler")
READY = ("Ready", "ContainersReady")
_PATH = re.compile(r"/(?:api|apis/[a-z.]+)/v1/namespaces/[^/]+/([a-z]+)(?:/([^/]+))?")


@dataclass
class Kubernetes:
    """What the server knows.

    operated: whether the operator's kinds are known. asked: requests that change something, in order: the method,
    the kind of object, and what was sent.
    """

    operated: bool = True
    asked: list[tuple[str, str, Object | None]] = field(default_factory=list)
    _objects: dict[tuple[str, str], Object] = field(default_factory=dict)
    _processes: list[subprocess.Popen[bytes]] = field(default_factory=list)

    def answer(self, method: str, url: str, sent: Object | None) -> tuple[int, Object]:
        """Answer a request."""
        asked = urlsplit(url)
        path = asked.path.rstrip("/")
        if path in self._told():
            return 200, self._told()[path]
        found = _PATH.fullmatch(path)
        if found is None or (GROUP in path and not self.operated):
            return 404, _missing(path)
        kind, name = found.groups()
        if method != "GET":
            self.asked.append((method, kind, sent))
        if method == "POST":
            assert sent is not None
            return 201, self._made(kind, sent)
        if name is None:
            return 200, {
                "kind": "List",
                "apiVersion": "v1",
                "metadata": {},
                "items": self._listed(kind, asked.query),
            }
        return self._done(method, kind, name, sent)

    def _told(self) -> dict[str, Object]:
        """What the server says of itself, by path."""
        version = {"groupVersion": f"{GROUP}/v1", "version": "v1"}
        group = {"name": GROUP, "versions": [version], "preferredVersion": version}
        return {
            "/version": {"major": "1", "minor": "31", "gitVersion": "v1.31.0"},
            "/api": {"versions": ["v1"]},
            "/api/v1": {"resources": [_kind(name) for name in CORE]},
            "/apis": {"groups": [group] if self.operated else []},
            f"/apis/{GROUP}/v1": {"resources": [_kind(name) for name in OWN]},
        }

    def _done(self, method: str, kind: str, name: str, sent: Object | None) -> tuple[int, Object]:
        """Answer what is asked of an object."""
        if (kind, name) not in self._objects:
            return 404, _missing(name)
        if method == "DELETE":
            if kind == "daskclusters":
                self.stop()
            return 200, self._objects.pop((kind, name))
        if method == "PATCH" and kind == "daskworkergroups":
            assert sent is not None
            self._scale(self._objects[kind, name], sent["spec"]["worker"]["replicas"])
        return 200, self._objects[kind, name]

    def _made(self, kind: str, sent: Object) -> Object:
        name = sent["metadata"]["name"]
        sent["metadata"] |= {"namespace": "default", "uid": name}
        self._objects[kind, name] = sent
        if kind == "daskclusters":
            self._start(name, sent)
        return sent

    def _listed(self, kind: str, query: str) -> list[Object]:
        """Objects of a kind that fit the selectors of a query."""
        asked = parse_qs(query)
        fields = dict(part.split("=") for text in asked.get("fieldSelector", []) for part in text.split(","))
        labels = dict(part.split("=") for text in asked.get("labelSelector", []) for part in text.split(","))
        return [
            found
            for (of, name), found in self._objects.items()
            if of == kind
            and fields.get("metadata.name", name) == name
            and labels.items() <= found["metadata"].get("labels", {}).items()
        ]

    def _start(self, name: str, cluster: Object) -> None:
        """Do what the operator does with a new cluster."""
        port, dashboard = free_ports(2)
        self._run("scheduler", "--port", str(port), "--dashboard-address", f"127.0.0.1:{dashboard}")
        labels = {"dask.org/cluster-name": name, "dask.org/component": "scheduler"}
        about = {"name": f"{name}-scheduler", "namespace": "default", "labels": labels}
        ready = {"phase": "Running", "conditions": [{"type": kind, "status": "True"} for kind in READY]}
        self._objects["pods", about["name"]] = {"kind": "Pod", "metadata": about, "status": ready}
        ports = [{"name": "tcp-comm", "port": port}, {"name": "http-dashboard", "port": dashboard}]
        self._objects["services", about["name"]] = {
            "kind": "Service",
            "metadata": about,
            "spec": {"type": cluster["spec"]["scheduler"]["service"]["type"], "selector": labels, "ports": ports},
            "status": {"loadBalancer": {"ingress": [{"hostname": "127.0.0.1"}]}},
        }
        group: Object = {
            "kind": "DaskWorkerGroup",
            "metadata": {"name": f"{name}-default", "namespace": "default"},
            "spec": {"scheduler": f"tcp://127.0.0.1:{port}", "worker": {"replicas": 0}},
        }
        self._objects["daskworkergroups", f"{name}-default"] = group
        self._scale(group, cluster["spec"]["worker"]["replicas"])
        cluster["status"] = {"phase": "Running"}

    def _scale(self, group: Object, workers: int) -> None:
        for _ in range(workers - group["spec"]["worker"]["replicas"]):
            self._run("worker", group["spec"]["scheduler"], "--nthreads", "1", "--no-dashboard")
        group["spec"]["worker"]["replicas"] = workers

    def _run(self, what: str, *words: str) -> None:
        command = [sys.executable, "-m", f"distributed.cli.dask_{what}", "--host", "127.0.0.1", *words]
        self._processes.append(subprocess.Popen(command, stderr=subprocess.DEVNULL))

    def stop(self) -> None:
        """End what was started."""
        while self._processes:
            process = self._processes.pop()
            process.terminate()
            process.wait()


def _kind(name: str) -> Object:
    singular = name.lower()
    return {"name": f"{singular}s", "singularName": singular, "kind": name, "namespaced": True, "verbs": []}


def _missing(path: str) -> Object:
    return {"kind": "Status", "code": 404, "reason": "NotFound", "message": f"{path} not found"}


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, *_: Any) -> None:
        """Say nothing of clients that leave."""


@contextmanager
def serve(folder: Path, *, operated: bool = True) -> Iterator[tuple[Kubernetes, Path]]:
    """Serve the API on a free port; yields it and the file for KUBECONFIG, which is written into a folder."""
    kubernetes = Kubernetes(operated)

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def log_message(self, *_: Any) -> None:
            """Say nothing."""

        def answer(self) -> None:
            length = int(self.headers.get("Content-Length") or 0)
            sent = json.loads(self.rfile.read(length)) if length else None
            code, document = kubernetes.answer(self.command, self.path, sent)
            content = json.dumps(document).encode()
            self.send_response(code)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

    for method in ("GET", "POST", "PATCH", "DELETE"):
        setattr(Handler, f"do_{method}", Handler.answer)
    server = _Server(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    file = folder / "kubeconfig.json"
    url = f"http://127.0.0.1:{server.server_port}"
    named = {"apiVersion": "v1", "kind": "Config", "current-context": "here"}
    context = {"cluster": "here", "user": "here", "namespace": "default"}
    parts = {
        "clusters": [{"name": "here", "cluster": {"server": url}}],
        "users": [{"name": "here", "user": {"token": "of-no-account"}}],
        "contexts": [{"name": "here", "context": context}],
    }
    file.write_text(json.dumps(named | parts))
    try:
        yield kubernetes, file
    finally:
        kubernetes.stop()
        server.shutdown()
        server.server_close()
