"""The page on object storage is followed word by word, and answers that are late change no byte."""

import gzip
import os
import subprocess
from pathlib import Path

import boto3
import pytest

from clearscale.synth import fabricate
from clearscale_bench.far import environment
from tests.support.pages import ROOT, blocks
from tests.support.places import CLEARSCALE, answers, worked
from tests.support.s3_server import FaultyServer
from tests.support.waiting import PATIENCE

pytestmark = [pytest.mark.slow, pytest.mark.long]

EXPORTED = ("All_Results.csv", "All_Results_Condensed.csv", "Prop64_Results.csv")


def test_the_page_is_followed_word_by_word(
    server: tuple[str, FaultyServer], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As object-storage.md says, with a server of this machine."""
    variables = environment(server[0], "...", "us-west-1")
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    client = boto3.client("s3")
    for bucket in ("doj", "state"):
        client.create_bucket(Bucket=bucket, CreateBucketConfiguration={"LocationConstraint": "us-west-1"})
    fabricate(str(tmp_path / "plain"), counties=2, people=40, seed=2)
    (tmp_path / "in").mkdir()
    for path in (tmp_path / "plain").glob("*.csv"):
        packed = gzip.compress(path.read_bytes(), mtime=0)
        (tmp_path / "in" / f"{path.name}.gz").write_bytes(packed)
        client.put_object(Bucket="doj", Key=f"2020/{path.name}.gz", Body=packed)
    [block] = blocks(ROOT / "docs/how-to/object-storage.md")
    script = block.body.replace("local:4", "local:2")
    done = subprocess.run(
        ["bash", "-euc", script],
        cwd=tmp_path,
        env={**os.environ, "PATH": f"{Path(CLEARSCALE).parent}:{os.environ['PATH']}"},
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    worked(tmp_path / "in", tmp_path / "threads", small=(), pattern="*.csv.gz")
    found = {}
    for page in client.get_paginator("list_objects_v2").paginate(Bucket="state"):
        for key in (entry["Key"] for entry in page["Contents"]):
            content = client.get_object(Bucket="state", Key=key)["Body"].read()
            found[key.replace("runs/july/", "run/")] = content
    wanted = answers(tmp_path / "threads")
    assert {name: content for name, content in found.items() if name in wanted} == wanted
    words = [
        "export",
        "--run",
        str(tmp_path / "threads" / "run"),
        "--county",
        "LOS ANGELES",
        "--out",
        str(tmp_path / "here"),
    ]
    subprocess.run([CLEARSCALE, *words], check=True, capture_output=True)
    for name in EXPORTED:
        assert (tmp_path / "for-los-angeles" / name).read_bytes() == (tmp_path / "here" / name).read_bytes()
