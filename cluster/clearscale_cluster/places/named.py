"""Clusters of any class that a file names, and clusters and clients that a Python program holds already."""

from __future__ import annotations

import importlib
import sys
from collections.abc import Callable, Mapping
from contextlib import ExitStack
from typing import Any

from distributed import Client

from clearscale_cluster.errors import ClusterError
from clearscale_cluster.setup.configuration import in_force
from clearscale_cluster.setup.mishaps import noticed
from clearscale_cluster.setup.quiet import quieten
from clearscale_cluster.setup.settings import SETTINGS
from clearscale_cluster.shown import say, shown
from clearscale_cluster.spec import Named

from .address import require_protection, serve
from .clients import close_client, connected
from .served import ServedCluster

QUEUE = 600.0
"""Seconds to wait for workers that something else starts, such as a batch system, unless told otherwise."""

WarmUp = Callable[[], object] | None


def start_named(
    named: Named,
    warm_up: WarmUp,
    timeout: float,
    wait: float | None,
    settings: Mapping[str, Any],
    *,
    insecure: bool = False,
) -> ServedCluster:
    """Make a cluster of the named class, which ends with the result.

    Parameters: timeout is in seconds, for the connection; wait for the first worker; settings are Dask's, nested.
    insecure is whether its scheduler may be without TLS.

    Raises ClusterError when there is no such class, it does not start, or no worker comes; what `warm_up` raises.
    """
    with ExitStack() as resources:
        resources.enter_context(in_force(settings, SETTINGS))
        quieten()
        mishaps = resources.enter_context(noticed())
        kind = _class_of(named.kind)
        try:
            cluster = kind(*named.arguments, **named.options)
            resources.callback(_end, cluster, named.kind)
            if named.scale is not None:
                cluster.scale(**named.scale)
            if named.adapt is not None:
                cluster.adapt(**named.adapt)
        except Exception as error:  # any class has its own
            raise ClusterError(
                f"{named.kind}: did not start ({_told(error)}); check its arguments in the file, and that what it "
                "needs is installed and reached from here"
            ) from error
        if not insecure:
            require_protection(str(cluster.scheduler_address))
        client = _client_of(cluster, named.kind, timeout)
        resources.callback(close_client, client)
        try:
            return serve(client, named.kind, warm_up, QUEUE if wait is None else wait, resources.pop_all())
        except ClusterError as error:
            if not mishaps.last:
                raise
            raise ClusterError(f"{error}; it was told: {shown(mishaps.last)}") from error
    raise AssertionError  # not reached: tells mypy that the stack swallows nothing


def _end(cluster: Any, kind: str) -> None:
    """End a cluster. What fails then is told and no error: the work is done, or has an error of its own."""
    try:
        cluster.close()
    except Exception as error:  # any class has its own
        say(
            f"clearscale: {kind}: did not end as it should ({type(error).__name__}: {shown(_told(error))}); look "
            "whether something of it still runs",
            to=sys.stderr,
        )


def hold(held: Any, warm_up: WarmUp, timeout: float, wait: float | None) -> ServedCluster:
    """Make a cluster of a Dask client or a Dask cluster, which its owner ends.

    Raises ClusterError when it is neither, or closed, or no worker comes; what `warm_up` raises.
    """
    with ExitStack() as resources:
        listener = None
        if isinstance(held, Client):
            client, patience = held, QUEUE if held.cluster is not None else timeout
        elif isinstance(getattr(held, "scheduler_address", None), str):
            client, patience = _client_of(held, type(held).__name__, timeout), QUEUE
            resources.callback(close_client, client)
        else:
            raise ClusterError(
                f"an object of class {type(held).__name__} is no cluster; give a specification such as 'local:4', "
                "a Dask client, or a Dask cluster"
            )
        where = f"{type(held).__name__} at {client.scheduler.address if client.scheduler else 'no scheduler'}"
        if client.asynchronous or client.status != "running":
            state = "asynchronous" if client.asynchronous else client.status
            raise ClusterError(f"{where}: is {state}; give a client that is connected, and not asynchronous")
        if client is held:
            listener = _listener_beside(client, timeout)
            resources.callback(close_client, listener)
        seconds = patience if wait is None else wait
        return serve(client, where, warm_up, seconds, resources.pop_all(), listener=listener)
    raise AssertionError  # not reached: tells mypy that the stack swallows nothing


def _class_of(name: str) -> Any:
    module, _, rest = name.rpartition(".")
    try:
        kind = getattr(importlib.import_module(module), rest)
    except (ImportError, AttributeError, ValueError) as error:
        package = module.partition(".")[0].replace("_", "-")
        raise ClusterError(
            f"{name}: there is no such class ({_told(error)}); install the package {package} beside clearscale, "
            "or check the name"
        ) from error
    if not isinstance(kind, type) or not all(
        callable(getattr(kind, method, None)) for method in ("scale", "close")
    ):
        raise ClusterError(f"{name}: is no class of Dask clusters")
    return kind


def _client_of(cluster: Any, where: str, timeout: float) -> Client:
    try:
        # Not the default client of the process: that would redirect every other use of Dask.
        return Client(cluster, timeout=timeout, set_as_default=False)
    except (OSError, TimeoutError, ValueError, TypeError, RuntimeError) as error:
        raise ClusterError(
            f"{where}: its scheduler does not answer within {timeout:g} s ({_told(error)}); start the cluster again"
        ) from error


def _listener_beside(client: Client, timeout: float) -> Client:
    """A client beside somebody's own, which may listen to events itself."""
    try:
        return connected(client.scheduler.address, security=client.security, timeout=timeout)
    except (OSError, TimeoutError, ValueError, TypeError, RuntimeError) as error:
        raise ClusterError(
            f"{client.scheduler.address}: does not answer another client within {timeout:g} s ({_told(error)})"
        ) from error


def _told(error: BaseException) -> str:
    return (str(error) or type(error).__name__).splitlines()[0]
