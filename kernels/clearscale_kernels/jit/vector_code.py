"""How the operations of `vectors` are compiled: in LLVM's own vector operations, so each processor gets the
instructions it has. Where compiling is switched off, plain Python does the same.

Who compiles takes Numba from here: it must know these operations before it looks at the first kernel.
"""

from collections.abc import Callable
from functools import cache
from typing import Any

import numba
import numpy as np
from llvmlite import ir
from numba import types
from numba.extending import intrinsic, typeof_impl

from .callee import Callee
from .vectors import EIGHT, WIDTH

__all__ = ["OPERATIONS", "numba"]


@cache
def _within(function: Callable[..., Any]) -> Any:
    return numba.njit(nogil=True)(function)


@typeof_impl.register(Callee)  # type: ignore[untyped-decorator]
def _type_of_callee(value: Callee, _: Any) -> Any:
    """What Numba asks of a value that a kernel mentions: here, of a function that it calls."""
    return types.Dispatcher(_within(value.function))


_BYTES = ir.VectorType(ir.IntType(8), WIDTH)


def _load(context: Any, builder: Any, array_type: Any, array: Any, position: Any) -> Any:
    data = context.make_array(array_type)(context, builder, array).data
    pointer = builder.bitcast(builder.gep(data, [position]), _BYTES.as_pointer())
    loaded = builder.load(pointer)
    loaded.align = 1
    return loaded


def _constant(byte: int) -> Any:
    return ir.Constant(_BYTES, [ir.Constant(ir.IntType(8), byte)] * WIDTH)


def _compiled_equal(byte: int) -> Any:
    @intrinsic  # type: ignore[untyped-decorator]
    def equal(_: Any, data: Any, position: Any) -> Any:
        def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
            loaded = _load(context, builder, signature.args[0], *arguments)
            return builder.bitcast(builder.icmp_unsigned("==", loaded, _constant(byte)), ir.IntType(64))

        return types.uint64(data, types.int64), generate

    return equal


@intrinsic  # type: ignore[untyped-decorator]
def _compiled_unusual(_: Any, data: Any, position: Any) -> Any:
    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        loaded = _load(context, builder, signature.args[0], *arguments)
        low = builder.icmp_unsigned("<=", loaded, _constant(0x20))
        high = builder.icmp_unsigned(">=", loaded, _constant(0x80))
        backslash = builder.icmp_unsigned("==", loaded, _constant(0x5C))
        return builder.bitcast(builder.or_(builder.or_(low, high), backslash), ir.IntType(64))

    return types.uint64(data, types.int64), generate


@intrinsic  # type: ignore[untyped-decorator]
def _compiled_lowest(_: Any, word: Any) -> Any:
    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        return builder.cttz(arguments[0], ir.Constant(ir.IntType(1), 1))

    return types.int64(types.uint64), generate


@intrinsic  # type: ignore[untyped-decorator]
def _compiled_list_eight(_: Any, word: Any, position: Any, out: Any, place: Any) -> Any:
    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        rest, position, target, place = arguments
        written = builder.gep(context.make_array(signature.args[2])(context, builder, target).data, [place])
        narrow = builder.trunc(position, ir.IntType(32))
        for k in range(EIGHT):
            lowest = builder.trunc(builder.cttz(rest, ir.Constant(ir.IntType(1), 0)), ir.IntType(32))
            builder.store(builder.add(narrow, lowest), builder.gep(written, [ir.Constant(ir.IntType(64), k)]))
            rest = builder.and_(rest, builder.sub(rest, ir.Constant(ir.IntType(64), 1)))
        return rest

    return types.uint64(types.uint64, types.int64, out, types.int64), generate


@intrinsic  # type: ignore[untyped-decorator]
def _compiled_copy(_: Any, data: Any, position: Any, out: Any, place: Any) -> Any:
    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        source, position, target, place = arguments
        loaded = _load(context, builder, signature.args[0], source, position)
        written = context.make_array(signature.args[2])(context, builder, target).data
        stored = builder.store(loaded, builder.bitcast(builder.gep(written, [place]), _BYTES.as_pointer()))
        stored.align = 1
        return context.get_dummy_value()

    return types.void(data, types.int64, out, types.int64), generate


@intrinsic  # type: ignore[untyped-decorator]
def _compiled_differing(_: Any, data: Any, position: Any, other: Any) -> Any:
    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        data, position, other = arguments
        one = _load(context, builder, signature.args[0], data, position)
        another = _load(context, builder, signature.args[0], data, other)
        return builder.bitcast(builder.icmp_unsigned("!=", one, another), ir.IntType(64))

    return types.uint64(data, types.int64, types.int64), generate


@intrinsic  # type: ignore[untyped-decorator]
def _compiled_word(_: Any, data: Any, position: Any) -> Any:
    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        array, position = arguments
        bytes_of = context.make_array(signature.args[0])(context, builder, array).data
        loaded = builder.load(builder.bitcast(builder.gep(bytes_of, [position]), ir.IntType(64).as_pointer()))
        loaded.align = 1
        return loaded

    return types.uint64(data, types.int64), generate


@intrinsic  # type: ignore[untyped-decorator]
def _compiled_population(_: Any, word: Any) -> Any:
    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        return builder.ctpop(arguments[0])

    return types.int64(types.uint64), generate


@intrinsic  # type: ignore[untyped-decorator]
def _compiled_highest(_: Any, word: Any) -> Any:
    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        leading = builder.ctlz(arguments[0], ir.Constant(ir.IntType(1), 1))
        return builder.sub(ir.Constant(ir.IntType(64), WIDTH - 1), leading)

    return types.int64(types.uint64), generate


_MULTIPLIER = 0xD6E8FEB86659FD93


@intrinsic  # type: ignore[untyped-decorator]
def _compiled_mixed(_: Any, state: Any, part: Any) -> Any:
    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        word = ir.IntType(64)
        product = builder.mul(builder.xor(*arguments), ir.Constant(word, _MULTIPLIER))
        return builder.xor(product, builder.lshr(product, ir.Constant(word, 32)))

    return types.uint64(types.uint64, types.uint64), generate


def _plain_copy(data: Any, position: int, out: Any, place: int) -> None:
    out[place : place + WIDTH] = data[position : position + WIDTH]


def _plain_mask(hits: Any) -> Any:
    return np.uint64(sum(1 << int(place) for place in np.flatnonzero(hits)))


def _plain_equal(byte: int) -> Any:
    return lambda data, position: _plain_mask(data[position : position + WIDTH] == byte)


def _plain_unusual(data: Any, position: Any) -> Any:
    piece = data[position : position + WIDTH]
    return _plain_mask((piece <= 0x20) | (piece >= 0x80) | (piece == 0x5C))


def _plain_differing(data: Any, position: int, other: int) -> Any:
    return _plain_mask(data[position : position + WIDTH] != data[other : other + WIDTH])


def _plain_word(data: Any, position: int) -> Any:
    return data[position : position + 8].view(np.uint64)[0]


def _plain_mixed(state: Any, part: Any) -> Any:
    product = (int(state) ^ int(part)) * _MULTIPLIER % 2**64
    return np.uint64(product ^ product >> 32)


def _plain_population(word: Any) -> int:
    return int(word).bit_count()


def _plain_highest(word: Any) -> int:
    return int(word).bit_length() - 1


def _plain_lowest(word: Any) -> int:
    return (int(word) & -int(word)).bit_length() - 1


def _plain_list_eight(word: Any, position: int, out: Any, place: int) -> Any:
    rest = int(word)
    for k in range(EIGHT):
        out[place + k] = position + (_plain_lowest(rest) if rest else WIDTH)
        rest &= max(rest - 1, 0)
    return np.uint64(rest)


_PLAIN = bool(numba.config.DISABLE_JIT)

_equal = _plain_equal if _PLAIN else _compiled_equal

OPERATIONS: dict[str, Any] = {
    "commas": _equal(ord(",")),
    "quotes": _equal(ord('"')),
    "line_feeds": _equal(ord("\n")),
    "returns": _equal(ord("\r")),
    "unusual": _plain_unusual if _PLAIN else _compiled_unusual,
    "lowest": _plain_lowest if _PLAIN else _compiled_lowest,
    "list_eight": _plain_list_eight if _PLAIN else _compiled_list_eight,
    "copy": _plain_copy if _PLAIN else _compiled_copy,
    "differing": _plain_differing if _PLAIN else _compiled_differing,
    "word": _plain_word if _PLAIN else _compiled_word,
    "population": _plain_population if _PLAIN else _compiled_population,
    "highest": _plain_highest if _PLAIN else _compiled_highest,
    "mixed": _plain_mixed if _PLAIN else _compiled_mixed,
}
