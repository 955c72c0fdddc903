"""A policy as runs record it, read again."""

import json
from typing import Any

import pytest

from clearscale.policy import PACKS, PolicyMap, gogen_policy, load_policy
from clearscale.policy.model import DISMISSAL, NONE
from clearscale.policy.recorded import policy_from
from tests.support.samples import OPTIONS


def written(policy: Any) -> dict[str, Any]:
    """The document as `run.json` holds it."""
    document: dict[str, Any] = json.loads(json.dumps(policy.document()))
    return document


@pytest.mark.parametrize("name", PACKS)
def test_a_pack_comes_back_as_it_was(name: str) -> None:
    policy = load_policy(name)
    assert policy_from(written(policy)) == policy


def test_options_and_maps_come_back_as_they_were() -> None:
    options, pack = gogen_policy(OPTIONS), load_policy("ca-los-angeles-2019").of_county("LOS ANGELES")
    chosen = PolicyMap("m", "M", pack, (("ALPINE", options), ("KERN", pack), ("YOLO", options)))
    for policy in (options, chosen):
        found = policy_from(written(policy))
        assert found.digest() == policy.digest()
        assert found.rules == policy.rules
    assert policy_from(written(chosen)).of_county(" yolo ") == options


def test_what_another_version_wrote_can_be_told_and_has_another_digest() -> None:
    rule = {"conditions": [{"fact": "felony", "operator": "==", "value": 0}], "determination": "d", "reason": "r"}
    earlier = policy_from({"id": "a", "title": "A", "rules": [rule]})
    assert (earlier.rules[0].law, earlier.rules[0].is_worth, earlier.dismiss_sections) == ("", NONE, ())
    now = load_policy("ca-dismiss-all")
    later = policy_from({**written(now), "unheard_of": 1})
    assert later == now
    assert later.rules[0].is_worth == DISMISSAL


@pytest.mark.parametrize("document", [{}, {"id": "a", "title": "A"}, {"id": "a", "title": "A", "rules": [{}]}])
def test_what_is_no_policy_is_refused(document: dict[str, Any]) -> None:
    with pytest.raises((KeyError, TypeError)):
        policy_from(document)
