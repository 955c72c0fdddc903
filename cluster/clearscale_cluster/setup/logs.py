"""What the processes of a cluster's hosts say, kept in a file on the machine that started them."""

from __future__ import annotations

import os
import time
from contextlib import suppress
from pathlib import Path

from clearscale_cluster.shown import shown

KEPT = 30 * 24 * 3600.0
"""Seconds that a log is kept."""


def logs_folder() -> Path:
    """Where logs lie: below XDG_STATE_HOME, or `~/.local/state`."""
    return Path(os.environ.get("XDG_STATE_HOME") or Path.home() / ".local" / "state") / "clearscale" / "logs"


class HostLog:
    """A file for its user alone, which is made when the first line comes; earlier ones are removed after a month.

    It is no reason to fail: what cannot be written is not kept.
    """

    def __init__(self) -> None:
        self.path: Path | None = None

    def add(self, host: str, line: str) -> None:
        """Write down what a host said."""
        with suppress(OSError):
            if self.path is None:
                self.path = _new(logs_folder())
            with self.path.open("a", encoding="utf-8") as file:
                file.write(f"{time.strftime('%Y-%m-%d %H:%M:%S')} {host}: {shown(line.rstrip())}\n")


def _new(folder: Path) -> Path:
    folder.mkdir(0o700, parents=True, exist_ok=True)
    for log in folder.glob("ssh-*.log"):
        with suppress(OSError):
            if time.time() - log.stat().st_mtime > KEPT:
                log.unlink()
    path = folder / f"ssh-{time.strftime('%Y%m%d-%H%M%S')}-{os.getpid()}.log"
    os.close(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600))
    return path
