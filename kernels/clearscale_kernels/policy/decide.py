"""The decision: which rule of an ordered list is the first whose conditions all hold.

The kernel never knows which policy it runs: a policy comes to it as rows of numbers (`Program`), facts as rows of a
matrix. It goes through convictions in stretches that stay in the processor's cache, condition by condition, so that
the compiler turns each comparison into vector instructions.
"""

from typing import Any

import numpy as np
import numpy.typing as npt

from clearscale_kernels import flag
from clearscale_kernels.arrays import Bools, Int8s, Int16s, Int32s
from clearscale_kernels.jit.compiler import inlined, kernel

Masks = npt.NDArray[np.uint64]

MOST_RULES = 64
"""A policy's rules are bits of one 64-bit mask."""

WITHIN, OUTSIDE, HAS, LACKS = range(4)
"""How a fact is compared: inside or outside low..high (both included), or with any or none of the bits of low."""

NARROW, WIDE = 0, 1
"""Where a fact stands: in the matrix of 16-bit or of 32-bit numbers."""

_STRETCH = 8192
"""Convictions that are decided together: what is written of so many fits into the first level of cache, and each
fact's share of them is long enough for the processor to fetch ahead. Half of it is a third slower.
"""


FLAGS_A_NUMBER = 15
"""Yes-or-no facts that stand together in one 16-bit number: what the kernel reads is what limits it."""


@kernel
def pack(flags: Bools, out: Int16s) -> None:
    """Yes-or-no facts as the bits of numbers, the first the lowest. flags: shape (at most FLAGS_A_NUMBER, n).

    out: shape (n,), filled here.
    """
    for begin in range(0, out.size, _STRETCH):
        bits = out[begin : begin + _STRETCH]
        bits[:] = 0
        for f in range(flags.shape[0]):
            row, bit = flags[f, begin : begin + _STRETCH], np.int16(1 << f)
            for i in range(bits.size):
                bits[i] |= bit if row[i] else np.int16(0)


_OF_CONVICTION = flag.NO_EVENT_DATE
_OF_HISTORY = flag.NO_BIRTH_DATE | flag.ANY_NO_EVENT_DATE


@inlined
def _test(values: Int16s | Int32s, form: int, small: Any, large: Any, first: bool, holds: Bools) -> None:
    """Where the values compare as asked: of a rule's first condition all of it, of others what held before.

    small, large: of the values' own dtype. Writing the first saves a reading that is a fifth of the time.
    """
    if first:
        if form == WITHIN:
            for i in range(values.size):
                holds[i] = (values[i] >= small) & (values[i] <= large)
        elif form == OUTSIDE:
            for i in range(values.size):
                holds[i] = (values[i] < small) | (values[i] > large)
        elif form == HAS:
            for i in range(values.size):
                holds[i] = (values[i] & small) != 0
        else:
            for i in range(values.size):
                holds[i] = (values[i] & small) == 0
    elif form == WITHIN:
        for i in range(values.size):
            holds[i] &= (values[i] >= small) & (values[i] <= large)
    elif form == OUTSIDE:
        for i in range(values.size):
            holds[i] &= (values[i] < small) | (values[i] > large)
    elif form == HAS:
        for i in range(values.size):
            holds[i] &= (values[i] & small) != 0
    else:
        for i in range(values.size):
            holds[i] &= (values[i] & small) == 0


@inlined
def _rule(conditions: Int32s, narrow: Int16s, wide: Int32s, begin: int, end: int, holds: Bools) -> None:
    """Whether all conditions of a rule hold for convictions begin..end."""
    if conditions.shape[0] == 0:
        holds[:] = True
    for c in range(conditions.shape[0]):
        where, row, form = conditions[c, 0], conditions[c, 1], conditions[c, 2]
        low, high = conditions[c, 3], conditions[c, 4]
        if where == NARROW:
            _test(narrow[row, begin:end], form, np.int16(low), np.int16(high), c == 0, holds)
        else:
            _test(wide[row, begin:end], form, low, high, c == 0, holds)


def first_rules(bounds: Int32s, conditions: Int32s, narrow: Int16s, wide: Int32s, out: Int8s) -> None:
    """The first rule whose conditions all hold for each conviction, -1 if there is none.

    bounds: shape (rules + 1,), the first condition of each rule. conditions: shape (c, 5), of each: NARROW or WIDE,
    the fact's row there, WITHIN, OUTSIDE, HAS or LACKS, low, high. narrow: shape (f, n); wide: shape (g, n). out:
    shape (n,), filled here.
    """
    _first_rules(bounds, conditions, narrow, wide, np.empty(_STRETCH, np.bool_), out)


@kernel
def _first_rules(bounds: Int32s, conditions: Int32s, narrow: Int16s, wide: Int32s, held: Bools, out: Int8s) -> None:
    for begin in range(0, out.size, _STRETCH):
        end = min(begin + _STRETCH, out.size)
        holds = held[: end - begin]
        chosen = out[begin:end]
        chosen[:] = -1
        # From the last rule to the first, so that an earlier one overwrites a later one.
        for rule in range(bounds.size - 2, -1, -1):
            _rule(conditions[bounds[rule] : bounds[rule + 1]], narrow, wide, begin, end, holds)
            number = np.int8(rule)
            for i in range(chosen.size):
                chosen[i] = number if holds[i] else chosen[i]


def all_rules(bounds: Int32s, conditions: Int32s, narrow: Int16s, wide: Int32s, out: Masks) -> None:
    """Every rule whose conditions all hold for each conviction, as bits. Arguments as of `first_rules`.

    out: shape (n,), filled here; bit r is rule r.
    """
    _all_rules(bounds, conditions, narrow, wide, np.empty(_STRETCH, np.bool_), out)


@kernel
def _all_rules(bounds: Int32s, conditions: Int32s, narrow: Int16s, wide: Int32s, held: Bools, out: Masks) -> None:
    for begin in range(0, out.size, _STRETCH):
        end = min(begin + _STRETCH, out.size)
        holds = held[: end - begin]
        found = out[begin:end]
        found[:] = np.uint64(0)
        for rule in range(bounds.size - 1):
            _rule(conditions[bounds[rule] : bounds[rule + 1]], narrow, wide, begin, end, holds)
            bit = np.uint64(1) << np.uint64(rule)
            for i in range(found.size):
                found[i] |= bit if holds[i] else np.uint64(0)


@kernel
def settle(
    in_scope: Bools,
    rules: Int8s,
    rests_on: Int32s,
    flags: Int32s,
    histories: Int32s,
    of_history: Int16s,
    out: Bools,
) -> None:
    """Take back what is decided out of a policy's scope, and find the decisions that rest on a missing date.

    in_scope, rules, flags, histories: of convictions, shape (n,); rules are changed. rests_on: shape (rules + 1,),
    the dates that each rule looks at, as bits of `flag`; the last is of no rule, 0. of_history: shape (h,), bits,
    too. out: shape (n,), filled.
    """
    last = rests_on.size - 1
    for i in range(rules.size):
        if not in_scope[i]:
            rules[i] = -1
        lacking = (flags[i] & _OF_CONVICTION) | (of_history[histories[i]] & _OF_HISTORY)
        out[i] = rests_on[rules[i] if rules[i] >= 0 else last] & lacking != 0
