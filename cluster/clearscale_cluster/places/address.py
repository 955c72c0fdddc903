"""Connecting to a scheduler that somebody else started."""

from __future__ import annotations

import ipaddress
import sys
import uuid
from collections.abc import Callable, Mapping
from contextlib import ExitStack, suppress
from typing import Any

import dask
import psutil
from distributed import Client
from distributed.comm import CommClosedError, parse_address, parse_host_port

from clearscale_cluster.errors import ClusterError
from clearscale_cluster.setup.configuration import in_force
from clearscale_cluster.setup.quiet import quieten
from clearscale_cluster.setup.versions import SameVersions, versions
from clearscale_cluster.setup.worker import WarmUp
from clearscale_cluster.shown import say, shown_url
from clearscale_cluster.task import TaskNames
from clearscale_cluster.watching.in_time import answer_in

from .clients import close_client, connected
from .served import ServedCluster

_SILENCE = "distributed.scheduler.worker-ttl"
"""Dask's setting of how long a worker may give no sign."""

_ANSWER = 10.0
"""Seconds for a scheduler to tell a setting."""

_PROTECTED = ("tls", "wss", "gateway")
"""Protocols that TLS protects."""


def connect(
    url: str,
    warm_up: Callable[[], object] | None,
    timeout: float,
    settings: Mapping[str, Any],
    *,
    insecure: bool = False,
    wait: float | None = None,
) -> ServedCluster:
    """Connect to a scheduler, wait for its first worker and warm its workers up.

    Closing the result leaves scheduler and workers running.

    Parameters: timeout is in seconds, for the connection; wait for the first worker, None is as long; settings are
    Dask's, nested. insecure is whether an address without TLS will do.

    Raises ClusterError when it will not, when the scheduler does not answer, has no worker or workers with other
    versions; what `warm_up` raises on a worker.
    """
    with ExitStack() as resources:
        resources.enter_context(in_force(settings, {}))
        quieten()
        if not insecure:
            require_protection(url)
        try:
            # Not the default client of the process: that would redirect every other use of Dask.
            client = connected(url, timeout=timeout)
        except (OSError, TimeoutError, ValueError, ImportError, TypeError, RuntimeError) as error:
            raise ClusterError(
                f"no Dask scheduler answers at {url} within {timeout:g} s; check the address, that "
                f"`dask scheduler` runs there and that this machine may reach it ({_reason(error)})"
            ) from error
        resources.callback(close_client, client)
        return serve(client, url, warm_up, timeout if wait is None else wait, resources.pop_all())
    raise AssertionError  # not reached: tells mypy that the stack swallows nothing


def require_protection(url: str) -> None:
    """Raise ClusterError for the address of a scheduler that others could reach and that TLS does not protect."""
    try:
        scheme, place = parse_address(url)  # with Dask's setting for an address without a protocol
    except ValueError:
        return  # that it is no address is told when it is called
    if scheme in _PROTECTED or (scheme == "tcp" and _started_here(place)):
        return
    raise ClusterError(
        f"{url}: is an address without TLS: who reaches the port can run code there, and who is on the way can "
        "read all that goes over it; use a tls:// address (`clearscale cluster certificates` makes what it needs), "
        "or say --insecure (in Python: insecure=True) if nobody else reaches it"
    )


def _started_here(place: str) -> bool:
    """Whether a loopback address is one at which this process, or one that it started, listens."""
    try:
        host, port = parse_host_port(place)
        if not (host == "localhost" or ipaddress.ip_address(host).is_loopback):
            return False
    except ValueError:
        return False
    this = psutil.Process()
    for process in (this, *this.children(recursive=True)):
        with suppress(psutil.Error):
            for found in process.net_connections(kind="tcp"):
                if found.status == psutil.CONN_LISTEN and found.laddr.port == port:
                    return True
    return False


def serve(
    client: Client,
    where: str,
    warm_up: Callable[[], object] | None,
    timeout: float,
    resources: ExitStack,
    workers: int = 1,
    logs: Callable[[], str] = str,
    listener: Client | None = None,
) -> ServedCluster:
    """Make a cluster of a client whose workers run elsewhere; `resources` are closed with it, or when this raises.

    One worker of each machine is warmed up first, so that a compiled cache on its disk is written by one process.

    Parameters: workers is how many to wait for; logs tells where those of hosts are; listener is a client that
    hears what becomes of workers, if this one is somebody else's.
    """
    cluster = ServedCluster(
        client,
        where,
        resources,
        checks=[SameVersions(versions())],
        patience=timeout,
        logs=logs,
        listener=listener,
        counted=True,
    )
    with ExitStack() as failing:
        failing.callback(cluster.close)
        _await_workers(client, where, workers, timeout)
        _look_for_silence(client, where)
        cluster.ask()
        if warm_up is not None:
            name = f"warm-up-{uuid.uuid4().hex}"
            resources.callback(_remove_plugin, client, name)
            warm_one_a_machine(client, warm_up)
            with suppress(CommClosedError):  # of a worker that has just left; the scheduler has it for all others
                client.register_plugin(WarmUp(warm_up), name=name)
        failing.pop_all()
    return cluster


def _await_workers(client: Client, where: str, workers: int, timeout: float) -> None:
    """Return when there are so many workers. Raises ClusterError when that takes longer than so many seconds."""
    # Where workers are started as there is work, there must be some.
    first = client.submit(_nothing, key=TaskNames("wait for workers").items(1)[0], pure=False)
    try:
        client.wait_for_workers(workers, timeout=timeout)
    except (OSError, TimeoutError) as error:
        raise ClusterError(
            f"the scheduler at {where} has {_too_few(client)} after {timeout:g} s; start some with "
            f"`dask worker {client.scheduler.address}`, or wait longer with --wait (in Python: wait)"
        ) from error
    finally:
        first.release()


def _look_for_silence(client: Client, where: str) -> None:
    """Say so if a scheduler waits for ever for a worker that stands still. One that tells nothing is let be."""
    with suppress(Exception):
        if answer_in(_ANSWER, lambda: client.run_on_scheduler(dask.config.get, _SILENCE, "")) is None:
            say(
                f"clearscale: the scheduler at {shown_url(where)} never gives up a worker that stands still "
                f"({_SILENCE} is not set), and would wait for it without end; start it with "
                "DASK_DISTRIBUTED__SCHEDULER__WORKER_TTL=60s",
                to=sys.stderr,
            )


def _nothing() -> None:
    """The task that workers are started for."""


def _too_few(client: Client) -> str:
    count = len(client.nthreads())
    return f"only {count} of its workers" if count else "no workers"


def warm_one_a_machine(client: Client, warm_up: Callable[[], object]) -> None:
    """Warm up a worker of each machine. Raises what one raises.

    One that leaves meanwhile, as idle ones do of a cluster that adapts, is no loss.
    """
    answers = client.run(warm_up, workers=_one_worker_a_machine(client), on_error="return")
    for address, answer in answers.items():
        left = isinstance(answer, CommClosedError) or (
            isinstance(answer, OSError) and address not in client.nthreads()
        )
        if isinstance(answer, BaseException) and not left:
            raise answer


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
