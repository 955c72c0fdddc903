"""On any extract the pilots' packs decide what a plain reference of their programs decides."""

import datetime
import random
import tempfile
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from clearscale.dates import as_of_day
from clearscale.histories.candidates import candidates_of, county_codes
from clearscale.io.source import Source
from clearscale.law.offense_texts import Offenses
from clearscale.outputs.export.from_extract import fold_extract
from clearscale.policy import AnyPolicy, load_policy, outcomes
from clearscale.policy.caseload import caseload_of
from clearscale.runs.evaluate import Decisions, evaluate
from tests.support.examples import examples, long, some
from tests.support.fabricate import Layout, edge_extract, extracts, render
from tests.support.reference import pilots

PACKS = {
    "CONTRA COSTA": "ca-contra-costa-2019",
    "LOS ANGELES": "ca-los-angeles-2019",
    "SACRAMENTO": "ca-sacramento-2019",
    "SAN JOAQUIN": "ca-san-joaquin-2019",
}
AS_OF_DATES = (
    datetime.date(2019, 2, 1),
    datetime.date(2020, 2, 29),
    datetime.date(2021, 2, 28),
    datetime.date(2021, 3, 1),
    datetime.date(2016, 11, 9),
)
VARIANTS: tuple[dict[str, Any], ...] = (
    {"two_priors_last": True},
    {"dismiss_all_11357": True},
    {"date_disqualifies": False},
    {"superstrikes_disqualify": False},
    {"pc290_disqualifies": False},
    {"superstrikes_disqualify": False, "pc290_disqualifies": False},
    {"two_priors_disqualify": False},
    {"age": 40, "years": 3},
    {"two_priors_disqualify": False, "two_priors_last": True},
)
"""The seven of October 2019, and two more."""

stable = settings(
    derandomize=True,
    deadline=None,
    database=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)


def decided(extract: bytes, county: str, policy: AnyPolicy, as_of: datetime.date) -> list[tuple[int, str, str]]:
    """(row, determination, reason) of each decision of the county, in file order."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "extract.csv"
        path.write_bytes(extract)
        _, folded, dictionaries = fold_extract(Source(str(path)))
    found = candidates_of(folded, dictionaries, county_codes([county], dictionaries))
    offenses = Offenses(dictionaries.texts["offense"])
    caseload = caseload_of([found], *folded.charges, 1, offenses, dictionaries.texts["county"])
    decisions: Decisions = evaluate(caseload, policy, as_of_day(as_of))
    known = outcomes(policy, offenses)
    places = known.at(decisions.rules, caseload.candidates["offense"])
    chosen = decisions.in_scope & caseload.own
    rows = zip(caseload.candidates["row"].tolist(), places.tolist(), chosen.tolist(), strict=True)
    return sorted((row, known.determinations[place], known.reasons[place]) for row, place, kept in rows if kept)


@pytest.mark.parametrize("county", PACKS)
@pytest.mark.parametrize("as_of", [*map(long, AS_OF_DATES[:1]), AS_OF_DATES[1], *map(long, AS_OF_DATES[2:])])
def test_edge_extracts(county: str, as_of: datetime.date) -> None:
    extract = edge_extract(as_of.toordinal() % 97, 250, county, as_of, scatter=as_of.day == 1)
    wanted = pilots.decisions(extract, county, as_of)
    assert len(wanted) > 100
    assert decided(extract, county, load_policy(PACKS[county]), as_of) == wanted


@cache
def varied() -> tuple[datetime.date, bytes]:
    """When variants decide, and on what."""
    as_of = datetime.date(2019, 10, 1)
    return as_of, edge_extract(7, 250, "LOS ANGELES", as_of) + strikes_extract(11)


@pytest.fixture(scope="module")
def unvaried() -> list[tuple[int, str, str]]:
    as_of, extract = varied()
    return pilots.decisions(extract, "LOS ANGELES", as_of)


@pytest.mark.sampled
@pytest.mark.parametrize("variant", some(VARIANTS), ids=str)
def test_variants_of_los_angeles(variant: dict[str, Any], unvaried: list[tuple[int, str, str]]) -> None:
    as_of, extract = varied()
    policy = load_policy("ca-los-angeles-2019", variant)
    wanted = pilots.decisions(extract, "LOS ANGELES", as_of, pilots.LosAngeles(**variant))
    assert decided(extract, "LOS ANGELES", policy, as_of) == wanted
    if variant != {"two_priors_disqualify": False, "two_priors_last": True}:
        assert wanted != unvaried


@pytest.mark.parametrize("county", PACKS)
@settings(stable, max_examples=examples(100))
@given(data=st.data(), as_of=st.sampled_from(AS_OF_DATES))
def test_any_extract(county: str, data: st.DataObject, as_of: datetime.date) -> None:
    extract = data.draw(extracts(county, as_of))
    assert decided(extract, county, load_policy(PACKS[county]), as_of) == pilots.decisions(extract, county, as_of)


OFFENSES = (
    b"11359 HS-SALE",
    b"11360(A) HS-SELL",
    b"11358 HS-CULTIVATE",
    b"11357(C) HS-POSSESS",
    b"11357(B) HS-POSSESS",
    b"11360/187 PC-BOTH",
    b"\xc9 11359 HS-LATIN",
    "\u00c9\u00c911359 HS-UTF".encode(),
    b"186.22(B)(4) PC/246 PC-BOTH",
    b"12022.55 PC/186.22(B)(4)-ALMOST",
    b"187 PC-MURDER",
    b"186.22(B)(4) PC-GANG",
    b"246 PC-SHOOT",
    b"213(A)(1)(A) PC-ROBBERY",
    b"2460 PC-X",
    b"186.22(B)(4)/246 PC-BOTH",
    b"261 PC-RAPE",
    b"290 PC-REGISTER",
    b"459 PC-BURGLARY",
)
DATES = (b"20100101", b"20100102", b"20151231", b"20181231", b"", b"00010101", b"00001231", b"19900505")
BIRTHS = (b"19800101", b"19970201", b"19980131", b"", b"20300101", b"00010101", b"19690202", b"19700228")


def strike(
    subject: int, order: bytes, offense: bytes, date: bytes, birth: bytes, kind: bytes, length: bytes
) -> dict[str, bytes]:
    return {
        "SUBJECT_ID": b"9%d" % subject,
        "CNT_ORDER": order,
        "OFFENSE_DESCR": offense,
        "STP_EVENT_DATE": date,
        "PRI_DOB": birth,
        "STP_TYPE_DESCR": kind,
        "STP_ORI_CNTY_NAME": b"LOS ANGELES",
        "DISP_DESCR": b"" if kind == b"REGISTRATION" else b"CONVICTED",
        "CONV_STAT_DESCR": b"FELONY",
        "SENT_LENGTH": length,
        "SENT_TIME_CODE": b"Y",
    }


ORDERS = tuple(b"%03d%03d%03d000" % (cycle, step, count) for cycle in (1, 2) for step in (1, 2) for count in (1, 2))
KINDS = (b"COURT ACTION", b"COURT ACTION", b"COURT ACTION", b"REGISTRATION", b"DECEASED")


@st.composite
def struck(draw: st.DrawFn) -> bytes:
    """A person whose superstrikes, registrations and priors stand in every order and case."""
    birth = draw(st.sampled_from(BIRTHS))
    row = st.builds(
        strike,
        st.just(1),
        st.sampled_from(ORDERS),
        st.sampled_from(OFFENSES),
        st.sampled_from(DATES),
        st.just(birth),
        st.sampled_from(KINDS),
        st.sampled_from((b"", b"1", b"9", b"-1", b"99999")),
    )
    return bytes(render(draw(st.lists(row, min_size=1, max_size=8)), Layout()))


def strikes_extract(seed: int) -> bytes:
    """Many such people and one with two priors and nothing else, without a header."""
    rng = random.Random(seed)
    rows = [
        strike(999, b"00%d001001000" % number, b"11359 HS", b"20%02d0101" % number, b"19500101", KINDS[0], b"")
        for number in (1, 2, 3)
    ]
    for subject in range(200):
        birth = rng.choice(BIRTHS)
        for _ in range(rng.randrange(1, 8)):
            order, offense, date = rng.choice(ORDERS), rng.choice(OFFENSES), rng.choice(DATES)
            kind, length = rng.choice(KINDS), rng.choice((b"", b"1", b"9"))
            rows.append(strike(subject, order, offense, date, birth, kind, length))
    return bytes(render(rows, Layout(header=False)))


@settings(stable, max_examples=examples(400))
@given(extract=struck(), as_of=st.sampled_from(AS_OF_DATES))
def test_strikes_registrations_and_priors_in_any_order(extract: bytes, as_of: datetime.date) -> None:
    policy = load_policy("ca-los-angeles-2019")
    assert decided(extract, "LOS ANGELES", policy, as_of) == pilots.decisions(extract, "LOS ANGELES", as_of)
