"""The decision: which rule of an ordered list is the first whose conditions all hold."""

import numpy as np
import numpy.typing as npt

from .arrays import Bools, Int8s, Int32s
from .compiler import kernel

Masks = npt.NDArray[np.uint64]

MOST_RULES = 64
"""A policy's rules are bits of one 64-bit mask."""

EQUAL, NOT_EQUAL, LESS, AT_MOST, MORE, AT_LEAST, HAS_BITS = range(7)
"""How a fact is compared with a constant. HAS_BITS: at least one of the constant's bits is set."""


@kernel
def narrow(values: Int32s, operator: int, constant: int, holds: Bools) -> None:
    """Keep `holds` true only where `values` compare as asked. values, holds: shape (n,)."""
    for i in range(values.size):
        value = values[i]
        if operator == EQUAL:
            kept = value == constant
        elif operator == NOT_EQUAL:
            kept = value != constant
        elif operator == LESS:
            kept = value < constant
        elif operator == AT_MOST:
            kept = value <= constant
        elif operator == MORE:
            kept = value > constant
        elif operator == AT_LEAST:
            kept = value >= constant
        else:
            kept = (value & constant) != 0
        holds[i] = holds[i] and kept


@kernel
def mark(holds: Bools, rule: int, masks: Masks) -> None:
    """Set the bit of `rule` in the masks of convictions for which it holds. holds, masks: shape (n,)."""
    bit = np.uint64(1) << np.uint64(rule)
    for i in range(holds.size):
        if holds[i]:
            masks[i] |= bit


@kernel
def first_rules(masks: Masks, enabled: np.uint64, out: Int8s) -> None:
    """The first enabled rule that holds for each conviction, -1 if none does. masks, out: shape (n,).

    enabled: bits of the rules that count.
    """
    one = np.uint64(1)
    zero = np.uint64(0)
    for i in range(masks.size):
        left = masks[i] & enabled
        if left == zero:
            out[i] = -1
            continue
        rule = 0
        while left & one == zero:
            left >>= one
            rule += 1
        out[i] = rule
