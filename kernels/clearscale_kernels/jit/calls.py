"""How linked code is called: one block with the addresses and sizes of all arrays in, whole numbers out."""

import ctypes
from collections.abc import Callable, Sequence
from struct import Struct
from typing import Any

Flat = Sequence[int]

ROOM = 16
"""Whole numbers that a kernel writes its result to: first how it ended, then what it gives."""

NONE, ONE = 1, 2
"""How a kernel ended: with None, with one number; a tuple of k numbers is ONE + k; 0 is not at all."""

_TYPE = ctypes.CFUNCTYPE(None, ctypes.c_char_p, ctypes.c_void_p)
_Result = ctypes.c_int64 * ROOM


def caller(name: str, address: int, numbers: int) -> Callable[[Flat], Any]:
    """The kernel at an address, as a function of a block of so many numbers.

    Raises RuntimeError when it is called and does not come to its end.
    """
    enter = _TYPE(address)
    pack = Struct(f"={numbers}q").pack
    address_of = ctypes.addressof

    def call(flat: Flat) -> Any:
        result = _Result()
        enter(pack(*flat), address_of(result))
        ended = result[0]
        if ended == NONE:
            return None
        if ended == ONE:
            return result[1]
        if ended == 0:
            raise RuntimeError(f"kernel {name} failed: an exception ended it")
        return tuple(result[1 : ended - ONE + 1])

    return call
