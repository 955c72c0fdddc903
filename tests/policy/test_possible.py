"""What a policy cannot decide is never decided: asked of its rules, and looked for in what runs decided."""

from pathlib import Path

import pytest

import clearscale
from clearscale.law import state
from clearscale.policy import gogen_policy, load_policy
from clearscale.policy.possible import ConvictionKind, possible_rules
from clearscale.policy.recorded import policy_from
from tests.support.samples import AS_OF, OPTIONS

SECTIONS = state().charges.sections


def reasons(kind: ConvictionKind) -> set[str]:
    policy = gogen_policy(OPTIONS)
    [rules] = possible_rules(policy, [kind], AS_OF)
    return {policy.texts[1][rule] for rule in rules}


def test_the_rules_say_what_is_impossible() -> None:
    assert reasons(ConvictionKind(2, False)) == {"Misdemeanor or Infraction"}
    assert reasons(ConvictionKind(0, True)) == {"Dismiss all HS 11357 convictions"}
    late, early = (reasons(ConvictionKind(3, True, year)) for year in (2015, 1990))
    old = "Conviction occurred 12 or more years ago"
    assert old in early
    assert old not in late
    assert "" in late
    assert "" not in early
    # A charge may name another section, too.
    assert "Dismiss all HS 11357 convictions" in late


def test_bits_of_several_sections_hold_where_the_section_is_one_of_them() -> None:
    rules = [
        {
            "conditions": [{"fact": "charge", "operator": "has", "value": 5}],
            "determination": "a",
            "reason": "",
            "law": "",
        },
        {
            "conditions": [{"fact": "charge", "operator": "lacks", "value": 5}],
            "determination": "b",
            "reason": "",
            "law": "",
        },
    ]
    policy = policy_from({"id": "a", "title": "A", "rules": rules})
    found = possible_rules(policy, [ConvictionKind(place, True) for place in range(4)], AS_OF)
    assert found == [{0}, {0, 1}, {0}, {0, 1}]


@pytest.mark.parametrize("name", ["options", "ca-los-angeles-2019", "ca-contra-costa-2019", "ca-prop64-statute"])
def test_what_runs_decide_is_possible(four_counties: Path, tmp_path: Path, name: str) -> None:
    chosen = OPTIONS if name == "options" else name
    policy = (gogen_policy(OPTIONS) if name == "options" else load_policy(name)).of_county("KERN")
    run = clearscale.run(str(four_counties / "store"), chosen, AS_OF, str(tmp_path / "run"))
    rows = [row for row in run.table("convictions").to_pylist() if row["section"] in SECTIONS]
    kinds = [
        ConvictionKind(SECTIONS.index(row["section"]), row["severity"] == "felony", (row["year"] or 0) or None)
        for row in rows
    ]
    for row, rules in zip(rows, possible_rules(policy, kinds, AS_OF), strict=True):
        forms = {(policy.texts[0][rule], policy.texts[1][rule].partition("{")[0]) for rule in rules}
        assert any(row["determination"] == one and row["reason"].startswith(two) for one, two in forms)
