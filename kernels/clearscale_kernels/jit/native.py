"""Kernels as machine code: made once, kept on disk, linked by LLVM, and called without Numba.

Code comes from disk; where there is none, it is made of the LLVM text that comes with the package (`texts.py`), in
some hundredths of a second; where that does not fit, Numba makes a new one. Whatever is in doubt is left to Numba:
versions other than those named here, results that are no whole numbers, arrays with gaps, systems where LLVM cannot
link.
"""

from collections.abc import Callable
from contextlib import suppress
from functools import cache
from typing import Any

from . import machine, stored, texts
from .arguments import Types, fixed_arrays, numbers_in, types_of, writable
from .calls import Flat, caller
from .processors import Processor, own
from .self_test import passes, weigh
from .stored import Code

__all__ = ["TESTED", "Types", "load", "prepare", "types_of", "usable"]

TESTED = {"numba": ("0.68.",), "llvmlite": ("0.50.",)}
"""Beginnings of the versions with which kernels were called this way. With any other, Numba calls them."""


@cache
def usable() -> bool:
    """Whether kernels can be called this way here: tested versions, and a small kernel that answers right."""
    versions = stored.installed()
    if not all(versions[name].startswith(tested) for name, tested in TESTED.items()):
        return False
    with suppress(Exception):
        return passes(_load)
    return False


def load(function: Callable[..., Any], types: Types) -> Callable[[Flat], Any] | None:
    """The function for arguments of these types, from disk or compiled; None if only Numba can call it."""
    if not usable():
        return None
    with suppress(Exception):
        return _load(function, types)
    return None


def prepare(function: Callable[..., Any], types: Types, processor: Processor | None = None) -> None:
    """See to it that the code for arguments of these types is on disk. Starts no process.

    processor: that it shall be for, without looking for another's; None for any code that runs here.
    """
    if processor is None:
        _code(function, writable(types), with_others=False)
        return
    file = stored.file_of(function, writable(types), processor)
    if stored.read(file, processor) is None:
        stored.keep(file, _compile(function, writable(types), processor), processor)


def _load(function: Callable[..., Any], types: Types) -> Callable[[Flat], Any] | None:
    code = _code(function, writable(types), with_others=function is not weigh)
    if not code.machine_code:
        return None
    fixed = fixed_arrays(types)
    if len(fixed) != len(code.written) or any(a and b for a, b in zip(fixed, code.written, strict=True)):
        return None
    address = machine.link(code.machine_code, texts.ENTRY)
    return caller(function.__qualname__, address, numbers_in(types))


def _code(function: Callable[..., Any], types: Types, with_others: bool) -> Code:
    code = stored.found(function, types)
    if code is None and with_others and texts.size(stored.name_of(function, types)):
        _compile_what_is_imported()
        code = stored.found(function, types)
    if code is None:
        code = _compile(function, types, own())
        stored.keep(stored.file_of(function, types), code)
    return code


@cache
def _compile_what_is_imported() -> None:
    """Compile, when the first kernel is not on disk, all that is imported: a command imports what it needs."""
    from . import ahead, declared  # which a process that finds its kernels need not load

    ahead.compile_missing(declared.imported(), prepare, ahead.cores())


def _compile(function: Callable[..., Any], types: Types, processor: Processor) -> Code:
    """Compile, with Numba if no text that came with the package fits. Empty code where only Numba can call it."""
    text = texts.shipped(stored.name_of(function, types))
    if text is None:
        text = texts.made(function, types)
    if text is None or machine.needs_more(text):
        return Code((), b"")
    compiled = machine.compile_text(text, texts.INNER, processor)
    return Code(tuple(compiled.written), compiled.code)
