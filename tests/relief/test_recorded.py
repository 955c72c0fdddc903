"""A policy that a run recorded is the policy again."""

import json

import pytest
from hypothesis import given, settings

from clearscale.relief import ChargePolicy, read_policy
from clearscale.relief.packs import names, pack
from clearscale.relief.recorded import policy_from
from tests.relief.histories import policies
from tests.support.examples import examples


def require_same(policy: ChargePolicy) -> None:
    found = policy_from(json.loads(json.dumps(policy.document())))
    assert found == policy == policy_from(policy.document())
    assert found.digest() == policy.digest()


@pytest.mark.parametrize("name", names())
def test_packs(name: str) -> None:
    require_same(pack(name).policy())


@settings(max_examples=examples(300))
@given(policies())
def test_any_policy(text: str) -> None:
    require_same(read_policy(text, "drawn").policy({"years": 33}))


@pytest.mark.parametrize("missing", ["rules", "lists", "scope", "parameters"])
def test_what_is_no_policy_is_no_policy(missing: str) -> None:
    document = pack(names()[0]).policy().document()
    del document[missing]
    with pytest.raises(KeyError):
        policy_from(document)
