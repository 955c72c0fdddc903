"""Kernels compiled before they are called, side by side in processes: LLVM is entered by one thread at a time."""

import errno
import json
import os
import subprocess
import sys
from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import Any

from . import declared, native, stored, texts
from .arguments import Types
from .processors import Processor
from .self_test import TYPES, weigh

Job = tuple[Callable[..., Any], Types]
"""A kernel's function and types of arguments for which it is to be compiled."""

Progress = Callable[[int, int], object]
"""What is called with the number of kernels that are compiled, and of all that shall be."""

_SHARE = "CLEARSCALE_KERNELS_SHARE"
"""Set in processes that compile a share: they start no others."""

_FEW = 3
"""So many kernels are compiled sooner than another process has started."""


def cores() -> int:
    """Cores that this process may run on."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def missing(modules: Sequence[str]) -> list[Job]:
    """What the kernels of these modules take, as far as there is no code on disk for it, the longest work first."""
    jobs = [
        (kernel.function, types)
        for kernel in declared.kernels(modules)
        for types in declared.signatures(kernel)
        if stored.found(kernel.function, types) is None
    ]
    return sorted(jobs, key=lambda job: -texts.size(stored.name_of(*job)))


def compile_for(processors: Sequence[Processor], progress: Progress | None = None) -> int:
    """Compile every kernel for processors that need not be this one, as far as that is not on disk.

    Returns
    -------
    int
        How many kernels were compiled, each counted once a processor.

    Raises
    ------
    OSError
        If the folder for them cannot be written to.
    """
    with stored.alone() as writable:
        if not writable:
            raise OSError(errno.EROFS, "compiled kernels cannot be kept", str(stored.folder()))
        every: list[Job] = [(weigh, TYPES)]
        for kernel in declared.kernels(declared.modules()):
            every += [(kernel.function, types) for types in declared.signatures(kernel)]
        jobs = [
            (*job, processor)
            for processor in processors
            for job in every
            if stored.read(stored.file_of(*job, processor), processor) is None
        ]
        for done, job in enumerate(jobs, 1):
            native.prepare(*job)
            if progress:
                progress(done, len(jobs))
    return len(jobs)


def compile_missing(
    modules: Sequence[str],
    prepare: Callable[[Callable[..., Any], Types], object],
    processes: int,
    progress: Progress | None = None,
) -> None:
    """Compile what is not on disk of the kernels of these modules, in this process and others.

    Of all processes that share a folder one does so at a time; the next finds done what it waited for. Nothing is
    done where the folder cannot be written to.

    Parameters
    ----------
    modules
        As `declared.modules` names them.
    prepare
        Compiles one kernel and keeps it on disk, if that has not been done. Must not come here again.
    processes
        How many there shall be, this one among them.
    progress
        Called after each kernel that this process compiles, and at the end.
    """
    if os.environ.get(_SHARE) or not missing(modules):
        return
    with stored.alone() as writable:
        jobs = missing(modules) if writable else []
        shares = min(processes, -(-len(jobs) // _FEW)) if sys.executable else 1
        others = [_start(jobs[k::shares]) for k in range(1, shares)]
        try:
            for function, types in jobs[::shares] if jobs else []:
                prepare(function, types)
                if progress:
                    progress(sum(stored.file_of(*job).exists() for job in jobs), len(jobs))
        finally:
            for other in others:
                other.wait()
        # What another process could not do, such as one that was ended, is done here.
        for function, types in jobs:
            prepare(function, types)
    if progress and jobs:
        progress(len(jobs), len(jobs))


def _start(jobs: Sequence[Job]) -> "subprocess.Popen[bytes]":
    named = [
        [f"{function.__module__}.{function.__qualname__}", stored.name_of(function, types)]
        for function, types in jobs
    ]
    command = [sys.executable, "-m", "clearscale_kernels.jit.share"]
    environment = {**os.environ, _SHARE: "1", "PYTHONPATH": os.pathsep.join(path for path in sys.path if path)}
    process = subprocess.Popen(
        command, env=environment, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    with suppress(OSError):
        assert process.stdin
        process.stdin.write(json.dumps(named).encode())
        process.stdin.close()
    return process
