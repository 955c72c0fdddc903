"""The kernels there are, and the types of arguments that each says it takes.

A kernel's annotations say of each argument what it is: an array of one dtype, a whole number, a truth value, or a
named tuple of these. How many dimensions an array has stands in the docstring, of the kernel or of the tuple, as
its shape.
"""

import importlib
import itertools
import pkgutil
import re
import sys
import types
import typing
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np

import clearscale_kernels

from .arguments import CLOSE, NUMBER, TRUTH, Types
from .callee import Callee

_SHAPE = re.compile(r"^ *([\w, ]+?) : (?:\w+, )?shape (\(.*)$", re.MULTILINE)


def modules() -> list[str]:
    """The names of all modules of kernels."""
    found = pkgutil.walk_packages(clearscale_kernels.__path__, "clearscale_kernels.")
    return sorted(module.name for module in found if not module.ispkg and ".jit." not in module.name)


def kernels(names: Sequence[str]) -> list[Callee]:
    """The kernels of these modules, which are imported; without helpers that are compiled into others."""
    found = {
        value.name: value
        for name in names
        for value in vars(importlib.import_module(name)).values()
        if isinstance(value, Callee) and not value.helper and value.function.__module__ == name
    }
    return [found[name] for name in sorted(found)]


def imported() -> list[str]:
    """The names of the modules of kernels that this process has imported."""
    return [name for name in modules() if name in sys.modules]


def signatures(kernel: Callee) -> list[Types]:
    """The types of arguments for which a kernel is compiled: more than one where an array may be of several dtypes.

    Raises TypeError where an annotation or a shape is missing.
    """
    hints = typing.get_type_hints(kernel.function)
    hints.pop("return", None)
    ways = _ways(hints, _docstring(kernel.function), kernel.name)
    return [tuple(itertools.chain(*way)) for way in itertools.product(*ways)]


def _docstring(function: Any) -> str:
    """What a kernel says of its arguments.

    A kernel that a function of its name calls, to give it room to work in, need not repeat what that says.
    """
    caller = vars(sys.modules[function.__module__]).get(function.__name__.lstrip("_"))
    return f"{caller.__doc__ or ''}\n{function.__doc__ or ''}"


def _ways(hints: dict[str, Any], docstring: str, where: str) -> Iterator[list[Types]]:
    """Of each argument, or field, the types that it may have."""
    shapes = {name: text for names, text in _SHAPE.findall(docstring) for name in names.split(", ")}
    for name, hint in hints.items():
        choices = typing.get_args(hint) if isinstance(hint, types.UnionType) else (hint,)
        yield [way for choice in choices for way in _choice(choice, shapes.get(name), f"{where}, {name}")]


def _choice(hint: Any, shape: str | None, where: str) -> Iterator[Types]:
    if hint in (int, bool):
        yield (NUMBER if hint is int else TRUTH,)
    elif typing.get_origin(hint) is np.ndarray:
        if shape is None:
            raise TypeError(f"{where}: the docstring does not say the array's shape; write '{where} : shape (n,)'")
        dtype = typing.get_args(typing.get_args(hint)[1])[0]
        yield (f"{np.dtype(dtype).name}.{_dimensions(shape)}",)
    elif isinstance(hint, type) and issubclass(hint, tuple) and hasattr(hint, "_fields"):
        for way in itertools.product(*_ways(typing.get_type_hints(hint), hint.__doc__ or "", hint.__qualname__)):
            yield (hint, *itertools.chain(*way), CLOSE)
    else:
        raise TypeError(f"{where}: kernels take arrays of one dtype, int, bool and named tuples, not {hint}")


def _dimensions(shape: str) -> int:
    """How many sizes stand between a text's first parenthesis and the one that closes it."""
    depth, count, size = 0, 0, ""
    for letter in shape:
        depth += {"(": 1, ")": -1}.get(letter, 0)
        if depth == 0 or (depth == 1 and letter == ","):
            count += bool(size.strip(" ("))
            size = ""
        else:
            size += letter
        if depth == 0:
            break
    return count
