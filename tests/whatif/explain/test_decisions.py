"""Every decision of a run is explained, each condition held against plain Python."""

import json
import operator
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import clearscale
from clearscale.policy import PACKS
from clearscale.whatif.explain import ConditionAnswer
from tests.support.examples import is_long, long
from tests.support.explained import alone, explained, made
from tests.support.reference import calendar
from tests.support.reference.charges import PROP_64_SECTIONS, is_pc290, is_related, is_superstrike
from tests.support.reference.reading import read
from tests.support.reference.records import Conviction, Subject, gather, trim
from tests.support.samples import AS_OF_DATE, conviction

SAMPLE = ("ca-los-angeles-2019", "own.toml", "map.toml")
"""A pack of many rules, and policies that are no packs."""


@pytest.mark.parametrize(
    "policy", [one if one in SAMPLE else long(one) for one in (*PACKS, "policy.json", "own.toml", "map.toml")]
)
def test_every_decision_is_explained(three_counties: Path, policy: str) -> None:
    run = made(three_counties, policy)
    count = 0
    for row, found in explained(run):
        count += 1
        for name in ("extract", "row", "county", "offense", "section", "determination", "reason"):
            assert getattr(found, name) == row[name]
        assert ";".join(found.flags) == row["flags"]
        assert (found.county_figure, found.state_figure) == (row["county_figure"], row["state_figure"])
        holding = [rule.number for rule in found.rules if rule.holds]
        assert found.rule == (holding[0] if holding else None)
        for rule in found.rules:
            assert rule.holds == all(condition.holds for condition in rule.conditions)
            reached = found.rule is None or rule.number <= found.rule
            expected = "decides" if rule.number == found.rule else "does not hold" if reached else "not reached"
            assert rule.state == expected
        if found.rule is not None:
            decided = found.rules[found.rule - 1]
            assert (decided.determination, decided.reason) == (row["determination"], row["reason"])
            rests = "rests-on-missing-date" in found.flags
            assert bool(decided.missing) == rests
        if not found.missing:
            assert [(outcome.rule, outcome.reason) for outcome in found.possible] == [(found.rule, found.reason)]
        assert found.possible
        assert json.loads(json.dumps(found.document()))["row"] == row["row"]
    assert count > (60 if is_long() else 30)


def test_a_code_section_in_a_reason_is_that_of_the_decision(tmp_path: Path) -> None:
    texts = ("4149 BP -NEEDLES", "148 PC", " 602 PC ", "\xa0466 PC\u2003-X", "11364 H\xc9S/11550 HS")
    rows = [conviction("1", "YOLO", number, OFFENSE_DESCR=text) for number, text in enumerate(texts, start=2)]
    rows.append(conviction("1", "YOLO", 8, OFFENSE_DESCR="") | {"COMMENT_TEXT": b"602 PC \xc9 -LATIN"})
    run = alone(tmp_path, [conviction("1", "YOLO"), *rows], "ca-san-joaquin-2019")
    found = [(row, explanation.reason) for row, explanation in explained(run)]
    assert [row["reason"] for row, _ in found] == [reason for _, reason in found]
    assert {"4149 BP", "602 PC", "466 PC", "602 PC \\xc9"} < {reason for _, reason in found}


def test_under_a_map_the_county_s_policy_is_named(three_counties: Path) -> None:
    named = set()
    for row, found in explained(made(three_counties, "map.toml")):
        assert found.policy["map"] == "by-county"
        policy = {"LOS ANGELES": "ca-los-angeles-2019", "SACRAMENTO": "ca-sacramento-2019"}.get(
            row["county"].strip().upper(), "own"
        )
        assert found.policy["id"] == policy
        named.add(policy)
        if policy == "ca-los-angeles-2019":
            assert found.policy["parameters"]["age"] == 55
            assert any(rule.reason == "55 years or older" for rule in found.rules)
    assert len(named) == 3


DATE = calendar.from_python(AS_OF_DATE)
OPERATORS: dict[str, Callable[[Any, Any], bool]] = {"<": operator.lt, ">=": operator.ge}


def years(earlier: calendar.Date, later: calendar.Date) -> int:
    """The most years that can be added to the first date without passing the second."""
    between = later[0] - earlier[0]
    return next(n for n in (between + 1, between, between - 1) if calendar.add_years(earlier, n) <= later)


def clear_years(latest: calendar.Date) -> int:
    return next(n for n in range(2100, -9000, -1) if latest < calendar.add_years(DATE, -n))


def since(date: calendar.Date) -> int:
    return next(n for n in range(2100, -9000, -1) if date <= calendar.add_years(DATE, -n))


def plain_facts(own: Conviction, subject: Subject) -> dict[str, Any]:
    section = trim(own.code_section)
    bits = [name for name in PROP_64_SECTIONS if name.encode() in own.code_section]
    bits += ["related"] if is_related(section) else []
    bits += ["superstrike"] if is_superstrike(section) else []
    bits += ["PC 290"] if is_pc290(section) else []
    bits += ["11357.5"] if b"11357.5" in section else []
    return {
        "felony": own.felony,
        "charge": bits,
        "age_at_conviction": years(subject.birth_date, own.date),
        "age": years(subject.birth_date, DATE),
        "years_since_conviction": since(own.date),
        "years_crime_free": clear_years(subject.latest_conviction),
        "only_prop64": all(one.prop64 for one in subject.convictions),
        "deceased": subject.deceased,
    }


def plainly(asked: ConditionAnswer, value: Any) -> bool:
    """A condition's text, evaluated with Python's own operators."""
    words = asked.text.split()
    if words[0] == "not":
        return not value
    if len(words) == 1:
        return bool(value)
    if words[1] == "has":
        return words[2] in value
    return OPERATORS[words[1]](value, int(words[2]))


def test_conditions_of_eligibility_options_are_those_of_the_reference(three_counties: Path) -> None:
    run = made(three_counties, "policy.json")
    names = {entry.id: entry.name for entry in clearscale.open_store(run.info["store"]).manifest.extracts}
    convictions: dict[tuple[str, int], dict[str, Any]] = {}
    for extract_id, name in names.items():
        for subject in gather(read((three_counties / name).read_bytes())):
            for own in subject.convictions:
                if own.prop64:
                    convictions[extract_id, own.row] = plain_facts(own, subject)
    asked = set()
    for row, found in explained(run):
        plain = convictions[row["extract"], row["row"]]
        for rule in found.rules:
            for condition in rule.conditions:
                assert condition.value == plain[condition.fact], (row["row"], condition)
                assert condition.holds == plainly(condition, plain[condition.fact])
                asked.add((condition.fact, condition.holds))
    assert len(asked) >= 14
