"""What `check` finds in a policy, and that it never raises a false alarm."""

import itertools
import operator
import re
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from clearscale.policy.check import check_document
from clearscale.policy.conditions import condition
from clearscale.policy.model import OPERATORS
from clearscale.policy.reading import read_policy
from tests.support.examples import examples
from tests.support.policy_texts import HEAD, check_policy, file, rule

AGE = "[parameters]\nage = { default = 50, min = 18, max = 120 }\n"


@pytest.mark.parametrize(
    ("rules", "finding"),
    [
        ([rule("felony"), rule("felony")], 'rule 2 ("Why"): asks the same as rule 1 ("Why"), so it can never fire'),
        ([rule("felony", "deceased"), rule("deceased", "felony")], "asks the same as rule 1"),
        (
            [rule("felony", because="all"), rule("felony", "deceased")],
            'rule 1 ("all") before it decides all it could',
        ),
        ([rule("age >= 40"), rule("age >= 50")], "can never fire: rule 1"),
        ([rule("age >= 40"), rule("age > 50", "felony")], "can never fire: rule 1"),
        ([rule(), rule("felony")], "can never fire: rule 1"),
        (
            [rule("felony", because="a"), rule("not felony", because="b"), rule()],
            'rule 1 ("a") and rule 2 ("b") together',
        ),
        ([rule("age >= 40"), rule("age < 50"), rule("felony")], "together before it decide all it could"),
        ([rule("age != 50"), rule("age == 50"), rule("felony")], "together"),
        ([rule("felony", "age >= 50"), rule("felony", "age < 50"), rule("felony", "deceased")], "rule 3"),
        ([rule("event_date >= 2010-01-01"), rule("event_date >= 2016-11-09")], "can never fire: rule 1"),
        ([rule("section == 11357"), rule("code_section begins with '11357'", "felony")], "can never fire: rule 1"),
        ([rule("section == 11357"), rule("section == 11357", "subsection == A")], "can never fire: rule 1"),
        (
            [rule(f"section == {section}") for section in (11357, 11358, 11359, 11360)] + [rule("felony")],
            "together before it decide all it could",
        ),
        (
            [rule(f"code_section contains '{section}'") for section in (11357, 11358, 11359, 11360)]
            + [rule("felony")],
            "together before it decide all it could",
        ),
        ([rule("code_section contains '11357'"), rule("code_section is '11357(A) HS'")], "can never fire: rule 1"),
        ([rule("code_section begins with '1135'"), rule("code_section begins with '11357'")], "can never fire"),
        ([rule("superstrikes > 0"), rule("superstrike_prior")], "can never fire: rule 1"),
        ([rule("superstrike_earlier"), rule("superstrike_prior", "felony")], "can never fire: rule 1"),
        ([rule("any_no_event_date"), rule("no_event_date")], "can never fire: rule 1"),
        ([rule("felony", "not felony")], 'rule 1 ("Why"): can never fire: its conditions contradict each other'),
        ([rule("age >= 50", "age < 40")], "its conditions contradict each other"),
        ([rule("code_section is 'X'", "code_section begins with 'Y'")], "its conditions contradict each other"),
        ([rule("superstrike_prior", "superstrikes == 0")], "its conditions contradict each other"),
        ([rule("convictions < 0")], "condition 'convictions < 0' can never hold"),
        ([rule("subsection == Z", "priors <= -1")], "condition 'priors <= -1' can never hold"),
        ([rule("not prop64")], "condition 'not prop64' holds for no conviction that the policy decides"),
    ],
)
def test_check_finds_what_cannot_be_meant(tmp_path: Path, rules: list[str], finding: str) -> None:
    path = file(tmp_path, *rules)
    found = check_policy(path)
    assert len(found) == 1, found
    assert found[0].startswith(f"{path}: rule ")
    assert finding in found[0]


@pytest.mark.parametrize(
    "rules",
    [
        [rule("felony", "deceased"), rule("felony")],
        [rule("age >= 50"), rule("age >= 40")],
        [rule("age > 50"), rule("age < 50"), rule("felony")],
        [rule("felony", "age >= 50"), rule("registered", "age < 50"), rule("felony", "deceased")],
        [rule("section == 11357"), rule("code_section contains '11357'")],
        [rule("code_section begins with '11357(A)'"), rule("code_section begins with '11357'")],
        [rule("code_section begins with '11357'"), rule("code_section contains '11357'")],
        [rule("code_section contains '11357'"), rule("code_section contains '1135'")],
        [rule("superstrike_earlier"), rule("superstrikes > 0")],
        [rule("years_crime_free >= 5"), rule("years_since_conviction >= 5")],
        [rule("subsection == A"), rule("subsection != B")],
    ],
)
def test_check_raises_no_false_alarm(tmp_path: Path, rules: list[str]) -> None:
    assert check_policy(file(tmp_path, *rules)) == []


def test_a_rule_is_shadowed_only_by_rules_that_are_there_whenever_it_is(tmp_path: Path) -> None:
    head = HEAD + "[parameters]\nsoft = { default = true }\n"
    soft, hard = 'when = "{soft}"', 'when = "not {soft}"'
    assert check_policy(file(tmp_path, rule("felony", more=soft), rule("felony", more=hard), head=head)) == []
    assert check_policy(file(tmp_path, rule("felony", more=soft), rule("felony", "deceased"), head=head)) == []
    found = check_policy(file(tmp_path, rule("felony"), rule("felony", "deceased", more=hard), head=head))
    assert len(found) == 1
    assert "rule 1" in found[0]
    both = [rule("felony", because="a", more=soft), rule("felony", because="b", more=hard)]
    (found,) = check_policy(file(tmp_path, *both, rule("felony", "deceased"), head=head))
    assert 'rule 3 ("Why"): can never fire: rule 1 ("a") and rule 2 ("b") together' in found
    (found,) = check_policy(file(tmp_path, rule("felony"), rule("felony", more=hard), head=head))
    assert "asks the same as rule 1" in found


def test_what_holds_for_the_defaults_says_so(tmp_path: Path) -> None:
    found = check_policy(file(tmp_path, rule("age >= {age}"), rule("age >= 60"), head=HEAD + AGE))
    assert len(found) == 1
    assert "can never fire with age = 50: rule 1" in found[0]
    head = HEAD + AGE + "other = { default = 50, min = 18, max = 120 }\n"
    (found,) = check_policy(file(tmp_path, rule("age >= {age}"), rule("age >= {other}"), head=head))
    assert 'asks the same as rule 1 ("Why") with age = 50, other = 50, so it can never fire' in found


def test_check_finds_what_no_rule_uses(tmp_path: Path) -> None:
    head = HEAD + AGE + '[determinations]\nlater = { text = "Later", relief = "none" }\n'
    path = file(tmp_path, rule("felony"), head=head)
    assert check_policy(path) == [
        f"{path}: parameter 'age' is used by no rule",
        f"{path}: determination 'later' is given by no rule",
    ]


def test_check_tells_of_files_that_cannot_be_read(tmp_path: Path) -> None:
    assert check_policy(file(tmp_path, rule("felonny")))[0].endswith("did you mean 'felony'?")
    assert "neither a file nor one of" in check_policy(str(tmp_path / "absent.toml"))[0]
    assert check_policy("ca-los-angles-2019")[0].endswith("nor a pack; did you mean 'ca-los-angeles-2019'?")
    assert (
        "'11375' is no section; did you mean '11357'?" in check_policy(file(tmp_path, rule("section == 11375")))[0]
    )
    head = HEAD + "[parameters]\nage = { defualt = 50, min = 18, max = 120 }\n"
    assert check_policy(file(tmp_path, rule("age >= {age}"), head=head)) == [
        f"{tmp_path}/county.toml: 'defualt' is no key of parameter 'age'; did you mean 'default'?",
        f"{tmp_path}/county.toml: parameter 'age': 'default' is missing, such as "
        "{ default = 50, min = 18, max = 120 }",
    ]
    options = tmp_path / "policy.json"
    options.write_text('{"additionalRelief": {"subjectAgeThreshold": 39}}')
    assert check_policy(str(options)) == [f"{options}: SubjectAgeThreshold should be between 40 and 65, or 0"]
    options.write_text(
        '{"AdditionalRelief": {"subjectAgeTreshold": 50}, "baselineElig": {}, "baselineEligibility": null}'
    )
    assert check_policy(str(options)) == [
        f"{options}: 'additionalRelief.subjectAgeTreshold' is no option; did you mean 'subjectAgeThreshold'?",
        f"{options}: 'baselineElig' is no option; did you mean 'baselineEligibility'?",
        f"{options}: 'baselineEligibility' is null",
        f"{options}: the options choose no section and no relief: felonies would stay undecided",
    ]


def test_check_tells_of_too_many_rules(tmp_path: Path) -> None:
    rules = [rule(f"priors == {number}") for number in range(65)]
    assert check_policy(file(tmp_path, *rules)) == [
        f"{tmp_path}/county.toml: policy county has 65 rules; at most 64 are possible"
    ]


def test_check_of_a_map_looks_into_its_files(tmp_path: Path) -> None:
    path = file(tmp_path, rule("felony"), rule("felony"))
    chosen = tmp_path / "map.toml"
    chosen.write_text('[default]\npolicy = "ca-dismiss-all"\n[counties.KERN]\npolicy = "county.toml"\n')
    found = check_policy(str(chosen))
    assert len(found) == 1
    assert found[0].startswith(f'{path}: rule 2 ("Why"): asks the same as rule 1')


# Facts that say nothing of each other, with values on each side of every number that is asked.
SMALL = {"felony": (0, 1), "deceased": (0, 1), "age": (-1, 0, 1, 2, 3, 4), "priors": (0, 1, 2, 3)}
ASKED = (
    st.sampled_from(["felony", "not felony", "deceased", "not deceased"])
    | st.builds("age {} {}".format, st.sampled_from(OPERATORS[:6]), st.integers(0, 3))
    | st.builds("priors {} {}".format, st.sampled_from(OPERATORS[:6]), st.integers(0, 2))
)


def holds(text: str, facts: dict[str, int]) -> bool:
    asked = condition(text, {})
    compare = {
        "==": operator.eq,
        "!=": operator.ne,
        "<": operator.lt,
        "<=": operator.le,
        ">": operator.gt,
        ">=": operator.ge,
    }
    return bool(compare[asked.operator](facts[asked.fact], asked.value))


@settings(derandomize=True, deadline=None, database=None, max_examples=examples(400))
@given(rules=st.lists(st.lists(ASKED, max_size=3), min_size=1, max_size=6))
def test_check_finds_exactly_the_rules_that_never_decide(rules: list[list[str]]) -> None:
    """Where facts say nothing of each other, every combination tried says the same as `check`."""
    content = HEAD + "".join(
        rule(*conditions, because=str(number)) for number, conditions in enumerate(rules, start=1)
    )
    found = check_document(read_policy(content, "county.toml"))
    never = {int(re.findall(r"rule (\d+)", finding.text)[0]) for finding in found}
    decides = set()
    for values in itertools.product(*SMALL.values()):
        facts = dict(zip(SMALL, values, strict=True))
        first = next(
            (n for n, conditions in enumerate(rules, 1) if all(holds(text, facts) for text in conditions)), 0
        )
        decides.add(first)
    assert never == set(range(1, len(rules) + 1)) - decides
