"""Dask's settings on clusters that are started here."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from clearscale_cluster.errors import ClusterError

if TYPE_CHECKING:
    from distributed.security import Security

SETTINGS: dict[str, Any] = {
    # Deaths of a worker that a task may survive. Tasks that only waited on a dying worker count as well.
    "distributed.scheduler.allowed-failures": 4,
    # Tasks that a worker holds for each of its threads, the running one included: a few, so that small tasks follow
    # one another without a round trip, and few die with their worker.
    "distributed.scheduler.worker-saturation": 4.0,
    # A worker that gives no sign for so long is taken for dead, and its tasks are done elsewhere: one that stands
    # still keeps its connections, so nothing else tells. While tasks compute, their worker still answers. Dask
    # looks about as often, so it takes up to twice as long.
    "distributed.scheduler.worker-ttl": "60s",
    # Results are small. A worker near its limit holds a task's own memory, which no spilling frees, and what Dask
    # would write to disk may be somebody's data; a paused worker may stay paused for ever. So neither: at 95% the
    # worker is ended, and its task runs again on a fresh one.
    "distributed.worker.memory.target": False,
    "distributed.worker.memory.spill": False,
    "distributed.worker.memory.pause": False,
    "distributed.worker.memory.terminate": 0.95,
    # Only what must be set before a process starts. Dask sets these in the process that starts it, too, so the rest
    # goes another way (`ENVIRONMENT`).
    "distributed.nanny.pre-spawn-environ": {"MALLOC_TRIM_THRESHOLD_": 65536},
    # A worker that died is started again, however long a busy machine takes. Without this, Dask gives up a local
    # one that is not there 15 s after it was lost, even if it came back in between and was lost again.
    "distributed.deploy.lost-worker-timeout": "1000 days",
    # No status pages: nobody looks at them, and anybody on the machine could.
    "distributed.scheduler.http.routes": [],
    "distributed.worker.http.routes": [],
    # Nor a profile for such pages, nor a look at the loop of events fifty times a second: they take 3% of a core
    # for each worker, idle or not.
    "distributed.worker.profile.enabled": False,
    "distributed.admin.tick.interval": "1s",
}

ENVIRONMENT = {
    # Dask owns the cores: a worker computes in one thread.
    "NUMBA_NUM_THREADS": "1",
    "OMP_NUM_THREADS": "1",  # also the size of Arrow's compute pool
    "ARROW_IO_THREADS": "1",
    "MKL_NUM_THREADS": "1",
    "OPENBLAS_NUM_THREADS": "1",
}
"""The environment of worker processes."""


def throwaway_security(where: str) -> Security:
    """TLS for all parts of one cluster, with a certificate made now; who does not hold its key cannot connect.

    Raises ClusterError when the package for it is missing.
    """
    from distributed.security import Security

    try:
        return Security.temporary()
    except ImportError as error:
        raise ClusterError(
            f"{where}: its processes talk over TLS, which needs the package cryptography; "
            "install it, or use threads"
        ) from error
