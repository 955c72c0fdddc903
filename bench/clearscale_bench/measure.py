"""Timing: whole processes with their peak of memory, work inside this one, and programs that take turns."""

import contextlib
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import psutil

LAUNCH = Path(__file__).with_name("launch.py")

PYTHON = (sys.executable, "-P", "-c")
"""Python that runs a piece of code, and takes no module from the folder that it is started in."""

FIRST_AND_AGAIN = """
import importlib, json, sys, time
work = getattr(importlib.import_module("clearscale_bench.work"), sys.argv[1])(*sys.argv[2:])
seconds = []
for _ in range(2):
    began = time.perf_counter()
    work()
    seconds.append(time.perf_counter() - began)
print()
print(json.dumps(seconds))
"""


@dataclass(frozen=True)
class Taken:
    """What a program took.

    seconds: by the clock. processor: of processor time, all threads and processes together. peak_mb: the largest
    resident size of its largest process, in 10^6 bytes, or None.
    """

    seconds: float
    processor: float
    peak_mb: float | None = None


def _processor_of_children() -> float:
    """Processor time of this process' children so far; of those that are at work in steps of 10 ms."""
    ended = os.times()
    found = ended.children_user + ended.children_system
    for child in psutil.Process().children(recursive=True):
        with contextlib.suppress(psutil.NoSuchProcess):
            times = child.cpu_times()
            found += times.user + times.system
    return found


@dataclass(frozen=True)
class Program:
    """A piece of work that can be timed.

    run: what is timed; a `Taken` that it returns counts instead of the clock. totals: the answer, from what `run`
    returned, which must be the same of every program; None for a program that has no answer. prepare: clears away
    what an earlier round left. Neither of the last two is timed. same_work: whether a peer does what ours does, or
    is a mere measure of the machine, whose ratio no baseline is asked for.
    """

    name: str
    run: Callable[[], Any]
    totals: Callable[[Any], Any] | None = None
    prepare: Callable[[], object] = lambda: None
    same_work: bool = True


def _environment() -> dict[str, str]:
    """That of a program as its users have it: Python keeps compiled modules on disk, whatever this session does."""
    return {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}


def launch(command: Sequence[str]) -> tuple[Taken, str]:
    """Run a command once to its end; returns what it took and what it printed. Raises RuntimeError if it fails."""
    with tempfile.NamedTemporaryFile() as report:
        launcher = [sys.executable, "-S", "-E", str(LAUNCH), report.name]
        done = subprocess.run(
            [*launcher, *command], stdout=subprocess.PIPE, text=True, check=False, env=_environment()
        )
        if done.returncode:
            raise RuntimeError(f"{' '.join(command)} ended with {done.returncode}")
        return Taken(**json.load(report)), done.stdout


def process(name: str, code: str, *arguments: str, **how: Any) -> Program:
    """A program that is a piece of Python in a process of its own, from its start to its end."""
    return Program(name, lambda: launch([*PYTHON, code, *arguments])[0], **how)


@dataclass(frozen=True)
class FirstAndAgain:
    """Seconds of the first call of a piece of work in a new process and of its second, and the process' peak."""

    first: float | None = None
    again: float | None = None
    peak_mb: float | None = None


NO_CHILD = FirstAndAgain()
"""Where that was not measured."""


def first_and_again(work: str, *arguments: str) -> FirstAndAgain:
    """Call what `clearscale_bench.work.<work>(*arguments)` prepares, twice, in a new process.

    The first call pays for imports that are not made yet and for loading kernels that are compiled on disk.
    Raises RuntimeError if it fails.
    """
    taken, printed = launch([*PYTHON, FIRST_AND_AGAIN, work, *arguments])
    first, again = json.loads(printed.splitlines()[-1])
    return FirstAndAgain(first, again, taken.peak_mb)


class Turns:
    """Programs that take turns, A B A B ..., so that a machine that slows down slows all of them.

    The first round does not count. Totals of a round are held against those of the first program; a wrong one
    raises AssertionError.
    """

    def __init__(self, ours: Program, peers: Sequence[Program]) -> None:
        self.ours = ours
        self.peers = peers
        self._taken: dict[str, list[Taken]] = {program.name: [] for program in (ours, *peers)}
        self._totals: dict[str, Any] = {}

    def before(self) -> None:
        """A round of the peers; then all is ready for ours."""
        for peer in self.peers:
            peer.prepare()
            self._run(peer)
        self.ours.prepare()

    def run_ours(self) -> None:
        """A round of ours."""
        self._run(self.ours)

    def after(self) -> None:
        """Raise AssertionError if a peer's totals are not ours."""
        expected = self._totals.get(self.ours.name)
        for name, totals in self._totals.items():
            assert totals == expected, f"{name}: {totals} and not {expected}"

    def round(self) -> None:
        """A round of all, beside those that are told from outside."""
        self.before()
        self.run_ours()
        self.after()

    def rounds(self) -> dict[str, dict[str, list[float]]]:
        """What every round that counts took, by program: all but the first."""
        return {
            name: {
                "seconds": [taken.seconds for taken in timings[1:]],
                "processor": [taken.processor for taken in timings[1:]],
            }
            for name, timings in self._taken.items()
        }

    def ratio(self, peer: Program, clock: str) -> float | None:
        """The median of our `seconds` or `processor` time by a peer's in the same round, which alike noise met.

        None if a peer's clock did not move.
        """
        ours, theirs = (self.rounds()[program.name][clock] for program in (self.ours, peer))
        found = [mine / other for mine, other in zip(ours, theirs, strict=True) if other]
        return statistics.median(found) if found else None

    def taken(self, program: Program) -> Taken:
        """The median of what a program's rounds that count took, and its highest peak."""
        found = self.rounds()[program.name]
        peaks = [taken.peak_mb for taken in self._taken[program.name] if taken.peak_mb is not None]
        return Taken(
            statistics.median(found["seconds"]), statistics.median(found["processor"]), max(peaks, default=None)
        )

    def _run(self, program: Program) -> None:
        # To look for children takes longer than some work: it is done before and behind the clocks.
        children, own, began = _processor_of_children(), time.process_time(), time.perf_counter()
        result = program.run()
        seconds, own = time.perf_counter() - began, time.process_time() - own
        used = own + _processor_of_children() - children
        self._taken[program.name].append(result if isinstance(result, Taken) else Taken(seconds, used))
        if program.totals is not None:
            self._totals[program.name] = program.totals(result)


def reading(arrays: Sequence[np.ndarray]) -> Program:
    """The peer that memory's speed sets: one thread adds up every byte of the arrays, eight at a time."""
    words = [array.view(np.uint8).reshape(-1) for array in map(np.ascontiguousarray, arrays)]
    words = [array[: array.size // 8 * 8].view(np.uint64) for array in words]
    return Program(
        "one thread reading the same bytes", lambda: [int(array.sum()) for array in words], same_work=False
    )
