"""Writes the texts that come with the package, on all cores: `python -m clearscale_kernels.jit.make_texts`."""

import multiprocessing
import os
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from typing import Any

from . import ahead, declared, machine, stored, texts
from .self_test import TYPES, weigh

_SELF_TEST = f"{weigh.__module__}.{weigh.__qualname__}"


def jobs() -> list[tuple[str, int]]:
    """The name of each kernel, and which of its signatures: first those that take the longest."""
    found = [
        (kernel.name, k)
        for kernel in declared.kernels(declared.modules())
        for k in range(len(declared.signatures(kernel)))
    ]
    return [(_SELF_TEST, 0), *found]


def text(kernel_name: str, which: int) -> tuple[str, str | None]:
    """The name and the text of a kernel's code, which LLVM optimizes on the machine where it runs."""
    function: Callable[..., Any] = weigh
    types = TYPES
    if kernel_name != _SELF_TEST:
        (kernel,) = [k for k in declared.kernels([kernel_name.rpartition(".")[0]]) if k.name == kernel_name]
        function, types = kernel.function, declared.signatures(kernel)[which]
    found = texts.made(function, types)
    return stored.name_of(function, types), None if found is None or machine.needs_more(found) else found


def made() -> dict[str, str]:
    """All texts, by name. Raises ValueError for a kernel that only Numba can call."""
    os.environ.update(NUMBA_OPT="0", PYTHONHASHSEED="0")  # read by the processes that are started now
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(ahead.cores(), context) as pool:
        found = dict(pool.map(text, *zip(*jobs(), strict=True)))
    if lacking := [name for name, value in found.items() if value is None]:
        raise ValueError(f"only Numba can call these kernels: {', '.join(lacking)}")
    return {name: value for name, value in found.items() if value is not None}


if __name__ == "__main__":
    texts.write(made(), texts.archive())
    print(f"{texts.archive()}: {texts.archive().stat().st_size:,} bytes")
