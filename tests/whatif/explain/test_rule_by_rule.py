"""What became of a charge at each rule, by hand and against the reference."""

import datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from clearscale.relief import ChargePolicy, decide, read_policy
from clearscale.relief.evidence import Evidence
from clearscale.whatif.explain.rule_by_rule import (
    CAPPED,
    DECIDES,
    LACKS,
    LATER,
    NOT_REACHED,
    NOTHING,
    PASSED,
    UNKNOWN,
    WAITS,
    states,
)
from tests.relief.histories import AS_OF, HEAD, PEOPLE, policies
from tests.support.examples import examples
from tests.support.plain_charges import Charge, Person, day, tables_of
from tests.support.reference.relief import Policy

D = datetime.date
CONVICTED = Charge("Code", "4", "(a)", level="felony", disposition="convicted", disposition_date=D(2016, 2, 29))


def states_of(people: list[Person], policy: ChargePolicy, row: int) -> list[str]:
    evidence = Evidence(tables_of(people), day(AS_OF), {statutes.name: statutes for statutes in policy.lists})
    return states(policy, evidence, row)


def rule(then: str, conditions: str = "", **more: str) -> str:
    stated = "".join(f'{name} = "{text}"\n' for name, text in more.items())
    return f'\n[[rule]]\nif = [{conditions}]\nthen = "{then}"\nbecause = "drawn"\n{stated}'


@pytest.mark.parametrize(
    ("rules", "expected"),
    [
        ([rule("seal", '"amended"'), rule("seal"), rule("seal")], [PASSED, DECIDES, NOT_REACHED]),
        ([rule("seal", '"arrest_date > 2000-01-01"'), rule("seal")], [LACKS, NOT_REACHED]),
        ([rule("seal", '"arrest_date > 2000-01-01"', unknown="no"), rule("seal")], [UNKNOWN, DECIDES]),
        ([rule("seal", wait="1 year since arrest_date", unknown="no"), rule("seal")], [UNKNOWN, DECIDES]),
        ([rule("seal", wait="9 years since disposition_date"), rule("dismiss")], [WAITS, DECIDES]),
        (
            [
                rule("seal", wait="8 years since disposition_date"),
                rule("seal", wait="9 years since disposition_date"),
                rule("not-eligible"),
                rule("seal", wait="7 years since disposition_date"),
                rule("seal", '"arrest_date > 2000-01-01"'),
            ],
            [WAITS, LATER, NOTHING, WAITS, UNKNOWN],
        ),
        ([rule("seal", cap="few"), rule("dismiss")], [CAPPED, DECIDES]),
    ],
)
def test_by_hand(rules: list[str], expected: list[str]) -> None:
    policy = read_policy(HEAD.format(scope='"convicted"') + "".join(rules), "drawn").policy()
    first = Charge(disposition="convicted", disposition_date=D(2009, 12, 31))  # takes the only place
    assert states_of([Person([[first], [CONVICTED]])], policy, 1) == expected


@settings(max_examples=examples(150))
@given(st.lists(PEOPLE, min_size=1, max_size=2), policies())
def test_as_decisions_and_the_reference_say(people: list[Person], text: str) -> None:
    policy = read_policy(text, "drawn").policy()
    tables = tables_of(people)
    decided = decide(tables, policy, day(AS_OF))
    plain, row = Policy(text, AS_OF), 0
    for person in people:
        for charge, answer in zip(person.charges, plain.decide(person), strict=True):
            found = states_of(people, policy, row)
            if answer.outcome is None:
                assert {*found} == {NOT_REACHED}
            elif answer.rule is None:
                assert not {*found} & {DECIDES, LACKS, WAITS, NOT_REACHED, LATER, NOTHING}
            else:
                last = {"undecided": LACKS, "not-yet": WAITS}.get(answer.outcome, DECIDES)
                assert found[answer.rule] == last
                assert answer.rule == decided.rule[row]
                assert (NOT_REACHED in found) == (last != WAITS and answer.rule < len(found) - 1)
            for stated, state in zip(plain.stated["rule"], found, strict=True):
                if state != NOT_REACHED:
                    fails = False in [plain.holds(condition, person, charge) for condition in stated["if"]]
                    assert (state == PASSED) == fails
                assert state != CAPPED or "cap" in stated
            row += 1
