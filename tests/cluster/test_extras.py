"""The command of messages that adds an extra, as clearscale was installed."""

import json
from pathlib import Path

import pytest

from clearscale_cluster.extras import command, missing

WHEEL = json.dumps({"url": "file:///home/ann%20b/clearscale-0.1.0-py3-none-any.whl", "archive_info": {}})


@pytest.mark.parametrize(
    ("record", "given"),
    [
        (WHEEL, "'/home/ann b/clearscale-0.1.0-py3-none-any.whl[report]'"),
        (
            '{"url": "https://example.org/clearscale.whl"}',
            "'clearscale[report] @ https://example.org/clearscale.whl'",
        ),
        ("", "'clearscale[report]'"),
        ("[]", "'clearscale[report]'"),
    ],
)
def test_an_extra_comes_from_where_clearscale_came(record: str, given: str, tmp_path: Path) -> None:
    found = command("report", record=record, prefix=str(tmp_path), python="/env/bin/python")
    assert found == f"/env/bin/python -m pip install {given}"


@pytest.mark.parametrize(
    ("mark", "begin"),
    [("uv-receipt.toml", "uv tool install --force "), ("pipx_metadata.json", "pipx install --force ")],
)
def test_a_tool_that_keeps_environments_is_asked(mark: str, begin: str, tmp_path: Path) -> None:
    (tmp_path / mark).touch()
    assert command("s3", record="", prefix=str(tmp_path)) == f"{begin}'clearscale[s3]'"


def test_the_message_names_package_extra_and_command() -> None:
    said = missing("S3 needs", "s3fs", "s3")
    assert said.startswith("S3 needs the package s3fs, which the extra `s3` brings: ")
    assert "-m pip install" in said
