"""Figures at a setting are those of a run with these options, statewide and of every county."""

import random
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

import clearscale
from clearscale.law import state
from clearscale.outputs.serve.counting import PolicyFigures, count, count_counties
from clearscale.outputs.serve.population import REASONS, Setting
from clearscale.outputs.serve.session import Session
from clearscale.policy import DISMISS, REDUCE, gogen_policy
from clearscale.runs import Run
from clearscale.runs.demography import RACES
from clearscale.runs.tally import MEASURES
from clearscale.store import open_store
from clearscale.whatif.sweep.option_family import EVERYTHING, REST, Grid
from tests.support.brute_force import caseload, figures
from tests.support.samples import AS_OF

_SECTIONS = state().charges.sections


STORES = ("state", "edges")
OFF = Grid((0,), (0,), (False,), (0,), (0,), (0,), (False,), (False,))

RUNS = (
    {"baselineEligibility": {"dismiss": ["11358", "11357"], "reduce": ["11360"]}, "additionalRelief": {}},
    {
        "baselineEligibility": {"dismiss": [], "reduce": ["11357", "11359"]},
        "additionalRelief": {"subjectAgeThreshold": 50, "yearsCrimeFreeThreshold": 7, "subjectIsDeceased": True},
    },
    {
        "baselineEligibility": {"dismiss": ["11359"], "reduce": []},
        "additionalRelief": {
            "subjectUnder21AtConviction": True,
            "yearsSinceConvictionThreshold": 12,
            "subjectHasOnlyProp64Charges": True,
        },
    },
)


def named(found: PolicyFigures) -> dict[str, int]:
    """Figures by their names in a sweep."""
    outcomes = found.outcomes
    result = {"convictions_dismissed": outcomes[:, 0].sum(), "convictions_reduced": outcomes[:, 1].sum()}
    for place, section in enumerate(_SECTIONS):
        result[f"dismissed_{section}"], result[f"reduced_{section}"] = outcomes[place, :2]
    result |= {f"people_{measure}": found.people[:, 1 + place].sum() for place, measure in enumerate(MEASURES)}
    return {name: int(value) for name, value in result.items()}


@pytest.mark.parametrize("store", STORES)
def test_settings_at_random_and_each_option_alone(
    store: str, exact: dict[str, Session], runs: dict[str, Run]
) -> None:
    session = exact[store]
    opened = open_store(runs[store].info["store"])
    cases = caseload(opened)
    grids = [EVERYTHING.at(number) for number in random.Random(2).sample(range(EVERYTHING.size), 60)]
    for name, settings in EVERYTHING.axes.items():
        grids += [Grid(**(OFF.axes | {name: (setting,)})) for setting in settings]
    grids += [
        Grid((dismiss,), (reduce,), *list(OFF.axes.values())[2:]) for dismiss in (3, 5) for reduce in (REST, 6)
    ]
    for grid in grids:
        for county, wanted in figures(opened, cases, gogen_policy(grid.options()), AS_OF).items():
            assert named(session.figures(grid, county)) == wanted, f"{county}: {grid}"


def _reason(text: str) -> str:
    """A run's reason in the words of the page."""
    if text.startswith(("Dismiss all", "Reduce all")):
        kind = "dismissed" if text.startswith("Dismiss") else "reduced"
        return f"all convictions of the section {kind}"
    for part, words in (
        ("Misdemeanor", "misdemeanor or infraction"),
        ("or younger", "under 21 at conviction"),
        ("or older", "age"),
        ("years ago", "years since the conviction"),
        ("No convictions in", "years without a conviction"),
        ("Only has", "only Prop 64 convictions"),
        ("deceased", "deceased"),
    ):
        if part in text:
            return words
    assert not text
    return "no option holds"


@pytest.mark.parametrize("store", STORES)
@pytest.mark.parametrize("options", RUNS, ids=["sections", "thresholds", "switches"])
def test_a_setting_counts_what_a_run_counts(
    store: str, options: dict[str, Any], exact: dict[str, Session], runs: dict[str, Run], tmp_path: Path
) -> None:
    session = exact[store]
    other = clearscale.run(runs[store].info["store"], options, AS_OF, str(tmp_path / "run"))
    grid = _grid(options)
    convictions, people = (other.table(name).to_pylist() for name in ("convictions", "people"))
    for county in (None, *session.counties):
        found = session.figures(grid, county)
        column = "convictions_once" if county is None else "convictions"
        wanted: Counter[tuple[str, str]] = Counter()
        outcomes: Counter[tuple[str, str]] = Counter()
        for row in convictions:
            if county in (None, row["county"]):
                wanted[row["section"], _reason(row["reason"])] += row[column]
                outcomes[row["section"], row["determination"]] += row[column]
        counted = {
            (section, reason): int(found.decided[i, j])
            for i, section in enumerate(_SECTIONS)
            for j, reason in enumerate(REASONS)
        }
        assert {pair: value for pair, value in counted.items() if value} == +wanted
        kinds = {
            (section, kind): int(found.outcomes[i, j])
            for i, section in enumerate(_SECTIONS)
            for j, kind in enumerate((DISMISS, REDUCE, ""))
        }
        assert {pair: value for pair, value in kinds.items() if value} == +outcomes
        scope = "state" if county is None else "county"
        for place, race in enumerate(RACES):
            rows = [
                row for row in people if (row["scope"], row["county"], row["race"]) == (scope, county or "", race)
            ]
            sums = [sum(row[name] for row in rows) for name in ("with_prop64", *MEASURES)]
            assert found.people[place].tolist() == sums


def _grid(options: dict[str, Any]) -> Grid:
    from clearscale.whatif.sweep.option_family import family_of

    grid = family_of(gogen_policy(options))
    assert grid is not None
    return grid


@pytest.mark.parametrize("store", STORES)
def test_counties_side_by_side_are_the_counties_one_by_one(store: str, exact: dict[str, Session]) -> None:
    session = exact[store]
    for number in random.Random(3).sample(range(EVERYTHING.size), 10):
        setting = Setting.of(EVERYTHING.at(number))
        every = count_counties(session.population, setting)
        for place, county in enumerate(session.counties):
            found = count(session.population, setting, county)
            outcomes = found.outcomes.sum(axis=0)
            wanted = [outcomes.sum(), *outcomes[:2], *found.people.sum(axis=0)]
            assert every[place].tolist() == wanted
