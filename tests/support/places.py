"""What is done at every place where clearscale may work, and what must be the same there: an ingest and a run."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

from .waiting import PATIENCE

CLEARSCALE = str(Path(sys.executable).with_name("clearscale"))

TIMED = {"run/run.json", "store/log.jsonl"}
"""Files that say when and where."""


def worked(
    extracts: Path,
    out: Path,
    cluster: Sequence[str] = (),
    environment: Mapping[str, str] | None = None,
    small: Sequence[str] = ("--buckets", "4"),
    pattern: str = "*.csv",
) -> str:
    """Take in a folder's extracts and decide, in `out`; returns what was said on standard error.

    cluster: options that say where; environment: variables beside this process's.
    """
    steps = (
        ["ingest", *map(str, sorted(extracts.glob(pattern))), "--store", str(out / "store"), *small],
        [
            *("run", "--store", str(out / "store"), "--policy", "ca-dismiss-all", "--as-of", "2020-07-01"),
            *("--out", str(out / "run")),
        ],
    )
    said = ""
    for words in steps:
        done = subprocess.run(
            [CLEARSCALE, *words, *cluster, "--quiet"],
            env={**os.environ, **(environment or {})},
            capture_output=True,
            text=True,
            timeout=PATIENCE,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        said += done.stderr
    return said


def answers(out: Path) -> dict[str, bytes]:
    """The bytes of all that was written there and must be the same everywhere, by path."""
    found = {path.relative_to(out).as_posix(): path for path in out.rglob("*") if path.is_file()}
    assert len(found) > 10
    return {
        name: path.read_bytes() for name, path in sorted(found.items()) if name not in TIMED and "/log" not in name
    }
