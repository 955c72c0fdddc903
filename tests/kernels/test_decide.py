"""Conditions, rules and the first rule that holds, against plain Python."""

import operator
import random
from collections.abc import Callable

import numpy as np
import pytest

from clearscale_kernels.decide import (
    AT_LEAST,
    AT_MOST,
    EQUAL,
    HAS_BITS,
    LESS,
    MORE,
    MOST_RULES,
    NOT_EQUAL,
    first_rules,
    mark,
    narrow,
)

COMPARISONS: dict[int, Callable[[int, int], bool]] = {
    EQUAL: operator.eq,
    NOT_EQUAL: operator.ne,
    LESS: operator.lt,
    AT_MOST: operator.le,
    MORE: operator.gt,
    AT_LEAST: operator.ge,
    HAS_BITS: lambda value, bits: value & bits != 0,
}


@pytest.mark.parametrize("code", COMPARISONS)
@pytest.mark.parametrize("constant", [-1, 0, 1, 21, 128, 2**31 - 1])
def test_a_comparison_keeps_what_held_before_and_compares_as_asked(code: int, constant: int) -> None:
    values = [-(2**31), -1, 0, 1, 20, 21, 22, 129, 2**31 - 1]
    for before in (True, False):
        holds = np.full(len(values), before)
        narrow(np.array(values, np.int32), code, constant, holds)
        assert holds.tolist() == [before and COMPARISONS[code](value, constant) for value in values]


def masks_of(holding: list[set[int]]) -> np.ndarray:
    """Masks of convictions, each given by the rules that hold for it."""
    masks = np.zeros(len(holding), np.uint64)
    for rule in range(MOST_RULES):
        mark(np.array([rule in each for each in holding], np.bool_), rule, masks)
    return masks


def first(holding: list[set[int]], enabled: int) -> list[int]:
    out = np.full(len(holding), 99, np.int8)
    first_rules(masks_of(holding), np.uint64(enabled), out)
    return out.tolist()


def test_a_rule_is_one_bit_of_the_mask() -> None:
    holding = [set(), {0}, {63}, {0, 63}, {5, 31, 32}]
    assert masks_of(holding).tolist() == [sum(1 << rule for rule in each) for each in holding]


@pytest.mark.parametrize("rule", [0, 1, 31, 32, 62, 63])
def test_the_first_enabled_rule_decides(rule: int) -> None:
    everything = set(range(MOST_RULES))
    assert first([everything, {rule}, everything - {rule}, set()], 1 << rule) == [rule, rule, -1, -1]
    from_here_on = (1 << MOST_RULES) - (1 << rule)
    assert first([everything, {rule}, {63}, set()], from_here_on) == [rule, rule, 63, -1]
    assert first([everything], 0) == [-1]


def test_random_rules_are_decided_as_a_plain_loop_decides_them() -> None:
    rng = random.Random(1)
    for rules in (1, 8, 64):
        holding = [{rule for rule in range(rules) if rng.random() < 0.1} for _ in range(200)]
        enabled = {rule for rule in range(rules) if rng.random() < 0.8}
        wanted = [min(each & enabled, default=-1) for each in holding]
        assert first(holding, sum(1 << rule for rule in enabled)) == wanted
