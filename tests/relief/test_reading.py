"""What is wrong with a policy is told at once, where it is wrong and with what would be right."""

import pytest

from clearscale.policy.findings import KINDS, FoundError
from clearscale.relief import read_policy

GOOD = """
id = "good"
title = "Good"
state = "illinois"
scope = ["convicted"]

[parameters]
years = { default = 7, min = 1, max = 50 }
strict = { default = false }

[lists.drugs]
statutes = [{ code = "CODE", sections = ["1"] }]

[groups.drug-charges]
if = ["statute in drugs"]

[caps.two]
most = 2

[[rule]]
if = ["level is felony"]
wait = "{years} years since disposition_date"
then = "seal"
because = "After {years} years"
cap = "two"

[[rule]]
if = []
when = "{strict}"
then = "not-eligible"
because = "Strict"
"""


def said(text: str) -> list[str]:
    with pytest.raises(FoundError) as caught:
        read_policy(text, "bad.toml")
    assert all(finding.name in KINDS for finding in caught.value.findings)
    return [finding.line for finding in caught.value.findings]


def test_parameters_and_switches_make_the_rules() -> None:
    document = read_policy(GOOD, "good.toml")
    assert [rule.reason for rule in document.policy().rules] == ["After 7 years"]
    assert [rule.reason for rule in document.policy({"years": 9, "strict": True}).rules] == [
        "After 9 years",
        "Strict",
    ]
    assert document.policy().digest() != document.policy({"years": 9}).digest()


@pytest.mark.parametrize(
    ("good", "bad", "line"),
    [
        ('["level is felony"]', '["levl is felony"]', "'levl' is no fact; did you mean 'level'?"),
        ('["level is felony"]', '["level"]', "'level' is a word; write `level is A or B`, `level is not A`"),
        (
            '["level is felony"]',
            '["disposition is convict"]',
            "no disposition; did you mean 'convicted'?",
        ),
        ('["level is felony"]', '["county is Cooc"]', "'cooc' is no county; did you mean 'cook'?"),
        ('["level is felony"]', '["grams < 30"]', "write grams <= 30 or grams > 30"),
        ('["level is felony"]', '["not arrest_date > today"]', "write the opposite comparison instead of 'not'"),
        ('["level is felony"]', '["arrest_date > 2020-13-01"]', "'2020-13-01' is no date"),
        ('["level is felony"]', '["case some drug-charge"]', "no group; did you mean 'drug-charges'?"),
        ('["level is felony"]', '["statute in drug"]', "'drug' is no list of statutes; did you mean 'drugs'?"),
        ('["level is felony"]', '["person count felonies > {yeers}"]', "did you mean 'years'?"),
        ('["level is felony"]', '["whatever"]', "no condition"),
        ('["statute in drugs"]', '["person some felonies"]', "asks more than the charge alone"),
        ("{years} years since disposition_date", "after a while", "no wait; write"),
        ("{years} years since disposition_date", "7 years since disposal", "'disposal' is no date"),
        ("since disposition_date", "since latest date of felonies", "'date' is no date of a charge"),
        ('then = "seal"', 'then = "sell"', "then 'sell' is no outcome of a rule; did you mean 'seal'?"),
        ('then = "seal"', 'then = "not-yet"', "then 'not-yet' is no outcome of a rule"),
        ('then = "seal"', 'then = "hand-review"', "gives nobody anything, so it has no wait and no cap"),
        ('cap = "two"', 'cap = "tow"', "cap 'tow' is none of this policy; did you mean 'two'?"),
        ('cap = "two"', 'unknown = "yes"', "unknown 'yes': write \"no\", or leave it out"),
        ("most = 2", "most = -1", "cap 'two': 'most' should be a whole number"),
        ("most = 2", 'most = "{strict}"', "'{strict}' is no parameter that is a number"),
        ("most = 2", 'most = 2\nby = "birthday"', "by 'birthday' is no date of a charge"),
        ("[groups.drug-charges]", "[groups.felonies]", "every policy has one of that name"),
        ('sections = ["1"]', 'sections = ["1"], subsections = ["a"]', "subsection 'a': write it as (a)(3)"),
        ('code = "CODE", ', "", "'code' is missing"),
        ('scope = ["convicted"]', "", "'scope' is missing"),
        ('title = "Good"', 'titel = "Good"', "'titel' is no key of a policy; did you mean 'title'?"),
    ],
)
def test_what_is_wrong_is_told(good: str, bad: str, line: str) -> None:
    assert good in GOOD
    lines = said(GOOD.replace(good, bad, 1))
    assert any(line in message for message in lines), lines
    assert all(message.startswith("bad.toml: ") for message in lines)


def test_everything_is_told_at_once() -> None:
    bad = (
        GOOD.replace("level is felony", "levl is felony")
        .replace('"seal"', '"sell"')
        .replace("most = 2", "most = -2")
    )
    assert len(said(bad)) == 3
