"""Dates that cannot be right: where they begin and end, in records, in convictions and in plain Python."""

import datetime

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import clearscale
from clearscale.dates import NO_DATE
from clearscale.law.implausible import implausible, later
from tests.support.damaged import BASE, POLICY, as_csv, rows_of, taken
from tests.support.examples import examples
from tests.support.plain_candidates import day, is_implausible
from tests.support.reference import calendar

AS_OF = (2020, 7, 1)

MaybeDate = calendar.Date | None

DAYS = st.dates(datetime.date(1600, 1, 1), datetime.date(2400, 12, 31)).map(calendar.from_python)


def beside(date: calendar.Date, days: int) -> calendar.Date:
    return calendar.from_python(datetime.date(*date) + datetime.timedelta(days))


@st.composite
def pairs(draw: st.DrawFn) -> tuple[MaybeDate, MaybeDate]:
    """(an event, a birth), mostly on an edge: of what can be right, of a lifetime, on leap days; or missing."""
    leap = st.sampled_from([(1904, 2, 29), (1896, 2, 29), (1900, 3, 1), (1890, 2, 28), (2000, 2, 29)])
    born = draw(DAYS | leap | st.sampled_from([(1900, 1, 1), AS_OF]))
    edges = [(1900, 1, 1), AS_OF, born, *(calendar.add_years(born, years) for years in (109, 110, 111))]
    event = draw(DAYS | st.sampled_from(edges))
    event, born = (beside(date, draw(st.integers(-2, 2))) for date in (event, born))
    missing = draw(st.sampled_from(["", "", "", "event", "birth"]))
    return (None if missing == "event" else event), (None if missing == "birth" else born)


@settings(derandomize=True, deadline=None, database=None, max_examples=examples(400))
@given(st.lists(pairs(), min_size=1, max_size=40))
def test_on_every_edge_as_in_plain_python(drawn: list[tuple[MaybeDate, MaybeDate]]) -> None:
    columns = list(zip(*drawn, strict=True))
    events, births = (np.array([day(date) if date else NO_DATE for date in dates], np.int32) for dates in columns)
    dated, born = (np.array([date is not None for date in dates]) for dates in columns)
    found = implausible(events, dated, births, born)
    assert found.tolist() == [is_implausible(*pair) for pair in drawn]
    # As records are looked at, and as decisions are: in one go, or what no day can have and what this one cannot.
    expected = [is_implausible(*pair, AS_OF) for pair in drawn]
    assert implausible(events, dated, births, born, day(AS_OF)).tolist() == expected
    assert (found | later(events, births, day(AS_OF))).tolist() == expected


@settings(
    derandomize=True,
    deadline=None,
    database=None,
    max_examples=examples(40),
    suppress_health_check=[HealthCheck.too_slow],
)
@given(st.lists(pairs(), min_size=30, max_size=30))
def test_an_extract_and_its_decisions_tell_the_same(
    tmp_path_factory: pytest.TempPathFactory, drawn: list[tuple[MaybeDate, MaybeDate]]
) -> None:
    folder, template = tmp_path_factory.mktemp("edges"), rows_of(BASE)[3]
    rows = [
        {
            **template,
            "SUBJECT_ID": f"S{number}",
            "CII_NUMBER": f"A{number:08}",
            "STP_EVENT_DATE": "" if event is None else "{:04}{:02}{:02}".format(*event),
            "PRI_DOB": "" if birth is None else "{:04}{:02}{:02}".format(*birth),
        }
        for number, (event, birth) in enumerate(drawn)
    ]
    (folder / "x.csv").write_bytes(as_csv(rows))
    accepted = ("implausible-dates", "no-birth-dates", "no-event-dates")
    outcome = taken(folder / "x.csv", folder / "store", county="ALAMEDA", accept=accepted)
    today = calendar.from_python(datetime.date.today())
    assert outcome.findings.get("implausible-dates", 0) == sum(is_implausible(*pair, today) for pair in drawn)

    policy = folder / "policy.toml"
    policy.write_text(
        'id = "asks"\ntitle = "Asks"\n'
        '[[rule]]\nif = ["implausible_date"]\nthen = "hand-review"\nbecause = "Implausible"\n'
        '[[rule]]\nif = []\nthen = "dismiss"\nbecause = "Others"\n'
    )
    wanted = [is_implausible(*pair, AS_OF) for pair in drawn]
    for number, asked in enumerate((policy, POLICY)):
        run = clearscale.run(folder / "store", asked, datetime.date(*AS_OF), folder / f"run-{number}")
        (extract,) = run.info["decisions"]
        decided = sorted(run.decisions(extract).to_pylist(), key=lambda row: row["row"])
        assert ["implausible-date" in row["flags"].split(";") for row in decided] == wanted
        if asked is policy:
            assert [row["reason"] == "Implausible" for row in decided] == wanted
