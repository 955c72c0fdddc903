"""What runs on each host while a cluster over SSH lasts: `python -m clearscale_cluster.setup.host`.

What to do comes by standard input and not on the command line, which every user of the host can read: a line of
JSON that says `{"do": "tell"}`, or `serve` with the certificate of the cluster, Dask's settings and what to start.
The answer is a line of JSON, too. What was started lasts until standard input ends, as it does when the connection
is lost. The certificate and its key stay in memory; temporary files of Dask lie in a folder that this process
makes.
"""

from __future__ import annotations

import asyncio
import ipaddress
import json
import os
import signal
import sys
import tempfile
import threading
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

from clearscale_cluster.scratch import scratch_folder

from .cores import cores
from .versions import versions

if TYPE_CHECKING:
    from distributed import Nanny, Scheduler
    from distributed.security import Security

_CAUSES = 4
"""So many errors are told, each of which came of the next."""

ENDING = (signal.SIGTERM, signal.SIGHUP, signal.SIGINT)


def security_of(certificate: str, key: str) -> Security:
    """TLS for all parts of one cluster, which have one certificate. Both are texts in PEM."""
    from distributed.security import Security

    roles = ("client", "scheduler", "worker")
    return Security(
        require_encryption=True,
        tls_ca_file=certificate,
        **{f"tls_{role}_cert": certificate for role in roles},
        **{f"tls_{role}_key": key for role in roles},
    )


def reached_at() -> str | None:
    """The address of this host at which SSH reached it; None if it is not known, or one that no other host reaches.

    Without it Dask takes the address that leads to the internet, and in a network that does not, the loopback one.
    """
    found = os.environ.get("SSH_CONNECTION", "").split()
    with suppress(ValueError, IndexError):
        address = ipaddress.ip_address(found[2])
        if not (address.is_loopback or address.is_link_local):
            return found[2]
    return None


async def _serve(order: dict[str, Any], folder: Path) -> None:
    from distributed import Nanny, Scheduler

    from .quiet import quieten

    quieten()
    security = security_of(order["certificate"], order["key"])
    ended = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in ENDING:
        loop.add_signal_handler(number, ended.set)
    # A thread, since standard input may be what no loop of events can wait for.
    threading.Thread(target=_await_end, args=(loop, ended), daemon=True).start()
    servers: list[Scheduler] | list[Nanny]
    options = order["options"]
    if "interface" not in options and (own := reached_at()):
        options = {**options, "host": own}
    if order["workers"]:
        servers = [
            Nanny(order["scheduler"], security=security, local_directory=str(folder), **options)
            for _ in range(order["workers"])
        ]
    else:
        servers = [Scheduler(security=security, **options)]
    starting = asyncio.ensure_future(_started(servers, folder))
    ending = asyncio.ensure_future(ended.wait())
    try:
        await asyncio.wait({starting, ending}, return_when=asyncio.FIRST_COMPLETED)
        if starting.done():
            await starting
    finally:
        # Nobody waits for what workers still do, and a worker that is gone must not be started again.
        for server in servers:
            if isinstance(server, Nanny):
                server.close_gracefully()
                if server.pid:
                    with suppress(ProcessLookupError):
                        os.kill(server.pid, signal.SIGKILL)


async def _started(servers: list[Scheduler] | list[Nanny], folder: Path) -> None:
    """Start servers, tell the address of the first, and wait until all have ended."""
    await asyncio.gather(*servers)
    _answer({"address": servers[0].address, "folder": str(folder)})
    await asyncio.gather(*(server.finished() for server in servers))


def _await_end(loop: asyncio.AbstractEventLoop, ended: asyncio.Event) -> None:
    while sys.stdin.read(1024):
        pass
    with suppress(RuntimeError):  # the loop has ended before
        loop.call_soon_threadsafe(ended.set)


def _answer(document: dict[str, Any]) -> None:
    print(json.dumps(document), flush=True)


def _told(error: BaseException) -> str:
    """What an error says, and what it came of, in a line."""
    lines: list[str] = []
    cause: BaseException | None = error
    while cause is not None and len(lines) < _CAUSES:
        lines.append(f"{type(cause).__name__}: {' '.join(str(cause).split())}")
        cause = cause.__cause__
    return "; ".join(dict.fromkeys(lines))


def _end_all() -> None:
    """End this process and all that it started, at once: whatever they hold is nobody's any more."""
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    os.killpg(0, signal.SIGKILL)


def main() -> None:
    """Do what standard input says."""
    order = json.loads(sys.stdin.readline())
    if order["do"] == "tell":
        _answer({"cores": cores(), "versions": versions()})
        return
    import dask

    os.umask(os.umask(0o077) | 0o027)  # whatever workers write is not for others
    with suppress(PermissionError):  # it leads a group of its own already
        os.setpgid(0, 0)
    try:
        with scratch_folder("host") as folder:
            # Dask writes certificates there, for the moment in which they are loaded.
            os.environ["TMPDIR"] = tempfile.tempdir = str(folder)
            dask.config.update(dask.config.config, order["settings"])
            dask.config.set({"temporary-directory": str(folder)})
            # Not `asyncio.run`, which would wait for all that is still under way.
            asyncio.new_event_loop().run_until_complete(_serve(order, folder))
    except Exception as error:
        print(_told(error), file=sys.stderr, flush=True)
    _end_all()


if __name__ == "__main__":
    main()
