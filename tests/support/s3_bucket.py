"""A bucket as tests see it, and what they expect of a store in it."""

import gzip
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import boto3
import pytest

from clearscale.commands import main

from .s3_server import Faults, FaultyServer, Request
from .samples import contents, extract, put

SECRET = "wJalrXUtnFEMI-never-in-a-message"

ALAMEDA, YOLO = extract("ALAMEDA", 1, 40), extract("YOLO", 2, 15)


@dataclass(frozen=True)
class Bucket:
    """A bucket of the server."""

    name: str
    server: FaultyServer

    def url(self, path: str = "") -> str:
        return f"s3://{self.name}/{path}".rstrip("/")

    @cached_property
    def _client(self) -> Any:
        return boto3.client("s3")

    def put(self, path: str, content: bytes) -> str:
        """Put an object there; returns its URL."""
        self._client.put_object(Bucket=self.name, Key=path, Body=content)
        return self.url(path)

    def remove(self, path: str) -> None:
        """Remove an object."""
        self._client.delete_object(Bucket=self.name, Key=path)

    def put_folder(self, folder: Path, path: str) -> str:
        """Put a folder's files there, such as a store that was made locally; returns its URL."""
        for name, content in contents(folder).items():
            self.put(f"{path}/{name}", content)
        return self.url(path)

    def contents(self, below: str = "") -> dict[str, bytes]:
        """Every object below a folder, by its path in it, but for a store's log; see `samples.contents`."""
        client = self._client
        prefix = f"{below}/" if below else ""
        pages = client.get_paginator("list_objects_v2").paginate(Bucket=self.name, Prefix=prefix)
        keys = [entry["Key"] for page in pages for entry in page.get("Contents", ())]
        return {
            key.removeprefix(prefix): client.get_object(Bucket=self.name, Key=key)["Body"].read()
            for key in keys
            if "log" not in key.removeprefix(prefix).split("/")
        }

    def keys(self) -> list[str]:
        """The names of all objects, sorted."""
        pages = self._client.get_paginator("list_objects_v2").paginate(Bucket=self.name)
        return sorted(entry["Key"] for page in pages for entry in page.get("Contents", ()))

    def put_extracts(self) -> list[str]:
        """A plain extract and a compressed one; returns their URLs."""
        return [self.put("in/alameda.csv", ALAMEDA), self.put("in/yolo.csv.gz", gzip.compress(YOLO))]

    def fail(self, faults: Faults) -> None:
        """Let requests fail from now on."""
        self.server.requests.clear()
        self.server.injected.clear()
        self.server.faults = faults

    def heal(self) -> list[Request]:
        """No more failures; returns the requests that failed."""
        injected = self.server.injected
        self.server.clear()
        return injected

    def written(self) -> list[str]:
        """What was put into the bucket since its server was last cleared, in order."""
        puts = [request.path for request in self.server.requests if request.method == "PUT"]
        return [path.removeprefix(f"{self.name}/") for path in puts]


def put_local_extracts(folder: Path) -> list[str]:
    """The same extracts as `Bucket.put_extracts`, in a folder."""
    return [put(folder, "in/alameda.csv", ALAMEDA), put(folder, "in/yolo.csv.gz", gzip.compress(YOLO))]


def answers(contents: dict[str, bytes]) -> dict[str, bytes]:
    """A run's files but for `run.json`, which says where its store is and how long it took."""
    return {name: content for name, content in contents.items() if name != "run.json"}


def command(capsys: pytest.CaptureFixture[str], *arguments: object) -> tuple[int, str]:
    """Exit code of a command and what it says on standard error, which is never a traceback and names no secret."""
    with pytest.raises(SystemExit) as left:
        main.main([str(argument) for argument in arguments])
    printed = capsys.readouterr()
    for text in ("Traceback", SECRET, "AKIATEST", "SECRET-ACCOUNT"):
        assert text not in printed.err + printed.out
    assert isinstance(left.value.code, int)
    return left.value.code, printed.err.strip()
