"""Spellings of statutes: a list of a thousand, attempts, what nobody knows, and files that are wrong."""

import csv
import datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clearscale.law import state
from clearscale.law.statutes import INCHOATE, UNKNOWN, Statutes
from tests.support import spellings
from tests.support.examples import examples

ILLINOIS = state("illinois").statutes
LISTED = list(csv.DictReader(spellings.FILE.open(encoding="utf-8", newline="")))


def test_the_list_is_that_of_its_rules() -> None:
    assert spellings.FILE.read_text("utf-8") == spellings.written(), "python -m tests.support.spellings"
    assert len(LISTED) == spellings.LINES
    assert len({line["text"] for line in LISTED}) == spellings.LINES


def test_a_thousand_spellings_are_read_right() -> None:
    wrong = []
    for line in LISTED:
        found = ILLINOIS.normalize(line["text"])
        if found != (line["code"], line["section"], line["subsection"], line["inchoate"]):
            wrong.append((line["text"], found))
    assert wrong == []


def test_their_amounts_are_what_the_law_said_on_the_day() -> None:
    wrong = []
    for line in LISTED:
        statute = ILLINOIS.normalize(line["text"])
        day = datetime.date.fromisoformat(line["day"]) if line["day"] else None
        found = ILLINOIS.amounts.of(statute.code, statute.section, statute.subsection, day, line["description"])
        expected = (*(float(line[key]) if line[key] else None for key in ("above", "to")), line["told_by"])
        if found != expected:
            wrong.append((line["text"], line["day"], line["description"], found, expected))
    assert wrong == []


def test_an_attempt_is_of_what_stands_in_parentheses() -> None:
    assert ILLINOIS.normalize("720-5/8-4(720-550/5(D))") == ("720 ILCS 550", "5", "(d)", "attempt")
    assert ILLINOIS.normalize("720-5/8-4") == UNKNOWN._replace(inchoate="attempt")
    assert not ILLINOIS.normalize("720-5/8-4").is_known
    assert ILLINOIS.normalize("720-5/8-4(something)") == UNKNOWN


@given(st.text(max_size=40))
def test_any_text_means_something_or_nothing(text: str) -> None:
    found = ILLINOIS.normalize(text)
    assert found.inchoate in ("", *INCHOATE)
    assert bool(found.code) == bool(found.section)
    assert found == ILLINOIS.normalize(f" {text} ")


KNOWN = [line["text"] for line in LISTED if line["section"]]


def test_case_and_blanks_do_not_matter() -> None:
    for place, text in enumerate(KNOWN):
        cut = place % (len(text) + 1)
        spaced = f"{text[:cut]} {text[cut:]}"
        assert ILLINOIS.normalize(spaced.swapcase() if place % 2 else spaced) == ILLINOIS.normalize(text)


@pytest.mark.sampled
def test_a_damaged_spelling_never_names_another_act() -> None:
    """A letter in the midst of a spelling makes it unknown, or leaves it what it was up to its subsection."""
    for place, text in enumerate(KNOWN[: examples(len(KNOWN))]):
        cut = place % (len(text) + 1)
        found, meant = ILLINOIS.normalize(f"{text[:cut]}~{text[cut:]}"), ILLINOIS.normalize(text)
        assert not found.is_known or found == meant


@pytest.mark.parametrize("kind", ["relief", "related"])
def test_california_s_offenses_are_known(kind: str) -> None:
    statutes = state("california").statutes
    unknown = [
        text
        for *_, text in state("california").fabricated[kind]
        if not statutes.normalize(text).is_known and "/" not in text.partition(" ")[0]
    ]
    assert unknown == []
    assert statutes.normalize("11359(C)(3) HS-POSSESS FOR SALE") == ("HS", "11359", "(c)(3)", "")
    assert statutes.normalize("664/11360(A) HS-ATT SELL/TRANSPORT MARIJUANA") == ("HS", "11360", "(a)", "attempt")
    assert statutes.normalize("182(A)(1) PC/11359 HS-CONSPIRACY") == ("HS", "11359", "", "conspiracy")
    assert (
        statutes.normalize("11360/11359 HS-SELL/POSS F/SALE MARIJUANA") == UNKNOWN
    )  # which of the two, nobody knows


@pytest.mark.parametrize(
    ("document", "said"),
    [
        (
            {"pattern": [{"match": "(", "code": "", "section": ""}]},
            r"pattern 1.match: '\(' is no regular",
        ),
        ({"pattern": [{"match": "(?P<a>x)", "code": "{b}", "section": "1"}]}, "pattern 1.code: '{b}' asks for"),
        ({"pattern": [{"match": "x", "code": "A", "section": "{"}]}, "pattern 1.section: '{' asks for"),
        ({"rewrite": [{"match": "[", "by": ""}]}, "rewrite 1.match: "),
        ({"rewrite": [{"match": "x", "by": "\\2"}]}, "rewrite 1.by: "),
        ({"inchoate": [{"kind": "trial", "match": "x"}]}, "inchoate 1.kind: 'trial' is none of attempt"),
        ({"meaning": [{"code": "", "section": "", "grams": {"a": [3, 2]}}]}, r"1.grams.a: \[3, 2\] is no interval"),
        ({"described": [{"match": "*"}]}, "described 1.match: no regular expression"),
    ],
)
def test_what_is_wrong_is_said_with_its_place(document: dict[str, Any], said: str) -> None:
    with pytest.raises(ValueError, match=said):
        Statutes.read(document)
