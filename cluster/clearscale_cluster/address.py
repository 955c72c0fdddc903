"""Connecting to a scheduler that somebody else started."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from contextlib import ExitStack, suppress

from distributed import Client

from .errors import ClusterError
from .quiet import quieten
from .served import ServedCluster, close_client
from .worker import WarmUp


def connect(url: str, warm_up: Callable[[], object] | None, timeout: float) -> ServedCluster:
    """Connect to a scheduler, wait for its first worker and warm its workers up.

    One worker of each machine goes first, so that a compiled cache on its disk is written by one process. Closing
    the result leaves scheduler and workers running.

    Parameters: timeout is in seconds, for the connection and again for the first worker.

    Raises ClusterError when the scheduler does not answer or has no worker; what `warm_up` raises on a worker.
    """
    quieten()
    try:
        # Not the default client of the process: that would redirect every other use of Dask.
        client = Client(url, timeout=timeout, set_as_default=False)
    except (OSError, TimeoutError, ValueError, ImportError) as error:
        raise ClusterError(
            f"no Dask scheduler answers at {url} within {timeout:g} s; check the address, that `dask scheduler` "
            f"runs there and that this machine may reach it ({_reason(error)})"
        ) from error
    with ExitStack() as resources:
        resources.callback(close_client, client)
        try:
            client.wait_for_workers(1, timeout=timeout)
        except (OSError, TimeoutError) as error:
            raise ClusterError(
                f"the scheduler at {url} has no workers after {timeout:g} s; start some with `dask worker {url}`"
            ) from error
        if warm_up is not None:
            name = f"warm-up-{uuid.uuid4().hex}"
            resources.callback(_remove_plugin, client, name)
            client.run(warm_up, workers=_one_worker_a_machine(client))
            client.register_plugin(WarmUp(warm_up), name=name)
        return ServedCluster(client, url, resources.pop_all())
    raise AssertionError  # not reached: tells mypy that the stack swallows nothing


def _one_worker_a_machine(client: Client) -> list[str]:
    by_host = {address.rpartition(":")[0]: address for address in sorted(client.nthreads())}
    return list(by_host.values())


def _remove_plugin(client: Client, name: str) -> None:
    if client.status == "running":
        with suppress(OSError, TimeoutError, ValueError):
            client.unregister_worker_plugin(name)


def _reason(error: BaseException) -> str:
    text = str(error) or type(error).__name__
    return text.splitlines()[0]
