"""What a worker process is given: its environment, its manners and its warm-up.

Workers load this module by name before they start (Dask calls that a preload).
"""

from __future__ import annotations

import asyncio
import signal
import threading
from collections.abc import Callable
from typing import Any

from distributed import WorkerPlugin

from .quiet import quieten

ENVIRONMENT = {
    # Dask owns the cores: a worker computes in one thread.
    "NUMBA_NUM_THREADS": "1",
    "OMP_NUM_THREADS": "1",  # also the size of Arrow's compute pool
    "ARROW_IO_THREADS": "1",
    "MKL_NUM_THREADS": "1",
    "OPENBLAS_NUM_THREADS": "1",
}


def dask_setup(worker: Any) -> None:
    """Called by Dask in each local worker process before it connects."""
    quieten()
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
