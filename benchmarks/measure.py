"""Timing of whole processes: wall seconds, and peak resident memory as the operating system counted it."""

import os
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Measured:
    """One run of a command. peak_mb: the largest resident size of the process, in 10^6 bytes."""

    seconds: float
    peak_mb: float


def measure(command: Sequence[str]) -> Measured:
    """Run a command once to its end. Raises RuntimeError if it fails."""
    began = time.perf_counter()
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL)
    _, status, usage = os.wait4(process.pid, 0)
    seconds = time.perf_counter() - began
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise RuntimeError(f"{command[0]} ended with {process.returncode}")
    return Measured(seconds, usage.ru_maxrss * 1024 / 1e6)


def alternate(commands: dict[str, Sequence[str]], rounds: int) -> dict[str, Measured]:
    """Run the commands in turn, A B A B ..., after one round that does not count; the median of each.

    In turn, so that a machine that slows down slows all of them.
    """
    for command in commands.values():
        measure(command)
    runs: dict[str, list[Measured]] = {name: [] for name in commands}
    for _ in range(rounds):
        for name, command in commands.items():
            runs[name].append(measure(command))
    return {name: sorted(each, key=lambda run: run.seconds)[len(each) // 2] for name, each in runs.items()}


def python(code: str, *arguments: str) -> list[str]:
    """A command that runs a piece of Python in a process of its own."""
    return [sys.executable, "-c", code, *arguments]
