"""A scheduler and worker processes on machines that SSH reaches, started and stopped with the cluster.

Before anything starts, each host is asked for its versions and cores, so that what is wrong is told by name. What
runs there is `setup/host.py`, which is given the certificate of this cluster and Dask's settings over the same
connection: what Dask itself starts over SSH has them on its command line, which every user of the host can read.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import dask

from clearscale_cluster.errors import ClusterError
from clearscale_cluster.extras import missing
from clearscale_cluster.setup.configuration import Ssh, in_force
from clearscale_cluster.setup.quiet import LOGGING, logging_is_configured, quieten
from clearscale_cluster.setup.settings import ENVIRONMENT, SETTINGS, throwaway_security

from .address import serve
from .clients import close_client, connected
from .remote import PATIENCE, Hosts, first_line
from .served import ServedCluster

IDLE_TIMEOUT = "1 hour"
"""After so long without work a scheduler ends itself and its workers: it may have lost the one who started it."""


def start_over_ssh(
    hosts: tuple[str, ...],
    ssh: Ssh,
    warm_up: Callable[[], object] | None,
    timeout: float,
    settings: Mapping[str, Any],
) -> ServedCluster:
    """Start a scheduler on the first host and workers of one thread each on all, talking over TLS.

    Parameters: timeout is in seconds, for each connection; settings are Dask's, nested.

    Raises ClusterError when SSH's package is missing, a host cannot be reached or used, its versions are others
    than here, or the processes do not start; what `warm_up` raises on a worker. Nothing is left running then.
    """
    where = "ssh:" + ",".join(hosts)
    try:
        import asyncssh  # noqa: F401
    except ImportError as error:
        raise ClusterError(f"{where}: {missing('SSH needs', 'asyncssh', 'ssh')}") from error
    options: dict[str, Any] = {"connect_timeout": timeout, "keepalive_interval": 30}
    if ssh.config is not None:
        options["config"] = [str(Path(ssh.config).expanduser())]
    with ExitStack() as resources:
        resources.enter_context(in_force(settings, SETTINGS))
        quieten()
        security = throwaway_security(where)
        there = Hosts(hosts, options, ssh.python or sys.executable)
        resources.callback(there.close)
        counts = [ssh.workers or cores for cores in there.connect()]
        common = {
            "certificate": security.tls_ca_file,
            "key": security.tls_worker_key,
            "settings": dask.config.merge(
                # What they say is not for a terminal, but for the file that `Hosts` keeps.
                {} if logging_is_configured() else {"logging": LOGGING},
                dask.config.config,
                {"distributed": {"scheduler": {"idle-timeout": IDLE_TIMEOUT}}},
            ),
        }
        talk = {"protocol": "tls://", **({"interface": ssh.interface} if ssh.interface else {})}
        worker = {
            **talk,
            "nthreads": 1,
            "env": ENVIRONMENT,
            "preload": ["clearscale_cluster.setup.worker"],
            "death_timeout": PATIENCE,
        }
        scheduler = {**talk, "port": 0, "dashboard_address": "127.0.0.1:0"}
        try:
            [address] = there.serve([{**common, "workers": 0, "options": scheduler}])
            there.serve([{**common, "workers": count, "scheduler": address, "options": worker} for count in counts])
            client = connected(address, security=security, timeout=timeout)
            resources.callback(close_client, client)
        except Exception as error:  # also Dask's and asyncssh's own
            raise ClusterError(
                f"{where}: the scheduler or a worker did not start ({type(error).__name__}: {first_line(error)}); "
                "check that the hosts reach each other on all ports, by the interface that `clearscale: ssh: "
                "interface` of a configuration file names, and that they have memory left"
                + (f"; what the hosts said is in {said}" if (said := there.logs()) else "")
            ) from error
        return serve(client, where, warm_up, timeout, resources.pop_all(), workers=sum(counts), logs=there.logs)
    raise AssertionError  # not reached: tells mypy that the stack swallows nothing
