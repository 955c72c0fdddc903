"""A scheduler and worker processes on machines that SSH reaches, started and stopped with the cluster.

Dask starts the processes and says whether they came up. Before that, each host is asked for its versions and cores,
so that what is wrong is told by name, and is given the certificate of this cluster over the same connection: Dask
would pass it on a command line, which every user of the host can read.
"""

from __future__ import annotations

import asyncio
import json
import logging
import secrets
import shlex
import sys
from collections.abc import Callable, Coroutine, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

import dask
from distributed import Client
from distributed.deploy.spec import SpecCluster
from distributed.deploy.ssh import Scheduler, Worker

from clearscale_cluster.errors import ClusterError
from clearscale_cluster.setup.configuration import Ssh, in_force
from clearscale_cluster.setup.host import CERTIFICATE
from clearscale_cluster.setup.quiet import logging_is_configured, quieten
from clearscale_cluster.setup.settings import ENVIRONMENT, SETTINGS, throwaway_security
from clearscale_cluster.setup.versions import require_same
from clearscale_cluster.setup.worker import Hush, hush

from .address import serve
from .served import ServedCluster, close_client

IDLE_TIMEOUT = "1 hour"
"""After so long without work a scheduler ends itself and its workers: it may have lost the one who started it."""

START_TIMEOUT = 60.0
"""Seconds for a host to answer a command, and for a worker to find its scheduler."""

Found = TypeVar("Found")


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
    than here, or the processes do not start; what `warm_up` raises on a worker.
    """
    where = "ssh:" + ",".join(hosts)
    try:
        import asyncssh  # noqa: F401
    except ImportError as error:
        raise ClusterError(
            f"{where}: SSH needs the package asyncssh; install clearscale with its extra `ssh`"
        ) from error
    options: dict[str, Any] = {"connect_timeout": timeout, "keepalive_interval": 30}
    if ssh.config is not None:
        options["config"] = [str(Path(ssh.config).expanduser())]
    python = shlex.quote(ssh.python or sys.executable)
    folder = f"/tmp/clearscale-{secrets.token_hex(16)}"
    with ExitStack() as resources:
        resources.enter_context(in_force(settings, SETTINGS))
        quieten()
        logging.getLogger("distributed.deploy").setLevel(logging.CRITICAL)
        security = throwaway_security(where)
        certificate = f"{security.tls_ca_file}{security.tls_worker_key}"
        ask = f"{python} -m clearscale_cluster.setup.host {folder}"
        resources.callback(_on_all, hosts, partial(_forget, options=options, command=f"{ask} --remove"))
        cores = _on_all(hosts, partial(_prepare, options=options, command=ask, certificate=certificate))
        shared = {"protocol": "tls://", **({"interface": ssh.interface} if ssh.interface else {})}
        worker = {
            **shared,
            "nthreads": 1,
            "env": ENVIRONMENT,
            "preload": ["clearscale_cluster.setup.worker"],
            "death_timeout": START_TIMEOUT,
        }
        common = {"connect_options": options, "remote_python": python}
        scheduler = {"address": hosts[0], "kwargs": {**shared, "port": 0, "dashboard_address": ":0"}, **common}
        counts = [ssh.workers or count for count in cores]
        workers = {
            place: {
                "cls": Worker,
                "options": {
                    "address": host,
                    "worker_class": "distributed.Nanny",
                    "kwargs": {**worker, "n_workers": count},
                    **common,
                },
            }
            for place, (host, count) in enumerate(zip(hosts, counts, strict=True))
        }
        try:
            with dask.config.set(_inherited(f"{folder}/{CERTIFICATE}")):
                cluster = SpecCluster(
                    workers,
                    {"cls": Scheduler, "options": scheduler},
                    security=security,
                    name="ssh",
                    silence_logs=False if logging_is_configured() else logging.ERROR,
                )
            resources.callback(_stop, cluster)
            client = Client(cluster, timeout=timeout, set_as_default=False)
            resources.callback(close_client, client)
        except Exception as error:  # Dask raises Exception itself when a process ends at once
            raise ClusterError(
                f"{where}: the scheduler or a worker did not start ({type(error).__name__}: {_line(error)}); check "
                "that the hosts reach each other on all ports, by the interface that `clearscale: ssh: interface` "
                "of a configuration file names, and that they have memory left"
            ) from error
        # Nobody reads what the processes print from here on, and what is not read would block them in the end.
        client.run_on_scheduler(hush)
        client.register_plugin(Hush(), name="hush")
        return serve(client, where, warm_up, timeout, resources.pop_all(), workers=sum(counts))
    raise AssertionError  # not reached: tells mypy that the stack swallows nothing


def _inherited(certificate: str) -> dict[str, Any]:
    """Settings for the processes on the hosts alone; Dask hands them the configuration of this one."""
    roles = {f"distributed.comm.tls.{role}.cert": certificate for role in ("scheduler", "worker", "client")}
    keys = {f"distributed.comm.tls.{role}.key": None for role in ("scheduler", "worker", "client")}
    return {
        "distributed.comm.require-encryption": True,
        "distributed.comm.tls.ca-file": certificate,
        **roles,
        **keys,
        "distributed.scheduler.idle-timeout": IDLE_TIMEOUT,
        # Dask learns from these lines that a process is up.
        "logging": {"distributed": "info"},
    }


def _stop(cluster: SpecCluster) -> None:
    """End the processes by their connections, whether or not the scheduler answers; then what is left here."""
    cluster.sync(_end_processes, [*cluster.workers.values(), cluster.scheduler])
    # Dask says goodbye to the scheduler all the same.
    with dask.config.set({"distributed.comm.timeouts.connect": "100ms"}):
        cluster.close()


async def _end_processes(processes: list[Worker | Scheduler]) -> None:
    for process in processes:
        await process.close()


def _on_all(hosts: tuple[str, ...], ask: Callable[[str], Coroutine[Any, Any, Found]]) -> list[Found]:
    """Ask all hosts at the same time, in a thread, since the caller's may have an event loop that runs."""

    async def together() -> list[Found]:
        return await asyncio.gather(*(ask(host) for host in hosts))

    with ThreadPoolExecutor(1) as thread:
        return thread.submit(asyncio.run, together()).result()


async def _prepare(host: str, *, options: dict[str, Any], command: str, certificate: str) -> int:
    """Hand a host its certificate; returns its number of cores. Raises ClusterError as `start_over_ssh`."""
    import asyncssh

    try:
        async with asyncssh.connect(host, **options) as connection:
            done = await connection.run(command, input=certificate, timeout=START_TIMEOUT)
    except asyncssh.HostKeyNotVerifiable as error:
        raise ClusterError(f"host {host}: its key is not known here; log in once with `ssh {host}`") from error
    except asyncssh.PermissionDenied as error:
        raise ClusterError(
            f"host {host}: refuses the login; `ssh {host}` must work without asking for a password"
        ) from error
    except (OSError, ValueError, asyncssh.Error) as error:  # TimeoutError is an OSError
        raise ClusterError(
            f"host {host}: cannot be reached with SSH ({_line(error)}); check its name and that `ssh {host}` works"
        ) from error
    try:
        answer = json.loads(str(done.stdout))
    except ValueError:
        said = str(done.stderr).strip().splitlines()
        raise ClusterError(
            f"host {host}: cannot run clearscale ({said[-1] if said else 'it gave no answer'}); install it there, "
            "under the same path or under that which `clearscale: ssh: python` of a configuration file names"
        ) from None
    require_same(f"host {host}", answer["versions"])
    return int(answer["cores"])


async def _forget(host: str, *, options: dict[str, Any], command: str) -> None:
    """Remove what `_prepare` left, if the host can still be reached; the certificate is worth nothing by then."""
    import asyncssh

    try:
        async with asyncssh.connect(host, **options) as connection:
            await connection.run(command, timeout=START_TIMEOUT)
    except (OSError, ValueError, asyncssh.Error):
        return


def _line(error: BaseException) -> str:
    return (str(error) or type(error).__name__).splitlines()[0]
