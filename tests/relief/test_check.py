"""What the author of a policy over charges cannot have meant; and the commands that show and check one."""

import json
from pathlib import Path

import pytest

from clearscale.relief.check import check_document, check_policy
from clearscale.relief.packs import names, pack
from clearscale.relief.reading import read_policy
from tests.commands.test_policy_commands import call
from tests.relief.test_reading import GOOD


@pytest.mark.parametrize("name", names())
def test_packs_are_without_findings(name: str) -> None:
    assert check_document(pack(name)) == []


def found(text: str) -> list[tuple[str, str]]:
    return [(finding.name, finding.text) for finding in check_document(read_policy(text, "mine"))]


def test_what_no_rule_uses_is_found() -> None:
    text = GOOD.replace('cap = "two"', "").replace('wait = "{years} years since', 'wait = "5 years since')
    text = text.replace("After {years} years", "After 5 years")
    assert found(text) == [
        ("unused-parameter", "line 8: parameter 'years' is used by no rule"),
        ("unused-name", "line 14: group 'drug-charges' is used by no rule"),
        ("unused-name", "line 17: cap 'two' is used by no rule"),
    ]
    assert found(text.replace('if = ["statute in drugs"]', "if = []"))[1] == (
        "unused-name",
        "line 11: list 'drugs' is used by no rule",
    )


RULE = '\n[[rule]]\nif = [{asked}]\nthen = "{then}"\nbecause = "{because}"\n{more}\n'


def rules(*stated: tuple[str, str, str]) -> list[str]:
    """Rules that are said never to decide, of some: conditions, outcome, further keys."""
    text = 'id = "x"\ntitle = "x"\nstate = "x"\nscope = ["convicted"]\n[caps.one]\nmost = 1\n'
    for number, (asked, then, more) in enumerate(stated, start=1):
        text += RULE.format(asked=asked, then=then, because=f"rule {number}", more=more)
    return [said.split('"')[1] for name, said in found(text) if name == "never-decides"]


def test_a_rule_behind_one_that_takes_all_never_decides() -> None:
    felony = '"level is felony"'
    both = f'{felony}, "registered"'
    assert rules((felony, "seal", ""), (both, "dismiss", "")) == ["rule 2"]
    assert rules((felony, "not-eligible", ""), (both, "hand-review", "")) == ["rule 2"]
    assert rules(("", "seal", ""), (felony, "dismiss", ""), ("", "not-eligible", "")) == ["rule 2", "rule 3"]
    # What waits, is capped, asks something else, or gives nothing to a charge that waits, takes not all.
    assert rules((felony, "seal", 'wait = "since sentence_end"'), (both, "dismiss", "")) == []
    assert rules((felony, "seal", 'cap = "one"'), (both, "dismiss", "")) == []
    assert rules((both, "seal", ""), (felony, "dismiss", "")) == []
    waiting = ('"registered"', "seal", 'wait = "since sentence_end"')
    assert rules(waiting, (felony, "not-eligible", ""), (both, "seal", "")) == []
    assert rules((felony, "not-eligible", ""), (both, "seal", "")) == ["rule 2"]
    assert rules((felony, "seal", 'unknown = "no"'), (both, "dismiss", "")) == []
    assert rules((felony, "seal", 'unknown = "no"'), (both, "dismiss", 'unknown = "no"')) == ["rule 2"]


def test_the_commands(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code, out, _ = call(capsys, "policies", "list", "--charges")
    assert code == 0
    assert [line.split()[0] for line in out.splitlines()] == list(names())
    _, out, _ = call(capsys, "policies", "list", "--charges", "--json")
    assert [policy["id"] for policy in json.loads(out)] == list(names())
    code, out, _ = call(capsys, "policies", "show", "mi-clean-slate-2021", "--set", "felonies=3")
    assert code == 0
    for words in (
        "parameter: felonies = 3 (between 0 and 100)",
        "Expunge: One of 3 felonies, 10 years\n   if level is felony\n   after 10 years clear of convictions",
        "at most 3 of a person, the oldest first",
        "not on record: The maximum penalty",
    ):
        assert words in out
    _, out, _ = call(capsys, "policies", "show", "mi-clean-slate-2021", "--json")
    assert json.loads(out)["id"] == "mi-clean-slate-2021"
    code, out, _ = call(capsys, "policies", "check", "nj-2c-52-6-1")
    assert (code, out) == (0, "nj-2c-52-6-1: nothing is wrong\n")
    file = tmp_path / "mine.toml"
    file.write_text(GOOD.replace("level is felony", "levl is felony"))
    code, out, _ = call(capsys, "policies", "check", str(file))
    assert code == 1
    assert "'levl' is no fact; did you mean 'level'? [condition]" in " ".join(out.split())
    assert [finding.name for finding in check_policy(str(tmp_path / "none.toml"))] == ["no-policy"]
