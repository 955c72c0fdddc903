"""A store in an object store that takes 30 ms for each answer, beside the same on this machine's disk."""

import itertools
import shutil
from collections.abc import Iterator
from pathlib import Path

import boto3
import pytest

from clearscale.commands.demo import AS_OF
from clearscale_bench.comparing import Bench
from clearscale_bench.data import Data
from clearscale_bench.far import environment, late, s3, served
from clearscale_bench.measure import Program, process
from clearscale_bench.report import Goal

from .test_ingest import INGEST
from .test_run import SHELL_RUN, policy_file

SECONDS = 0.03
"""How late each answer is."""

LARGEST = 0.02
"""Of a state, where many small extracts make the most requests for what there is to do."""

BUCKET = "far"


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A server with an empty bucket; processes find it by their environment."""
    with served(late(s3(), SECONDS)) as url:
        for name, value in environment(url, "of-no-account", "us-east-1").items():
            monkeypatch.setenv(name, value)
        boto3.client("s3").create_bucket(Bucket=BUCKET)
        yield


def test_far(bench: Bench, data: Data, scales: list[float], scratch: Path, server: None) -> None:
    """An ingest and a run, each from its start to its end."""
    scale = min(scales[0], LARGEST)
    extracts = data.state(scale)
    client = boto3.client("s3")
    for path in extracts.paths:
        client.upload_file(str(path), BUCKET, f"in/{path.name}")
    near, stores = scratch / "store", itertools.count()
    ingests = [
        process(
            "the same from disk",
            INGEST,
            str(extracts.folder),
            str(near),
            prepare=lambda: shutil.rmtree(near, ignore_errors=True),
        ),
        Program(
            "clearscale ingest, S3",
            lambda: process("far", INGEST, f"s3://{BUCKET}/in", f"s3://{BUCKET}/store-{next(stores)}").run(),
        ),
    ]
    size = f"{scale:g} of the state, {len(extracts.paths)} files, {SECONDS * 1000:.0f} ms a request"
    bench.compare(
        "ingest from S3",
        size,
        ingests[1],
        ingests[:1],
        rows=extracts.rows,
        mb=extracts.mb,
        goals=[Goal("x peer", 1.5, ingests[0].name)],
    )


def test_far_run(bench: Bench, data: Data, scales: list[float], scratch: Path, server: None) -> None:
    scale = min(scales[0], LARGEST)
    store, outs = data.store(scale), itertools.count()
    client = boto3.client("s3")
    for path in (path for path in store.rglob("*") if path.is_file()):
        client.upload_file(str(path), BUCKET, f"store/{path.relative_to(store)}")
    policy = policy_file(scratch)

    def program(name: str, place: str, out: str) -> Program:
        return Program(name, lambda: process(name, SHELL_RUN, place, policy, f"{out}/{next(outs)}", AS_OF).run())

    near = program("the same from disk", str(store), str(scratch / "runs"))
    bench.compare(
        "run from S3",
        f"{scale:g} of the state, {SECONDS * 1000:.0f} ms a request",
        program("clearscale run, S3", f"s3://{BUCKET}/store", f"s3://{BUCKET}/runs"),
        [near],
        rows=None,
        goals=[Goal("more", 1, near.name)],
    )
