"""Worker processes on this machine, started and stopped with the cluster."""

from __future__ import annotations

import asyncio
import logging
import os
import signal
from collections.abc import Callable, Mapping
from contextlib import ExitStack, suppress
from functools import partial
from typing import Any

import dask
from distributed import LocalCluster, Nanny, Status

from clearscale_cluster.errors import ClusterError
from clearscale_cluster.scratch import scratch_folder
from clearscale_cluster.setup.configuration import in_force
from clearscale_cluster.setup.cores import cores
from clearscale_cluster.setup.quiet import logging_is_configured, quieten, quieten_shutdown
from clearscale_cluster.setup.settings import ENVIRONMENT, SETTINGS, throwaway_security
from clearscale_cluster.setup.worker import WarmUp

from .clients import close_client, connected
from .served import ServedCluster


def start(
    count: int | None, warm_up: Callable[[], object] | None, timeout: float, settings: Mapping[str, Any]
) -> ServedCluster:
    """Start a scheduler in this process and worker processes of one thread each, on the loopback interface.

    They talk over TLS with a certificate made for them: other users of this machine share the interface.

    `warm_up` runs here first, alone, so that caches on disk are filled by one process; then on every worker,
    restarted ones included. Dask restarts workers that die.

    Parameters: count None is one for each core that this process may use; timeout is in seconds;
    settings are Dask's, nested.

    Raises ClusterError when a package for TLS is missing or the processes do not start; what `warm_up` raises.
    """
    workers = count or cores()
    where = f"local:{workers}"
    security = throwaway_security(where)
    if warm_up is not None:
        warm_up()
    with ExitStack() as resources:
        # Until the end: a worker that is restarted reads these again.
        resources.enter_context(in_force(settings, SETTINGS))
        quieten()
        scratch = resources.enter_context(scratch_folder("workers"))
        # Dask would take one below /tmp, of a name that anybody can guess, and look for modules there first.
        resources.enter_context(dask.config.set({"temporary-directory": str(scratch)}))
        try:
            cluster = LocalCluster(
                n_workers=workers,
                threads_per_worker=1,
                processes=True,
                host="127.0.0.1",
                # Without a dashboard Dask opens its port all the same; this one is free, and not for the network.
                dashboard_address=None,
                scheduler_kwargs={"dashboard_address": "127.0.0.1:0"},
                memory_limit="auto",
                local_directory=str(scratch),
                security=security,
                env={**ENVIRONMENT, "TMPDIR": str(scratch)},  # where the certificate is while it is loaded
                preload=["clearscale_cluster.setup.worker"],
                silence_logs=False if logging_is_configured() else logging.ERROR,
            )
            resources.callback(cluster.close)
            resources.callback(_end_workers, cluster, busy=False)
            client = connected(cluster, timeout=timeout)
            resources.callback(close_client, client)
        except (OSError, TimeoutError, RuntimeError) as error:
            raise ClusterError(
                f"{where}: the worker processes did not start ({type(error).__name__}: {error}); check memory and "
                "the limit on processes, and that a script that opens a cluster does so under "
                "`if __name__ == '__main__':`; or use threads"
            ) from error
        if warm_up is not None:
            client.register_plugin(WarmUp(warm_up), name="warm-up")
        abandon = partial(_end_workers, cluster, busy=True)
        return ServedCluster(client, where, resources.pop_all(), abandon=abandon, shares_files=True)
    raise AssertionError  # not reached: tells mypy that the stack swallows nothing


def _end_workers(cluster: LocalCluster, *, busy: bool) -> None:
    """Prepare for the end. busy: workers may do what nobody wants any more, and Dask would wait for them."""
    quieten_shutdown()
    cluster.sync(_end_in_loop, list(cluster.workers.values()), busy)


async def _end_in_loop(nannies: list[Nanny], busy: bool) -> None:
    open_ones = [nanny for nanny in nannies if nanny.status in (Status.init, Status.starting, Status.running)]
    for nanny in open_ones:
        nanny.close_gracefully()  # so that it does not start another worker
    for nanny in open_ones:
        # One whose worker died is starting another. Dask cannot stop a process that has not begun, nor, without a
        # traceback in the terminal, one that is not connected yet.
        starting = _is_starting(nanny)
        while _is_starting(nanny) and not nanny.pid:
            await asyncio.sleep(0.01)
        if (busy or starting) and nanny.pid:
            with suppress(ProcessLookupError):
                os.kill(nanny.pid, signal.SIGKILL)


def _is_starting(nanny: Nanny) -> bool:
    return nanny.process is not None and nanny.process.status == Status.starting
