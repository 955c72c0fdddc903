"""Policies compiled: every comparison of a rule against that of Python, at and beyond what the numbers hold."""

import operator
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from clearscale.dates import as_of_day
from clearscale.errors import PolicyError
from clearscale.law.offense_texts import Offenses
from clearscale.policy import DISMISS, FACTS, REDUCE, Condition, Evidence, Policy, Rule, compiled
from clearscale.policy.caseload import Caseload, caseload_of
from clearscale.policy.facts import Fact, Kind, find
from clearscale.policy.model import OPERATORS
from clearscale.runs.evaluate import UNDECIDED, evaluate
from clearscale.store import open_store, read_charges
from clearscale_kernels import flag
from clearscale_kernels.policy.decide import FLAGS_A_NUMBER, MOST_RULES
from tests.support.samples import AS_OF_DATE, extract, ingest, put

COMPARED: dict[str, Callable[[int, int], bool]] = {
    "==": operator.eq,
    "!=": operator.ne,
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
    "has": lambda value, bits: value & bits != 0,
    "lacks": lambda value, bits: value & bits == 0,
}
LEAST, MOST = {"small": -(2**15), "large": -(2**31)}, {"small": 2**15 - 1, "large": 2**31 - 1}

stable = settings(derandomize=True, deadline=None, database=None, max_examples=150)


@pytest.fixture(scope="module", autouse=True)
def invented_facts() -> object:
    """Facts whose values tests choose: one of 16 bits and one of 32, and what each rests on."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(FACTS, "small", Fact("", flag.NO_BIRTH_DATE, lambda e: e.of_candidate("small")))
        large = Fact("", flag.NO_EVENT_DATE, lambda e: e.of_candidate("large"), wide=True)
        patch.setitem(FACTS, "large", large)
        yield


def caseload(small: list[int], large: list[int], *, related: bool = False) -> Caseload:
    """Candidates with these facts, all of one history without a birth date."""
    size = len(small)
    column = {
        "small": np.array(small, np.int16),
        "large": np.array(large, np.int32),
        "history": np.zeros(size, np.int32),
        "offense": np.zeros(size, np.int32),
        "flags": np.zeros(size, np.int32),
    }
    subjects = {"extract": np.zeros(1, np.int32), "flags": np.full(1, flag.NO_BIRTH_DATE, np.int16)}
    sections = np.array([-1 if related else 0], np.int8)
    return Caseload(column, subjects, np.array([flag.RELATED if related else 0], np.int16), sections, 1)


def policy(*rules: list[Condition], related: bool = False) -> Policy:
    return Policy(
        "p", "", tuple(Rule(tuple(rule), DISMISS, str(n)) for n, rule in enumerate(rules)), related=related
    )


def around(*edges: int) -> list[int]:
    return sorted({edge + step for edge in edges for step in (-1, 0, 1)})


def test_every_operator_is_compared_here() -> None:
    assert tuple(COMPARED) == OPERATORS


@pytest.mark.parametrize("fact", ["small", "large"])
@pytest.mark.parametrize("sign", OPERATORS)
def test_a_condition_is_pythons_comparison(sign: str, fact: str) -> None:
    values = [
        value for value in around(LEAST[fact], 0, 21, 40, 64, MOST[fact]) if LEAST[fact] <= value <= MOST[fact]
    ]
    thresholds = around(-(2**15), 0, 21, 40, 2**15, 70_000, 2**20)
    # Only the 32-bit facts have numbers beyond; a condition is never told a number that 32 bits do not hold.
    thresholds += [-(2**31), -(2**31) + 1, 2**31 - 2, 2**31 - 1]
    if sign in ("has", "lacks"):
        values = [value for value in values if value >= 0]
        thresholds = [threshold for threshold in thresholds if threshold >= 0]
    filler = [0] * len(values)
    cases = caseload(values, filler) if fact == "small" else caseload(filler, values)
    for threshold in thresholds:
        decided = evaluate(cases, policy([Condition(fact, sign, threshold)]), 0)
        wanted = [0 if COMPARED[sign](value, threshold) else UNDECIDED for value in values]
        assert decided.rules.tolist() == wanted, threshold


CONDITIONS = st.builds(
    Condition,
    st.sampled_from(["small", "large"]),
    st.sampled_from(OPERATORS),
    st.integers(0, 4) | st.sampled_from([0, 1, 2, 16, 2**15 - 1, 2**15, 2**16, 2**31 - 1]),
)


@stable
@given(
    st.lists(st.lists(CONDITIONS, max_size=3), max_size=6),
    st.lists(st.tuples(st.integers(0, 5), st.integers(0, 5) | st.just(2**16 + 1)), max_size=8),
)
def test_the_first_rule_whose_conditions_all_hold_decides(
    rules: list[list[Condition]], values: list[tuple[int, int]]
) -> None:
    found = evaluate(caseload([small for small, _ in values], [large for _, large in values]), policy(*rules), 0)
    wanted = []
    for small, large in values:
        value_of = {"small": small, "large": large}
        holding = (
            number
            for number, rule in enumerate(rules)
            if all(COMPARED[condition.operator](value_of[condition.fact], condition.value) for condition in rule)
        )
        wanted.append(next(holding, UNDECIDED))
    assert found.rules.tolist() == wanted
    # The facts that a rule looked at tell what it rests on; here every birth date is missing and no other date.
    rests = [rule >= 0 and any(condition.fact == "small" for condition in rules[rule]) for rule in wanted]
    assert found.rests_on_missing.tolist() == rests


def test_a_program_is_the_policys_rules_as_numbers() -> None:
    rules = [[Condition("large", ">", 7), Condition("small", "has", 4)], [], [Condition("small", "!=", 1)]]
    program = compiled(policy(*rules))
    assert (program.narrow, program.wide) == (("small",), ("large",))
    assert program.bounds.tolist() == [0, 2, 2, 3]
    assert program.conditions.shape == (3, 5)
    both = flag.NO_BIRTH_DATE | flag.NO_EVENT_DATE
    assert program.rests_on.tolist() == [both, 0, flag.NO_BIRTH_DATE, 0]
    assert compiled(policy(*rules)) is program
    assert program.flags == ()
    empty = compiled(policy())
    assert (empty.bounds.tolist(), empty.conditions.shape, empty.rests_on.tolist()) == ([0], (0, 5), [0])


FLAGS = [f"flag {number}" for number in range(2 * FLAGS_A_NUMBER + 3)]


@pytest.mark.parametrize("sign", OPERATORS)
@pytest.mark.parametrize("value", [-1, 0, 1, 2])
def test_flags_stand_together_as_bits(sign: str, value: int) -> None:
    """Each flag is yes for every candidate whose number is a multiple of the flag's."""
    size = 60
    with pytest.MonkeyPatch.context() as patch:
        for number, name in enumerate(FLAGS, start=1):
            found = np.arange(size) % number == 0
            rests_on = flag.NO_EVENT_DATE if number == 20 else 0
            patch.setitem(FACTS, name, Fact("", rests_on, lambda _, found=found: found, kind=Kind.FLAG))
        rules = [
            [Condition(name, sign, value), Condition("small", ">=", place)] for place, name in enumerate(FLAGS)
        ]
        asked = policy(*rules)
        program = compiled(asked)
        assert [len(names) for names in program.flags] == [FLAGS_A_NUMBER, FLAGS_A_NUMBER, 3]
        assert program.narrow == ("small",)
        cases = caseload([9] * size, [0] * size)
        matrices = program.matrices(Evidence(cases, 0))
        assert matrices[0].shape == (4, size)
        some = program.matrices(Evidence(cases, 0), np.array([7, 36]))
        assert np.array_equal(some[0], matrices[0][:, [7, 36]])
        for at in range(size):
            flags = {name: int(at % number == 0) for number, name in enumerate(FLAGS, start=1)}
            assert program.values(*matrices, at) == flags | {"small": 9}
        wanted = [
            next(
                (place for place in range(10) if COMPARED[sign](int(at % (place + 1) == 0), value)),
                UNDECIDED,
            )
            for at in range(size)
        ]
        assert evaluate(cases, asked, 0).rules.tolist() == wanted
        assert program.rests_on.tolist()[19] == flag.NO_BIRTH_DATE | flag.NO_EVENT_DATE


def test_64_rules_and_what_they_give() -> None:
    rules = tuple(
        Rule((Condition("small", "==", number),), REDUCE if number % 2 else DISMISS, "")
        for number in range(MOST_RULES)
    )
    decided = evaluate(caseload(list(range(-1, 65)), [0] * 66), Policy("p", "", rules), 0)
    assert decided.rules.tolist() == [UNDECIDED, *range(MOST_RULES), UNDECIDED]
    assert decided.relief.tolist() == [0, *[2, 1] * 32, 0]


def test_related_charges_are_decided_where_the_policy_says_so() -> None:
    for related in (False, True):
        chosen = policy([], related=related)
        assert evaluate(caseload([1], [1]), chosen, 0).rules.tolist() == [0]
        decided = evaluate(caseload([1], [1], related=True), chosen, 0)
        assert (decided.in_scope.tolist(), decided.rules.tolist()) == ([related], [0 if related else UNDECIDED])


def test_nothing_to_decide() -> None:
    decided = evaluate(caseload([], []), policy([Condition("small", "==", 1)]), 0)
    assert (decided.rules.size, decided.relief.size, decided.rests_on_missing.size) == (0, 0, 0)


def test_a_fact_that_there_is_not_is_refused_with_the_nearest() -> None:
    with pytest.raises(PolicyError, match="'smal' is no fact; did you mean 'small'"):
        compiled(policy([Condition("smal", "==", 1)]))


def test_every_fact_fits_where_it_stands(tmp_path: Path) -> None:
    """Facts without `wide` are put into 16 bits, which would cut a larger number without a word."""
    ingest(put(tmp_path, "a.csv", extract("ALAMEDA", subjects=120)), tmp_path / "store")
    store = open_store(str(tmp_path / "store"))
    tables = [store.candidates(number) for number in range(store.manifest.buckets)]
    texts = store.dictionaries().texts
    about = (1, Offenses(texts["offense"]), texts["county"])
    evidence = Evidence(caseload_of(tables, *read_charges(store.snapshot), *about), as_of_day(AS_OF_DATE))
    size = evidence.caseload.section.size
    assert size > 100
    for name in FACTS.keys() - {"small", "large"}:
        values = find(name, evidence)
        assert values.shape == (size,), name
        limits = np.iinfo(np.int32 if FACTS[name].wide else np.int16)
        assert limits.min <= values.min() <= values.max() <= limits.max, name
