"""A policy file that extends another: what it takes over, what is its own, and what is refused."""

import re
from pathlib import Path

import pytest

from clearscale.errors import PolicyError
from clearscale.policy import PACKS, load_policy, pack
from clearscale.policy.library import load_document
from tests.support.policy_texts import check_policy

BASE = """
id = "kern"
title = "Kern"
about = "As the memo says."
jurisdiction = "California"
charges = "prop64-and-related"
counties = ["KERN"]
sources = [{ title = "Memo", where = "files", confidence = "H" }]

[parameters]
age = { default = 57, min = 40, max = 100 }
years = { default = 10, min = 1, max = 30 }

[determinations]
attorney = { text = "To be seen by an attorney", relief = "none" }

[[rule]]
if = ["age >= {age}"]
then = "dismiss"
because = "{age} or older"

[[rule]]
if = ["years_crime_free >= {years}"]
then = "attorney"
because = "No conviction in {years} years"
"""
HEAD = 'id = "kings"\ntitle = "Kings"\nextends = "kern.toml"\n'


def variant(folder: Path, more: str = "", head: str = HEAD, base: str = BASE) -> str:
    (folder / "kern.toml").write_text(base, "utf-8")
    path = folder / "kings.toml"
    path.write_text(head + more, "utf-8")
    return str(path)


def refused(path: str) -> list[str]:
    with pytest.raises(PolicyError) as refusal:
        load_policy(path)
    return str(refusal.value).replace(f"{Path(path).parent}/", "").splitlines()


def test_what_a_variant_does_not_state_is_as_in_the_other(tmp_path: Path) -> None:
    found, kern = load_policy(variant(tmp_path)), load_policy(str(tmp_path / "kern.toml"))
    own = {"id": "kings", "title": "Kings"}
    assert found.document() == {**kern.document(), **own}
    assert load_document(str(tmp_path / "kings.toml")).extends == "kern.toml"


def test_a_parameter_is_replaced_by_its_name(tmp_path: Path) -> None:
    found = load_policy(variant(tmp_path, "[parameters]\nage = { default = 50, min = 50, max = 60 }\n"))
    assert [rule.reason for rule in found.rules] == ["50 or older", "No conviction in 10 years"]
    with pytest.raises(PolicyError, match="between 50 and 60"):
        load_policy(str(tmp_path / "kings.toml"), {"age": 61})


def test_any_other_key_is_replaced_as_a_whole(tmp_path: Path) -> None:
    more = 'charges = "prop64"\ncounties = ["KINGS"]\nsources = []\n'
    more += '[[rule]]\nif = []\nthen = "attorney"\nbecause = "All, from {age} on, {years}"\n'
    found = load_policy(variant(tmp_path, more))
    assert (found.related, found.counties, found.sources) == (False, ("KINGS",), ())
    assert [rule.determination for rule in found.rules] == ["To be seen by an attorney"]


def test_a_variant_of_a_variant(tmp_path: Path) -> None:
    variant(tmp_path, "[parameters]\nage = { default = 50, min = 50, max = 60 }\n")
    last = tmp_path / "last.toml"
    last.write_text(HEAD.replace("kern.toml", "kings.toml") + 'about = "The last."\n', "utf-8")
    assert [rule.reason for rule in load_policy(str(last)).rules] == ["50 or older", "No conviction in 10 years"]
    assert load_document(str(last)).about == "The last."


def test_a_pack_is_extended_by_its_name(tmp_path: Path) -> None:
    path = variant(tmp_path, "[parameters]\nyears = { default = 7, min = 1, max = 50 }\n")
    Path(path).write_text(Path(path).read_text().replace("kern.toml", "ca-contra-costa-2019"), "utf-8")
    assert load_policy(path).rules == load_policy("ca-contra-costa-2019", {"years": 7}).rules
    assert check_policy(path) == []


def test_two_pilots_decide_alike_and_are_recorded_each_by_its_name() -> None:
    one, other = load_policy("ca-contra-costa-2019"), load_policy("ca-san-joaquin-2019")
    assert one.rules == other.rules
    assert one.parameters == other.parameters
    assert [(policy.id, policy.title, policy.counties) for policy in (one, other)] == [
        ("ca-contra-costa-2019", "Contra Costa County pilot", ("CONTRA COSTA",)),
        ("ca-san-joaquin-2019", "San Joaquin County pilot", ("SAN JOAQUIN",)),
    ]
    assert [pack(name).extends for name in PACKS if pack(name).extends] == ["ca-contra-costa-2019"]


@pytest.mark.parametrize(
    ("more", "head", "wanted"),
    [
        ("", HEAD.replace('"kern.toml"', "7"), ["kings.toml: 'extends' should be a text: the name of a pack, or"]),
        (
            "",
            HEAD.replace("kern.toml", "ca-contra-costa-2018"),
            ["kings.toml: extends: there is no policy 'ca-contra-costa-2018': it is neither a file nor"],
        ),
        (
            "",
            HEAD.replace("kern", "kings"),
            ["kings.toml: extends 'kings.toml', which extends this policy in turn"],
        ),
        ("", HEAD.replace('title = "Kings"\n', ""), ["kings.toml: 'title' is missing"]),
        (
            "[parameters]\nage = { default = true }\n",
            HEAD,
            ['kings.toml: rule 1 \\("{age} or older"\\): .age >= {age}.: .age. is compared with a number'],
        ),
        ("rules = 3\n", HEAD, ["kings.toml: 'rules' is no key of a policy; did you mean 'rule'?"]),
        ("[parameters]\nages = 3\n", HEAD, ["kings.toml: parameter 'ages' should be a table"]),
    ],
)
def test_what_is_wrong_with_a_variant(tmp_path: Path, more: str, head: str, wanted: list[str]) -> None:
    found = refused(variant(tmp_path, more, head))
    assert len(found) == len(wanted)
    assert all(re.match(form, line) for form, line in zip(wanted, found, strict=True)), found


def test_what_is_wrong_with_the_other_is_told_of_the_other(tmp_path: Path) -> None:
    path = variant(tmp_path, base=BASE.replace('"attorney"', '"atorney"'))
    assert [line.partition(":")[0] for line in refused(path)] == ["kern.toml"]


def test_a_ring_of_variants_is_refused(tmp_path: Path) -> None:
    path = variant(tmp_path, base=BASE + "\n")
    (tmp_path / "kern.toml").write_text(HEAD.replace("kern.toml", "kings.toml"), "utf-8")
    assert refused(path) == ["kern.toml: extends 'kings.toml', which extends this policy in turn"]


def test_a_map_is_no_policy_to_extend(tmp_path: Path) -> None:
    path = variant(tmp_path, base='[default]\npolicy = "ca-bear-default"\n')
    assert refused(path) == ["kings.toml: extends 'kern.toml', which is a policy map; name a policy"]
