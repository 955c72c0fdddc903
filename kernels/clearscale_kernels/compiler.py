"""The one door to the compiler: how every kernel of clearscale is compiled.

Kernels release the interpreter lock, so that threads of one process run them side by side, and are cached on
disk, so that compile time is paid once a machine. None is parallel inside: who runs the kernels owns the cores.
"""

from collections.abc import Callable
from typing import ParamSpec, TypeVar, cast

import numba

P = ParamSpec("P")
R = TypeVar("R")


def kernel(function: Callable[P, R]) -> Callable[P, R]:
    """Compile `function` on its first call with the options that all kernels share."""
    return cast(Callable[P, R], numba.njit(nogil=True, cache=True)(function))


def inlined(function: Callable[P, R]) -> Callable[P, R]:
    """Compile a small helper that kernels call in their inner loops."""
    return cast(Callable[P, R], numba.njit(nogil=True, cache=True, inline="never")(function))
