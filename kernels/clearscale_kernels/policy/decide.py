"""The decision: which rule of an ordered list is the first whose conditions all hold.

The kernel never knows which policy it runs: a policy comes to it as rows of numbers (`Program`), facts as rows of a
matrix. It goes through convictions in chunks that stay in the processor's cache, condition by condition, so that
the compiler turns each comparison into vector instructions.
"""

from typing import Any, NamedTuple

import numpy as np

from clearscale_kernels import flag
from clearscale_kernels.arrays import Bools, Int8s, Int16s, Int32s, UInt64s
from clearscale_kernels.jit.compiler import inlined, kernel

MOST_RULES = 64
"""A policy's rules are bits of one 64-bit mask."""

WITHIN, OUTSIDE, HAS, LACKS = range(4)
"""How a fact is compared: inside or outside low..high (both included), or with any or none of the bits of low."""

NARROW, WIDE = 0, 1
"""Where a fact stands: in the matrix of 16-bit or of 32-bit numbers."""

_CHUNK = 8192
"""Convictions that are decided together: results of so many fit into the first level of cache, and each
fact's share of them is long enough for the processor to fetch ahead. Half of it is a third slower.
"""


FLAGS_A_NUMBER = 15
"""Yes-or-no facts that stand together in one 16-bit number: what the kernel reads is what limits it."""


@kernel
def pack(flags: Bools, out: Int16s) -> None:
    """Yes-or-no facts as the bits of numbers, the first the lowest.

    Parameters
    ----------
    flags : shape (at most FLAGS_A_NUMBER, n)
    out : shape (n,)
        Filled.
    """
    for begin in range(0, out.size, _CHUNK):
        bits = out[begin : begin + _CHUNK]
        bits[:] = 0
        for f in range(flags.shape[0]):
            row, bit = flags[f, begin : begin + _CHUNK], np.int16(1 << f)
            for i in range(bits.size):
                bits[i] |= bit if row[i] else np.int16(0)


class Rules(NamedTuple):
    """A policy's rules as numbers.

    Attributes
    ----------
    bounds : int32, shape (rules + 1,)
        The first condition of each rule, and the past-last of the last.
    conditions : int32, shape (c, 5)
        Of each: NARROW or WIDE, the fact's row there, WITHIN, OUTSIDE, HAS or LACKS, low, high.
    """

    bounds: Int32s
    conditions: Int32s


class FactMatrices(NamedTuple):
    """The facts that rules look at, a row each, of n convictions.

    Attributes
    ----------
    narrow : int16, shape (f, n)
    wide : int32, shape (g, n)
    """

    narrow: Int16s
    wide: Int32s


_OF_CONVICTION = flag.NO_EVENT_DATE
_OF_HISTORY = flag.NO_BIRTH_DATE | flag.ANY_NO_EVENT_DATE


@inlined
def _test(values: Int16s | Int32s, form: int, small: Any, large: Any, first: bool, holds: Bools) -> None:  # noqa: C901, PLR0912
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
def _rule(conditions: Int32s, facts: FactMatrices, begin: int, end: int, holds: Bools) -> None:
    """Whether all conditions of a rule hold for convictions begin..end."""
    narrow, wide = facts.narrow, facts.wide
    if conditions.shape[0] == 0:
        holds[:] = True
    for c in range(conditions.shape[0]):
        where, row, form = conditions[c, 0], conditions[c, 1], conditions[c, 2]
        low, high = conditions[c, 3], conditions[c, 4]
        if where == NARROW:
            _test(narrow[row, begin:end], form, np.int16(low), np.int16(high), c == 0, holds)
        else:
            _test(wide[row, begin:end], form, low, high, c == 0, holds)


def first_rules(rules: Rules, facts: FactMatrices, out: Int8s) -> None:
    """The first rule whose conditions all hold for each conviction, -1 if there is none.

    Parameters
    ----------
    rules
        At most MOST_RULES.
    facts
    out : shape (n,)
        Filled.
    """
    _first_rules(rules, facts, np.empty(_CHUNK, np.bool_), out)


@kernel
def _first_rules(rules: Rules, facts: FactMatrices, held: Bools, out: Int8s) -> None:
    """As `first_rules`.

    Parameters
    ----------
    held : shape (_CHUNK,)
        Room to work in.
    """
    bounds, conditions = rules.bounds, rules.conditions
    for begin in range(0, out.size, _CHUNK):
        end = min(begin + _CHUNK, out.size)
        holds = held[: end - begin]
        chosen = out[begin:end]
        chosen[:] = -1
        # From the last rule to the first, so that an earlier one overwrites a later one.
        for rule in range(bounds.size - 2, -1, -1):
            _rule(conditions[bounds[rule] : bounds[rule + 1]], facts, begin, end, holds)
            number = np.int8(rule)
            # Written whether it changes or not: a processor without stores under a mask, as those before AVX-512
            # for bytes, would take a branch for each conviction, at a tenth of the speed.
            for i in range(chosen.size):
                chosen[i] ^= (chosen[i] ^ number) & np.int8(-np.int8(holds[i]))


def all_rules(rules: Rules, facts: FactMatrices, out: UInt64s) -> None:
    """Every rule whose conditions all hold for each conviction, as bits.

    Parameters
    ----------
    rules
        At most MOST_RULES.
    facts
    out : shape (n,)
        Filled; bit r is rule r.
    """
    _all_rules(rules, facts, np.empty(_CHUNK, np.bool_), out)


@kernel
def _all_rules(rules: Rules, facts: FactMatrices, held: Bools, out: UInt64s) -> None:
    """As `all_rules`.

    Parameters
    ----------
    held : shape (_CHUNK,)
        Room to work in.
    """
    bounds, conditions = rules.bounds, rules.conditions
    for begin in range(0, out.size, _CHUNK):
        end = min(begin + _CHUNK, out.size)
        holds = held[: end - begin]
        found = out[begin:end]
        found[:] = np.uint64(0)
        for rule in range(bounds.size - 1):
            _rule(conditions[bounds[rule] : bounds[rule + 1]], facts, begin, end, holds)
            bit = np.uint64(1) << np.uint64(rule)
            for i in range(found.size):
                found[i] |= bit if holds[i] else np.uint64(0)


class MissingDates(NamedTuple):
    """Which dates convictions lack.

    Attributes
    ----------
    flags : int32, shape (n,)
        Bits of `flag` of each conviction.
    histories : int32, shape (n,)
        Its history.
    history_flags : int16, shape (h,)
        Bits of `flag` of each history.
    """

    flags: Int32s
    histories: Int32s
    history_flags: Int16s


@kernel
def settle(in_scope: Bools, rests_on: Int32s, missing: MissingDates, rules: Int8s, out: Bools) -> None:
    """Take back what is decided out of a policy's scope, and find the decisions that rest on a missing date.

    Parameters
    ----------
    in_scope : shape (n,)
    rests_on : shape (rules + 1,)
        The dates that each rule looks at, as bits of `flag`; the last is of no rule, 0.
    missing
    rules : shape (n,)
        The deciding rule of each conviction. Changed to -1 out of scope.
    out : shape (n,)
        Filled: whether the decision rests on a missing date.
    """
    flags, histories, history_flags = missing.flags, missing.histories, missing.history_flags
    last = rests_on.size - 1
    for i in range(rules.size):
        rule = rules[i] if in_scope[i] else np.int8(-1)
        rules[i] = rule
        lacking = (flags[i] & _OF_CONVICTION) | (history_flags[histories[i]] & _OF_HISTORY)
        out[i] = rests_on[rule if rule >= 0 else last] & lacking != 0
