"""What missing dates leave open."""

import itertools
from pathlib import Path
from typing import Any

import pytest

import clearscale
from clearscale.policy import PACKS
from tests.support.examples import is_long, long
from tests.support.explained import BURGLARY, alone, relief
from tests.support.samples import Row, conviction

NO_BIRTH = {"PRI_DOB": ""}
NO_DATE = {"STP_EVENT_DATE": ""}


def reasons(outcomes: Any) -> list[str]:
    return [outcome.reason for outcome in outcomes]


AGED, REDUCED = "57 years or older", "Reduce all HS 11360 convictions"


def test_a_missing_birth_date_leaves_the_age_open(tmp_path: Path) -> None:
    rows = [conviction("1", "YOLO", **NO_BIRTH), conviction("1", "YOLO", **BURGLARY, **NO_BIRTH)]
    run = alone(tmp_path, rows, relief(subjectAgeThreshold=57, subjectUnder21AtConviction=True))
    found = clearscale.explain(run, "yolo", 0)
    assert found.reason == AGED
    (missing,) = found.missing
    assert (missing.date, missing.meaning, missing.changes) == ("birth", "the person's date of birth", True)
    assert missing.rules == (2, 3)
    assert reasons(missing.outcomes) == reasons(found.possible) == ["21 years or younger", AGED, REDUCED]
    (age,) = found.rules[2].conditions
    assert (age.text, age.value, age.holds, age.missing, age.if_known) == (
        "age >= 57",
        2019,
        True,
        ("birth",),
        "unknown",
    )
    assert found.rules[0].conditions[0].if_known is None


def test_a_date_that_cannot_be_read_is_said_to_be_so(tmp_path: Path) -> None:
    rows = [conviction("1", "YOLO", PRI_DOB="1970-01-01", STP_EVENT_DATE="20150631")]
    found = clearscale.explain(alone(tmp_path, rows, relief(subjectAgeThreshold=57)), "yolo", 0)
    assert [date.meaning for date in found.missing] == [
        "the person's date of birth, which cannot be read",
        "the date of the conviction, which cannot be read",
    ]
    assert set(found.flags) >= {"rests-on-missing-date", "unreadable-date"}


def test_a_missing_date_that_no_rule_asks_for_changes_nothing(tmp_path: Path) -> None:
    found = clearscale.explain(alone(tmp_path, [conviction("1", "YOLO", **NO_BIRTH)], relief()), "yolo", 0)
    (missing,) = found.missing
    assert (missing.rules, missing.changes, reasons(found.possible)) == ((), False, [REDUCED])


def test_a_missing_conviction_date(tmp_path: Path) -> None:
    options = relief(yearsSinceConvictionThreshold=10, yearsCrimeFreeThreshold=5)
    rows = [conviction("1", "YOLO", **NO_DATE), conviction("1", "YOLO", **BURGLARY)]
    found = clearscale.explain(alone(tmp_path, rows, options), "yolo", 0)
    assert found.reason == "Conviction occurred 10 or more years ago"
    (missing,) = found.missing
    assert (missing.date, missing.rules) == ("conviction", (2, 3))
    # The burglary of 2019 stays the latest or gives way to this one: five clear years are impossible.
    assert reasons(missing.outcomes) == ["Conviction occurred 10 or more years ago", REDUCED]
    assert found.rules[2].conditions[0].if_known == "fails"


def test_a_missing_date_of_another_conviction(tmp_path: Path) -> None:
    options = relief(yearsSinceConvictionThreshold=10, yearsCrimeFreeThreshold=5)
    rows = [conviction("1", "YOLO", STP_EVENT_DATE="20140101"), conviction("1", "YOLO", **(BURGLARY | NO_DATE))]
    found = clearscale.explain(alone(tmp_path, rows, options), "yolo", 0)
    assert found.reason == "No convictions in the past 5 years"
    (missing,) = found.missing
    assert (missing.date, missing.meaning) == ("record", "the date of another conviction on record")
    assert missing.rules == (3,)
    assert reasons(missing.outcomes) == ["No convictions in the past 5 years", REDUCED]


def test_a_rule_on_missing_dates_themselves_would_not_hold(tmp_path: Path) -> None:
    rows = [conviction("1", "YOLO", OFFENSE_DESCR="11357 HS", **NO_DATE, **NO_BIRTH)]
    found = clearscale.explain(alone(tmp_path, rows, "ca-prop64-statute"), "yolo", 0)
    assert found.reason == "HS 11357, age and amount not in the record"
    assert [date.date for date in found.missing] == ["birth", "conviction"]
    assert reasons(found.possible) == [
        "Sentenced under Proposition 64",
        "HS 11357, lawful at 21, amount not in the record",
        "HS 11357, infraction under 21",
    ]
    birth, own = found.missing
    # With the date of birth alone the conviction still has no date.
    assert (birth.changes, reasons(birth.outcomes)) == (False, [found.reason])
    assert own.changes


def test_what_other_facts_rule_out_is_not_possible(tmp_path: Path) -> None:
    """Without a superstrike, a conviction of PC 290 or another Prop 64 conviction no date makes one earlier."""
    rows = [conviction("1", "YOLO", **NO_DATE), conviction("1", "YOLO", **BURGLARY)]
    found = clearscale.explain(alone(tmp_path, rows, "ca-los-angeles-2019"), "yolo", 0)
    assert not {"PC 667(e)(2)(c)(iv)", "PC 290", "Two priors"} & set(reasons(found.possible))


BIRTHS = [f"{year}{day}" for year in range(1930, 2003) for day in ("0101", "0702")]
STEP = 1 if is_long() else 3
"""One in so many is tried, the first half of a year and the second in turn."""

DATES = [f"{year}{day}" for year in range(1970, 2020, 2) for day in ("0630", "0702")]


POLICIES = [*PACKS, "policy.json", "own.toml"]


@pytest.mark.sampled
@pytest.mark.parametrize("policy", [policy if place % 2 else long(policy) for place, policy in enumerate(POLICIES)])
@pytest.mark.parametrize(
    ("column", "values", "on"),
    [
        ("PRI_DOB", BIRTHS[::STEP], (0, 1, 2)),
        ("STP_EVENT_DATE", DATES[::STEP], (0,)),
        ("STP_EVENT_DATE", DATES[::STEP], (1,)),
    ],
)
def test_whatever_the_date_was_the_decision_is_a_possible_one(
    three_counties: Path, tmp_path: Path, policy: str, column: str, values: list[str], on: tuple[int, ...]
) -> None:
    """The same record without the date, and once with each of many dates."""
    counts = [
        {"OFFENSE_DESCR": "11360(A) HS-SELL"},
        {"OFFENSE_DESCR": "288 PC-LEWD ACT", "CNT_ORDER": "002001001000", "STP_EVENT_DATE": "20000101"},
        {"OFFENSE_DESCR": "11359 HS-SALE", "CNT_ORDER": "003001001000", "STP_EVENT_DATE": "19990101"},
    ]

    def record(subject: str, value: str) -> list[Row]:
        rows = [conviction(subject, "YOLO", **fields) for fields in counts]
        for place in on:
            rows[place][column] = value.encode()
        return rows

    rows = [row for number, value in enumerate(["", *values]) for row in record(str(number), value)]
    run = alone(tmp_path, rows, policy if policy in PACKS else str(three_counties / policy))
    decided = {row["row"]: (row["determination"], row["reason"]) for row in run.decisions().to_pylist()}
    for place in (0, 2):
        found = clearscale.explain(run, "yolo", place)
        possible = {(outcome.determination, outcome.reason) for outcome in found.possible}
        happened = {decided[row] for row in range(place + 3, len(rows), 3)}
        assert happened <= possible
        assert len(found.missing) == 1


@pytest.mark.parametrize("policy", [policy if place % 2 else long(policy) for place, policy in enumerate(POLICIES)])
def test_whatever_all_dates_were_the_decision_is_a_possible_one(
    three_counties: Path, tmp_path: Path, policy: str
) -> None:
    def record(subject: str, birth: str, own: str, other: str) -> list[Row]:
        rows = [
            conviction(subject, "YOLO", OFFENSE_DESCR="11357(A) HS-POSSESS", STP_EVENT_DATE=own),
            conviction(subject, "YOLO", **(BURGLARY | {"OFFENSE_DESCR": "187 PC-MURDER", "STP_EVENT_DATE": other})),
        ]
        return [row | {"PRI_DOB": birth.encode()} for row in rows]

    dates = [("", "", ""), *itertools.product(BIRTHS[::18], DATES[::7], DATES[3::7])]
    rows = [row for number, triple in enumerate(dates) for row in record(str(number), *triple)]
    run = alone(tmp_path, rows, policy if policy in PACKS else str(three_counties / policy))
    decided = {row["row"]: (row["determination"], row["reason"]) for row in run.decisions().to_pylist()}
    found = clearscale.explain(run, "yolo", 0)
    assert [date.date for date in found.missing] == ["birth", "conviction", "record"]
    happened = {decided[row] for row in range(2, len(rows), 2)}
    assert happened <= {(outcome.determination, outcome.reason) for outcome in found.possible}
