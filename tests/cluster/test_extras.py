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


UV = 'requirements = [{ name = "clearscale", extras = ["s3", "report"], path = "/dist/clearscale.whl" }]'
PIPX = '{"main_package": {"package": "clearscale", "package_or_url": "/dist/clearscale.whl[s3,report]"}}'


@pytest.mark.parametrize(
    ("file", "text", "given"),
    [
        ("uv-receipt.toml", UV, "uv tool install --force 'clearscale[s3,report,xlsx]'"),
        ("uv-receipt.toml", "", "uv tool install --force 'clearscale[xlsx]'"),
        ("pipx_metadata.json", PIPX, "pipx install --force 'clearscale[s3,report,xlsx]'"),
        ("pipx_metadata.json", "{}", "pipx install --force 'clearscale[xlsx]'"),
    ],
)
def test_a_tool_that_keeps_environments_is_asked_and_keeps_its_extras(
    file: str, text: str, given: str, tmp_path: Path
) -> None:
    (tmp_path / file).write_text(text, "utf-8")
    assert command("xlsx", record="", prefix=str(tmp_path)) == given


def test_the_message_names_package_extra_and_command() -> None:
    said = missing("S3 needs", "s3fs", "s3")
    assert said.startswith("S3 needs the package s3fs, which the extra `s3` brings: ")
    assert "-m pip install" in said
