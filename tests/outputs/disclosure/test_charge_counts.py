"""What a page of charges shows gives no small count away, by a program that knows nothing of how it was hidden."""

from typing import Any

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from clearscale.errors import RunError
from clearscale.outputs.disclosure import ChargeCounts
from clearscale.outputs.disclosure.charges import CHARGES, DUE, LACKING, PEOPLE, STATE, STORE
from tests.support.examples import examples
from tests.support.judges import Program, ranges

BELOW = 11
OUTCOMES = ("expunge", "not-yet", "undecided", "vacate")


@st.composite
def counted(draw: st.DrawFn) -> ChargeCounts:
    counties = draw(st.sampled_from([("Cook",), ("Cook", "Lake"), ("Cook", "Lake", "Will")]))
    places = st.tuples(st.sampled_from(counties), st.sampled_from(OUTCOMES), st.integers(0, 2))
    cells = draw(st.dictionaries(places, st.integers(1, 40), min_size=1, max_size=14))
    people, everybody = {}, {}
    courts, lacking, due = {}, {}, {}
    for county in sorted({county for county, _, _ in cells}):
        charges = {
            name: n for name in OUTCOMES if (n := sum(cells[cell] for cell in cells if cell[:2] == (county, name)))
        }
        own = {name: draw(st.integers(1, count)) for name, count in charges.items()}
        people |= {(county, name): count for name, count in own.items()}
        everybody[county] = draw(st.integers(max(own.values()), sum(own.values())))
        for name, count in charges.items():
            first = draw(st.integers(0, count))
            parts = {"North": first, "South": count - first}
            courts |= {(county, court, name): n for court, n in parts.items() if n}
        if undecided := charges.get("undecided"):
            lacking[county, "amount"] = undecided
            lacking[county, "level"] = draw(st.integers(0, undecided))
        left = charges.get("not-yet", 0)
        for year in (2021, 2022, 2023):
            due[county, year] = draw(st.integers(0, left)) if year != 2023 else left
            left -= due[county, year]
    for name in OUTCOMES:
        if of_counties := [n for (_, outcome), n in people.items() if outcome == name]:
            people[STATE, name] = draw(st.integers(max(of_counties), sum(of_counties)))
    most = min(sum(everybody.values()), sum(n for (place, _), n in people.items() if place == STATE))
    least = max(*everybody.values(), *(n for (place, _), n in people.items() if place == STATE))
    assume(least <= most)
    everybody[STATE] = draw(st.integers(least, most)) if len(everybody) > 1 else least
    if len(everybody) == 2:
        [county] = [place for place in everybody if place]
        people |= {(STATE, name): n for (place, name), n in people.items() if place == county}
        everybody[STATE] = everybody[county]
    return ChargeCounts(
        cells,
        people,
        everybody,
        "undecided",
        "not-yet",
        {key: n for key, n in lacking.items() if n},
        {key: n for key, n in due.items() if n},
        courts if draw(st.booleans()) else {},
    )


def relations(keys: list[Any]) -> tuple[list[tuple[int, list[int]]], list[tuple[int, int]]]:
    """Sums and bounds that everybody knows, by the places of figures."""
    place = {key: at for at, key in enumerate(keys)}
    sums, most = [], []
    of_courts = [key for key in keys if isinstance(key[1], tuple)]
    for key in keys:
        if key[0] in (LACKING, DUE) and key[1] == STATE:
            sums.append((place[key], [at for other, at in place.items() if other[::2] == key[::2] and other[1]]))
        if key[0] != CHARGES:
            continue
        deeper = [other for other in keys if other[:-1] == key and other[0] == CHARGES]
        if deeper:
            sums.append((place[key], [place[other] for other in deeper]))
        if key[1] == STATE:
            parts = [other for other in keys if other[0] == CHARGES and other[2:] == key[2:]]
            sums.append((place[key], [place[other] for other in parts if other[1] and other not in of_courts]))
        parts = [other for other in of_courts if other[1][0] == key[1] and other[2:] == key[2:]]
        if parts:
            sums.append((place[key], [place[other] for other in parts]))
    for key in keys:
        if key[0] == DUE:
            continue
        if key[0] == LACKING:
            most.append((place[key], place[CHARGES, key[1], "undecided"]))
        if key[0] == PEOPLE:
            most.append((place[key], place[CHARGES, *key[1:]]))
            if key[2:]:
                most.append((place[key], place[key[:2]]))
            if key[1]:
                most.append((place[key], place[PEOPLE, STATE, *key[2:]]))
    for where in {key[1] for key in keys if key[0] == DUE}:
        sums.append(
            (place[CHARGES, where, "not-yet"], [at for key, at in place.items() if key[:2] == (DUE, where)])
        )
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
    others = [at for at in hidden if at not in small]
    found = ranges(program, [figures[at] for at in others], [values[at] for at in others], 2)
    for at, (least, greatest) in zip(others, found, strict=True):
        assert greatest - least > 1e-6, f"{keys[at]} is hidden, and everybody can work it out"


def of_cook(cells: dict[tuple[str, str, int], int], people: dict[str, int], everybody: int) -> ChargeCounts:
    """Counts of one county, whose people are the state's."""
    by_place = {(place, name): count for place in (STATE, "Cook") for name, count in people.items()}
    return ChargeCounts(cells, by_place, {STATE: everybody, "Cook": everybody}, "undecided", "not-yet", {}, {})


def test_nothing_is_hidden_where_all_is_large() -> None:
    counts = of_cook({("Cook", "expunge", 1): 40}, {"expunge": 30}, 30)
    assert counts.shown() == counts.shown(None)
    assert counts.shown()[CHARGES, STATE, "expunge"] == 40


def test_what_gives_a_small_count_away_is_hidden_with_it() -> None:
    cells = {("Cook", "expunge", 1): 400, ("Cook", "expunge", 2): 3, ("Cook", "vacate", 3): 90}
    counts = of_cook(cells, {"expunge": 300, "vacate": 80}, 350)
    shown = counts.shown(BELOW)
    assert shown[CHARGES, STATE, "expunge", 2] is None
    assert None in (shown[CHARGES, STATE, "expunge", 1], shown[CHARGES, STATE, "expunge"])


def test_a_bound_that_hides_nothing_is_refused() -> None:
    counts = of_cook({("Cook", "expunge", 1): 40}, {"expunge": 30}, 30)
    with pytest.raises(RunError, match="at least 2"):
        counts.shown(1)


def test_few_people_who_are_not_among_others_are_no_more_known_than_few_who_are() -> None:
    """40 have such charges, 37 of them such as are expunged: 3 have none of these."""
    counts = of_cook({("Cook", "expunge", 1): 70, ("Cook", "vacate", 3): 60}, {"expunge": 37, "vacate": 20}, 40)
    shown = counts.shown(BELOW)
    assert None in (shown[PEOPLE, STATE], shown[PEOPLE, STATE, "expunge"])
    assert shown[CHARGES, STATE, "expunge"] == 70


def test_a_court_is_hidden_before_its_county_and_that_before_the_state() -> None:
    cells = {("Cook", "expunge", 1): 400, ("Lake", "expunge", 1): 300}
    courts = {("Cook", "North", "expunge"): 395, ("Cook", "South", "expunge"): 5, ("Lake", "Main", "expunge"): 300}
    people = {(STATE, "expunge"): 500, ("Cook", "expunge"): 290, ("Lake", "expunge"): 210}
    everybody = {place: count for (place, _), count in people.items()}
    counts = ChargeCounts(cells, people, everybody, "undecided", "not-yet", {}, {}, courts)
    shown = counts.shown(BELOW)
    assert {key for key, value in shown.items() if value is None} == {
        (CHARGES, ("Cook", court), *of) for court in ("North", "South") for of in ((), ("expunge",))
    }


def test_what_the_store_has_beside_is_judged_with_it() -> None:
    counts = of_cook({("Cook", "expunge", 1): 400}, {"expunge": 300}, 300)
    beside = ChargeCounts(**{**vars(counts), "store": {"charges": 407, "people": 304, "unsure": 5}})
    shown = beside.shown(BELOW)
    assert shown[STORE, "unsure"] is None
    assert None in (shown[STORE, "charges"], shown[CHARGES, STATE])
    assert None in (shown[STORE, "people"], shown[PEOPLE, STATE])
