"""The policy language: what a file says, what is refused and with which words, and what `check` finds."""

import datetime
from pathlib import Path
from typing import Any

import pytest

from clearscale.dates import as_of_day
from clearscale.errors import PolicyError
from clearscale.policy import PACKS, Condition, Policy, load_policy, pack
from clearscale.policy.conditions import condition
from clearscale.policy.reading import read_policy
from tests.support.policy_texts import HEAD, RULE, check_policy, file, rule

VALUES = {"age": 50, "day": datetime.date(2016, 11, 9), "on": True}


def read(content: str, parameters: dict[str, Any] | None = None) -> Policy:
    return read_policy(content, "county.toml").policy(parameters)


def complaints(content: str) -> list[str]:
    with pytest.raises(PolicyError) as refused:
        read_policy(content, "county.toml")
    return str(refused.value).splitlines()


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("felony", Condition("felony", "==", 1)),
        ("not felony", Condition("felony", "==", 0)),
        (" not  felony ", Condition("felony", "==", 0)),
        ("age >= 50", Condition("age", ">=", 50)),
        ("age>={age}", Condition("age", ">=", 50)),
        ("age_at_conviction < 21", Condition("age_at_conviction", "<", 21)),
        ("event_date < 2016-11-09", Condition("event_date", "<", as_of_day("2016-11-09"))),
        ("event_date != {day}", Condition("event_date", "!=", as_of_day("2016-11-09"))),
        ("section == 11357", Condition("section", "==", 0)),
        ("section != 11360", Condition("section", "!=", 3)),
        ("subsection == B", Condition("subsection", "==", 2)),
        ("subsection == 'B'", Condition("subsection", "==", 2)),
        ("julian_age <= 21", Condition("julian_age", "<=", 21 * 1461)),
        ("days_since_sentence_end > 3", Condition("days_since_sentence_end", ">", 6)),
        ("code_section begins with '11357(A)'", Condition("code_section begins with '11357(A)'", "==", 1)),
        ("not code_section is '4060 BP'", Condition("code_section is '4060 BP'", "==", 0)),
        ('code_section contains "11357"', Condition("code_section contains '11357'", "==", 1)),
    ],
)
def test_conditions(text: str, wanted: Condition) -> None:
    assert condition(text, VALUES) == wanted


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("felonny", "'felonny': 'felonny' is no fact; did you mean 'felony'?"),
        ("not felonny", "'felonny' is no fact; did you mean 'felony'?"),
        ("agee >= 3", "'agee' is no fact; did you mean 'age'?"),
        ("xyzzy", "'xyzzy' is no fact; docs/reference/facts.md lists them"),
        ("age", "'age' is a number; compare it, such as 'age >= 10'"),
        ("event_date", "'event_date' is a date; compare it, such as 'event_date < 2016-11-09'"),
        ("felony == 1", "'felony' is yes or no; write 'felony' or 'not felony'"),
        ("age = 3", "'=' is no comparison; write '=='"),
        ("age => 3", "'=>' is no comparison; write '>='"),
        ("not age > 3", "write the opposite comparison instead"),
        ("age >= {agee}", "'agee' is no parameter of this policy; did you mean 'age'?"),
        ("age >= {on}", "'age' is compared with a number, and parameter 'on' is none"),
        ("age >= {day}", "'age' is compared with a number, and parameter 'day' is none"),
        ("event_date < {age}", "'event_date' is compared with a date, and parameter 'age' is none"),
        ("age >= fifty", "'fifty' is no whole number and no parameter; write 10 or {name}"),
        ("age >= 5.5", "'5.5' is no whole number"),
        ("event_date < 2016-11-31", "'2016-11-31' is no date; write it as YYYY-MM-DD"),
        ("section == 11361", "'11361' is no section; did you mean '11360'?"),
        ("section < 11358", "'section' is compared with == or !="),
        ("section == {age}", "'section' is compared with a section, not with a parameter"),
        ("subsection == b", "'b' is no subsection; write a capital letter, such as A"),
        ("charge == 1", "'charge' is for eligibility options; ask for the text"),
        ("code_section starts with 'X'", "is no question on a text; there are: code_section begins with 'TEXT'"),
        ("code_section begins with 11357", "is no question on a text"),
        ("code_section is ''", "the text is empty"),
        ("code_section is '{age}'", "parameters are numbers, dates and switches; write the text itself"),
        ("age between 3 and 5", "is no condition; write a yes-or-no fact such as 'felony'"),
        ("", "is no condition"),
        ("age >= 50 and felony", "write each condition as a text of its own: 'age >= 50', 'felony'"),
        ("felony && age >= 50", "write each condition as a text of its own: 'felony', 'age >= 50'"),
        ("felony or age >= 50", "all conditions of a rule hold together; write a rule for each alternative"),
        ("30 <= age < {most}", "the fact comes first; write 'age >= 30', 'age < {most}'"),
        ("2016-11-09 > event_date", "the fact comes first; write 'event_date < 2016-11-09'"),
        ("race == BLACK", "'race' is no fact; no rule asks for a group of people"),
        ("county == KERN", "'county' is no fact; a policy map gives counties policies of their own"),
    ],
)
def test_conditions_that_are_refused(text: str, message: str) -> None:
    with pytest.raises(PolicyError) as refused:
        condition(text, VALUES)
    assert message in str(refused.value)


def test_a_policy_with_everything() -> None:
    policy = read(
        HEAD
        + """
        charges = "prop64-and-related"
        jurisdiction = "California"
        counties = ["KERN"]
        sources = [{ title = "The memo", where = "county", confidence = "M" }]
        [parameters]
        age = { default = 50, min = 18, max = 120 }
        since = { default = 2016-11-09 }
        strict = { default = false }
        years = { default = 0, min = 1, max = 15, off = 0 }
        [determinations]
        later = { text = "Ask again", relief = "none" }
        lesser = { text = "Made less", relief = "reduction" }
        """
        + rule("event_date >= {since}", then="later", because="Since {since}")
        + rule("age >= {age}", because="{age} or older", more='law = "Memo 3"')
        + rule("felony", then="lesser", because="{code_section}", more='when = "{strict}"')
        + rule("years_crime_free >= {years}", then="maybe", because="{years} years", more='when = "{years}"')
        + rule("not felony", because="Lesser", more='when = ["not {strict}", "not {years}"]'),
        {"age": "57"},
    )
    assert [
        (policy_rule.determination, policy_rule.reason, policy_rule.law, policy_rule.relief)
        for policy_rule in policy.rules
    ] == [
        ("Ask again", "Since 2016-11-09", "", 0),
        ("Eligible for Dismissal", "57 or older", "Memo 3", 2),
        ("Eligible for Dismissal", "Lesser", "", 2),
    ]
    assert policy.related
    assert policy.counties == ("KERN",)
    assert policy.sources[0].confidence == "M"
    assert dict(policy.parameters) == {"age": 57, "since": "2016-11-09", "strict": False, "years": 0}


def test_what_is_included_follows_the_switches() -> None:
    head = (
        HEAD + "[parameters]\nstrict = { default = false }\nyears = { default = 0, min = 1, max = 15, off = 0 }\n"
    )
    content = head + rule("felony", because="on", more='when = "{strict}"')
    content += rule("years_crime_free >= {years}", because="{years}", more='when = "{years}"') + rule(
        because="last"
    )
    for chosen, reasons in (
        ({}, ["last"]),
        ({"strict": True}, ["on", "last"]),
        ({"strict": "true", "years": "3"}, ["on", "3", "last"]),
    ):
        assert [policy_rule.reason for policy_rule in read(content, chosen).rules] == reasons


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"agee": 3}, "county.toml: 'agee' is no parameter; did you mean 'age'?"),
        ({"age": 17}, "county.toml: parameter 'age' is 17; it should be between 18 and 120"),
        ({"age": "121"}, "it should be between 18 and 120"),
        ({"age": True}, "parameter 'age' is true; it should be between 18 and 120"),
        ({"age": "old"}, "parameter 'age' is 'old'; it should be between 18 and 120"),
        ({"age": 55.5}, "parameter 'age' is 55.5"),
        ({"on": 1}, "parameter 'on' is 1; it should be true or false"),
        ({"on": "yes"}, "it should be true or false"),
        ({"day": "9 November"}, "it should be a date, YYYY-MM-DD"),
        ({"day": "2030-01-01"}, "it should be a date, YYYY-MM-DD from 2016-01-01 to 2020-01-01"),
        ({"years": 20}, "it should be between 1 and 15, or 0 (off)"),
    ],
)
def test_values_of_parameters_that_are_refused(given: dict[str, Any], message: str) -> None:
    content = (
        HEAD
        + """[parameters]
    age = { default = 50, min = 18, max = 120 }
    on = { default = true }
    day = { default = 2016-11-09, min = 2016-01-01, max = 2020-01-01 }
    years = { default = 0, min = 1, max = 15, off = 0 }
    """
    )
    with pytest.raises(PolicyError) as refused:
        read(content + RULE, given)
    assert message in str(refused.value)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("id = ", "county.toml: is no valid TOML: Invalid value"),
        ('title = "x"\n' + RULE, "county.toml: 'id' is missing"),
        ('id = "A county"\ntitle = "x"\n' + RULE, "id 'A county': use small letters, digits and hyphens"),
        ('id = 3\ntitle = "x"\n' + RULE, "'id' should be a text"),
        (HEAD, "there are no rules; write each as [[rule]]"),
        (HEAD + 'tilte = "x"\n' + RULE, "'tilte' is no key of a policy; did you mean 'title'?"),
        (HEAD + 'charges = "prop46"\n' + RULE, "charges 'prop46': did you mean 'prop64'?"),
        (
            HEAD + 'jurisdiction = "California"\ncounties = ["LOS ANGELS"]\n' + RULE,
            "'LOS ANGELS' is no county of California; did you mean 'LOS ANGELES'?",
        ),
        (HEAD + 'sources = ["x"]\n' + RULE, "each of 'sources' should be a table"),
        (
            HEAD + 'sources = [{title = "x", where = "y", confidence = "Z"}]\n' + RULE,
            "confidence 'Z': use H, M or K",
        ),
        (HEAD + "parameters = 3\n" + RULE, "'parameters' should be a table"),
        (HEAD + "[parameters]\nage = 50\n" + RULE, "parameter 'age' should be a table"),
        (HEAD + "[parameters]\nage = {default = 50}\n" + RULE, "parameter 'age': min and max are missing"),
        (HEAD + "[parameters]\nage = {default = 5, min = 18, max = 120}\n" + RULE, "its default 5 is out of range"),
        (HEAD + "[parameters]\nage = {default = 50, min = 60, max = 18}\n" + RULE, "min 60 is above max 18"),
        (HEAD + "[parameters]\nage = {default = 50, min = true, max = 60}\n" + RULE, "should be of one kind"),
        (
            HEAD + "[parameters]\nage = {default = 5.0, min = 1, max = 9}\n" + RULE,
            "default should be a whole number",
        ),
        (HEAD + "[parameters]\non = {default = true, min = 1, max = 2}\n" + RULE, "a switch has no min and max"),
        (HEAD + "[parameters]\non = {default = true, mean = 1}\n" + RULE, "'mean' is no key of parameter 'on'"),
        (HEAD + "[determinations]\nlater = 3\n" + RULE, "determination 'later': should be a table"),
        (HEAD + '[determinations]\nlater = {text = "x", relief = "reduced"}\n' + RULE, "did you mean 'reduction'?"),
        (HEAD + '[determinations]\nmaybe = {text = "x", relief = "none"}\n' + RULE, "'maybe': the name stands for"),
        (HEAD + rule("felony", then="dismis"), "then 'dismis' is no determination; did you mean 'dismiss'?"),
        (HEAD + '[[rule]]\nthen = "dismiss"\nbecause = "x"\n', "rule 1 (\"x\"): 'if' is missing"),
        (HEAD + '[[rule]]\nif = []\nthen = "dismiss"\n', "rule 1: 'because' is missing"),
        (HEAD + '[[rule]]\nif = "felony"\nthen = "dismiss"\nbecause = "x"\n', "'if' should be a list"),
        (HEAD + RULE + 'when = "strict"\n', "when 'strict': write '{switch}' or 'not {switch}'"),
        (HEAD + RULE + 'when = "{strict}"\n', "'strict' is no parameter of this policy"),
        (HEAD + RULE + 'sumary_section = "x"\n', "'sumary_section' is no key of rule 1"),
        (HEAD + RULE + 'summary_section = "11361"\n', "summary_section '11361' is no section of Prop 64"),
        (HEAD + rule("felony", because="{agee} years"), "'agee' is no parameter of this policy"),
    ],
)
def test_files_that_are_refused(content: str, message: str) -> None:
    found = complaints(content)
    assert all(line.startswith("county.toml: ") for line in found)
    assert any(message in line for line in found), found


def test_everything_wrong_is_told_at_once() -> None:
    found = complaints(
        HEAD
        + "[parameters]\nage = { default = 50, min = 18, max = 120 }\n"
        + rule("felonny", "agee >= 3", then="dismis", because="first")
        + rule("age >= {old}", because="second")
    )
    assert [line.partition(": ")[2] for line in found] == [
        "rule 1 (\"first\"): then 'dismis' is no determination; did you mean 'dismiss'?",
        "rule 1 (\"first\"): 'felonny': 'felonny' is no fact; did you mean 'felony'?",
        "rule 1 (\"first\"): 'agee >= 3': 'agee' is no fact; did you mean 'age'?",
        "rule 2 (\"second\"): 'age >= {old}': 'old' is no parameter of this policy; there are: age",
    ]


@pytest.mark.parametrize("name", PACKS)
def test_nothing_is_wrong_with_the_packs(name: str) -> None:
    assert check_policy(name) == []
    document = pack(name)
    assert document.id == name
    assert document.about
    assert document.sources
    assert all(rule.law for rule in document.rules)


def test_a_policy_is_found_by_name_and_file(tmp_path: Path) -> None:
    assert load_policy("ca-sacramento-2019") is load_policy("ca-sacramento-2019")
    assert load_policy("ca-sacramento-2019", {"years": 3}).rules[3].reason == "No convictions in past 3 years"
    assert load_policy(file(tmp_path, RULE)).id == "county"
    options = tmp_path / "policy.json"
    options.write_text("{}")
    with pytest.raises(PolicyError, match="eligibility options have no parameters"):
        load_policy(str(options), {"age": 3})
    with pytest.raises(PolicyError, match="nor a pack; did you mean 'ca-sacramento-2019'"):
        load_policy("ca-sacramento")


def test_a_parameter_that_is_wrong_makes_no_rule_wrong() -> None:
    content = (
        HEAD + "[parameters]\nage = {default = 5, min = 18, max = 120}\n" + rule("age >= {age}", because="{age}")
    )
    assert len(complaints(content)) == 1
