"""The one door to the compiler: how every kernel of clearscale is compiled, and how it is called.

Kernels release the interpreter lock, so that threads of one process run them side by side, and are cached on
disk, so that compile time is paid once a machine. None is parallel inside: who runs the kernels owns the cores.

A process that finds its kernels on disk never imports Numba, which with the first kernel that it loads takes longer
than most commands: the machine code is linked by LLVM and called by itself (`native.py`). Numba is imported to
compile, for arguments that `native.py` does not know, and where it is told to check indexes or not to compile.
"""

import os
from collections.abc import Callable
from functools import cached_property, update_wrapper
from threading import Lock
from typing import Any, ParamSpec, TypeVar, cast

import numpy as np

P = ParamSpec("P")
R = TypeVar("R")

_BY_NUMBA = any(os.environ.get(mode, "0") not in ("", "0") for mode in ("NUMBA_BOUNDSCHECK", "NUMBA_DISABLE_JIT"))
"""Whether Numba itself calls every kernel: then an index is checked and told, and plain Python is plain Python."""

_NUMBERS = (int, np.integer)

_loading = Lock()


def kernel(function: Callable[P, R]) -> Callable[P, R]:
    """Compile `function` on its first call with the options that all kernels share."""
    return _compiled(function, {})


def inlined(function: Callable[P, R]) -> Callable[P, R]:
    """Compile a small helper that kernels call in their inner loops."""
    return _compiled(function, {"inline": "never"})


def _compiled(function: Callable[P, R], options: dict[str, Any]) -> Callable[P, R]:
    made = _Kernel(function, options)
    return cast(Callable[P, R], made.by_numba if _BY_NUMBA else made)


class _Kernel:
    """A function that is compiled, or found on disk, when it is first called with arguments of some types."""

    def __init__(self, function: Callable[..., Any], options: dict[str, Any]) -> None:
        update_wrapper(self, function)
        self._function = function
        self._options = options
        self._found: dict[tuple[str, ...], Callable[..., Any]] = {}

    @cached_property
    def by_numba(self) -> Any:
        """The function as Numba compiles and calls it."""
        from .vector_code import numba

        return numba.njit(nogil=True, cache=True, **self._options)(self._function)

    @property
    def _numba_type_(self) -> Any:
        """What Numba asks of a value that a kernel mentions: here, of a function that it calls."""
        return self.by_numba._numba_type_

    def __call__(self, *arguments: Any) -> Any:
        from . import native

        types = native.types_of(arguments)
        if types is None:
            # Numbers only: a helper that Python calls now and then, sooner done than the compiled one is loaded.
            if all(isinstance(each, _NUMBERS) for each in arguments):
                return self._function(*map(int, arguments))
            return self.by_numba(*arguments)
        found = self._found.get(types)
        if found is None:
            with _loading:
                found = self._found.get(types) or native.load(self._function, types) or self.by_numba
                self._found[types] = found
        return found(*arguments)
