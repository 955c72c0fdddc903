"""Policies that are made in Python."""

import pytest

import clearscale
from clearscale.policy import FACTS, load_policy
from clearscale.policy.locating import read_content
from clearscale.policy.texts import toml

RULES = [{"if": ["felony", "age >= {age}"], "then": "reduce", "because": "{age} or older"}]
OWN = {
    "id": "own",
    "title": "An own policy",
    "parameters": {"age": {"default": 40, "min": 18, "max": 99, "meaning": "from this age on"}},
    "rule": RULES,
}


def test_a_policy_in_python_is_the_policy_that_a_file_states() -> None:
    name = "ca-sacramento-2019"
    assert clearscale.make_policy(toml(read_content(name), name)) == load_policy(name)


def test_parameters_take_the_place_of_defaults() -> None:
    policy = clearscale.make_policy(OWN, {"age": 50})
    assert policy.rules[0].reason == "50 or older"
    assert policy.rules[0].conditions[1] == clearscale.Condition("age", ">=", 50)
    assert policy.parameters == (("age", 50),)


@pytest.mark.parametrize(
    ("document", "said"),
    [
        ({**OWN, "rule": [{**RULES[0], "if": ["felonny"]}]}, "'felonny' is no fact; did you mean 'felony'?"),
        ({**OWN, "titel": "x"}, "'titel' is no key of a policy; did you mean 'title'?"),
        ({**OWN, "rule": 3}, "rule"),
    ],
)
def test_what_is_wrong_is_said_with_the_near_word(document: dict[str, object], said: str) -> None:
    with pytest.raises(clearscale.PolicyError, match=said.replace("?", r"\?")):
        clearscale.make_policy(document)


def test_all_facts_are_listed_with_their_meaning() -> None:
    assert clearscale.facts() == {name: fact.meaning for name, fact in FACTS.items()}
