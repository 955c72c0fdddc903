"""Processes on hosts that SSH reaches: connected, told what to do by standard input, ended by the end of that.

All of it happens in one event loop in a thread of its own, since the caller's may have a loop that runs.
"""

from __future__ import annotations

import asyncio
import json
import shlex
import threading
from collections import deque
from collections.abc import Coroutine, Sequence
from contextlib import suppress
from typing import TYPE_CHECKING, Any, TypeVar

from clearscale_cluster.errors import ClusterError
from clearscale_cluster.setup.logs import HostLog
from clearscale_cluster.setup.versions import require_same

if TYPE_CHECKING:
    from asyncssh import SSHClientConnection, SSHClientProcess

PATIENCE = 60.0
"""Seconds for a host to answer."""

_LAST_WORDS = 20
"""Lines of standard error that are kept to tell why something failed."""

_ENDING = 10.0
"""Seconds for a process to end when it is told to."""

Found = TypeVar("Found")


class Hosts:
    """Connections to hosts and what runs there. `close` ends all of it, however far its start came.

    Parameters: options are asyncssh's; python is the interpreter on the hosts.
    """

    def __init__(self, names: Sequence[str], options: dict[str, Any], python: str) -> None:
        self._names = names
        self._options = options
        self._command = f"{shlex.quote(python)} -m clearscale_cluster.setup.host"
        self._connections: dict[int, SSHClientConnection] = {}
        self._processes: list[SSHClientProcess[str]] = []
        self._log = HostLog()
        self._reading: set[asyncio.Task[None]] = set()
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True, name="ssh")
        self._thread.start()

    def connect(self) -> list[int]:
        """Connect to all hosts; returns the number of cores of each. Raises ClusterError as `start_over_ssh`."""
        return self._all([self._connect(place) for place in range(len(self._names))])

    def serve(self, orders: Sequence[dict[str, Any]]) -> list[str]:
        """Start on the first hosts what the orders say, one a host; returns the addresses.

        Raises ClusterError if something does not start.
        """
        return self._all([self._serve(place, order) for place, order in enumerate(orders)])

    def logs(self) -> str:
        """The file of what the hosts' processes said, an empty text if they said nothing."""
        return str(self._log.path or "")

    def close(self) -> None:
        """End what was started and wait for its end; then the connections."""
        with suppress(Exception):  # a connection that is lost has ended it
            self._run(self._end())
        self._run(_cancel_others())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(_ENDING)

    def _run(self, work: Coroutine[Any, Any, Found]) -> Found:
        future = asyncio.run_coroutine_threadsafe(work, self._loop)
        try:
            return future.result()
        except BaseException:
            future.cancel()  # Ctrl-C, for one
            raise

    def _all(self, works: list[Coroutine[Any, Any, Found]]) -> list[Found]:
        """Do all at the same time. The first error is raised when all have ended, so that nothing starts later."""

        async def together() -> list[Found]:
            tasks = [asyncio.ensure_future(work) for work in works]
            done, others = await asyncio.wait(tasks, return_when=asyncio.FIRST_EXCEPTION)
            for task in others:
                task.cancel()
            await asyncio.gather(*others, return_exceptions=True)
            failed = [error for task in tasks if task in done and (error := task.exception())]
            if failed:
                raise failed[0]
            return [task.result() for task in tasks]

        return self._run(together())

    async def _connect(self, place: int) -> int:
        import asyncssh

        name = self._names[place]
        try:
            connection = self._connections[place] = await asyncssh.connect(name, **self._options)
            done = await connection.run(self._command, input=_line_of({"do": "tell"}), timeout=PATIENCE)
        except asyncssh.HostKeyNotVerifiable as error:
            raise ClusterError(f"host {name}: its key is not known here; log in once with `ssh {name}`") from error
        except asyncssh.PermissionDenied as error:
            raise ClusterError(
                f"host {name}: refuses the login; `ssh {name}` must work without asking for a password"
            ) from error
        except (OSError, ValueError, asyncssh.Error) as error:  # TimeoutError is an OSError
            raise ClusterError(
                f"host {name}: cannot be reached with SSH ({first_line(error)}); check its name and that "
                f"`ssh {name}` works"
            ) from error
        try:
            answer = json.loads(str(done.stdout))
        except ValueError:
            said = str(done.stderr).strip().splitlines()
            raise ClusterError(
                f"host {name}: cannot run clearscale ({said[-1] if said else 'it gave no answer'}); install it "
                "there, under the same path or under that which `clearscale: ssh: python` of a configuration file "
                "names"
            ) from None
        require_same(f"host {name}", answer["versions"])
        return int(answer["cores"])

    async def _serve(self, place: int, order: dict[str, Any]) -> str:
        process = await self._connections[place].create_process(self._command)
        self._processes.append(process)
        said: deque[str] = deque(maxlen=_LAST_WORDS)
        # For as long as it runs: what nobody reads would block it in the end.
        reading = asyncio.ensure_future(_keep_last(process, said, self._log, self._names[place]))
        self._reading.add(reading)
        process.stdin.write(_line_of({"do": "serve", **order}))
        answer = await asyncio.wait_for(process.stdout.readline(), 2 * PATIENCE)
        if not answer:
            await asyncio.wait([reading], timeout=1)
            raise ChildProcessError(f"host {self._names[place]}: {said[-1] if said else 'it ended at once'}")
        return str(json.loads(answer)["address"])

    async def _end(self) -> None:
        # Workers first: without a scheduler they would look for it for a while.
        for processes in (self._processes[1:], self._processes[:1]):
            await asyncio.gather(*map(_end_process, processes), return_exceptions=True)
        for connection in self._connections.values():
            connection.close()
        closing = (connection.wait_closed() for connection in self._connections.values())
        await asyncio.wait_for(asyncio.gather(*closing, return_exceptions=True), _ENDING)


async def _keep_last(process: SSHClientProcess[str], said: deque[str], log: HostLog, host: str) -> None:
    async for line in process.stderr:
        if line.strip():
            said.append(line.strip())
            log.add(host, line)


async def _end_process(process: SSHClientProcess[str]) -> None:
    """Tell a process to end, and wait until it has: it removes what it made, as one that is killed would not."""
    process.stdin.write_eof()
    try:
        await asyncio.wait_for(process.wait_closed(), _ENDING)
    except TimeoutError:
        process.kill()


async def _cancel_others() -> None:
    others = asyncio.all_tasks() - {asyncio.current_task()}
    for task in others:
        task.cancel()
    await asyncio.gather(*others, return_exceptions=True)


def _line_of(order: dict[str, Any]) -> str:
    return json.dumps(order) + "\n"


def first_line(error: BaseException) -> str:
    """What an error says, in a line."""
    return (str(error) or type(error).__name__).splitlines()[0]
