"""The door: from a specification to a cluster."""

from __future__ import annotations

from collections.abc import Callable

from .cluster import Cluster
from .spec import Address, Threads, parse_spec


def open_cluster(
    spec: str | None = None, warm_up: Callable[[], object] | None = None, *, timeout: float = 10.0
) -> Cluster:
    """Open the cluster that spec describes; use it in a `with` statement.

    Parameters:
        spec: None or "threads[:N]" for threads of this process, "local[:N]" for worker processes on this machine,
            or the address of a Dask scheduler, which is never shut down.
        warm_up: a picklable callable without arguments that makes a process ready: it imports what tasks need and
            compiles. Runs on each worker, and before local workers start once in this process; not for threads,
            where the first task does as much.
        timeout: seconds to wait for a scheduler to answer, and for its first worker.

    Raises ClusterError when spec is not understood or the cluster cannot be had; what `warm_up` raises.
    """
    wanted = parse_spec(spec)
    # Imported only when needed: `distributed` takes longer to import than many runs take.
    if isinstance(wanted, Threads):
        from .embedded import EmbeddedCluster

        return EmbeddedCluster(wanted.count)
    if isinstance(wanted, Address):
        from .address import connect

        return connect(wanted.url, warm_up, timeout)
    from .processes import start

    return start(wanted.count, warm_up, timeout)
