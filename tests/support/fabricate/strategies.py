"""Hypothesis strategies: small extracts of the same edges, which shrink to one plain row.

Every choice lists the plainest value first, because hypothesis shrinks a choice towards its start.
"""

import datetime
import functools
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from hypothesis import strategies as st

from . import offenses, values
from .rows import Layout, Row, needs_count_order, render

COUNTY = "KERN"
AS_OF = datetime.date(2020, 2, 29)
SECTIONS = ("11357", "11358", "11359", "11360")


@dataclass(frozen=True)
class Case:
    """All that a run takes."""

    extract: bytes
    county: str
    options: dict[str, Any]
    as_of: datetime.date


def as_of_dates() -> st.SearchStrategy[datetime.date]:
    """Any plausible as-of date; often the end of February or the start of March."""
    leap_days = st.sampled_from([datetime.date(year, 2, 29) for year in (2020, 2000, 1996, 2024, 2096)])
    beside_leap_days = st.sampled_from(
        [datetime.date(year, month, day) for year in (2021, 2020, 2100) for month, day in ((3, 1), (2, 28))]
    )
    any_day = st.dates(datetime.date(1950, 1, 1), datetime.date(2110, 12, 31))
    return leap_days | beside_leap_days | any_day


def policies() -> st.SearchStrategy[dict[str, Any]]:
    """Every policy.json that gogen accepts: sections in any order, in both lists or none, each relief or none."""
    sections = st.just([]) | st.lists(st.sampled_from(SECTIONS), unique=True, max_size=len(SECTIONS))
    relief = st.fixed_dictionaries(
        {},
        optional={
            "subjectUnder21AtConviction": st.booleans(),
            "subjectHasOnlyProp64Charges": st.booleans(),
            "subjectIsDeceased": st.booleans(),
            "subjectAgeThreshold": st.sampled_from([0, *range(40, 66)]),
            "yearsSinceConvictionThreshold": st.sampled_from([0, *range(1, 16)]),
            "yearsCrimeFreeThreshold": st.sampled_from([0, *range(1, 16)]),
        },
    )
    baseline = st.fixed_dictionaries({"dismiss": sections, "reduce": sections})
    return st.fixed_dictionaries({"baselineEligibility": baseline, "additionalRelief": relief})


@st.composite
def extracts(draw: st.DrawFn, county: str = COUNTY, as_of: datetime.date = AS_OF) -> bytes:
    """Extracts of up to five subjects; dates lie around the boundaries that belong to the as-of date."""
    rows: list[Row] = []
    subject_ids = draw(SUBJECT_IDS)
    for subject_id in subject_ids:
        rows += draw(_subjects(subject_id, county, as_of))
    if len(subject_ids) > 1 and draw(st.booleans()):
        rows = draw(st.permutations(rows))
    return render(rows, draw(st.builds(Layout, st.booleans(), st.booleans(), st.booleans())))


@st.composite
def cases(draw: st.DrawFn, county: str = COUNTY) -> Case:
    as_of = draw(as_of_dates())
    return Case(draw(extracts(county, as_of)), county, draw(policies()), as_of)


@st.composite
def _subjects(draw: st.DrawFn, subject_id: bytes, county: str, as_of: datetime.date) -> list[Row]:
    birth_dates = values.birth_dates(as_of, (30, 21, 40, 50, 57, 65))
    birth_date = birth_dates[draw(st.integers(0, len(birth_dates) - 1))]
    dates = [*values.event_dates(as_of, draw(st.integers(0, 16))), *values.twenty_first_birthdays(birth_date)]
    plain = {
        "SUBJECT_ID": subject_id,
        "CII_NUMBER": draw(CII_NUMBERS),
        "PRI_NAME": draw(NAMES),
        "PRI_DOB": values.in_digits(birth_date),
        "STP_TYPE_DESCR": b"COURT ACTION",
        "STP_ORI_CNTY_NAME": county.encode(),
        "OFFENSE_TOC": b"F",
        "DISP_DESCR": b"CONVICTED",
        "CONV_STAT_DESCR": b"FELONY",
    }
    offenses_of_subject = draw(st.sampled_from([ANY_OFFENSE, PROP_64_OFFENSE]))
    row = _rows(plain, st.sampled_from(dates), offenses_of_subject, county)
    return draw(st.lists(row, min_size=1, max_size=6))


@st.composite
def _rows(
    draw: st.DrawFn,
    plain: Row,
    dates: st.SearchStrategy[bytes],
    offenses_of_subject: st.SearchStrategy[bytes],
    county: str,
) -> Row:
    chosen = {
        "STP_EVENT_DATE": draw(dates),
        "OFFENSE_DESCR": draw(offenses_of_subject),
        "CNT_ORDER": draw(COUNT_ORDERS),
    }
    row = plain | chosen | dict(draw(_edits(county)))
    if len(row["CNT_ORDER"]) < 6 and needs_count_order(row):
        row["CNT_ORDER"] = values.COUNT_ORDERS[0]
    return row


@functools.cache
def _edits(county: str) -> st.SearchStrategy[list[tuple[str, bytes]]]:
    """Up to four columns of a plain row that hold something else, each column as likely as any other."""
    edges = EDGES | {"STP_ORI_CNTY_NAME": values.counties(county)[1:]}
    most = max(map(len, edges.values()))
    edits = [(name, pool[at % len(pool)]) for at in range(most) for name, pool in edges.items()]
    return st.lists(st.sampled_from(edits), max_size=4)


EDGES: dict[str, Sequence[bytes]] = {
    "DISP_DESCR": values.DISPOSITIONS[1:],
    "CONV_STAT_DESCR": values.CONVICTION_STATUSES[1:],
    "OFFENSE_TOC": values.OFFENSE_TYPES[1:],
    # A death counts for every row of its subject, and for little where it is rare.
    "STP_TYPE_DESCR": (*values.STEP_TYPES[1:], *[b"DECEASED"] * len(values.STEP_TYPES)),
    "STP_EVENT_DATE": (*values.effective_dates(), *values.ODD_DATES),
    "PRI_DOB": values.ODD_DATES,
    "PRI_NAME": values.NAMES,
    "CNT_ORDER": values.SHORT_COUNT_ORDERS,
    "OFN": values.CASE_NUMBERS[1:],
    "COMMENT_TEXT": values.COMMENTS[1:],
    "OFFENSE_DESCR": offenses.IN_COMMENT + offenses.ALMOST_IN_COMMENT,
    "SENT_LENGTH": values.SENTENCE_LENGTHS[1:],
    "SENT_TIME_CODE": values.SENTENCE_UNITS,
}
SUBJECT_IDS = st.lists(
    st.sampled_from([b"1", b"2", b"01", b"1 ", b"A-1", b"1\xc9"]), min_size=1, max_size=5, unique=True
)
NAMES = st.sampled_from(values.NAMES)
CII_NUMBERS = st.sampled_from([b"0000000001", b"0000000002", b""])
COUNT_ORDERS = st.sampled_from(values.COUNT_ORDERS)
PROP_64_OFFENSE = st.sampled_from(offenses.PROP_64)
# Repeated, because the near misses are so many that they would leave little room for the charges themselves.
ANY_OFFENSE = st.sampled_from(
    [*offenses.PROP_64, *offenses.LISTED, *offenses.NOT_PROP_64] * 8 + [*offenses.NEAR_MISSES]
)
