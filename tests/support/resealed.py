"""Runs as a wrong writer would leave them: other content, with the lengths and checksums that belong to it."""

import json
from pathlib import Path
from typing import Any

from clearscale.io.seals import seal_of, with_digest


def change_info(run: Path, info: dict[str, Any]) -> None:
    """Write another `run.json`, with its digest."""
    document = {name: value for name, value in info.items() if name != "digest"}
    (run / "run.json").write_text(json.dumps(with_digest(document)), "utf-8")


def change_summary(run: Path, summary: dict[str, Any]) -> None:
    """Write another `summary.json`, with its seal."""
    content = json.dumps(summary).encode()
    (run / "summary.json").write_bytes(content)
    info = json.loads((run / "run.json").read_bytes())
    info["files"][""]["summary.json"] = list(seal_of(content))
    change_info(run, info)
