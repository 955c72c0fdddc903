"""Kernels as machine code: kept on disk, linked by LLVM, and called without Numba.

Numba's functions take the address of the result, that of what an exception says, and then each argument; an array
is seven or more numbers, for it carries its shape and strides. That is all that a call has to know. What it does
not know (results that are no whole numbers, arrays that have gaps) is left to Numba.
"""

import ctypes
import hashlib
import importlib.util
import itertools
import os
import sys
import tempfile
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import llvmlite
import llvmlite.binding as llvm
import numpy as np

Types = tuple[str, ...]

_NUMBER, _TRUTH = "number", "truth"
"""Types of arguments that are no arrays: whole numbers of 64 bits, and truth values."""

_FIXED = ".fixed"
"""End of the type of an array that must not be written to: Numba compiles no code for it that would."""

_NO_RESULT, _ONE_RESULT = -1, 0
"""What a kernel gives, where it is no tuple of so many whole numbers."""

_RETURNED = (0, -2)
"""Numba's codes of a function that ended without an exception; the second says that it gave None."""

_RELEASE = "NRT_MemInfo_call_dtor"
"""What code calls to free an array of Numba's own; ours are NumPy's and say that they belong to nobody."""

_HOME = Path(__file__).parents[1]
"""All kernels lie in here."""


@dataclass(frozen=True)
class Code:
    """Machine code. symbol: its function; empty where only Numba can call it. results: see `_NO_RESULT`."""

    symbol: str
    results: int
    machine_code: bytes

    @property
    def line(self) -> bytes:
        """What stands before the code on disk; a file that was cut short does not agree with it."""
        about = f"{self.results} {self.symbol}\n".encode("ascii")
        digest = hashlib.sha256(about + self.machine_code).hexdigest()
        return f"{_stamp()} {digest} ".encode("ascii") + about


class _Names(dict[np.dtype[Any], str]):
    """How types name a dtype. NumPy makes a dtype's name anew each time, which takes as long as a small kernel."""

    def __missing__(self, dtype: np.dtype[Any]) -> str:
        name = self[dtype] = dtype.name if dtype.isnative else ""
        return name


_NAMES = _Names()


def types_of(arguments: Sequence[Any]) -> Types | None:
    """The types of a kernel's arguments; None if no array is among them, or what only Numba can hand over."""
    types = []
    arrays = 0
    for each in arguments:
        if isinstance(each, np.ndarray):
            flags, name = each.flags, _NAMES[each.dtype]
            if not (name and flags.c_contiguous and flags.aligned):
                return None
            arrays += 1
            types.append(f"{name}.{each.ndim}{'' if flags.writeable else _FIXED}")
        elif isinstance(each, bool | np.bool_):
            types.append(_TRUTH)
        elif type(each) is int or isinstance(each, np.int64):
            types.append(_NUMBER)
        else:
            return None
    return tuple(types) if arrays else None


def load(function: Callable[..., Any], types: Types) -> Callable[..., Any] | None:
    """The function for arguments of these types, from disk or compiled; None if only Numba can call it."""
    file = _file(function, types)
    code = _read(file)
    if code is None:
        code = _compile(function, types)
        _keep(file, code)
    if not code.symbol:
        return None
    with suppress(RuntimeError):  # of LLVM: a system on which it cannot link this way
        return _callable(function.__qualname__, code, types)
    return None


def _read(file: Path) -> Code | None:
    """The code on disk; None if there is none, or it was made of other sources or for another processor."""
    try:
        line, _, machine_code = file.read_bytes().partition(b"\n")
        _, _, results, symbol = line.decode("ascii").split(" ")
        code = Code(symbol, int(results), machine_code)
    except (OSError, ValueError):
        return None
    return code if code.line == line + b"\n" else None


def _keep(file: Path, code: Code) -> None:
    """Write the code in one step; a folder that cannot be written to costs compiling again, and nothing else."""
    with suppress(OSError):
        file.parent.mkdir(parents=True, exist_ok=True)
        handle, temporary = tempfile.mkstemp(dir=file.parent, prefix=".writing-")
        with os.fdopen(handle, "wb") as open_file:
            open_file.write(code.line + code.machine_code)
        Path(temporary).replace(file)


def _file(function: Callable[..., Any], types: Types) -> Path:
    text = " ".join((*types, llvm.get_host_cpu_name()))
    name = f"{function.__module__.rpartition('.')[2]}.{function.__qualname__}"
    return (
        _folder() / f"{name}-{hashlib.sha256(text.encode()).hexdigest()[:16]}.{sys.implementation.cache_tag}.native"
    )


@cache
def _folder() -> Path:
    """Where Numba keeps its own code: as NUMBA_CACHE_DIR says, beside the sources, or in the user's cache."""
    if chosen := os.environ.get("NUMBA_CACHE_DIR"):
        return Path(chosen)
    beside = _HOME / "__pycache__"
    if os.access(beside if beside.exists() else _HOME, os.W_OK):
        return beside
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "clearscale"


@cache
def _stamp() -> str:
    """A digest of all that code is made from: the sources, the compiler, the processor, Numba's settings."""
    compiler = importlib.util.find_spec("numba")
    sources = [*sorted(_HOME.rglob("*.py")), Path(str(compiler.origin)) if compiler else _HOME]
    changed = [(each.name, stat.st_mtime_ns, stat.st_size) for each in sources for stat in (each.stat(),)]
    settings = sorted(
        item
        for item in os.environ.items()
        if item[0].startswith("NUMBA_") and item[0] not in ("NUMBA_CACHE_DIR", "NUMBA_NUM_THREADS")
    )
    processor = (llvm.get_host_cpu_name(), llvm.get_host_cpu_features().flatten())
    text = repr((changed, settings, processor, llvmlite.__version__))
    return hashlib.sha256(text.encode()).hexdigest()


def _compile(function: Callable[..., Any], types: Types) -> Code:
    """Compile with Numba, without what hands over Python's objects."""
    from numba import types as known

    from .vector_code import numba

    def numba_type(text: str) -> Any:
        if text in (_NUMBER, _TRUTH):
            return known.int64 if text == _NUMBER else known.boolean
        dtype, dimensions, *fixed = text.split(".")
        return known.Array(numba.from_dtype(np.dtype(dtype)), int(dimensions), "C", readonly=bool(fixed))

    dispatcher = numba.njit(no_cpython_wrapper=True, no_cfunc_wrapper=True)(function)
    compiled = dispatcher._compiler.compile(tuple(map(numba_type, types)), None)
    result, library = compiled.signature.return_type, compiled.library
    library._ensure_finalized()
    module = library._final_module
    results = {known.none: _NO_RESULT, known.int64: _ONE_RESULT}.get(result)
    if isinstance(result, known.UniTuple) and result.dtype == known.int64:
        results = result.count
    missing = {each.name for each in module.functions if each.is_declaration and not each.name.startswith("llvm.")}
    if results is None or missing - {_RELEASE}:
        return Code("", _NO_RESULT, b"")
    return Code(compiled.fndesc.llvm_func_name, results, library.codegen._tm.emit_object(module))


@cache
def _linker() -> Any:
    llvm.initialize_native_target()
    llvm.initialize_native_asmprinter()
    return llvm.create_lljit_compiler()


@ctypes.CFUNCTYPE(None)  # type: ignore[untyped-decorator]
def _release() -> None:
    """Stands for `_RELEASE`, and is never called."""


_linked: list[Any] = []
"""What holds the linked code in memory: as long as the process, since kernels do so, too."""

_numbers = itertools.count()


def _callable(name: str, code: Code, types: Types) -> Callable[..., Any]:
    builder = llvm.JITLibraryBuilder().add_object_img(code.machine_code).export_symbol(code.symbol)
    builder.import_symbol(_RELEASE, ctypes.cast(_release, ctypes.c_void_p).value)
    library = builder.link(_linker(), f"kernel-{next(_numbers)}")
    _linked.append(library)
    parameters: list[Any] = [ctypes.c_void_p, ctypes.c_void_p]
    for each in types:
        if each in (_NUMBER, _TRUTH):
            parameters.append(ctypes.c_int64 if each == _NUMBER else ctypes.c_uint8)
        else:
            # Who owns it, twice: nobody. Then its length, the bytes of an element, where it lies; shape, strides.
            sizes = [ctypes.c_int64] * (2 * int(each.split(".")[1]))
            parameters += [
                ctypes.c_void_p,
                ctypes.c_void_p,
                ctypes.c_int64,
                ctypes.c_int64,
                ctypes.c_void_p,
                *sizes,
            ]
    enter = ctypes.CFUNCTYPE(ctypes.c_int32, *parameters)(library[code.symbol])
    returned_type = ctypes.c_int64 * max(code.results, 1)

    def call(*arguments: Any) -> Any:
        flat: list[Any] = []
        for each in arguments:
            if isinstance(each, np.ndarray):
                flat += (None, None, each.size, each.itemsize, each.ctypes.data, *each.shape, *each.strides)
            else:
                flat.append(int(each))
        returned, raised = returned_type(), ctypes.c_void_p()
        status = enter(ctypes.byref(returned), ctypes.byref(raised), *flat)
        if status not in _RETURNED:
            raise RuntimeError(f"kernel {name} failed with code {status}")
        if code.results == _NO_RESULT:
            return None
        return returned[0] if code.results == _ONE_RESULT else tuple(returned)

    return call
