"""Decisions against plain Python that was written from the language's page."""

import datetime

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from clearscale.charges.tables import NO_DAY
from clearscale.relief import OUTCOMES, Decider, Decisions, decide, read_policy
from clearscale.relief.facts import UNTOLD
from tests.relief.histories import AS_OF, HEAD, PEOPLE, policies
from tests.support.examples import examples
from tests.support.plain_charges import Charge, Person, day, tables_of
from tests.support.reference.relief import Answer, Policy

NAMES = list(OUTCOMES)


def answers(decisions: Decisions) -> list[Answer]:
    epoch = datetime.date(1970, 1, 1)
    return [
        Answer(
            None if outcome < 0 else NAMES[outcome],
            None if rule < 0 else int(rule),
            None if first == NO_DAY else epoch + datetime.timedelta(int(first)),
            bool(unsure),
        )
        for outcome, rule, first, unsure in zip(
            decisions.outcome, decisions.rule, decisions.first_eligible, decisions.unsure, strict=True
        )
    ]


@settings(max_examples=examples(1500))
@given(st.lists(PEOPLE, min_size=1, max_size=3), policies(), st.lists(st.sampled_from(list(UNTOLD)), unique=True))
def test_as_the_reference_decides(people: list[Person], policy: str, untold: list[str]) -> None:
    columns = [UNTOLD[name] for name in untold]
    decisions = decide(tables_of(people, columns), read_policy(policy, "drawn").policy(), day(AS_OF))
    expected = [answer for person in people for answer in Policy(policy, AS_OF, untold=untold).decide(person)]
    assert answers(decisions) == expected
    undecided = np.array([answer.outcome == "undecided" for answer in expected])
    assert ((decisions.missing != 0) == undecided).all()


@settings(max_examples=examples(150))
@given(st.lists(PEOPLE, min_size=2, max_size=5), policies())
def test_the_same_however_people_are_dealt_out(people: list[Person], policy: str) -> None:
    made = read_policy(policy, "drawn").policy()
    whole = answers(decide(tables_of(people), made, day(AS_OF)))
    alone = [answer for person in people for answer in answers(decide(tables_of([person]), made, day(AS_OF)))]
    assert whole == alone


def test_one_decider_for_charges_of_several_words() -> None:
    policy = read_policy(HEAD.format(scope='"statute in drugs"') + RULE, "drawn").policy()
    drug, other = (Person([[Charge("Code", section, "(a)", disposition="convicted")]]) for section in ("4", "9"))
    decider = Decider(policy, day(AS_OF))
    for people in ([drug, other], [other, drug], [drug, other]):
        found = decider.decide(tables_of(people))
        assert found.outcome.tolist() == [NAMES.index("seal") if person is drug else -1 for person in people]


RULE = '\n[[rule]]\nif = []\nthen = "seal"\nbecause = "drawn"\n'
