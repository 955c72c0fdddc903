"""Cases of Illinois's pack, derived by hand from the law as docs/policies/il-minor-cannabis-2020.md quotes it.

Each is a charge of one case, beside which other charges of the case may stand.
"""

import datetime
from dataclasses import replace

import pytest

from clearscale.law import state
from clearscale.relief import OUTCOMES, decide, missing_words
from clearscale.relief.packs import pack
from tests.relief.test_against_reference import answers
from tests.support.plain_charges import Charge, Person, day, tables_of
from tests.support.reference.relief import Policy

D = datetime.date
CODE = "720 ILCS 550"
AS_OF = D(2021, 6, 1)
POSSESSION = Charge(CODE, "4", "(a)", level="misdemeanor", severity="C", disposition="dismissed", grams=(0, 2.5))
SALE = replace(POSSESSION, section="5", subsection="(c)", level="felony", severity="4", grams=(10, 30))
OTHER = Charge("720 ILCS 570", "402", "(c)", level="felony", severity="4", disposition="dismissed")
BATTERY = Charge("720 ILCS 5", "12-3", "(a)", level="misdemeanor", severity="A", disposition="dismissed")
TO_MINOR = Charge(CODE, "7", "(a)", level="felony", severity="3", disposition="dismissed")
ORDINANCE = Charge(description="DISORDERLY CONDUCT", level="ordinance", disposition="dismissed")
UNREADABLE = Charge(description="WORDS THAT NAME NOTHING", level="misdemeanor", disposition="dismissed")


def arrested(charge: Charge, *date: int, **changes: object) -> Charge:
    return replace(charge, arrest_date=D(*date), **changes)  # type: ignore[arg-type]


def of_the_day(section: str, subsection: str, date: datetime.date, **others: object) -> Charge:
    """A charge of a subsection, with the weight that the state's statutes give it on the day."""
    amount = state("illinois").statutes.amounts.of(CODE, section, subsection, date)
    grams = None if amount.above is None or amount.to is None else (amount.above, amount.to)
    return replace(POSSESSION, section=section, subsection=subsection, grams=grams, arrest_date=date, **others)  # type: ignore[arg-type]


GUILTY = {"disposition": "convicted"}
CASES: list[tuple[str, list[Charge], str, str, datetime.date | None]] = [
    # The windows of the automatic route, on their edges.
    ("first day of the first window", [arrested(POSSESSION, 2013, 1, 1)], "expunge", "2021", D(2020, 1, 1)),
    ("last day of the first window", [arrested(POSSESSION, 2019, 6, 25)], "expunge", "2021", D(2020, 6, 25)),
    ("behind it", [arrested(POSSESSION, 2019, 6, 26)], "not-eligible", "Arrested after 2019-06-25", None),
    ("last day of the second", [arrested(POSSESSION, 2012, 12, 31)], "expunge", "2023", D(2020, 1, 1)),
    ("first day of the second", [arrested(POSSESSION, 2000, 1, 1)], "expunge", "2023", D(2020, 1, 1)),
    ("last day of the third", [arrested(POSSESSION, 1999, 12, 31)], "expunge", "2025", D(2020, 1, 1)),
    ("acquitted", [arrested(SALE, 2010, 5, 5, disposition="acquitted")], "expunge", "2023", D(2020, 1, 1)),
    ("supervision", [arrested(POSSESSION, 2010, 5, 5, disposition="diverted")], "expunge", "2023", D(2020, 1, 1)),
    ("without an arrest's day", [POSSESSION], "undecided", "", None),
    # What bars it.
    (
        "more than 30 g",
        [arrested(POSSESSION, 2010, 5, 5, grams=(30, 500))],
        "not-eligible",
        "More than 30 grams",
        None,
    ),
    ("a battery", [arrested(POSSESSION, 2010, 5, 5), BATTERY], "not-eligible", "Violent crime in the case", None),
    ("another drug", [arrested(POSSESSION, 2010, 5, 5), OTHER], "expunge", "2023", D(2020, 1, 1)),
    ("an ordinance", [arrested(POSSESSION, 2010, 5, 5), ORDINANCE], "expunge", "2023", D(2020, 1, 1)),
    ("550/7", [arrested(SALE, 2010, 5, 5), TO_MINOR], "not-eligible", "Delivery to a minor in the case", None),
    ("a text that names nothing", [arrested(POSSESSION, 2010, 5, 5), UNREADABLE], "undecided", "", None),
    # Dispositions.
    ("no disposition", [arrested(POSSESSION, 2010, 5, 5, disposition="none")], "undecided", "", None),
    (
        "pending",
        [arrested(POSSESSION, 2010, 5, 5, disposition="pending")],
        "not-eligible",
        "Charge still pending",
        None,
    ),
    ("vacated", [arrested(POSSESSION, 2010, 5, 5, disposition="vacated")], "hand-review", "vacated before", None),
    ("merged", [arrested(POSSESSION, 2010, 5, 5, disposition="other")], "hand-review", "merged", None),
    # Convictions.
    ("up to 30 g", [arrested(POSSESSION, 2010, 5, 5, **GUILTY)], "pardon-list", "up to 30", D(2020, 1, 1)),
    ("delivery up to 30 g", [arrested(SALE, 2010, 5, 5, **GUILTY)], "pardon-list", "up to 30", D(2020, 1, 1)),
    (
        "Class 4 of more",
        [arrested(POSSESSION, 2010, 5, 5, level="felony", severity="4", grams=(30, 500), **GUILTY)],
        "vacate",
        "Class 4 felony",
        D(2020, 1, 1),
    ),
    (
        "Class 3",
        [arrested(POSSESSION, 2010, 5, 5, level="felony", severity="3", grams=(500, 2000), **GUILTY)],
        "not-eligible",
        "More than 30 grams",
        None,
    ),
    (
        "up to 30 g with a battery, a misdemeanor",
        [arrested(POSSESSION, 2010, 5, 5, **GUILTY), BATTERY],
        "vacate",
        "Misdemeanor, by motion",
        D(2020, 1, 1),
    ),
    # A subsection before and from 29 July 2016.
    ("4(c) before", [of_the_day("4", "(c)", D(2016, 7, 28))], "expunge", "2021", D(2020, 1, 1)),
    ("4(c) from then on", [of_the_day("4", "(c)", D(2016, 7, 29))], "not-eligible", "More than 30", None),
    ("4(b) from then on", [of_the_day("4", "(b)", D(2016, 7, 29))], "expunge", "2021", D(2020, 1, 1)),
    (
        "4(c) convicted before",
        [of_the_day("4", "(c)", D(2016, 7, 28), **GUILTY)],
        "pardon-list",
        "30",
        D(2020, 1, 1),
    ),
    (
        "4(c) convicted after",
        [of_the_day("4", "(c)", D(2016, 7, 29), **GUILTY)],
        "vacate",
        "Misd",
        D(2020, 1, 1),
    ),
    ("5(c) at any time", [of_the_day("5", "(c)", D(2018, 1, 1))], "expunge", "2021", D(2020, 1, 1)),
    ("5(d)", [of_the_day("5", "(d)", D(2018, 1, 1))], "not-eligible", "More than 30", None),
    ("4 alone", [of_the_day("4", "", D(2015, 1, 1))], "undecided", "", None),
]


@pytest.mark.parametrize(
    ("charges", "outcome", "reason", "first"), [case[1:] for case in CASES], ids=[case[0] for case in CASES]
)
def test_a_case_is_decided_as_the_law_says(
    charges: list[Charge], outcome: str, reason: str, first: datetime.date | None
) -> None:
    policy = pack("il-minor-cannabis-2020").policy()
    person = Person([charges])
    found = answers(decide(tables_of([person]), policy, day(AS_OF)))[0]
    assert (found.outcome, found.first) == (outcome, first)
    if outcome != "undecided":
        assert found.rule is not None
        assert reason in policy.rules[found.rule].reason


@pytest.mark.parametrize(
    ("charges", "missing"),
    [
        ([POSSESSION], "date of the arrest"),
        ([arrested(POSSESSION, 2010, 5, 5, disposition="none")], "disposition"),
        ([arrested(POSSESSION, 2010, 5, 5, disposition=None)], "disposition"),
        ([arrested(POSSESSION, 2010, 5, 5, grams=None)], "amount"),
        ([arrested(POSSESSION, 2010, 5, 5), UNREADABLE], "statute, of another charge of the case or person"),
    ],
)
def test_what_is_missing_is_named(charges: list[Charge], missing: str) -> None:
    found = decide(tables_of([Person([charges])]), pack("il-minor-cannabis-2020").policy(), day(AS_OF))
    assert found.outcome[0] == OUTCOMES["undecided"].code
    assert ", ".join(missing_words(int(found.missing[0]))) == missing


def test_before_the_act_took_effect_nothing_is_due() -> None:
    charge = arrested(POSSESSION, 2010, 5, 5)
    found = answers(
        decide(tables_of([Person([[charge]])]), pack("il-minor-cannabis-2020").policy(), day(D(2019, 12, 31)))
    )
    assert (found[0].outcome, found[0].first) == ("not-yet", D(2020, 1, 1))


def test_charges_of_other_sections_are_no_candidates() -> None:
    found = decide(tables_of([Person([[OTHER, UNREADABLE]])]), pack("il-minor-cannabis-2020").policy(), day(AS_OF))
    assert found.outcome.tolist() == [-1, -1]
    assert found.unsure.tolist() == [False, True]
    assert not found.missing.any()


def test_the_reference_decides_the_same() -> None:
    text = (state("illinois").folder / "relief" / "il-minor-cannabis-2020.toml").read_text("utf-8")
    people = [Person([charges]) for _, charges, *_ in CASES]
    found = answers(decide(tables_of(people), pack("il-minor-cannabis-2020").policy(), day(AS_OF)))
    assert found == [answer for person in people for answer in Policy(text, AS_OF).decide(person)]
