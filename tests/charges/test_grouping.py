"""Charges are the same tables however they were cut, and say what plain Python says of the rows."""

import math
import random
import zlib
from collections.abc import Sequence
from dataclasses import fields
from datetime import date, timedelta
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from clearscale.charges import grouping
from clearscale.charges.coding import TEXTS, Coder, Known
from clearscale.charges.grouping import tables_of
from clearscale.charges.tables import Tables
from clearscale.errors import ExtractError
from clearscale.formats.schema import CHARGES
from tests.charges import plain
from tests.support.examples import examples

DAY = st.none() | st.sampled_from([date(1960, 5, 1) + timedelta(days=700 * place) for place in range(6)])
YES_NO = st.sampled_from([None, True, False])


def texts(*values: str) -> st.SearchStrategy[str | None]:
    return st.sampled_from([None, *values])


ROW = st.fixed_dictionaries(
    {
        "file": st.sampled_from(["a.csv", "b.csv"]),
        "county": texts("Cook", "Lake"),
        "court": texts("One"),
        "agency": texts("Here", "There"),
        "person": texts("1", "2", "3", "Ä"),
        "case": texts("9", "10", "x"),
        "sequence": texts("1", "01", "2", "10", "A", "B2"),
        **dict.fromkeys((*plain.DAYS, "birth_date"), DAY),
        "sex": texts("F", "M"),
        "race": texts("White"),
        "doubtful_date": st.booleans(),
        "amended": st.booleans(),
        "statute": texts("720-550/4", "720-550/5"),
        "code": texts("720 ILCS 550"),
        "section": texts("4", "5"),
        "subsection": texts("", "(a)"),
        "inchoate": texts("", "attempt"),
        "description": texts("POSSESSION"),
        "level": texts("felony", "misdemeanor"),
        "class": texts("A", "4"),
        "disposition": st.sampled_from([*plain.DISPOSITIONS]),
        **dict.fromkeys(("revoked", "registered", "deceased"), YES_NO),
        "grams_above": st.sampled_from([None, 0.0, 2.5]),
        "grams_to": st.sampled_from([None, 10.0, math.inf]),
        "grams_told_by": st.just("subsection"),
    }
)


def batches(rows: Sequence[dict[str, Any]], sizes: Sequence[int]) -> list[pa.RecordBatch]:
    """Rows in batches of some sizes, the last with the rest; dictionaries hold more than their rows have."""
    whole = pa.Table.from_pylist(list(rows), schema=CHARGES).combine_chunks().to_batches()
    found, begin = [], 0
    for size in [*sizes, len(rows)]:
        found += [batch.slice(begin, size) for batch in whole if begin < len(rows)]
        begin += size
    return found


def numbered(rows: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    return [{**row, "line": place + 2} for place, row in enumerate(rows)]


def same(one: Tables, other: Tables) -> None:
    assert one.words == other.words
    for part in ("charges", "cases", "people"):
        for field in fields(getattr(one, part)):
            first, second = (getattr(getattr(tables, part), field.name) for tables in (one, other))
            assert first.dtype == second.dtype
            np.testing.assert_array_equal(first, second, field.name)


def is_as_plain(found: Tables, rows: Sequence[dict[str, Any]]) -> None:
    people = plain.people(rows)
    charges, words = found.charges, found.words
    cases = [case for person in people for case in person]
    flat = [charge for case in cases for charge in case]
    assert found.rows == len(flat)
    assert np.diff(found.cases.bounds).tolist() == [len(case) for case in cases]
    assert np.diff(found.people.bounds).tolist() == [sum(map(len, person)) for person in people]
    owners = [place for place, person in enumerate(people) for _ in person]
    assert found.cases.person.tolist() == owners
    assert charges.case.tolist() == [place for place, case in enumerate(cases) for _ in case]
    assert charges.person.tolist() == [owners[place] for place in charges.case]
    assert charges.line.tolist() == [row["line"] for row in flat]
    for name, (column, listed, _) in TEXTS.items():
        if name in ("sex", "race"):
            continue
        known = (*getattr(words, listed), None)
        assert [known[code] for code in getattr(charges, name)] == [row[column] for row in flat], name
        assert list(known[:-1]) == sorted(known[:-1])
    offenses = [tuple(row[name] or "" for name in plain.OFFENSE) for row in flat]
    told = [tuple(getattr(words.offenses[code], name) for name in plain.OFFENSE) for code in charges.offense]
    assert told == offenses
    assert charges.disposition.tolist() == [plain.DISPOSITIONS[row["disposition"]] for row in flat]
    assert charges.marks.tolist() == [plain.marks(row) for row in flat]
    for column, name in plain.DAYS.items():
        assert getattr(charges, name).tolist() == [plain.day(row[column]) for row in flat]
    for name in ("grams_above", "grams_to"):
        grams = [math.nan if row[name] is None else row[name] for row in flat]
        np.testing.assert_array_equal(getattr(charges, name), np.array(grams, np.float32))
    assert found.people.birth_date.tolist() == [plain.day(plain.told(person, "birth_date")) for person in people]
    for name, known in (("sex", words.sexes), ("race", words.races)):
        values = [(*known, None)[code] for code in getattr(found.people, name)]
        assert values == [plain.told(person, name) for person in people]
    assert found.people.marks.tolist() == [plain.marks_of_person(person) for person in people]


@settings(max_examples=examples(600))
@given(st.lists(ROW, max_size=14), st.lists(st.integers(0, 6), max_size=4), st.randoms(use_true_random=False))
def test_tables_say_what_plain_python_says(
    rows: list[dict[str, Any]], sizes: list[int], chance: random.Random
) -> None:
    rows = numbered(rows)
    found = tables_of(batches(rows, []), ["sex"])
    is_as_plain(found, rows)
    assert found.words.told == {"sex"}
    mixed = list(rows)
    chance.shuffle(mixed)
    same(found, tables_of(batches(mixed, sizes), ["sex"]))


@pytest.mark.parametrize("hashed", [lambda _: 7, lambda content: len(content) % 2], ids=["one hash", "two"])
def test_people_with_the_same_hash_are_told_apart(monkeypatch: pytest.MonkeyPatch, hashed: Any) -> None:
    rows = [row | {"person": person} for row, person in zip(some_rows(40), "cabddabc" * 5, strict=True)]
    monkeypatch.setattr(zlib, "crc32", hashed)
    found = tables_of(batches(rows, [3, 9]))
    is_as_plain(found, rows)
    assert found.people.bounds.size == 5
    assert grouping.hashes_of(pa.array(["key:a"])).tolist() in ([7], [1])


def some_rows(count: int) -> list[dict[str, Any]]:
    """Rows of one kind each."""
    empty = dict.fromkeys(CHARGES.names) | {"amended": False, "doubtful_date": False}
    return [
        {**empty, "file": "a.csv", "line": place + 2, "case": str(place // 3), "disposition": "convicted"}
        for place in range(count)
    ]


def test_a_case_without_a_key_is_one_unknown_person_s() -> None:
    rows = some_rows(7)
    for row in rows[:3]:
        row["county"] = "Cook"
    rows[6]["case"] = None
    found = tables_of(batches(rows, []))
    is_as_plain(found, rows)
    assert sorted(np.diff(found.people.bounds).tolist()) == [1, 3, 3]
    assert set(found.people.marks.tolist()) == {32}


def test_nothing_is_tables_of_nothing() -> None:
    found = tables_of([])
    assert found.rows == 0
    assert found.people.bounds.tolist() == found.cases.bounds.tolist() == [0]
    same(found, tables_of(batches([], [])))


def test_more_texts_than_codes_are_refused() -> None:
    rows = [{**row, "class": f"class {place}"} for place, row in enumerate(some_rows(129))]
    coder = Coder()
    for batch in batches(rows[:128], []):
        coder.coded(batch)
    Known.joined([Known.of(coder)])
    with pytest.raises(ExtractError, match=r"129 different texts for the class, where 128 have a code"):
        tables_of(batches(rows, []))
