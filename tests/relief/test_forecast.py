"""What becomes due when: by hand, against the reference, and however people are dealt out."""

import datetime
from collections import Counter
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from clearscale.errors import PolicyError
from clearscale.relief import read_policy
from clearscale.relief.forecast import COUNTY, STATE, forecast
from tests.relief.histories import AS_OF, PEOPLE, policies
from tests.support.examples import examples
from tests.support.plain_charges import Charge, Person, day, tables_of
from tests.support.reference.relief import RELIEF, Policy

D = datetime.date
POLICY = """
id = "two"
title = "Two"
state = "nowhere"
scope = ["convicted"]
[[rule]]
if = ["level is felony"]
wait = "7 years since disposition_date"
then = "seal"
because = "Seven years"
[[rule]]
if = []
wait = "3 years since disposition_date"
then = "expunge"
because = "Three years"
"""
ONE = Charge(level="misdemeanor", disposition="convicted", county="Here", disposition_date=D(2018, 6, 30))


def test_by_hand() -> None:
    people = [
        Person([[ONE, replace(ONE, disposition_date=D(2018, 7, 1))]]),  # June and July 2021
        Person([[ONE, ONE], [replace(ONE, county="There")]]),  # June 2021, three times
        Person([[replace(ONE, disposition_date=D(2010, 1, 1))], [replace(ONE, county=None)]]),  # due; June 2021
        Person([[replace(ONE, level="felony", disposition_date=D(2012, 1, 31))]]),  # due: seal
    ]
    found = forecast(tables_of(people), read_policy(POLICY, "two").policy(), day(D(2020, 1, 15)), 19)
    june, july = D(2021, 6, 1), D(2021, 7, 1)
    assert [tuple(row.values()) for row in found.to_pylist()] == [
        (None, STATE, None, "expunge", 1, 1),
        (june, STATE, None, "expunge", 5, 2),
        (july, STATE, None, "expunge", 1, 0),
        (None, STATE, None, "seal", 1, 1),
        (june, COUNTY, None, "expunge", 1, 1),
        (None, COUNTY, "Here", "expunge", 1, 1),
        (june, COUNTY, "Here", "expunge", 3, 2),
        (july, COUNTY, "Here", "expunge", 1, 0),
        (None, COUNTY, "Here", "seal", 1, 1),
        (june, COUNTY, "There", "expunge", 1, 1),
    ]
    shorter = forecast(tables_of(people), read_policy(POLICY, "two").policy(), day(D(2020, 1, 15)), 18)
    assert shorter.to_pylist() == [row for row in found.to_pylist() if row["month"] != july]


@settings(max_examples=examples(300))
@given(st.lists(PEOPLE, min_size=1, max_size=4), policies(), st.integers(1, 60))
def test_as_the_reference_counts(people: list[Person], policy: str, months: int) -> None:
    made, plain = read_policy(policy, "drawn").policy(), Policy(policy, AS_OF)
    charges: Counter[tuple[object, ...]] = Counter()
    first: dict[tuple[object, ...], int] = {}
    for number, person in enumerate(people):
        for charge, answer in zip(person.charges, plain.decide(person), strict=True):
            if answer.outcome not in (*RELIEF, "not-yet"):
                continue
            assert answer.rule is not None
            gives = plain.stated["rule"][answer.rule]["then"]
            month = 0
            if answer.outcome == "not-yet":
                assert answer.first is not None
                month = (answer.first.year - AS_OF.year) * 12 + answer.first.month - AS_OF.month + 1
            if month > months:
                continue
            for place in ((STATE, None), (COUNTY, charge.county)):
                charges[(*place, gives, month)] += 1
                key = (number, *place, gives)
                first[key] = min(month, first.get(key, month))
    persons = Counter((*key[1:], month) for key, month in first.items())
    expected = {key: (count, persons[key]) for key, count in charges.items()}
    whole = forecast(tables_of(people), made, day(AS_OF), months)
    assert {_key(row): (row["charges"], row["people"]) for row in whole.to_pylist()} == expected


def _key(row: dict[str, object]) -> tuple[object, ...]:
    first = row["month"]
    month = 0
    if isinstance(first, datetime.date):
        month = (first.year - AS_OF.year) * 12 + first.month - AS_OF.month + 1
    return row["scope"], row["county"], row["outcome"], month


@pytest.mark.parametrize("months", [0, -1, 1201])
def test_a_number_of_months_that_is_none_is_refused(months: int) -> None:
    with pytest.raises(PolicyError, match=r"1 to 1,200 months"):
        forecast(tables_of([Person([[ONE]])]), read_policy(POLICY, "two").policy(), 0, months)
