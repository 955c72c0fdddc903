"""What a page of charges shows gives no small count away, by a program that knows nothing of how it was hidden."""

from typing import Any

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from clearscale.errors import RunError
from clearscale.outputs.disclosure import ChargeCounts
from clearscale.outputs.disclosure.charges import CHARGES, DUE, LACKING, PEOPLE, STATE
from tests.support.examples import examples
from tests.support.judges import Program, ranges

BELOW = 11
OUTCOMES = ("expunge", "not-yet", "undecided", "vacate")


@st.composite
def counted(draw: st.DrawFn) -> ChargeCounts:
    counties = draw(st.sampled_from([("Cook",), ("Cook", "Lake"), ("Cook", "Lake", "Will")]))
    places = st.tuples(st.sampled_from(counties), st.sampled_from(OUTCOMES), st.integers(0, 2))
    cells = draw(st.dictionaries(places, st.integers(1, 40), min_size=1, max_size=14))
    charges = {name: sum(n for cell, n in cells.items() if cell[1] == name) for name in OUTCOMES}
    people = {name: draw(st.integers(1, count)) if count else 0 for name, count in charges.items()}
    everybody = draw(st.integers(max(people.values()), sum(people.values())))
    lacking: dict[str, int] = {}
    if charges["undecided"]:
        lacking = {"amount": charges["undecided"], "level": draw(st.integers(0, charges["undecided"]))}
    due: dict[int, int] = {}
    left = charges["not-yet"]
    for year in (2021, 2022, 2023):
        due[year] = draw(st.integers(0, left)) if year != 2023 else left
        left -= due[year]
    return ChargeCounts(
        cells, people, everybody, "undecided", "not-yet", lacking, {year: n for year, n in due.items() if n}
    )


def relations(keys: list[Any]) -> tuple[list[tuple[int, list[int]]], list[tuple[int, int]]]:
    """Sums and bounds that everybody knows, by the places of figures."""
    place = {key: at for at, key in enumerate(keys)}
    sums, most = [], []
    for key in keys:
        if key[0] != CHARGES:
            continue
        deeper = [other for other in keys if other[:-1] == key and other[0] == CHARGES]
        if deeper:
            sums.append((place[key], [place[other] for other in deeper]))
        if key[1] == STATE:
            parts = [other for other in keys if other[0] == CHARGES and other[1] != STATE and other[2:] == key[2:]]
            sums.append((place[key], [place[other] for other in parts]))
    if waiting := [place[key] for key in keys if key[0] == DUE]:
        sums.append((place[CHARGES, STATE, "not-yet"], waiting))
    for key in keys:
        if key[0] == LACKING:
            most.append((place[key], place[CHARGES, STATE, "undecided"]))
        if key[0] == PEOPLE:
            most.append((place[key], place[CHARGES, STATE, *key[1:]]))
            if key[1:]:
                most.append((place[key], place[PEOPLE,]))
    return sums, most


@settings(derandomize=True, deadline=None, database=None, max_examples=examples(150))
@given(counted())
def test_no_small_count_can_be_narrowed_down(counts: ChargeCounts) -> None:
    exact, shown = counts.shown(None), counts.shown(BELOW)
    keys = list(exact)
    values = [exact[key] or 0 for key in keys]
    assert list(shown) == keys
    assert all(shown[key] in (None, exact[key]) for key in keys)
    hidden = [at for at, key in enumerate(keys) if shown[key] is None]
    small = [at for at, value in enumerate(values) if 0 < value < BELOW]
    assert {*small} <= {*hidden}
    assume(small)
    sums, most = relations(keys)
    program = Program()
    figures = [{program.atom(key): 1.0} for key in keys]
    for total, parts in sums:
        program.row(0, 0, (-1, figures[total]), *((1, figures[part]) for part in parts))
    for smaller, larger in most:
        program.row(0, np.inf, (1, figures[larger]), (-1, figures[smaller]))
    for at, value in enumerate(values):
        # What a page lists is not 0, hidden or not.
        program.row(1 if at in hidden else value, np.inf if at in hidden else value, (1, figures[at]))
    found = ranges(program, [figures[at] for at in small], [values[at] for at in small], BELOW)
    for at, (least, greatest) in zip(small, found, strict=True):
        assert np.floor(greatest + 1e-6) - np.ceil(least - 1e-6) + 1 >= BELOW, keys[at]


def test_nothing_is_hidden_where_all_is_large() -> None:
    counts = ChargeCounts({("Cook", "expunge", 1): 40}, {"expunge": 30}, 30, "undecided", "not-yet", {}, {})
    assert counts.shown() == counts.shown(None)
    assert counts.shown()[CHARGES, STATE, "expunge"] == 40


def test_what_gives_a_small_count_away_is_hidden_with_it() -> None:
    cells = {("Cook", "expunge", 1): 400, ("Cook", "expunge", 2): 3, ("Cook", "vacate", 3): 90}
    counts = ChargeCounts(cells, {"expunge": 300, "vacate": 80}, 350, "undecided", "not-yet", {}, {})
    shown = counts.shown(BELOW)
    assert shown[CHARGES, STATE, "expunge", 2] is None
    assert None in (shown[CHARGES, STATE, "expunge", 1], shown[CHARGES, STATE, "expunge"])


def test_a_bound_that_hides_nothing_is_refused() -> None:
    counts = ChargeCounts({("Cook", "expunge", 1): 40}, {"expunge": 30}, 30, "undecided", "not-yet", {}, {})
    with pytest.raises(RunError, match="at least 2"):
        counts.shown(1)
