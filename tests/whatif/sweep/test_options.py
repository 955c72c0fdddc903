"""All eligibility options at once: the same figures as from each of them run on its own."""

import itertools
import random
from dataclasses import replace

import numpy as np
import pytest

from clearscale.dates import as_of_day
from clearscale.policy import gogen_policy
from clearscale.runs.snapshots import shared_snapshot
from clearscale.store import open_store
from clearscale.whatif.sweep.cube import Cube
from clearscale.whatif.sweep.histogram import ChargeKinds, Scopes, SweepTask, histogram_of
from clearscale.whatif.sweep.option_family import EVERYTHING, REST, Grid, family_of
from tests.support.brute_force import caseload, figures
from tests.support.examples import examples, some
from tests.support.samples import AS_OF, OPTIONS

STORES = ("state", "edges")
OFF = Grid((0,), (0,), (False,), (0,), (0,), (0,), (False,), (False,))


def cube_of(store: str, as_of: str = AS_OF, shares: list[range] | None = None) -> Cube:
    opened = open_store(store)
    task = SweepTask(opened.folder, opened.manifest.snapshot, as_of_day(as_of), True)
    parts = [histogram_of(task, share) for share in shares or [range(opened.manifest.buckets)]]
    histogram = parts[0]
    for part in parts[1:]:
        histogram = histogram + part
    about = shared_snapshot(task.store, task.snapshot)
    kinds = ChargeKinds.of(about.charge_flags, about.sections)
    return Cube(histogram, kinds, Scopes.of(opened, by_county=True).counties)


class Expected:
    """Figures of a store by brute force, and from its cube."""

    def __init__(self, store: str, as_of: str = AS_OF) -> None:
        self.store, self.as_of = open_store(store), as_of
        self.cases = caseload(self.store)
        self.cube = cube_of(store, as_of)

    def alone(self, grid: Grid) -> dict[str | None, dict[str, int]]:
        """Figures of a grid of one policy by brute force."""
        return figures(self.store, self.cases, gogen_policy(grid.options()), self.as_of)

    def compare(self, grid: Grid) -> None:
        for county, wanted in self.alone(grid).items():
            found = {name: int(values[0]) for name, values in self.cube.figures(grid, county).items()}
            assert found == wanted, f"{county}: {grid}"


@pytest.fixture(scope="module", params=STORES)
def expected(request: pytest.FixtureRequest) -> Expected:
    return Expected(request.getfixturevalue(request.param))


def test_the_family_has_as_many_policies_as_the_screens() -> None:
    assert EVERYTHING.size == 884_736


@pytest.mark.sampled
def test_policies_at_random(expected: Expected) -> None:
    """Of all policies' figures, as a sweep has them, those of 500 that are run one by one."""
    numbers = random.Random(1).sample(range(EVERYTHING.size), examples(500))
    alone = [expected.alone(EVERYTHING.at(number)) for number in numbers]
    for county in alone[0]:
        together = expected.cube.figures(EVERYTHING, county)
        for number, wanted in zip(numbers, alone, strict=True):
            found = {name: int(values[number]) for name, values in together.items()}
            assert found == wanted[county], f"{county}: {EVERYTHING.at(number)}"


@pytest.mark.sampled
def test_random_policies_one_by_one(expected: Expected) -> None:
    for number in random.Random(7).sample(range(EVERYTHING.size), examples(40)):
        expected.compare(EVERYTHING.at(number))


@pytest.mark.sampled
def test_lists_of_any_sections(expected: Expected) -> None:
    """A section in neither list, in one, or in both."""
    chance = random.Random(2)
    pairs = list(itertools.product(range(16), range(16)))
    others = [EVERYTHING.at(chance.randrange(EVERYTHING.size)) for _ in pairs]
    for (dismiss, reduce), grid in chance.sample(list(zip(pairs, others, strict=True)), examples(len(pairs))):
        expected.compare(replace(grid, dismiss=(dismiss,), reduce=(reduce,)))


def edges_of_options() -> list[Grid]:
    """Each setting alone beside all others off, and beside all others on."""
    strict = Grid((0,), (REST,), (True,), (40,), (1,), (1,), (True,), (True,))
    found = []
    for name, settings in EVERYTHING.axes.items():
        for setting in settings:
            found += [replace(base, **{name: (setting,)}) for base in (OFF, strict, replace(OFF, reduce=(REST,)))]
    return found


@pytest.mark.sampled
def test_every_setting_of_every_option(expected: Expected) -> None:
    for grid in some(edges_of_options()):
        expected.compare(grid)


@pytest.mark.sampled
@pytest.mark.parametrize("as_of", ["2020-02-29", "2021-02-28", "1990-01-01", "2100-03-01"])
def test_other_dates(as_of: str, edges: str) -> None:
    expected = Expected(edges, as_of)
    for number in random.Random(3).sample(range(EVERYTHING.size), examples(25)):
        expected.compare(EVERYTHING.at(number))


def test_a_grid_is_its_policies_in_order(edges: str) -> None:
    cube = cube_of(edges)
    grid = replace(
        OFF, dismiss=(0, 3), reduce=(REST, 8), under_21=(True, False), age=(65, 0, 40), years_since=(0, 7)
    )
    together = cube.figures(grid, "KERN")
    for number in range(grid.size):
        alone = cube.figures(grid.at(number), "KERN")
        assert {name: values[number] for name, values in together.items()} == {
            name: values[0] for name, values in alone.items()
        }


def test_any_split_into_tasks_gives_the_same(edges: str) -> None:
    whole = cube_of(edges).histogram
    for shares in ([range(0, 1), range(1, 5)], [range(bucket, bucket + 1) for bucket in range(5)]):
        parts = cube_of(edges, shares=shares).histogram
        assert np.array_equal(parts.totals, whole.totals)
        assert np.array_equal(parts.eligible, whole.eligible)
        assert np.array_equal(parts.felonies.keys, whole.felonies.keys)
        assert np.array_equal(parts.felonies.counts, whole.felonies.counts)
        assert np.array_equal(parts.profiles, whole.profiles)
        assert np.array_equal(parts.people, whole.people)


@pytest.mark.parametrize("number", random.Random(4).sample(range(EVERYTHING.size), 50))
def test_options_are_read_back_from_their_policy(number: int) -> None:
    grid = EVERYTHING.at(number)
    found = family_of(gogen_policy(grid.options()))
    assert found is not None
    assert found.options() == grid.options()


def test_a_policy_with_other_rules_is_of_no_family() -> None:
    policy = gogen_policy(OPTIONS)
    assert family_of(policy) is not None
    assert family_of(replace(policy, rules=policy.rules[::-1])) is None
    assert family_of(replace(policy, rules=policy.rules[1:])) is None
    assert family_of(replace(policy, related=True)) is None
    under_18 = replace(policy.rules[2], conditions=(replace(policy.rules[2].conditions[0], value=18),))
    assert family_of(replace(policy, rules=(*policy.rules[:2], under_18, *policy.rules[3:]))) is None


def test_places_outside_a_grid_are_refused() -> None:
    with pytest.raises(IndexError):
        EVERYTHING.at(EVERYTHING.size)
