"""Cases of the packs, derived by hand from the law as each pack's page quotes it.

A case is what a person has, the charges of one case of the record in a list, and what becomes of each.
"""

import datetime
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pytest

from clearscale.relief import Decisions, decide, missing_words
from clearscale.relief.packs import names, pack, text
from tests.relief.test_against_reference import answers
from tests.support.examples import is_long, some
from tests.support.plain_charges import Charge, Person, day, tables_of
from tests.support.reference.relief import Policy

D = datetime.date
Found = tuple[str | None, str | None]


def of(charge: Charge, **changes: Any) -> Charge:
    dates = {name: D(*value) for name, value in changes.items() if isinstance(value, tuple) and len(value) == 3}
    return replace(charge, **changes | dates)


def gives(outcome: str, *date: int) -> tuple[str, datetime.date | None]:
    return outcome, D(*date) if date else None


NO, HAND, OPEN = gives("not-eligible"), gives("hand-review"), gives("undecided")

# Michigan, on 1 January 2024; the first day of relief is 11 April 2023.
MI = Charge("MCL 750", "356", "(4)", level="misdemeanor", severity="1 year", disposition="convicted")
MI = of(MI, disposition_date=(2010, 5, 1), sentence_date=(2010, 6, 1))
LESSER = of(MI, severity="92 days")
FELONY = of(MI, section="535", subsection="(7)", level="felony", severity="5 years")
MI_DUE = gives("expunge", 2023, 4, 11)


def in_years(charge: Charge, *years: int) -> list[list[Charge]]:
    return [[of(charge, disposition_date=(year, 2, 1), sentence_date=(year, 3, 1))] for year in years]


MICHIGAN = [
    ([[MI]], [MI_DUE]),
    (in_years(MI, 2018), [gives("not-yet", 2025, 3, 1)]),
    (in_years(MI, 2001, 2002, 2003, 2004, 2005), [MI_DUE] * 4 + [NO]),
    (in_years(MI, 2005, 2004, 2003, 2002, 2001), [NO] + [MI_DUE] * 4),
    (in_years(LESSER, 2001, 2002, 2003, 2004, 2005), [MI_DUE] * 5),
    (in_years(FELONY, 2000, 2001, 2002), [MI_DUE, MI_DUE, NO]),
    ([[of(MI, section="82")]], [NO]),
    ([[of(FELONY, severity="10 years")]], [NO]),
    ([[of(MI, severity=None)]], [OPEN]),
    # One felony was set aside before: one place is left, for the oldest.
    ([[of(FELONY, disposition="set-aside")], *in_years(FELONY, 2000, 2001)], [gives("none"), MI_DUE, NO]),
    # A misdemeanor in 2020 starts ten years of 2012 again, but not those of 2005, which were over.
    (in_years(FELONY, 2012) + in_years(LESSER, 2020), [gives("not-yet", 2030, 2, 1), gives("not-yet", 2027, 3, 1)]),
    (in_years(FELONY, 2005) + in_years(LESSER, 2020), [MI_DUE, gives("not-yet", 2027, 3, 1)]),
    ([[of(FELONY, sentence_end=(2015, 7, 1))]], [gives("not-yet", 2025, 7, 1)]),
    ([[MI], [of(LESSER, disposition="pending")]], [NO, gives("none")]),
    ([[MI], [of(LESSER, disposition="none")]], [MI_DUE, gives("none")]),
    # Three felonies, of which the oldest is to wait: a place is for those that are due, then for it.
    (
        [
            [of(FELONY, disposition_date=(2000, 1, 1), sentence_date=(2000, 1, 2), sentence_end=(2020, 1, 1))],
            *in_years(FELONY, 2001, 2002),
        ],
        [NO, MI_DUE, MI_DUE],
    ),
]

# New Jersey, on 1 January 2022.
NJ = Charge("N.J.S.A. 2C", "35-10", "(a)(4)", disposition="convicted", offense_date=D(2015, 1, 1))
PIPE, THEFT = of(NJ, section="36-2", subsection=""), of(NJ, section="20-3", subsection="(a)")
NJ_DUE = gives("expunge", 2021, 7, 1)
NEW_JERSEY = [
    ([[NJ]], [NJ_DUE]),
    ([[NJ, PIPE]], [NJ_DUE, NJ_DUE]),
    ([[NJ, THEFT]], [NO, gives("none")]),
    ([[NJ], [THEFT]], [NJ_DUE, gives("none")]),
    ([[PIPE]], [HAND]),
    ([[of(NJ, subsection="(a)")]], [OPEN]),
    ([[of(NJ, subsection="(a)(1)")]], [NO]),
    ([[of(NJ, subsection="(b)")]], [NJ_DUE]),
    ([[of(NJ, section="35-5", subsection="(b)(12)")]], [NJ_DUE]),
    ([[of(NJ, section="35-5", subsection="(b)(11)")]], [NO]),
    ([[of(NJ, inchoate="attempt")]], [NJ_DUE]),
    ([[of(NJ, inchoate="conspiracy")]], [NO]),
    ([[NJ, Charge(description="WORDS", disposition="convicted")]], [OPEN, gives("none")]),
    ([[NJ, of(PIPE, disposition="pending")]], [NO, NO]),
    ([[of(NJ, offense_date=(2021, 2, 22))]], [NO]),
    ([[of(NJ, disposition="dismissed")]], [NJ_DUE]),
]

# New York: marihuana on 1 April 2021, sealing on 1 June 2025.
NY = Charge("PL", "221.10", "(1)", disposition="convicted")
MRTA_DUE = gives("expunge", 2021, 3, 31)
MRTA = [
    *(
        ([[of(NY, section=section)]], [MRTA_DUE])
        for section in ("221.05", "221.10", "221.15", "221.20", "221.35", "221.40")
    ),
    *(([[of(NY, section=section)]], [NO]) for section in ("221.25", "221.30", "221.45", "221.50", "221.55")),
    ([[of(NY, section="220.03")]], [gives("none")]),
    ([[of(NY, disposition="dismissed")]], [gives("none")]),
    ([[NY, of(NY, section="220.39")]], [MRTA_DUE, gives("none")]),
]
NY_MISD = Charge(
    "PL", "155.25", level="misdemeanor", severity="A", disposition="convicted", sentence_date=D(2022, 6, 1)
)
NY_FELONY = of(NY_MISD, section="155.30", level="felony", severity="E", sentence_date=(2010, 1, 1))
SEALING = [
    ([[NY_MISD]], [gives("seal", 2025, 6, 1)]),
    ([[of(NY_MISD, sentence_date=(2022, 6, 2))]], [gives("not-yet", 2025, 6, 2)]),
    ([[of(NY_MISD, sentence_end=(2023, 1, 1))]], [gives("not-yet", 2026, 1, 1)]),
    ([[of(NY_MISD, sentence_date=None)]], [OPEN]),
    ([[NY_FELONY]], [gives("seal", 2024, 11, 16)]),
    ([[of(NY_FELONY, sentence_date=(2018, 3, 3))]], [gives("not-yet", 2026, 3, 3)]),
    ([[of(NY_FELONY, section="125.25", severity="A-I")]], [NO]),
    ([[of(NY_FELONY, section="220.43", severity="A-I")]], [gives("seal", 2024, 11, 16)]),
    ([[of(NY_MISD, section="130.55", severity="B")]], [NO]),
    ([[NY_FELONY], [of(NY_MISD, disposition="pending")]], [NO, gives("none")]),
    ([[NY_FELONY, of(NY_MISD, supervision_end=(2026, 1, 1))]], [NO, NO]),
    ([[of(NY_MISD, level="violation")]], [gives("none")]),
]

# California, on 1 January 2025.
CA = Charge("PC", "484", "(a)", level="misdemeanor", disposition="convicted", disposition_date=D(2015, 1, 1))
CA_FELONY = of(
    CA, section="459", subsection="", level="felony", disposition_date=(2010, 1, 1), sentence_end=(2012, 1, 1)
)
CA_DUE, FELONY_DUE = gives("dismiss", 2022, 7, 1), gives("dismiss", 2024, 10, 1)
CONVICTIONS = [
    ([[CA]], [CA_DUE]),
    ([[of(CA, disposition_date=(2024, 6, 1))]], [gives("not-yet", 2025, 6, 1)]),
    ([[of(CA, disposition_date=(1972, 12, 31))]], [NO]),
    ([[of(CA, disposition_date=(1973, 1, 1))]], [CA_DUE]),
    ([[of(CA, disposition_date=None)]], [OPEN]),
    ([[of(CA, supervision_end=(2020, 1, 1))]], [CA_DUE]),
    ([[of(CA, supervision_end=(2026, 2, 1))]], [gives("not-yet", 2026, 2, 1)]),
    ([[of(CA, supervision_end=(2020, 1, 1), probation_revoked=True)]], [NO]),
    ([[CA_FELONY]], [FELONY_DUE]),
    ([[of(CA_FELONY, sentence_end=None)]], [OPEN]),
    ([[of(CA_FELONY, sentence_end=(2022, 5, 5))]], [gives("not-yet", 2026, 5, 5)]),
    ([[of(CA_FELONY, section="211")]], [NO]),
    ([[of(CA_FELONY, section="460", subsection="(a)")]], [NO]),
    ([[of(CA_FELONY, section="460", subsection="(b)")]], [FELONY_DUE]),
    ([[of(CA_FELONY, section="460")]], [OPEN]),
    ([[of(CA_FELONY, disposition_date=(2004, 12, 31))]], [NO]),
    ([[of(CA_FELONY, disposition_date=(1990, 1, 1), sentence_end=None, supervision_end=(1993, 1, 1))]], [CA_DUE]),
    # A new felony within four years starts them again: two years later, but for one that was earned.
    (
        [
            [of(CA_FELONY, sentence_end=(2020, 6, 1))],
            [of(CA_FELONY, disposition_date=(2022, 6, 1), sentence_end=(2022, 7, 1))],
        ],
        [gives("not-yet", 2026, 6, 1), gives("not-yet", 2026, 7, 1)],
    ),
    (
        [[CA_FELONY], [of(CA_FELONY, disposition_date=(2023, 3, 1), sentence_end=(2023, 9, 1))]],
        [FELONY_DUE, gives("not-yet", 2027, 9, 1)],
    ),
    ([[CA], [of(CA, disposition="pending")]], [NO, gives("none")]),
    # Somebody who serves another sentence waits for its end.
    ([[CA], [of(CA_FELONY, section="211", sentence_end=(2030, 1, 1))]], [gives("not-yet", 2030, 1, 1), NO]),
]
ARREST = of(CA, disposition="dismissed", disposition_date=None, arrest_date=(2010, 1, 1))
NOTHING = of(ARREST, disposition="none")
SEALED = gives("seal", 2022, 7, 1)
ARRESTS = [
    ([[ARREST]], [SEALED]),
    ([[of(ARREST, level="felony")]], [HAND]),
    ([[of(ARREST, level="felony", disposition="acquitted")]], [SEALED]),
    ([[of(ARREST, disposition="diverted")]], [SEALED]),
    ([[of(ARREST, disposition="pending")]], [NO]),
    ([[of(ARREST, disposition="convicted")]], [NO]),
    ([[of(ARREST, disposition="set-aside")]], [NO]),
    ([[of(ARREST, disposition=None)]], [OPEN]),
    ([[of(ARREST, disposition="other")]], [HAND]),
    ([[of(ARREST, arrest_date=(1972, 12, 31))]], [NO]),
    ([[of(ARREST, arrest_date=None)]], [OPEN]),
    ([[ARREST, of(ARREST, disposition="convicted")]], [NO, NO]),
    ([[of(NOTHING, arrest_date=(2024, 3, 1))]], [gives("not-yet", 2025, 3, 1)]),
    ([[of(NOTHING, arrest_date=(2023, 12, 1))]], [gives("seal", 2024, 12, 1)]),
    ([[of(NOTHING, level="felony", arrest_date=(2022, 3, 1))]], [gives("not-yet", 2025, 3, 1)]),
    ([[of(NOTHING, level="felony", section="211", arrest_date=(2020, 1, 1))]], [gives("not-yet", 2026, 1, 1)]),
]

PACKS: dict[str, tuple[datetime.date, Sequence[tuple[list[list[Charge]], list[Any]]]]] = {
    "mi-clean-slate-2021": (D(2024, 1, 1), MICHIGAN),
    "nj-2c-52-6-1": (D(2022, 1, 1), NEW_JERSEY),
    "ny-mrta-2021": (D(2021, 4, 1), MRTA),
    "ny-cpl-160-57": (D(2025, 6, 1), SEALING),
    "ca-1203-425": (D(2025, 1, 1), CONVICTIONS),
    "ca-851-93": (D(2025, 1, 1), ARRESTS),
}
CASES = [(name, as_of, *case) for name, (as_of, cases) in PACKS.items() for case in cases]


@pytest.mark.parametrize(
    ("name", "as_of", "cases", "expected"),
    CASES,
    ids=[f"{name} {number}" for name, (_, cases) in PACKS.items() for number in range(1, len(cases) + 1)],
)
def test_a_case_is_decided_as_the_law_says(
    name: str, as_of: datetime.date, cases: list[list[Charge]], expected: list[Found]
) -> None:
    decisions = decide(tables_of([Person(cases)]), pack(name).policy(), day(as_of))
    assert [(answer.outcome or "none", answer.first) for answer in answers(decisions)] == expected
    assert [bool(bits) for bits in decisions.missing] == [outcome == "undecided" for outcome, _ in expected]


CONSPIRACY, IN_CAR = of(NJ, inchoate="conspiracy"), of(NJ, code="N.J.S.A. 39", section="4-49.1", subsection="")
AS_ORDERED = [
    ([[NJ]], [NJ_DUE]),
    ([[CONSPIRACY]], [NJ_DUE]),
    ([[NJ, IN_CAR]], [NJ_DUE, gives("none")]),
    ([[PIPE, IN_CAR]], [HAND, gives("none")]),
    ([[CONSPIRACY, THEFT]], [NO, gives("none")]),
    ([[of(NJ, inchoate="solicitation")]], [NO]),
]


@pytest.mark.parametrize(("cases", "expected"), AS_ORDERED)
def test_new_jersey_s_cases_go_as_ordered_where_that_is_asked_for(
    cases: list[list[Charge]], expected: list[Found]
) -> None:
    name, on, person = "nj-2c-52-6-1", {"as_ordered": True}, Person(cases)
    found = answers(decide(tables_of([person]), pack(name).policy(on), day(D(2022, 1, 1))))
    assert [(answer.outcome or "none", answer.first) for answer in found] == expected
    assert found == Policy(text(name), D(2022, 1, 1), on).decide(person)


def decided(name: str, person: Person, as_of: datetime.date, untold: Sequence[str] = ()) -> Decisions:
    return decide(tables_of([person], untold), pack(name).policy(), day(as_of))


def test_a_register_that_no_record_tells_of_leaves_convictions_undecided() -> None:
    found = decided("ca-1203-425", Person([[CA]]), D(2025, 1, 1), ["registered"])
    assert missing_words(int(found.missing[0])) == ("whether the person is registered",)
    assert (
        answers(decided("ca-1203-425", Person([[CA]], registered=True), D(2025, 1, 1)))[0].outcome == "not-eligible"
    )


def test_under_a_cap_nobody_who_is_not_known_is_decided() -> None:
    found = decided("mi-clean-slate-2021", Person(in_years(FELONY, 2000), identified=False), D(2024, 1, 1))
    assert missing_words(int(found.missing[0])) == ("who the person is",)


DATES = (D(2018, 6, 30), D(2021, 4, 1), D(2025, 1, 1))


@pytest.mark.sampled
@pytest.mark.parametrize("name", names())
def test_the_reference_decides_the_same(name: str) -> None:
    people = [Person(cases) for _, _, cases, _ in CASES]
    people += [Person(cases, registered=True) for _, _, cases, _ in some(CASES)]
    people += [Person(cases, identified=False) for _, _, cases, _ in some(CASES)]
    for as_of in DATES if is_long() else DATES[-1:]:
        plain = Policy(text(name), as_of)
        found = answers(decide(tables_of(people), pack(name).policy(), day(as_of)))
        assert found == [answer for person in people for answer in plain.decide(person)]
