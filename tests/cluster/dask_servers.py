"""Schedulers and workers as somebody else would start them."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from pathlib import Path


class Served:
    """A scheduler and one worker, each a process started by Dask's own commands, on the loopback interface."""

    def __init__(self, folder: Path, workers: int = 1) -> None:
        self._file = folder / "scheduler.json"
        self.worker_log = folder / "worker.log"
        self._processes = [self._start(folder / "scheduler.log", "scheduler", "--port", "0")]
        self.address: str = self._read_address()
        for _ in range(workers):
            self._processes.append(
                self._start(
                    self.worker_log,
                    "worker",
                    self.address,
                    "--nthreads",
                    "1",
                    "--no-nanny",
                    "--local-directory",
                    str(folder),
                )
            )

    def _start(self, log: Path, command: str, *arguments: str) -> subprocess.Popen[bytes]:
        options = ["--host", "127.0.0.1", "--no-dashboard"]
        if command == "scheduler":
            options += ["--dashboard-address", ":0", "--scheduler-file", str(self._file)]
        with log.open("wb") as output:
            return subprocess.Popen(
                [sys.executable, "-m", "dask", command, *arguments, *options], stdout=output, stderr=output
            )

    def _read_address(self) -> str:
        deadline = time.monotonic() + 20
        while time.monotonic() < deadline:
            try:
                return str(json.loads(self._file.read_text())["address"])
            except (FileNotFoundError, ValueError):  # not there yet, or half written
                time.sleep(0.05)
        raise TimeoutError("the scheduler did not start")

    def kill_scheduler(self) -> None:
        self._processes[0].kill()

    def stop(self) -> None:
        for process in reversed(self._processes):
            process.kill()
            process.wait()
