"""An SSH server on the loopback interface with keys of its own, which runs commands as OpenSSH's would.

It is reached by the names `one` and `two` through a client configuration that is written beside its keys.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import signal
import threading
from pathlib import Path
from typing import Any

import asyncssh


class SshServer:
    """Runs in a thread until stopped. commands: what it was asked to run."""

    def __init__(self, folder: Path) -> None:
        self.commands: list[str] = []
        self.config = folder / "ssh_config"
        self._folder = folder
        self._loop = asyncio.new_event_loop()
        self._processes: set[asyncio.subprocess.Process] = set()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._thread.start()
        self.port: int = asyncio.run_coroutine_threadsafe(self._start(), self._loop).result(20)

    async def _start(self) -> int:
        host_key = asyncssh.generate_private_key("ssh-ed25519")
        user_key = asyncssh.generate_private_key("ssh-ed25519")
        user_key.write_private_key(self._folder / "id")
        authorized = self._folder / "authorized_keys"
        user_key.write_public_key(authorized)
        self._acceptor = await asyncssh.listen(
            "127.0.0.1",
            0,
            server_host_keys=[host_key],
            authorized_client_keys=str(authorized),
            process_factory=self._run,
            encoding=None,
        )
        port = self._acceptor.get_port()
        known = self._folder / "known_hosts"
        known.write_text(f"[127.0.0.1]:{port} {host_key.export_public_key().decode()}")
        self.write_config(self.config, port=port)
        return int(port)

    def write_config(self, path: Path, *, port: int | None = None, **other: str) -> Path:
        """Write a client configuration. other: options instead of the usual ones."""
        options = {
            "HostName": "127.0.0.1",
            "Port": str(port or self.port),
            "User": "somebody",
            "IdentityFile": str(self._folder / "id"),
            "UserKnownHostsFile": str(self._folder / "known_hosts"),
            **other,
        }
        path.write_text("Host one two\n" + "".join(f"  {name} {value}\n" for name, value in options.items()))
        return path

    def configuration(self, path: Path, **ssh: object) -> Path:
        """Write a configuration file for --cluster: hosts one and two, one worker each. ssh: other settings."""
        settings = {"config": str(self.config), "workers": 1, "interface": "lo", **ssh}
        path.write_text(json.dumps({"clearscale": {"cluster": "ssh:one,two", "ssh": settings}}))  # JSON is YAML
        return path

    async def _run(self, process: asyncssh.SSHServerProcess[bytes]) -> None:
        command = process.command or "true"
        self.commands.append(command)
        child = await asyncio.create_subprocess_exec(
            "/bin/sh",
            "-c",
            command,
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
            start_new_session=True,
            cwd=self._folder,
        )
        self._processes.add(child)
        assert child.stdin is not None
        assert child.stdout is not None
        assert child.stderr is not None
        copies = [_copy(child.stdout, process.stdout), _copy(child.stderr, process.stderr)]
        feeding = asyncio.ensure_future(_feed(process.stdin, child.stdin))
        ended = asyncio.gather(child.wait(), *copies)
        gone = asyncio.ensure_future(process.channel.wait_closed())
        try:
            await asyncio.wait({ended, gone}, return_when=asyncio.FIRST_COMPLETED)
            if ended.done():
                process.exit(ended.result()[0])
            # As OpenSSH's, it does not end a command whose client has gone, but closes what that reads.
            feeding.cancel()
            child.stdin.close()
            await child.wait()
        finally:
            feeding.cancel()
            _end(child)
            self._processes.discard(child)

    @property
    def running(self) -> int:
        """How many commands run."""
        return len(self._processes)

    def kill_all(self) -> None:
        """Kill all commands and what they started, at once."""
        for child in list(self._processes):
            _end(child)

    def stop(self) -> None:
        """Close the port and end all commands."""
        asyncio.run_coroutine_threadsafe(self._stop(), self._loop).result(20)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(20)
        self._loop.close()

    async def _stop(self) -> None:
        self._acceptor.close()
        for child in self._processes:
            _end(child)
        await asyncio.sleep(0.1)


async def _copy(source: Any, target: Any) -> None:
    """Copy a stream to its end."""
    with contextlib.suppress(OSError, asyncssh.BreakReceived, asyncssh.SignalReceived):
        while data := await source.read(2**16):
            target.write(data)
            await target.drain()


async def _feed(source: Any, target: asyncio.StreamWriter) -> None:
    """Copy what the client sends, and tell the command when that ends. The other way, the exit code tells it."""
    await _copy(source, target)
    target.close()


def _below(parent: int) -> list[int]:
    """The processes that a process started, and those that these did."""
    children = [int(pid) for pid in Path(f"/proc/{parent}/task/{parent}/children").read_text().split()]
    return [pid for child in children for pid in (child, *_below(child))]


def _end(child: asyncio.subprocess.Process) -> None:
    if child.returncode is None:
        for process in [child.pid, *_below(child.pid)]:
            with contextlib.suppress(ProcessLookupError):
                os.kill(process, signal.SIGKILL)
