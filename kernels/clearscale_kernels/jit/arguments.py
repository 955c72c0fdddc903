"""What a kernel is called with, as types that choose its code, and as numbers that its code is handed.

A kernel takes arrays, whole numbers and truth values, and named tuples of these. The field names of a tuple are of
no account to the code, but Numba has to build it again, so its class is one of the types.
"""

import ctypes
from collections.abc import Sequence
from typing import Any

import numpy as np

Types = tuple[Any, ...]
"""A text for each argument, such as `int32.2` for two dimensions; of a named tuple its class, fields, `CLOSE`."""

NUMBER, TRUTH, CLOSE = "number", "truth", ")"

FIXED = ".fixed"
"""End of the type of an array that must not be written to."""

Key = list[Any]
"""The same as `Types` for one look into a dictionary: made with each call, so of objects that are there."""

_Nothing = ctypes.c_char * 0
_buffer_of: Any = _Nothing.from_buffer
_address_of = ctypes.addressof


def flatten(arguments: Sequence[Any], key: Key, flat: list[int]) -> bool:
    """Write the key of the arguments, and what their code is handed, to `key` and `flat`.

    Returns False if something is among them that only Numba can hand over, such as an array with gaps.
    """
    for argument in arguments:
        if isinstance(argument, np.ndarray):
            flags = argument.flags
            if flags.carray:
                key.append(argument.dtype)
                flat.append(_address_of(_buffer_of(argument)))
            elif flags.c_contiguous and flags.aligned:
                key += (argument.dtype, FIXED)
                flat.append(argument.ctypes.data)
            else:
                return False
            shape = argument.shape
            key.append(len(shape))
            flat += shape
        elif isinstance(argument, bool | np.bool_):
            key.append(TRUTH)
            flat.append(bool(argument))
        elif type(argument) is int or isinstance(argument, np.int64):
            key.append(NUMBER)
            flat.append(int(argument))
        elif isinstance(argument, tuple) and hasattr(argument, "_fields"):
            key.append(type(argument))
            if not flatten(argument, key, flat):
                return False
            key.append(CLOSE)
        else:
            return False
    return True


def types_of(arguments: Sequence[Any]) -> Types | None:
    """The types of a kernel's arguments; None if no array is among them, or what only Numba can hand over."""
    key: Key = []
    return types_in(key) if flatten(arguments, key, []) else None


def types_in(key: Sequence[Any]) -> Types | None:
    """The types that a key stands for; None without an array, or with one in another machine's order of bytes."""
    types: list[Any] = []
    arrays = 0
    waiting: list[Any] = []
    for item in key:
        if isinstance(item, np.dtype):
            if not item.isnative:
                return None
            arrays += 1
            waiting = [item.name, ""]
        elif item == FIXED:
            waiting[1] = FIXED
        elif isinstance(item, int):
            types.append(f"{waiting[0]}.{item}{waiting[1]}")
        else:
            types.append(item)
    return tuple(types) if arrays else None


def writable(types: Types) -> Types:
    """The same types with arrays that may be written to."""
    return tuple(item.removesuffix(FIXED) if isinstance(item, str) else item for item in types)


def fixed_arrays(types: Types) -> list[bool]:
    """Of each array whether it must not be written to."""
    return [item.endswith(FIXED) for item in types if isinstance(item, str) and "." in item]


def numbers_in(types: Types) -> int:
    """How many numbers the code is handed for arguments of these types."""
    texts = [item for item in types if isinstance(item, str) and item != CLOSE]
    return sum(1 if item in (NUMBER, TRUTH) else 1 + int(item.split(".")[1]) for item in texts)


def spelled(types: Types) -> str:
    """The types as a text that tells them apart."""
    return " ".join(item if isinstance(item, str) else f"{item.__module__}.{item.__qualname__}(" for item in types)


def sample(types: Types) -> tuple[Any, ...]:
    """Arguments of these types, with nothing in them."""
    values: list[Any] = []
    waiting: list[tuple[Any, list[Any]]] = []
    for item in types:
        if isinstance(item, type):
            waiting.append((item, values))
            values = []
        elif item == CLOSE:
            made, outer = waiting.pop()
            values = [*outer, made(*values)]
        elif item in (NUMBER, TRUTH):
            values.append(0 if item == NUMBER else False)
        else:
            dtype, dimensions = item.split(".")
            values.append(np.zeros((0,) * int(dimensions), dtype))
    return tuple(values)
