"""Every fact of the vocabulary, by hand, on two people; and the dates that decisions rest on."""

import datetime

import numpy as np
import pytest

from clearscale.dates import as_of_day
from clearscale.errors import PolicyError
from clearscale.policy import FACTS, PACKS, Evidence, compiled, load_policy
from clearscale.policy.caseload import Caseload
from clearscale.policy.facts import Kind, find, known
from clearscale.runs.snapshots import shared_snapshot
from clearscale.store import open_store
from clearscale_kernels.people.calendar import NO_DATE
from tests.support.fabricate import Layout, render
from tests.support.samples import ingest

AS_OF = datetime.date(2020, 7, 1)
DAY = as_of_day(AS_OF)
BIRTH, FIRST, SECOND = (as_of_day(text) for text in ("1980-02-29", "2000-07-01", "2010-07-02"))


def row(subject: int, order: str, offense: str, date: str = "", **values: str) -> dict[str, bytes]:
    usual = {
        "SUBJECT_ID": f"{subject}",
        "PRI_DOB": "19800229" if subject == 1 else "",
        "CNT_ORDER": order,
        "OFFENSE_DESCR": offense,
        "STP_EVENT_DATE": date,
        "STP_ORI_CNTY_NAME": "KERN",
        "DISP_DESCR": "CONVICTED",
        "CONV_STAT_DESCR": "MISDEMEANOR",
    }
    return {name: value.encode() for name, value in {**usual, **values}.items()}


ROWS = [
    # The first person: two Prop 64 convictions, a superstrike of the second one's case, a pair of counts of a gang.
    row(1, "001001001000", "11357(A) HS-X", "20000701", CONV_OFFENSE_DESCR="11357(B) HS-X"),
    row(
        1,
        "002001001000",
        "11357(A) HS-X",
        "20100702",
        CONV_STAT_DESCR="FELONY",
        SENT_LENGTH="10",
        SENT_TIME_CODE="Y",
    ),
    row(1, "002001001000", "11357(A) HS-X", "20110101", DISP_DESCR="CONV SET ASIDE & DISM PER 1203.4 PC"),
    row(1, "002001002000", "187 PC-X", "20100701", CONV_STAT_DESCR="FELONY"),
    row(1, "003001001000", "186.22(B)(4) PC-X", "20090101"),
    row(1, "003001002000", "246 PC-X", "20090101"),
    row(1, "003001003000", "243.4 PC-X", "20090101"),
    row(1, "004001001000", "148 PC-X", "20080101"),
    row(1, "005001001000", "", "", STP_TYPE_DESCR="DECEASED", DISP_DESCR=""),
    row(1, "006001001000", "290 PC-X", "", STP_TYPE_DESCR="REGISTRATION", DISP_DESCR=""),
    row(1, "007001001000", "HS-11357", "20050101"),
    # The second person: one conviction without any date, in the comment, of a synthetic drug.
    row(2, "001001001000", "", COMMENT_TEXT="11357.5 HS-X"),
    row(2, "001001001000", "", DISP_DESCR="REDUCED TO MISDEMEANOR"),
    row(2, "001001001000", "", DISP_DESCR="CONVICTION VACATED", COMMENT_TEXT="11357.5 HS-X"),
    row(2, "008001001000", "11358 HS-X", "", STP_TYPE_DESCR="COURT ACTION", DISP_DESCR=""),
]
"""Convictions that a policy may decide: rows 0, 1, 7 and 11."""

YEAR_1 = DAY - NO_DATE
WANTED: dict[str, list[int]] = {
    "felony": [0, 1, 0, 0],
    "section": [0, 0, -1, 0],
    "subsection": [1, 1, 0, 0],
    "charge": [1, 1, 16, 129],
    "prop64": [1, 1, 0, 1],
    "related": [0, 0, 1, 0],
    "synthetic": [0, 0, 0, 1],
    "event_date": [FIRST, SECOND, as_of_day("2008-01-01"), NO_DATE],
    "age_at_conviction": [20, 30, 27, 0],
    "years_since_conviction": [20, 9, 12, 2019],
    "days_since_conviction": [DAY - FIRST, DAY - SECOND, DAY - as_of_day("2008-01-01"), YEAR_1],
    # Ten years of 366 days from 2 July 2010 end on 10 July 2020.
    "sentence_ended": [1, 0, 1, 1],
    "days_since_sentence_end": [
        2 * (DAY - FIRST),
        2 * (DAY - SECOND - 3660),
        2 * (DAY - as_of_day("2008-01-01")),
        2 * YEAR_1,
    ],
    "prop64_in_cycle": [1, 1, 0, 1],
    "priors": [0, 1, 0, 0],
    "same_section_cycles": [2, 2, 1, 1],
    "superstrike_earlier": [0, 1, 0, 0],
    "superstrike_same_case": [0, 1, 0, 0],
    "superstrike_prior": [0, 0, 0, 0],
    "pc290_earlier": [0, 1, 0, 0],
    "pc290_same_case": [0, 0, 0, 0],
    "pc290_prior": [0, 1, 0, 0],
    "set_aside": [0, 1, 0, 0],
    "reduced": [0, 0, 0, 1],
    "charge_in_comment": [0, 0, 0, 1],
    "cleared_earlier": [0, 0, 0, 1],
    "another_offense_charged": [1, 0, 0, 0],
    "implausible_date": [0, 0, 0, 0],
    "no_event_date": [0, 0, 0, 1],
    "unreadable_date": [0, 0, 0, 0],
    "age": [40, 40, 40, 2019],
    "julian_age": [4 * (DAY - BIRTH)] * 3 + [4 * YEAR_1],
    "birth_date": [BIRTH] * 3 + [NO_DATE],
    "deceased": [1, 1, 1, 0],
    "registered": [1, 1, 1, 0],
    "no_birth_date": [0, 0, 0, 1],
    "contradictory_subject": [0, 0, 0, 0],
    "contradictory_person": [0, 0, 0, 0],
    "convictions": [8, 8, 8, 1],
    "felony_convictions": [2, 2, 2, 0],
    "prop64_convictions": [2, 2, 2, 1],
    "convictions_11357": [2, 2, 2, 1],
    "convictions_11358": [0, 0, 0, 0],
    "convictions_11359": [0, 0, 0, 0],
    "convictions_11360": [0, 0, 0, 0],
    "only_prop64": [0, 0, 0, 1],
    "superstrikes": [1, 1, 1, 0],
    "gang_pair": [1, 1, 1, 0],
    "pc290_convictions": [1, 1, 1, 0],
    "latest_conviction": [SECOND] * 3 + [NO_DATE],
    "years_since_latest_conviction": [9, 9, 9, 2019],
    "years_crime_free": [9, 9, 9, 2019],
    "julian_years_since_latest_conviction": [4 * (DAY - SECOND)] * 3 + [-1461],
    "days_since_latest_conviction": [DAY - SECOND] * 3 + [YEAR_1],
    "serving_sentence": [1, 1, 1, 0],
    "days_since_last_sentence_end": [2 * (DAY - SECOND - 3660)] * 3 + [2 * YEAR_1],
    "undecided_prop64": [0, 0, 0, 1],
    "near_prop64": [1, 1, 1, 0],
    "any_no_event_date": [0, 0, 0, 1],
    "code_section begins with '11357'": [1, 1, 0, 1],
    "code_section begins with '11357(A)'": [1, 1, 0, 0],
    "code_section is '148 PC'": [0, 0, 1, 0],
    "code_section is '11357(A)'": [0, 0, 0, 0],
    "code_section contains '5 HS'": [0, 0, 0, 1],
}


@pytest.fixture(scope="module")
def caseload(tmp_path_factory: pytest.TempPathFactory) -> Caseload:
    path = tmp_path_factory.mktemp("facts") / "extract.csv"
    path.write_bytes(render(ROWS, Layout()))
    ingest(str(path), path.parent / "store", county="KERN", buckets=1)
    store = open_store(str(path.parent / "store"))
    return shared_snapshot(store.folder, store.manifest.snapshot).caseload_of_buckets([0])


def test_the_rows_that_a_policy_may_decide(caseload: Caseload) -> None:
    assert sorted(caseload.candidates["row"].tolist()) == [0, 1, 7, 11]


def by_row(caseload: Caseload, found: np.ndarray) -> list[int]:
    """What was found of each candidate, in the order of the extract's rows."""
    wide: list[int] = found.astype(np.int64)[np.argsort(caseload.candidates["row"])].tolist()
    return wide


@pytest.mark.parametrize("name", WANTED)
def test_a_fact(caseload: Caseload, name: str) -> None:
    found = find(name, Evidence(caseload, DAY))
    assert by_row(caseload, found) == WANTED[name]
    fact = known(name)
    assert fact.least <= min(WANTED[name])
    assert max(WANTED[name]) <= fact.most
    limits = np.iinfo(np.int32 if fact.wide else np.int16)
    assert limits.min <= found.min()
    assert found.max() <= limits.max
    if fact.kind == Kind.FLAG:
        assert (fact.least, fact.most) == (0, 1)


def test_every_fact_has_a_case() -> None:
    assert {name for name in WANTED if not name.startswith("code_section")} == set(FACTS)


@pytest.mark.parametrize("name", FACTS)
def test_a_fact_that_a_missing_date_changes_rests_on_it(caseload: Caseload, name: str) -> None:
    """Facts that ask for dates name them, and no others do."""
    words = f"{name} {FACTS[name].meaning}"
    dated = any(word in words for word in ("date", "age", "years", "day", "sentence")) and "same_" not in name
    assert bool(FACTS[name].rests_on) == dated


def test_facts_on_other_dates_of_the_same_record(caseload: Caseload) -> None:
    later = Evidence(caseload, as_of_day("2020-07-11"))
    assert by_row(caseload, find("serving_sentence", later)) == [0, 0, 0, 0]
    on_the_day = Evidence(caseload, as_of_day("2020-07-09"))
    # On the day itself a sentence has neither ended nor is it being served.
    assert by_row(caseload, find("serving_sentence", on_the_day)) == [0, 0, 0, 0]
    assert by_row(caseload, find("sentence_ended", on_the_day)) == [1, 0, 1, 1]


def test_text_needs_texts(caseload: Caseload) -> None:
    bare = Caseload(caseload.candidates, caseload.subjects, caseload.charge_flags, caseload.sections, 1)
    with pytest.raises(PolicyError, match="asks for the text of code sections"):
        find("subsection", Evidence(bare, DAY))


def test_a_store_without_a_column_says_so(caseload: Caseload) -> None:
    subjects = {name: values for name, values in caseload.subjects.items() if name != "gang_pair"}
    old = Caseload(caseload.candidates, subjects, caseload.charge_flags, caseload.sections, 1, caseload.offenses)
    with pytest.raises(PolicyError, match="made by an earlier version and lacks 'gang_pair'"):
        find("gang_pair", Evidence(old, DAY))


@pytest.mark.parametrize("name", PACKS)
def test_programs_rest_on_the_dates_of_their_facts(name: str) -> None:
    policy = load_policy(name)
    program = compiled(policy)  # type: ignore[arg-type]
    for rule, rests_on in zip(policy.rules, program.rests_on, strict=False):
        wanted = 0
        for condition in rule.conditions:
            wanted |= known(condition.fact).rests_on
        assert wanted == rests_on
    assert program.rests_on[-1] == 0
    assert sorted(program.facts) == sorted(
        {condition.fact for rule in policy.rules for condition in rule.conditions}
    )
