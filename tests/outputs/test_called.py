"""What pages, papers and workbooks call a policy: a pack by its name, a file in the form that it has."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import clearscale
from clearscale.law import state
from clearscale.outputs.called import called, file_of, options_in
from clearscale.policy.choosing import Statement, choose
from clearscale.relief.packs import names, pack
from tests.support.samples import OPTIONS

MADE = {
    "id": "policy",
    "title": "One rule",
    "charges": "prop64",
    "rule": [{"if": ["felony"], "then": "dismiss", "because": "A felony"}],
}


def info(policy: Any) -> dict[str, Any]:
    """What a run records of a policy, as it is read again."""
    return {"policy": json.loads(json.dumps(policy.document())), "policy_digest": policy.digest()}


def options_file(folder: Path) -> str:
    (folder / "policy.json").write_text(json.dumps(OPTIONS))
    return str(folder / "policy.json")


def other_file(folder: Path) -> str:
    """A policy file that took the name of a pack."""
    text = 'id = "ca-bear-default"\ntitle = "Own"\n[[rule]]\nif = ["felony"]\nthen = "dismiss"\nbecause = "Own"\n'
    (folder / "own.toml").write_text(f'charges = "prop64"\n{text}')
    return str(folder / "own.toml")


@pytest.mark.parametrize(
    ("statement", "name", "file"),
    [
        (options_file, "policy.json", "policy.json"),
        (lambda _: OPTIONS, "eligibility-options.json", "eligibility-options.json"),
        (lambda _: "ca-bear-default", "ca-bear-default", "ca-bear-default"),
        (lambda _: MADE, "policy.toml", "policy.toml"),
        (lambda _: MADE | {"id": "yolo"}, "yolo", "yolo.toml"),
        (other_file, "ca-bear-default", "ca-bear-default.toml"),
    ],
)
def test_a_policy_over_convictions(
    statement: Callable[[Path], Statement], name: str, file: str, tmp_path: Path
) -> None:
    found = info(choose(statement(tmp_path)).policy)
    assert (called(found), file_of(found)) == (name, file)


def test_every_pack_is_given_by_its_name() -> None:
    for name in state().policies.names:
        assert file_of(info(choose(name).policy)) == name
    for name in names():
        found = info(pack(name).policy())
        assert (called(found), file_of(found)) == (name, name)
        found["policy"]["title"] = "Another"
        assert file_of(found | {"policy_digest": "0"}) == f"{name}.toml"


def test_options_are_told_as_their_file_has_them() -> None:
    given = {"baselineEligibility": {"dismiss": ["11358", "11357"], "reduce": []}, "additionalRelief": {}}
    given["additionalRelief"] = {"subjectAgeThreshold": 57}
    found = options_in(info(choose(given).policy)["policy"])
    assert found is not None
    assert found["baselineEligibility"] == given["baselineEligibility"]
    assert found["additionalRelief"]["subjectAgeThreshold"] == 57
    assert found["additionalRelief"]["subjectIsDeceased"] is False
    assert choose(found).policy.digest() == choose(given).policy.digest()
    for other in ("ca-bear-default", MADE):
        assert options_in(info(choose(other).policy)["policy"]) is None
    assert options_in(clearscale.make_policy(MADE).document()) is None
