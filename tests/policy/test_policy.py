"""The eligibility options: each rule at its boundary, their order, what is refused, what rests on no date."""

import datetime
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest

from clearscale.dates import as_of_day
from clearscale.errors import PolicyError
from clearscale.histories.candidates import candidates_of, county_codes
from clearscale.io.source import Source
from clearscale.outputs.export.from_extract import fold_extract
from clearscale.policy import DISMISS, DISMISS_ALL, REDUCE, Condition, Policy, Rule, gogen_policy, load_policy
from clearscale.policy.caseload import caseload_of
from clearscale.runs.evaluate import Decisions, evaluate
from tests.support.fabricate import Layout, render

AS_OF = datetime.date(2020, 7, 1)
EVERY_RULE = {
    "baselineEligibility": {"dismiss": ["11358", "11357"], "reduce": ["11360", "11359"]},
    "additionalRelief": {
        "subjectUnder21AtConviction": True,
        "subjectAgeThreshold": 57,
        "yearsSinceConvictionThreshold": 10,
        "yearsCrimeFreeThreshold": 5,
        "subjectHasOnlyProp64Charges": True,
        "subjectIsDeceased": True,
    },
}
ORDER = [
    "Misdemeanor or Infraction",
    "Dismiss all HS 11358 convictions",
    "Dismiss all HS 11357 convictions",
    "21 years or younger",
    "57 years or older",
    "Conviction occurred 10 or more years ago",
    "No convictions in the past 5 years",
    "Only has 11357-60 charges",
    "Individual is deceased",
    "Reduce all HS 11360 convictions",
    "Reduce all HS 11359 convictions",
]


@dataclass(frozen=True)
class Person:
    """A subject with a felony conviction of 2019 that no additional relief reaches, and a burglary of that year."""

    birth: str = "19800101"
    date: str = "20190601"
    offense: str = "11360 HS-SELL"
    felony: bool = True
    other_offense: str = "459 PC-BURGLARY"
    other_date: str = "20190101"
    deceased: bool = False

    def rows(self) -> list[dict[str, bytes]]:
        same = {"SUBJECT_ID": "1", "PRI_DOB": self.birth, "STP_ORI_CNTY_NAME": "KERN", "DISP_DESCR": "CONVICTED"}
        level = {"CONV_STAT_DESCR": "FELONY" if self.felony else "MISDEMEANOR"}
        chosen = [
            {"CNT_ORDER": "001001001000", "OFFENSE_DESCR": self.offense, "STP_EVENT_DATE": self.date, **level}
        ]
        if self.other_offense:
            other = {"OFFENSE_DESCR": self.other_offense, "STP_EVENT_DATE": self.other_date}
            chosen.append({"CNT_ORDER": "002001001000", "CONV_STAT_DESCR": "FELONY", **other})
        if self.deceased:
            chosen.append({"DISP_DESCR": "", "STP_TYPE_DESCR": "DECEASED"})
        return [{name: value.encode() for name, value in {**same, **row}.items()} for row in chosen]


def decide(
    folder: Path, person: Person, policy: Policy | dict[str, Any], as_of: datetime.date = AS_OF
) -> Decisions:
    """Decisions on the person's convictions in scope, the chosen one first."""
    path = folder / "extract.csv"
    path.write_bytes(render(person.rows(), Layout()))
    _, folded, dictionaries = fold_extract(Source(str(path)))
    found = candidates_of(folded, dictionaries, county_codes(["KERN"], dictionaries))
    caseload = caseload_of([found], *folded.charges, extracts=1)
    return evaluate(caseload, policy if isinstance(policy, Policy) else gogen_policy(policy), as_of_day(as_of))


def outcome(
    folder: Path, person: Person, policy: Policy | dict[str, Any], as_of: datetime.date = AS_OF
) -> tuple[str, str]:
    """(determination, reason) of the chosen conviction."""
    decisions = decide(folder, person, policy, as_of)
    determinations, reasons = decisions.policy.texts
    return determinations[decisions.rules[0]], reasons[decisions.rules[0]]


def relief(**options: Any) -> dict[str, Any]:
    return {"baselineEligibility": {"dismiss": [], "reduce": []}, "additionalRelief": options}


def test_every_rule_decides_when_those_before_it_do_not_hold(tmp_path: Path) -> None:
    # Each person lacks one more of the grounds than the one before.
    everything = Person(
        birth="19600101",
        date="19780601",
        offense="11358/11357/11360/11359 HS",
        felony=False,
        other_offense="",
        deceased=True,
    )
    people = [
        everything,
        everything := replace(everything, felony=True),
        everything := replace(everything, offense="11357/11360/11359 HS"),
        everything := replace(everything, offense="11360/11359 HS"),
        everything := replace(everything, date="20100701"),
        everything := replace(everything, birth="19800101"),
        everything := replace(everything, date="20150630"),
        everything := replace(everything, date="20150701"),
        everything := replace(everything, other_offense="459 PC-BURGLARY"),
        everything := replace(everything, deceased=False),
        everything := replace(everything, offense="11359 HS"),
    ]
    decided = [outcome(tmp_path, person, EVERY_RULE) for person in people]
    # A person of 1960 convicted in 1978 was under 21; the later ones were not.
    assert decided == [(DISMISS, reason) for reason in ORDER[:9]] + [(REDUCE, reason) for reason in ORDER[9:]]


def test_where_no_rule_holds_both_texts_are_empty(tmp_path: Path) -> None:
    assert outcome(tmp_path, Person(), relief()) == ("", "")
    assert decide(tmp_path, Person(), relief()).rules.tolist() == [-1]


def test_the_policys_rules_stand_in_the_order_of_the_law_page() -> None:
    assert [rule.reason for rule in gogen_policy(EVERY_RULE).rules] == ORDER


@pytest.mark.parametrize(
    ("birth", "date", "dismissed"),
    [
        ("19980602", "20190601", True),
        ("19980601", "20190601", False),
        ("19980531", "20190601", False),
        # Born on 29 February, 21 on 1 March.
        ("20000229", "20210228", True),
        ("20000229", "20210301", False),
        ("19960229", "20170228", True),
        ("19960228", "20170228", False),
        ("", "20190601", False),
        ("19980602", "", True),
        ("", "", True),
    ],
)
def test_under_21_ends_on_the_21st_birthday(tmp_path: Path, birth: str, date: str, dismissed: bool) -> None:
    wanted = (DISMISS, "21 years or younger") if dismissed else ("", "")
    person = Person(birth=birth, date=date)
    assert outcome(tmp_path, person, relief(subjectUnder21AtConviction=True), datetime.date(2022, 1, 1)) == wanted


@pytest.mark.parametrize(
    ("birth", "as_of", "dismissed"),
    [
        ("19630701", "2020-07-01", True),
        ("19630702", "2020-07-01", False),
        ("19630630", "2020-07-01", True),
        ("19640229", "2021-02-28", False),
        ("19640229", "2021-03-01", True),
        ("19630228", "2020-02-28", True),
        ("19630301", "2020-02-29", False),
        ("", "2020-07-01", True),
    ],
)
def test_an_age_is_reached_on_the_birthday(tmp_path: Path, birth: str, as_of: str, dismissed: bool) -> None:
    wanted = (DISMISS, "57 years or older") if dismissed else ("", "")
    day = datetime.date.fromisoformat(as_of)
    assert outcome(tmp_path, Person(birth=birth), relief(subjectAgeThreshold=57), day) == wanted


@pytest.mark.parametrize(
    ("date", "as_of", "dismissed"),
    [
        ("20100701", "2020-07-01", True),
        ("20100702", "2020-07-01", False),
        # Ten years before 29 February 2020 is 1 March 2010.
        ("20100301", "2020-02-29", True),
        ("20100302", "2020-02-29", False),
        ("20120229", "2022-02-28", False),
        ("20120229", "2022-03-01", True),
        ("", "2020-07-01", True),
    ],
)
def test_years_since_a_conviction_count_the_day_itself(
    tmp_path: Path, date: str, as_of: str, dismissed: bool
) -> None:
    wanted = (DISMISS, "Conviction occurred 10 or more years ago") if dismissed else ("", "")
    day = datetime.date.fromisoformat(as_of)
    assert outcome(tmp_path, Person(date=date), relief(yearsSinceConvictionThreshold=10), day) == wanted


@pytest.mark.parametrize(
    ("latest", "as_of", "dismissed"),
    [
        ("20150630", "2020-07-01", True),
        ("20150701", "2020-07-01", False),
        ("20150702", "2020-07-01", False),
        # Five years before 29 February 2020 is 1 March 2015.
        ("20150228", "2020-02-29", True),
        ("20150301", "2020-02-29", False),
        ("20160229", "2021-03-01", True),
        ("20160229", "2021-02-28", False),
        ("", "2020-07-01", True),
    ],
)
def test_crime_free_years_do_not_count_the_day_itself(
    tmp_path: Path, latest: str, as_of: str, dismissed: bool
) -> None:
    wanted = (DISMISS, "No convictions in the past 5 years") if dismissed else ("", "")
    day = datetime.date.fromisoformat(as_of)
    person = Person(date="20100101", other_date=latest)
    if latest == "":
        person = replace(person, date="")
    assert outcome(tmp_path, person, relief(yearsCrimeFreeThreshold=5), day) == wanted


@pytest.mark.parametrize(
    ("other", "dismissed"), [("", True), ("11357 HS", True), ("459 PC", False), ("11350 HS", False)]
)
def test_only_prop64_looks_at_the_whole_record(tmp_path: Path, other: str, dismissed: bool) -> None:
    wanted = (DISMISS, "Only has 11357-60 charges") if dismissed else ("", "")
    assert outcome(tmp_path, Person(other_offense=other), relief(subjectHasOnlyProp64Charges=True)) == wanted


@pytest.mark.parametrize("deceased", [True, False])
def test_deceased(tmp_path: Path, deceased: bool) -> None:
    wanted = (DISMISS, "Individual is deceased") if deceased else ("", "")
    assert outcome(tmp_path, Person(deceased=deceased), relief(subjectIsDeceased=True)) == wanted


@pytest.mark.parametrize(
    ("options", "person", "flagged"),
    [
        ({"subjectUnder21AtConviction": True}, Person(birth="20000101"), False),
        ({"subjectUnder21AtConviction": True}, Person(birth="20000101", date=""), True),
        ({"subjectUnder21AtConviction": True}, Person(birth="19790000", date="00000000"), True),
        ({"subjectAgeThreshold": 40}, Person(), False),
        ({"subjectAgeThreshold": 40}, Person(birth="20210229"), True),
        # A missing conviction date is nothing to the person's age, nor a missing birth date to the years since.
        ({"subjectAgeThreshold": 40}, Person(date=""), False),
        ({"yearsSinceConvictionThreshold": 1}, Person(), False),
        ({"yearsSinceConvictionThreshold": 1}, Person(date=""), True),
        ({"yearsSinceConvictionThreshold": 1}, Person(birth="", other_date=""), False),
        ({"yearsCrimeFreeThreshold": 1}, Person(), False),
        ({"yearsCrimeFreeThreshold": 1}, Person(date=""), True),
        ({"yearsCrimeFreeThreshold": 1}, Person(other_date=""), True),
        ({"subjectHasOnlyProp64Charges": True}, Person(other_offense="", birth="", date=""), False),
        ({"subjectIsDeceased": True}, Person(deceased=True, birth="", date=""), False),
        # The first day of year 1 is a date, though it decides as no date does.
        ({"yearsSinceConvictionThreshold": 1}, Person(date="00010101"), False),
    ],
)
def test_a_decision_is_flagged_where_its_rule_looked_at_a_date_that_is_missing(
    tmp_path: Path, options: dict[str, Any], person: Person, flagged: bool
) -> None:
    decisions = decide(tmp_path, person, relief(**options))
    assert decisions.rules[0] == len(decisions.policy.rules) - 1
    assert decisions.rests_on_missing.tolist() == [flagged]


def test_decisions_on_the_charge_alone_rest_on_no_date(tmp_path: Path) -> None:
    undated = Person(birth="", date="", other_date="")
    for policy in (DISMISS_ALL, gogen_policy({"baselineEligibility": {"dismiss": ["11360"]}}), gogen_policy({})):
        assert not decide(tmp_path, undated, policy).rests_on_missing.any()
        assert not decide(tmp_path, replace(undated, felony=False), policy).rests_on_missing.any()


@pytest.mark.parametrize(
    ("name", "message", "allowed"),
    [
        ("subjectAgeThreshold", "SubjectAgeThreshold should be between 40 and 65, or 0", range(40, 66)),
        (
            "yearsSinceConvictionThreshold",
            "YearsSinceConvictionThreshold should be between 1 and 15, or 0",
            range(1, 16),
        ),
        ("yearsCrimeFreeThreshold", "YearsCrimeFreeThreshold should be between 1 and 15, or 0", range(1, 16)),
    ],
)
def test_a_threshold_out_of_its_range_is_refused(name: str, message: str, allowed: range) -> None:
    for value in (0, *allowed):
        assert len(gogen_policy(relief(**{name: value})).rules) == (2 if value else 1)
    for value in (-1, allowed[0] - 1 or -2, allowed[-1] + 1, 10**30):
        with pytest.raises(PolicyError) as refused:
            gogen_policy(relief(**{name: value}))
        assert str(refused.value) == message


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ("", "not valid JSON"),
        ('{"baselineEligibility": ', "not valid JSON"),
        (b"\xff\xfe{", "not valid JSON"),
        ("[]", "baselineEligibility is not an object"),
        ('{"baselineEligibility": 1}', "dismiss is not an object"),
        ('{"baselineEligibility": {"dismiss": "11357"}}', "baselineEligibility.dismiss should be a list"),
        ('{"baselineEligibility": {"reduce": [11357]}}', "baselineEligibility.reduce should be a list"),
        ('{"baselineEligibility": {"reduce": ["11361"]}}', "reduce holds '11361'; sections are 11357, 11358"),
        ('{"baselineEligibility": {"dismiss": ["11357 "]}}', "dismiss holds '11357 '"),
        ('{"additionalRelief": {"subjectIsDeceased": 1}}', "subjectIsDeceased should be true or false"),
        ('{"additionalRelief": {"subjectAgeThreshold": "57"}}', "subjectAgeThreshold should be a whole number"),
        ('{"additionalRelief": {"subjectAgeThreshold": 57.0}}', "subjectAgeThreshold should be a whole number"),
        ('{"additionalRelief": {"yearsCrimeFreeThreshold": true}}', "should be a whole number"),
    ],
)
def test_options_that_say_nothing_sensible_are_refused(options: str | bytes, message: str) -> None:
    with pytest.raises(PolicyError, match="eligibility options") as refused:
        gogen_policy(options)
    assert message in str(refused.value)


@pytest.mark.parametrize(
    "options", ["{}", "null", '{"baselineEligibility": null, "additionalRelief": {}}', '{"x": 1}']
)
def test_options_left_out_are_off(options: str) -> None:
    assert [rule.reason for rule in gogen_policy(options).rules] == ["Misdemeanor or Infraction"]


def test_names_match_without_regard_to_case_and_the_exact_one_first() -> None:
    shouted = (
        '{"BASELINEELIGIBILITY": {"Dismiss": ["11357"]}, "additionalrelief": {"SubjectIsDeceased": true,'
        ' "SUBJECTAGETHRESHOLD": 40, "subjectAgeThreshold": 65}}'
    )
    assert [rule.reason for rule in gogen_policy(shouted).rules] == [
        "Misdemeanor or Infraction",
        "Dismiss all HS 11357 convictions",
        "65 years or older",
        "Individual is deceased",
    ]


def test_a_policy_is_found_by_name_or_in_a_file(tmp_path: Path) -> None:
    assert load_policy("ca-dismiss-all") is DISMISS_ALL
    path = tmp_path / "county.options.json"
    path.write_text('{"additionalRelief": {"subjectIsDeceased": true}}')
    policy = load_policy(str(path))
    assert (policy.id, len(policy.rules)) == ("county", 2)
    with pytest.raises(PolicyError, match=r"neither a file nor one of ca-.*ca-dismiss-all"):
        load_policy(str(tmp_path / "absent"))


def test_a_policy_may_have_64_rules_and_no_more(tmp_path: Path) -> None:
    never = Rule((Condition("felony", "==", 2),), DISMISS, "never")
    always = Rule((), REDUCE, "always")
    full = Policy("full", "As many rules as there can be", (never,) * 63 + (always,))
    assert outcome(tmp_path, Person(), full) == (REDUCE, "always")
    with pytest.raises(PolicyError, match="65 rules; at most 64"):
        replace(full, rules=(*full.rules, always))
    with pytest.raises(PolicyError, match="'felonies' is no fact"):
        outcome(tmp_path, Person(), Policy("x", "", (Rule((Condition("felonies", "==", 1),), DISMISS, ""),)))
