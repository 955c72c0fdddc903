"""The door: from a specification to a cluster."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from .chosen import chosen_scheduler
from .cluster import Cluster
from .errors import ClusterError
from .shown import say, shown_url
from .spec import Address, File, Hosts, Named, Threads, parse_spec

if TYPE_CHECKING:
    from distributed import Client
    from distributed.deploy.cluster import Cluster as DaskCluster


def open_cluster(
    spec: str | os.PathLike[str] | Client | DaskCluster | None = None,
    warm_up: Callable[[], object] | None = None,
    *,
    timeout: float = 10.0,
    insecure: bool = False,
    wait: float | None = None,
) -> Cluster:
    """Open the cluster that a specification describes; use it in a `with` statement.

    A script that opens worker processes must do so under `if __name__ == "__main__":`, since they import it.

    Parameters
    ----------
    spec : str, os.PathLike, distributed.Client or a Dask cluster, optional
        `threads[:N]` for threads of this process; `local[:N]` for worker processes on this machine;
        `ssh:HOST,HOST` for worker processes on machines that SSH reaches; the address of a Dask scheduler, which is
        never shut down; a file that a scheduler wrote; or a file in the form of Dask's configuration that names one
        of these places or any class of Dask clusters. A client, or a cluster such as `LocalCluster` or
        `SLURMCluster`, is used as it is and left open. None is the scheduler that DASK_SCHEDULER_ADDRESS or Dask's
        configuration names, which is told on standard error, and otherwise threads.
    warm_up : callable, optional
        A picklable callable without arguments that makes a process ready: it imports what tasks need and compiles.
        It runs on each worker, and before local workers start once in this process; not for threads, where the
        first task does as much.
    timeout : float, default 10.0
        Seconds to wait for a scheduler to answer, and for its first worker.
    insecure : bool, default False
        Whether the address of a scheduler may be one without TLS, such as `tcp://10.0.0.1:8786`: who reaches its
        port can run code there, and who is on the way can read and change what goes over it. An address of this
        machine's loopback interface at which a process that this one started listens needs no such leave.
    wait : float, optional
        Seconds to wait for the first worker, and for another when all are gone; without it `timeout`, and ten
        minutes for a cluster that starts workers by itself.

    Returns
    -------
    Cluster
        The cluster, open.

    Raises
    ------
    ClusterError
        If the specification is not understood, the cluster cannot be had, or an address without TLS was not
        allowed.

    Examples
    --------
    >>> from clearscale_cluster import open_cluster
    >>> with open_cluster("threads:2") as cluster:
    ...     cluster.gather(abs, [-3, 1, -2])
    [3, 1, 2]
    """
    if spec is not None and not isinstance(spec, str | os.PathLike):
        from clearscale_cluster.places.named import hold

        return hold(spec, warm_up, timeout, wait)
    chosen = chosen_scheduler() if spec is None else None
    if chosen is not None:
        say(
            f"clearscale: works at {shown_url(chosen.address)}, which {chosen.by} names; "
            "to work in this process, name threads as the cluster",
            to=sys.stderr,
        )
        spec = chosen.address
    wanted = parse_spec(None if spec is None else os.fspath(spec))
    ssh = None
    settings: Mapping[str, Any] = {}
    # Imported only when needed: `distributed` takes longer to import than many runs take.
    if isinstance(wanted, File):
        from clearscale_cluster.setup.configuration import read_configuration

        file = read_configuration(wanted.path)
        wanted, ssh, settings = file.place, file.ssh, file.settings
    if insecure and not isinstance(wanted, Address | Named):
        raise ClusterError(f"cluster {spec}: insecure is for the address of a scheduler; leave it out")
    if isinstance(wanted, Threads):
        from clearscale_cluster.places.embedded import EmbeddedCluster

        return EmbeddedCluster(wanted.count)
    if isinstance(wanted, Address):
        from clearscale_cluster.places.address import connect

        return connect(wanted.url, warm_up, timeout, settings, insecure=insecure, wait=wait)
    if isinstance(wanted, Named):
        from clearscale_cluster.places.named import start_named

        return start_named(wanted, warm_up, timeout, wait, settings, insecure=insecure)
    if isinstance(wanted, Hosts):
        from clearscale_cluster.places.ssh import start_over_ssh
        from clearscale_cluster.setup.configuration import Ssh

        return start_over_ssh(wanted.names, ssh or Ssh(), warm_up, timeout, settings)
    from clearscale_cluster.places.processes import start

    return start(wanted.count, warm_up, timeout, settings)
