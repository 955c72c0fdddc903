"""What fabricated files were made of is what each state's pack finds, charge by charge."""

import csv
from datetime import date
from pathlib import Path

import pytest

from clearscale.charges.grouping import tables_of
from clearscale.formats import load_map
from clearscale.formats.reading import Reading
from clearscale.law import state
from clearscale.relief import NO_CANDIDATE, OUTCOMES, decide
from clearscale.relief.packs import pack
from clearscale.synth import fabricate_charges
from tests.support.examples import is_long

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


@pytest.mark.parametrize("name", OF_STATES)
def test_every_charge_of_another_state_is_decided_as_it_was_made(tmp_path: Path, name: str) -> None:
    labels, every = OF_STATES[name]
    recipe, (form,) = state(name).fabricated["relief"], state(name).maps
    file = fabricate_charges(str(tmp_path), load_map(form), people=10_000 if is_long() else 700, seed=9)
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
