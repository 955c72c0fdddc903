"""What fabricated files were made of is what each state's pack finds, charge by charge."""

import csv
from collections.abc import Mapping
from datetime import date
from itertools import groupby
from pathlib import Path

import pytest

from clearscale.charges.grouping import tables_of
from clearscale.formats import load_map
from clearscale.formats.reading import Reading
from clearscale.law import state
from clearscale.relief import NO_CANDIDATE, OUTCOMES, decide
from clearscale.relief.packs import pack, text
from clearscale.synth import fabricate_charges
from tests.relief.test_against_reference import answers
from tests.support.examples import is_long
from tests.support.plain_charges import Charge, Person
from tests.support.reference.relief import Policy

PEOPLE = 20_000 if is_long() else 1_500
AS_OF = (date(2020, 12, 31) - date(1970, 1, 1)).days
"""More than a year after the last day of an arrest that the Act is about."""

WINDOWS = {3: "expunged by 2021", 4: "expunged by 2023", 5: "expunged by 2025"}
"""The windows of the automatic route by the places of their rules."""

LABELS = {
    "pardon-list": "pardon list",
    "vacate": "motion",
    "hand-review": "hand review",
    "not-eligible": "not eligible",
    "undecided": "undecided",
}


@pytest.mark.sampled
def test_every_charge_is_decided_as_it_was_made(tmp_path: Path) -> None:
    stated, policy = load_map("il-cook-clerk"), pack("il-minor-cannabis-2020").policy()
    windows = [policy.rules[rule].reason for rule in WINDOWS]
    assert [words.rpartition("by 1 January ")[2] for words in windows] == ["2021", "2023", "2025"]
    file = fabricate_charges(str(tmp_path), stated, people=PEOPLE, seed=4)
    tables = tables_of(piece.charges for piece in Reading([file.path], stated))
    decided = decide(tables, policy, AS_OF)
    names = {outcome.code: name for name, outcome in OUTCOMES.items()}
    found = {
        line: ""
        if outcome == NO_CANDIDATE
        else WINDOWS[rule]
        if names[outcome] == "expunge"
        else LABELS[names[outcome]]
        for line, outcome, rule in zip(
            tables.charges.line.tolist(), decided.outcome.tolist(), decided.rule.tolist(), strict=True
        )
    }
    with (tmp_path / "truth.csv").open(encoding="utf-8", newline="") as truth:
        made = list(csv.DictReader(truth))
    wanted = {int(row["line"]): row["outcome"] for row in made}
    wrong = {line: (found[line], wanted[line]) for line in wanted if found[line] != wanted[line]}
    assert len(found) == len(wanted)
    assert not wrong, f"{len(wrong)} of {len(wanted)} charges, such as {list(wrong.items())[:5]}"
    unreadable = {int(row["line"]) for row in made if not row["code"]}
    assert {*tables.charges.line[decided.unsure].tolist()} == unreadable
    assert {*LABELS.values(), *WINDOWS.values(), ""} == {*wanted.values()}


OF_STATES = {
    "new_york": ({"expunge": "expunged"}, {"", "expunged", "not eligible"}),
    "michigan": (
        {"expunge": "set aside", "not-yet": "not yet"},
        {"", "set aside", "not yet", "not eligible", "undecided"},
    ),
    "new_jersey": ({"expunge": "expunged"}, {"", "expunged", "hand review", "not eligible", "undecided"}),
}
"""Labels of truth tables by outcomes, beside `LABELS`; and all labels that a table of some size has."""


@pytest.mark.sampled
@pytest.mark.parametrize("name", OF_STATES)
def test_every_charge_of_another_state_is_decided_as_it_was_made(tmp_path: Path, name: str) -> None:
    labels, every = OF_STATES[name]
    recipe, (form,) = state(name).fabricated["relief"], state(name).maps
    file = fabricate_charges(str(tmp_path), load_map(form), people=10_000 if is_long() else 350, seed=9)
    tables = tables_of(piece.charges for piece in Reading([file.path], load_map(form)))
    as_of = (recipe["as_of"] - date(1970, 1, 1)).days
    decided = decide(tables, pack(recipe["pack"]).policy(), as_of)
    said = {outcome.code: (LABELS | labels).get(name, name) for name, outcome in OUTCOMES.items()} | {
        NO_CANDIDATE: ""
    }
    found = dict(zip(tables.charges.line.tolist(), map(said.__getitem__, decided.outcome.tolist()), strict=True))
    with (tmp_path / "truth.csv").open(encoding="utf-8", newline="") as truth:
        wanted = {int(row["line"]): row["outcome"] for row in csv.DictReader(truth)}
    wrong = {line: (found[line], wanted[line]) for line in wanted if found[line] != wanted[line]}
    assert len(found) == len(wanted)
    assert not wrong, f"{len(wrong)} of {len(wanted)} charges, such as {list(wrong.items())[:5]}"
    assert {*wanted.values()} == every


def charge_of(row: Mapping[str, str], words: str) -> Charge:
    """A row of a truth table as a person would write it down."""
    days = {
        name: date.fromisoformat(row[column]) if row[column] else None
        for name, column in {
            "arrest_date": "arrest_date",
            "offense_date": "arrest_date",
            "filing_date": "filing_date",
            "disposition_date": "disposition_date",
            "sentence_date": "disposition_date",
            "sentence_end": "sentence_end_date",
            "supervision_end": "supervision_end_date",
        }.items()
    }
    if row["disposition"] != "convicted":
        days["sentence_date"] = None
    return Charge(
        *(row[name] for name in ("code", "section", "subsection", "inchoate")),
        description=words,
        level=row["level"] or None,
        severity=row["class"] or None,
        disposition=row["disposition"].replace(" ", "-"),
        amended=row["amended"] == "true",
        **days,
    )


@pytest.mark.long
@pytest.mark.parametrize(
    ("name", "form", "as_of"),
    [
        ("ny-cpl-160-57", "ny-court-dispositions", date(2024, 11, 16)),
        ("ny-mrta-2021", "ny-court-dispositions", date(2021, 4, 1)),
        ("mi-clean-slate-2021", "mi-court-charges", date(2023, 4, 11)),
        ("nj-2c-52-6-1", "nj-court-complaints", date(2021, 7, 1)),
    ],
)
def test_a_file_is_decided_as_the_reference_decides_what_it_was_made_of(
    tmp_path: Path, name: str, form: str, as_of: date
) -> None:
    file = fabricate_charges(str(tmp_path), load_map(form), people=1500, seed=6)
    pieces = list(Reading([file.path], load_map(form)))
    words = {row["line"]: row["description"] for piece in pieces for row in piece.charges.to_pylist()}
    tables = tables_of(piece.charges for piece in pieces)
    decided = decide(tables, pack(name).policy(), (as_of - date(1970, 1, 1)).days)
    found = {
        line: decision[:3] for line, decision in zip(tables.charges.line.tolist(), answers(decided), strict=True)
    }
    with (tmp_path / "truth.csv").open(encoding="utf-8", newline="") as truth:
        rows = list(csv.DictReader(truth))
    policy, wrong = Policy(text(name), as_of), []
    for _, of_person in groupby(rows, key=lambda row: row["person"]):
        # Cases stand in the order of their first days, as in tables; within one, by number.
        own = sorted(
            of_person, key=lambda row: (row["arrest_date"] or row["filing_date"], row["case"], row["sequence"])
        )
        cases = [
            [charge_of(row, words[int(row["line"])]) for row in case]
            for _, case in groupby(own, key=lambda row: row["case"])
        ]
        person = Person(cases, registered=own[0]["registered"] == "true")
        for row, answer in zip(own, policy.decide(person), strict=True):
            if found[int(row["line"])] != answer[:3]:
                wrong.append((row["line"], found[int(row["line"])], answer))
    assert not wrong, f"{len(wrong)} of {len(rows)} charges, such as {wrong[:3]}"
