"""Schedulers and workers as somebody else would start them."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path

import psutil

from .waiting import wait_until

# As `cluster/deploy/environment.sh` says, without which workers that wait take time from other tests.
CHEAP = {"DASK_DISTRIBUTED__WORKER__PROFILE__ENABLED": "False", "DASK_DISTRIBUTED__ADMIN__TICK__INTERVAL": "1s"}


class Served:
    """A scheduler and workers, each a process started by Dask's own commands, on the loopback interface.

    options: of both commands. environment: of the workers, beside this process's; settings: of the scheduler.
    joined: how many workers were started.
    """

    def __init__(
        self,
        folder: Path,
        workers: int = 1,
        options: Sequence[str] = (),
        environment: Mapping[str, str] | None = None,
        settings: Mapping[str, str] | None = None,
    ) -> None:
        self._options = options
        self._settings = settings or {}
        self.joined = 0
        self._environment = {**os.environ, **CHEAP, **(environment or {})}
        self.file = folder / "scheduler.json"
        self.worker_log = folder / "worker.log"
        self._folder = folder
        self._processes = [self._start([], folder / "scheduler.log", "scheduler", "--port", "0")]
        self.address: str = self._read_address()
        for _ in range(workers):
            self.join()

    def join(
        self,
        *within: str,
        environment: Mapping[str, str] | None = None,
        options: Sequence[str] = ("--no-nanny",),
    ) -> None:
        """Start one more worker. within: the command that its own is given to. options: of this one."""
        self._environment.update(environment or {})
        given = ["--nthreads", "1", "--local-directory", str(self._folder), *options]
        self._processes.append(self._start(within, self.worker_log, "worker", self.address, *given))
        self.joined += 1

    def _start(self, within: Sequence[str], log: Path, command: str, *arguments: str) -> subprocess.Popen[bytes]:
        options = ["--host", "127.0.0.1", "--no-dashboard", *self._options]
        if command == "scheduler":
            options += ["--dashboard-address", ":0", "--scheduler-file", str(self.file)]
        with log.open("ab") as output:
            return subprocess.Popen(
                [*within, sys.executable, "-m", "dask", command, *arguments, *options],
                stdout=output,
                stderr=output,
                cwd=self._folder,  # not that of the project, where its version would be found first
                env=self._environment if command == "worker" else {**os.environ, **CHEAP, **self._settings},
            )

    def _read_address(self) -> str:
        address = ""

        def written() -> bool:
            nonlocal address
            with suppress(FileNotFoundError, ValueError):  # not there yet, or half written
                address = json.loads(self.file.read_text())["address"]
            return bool(address)

        wait_until(written, self._processes[0])
        return address

    def kill_scheduler(self) -> None:
        self._processes[0].kill()

    def freeze_scheduler(self) -> None:
        """Have it stand still, with all its connections."""
        self._processes[0].send_signal(signal.SIGSTOP)

    def stop(self) -> None:
        for process in reversed(self._processes):
            for child in _children(process):  # a worker that its nanny started
                child.kill()
            process.kill()
            process.wait()


def _children(process: subprocess.Popen[bytes]) -> list[psutil.Process]:
    with suppress(psutil.Error):
        return psutil.Process(process.pid).children(recursive=True)
    return []
