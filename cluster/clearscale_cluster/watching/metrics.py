"""Metrics of passes and tasks, for Prometheus, in the registry of the process that they happen in.

Dask's schedulers and workers answer at /metrics with all that is in the default registry of `prometheus_client`,
so what is put there stands beside Dask's own. Where nothing in a process has imported that package, nobody asks
for metrics, and nothing is counted.
"""

from __future__ import annotations

import sys
import threading
from typing import Any

from clearscale_cluster.label import plain

from .process import Traffic
from .record import PassRecord

_metrics: dict[str, Any] = {}
_making = threading.Lock()


def count_task(label: str, seconds: float, traffic: Traffic, *, failed: bool) -> None:
    """Count a task that has ended, in the worker's process that it ran in."""
    if not _wanted():
        return
    name = plain(label)
    outcome = "failed" if failed else "done"
    _counter("tasks", "Tasks that have ended", "pass", "outcome").labels(name, outcome).inc()
    _counter("task_seconds", "Seconds spent in tasks", "pass").labels(name).inc(seconds)
    _counter("read_bytes", "Bytes of files that tasks read or mapped", "pass").labels(name).inc(traffic.read)
    _counter("written_bytes", "Bytes of files that tasks wrote", "pass").labels(name).inc(traffic.written)


def count_pass(ended: PassRecord) -> None:
    """Count a pass that has ended."""
    if not _wanted():
        return
    name = plain(ended.label)
    _counter("passes", "Passes that have ended", "pass", "outcome").labels(name, ended.outcome).inc()
    _counter("pass_seconds", "Seconds that passes took", "pass").labels(name).inc(ended.seconds)
    _counter("pass_tasks", "Tasks of passes that have ended", "pass").labels(name).inc(ended.tasks)
    _counter("pass_tasks_again", "Tasks that were given to another worker, theirs being lost", "pass").labels(
        name
    ).inc(ended.again)


def count_running(label: str, change: int) -> None:
    """Add to the number of passes that are running."""
    if _wanted():
        _metric("Gauge", "passes_running", "Passes that are running", ("pass",)).labels(plain(label)).inc(change)


def _wanted() -> bool:
    return "prometheus_client" in sys.modules


def _counter(name: str, about: str, *labels: str) -> Any:
    return _metric("Counter", name, about, labels)


def _metric(kind: str, name: str, about: str, labels: tuple[str, ...]) -> Any:
    with _making:
        if name not in _metrics:
            import prometheus_client

            _metrics[name] = getattr(prometheus_client, kind)(f"clearscale_{name}", about, labels)
        return _metrics[name]
