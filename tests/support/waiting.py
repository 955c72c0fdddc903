"""Waiting for what happens. A busy machine makes it late and fails no test; only what never happens does."""

import subprocess
import time
from collections.abc import Callable
from typing import Any

PATIENCE = 600.0
"""Seconds until something counts as never."""


def wait_until(happened: Callable[[], object], process: subprocess.Popen[Any] | None = None) -> None:
    """Return when it happened. Raises AssertionError when it never does, or the process in which it would ends."""
    deadline = time.monotonic() + PATIENCE
    while not happened():
        assert process is None or process.poll() is None, "the process ended before that"
        assert time.monotonic() < deadline, f"has not happened for {PATIENCE:.0f} s"
        time.sleep(0.005)
