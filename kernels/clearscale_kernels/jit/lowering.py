"""A kernel as LLVM text, by Numba's documented interface for C: `cfunc` with pointers and sizes, `carray` inside.

The text that Numba gives is made to stand alone. A function of ours is put before Numba's: it takes one block of
numbers, so that a call hands over two pointers however many arrays there are. What Numba calls only to tell Python
of an exception gets a body that does nothing: the kernel then ends without having said that it finished, and its
caller says so. What is left after that is arithmetic on the caller's arrays.
"""

import re
import warnings
from collections.abc import Callable
from typing import Any

import numpy as np
from numba import carray, cfunc, types
from numba.core.errors import NumbaError, NumbaWarning, TypingError
from numba.extending import overload

from .arguments import CLOSE, NUMBER, TRUTH, Types
from .calls import NONE, ONE, ROOM
from .texts import ENTRY, INNER
from .vector_code import numba

__all__ = ["NumbaError", "text_of"]

_STAND_INS = (
    "NRT_Free",
    "NRT_MemInfo_call_dtor",
    "PyBytes_FromStringAndSize",
    "PyErr_Clear",
    "PyErr_SetNone",
    "PyErr_SetString",
    "PyErr_WriteUnraisable",
    "PyUnicode_FromString",
    "Py_DecRef",
    "numba_do_raise",
    "numba_gil_ensure",
    "numba_gil_release",
    "numba_runtime_build_excinfo_struct",
    "numba_unpickle",
)
"""What Numba calls to hand an exception to Python and to free an array of its own. Ours belong to NumPy."""

_DECLARED = re.compile(rf"^declare (\w+) (@(?:{'|'.join(_STAND_INS)})\([^)]*\)).*$", re.MULTILINE)
_MANGLED = re.compile(r'@(?:"((?:cfunc\.)?_ZN[^"]*)"|((?:cfunc\.)?_ZN[\w.$]*))')


def text_of(function: Callable[..., Any], arguments: Types) -> str:
    """The kernel for arguments of these types as LLVM text.

    Raises NumbaError where Numba does not compile it, or its result is neither None nor whole numbers of 64 bits.
    """
    entry, signature = _entry(function, arguments)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", NumbaWarning)
        compiled = cfunc(signature)(entry)
    text = compiled.inspect_llvm()
    names = {compiled.native_name: INNER}
    for found in _MANGLED.finditer(text):
        name = found[1] or found[2]
        names.setdefault(name, f"part_{len(names)}")
    text = _MANGLED.sub(lambda found: "@" + names[found[1] or found[2]], text)
    text = _DECLARED.sub(_nothing, text)
    text = re.sub(r"^define (?:linkonce_odr )?(?=\w+ @part_)", "define internal ", text, flags=re.MULTILINE)
    return f"{text}\n{_block_entry(signature.args)}"


def _entry(function: Callable[..., Any], arguments: Types) -> tuple[Callable[..., None], Any]:
    """A function of pointers and sizes that calls the kernel, and its signature."""
    known: dict[str, Any] = {"carray": carray, "finish": _finish, "function": numba.njit(nogil=True)(function)}
    parameters: list[str] = []
    kinds: list[Any] = []
    values: list[str] = []
    for k, argument in enumerate(arguments):
        if argument == CLOSE:
            values.append(")")
        elif isinstance(argument, type):
            known[f"class_{k}"] = argument
            values.append(f"class_{k}(")
        elif argument in (NUMBER, TRUTH):
            parameters.append(f"a{k}")
            kinds.append(types.int64)
            values.append(f"a{k}, " if argument == NUMBER else f"a{k} != 0, ")
        else:
            dtype, dimensions = argument.split(".")[:2]
            sizes = [f"a{k}_{axis}" for axis in range(int(dimensions))]
            parameters += [f"a{k}", *sizes]
            kinds += [types.CPointer(numba.from_dtype(np.dtype(dtype))), *[types.int64] * len(sizes)]
            values.append(f"carray(a{k}, ({', '.join(sizes)},)), ")
    called = "".join(values).replace(", )", "), ")
    source = (
        f"def entry({', '.join([*parameters, 'out'])}):\n    finish(carray(out, ({ROOM},)), function({called}))\n"
    )
    exec(source, known)
    return known["entry"], types.void(*kinds, types.CPointer(types.int64))


def _finish(out: Any, result: Any) -> None:
    """Say that the kernel came to its end, and with which result."""


@overload(_finish, inline="always")  # type: ignore[untyped-decorator]
def _compiled_finish(out: Any, result: Any) -> Any:
    if result == types.none:

        def finish(out: Any, result: Any) -> None:
            out[0] = NONE

        return finish
    if result == types.int64:

        def finish(out: Any, result: Any) -> None:
            out[1] = result
            out[0] = ONE

        return finish
    if isinstance(result, types.UniTuple) and result.dtype == types.int64 and result.count < ROOM:
        count = result.count

        def finish(out: Any, result: Any) -> None:
            for k in range(count):
                out[1 + k] = result[k]
            out[0] = ONE + count

        return finish
    raise TypingError(f"a result of type {result} is handed over by Numba only")


def _nothing(declared: re.Match[str]) -> str:
    result, function = declared.groups()
    value = {"void": "void", "ptr": "ptr null"}.get(result, f"{result} 0")
    return f"define internal {result} {function} {{\n  ret {value}\n}}"


def _block_entry(kinds: Any) -> str:
    """A function of the address of a block, with all that `INNER` takes one by one, and that of the result."""
    lines, passed = [], []
    for k, kind in enumerate(kinds[:-1]):
        text = "ptr" if isinstance(kind, types.CPointer) else "i64"
        lines.append(f"  %p{k} = getelementptr i64, ptr %block, i64 {k}\n  %v{k} = load {text}, ptr %p{k}, align 8")
        passed.append(f"{text} %v{k}")
    body = "\n".join(lines)
    called = ", ".join([*passed, "ptr %out"])
    return f"define void @{ENTRY}(ptr %block, ptr %out) {{\n{body}\n  call ptr @{INNER}({called})\n  ret void\n}}\n"
