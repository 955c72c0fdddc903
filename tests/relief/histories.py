"""People with charges, and policies over them, as Hypothesis draws them: few values, so that much coincides."""

import datetime

from hypothesis import strategies as st

from tests.support.plain_charges import Charge, Person

AS_OF = datetime.date(2020, 2, 29)

DAYS = st.one_of(
    st.none(),
    st.sampled_from(
        [
            datetime.date(1996, 2, 29),
            datetime.date(2009, 12, 31),
            datetime.date(2010, 1, 1),
            datetime.date(2013, 2, 28),
            datetime.date(2013, 3, 1),
            datetime.date(2016, 2, 29),
            datetime.date(2019, 1, 31),
            datetime.date(2020, 2, 28),
            datetime.date(2020, 2, 29),
            datetime.date(2020, 3, 1),
            datetime.date(2024, 8, 31),
        ]
    ),
)
STATUTES = st.sampled_from(
    [
        {"code": "Code", "section": "4", "subsection": "(a)"},
        {"code": "Code", "section": "4", "subsection": "(c)(2)"},
        {"code": "Code", "section": "4", "subsection": "(c)"},
        {"code": "Code", "section": "4"},
        {"code": "Code", "section": "40"},
        {"code": "Code", "section": "5", "inchoate": "attempt"},
        {"code": "Other", "section": "4"},
        {"description": "Battery to a witness"},
        {"description": "SOMETHING"},
        {"inchoate": "conspiracy"},
    ]
)
CHARGES = st.builds(
    lambda statute, **others: Charge(**statute, **others),
    STATUTES,
    level=st.sampled_from([None, "felony", "felony", "misdemeanor", "infraction"]),
    severity=st.sampled_from([None, "A", "4"]),
    disposition=st.sampled_from(
        [None, "none", "convicted", "convicted", "convicted", "dismissed", "pending", "set-aside"]
    ),
    county=st.sampled_from([None, "Here", "There"]),
    grams=st.sampled_from([None, (0.0, 30.0), (0.0, 2.5), (30.0, 500.0), (10.0, 100.0), (5000.0, float("inf"))]),
    amended=st.booleans(),
    probation_revoked=st.booleans(),
    offense_date=DAYS,
    arrest_date=DAYS,
    disposition_date=DAYS,
    sentence_end=DAYS,
    supervision_end=DAYS,
)
PEOPLE = st.builds(
    Person,
    st.lists(st.lists(CHARGES, min_size=1, max_size=3), min_size=1, max_size=4),
    birth_date=DAYS,
    registered=st.booleans(),
    deceased=st.booleans(),
    identified=st.sampled_from([True, True, True, False]),
)

CONDITIONS = [
    "convicted",
    "not convicted",
    "amended",
    "no_disposition",
    "not probation_revoked",
    "registered",
    "not deceased",
    "identified",
    "statute in drugs",
    "not statute in violent",
    "statute in violent",
    "level is felony",
    "level is not felony or infraction",
    "class is a",
    "disposition is dismissed or pending",
    "inchoate is attempt or conspiracy",
    "inchoate is none",
    "county is not here",
    "grams <= 30",
    "grams > 2.5",
    "grams is known",
    "arrest_date is known",
    "level is known",
    "arrest_date >= 2013-03-01",
    "disposition_date < 2016-02-29",
    "sentence_end <= today",
    "birth_date != 1996-02-29",
    "age_at_offense >= 18",
    "age_at_arrest < 24",
    "case only drug-charges",
    "not case only drug-charges",
    "case some violence",
    "case count charges <= 2",
    "person some pending",
    "not person some serving",
    "person only convictions",
    "person count felonies < 2",
    "person count misdemeanors == 1",
    "person count convictions != 2",
    "place in felonies <= 1",
    "place in felonies > 0",
    "latest disposition_date of felonies < 2016-03-01",
    "latest sentence_end of convictions >= today",
]
WAITS = [
    "1 year since arrest_date",
    "18 months since disposition_date",
    "1 month since disposition_date",
    "since sentence_end",
    "400 days since sentence_end if known",
    "7 years since latest disposition_date of felonies",
    "4 years since latest sentence_end of convictions if known",
    "4 years clear of felonies since disposition_date",
    "3 years clear of convictions since sentence_end if known",
    "{years} years since birth_date",
    "until 2020-02-29",
    "until 2021-06-30",
]
OUTCOMES = ["dismiss", "seal", "expunge", "hand-review", "not-eligible"]

HEAD = """
id = "drawn"
title = "Drawn"
state = "nowhere"
sources = []
scope = [{scope}]

[parameters]
years = {{ default = 21, min = 1, max = 99 }}

[lists.drugs]
statutes = [
    {{ code = "Code", sections = ["4"], subsections = ["(a)", "(c)(2)"] }},
    {{ code = "Code", sections = ["5*"] }},
]

[lists.violent]
statutes = [{{ code = "Code", sections = ["4*"] }}]
but_not = [{{ code = "Code", sections = ["4"], subsections = ["(c)"] }}]
descriptions = ["BATTERY*"]

[groups.drug-charges]
if = ["statute in drugs"]

[groups.violence]
if = ["statute in violent", "level is felony"]

[caps.few]
most = 1
already = "relieved"

[caps.two]
most = 2
first = "newest"
by = "arrest_date"
"""


@st.composite
def policies(draw: st.DrawFn) -> str:
    """The text of a policy of some rules."""
    conditions = st.lists(st.sampled_from(CONDITIONS), max_size=3)
    text = HEAD.format(scope=_listed(draw(st.lists(st.sampled_from(CONDITIONS), min_size=1, max_size=1))))
    for _ in range(draw(st.integers(1, 5))):
        then = draw(st.sampled_from(OUTCOMES))
        text += f'\n[[rule]]\nif = [{_listed(draw(conditions))}]\nthen = "{then}"\nbecause = "drawn"\n'
        if then not in ("hand-review", "not-eligible"):
            waits = draw(st.lists(st.sampled_from(WAITS), max_size=2))
            text += f"wait = [{_listed(waits)}]\n" if waits else ""
            cap = draw(st.sampled_from(["", "", "few", "two"]))
            text += f'cap = "{cap}"\n' if cap else ""
        text += draw(st.sampled_from(["", "", 'unknown = "no"\n']))
    return text


def _listed(texts: list[str]) -> str:
    return ", ".join(f'"{text}"' for text in texts)
