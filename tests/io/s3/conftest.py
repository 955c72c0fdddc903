"""A server that speaks S3, and a bucket in it for each test."""

import contextlib
from collections.abc import Iterator

import fsspec
import pytest

from clearscale_bench.far import environment
from tests.support.s3_bucket import SECRET, Bucket
from tests.support.s3_server import FaultyServer, serve


@pytest.fixture(scope="session")
def server() -> Iterator[tuple[str, FaultyServer]]:
    with serve() as served:
        yield served


@pytest.fixture
def bucket(
    server: tuple[str, FaultyServer], request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Bucket]:
    """An empty bucket; credentials and endpoint are in the environment, as users give them."""
    url, application = server
    variables = {
        **environment(url, SECRET, "us-west-1"),
        # Tries follow each other at once: waiting between them is the library's own matter.
        "AWS_RETRY_MODE": "standard",
        "AWS_MAX_ATTEMPTS": "2",
    }
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr("botocore.retries.standard.ExponentialBackoff.delay_amount", lambda *_: 0.01)
    monkeypatch.setattr("s3fs.core.S3FileSystem.retries", 3)
    _forget()
    application.clear()
    made = Bucket(f"b{abs(hash(request.node.nodeid)):x}", application)
    # A late answer is asked for again, and then the bucket is there already.
    with contextlib.suppress(FileExistsError):
        fsspec.filesystem("s3").call_s3(
            "create_bucket", Bucket=made.name, CreateBucketConfiguration={"LocationConstraint": "us-west-1"}
        )
    application.clear()
    yield made
    application.clear()
    _forget()


@pytest.fixture(autouse=True)
def first_blocks_as_small_as_others(monkeypatch: pytest.MonkeyPatch) -> None:
    """Small extracts are cut into blocks as large ones are."""
    monkeypatch.setattr("clearscale.extract.reading._LONGEST_OPENING", 2000)


def _forget() -> None:
    """Let the next use of S3 look at the environment again."""
    fsspec.get_filesystem_class("s3").clear_instance_cache()
