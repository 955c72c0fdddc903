"""Rules as rows of numbers, and the first of them that holds, against plain Python."""

import random
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from clearscale_kernels import flag
from clearscale_kernels.policy.decide import (
    FLAGS_A_NUMBER,
    HAS,
    LACKS,
    MOST_RULES,
    NARROW,
    OUTSIDE,
    WIDE,
    WITHIN,
    FactMatrices,
    MissingDates,
    Rules,
    all_rules,
    first_rules,
    pack,
    settle,
)
from tests.support.examples import examples

FORMS: dict[int, Callable[[int, int, int], bool]] = {
    WITHIN: lambda value, low, high: low <= value <= high,
    OUTSIDE: lambda value, low, high: not low <= value <= high,
    HAS: lambda value, low, high: value & low != 0,
    LACKS: lambda value, low, high: value & low == 0,
}
LIMITS = {NARROW: (-(2**15), 2**15 - 1), WIDE: (-(2**31), 2**31 - 1)}
CHUNK = 8192
"""As many convictions as the kernel decides at a time; a wrong step between two chunks would show after it."""

stable = settings(derandomize=True, deadline=None, database=None, max_examples=examples(150))


@dataclass(frozen=True)
class Asked:
    """A condition: where its fact stands and what is asked of it."""

    where: int
    row: int
    form: int
    low: int
    high: int = 0

    def holds(self, facts: dict[int, list[list[int]]], place: int) -> bool:
        return FORMS[self.form](facts[self.where][self.row][place], self.low, self.high)


Facts = dict[int, list[list[int]]]
"""Rows of the narrow and of the wide matrix."""


def matrices(facts: Facts, size: int) -> FactMatrices:
    narrow = np.array(facts[NARROW], np.int16).reshape(len(facts[NARROW]), size)
    return FactMatrices(narrow, np.array(facts[WIDE], np.int32).reshape(len(facts[WIDE]), size))


def decided(rules: list[list[Asked]], facts: Facts, size: int) -> tuple[list[int], list[set[int]]]:
    """The first rule for each conviction, and every rule, as the kernels find them."""
    bounds = np.cumsum([0, *map(len, rules)]).astype(np.int32)
    rows = [
        (condition.where, condition.row, condition.form, condition.low, condition.high)
        for rule in rules
        for condition in rule
    ]
    program = Rules(bounds, np.array(rows, np.int32).reshape(-1, 5))
    first, every = np.full(size, 99, np.int8), np.full(size, 2**64 - 1, np.uint64)
    first_rules(program, matrices(facts, size), first)
    all_rules(program, matrices(facts, size), every)
    return first.tolist(), [{rule for rule in range(MOST_RULES) if mask >> rule & 1} for mask in every.tolist()]


def check(rules: list[list[Asked]], facts: Facts, size: int) -> None:
    """Both kernels against a plain loop."""
    wanted = [
        {number for number, rule in enumerate(rules) if all(condition.holds(facts, place) for condition in rule)}
        for place in range(size)
    ]
    first, every = decided(rules, facts, size)
    assert every == wanted
    assert first == [min(holding, default=-1) for holding in wanted]


def around(*edges: int) -> list[int]:
    return sorted({edge + step for edge in edges for step in (-1, 0, 1)})


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("where", LIMITS)
@pytest.mark.parametrize("after", ["nothing", "what holds", "what does not"])
def test_a_condition_compares_as_asked_alone_and_after_another(form: int, where: int, after: str) -> None:
    least, most = LIMITS[where]
    pairs = [(0, 0), (-1, 1), (21, 57), (least, -3), (40, most), (least, most), (most, least), (5, 4)]
    if form in (HAS, LACKS):
        pairs = [(bits, 0) for bits in (0, 1, 2, 6, 64, 255, -1, most, least)]
    for low, high in pairs:
        values = [value for value in around(low, high, 0, least, most, 6, 96) if least <= value <= most]
        facts = {NARROW: [[7] * len(values)], WIDE: [[7] * len(values)]}
        facts[where].append(values)
        rule = [Asked(where, 1, form, low, high)]
        if after != "nothing":
            rule = [Asked(1 - where, 0, WITHIN, 7, 7 if after == "what holds" else 6), *rule]
            rule.append(Asked(where, 0, OUTSIDE, 8, 9))
        check([rule], facts, len(values))


@pytest.mark.parametrize("where", LIMITS)
@pytest.mark.parametrize("form", FORMS)
def test_conditions_of_a_rule_must_all_hold(form: int, where: int) -> None:
    values = list(range(-6, 7))
    facts = {NARROW: [values, values[::-1]], WIDE: [values, values[::-1]]}
    for other in FORMS:
        for row in (0, 1):
            rule = [Asked(where, 0, form, 2, 3), Asked(where, row, other, 1, 4), Asked(1 - where, 1, WITHIN, -5, 5)]
            check([rule], facts, len(values))


def test_no_rules_no_conditions_and_no_convictions() -> None:
    nothing: Facts = {NARROW: [], WIDE: []}
    assert decided([], nothing, 3) == ([-1] * 3, [set()] * 3)
    assert decided([[]], nothing, 3) == ([0] * 3, [{0}] * 3)
    assert decided([[], []], nothing, 2) == ([0, 0], [{0, 1}] * 2)
    assert decided([[]], {NARROW: [[]], WIDE: [[]]}, 0) == ([], [])
    facts = {NARROW: [[1, 2, 3]], WIDE: []}
    # A rule without conditions between others: what stood before it must not be left from the rule before.
    check([[Asked(NARROW, 0, WITHIN, 9, 9)], [], [Asked(NARROW, 0, WITHIN, 2, 2)]], facts, 3)
    check([[Asked(NARROW, 0, WITHIN, 2, 2)], [], [Asked(NARROW, 0, WITHIN, 9, 9)]], facts, 3)


@pytest.mark.parametrize("rule", [0, 1, 31, 32, 62, 63])
def test_the_first_of_64_rules_that_holds_decides(rule: int) -> None:
    rules = [
        [Asked(NARROW, 0, WITHIN, number, most)] for number, most in zip(range(MOST_RULES), [63] * 64, strict=True)
    ]
    rules = [*rules[rule:], *rules[:rule]]
    check(rules, {NARROW: [list(range(-1, 65))], WIDE: []}, 66)
    only = [[Asked(NARROW, 0, WITHIN, number, number)] for number in range(MOST_RULES)]
    first, every = decided(only, {NARROW: [[rule, 64]], WIDE: []}, 2)
    assert (first, every) == ([rule, -1], [{rule}, set()])


@pytest.mark.parametrize("size", [1, CHUNK - 1, CHUNK, CHUNK + 1, 2 * CHUNK, 2 * CHUNK + 3])
def test_chunks_join_without_a_seam(size: int) -> None:
    rng = random.Random(size)
    facts = {
        NARROW: [[rng.randrange(-3, 90) for _ in range(size)] for _ in range(2)],
        WIDE: [[rng.choice([0, 3, 70_000, 2**20, -(2**20)]) for _ in range(size)]],
    }
    rules = [
        [Asked(NARROW, 0, WITHIN, 40, 65), Asked(WIDE, 0, HAS, 2**20 | 1)],
        [Asked(WIDE, 0, OUTSIDE, 0, 70_000)],
        [Asked(NARROW, 1, LACKS, 5), Asked(NARROW, 0, OUTSIDE, 0, 20)],
    ]
    check(rules, facts, size)


@pytest.mark.parametrize("size", [0, 1, CHUNK, CHUNK + 1])
@pytest.mark.parametrize("many", [0, 1, FLAGS_A_NUMBER])
def test_flags_are_packed_into_bits(many: int, size: int) -> None:
    flags = np.random.default_rng(many).random((many, size)) < 0.5
    found = np.full(size, -1, np.int16)
    pack(flags, found)
    assert (
        found.tolist()
        == sum((row.astype(int) << bit for bit, row in enumerate(flags)), np.zeros(size, int)).tolist()
    )


@st.composite
def policies(draw: st.DrawFn) -> tuple[list[list[Asked]], Facts, int]:
    size = draw(st.integers(0, 12))
    edges = {
        where: st.sampled_from([*around(0, *limits)[1:-1], 20, 21, 22]) | st.integers(*limits)
        for where, limits in LIMITS.items()
    }
    rows = {where: draw(st.integers(1, 3)) for where in LIMITS}
    facts = {
        where: [draw(st.lists(edges[where], min_size=size, max_size=size)) for _ in range(rows[where])]
        for where in LIMITS
    }
    condition = st.one_of(
        st.builds(
            Asked,
            st.just(where),
            st.integers(0, rows[where] - 1),
            st.sampled_from(list(FORMS)),
            edges[where],
            edges[where],
        )
        for where in LIMITS
    )
    return draw(st.lists(st.lists(condition, max_size=4), max_size=8)), facts, size


@stable
@given(policies())
def test_any_policy_is_decided_as_a_plain_loop_decides_it(policy: tuple[list[list[Asked]], Facts, int]) -> None:
    check(*policy)


DATES = st.sampled_from([0, flag.NO_EVENT_DATE, flag.NO_BIRTH_DATE, flag.ANY_NO_EVENT_DATE]) | st.integers(0, 2**12)
LOOKS = (flag.NO_EVENT_DATE | flag.NO_BIRTH_DATE, 0, flag.ANY_NO_EVENT_DATE)
"""The dates that each of three rules looks at."""


@stable
@given(
    st.lists(st.tuples(st.booleans(), st.integers(-1, 2), DATES, st.integers(0, 2)), max_size=9),
    st.lists(DATES, min_size=3, max_size=3),
)
def test_decisions_out_of_scope_are_taken_back_and_missing_dates_are_told(
    drawn: list[tuple[bool, int, int, int]], histories: list[int]
) -> None:
    rules = np.array([rule for _, rule, _, _ in drawn], np.int8)
    out = np.ones(len(drawn), np.bool_)
    settle(
        np.array([scope for scope, _, _, _ in drawn], np.bool_),
        np.array([*LOOKS, 0], np.int32),
        MissingDates(
            np.array([flags for _, _, flags, _ in drawn], np.int32),
            np.array([history for _, _, _, history in drawn], np.int32),
            np.array(histories, np.int16),
        ),
        rules,
        out,
    )
    assert rules.tolist() == [rule if scope else -1 for scope, rule, _, _ in drawn]
    for found, (scope, rule, flags, history) in zip(out.tolist(), drawn, strict=True):
        lacking = flags & flag.NO_EVENT_DATE
        lacking |= histories[history] & (flag.NO_BIRTH_DATE | flag.ANY_NO_EVENT_DATE)
        assert found == (scope and rule >= 0 and LOOKS[rule] & lacking != 0)
