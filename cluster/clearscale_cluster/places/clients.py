"""Dask's clients: connecting one, closing it, and getting results by it without waiting for ever."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from concurrent.futures import Future as Gathering
from concurrent.futures import wait
from contextlib import suppress
from typing import Any

from distributed import Client, KilledWorker


def gathered(client: Client, futures: list[Any], wait_for: Callable[[Callable[[float], bool]], None]) -> list[Any]:
    """The results of futures. Raises what a task raised, and Dask's own errors.

    wait_for: called with a function that waits so many seconds, and tells whether the results are there; it returns
    when they are, or raises.
    """
    # Not client.gather itself: a result that died with the last worker would be waited for, for ever.
    loop = client.loop.asyncio_loop
    gathering: Gathering[list[Any]] = Gathering()
    tasks: list[asyncio.Future[list[Any]]] = []

    def begin() -> None:
        # In the loop's thread, so that Ctrl-C here cannot fall between making the coroutine and awaiting it.
        tasks.append(asyncio.ensure_future(client.gather(futures, asynchronous=True)))
        tasks[0].add_done_callback(lambda done: _settle(gathering, done))

    def end() -> None:
        for task in tasks:
            task.cancel()  # changes nothing once it is done

    loop.call_soon_threadsafe(begin)
    try:
        wait_for(lambda seconds: bool(wait([gathering], seconds).done))
    finally:
        with suppress(RuntimeError):  # the loop is closed, and the task with it
            loop.call_soon_threadsafe(end)
    return gathering.result()


def last_worker(error: KilledWorker, hosts: Mapping[str, str]) -> str:
    """The worker that died last, its host, and what memory it had. hosts: their names by addresses of workers."""
    worker = error.last_worker
    limit = f", which may use {worker.memory_limit / 1e9:.1f} GB of memory" if worker.memory_limit else ""
    # One that died before it told its host may be known by another on the same machine.
    at = worker.address.rpartition(":")[0]
    there = [host for address, host in hosts.items() if address.rpartition(":")[0] == at]
    name = hosts.get(worker.address) or (there[-1] if there else "")
    return f"{worker.address}{f' on host {name}' if name else ''}{limit}"


def _settle(waiting: Gathering[Any], done: asyncio.Future[Any]) -> None:
    """Hand what was done in the loop to the thread that waits for it."""
    if done.cancelled():
        waiting.cancel()
        waiting.set_running_or_notify_cancel()
    elif (error := done.exception()) is not None:
        waiting.set_exception(error)
    else:
        waiting.set_result(done.result())


def connected(place: Any, **options: Any) -> Client:
    """Make a client of Dask's; the arguments and errors are its own. One that cannot connect is closed at once.

    Otherwise Dask closes it when it is collected, in whatever thread that happens; in the one that a next client
    starts, it waits for itself. It is made in two steps, since a constructor that raises returns nothing to close.
    """
    client = Client.__new__(Client)
    try:
        client.__init__(place, set_as_default=False, **options)
    except BaseException:
        with suppress(Exception):
            client.close(timeout=1)
        raise
    return client


def close_client(client: Client) -> None:
    """Disconnect. A client that lost its scheduler is not given time to look for it."""
    with suppress(OSError, TimeoutError):
        client.close(timeout=5 if client.status == "running" else 0.5)
