"""The one door to the compiler: how every kernel of clearscale is compiled, and how it is called.

Kernels release the interpreter lock, so that threads of one process run them side by side, and are cached on
disk, so that compile time is paid once a machine. None is parallel inside: who runs the kernels owns the cores.

A process that finds its kernels on disk never imports Numba, which with the first kernel that it loads takes longer
than most commands: the machine code is linked by LLVM and called by itself (`native.py`). Numba is imported to
compile kernels whose text did not come with the package, for arguments that `native.py` does not know, and where it
is told to check indexes or not to compile.
"""

import os
from collections.abc import Callable
from functools import cached_property, update_wrapper
from threading import Lock
from typing import Any, ParamSpec, TypeVar, cast

import numpy as np

from .arguments import flatten, types_in
from .callee import Callee

P = ParamSpec("P")
R = TypeVar("R")

BY_NUMBA = any(os.environ.get(mode, "0") not in ("", "0") for mode in ("NUMBA_BOUNDSCHECK", "NUMBA_DISABLE_JIT"))
"""Whether Numba itself calls every kernel: then an index is checked and told, and plain Python is plain Python."""

_NUMBERS = (int, np.integer)

_loading = Lock()


def kernel(function: Callable[P, R]) -> Callable[P, R]:
    """Compile `function` on its first call with the options that all kernels share."""
    return _compiled(function, helper=False)


def inlined(function: Callable[P, R]) -> Callable[P, R]:
    """Compile a small helper into the kernels that call it."""
    return _compiled(function, helper=True)


def _compiled(function: Callable[P, R], helper: bool) -> Callable[P, R]:
    made = Kernel(function, helper)
    return cast(Callable[P, R], made.by_numba if BY_NUMBA else made)


class Kernel(Callee):
    """A function that is compiled, or found on disk, when it is first called with arguments of some types."""

    def __init__(self, function: Callable[..., Any], helper: bool) -> None:
        super().__init__(function, helper)
        update_wrapper(self, function)
        self._found: dict[tuple[Any, ...], Callable[[list[int]], Any] | None] = {}

    @cached_property
    def by_numba(self) -> Any:
        """The function as Numba compiles and calls it."""
        from . import stored
        from .vector_code import numba

        # Numba unpickles what it finds, so that must be nobody else's. It asks for the folder here and now.
        place = stored.folder_of_numba()
        before, numba.config.CACHE_DIR = numba.config.CACHE_DIR, str(place or "")
        try:
            return numba.njit(nogil=True, cache=place is not None)(self.function)
        finally:
            numba.config.CACHE_DIR = before

    def __call__(self, *arguments: Any) -> Any:
        """Call the function, compiled for what these arguments are."""
        key: list[Any] = []
        flat: list[int] = []
        if not flatten(arguments, key, flat):
            return self._slowly(arguments)
        kind = tuple(key)
        found = self._found[kind] if kind in self._found else self._find(kind)
        return self._slowly(arguments) if found is None else found(flat)

    def _find(self, kind: tuple[Any, ...]) -> Callable[[list[int]], Any] | None:
        from . import native

        with _loading:
            if kind not in self._found:
                types = types_in(kind)
                self._found[kind] = None if types is None else native.load(self.function, types)
            return self._found[kind]

    def load(self, arguments: tuple[Any, ...]) -> None:
        """Load what a call with such arguments needs, compiled now if it is not on disk."""
        key: list[Any] = []
        if not flatten(arguments, key, []) or self._find(tuple(key)) is None:
            from .vector_code import numba

            self.by_numba.compile(tuple(map(numba.typeof, arguments)))

    def _slowly(self, arguments: tuple[Any, ...]) -> Any:
        # Numbers only: a helper that Python calls now and then, sooner done than the compiled one is loaded.
        if all(isinstance(argument, _NUMBERS) for argument in arguments):
            return self.function(*map(int, arguments))
        return self.by_numba(*arguments)
