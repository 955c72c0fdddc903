"""Histograms of any caseload, made up by hypothesis: figures as from evaluating and tallying each policy."""

from dataclasses import replace
from typing import Any

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from clearscale.dates import NO_DATE, add_years, as_of_day
from clearscale.histories.candidates import OTHERS
from clearscale.law import state
from clearscale.policy import gogen_policy
from clearscale.policy.caseload import Caseload
from clearscale.runs.evaluate import evaluate
from clearscale.runs.tally import MEASURES, tally
from clearscale.whatif.sweep.cube import Cube
from clearscale.whatif.sweep.histogram import ChargeKinds, Scopes, count
from clearscale.whatif.sweep.option_family import EVERYTHING, Grid
from clearscale_kernels import flag
from clearscale_kernels.policy.count import DISMISSED, REDUCED
from tests.support.examples import examples

_SECTIONS = state().charges.sections


AS_OF = as_of_day("2020-02-29")
CHARGES = np.array([1, 2, 4, 8, 3, 3, 12, 9, 15, 16, 17], np.int16)
LEFTMOST = np.array([0, 1, 2, 3, 0, 1, 3, 3, 2, -1, 0], np.int8)

DATES = st.sampled_from([NO_DATE, *(add_years(AS_OF, -years) + days for years in range(17) for days in (-1, 0, 1))])
BIRTHS = st.sampled_from(
    [
        NO_DATE,
        *(add_years(AS_OF, -years) + days for years in (21, 39, 40, 41, 50, 64, 65, 66) for days in (-1, 0, 1)),
    ]
)

CANDIDATE = st.fixed_dictionaries(
    {
        "event_date": DATES,
        "offense": st.integers(0, len(CHARGES) - 1),
        "flags": st.sampled_from([0, flag.OWN_COUNTY]).flatmap(
            lambda own: st.sampled_from([flag.FELONY, 0]).map(lambda felony: own | felony)
        ),
        "age_at_conviction": st.sampled_from([20, 21, 35]),
    }
)
SUBJECT = st.fixed_dictionaries(
    {
        "extract": st.integers(0, 2),
        "canonical": st.booleans(),
        "birth_date": BIRTHS,
        "latest_conviction": DATES,
        "deceased": st.booleans(),
        "only": st.booleans(),
        "others": st.tuples(st.integers(0, 2), st.integers(0, 1), DATES),
        "candidates": st.lists(CANDIDATE, max_size=4),
    }
)
SUBJECTS = st.lists(SUBJECT, min_size=1, max_size=6)


def caseload(subjects: list[dict[str, Any]]) -> Caseload:
    """The subjects' histories as the store has them."""
    rows = [
        (place, subject, candidate) for place, subject in enumerate(subjects) for candidate in subject["candidates"]
    ]
    candidates: dict[str, np.ndarray] = {
        name: np.array(
            [candidate[name] for _, _, candidate in rows], np.int16 if name == "age_at_conviction" else np.int32
        )
        for name in ("event_date", "offense", "flags", "age_at_conviction")
    }
    canonical = np.array([subject["canonical"] for _, subject, _ in rows], np.bool_)
    candidates["flags"] |= np.where(canonical, np.int32(flag.CANONICAL), np.int32(0))
    candidates["history"] = np.array([place for place, _, _ in rows], np.int32)
    columns: dict[str, np.ndarray] = {
        name: np.array([subject[name] for subject in subjects], np.int32)
        for name in ("extract", "birth_date", "latest_conviction")
    }
    columns["canonical"] = np.array([subject["canonical"] for subject in subjects], np.bool_)
    columns["flags"] = np.array([flag.DECEASED * subject["deceased"] for subject in subjects], np.int16)
    others = [
        (many + felonies, felonies, latest)
        for many, felonies, latest in (subject["others"] for subject in subjects)
    ]
    for place, name in enumerate(OTHERS):
        columns[name] = np.array([other[place] for other in others], np.int32)
    columns["convictions"] = np.array([1 if subject["only"] else 2 for subject in subjects], np.int32)
    for section in _SECTIONS:
        columns[f"convictions_{section}"] = np.array([int(section == "11357")] * len(subjects), np.int32)
    return Caseload(candidates, columns, CHARGES, LEFTMOST, 3)


@settings(max_examples=examples(200), deadline=None)
@given(SUBJECTS, st.integers(0, EVERYTHING.size - 1), st.sampled_from([-1, 0, 5, 15]))
def test_figures_are_those_of_a_tally(subjects: list[dict[str, Any]], number: int, reduce: int) -> None:
    cases = caseload(subjects)
    scopes = Scopes(("A", "B"), np.array([0, 1, 1], np.int32))
    kinds = ChargeKinds.of(CHARGES, LEFTMOST)
    cube = Cube(count(cases, kinds, scopes, AS_OF), kinds, scopes.counties)
    grid = replace(EVERYTHING.at(number), reduce=(reduce,))
    for county, extracts in (("A", [0]), ("B", [1, 2]), (None, [3])):
        found = {name: int(values[0]) for name, values in cube.figures(grid, county).items()}
        assert found == expected(cases, grid, extracts)


def expected(cases: Caseload, grid: Grid, extracts: list[int]) -> dict[str, int]:
    decided = evaluate(cases, gogen_policy(grid.options()), AS_OF)
    counted, _ = tally(cases, [decided], AS_OF)
    here = cases.canonical if extracts == [3] else cases.own & np.isin(cases.extract, extracts)
    result = {}
    for what, relief in (("dismissed", DISMISSED), ("reduced", REDUCED)):
        given_relief = here & (decided.relief == relief) & (cases.section >= 0)
        result[f"convictions_{what}"] = int(given_relief.sum())
        for place, section in enumerate(_SECTIONS):
            result[f"{what}_{section}"] = int((given_relief & (cases.section == place)).sum())
    for place, measure in enumerate(MEASURES):
        result[f"people_{measure}"] = int(counted.measures[extracts, 0, place].sum())
    return result
