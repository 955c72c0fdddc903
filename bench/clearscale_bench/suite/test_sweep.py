"""All 884,736 policies of the counties' eligibility options: prefix sums beside brute force on a sample of them."""

import random
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from typing import Any

import numpy as np

import clearscale
from clearscale.commands.demo import AS_OF
from clearscale.dates import as_of_day
from clearscale.policy import gogen_policy
from clearscale.policy.caseload import Caseload
from clearscale.runs.crosstabs import CellCounts
from clearscale.runs.evaluate import evaluate
from clearscale.runs.snapshots import shared_snapshot
from clearscale.runs.tally import MEASURES, tally
from clearscale.whatif.sweep.cube import Cube, Survivors, left_out
from clearscale.whatif.sweep.histogram import ChargeKinds, Scopes, SweepTask, histogram_of
from clearscale.whatif.sweep.option_family import EVERYTHING
from clearscale_bench import work
from clearscale_bench.comparing import Bench
from clearscale_bench.data import Data
from clearscale_bench.measure import Program
from clearscale_bench.report import Goal
from clearscale_kernels.policy.count import DISMISSED, REDUCED

AS_OF_DAY = as_of_day(AS_OF)

SAMPLE = [EVERYTHING.at(number) for number in random.Random(1).sample(range(EVERYTHING.size), 10)]
"""Policies that brute force decides one by one."""

BRUTE_FORCE = f"each policy evaluated and tallied, {len(SAMPLE)} of them"
PEER_ROWS = {BRUTE_FORCE: len(SAMPLE)}

Totals = list[tuple[int, ...]]


def cube_of(store: str, by_county: bool) -> Cube:
    """A store's histogram, counted before the clock runs."""
    opened = clearscale.open_store(store)
    task = SweepTask(opened.folder, opened.manifest.snapshot, AS_OF_DAY, by_county)
    histogram = histogram_of(task, range(opened.manifest.buckets))
    about = shared_snapshot(task.store, task.snapshot)
    kinds = ChargeKinds.of(about.charge_flags, about.sections)
    return Cube(histogram, kinds, Scopes.of(opened, by_county).counties)


def brute_force(cases: Caseload) -> list[Any]:
    """The sample's decisions and tallies."""
    found = []
    for grid in SAMPLE:
        decided = evaluate(cases, gogen_policy(grid.options()), AS_OF_DAY)
        found.append((decided, tally(cases, [decided], AS_OF_DAY)[0]))
    return found


def convictions_of_tallies(found: list[Any], scopes: slice) -> Totals:
    """Convictions dismissed and reduced in each scope, by the tally's counts of rules."""
    totals: Totals = []
    for decided, counted in found:
        reliefs = np.array([rule.relief for rule in decided.policy.rules])
        for scope in counted.rules[scopes]:
            totals.append(tuple(int(scope[:-1][reliefs == kind].sum()) for kind in (DISMISSED, REDUCED)))
    return totals


def convictions_of_cube(cube: Cube, counties: list[str | None]) -> Totals:
    """The same, looked up."""
    totals: Totals = []
    for grid in SAMPLE:
        for county in counties:
            found = cube.figures(grid, county)
            totals.append((int(found["convictions_dismissed"][0]), int(found["convictions_reduced"][0])))
    return totals


def fresh(cube: Cube) -> Cube:
    """The cube without the sums that it keeps."""
    return replace(cube)


def survivors(felonies: CellCounts) -> Callable[[], object]:
    """What is timed: the sums that hold the figures of all policies."""
    return lambda: Survivors.of(felonies)


def test_statewide(bench: Bench, data: Data, scale: float) -> None:
    store = str(data.store(scale))
    cube, cases = cube_of(store, by_county=False), work.caseload(store)
    bench.compare(
        "every policy: convictions, statewide",
        f"{scale:g} of the state, {EVERYTHING.size:,} policies",
        Program(
            "prefix sums",
            survivors(cube.histogram.felonies),
            totals=lambda _: convictions_of_cube(fresh(cube), [None]),
        ),
        [
            Program(
                BRUTE_FORCE,
                partial(brute_force, cases),
                totals=lambda found: convictions_of_tallies(found, slice(-1, None)),
            )
        ],
        rows=EVERYTHING.size,
        peer_rows=PEER_ROWS,
        quick=True,
        goals=[Goal("seconds", 0.005)],
    )


def test_by_county(bench: Bench, data: Data, scale: float) -> None:
    """All counties and the state. Each county of the data has one extract, in the order of names."""
    store = str(data.store(scale))
    cube, cases = cube_of(store, by_county=True), work.caseload(store)
    places = [entry.county for entry in clearscale.open_store(store).manifest.extracts]
    bench.compare(
        f"every policy: convictions, {len(places)} counties and the state",
        f"{scale:g} of the state, {EVERYTHING.size:,} policies",
        Program(
            "prefix sums",
            survivors(cube.histogram.felonies),
            totals=lambda _: convictions_of_cube(fresh(cube), [*places, None]),
        ),
        [
            Program(
                BRUTE_FORCE,
                partial(brute_force, cases),
                totals=lambda found: convictions_of_tallies(found, slice(None)),
            )
        ],
        rows=EVERYTHING.size,
        peer_rows=PEER_ROWS,
        quick=True,
        goals=[Goal("seconds", 0.06)],
    )


def test_people(bench: Bench, data: Data, scale: float) -> None:
    """One measure at a time; its bit is its place."""
    store = str(data.store(scale))
    cube, cases = cube_of(store, by_county=False), work.caseload(store)
    histogram = cube.histogram
    place = MEASURES.index("no_conviction")

    def one_measure() -> np.ndarray:
        return left_out(histogram.profiles, histogram.people, cube.kinds, 1 << place)

    bench.compare(
        "every policy: people with no conviction left, statewide",
        f"{scale:g} of the state, {EVERYTHING.size:,} policies",
        Program(
            "limiting values and prefix sums",
            one_measure,
            totals=lambda _: [int(cube.figures(grid)[f"people_{MEASURES[place]}"][0]) for grid in SAMPLE],
        ),
        [
            Program(
                BRUTE_FORCE,
                partial(brute_force, cases),
                totals=lambda found: [int(counted.measures[-1, 0, place]) for _, counted in found],
            )
        ],
        rows=EVERYTHING.size,
        peer_rows=PEER_ROWS,
        quick=True,
        goals=[Goal("seconds", 0.03)],
    )


def test_histogram(bench: Bench, data: Data, scale: float) -> None:
    """What a sweep does before it sums: one look at every conviction, resident."""
    store = str(data.store(scale))
    cases = work.caseload(store)
    about = cube_of(store, by_county=False)
    scopes = Scopes.of(clearscale.open_store(store), by_county=False)

    def histogram() -> Any:
        from clearscale.whatif.sweep.histogram import count

        return count(cases, about.kinds, scopes, AS_OF_DAY)

    bench.compare(
        "every policy: the histogram, resident",
        f"{scale:g} of the state, {cases.section.size:,} convictions, as of {AS_OF}",
        Program("histogram", histogram, totals=lambda found: int(found.totals.sum())),
        [
            Program(
                "one policy evaluated",
                lambda: evaluate(cases, gogen_policy(SAMPLE[0].options()), AS_OF_DAY),
                totals=lambda found: int(np.sum(found.in_scope & cases.canonical)),
            )
        ],
        rows=cases.section.size,
        quick=True,
    )
