"""Subjects and people who contradict are flagged the same, however the work is cut and the files are given."""

from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import clearscale
from clearscale.errors import ExtractError
from clearscale.store import open_store
from clearscale_kernels import flag
from tests.support.contradicting import CUTS, RECORDS, Drawn, records_of
from tests.support.examples import examples
from tests.support.plain_candidates import contradictory_people, histories, subject_contradicts
from tests.support.samples import conviction, ingest, put, rendered

from .test_candidates import compare

stable = settings(
    derandomize=True,
    deadline=None,
    database=None,
    suppress_health_check=list(HealthCheck),
    max_examples=examples(150),
)


@stable
@given(RECORDS, RECORDS, CUTS)
def test_as_in_plain_python(
    tmp_path_factory: pytest.TempPathFactory,
    one: Drawn,
    other: Drawn,
    options: dict[str, Any],
) -> None:
    extracts = {county: rendered(records_of(county, drawn)) for county, drawn in (("NAPA", one), ("YOLO", other))}
    compare(tmp_path_factory.mktemp("any"), extracts, **options)


CONTRADICTIONS = {"contradictory-subjects", "contradictory-names", "contradictory-births"}


def bits(store: Path) -> dict[bytes, int]:
    """What is known of each subject of a store's only extract."""
    wanted = flag.SUBJECT_CONTRADICTS | flag.PERSON_CONTRADICTS | flag.UNREADABLE_BIRTH_DATE
    people = open_store(str(store)).table("people", ["subject_id", "flags"])
    ids, flags = (people.column(name).to_pylist() for name in ("subject_id", "flags"))
    return {subject: found & wanted for subject, found in zip(ids, flags, strict=True)}


@pytest.mark.long
@settings(stable, max_examples=examples(60))
@given(RECORDS, st.integers(0, 14), CUTS)
def test_parts_given_together_or_added_later_say_the_same(
    tmp_path_factory: pytest.TempPathFactory,
    drawn: Drawn,
    cut: int,
    options: dict[str, Any],
) -> None:
    folder, rows = tmp_path_factory.mktemp("parts"), records_of("NAPA", drawn)
    cut = min(cut, len(rows) - 1)
    pieces = [part for part in (rows[:cut], rows[cut:]) if part]
    paths = [put(folder, f"{number}.csv", rendered(part)) for number, part in enumerate(pieces)]
    county = {path.rpartition("/")[2]: "NAPA" for path in paths}
    ingest(put(folder, "whole.csv", rendered(rows)), folder / "whole", county="NAPA", **options)
    ingest(paths, folder / "together", county=county, **options)
    ingest(paths[0], folder / "later", county="NAPA", **options)
    for path in paths[1:]:
        ingest(path, folder / "later", county="NAPA", add=True, **options)
    everyone = histories({"NAPA": rendered(rows)})
    people = contradictory_people(everyone)
    wanted = {
        history.subject_id: flag.SUBJECT_CONTRADICTS * subject_contradicts(history)
        + flag.PERSON_CONTRADICTS * (history.person in people)
        for history in everyone
    }
    found = bits(folder / "whole")
    readable = {subject: flags & ~flag.UNREADABLE_BIRTH_DATE for subject, flags in found.items()}
    assert readable == wanted
    assert bits(folder / "together") == bits(folder / "later") == found
    # Whoever contradicts is told, in whichever files the records stand.
    for store in ("whole", "together", "later"):
        entry = open_store(str(folder / store)).manifest.extracts[0]
        told = {finding.name for finding in entry.findings} & CONTRADICTIONS
        assert bool(told) == any(subject_contradicts(history) for history in everyone)


def test_who_contradicts_what_the_extract_held_is_told(tmp_path: Path) -> None:
    rows = [conviction(f"s{number}", "NAPA", number) for number in range(1, 41)]
    ingest(put(tmp_path, "july.csv", rendered(rows)), tmp_path / "store", county="NAPA")
    more = [
        conviction("s1", "NAPA", 101),
        conviction("s2", "NAPA", 102, PRI_NAME="ROE,SAM"),
        conviction("s3", "NAPA", 103, PRI_DOB="19700102"),
        conviction("s3", "NAPA", 104, PRI_DOB="19700102"),
    ]
    path = put(tmp_path, "august.csv", rendered(more))
    dry = clearscale.ingest(path, tmp_path / "store", county="NAPA", add=True, dry_run=True)
    done = clearscale.ingest(path, tmp_path / "store", county="NAPA", add=True)
    assert dry.findings == done.findings
    (found,) = done.findings.values()
    assert [(finding.name, finding.count, finding.of, finding.lines) for finding in found] == [
        ("contradictory-names", 1, 40, ()),
        ("contradictory-births", 1, 40, ()),
    ]
    more = [conviction(f"s{number}", "NAPA", 200 + number, CII_NUMBER=f"B{number}") for number in range(4, 8)]
    with pytest.raises(ExtractError, match="contradictory-subjects: 4 of 40 subjects"):
        clearscale.ingest(
            put(tmp_path, "september.csv", rendered(more)), tmp_path / "store", county="NAPA", add=True
        )


def test_decisions_policies_and_tables_tell_them(tmp_path: Path) -> None:
    rows = [
        conviction("s1", "NAPA", 1, CII_NUMBER="A1"),
        conviction("s1", "NAPA", 2, CII_NUMBER="A1", PRI_NAME="ROE,SAM"),
        conviction("s2", "NAPA", CII_NUMBER="A2"),
        conviction("s3", "NAPA", CII_NUMBER="A3", PRI_DOB="1970-01-01"),
        conviction("s4", "NAPA", CII_NUMBER="A4", PRI_DOB=""),
        conviction("s5", "NAPA", CII_NUMBER="A5", STP_EVENT_DATE="6/1/2015"),
    ]
    ingest(put(tmp_path, "napa.csv", rendered(rows)), tmp_path / "store", county="NAPA")
    other = [conviction("t2", "YOLO", CII_NUMBER="A2", PRI_DOB="19700102")]
    ingest(put(tmp_path, "yolo.csv", rendered(other)), tmp_path / "store", county="YOLO")
    policy = put(
        tmp_path,
        "policy.toml",
        b'id = "asks"\ntitle = "Asks"\n'
        + b"".join(
            b'[[rule]]\nif = ["%s"]\nthen = "hand-review"\nbecause = "%s"\n' % (fact, fact)
            for fact in (b"contradictory_subject", b"contradictory_person", b"unreadable_date")
        )
        + b'[[rule]]\nif = []\nthen = "dismiss"\nbecause = "Others"\n',
    )
    run = clearscale.run(tmp_path / "store", policy, "2020-07-01", tmp_path / "run")
    subject, person, unreadable = ("contradictory-subject", "contradictory-person", "unreadable-date")
    found = {
        name.partition("-")[0]: [
            (row["reason"], {*row["flags"].split(";")} & {subject, person, unreadable, "rests-on-missing-date"})
            for row in run.decisions(name).to_pylist()
        ]
        for name in run.info["decisions"]
    }
    assert found == {
        "napa": [
            ("contradictory_subject", {subject}),
            ("contradictory_subject", {subject}),
            ("contradictory_person", {person}),
            ("unreadable_date", {unreadable, "rests-on-missing-date"}),
            ("Others", set()),
            ("unreadable_date", {unreadable, "rests-on-missing-date"}),
        ],
        "yolo": [("contradictory_person", {person})],
    }
    counted = {
        (row["county"], row["flag"]): row["convictions"]
        for row in run.table("flags").to_pylist()
        if row["flag"] in (subject, person, unreadable)
    }
    assert counted == {
        ("NAPA", subject): 2,
        ("NAPA", person): 1,
        ("NAPA", unreadable): 2,
        ("YOLO", person): 1,
        ("", subject): 2,
        ("", person): 1,
        ("", unreadable): 2,
    }
