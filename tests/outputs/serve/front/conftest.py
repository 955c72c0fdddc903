"""A front page of an empty folder, and a small extract that the gate refuses until somebody has looked at it."""

import contextlib
import http.client
import json
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest

import clearscale
from clearscale.formats import load_map
from clearscale.outputs.serve.server import Server
from clearscale.synth import fabricate_charges
from tests.support.samples import extract, put
from tests.support.waiting import PATIENCE, wait_until


@dataclass(frozen=True)
class Front:
    """A front page that is served, and its folder."""

    server: Server
    folder: Path

    def ask(
        self, path: str, method: str = "GET", body: bytes | None = None, **headers: str
    ) -> tuple[int, dict[str, str], bytes]:
        """(status, headers, content) of a request; a page of this server sends it where no Origin is given."""
        own = {"Origin": f"http://127.0.0.1:{self.server.server_port}"} if method == "POST" else {}
        connection = http.client.HTTPConnection("127.0.0.1", self.server.server_port, timeout=PATIENCE)
        try:
            full = path if path.startswith("/") else f"/{self.server.token}/{path}"
            given = {name.replace("_", "-"): value for name, value in headers.items()}
            connection.request(method, full, body, {**own, **given})
            reply = connection.getresponse()
            return reply.status, dict(reply.getheaders()), reply.read()
        finally:
            connection.close()

    def get(self, path: str, **given: str) -> Any:
        """Return a document."""
        status, _, content = self.ask(f"{path}?{urlencode(given)}")
        assert status == 200, content
        return json.loads(content)

    def post(self, path: str, document: Any) -> tuple[int, str]:
        """Send a document; returns the status, and what is said."""
        status, _, content = self.ask(path, "POST", json.dumps(document).encode())
        return status, content.decode().strip()

    def upload(self, name: str, content: bytes, kind: str = "uploads") -> tuple[int, str]:
        """Upload a file."""
        status, _, said = self.ask(f"upload?{urlencode({'kind': kind, 'name': name})}", "POST", content)
        return status, said.decode().strip()

    def work(self, kind: str, **given: Any) -> Any:
        """Have work done, and return how it ended."""
        status, said = self.post("start", {"kind": kind, "given": given})
        assert status == 200, said
        return self.ended()

    def ended(self) -> Any:
        """Wait for the end of the work."""
        wait_until(lambda: self.get("job")["status"] != "running")
        return self.get("job")


@contextlib.contextmanager
def served(folder: Path) -> Iterator[Front]:
    """A front page of a folder."""
    server = clearscale.serve_folder(folder)
    thread = threading.Thread(target=server.serve_forever, args=(0.02,))
    thread.start()
    try:
        yield Front(server, folder)
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@pytest.fixture
def front(tmp_path: Path) -> Iterator[Front]:
    with served(tmp_path / "served") as made:
        yield made


@pytest.fixture(scope="session")
def refused(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An extract of Alameda on edges of the rules, which looks like damage."""
    return Path(put(tmp_path_factory.mktemp("given"), "alameda.csv", extract("ALAMEDA", subjects=40)))


Serve = Callable[[Path], contextlib.AbstractContextManager[Front]]


@pytest.fixture(scope="session")
def serve() -> Serve:
    return served


@pytest.fixture(scope="session")
def cook(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A fabricated file of the clerk of Cook County."""
    folder = tmp_path_factory.mktemp("cook")
    return Path(fabricate_charges(str(folder), load_map("il-cook-clerk"), people=60, seed=7).path)
