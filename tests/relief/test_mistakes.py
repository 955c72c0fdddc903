"""What somebody writes wrong who writes a policy for the first time: the line, the near word, what to do."""

from pathlib import Path

import pytest

from clearscale.relief.check import check_policy
from tests.commands.test_policy_commands import call

FIRST = """id = "first"
title = "What ended without a conviction is sealed after a year"
state = "example"
scope = ["level is misdemeanor or violation"]

[lists.assault]
statutes = [{ code = "PL", sections = ["120.*"] }]

[groups.assaults]
if = ["statute in assault"]

[[rule]]
if = ["person some assaults"]
then = "not-eligible"
because = "Assault on record"

[[rule]]
if = ["disposition is dismissed or acquitted"]
wait = "1 year since disposition_date"
then = "seal"
because = "A year ago"
"""

LEVELS = '"level is misdemeanor or violation"'
ENDS = '"disposition is dismissed or acquitted"'
WAIT = "1 year since disposition_date"
SOME = '"person some assaults"'


@pytest.mark.parametrize(
    ("good", "bad", "said"),
    [
        (
            f"scope = [{LEVELS}]\n",
            "",
            "'scope' is missing; write the conditions of the charges that the policy decides",
        ),
        (
            LEVELS,
            '"level == misdemeanor"',
            "line 4: scope: 'level == misdemeanor': 'level' is a word; write `level is A",
        ),
        (
            LEVELS,
            '"level = misdemeanor"',
            "line 4: scope: 'level = misdemeanor': no condition; 'level' is a word; write",
        ),
        (LEVELS, '"level is misdemeanor, violation"', "write words with 'or' between: level is A or B"),
        (LEVELS, '"level is misdemeanour"', "'misdemeanour' is no level; did you mean 'misdemeanor'?"),
        (LEVELS, '"Level is misdemeanor"', "'Level' is no fact; did you mean 'level'?"),
        (f"[{LEVELS}]", LEVELS, "line 4: 'scope' should be a list; write scope = [\"level is"),
        (ENDS, '"disposition is dismissed and convicted"', 'line 18: rule 2 ("A year ago"): '),
        (ENDS, '"disposition is dismissed and convicted"', "write those that must all hold as texts of the list"),
        (
            WAIT,
            "1 year after disposition_date",
            "line 19: rule 2 (\"A year ago\"): '1 year after disposition_date': no wait; ",
        ),
        (WAIT, "1 year since conviction", "'conviction' is no date; there are: offense_date, arrest_date"),
        (WAIT, "1 year since arest_date", "did you mean 'arrest_date'? (or latest DATE of GROUP)"),
        (f'"{WAIT}"', "1", "'wait' should be a text, such as \"1 year since disposition_date\""),
        (
            WAIT,
            WAIT.replace("1", "{years}"),
            "write it under [parameters]: years = { default = 3, min = 0, max = 50 }",
        ),
        (
            '"seal"',
            '"sealed"',
            "line 20: rule 2 (\"A year ago\"): then 'sealed' is no outcome of a rule; did you mean 'seal'?",
        ),
        (
            '"seal"',
            '"eligible"',
            "then 'eligible' is no outcome of a rule; there are: dismiss, reduce, vacate, expunge, seal",
        ),
        (
            'then = "seal"',
            "then = \u201cseal\u201d",
            "(at line 20, column 8); a word processor's quotes stand there: write \"",
        ),
        ('then = "seal"', 'then = "seal', "(at line 20, column 13); a text is not closed before the line ends"),
        ('then = "seal"', 'then: "seal"', "(at line 20, column 5); write KEY = VALUE"),
        ('then = "seal"', 'then = "seal"\nthen = "seal"', "a key stands twice in one table"),
        ('then = "seal"\n', "", "line 17: rule 2 (\"A year ago\"): 'then' is missing"),
        ('because = "A year ago"', "unless = []", "line 21: 'unless' is no key of rule 2"),
        (
            SOME,
            '"any assaults"',
            "line 13: rule 1 (\"Assault on record\"): 'any assaults': no condition; write person some assaults",
        ),
        (SOME, '"convictions > 0"', "'convictions' is no fact; write person some convictions"),
        (SOME, '"person count assaults"', "or person count assaults >= 2"),
        (SOME, '"age >= 50"', "'age' is no fact; there are: age_at_offense, age_at_arrest"),
        (SOME, '"arrest_date before 2010-01-01"', "'arrest_date' is a date; write `arrest_date >= 2013-01-01`"),
        (SOME, '"arrest_date < 01/02/2010"', "'01/02/2010' is no date; write it as YYYY-MM-DD"),
        (
            '"statute in assault"',
            '"statute is PL 120.05"',
            "line 10: group 'assaults': 'statute is PL 120.05': statutes are asked by lists",
        ),
        (
            '"statute in assault"',
            '"statute in assaults"',
            "'assaults' is no list of statutes; did you mean 'assault'?",
        ),
        ("[lists.assault]", "[list.assault]", "'list' is no key of a policy; did you mean 'lists'?"),
        (
            'sections = ["120.*"]',
            'sections = "120.*"',
            "line 7: list 'assault': 'sections' should be a list; write sections = [\"120.*\"]",
        ),
        (
            '[{ code = "PL", sections = ["120.*"] }]',
            '["PL 120.05"]',
            'should be a table, such as { code = "PL", sections = ',
        ),
        (
            "[groups.assaults]",
            "[groups.assaults]\nscope = []",
            "line 10: 'scope' is no key of [groups.assaults]; there are: if",
        ),
        ('"example"', '"Illinois"', "line 3: state 'Illinois': did you mean 'illinois'?"),
        (
            '[[rule]]\nif = ["disp',
            '[[rule]]\nif = []\nthen = "not-eligible"\nbecause = "Rest"\n[[rule]]\nif = ["disp',
            'line 21: rule 3 ("A year ago"): can never fire',
        ),
    ],
)
def test_a_mistake_is_told_with_its_line_and_what_to_do(tmp_path: Path, good: str, bad: str, said: str) -> None:
    assert good in FIRST
    file = tmp_path / "first.toml"
    file.write_text(FIRST.replace(good, bad, 1), "utf-8")
    lines = [finding.line for finding in check_policy(str(file))]
    assert any(said in line for line in lines), lines


def test_rules_in_single_brackets_are_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    first, _, second = FIRST.rpartition("[[rule]]")
    file = tmp_path / "first.toml"
    file.write_text(first.partition("[[rule]]")[0] + "[rule]" + second, "utf-8")
    code, out, _ = call(capsys, "policies", "check", str(file))
    assert code == 1
    assert "'rule' stands in single brackets; write each rule as [[rule]]" in " ".join(out.split())
    file.write_text(FIRST.replace("[[rule]]", "[rule]"), "utf-8")
    _, out, _ = call(capsys, "policies", "check", str(file))
    assert "rules stand in double brackets, [[rule]]" in " ".join(out.split())


def test_a_policy_over_charges_without_a_scope_is_told_apart(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "first.toml"
    file.write_text(FIRST.replace(f"scope = [{LEVELS}]\n", ""), "utf-8")
    code, out, _ = call(capsys, "policies", "check", str(file))
    assert code == 1
    assert "'scope' is missing; write the conditions" in " ".join(out.split())
    assert len(out.split("[missing]")) == 2


def test_nothing_is_wrong_with_the_first(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "first.toml").write_text(FIRST, "utf-8")
    assert call(capsys, "policies", "check", str(tmp_path / "first.toml"))[0] == 0
