"""The door: from a specification to a cluster."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from typing import Any

from .cluster import Cluster
from .errors import ClusterError
from .spec import Address, File, Hosts, Threads, parse_spec


def open_cluster(
    spec: str | os.PathLike[str] | None = None,
    warm_up: Callable[[], object] | None = None,
    *,
    timeout: float = 10.0,
    insecure: bool = False,
) -> Cluster:
    """Open the cluster that a specification describes; use it in a `with` statement.

    A script that opens worker processes must do so under `if __name__ == "__main__":`, since they import it.

    Parameters
    ----------
    spec : str or os.PathLike, optional
        None or `threads[:N]` for threads of this process; `local[:N]` for worker processes on this machine;
        `ssh:HOST,HOST` for worker processes on machines that SSH reaches; the address of a Dask scheduler, which is
        never shut down; or a file in the form of Dask's configuration that names one of these places.
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
    wanted = parse_spec(None if spec is None else os.fspath(spec))
    ssh = None
    settings: Mapping[str, Any] = {}
    # Imported only when needed: `distributed` takes longer to import than many runs take.
    if isinstance(wanted, File):
        from clearscale_cluster.setup.configuration import read_configuration

        file = read_configuration(wanted.path)
        wanted, ssh, settings = file.place, file.ssh, file.settings
    if insecure and not isinstance(wanted, Address):
        raise ClusterError(f"cluster {spec}: insecure is for the address of a scheduler; leave it out")
    if isinstance(wanted, Threads):
        from clearscale_cluster.places.embedded import EmbeddedCluster

        return EmbeddedCluster(wanted.count)
    if isinstance(wanted, Address):
        from clearscale_cluster.places.address import connect

        return connect(wanted.url, warm_up, timeout, settings, insecure=insecure)
    if isinstance(wanted, Hosts):
        from clearscale_cluster.places.ssh import start_over_ssh
        from clearscale_cluster.setup.configuration import Ssh

        return start_over_ssh(wanted.names, ssh or Ssh(), warm_up, timeout, settings)
    from clearscale_cluster.places.processes import start

    return start(wanted.count, warm_up, timeout, settings)
