"""What a worker process is given: its manners and its warm-up.

Workers load this module by name before they start (Dask calls that a preload).
"""

from __future__ import annotations

import asyncio
import signal
import threading
from collections.abc import Callable
from typing import Any

from distributed import WorkerPlugin

from .memory import leave_no_memory
from .quiet import leave_out_tasks, quieten


def dask_setup(worker: Any) -> None:
    """Called by Dask in each worker process before it connects."""
    quieten()
    leave_out_tasks()
    leave_no_memory()
    # Ctrl-C in a terminal reaches every process of the group; what it means is the caller's to decide.
    if threading.current_thread() is threading.main_thread():
        signal.signal(signal.SIGINT, signal.SIG_IGN)


class WarmUp(WorkerPlugin):  # type: ignore[misc]
    """Runs a callable once on each worker, those that join or restart later included, before its first task."""

    def __init__(self, warm_up: Callable[[], object]) -> None:
        self._warm_up = warm_up

    async def setup(self, worker: Any) -> None:
        # In a thread, so that the worker still answers its scheduler.
        await asyncio.to_thread(self._warm_up)
