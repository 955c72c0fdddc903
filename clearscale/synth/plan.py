"""Who is fabricated where: groups of people, each drawn from its own random stream.

A group's people have Prop 64 convictions in the same counties (its route), so their histories belong in each of
those counties' extracts. A group is drawn anew for each, always with the same outcome, so that extracts can be
written in any order and by any number of workers.
"""

from dataclasses import dataclass

import numpy as np

from clearscale.synth.counties import County, allot, expected_people, largest, nearest

GROUP_SIZE = 512  # people; about 46,000 records
_TRAVELLERS = 1 / 8  # share of people with Prop 64 convictions in two or more counties
_ROUTE_SHARES = (0.45, 0.25, 0.20, 0.10)  # to the nearest county, the second, the third, and to the nearest two
_PLAN, _GROUP = 1, 2  # first words of the random streams' keys


@dataclass(frozen=True)
class Group:
    """People who share a route, the home county first. `first` is the statewide serial number of the first one."""

    seed: int
    route: tuple[County, ...]
    first: int
    people: int

    def rng(self) -> np.random.Generator:
        """The group's own random stream, a function of the seed, the route and the serial number only."""
        key = (self.seed, _GROUP, self.first, *(county.code for county in self.route))
        return np.random.Generator(np.random.PCG64(np.random.SeedSequence(key)))


@dataclass(frozen=True)
class Plan:
    """Everything to fabricate: the counties, the most populous first, and the groups of people."""

    counties: list[County]
    groups: list[Group]

    def extract(self, county: County) -> list[Group]:
        """The groups in a county's extract: residents first, then people from elsewhere."""
        there = [group for group in self.groups if county in group.route]
        return sorted(there, key=lambda group: group.route[0] != county)


def _routes(home: County, counties: list[County]) -> list[tuple[County, ...]]:
    near = nearest(home, counties, 3)
    routes: list[tuple[County, ...]] = [(home, other) for other in near]
    if len(near) > 1:
        routes.append((home, near[0], near[1]))
    return routes


def make_plan(counties: int, people: int, seed: int) -> Plan:
    """Allots `people` distinct people to the `counties` most populous counties and to routes between them.

    Raises ValueError when there are fewer people than counties, `counties` is not 1 to 58, or `seed` is negative.
    """
    if seed < 0:
        raise ValueError(f"seed must not be negative: {seed}")
    chosen = largest(counties)
    expected = expected_people()
    groups: list[Group] = []
    first = 0
    for home, residents in zip(chosen, allot(people, [expected[c.name] for c in chosen]).tolist(), strict=True):
        rng = np.random.Generator(np.random.PCG64(np.random.SeedSequence((seed, _PLAN, home.code))))
        routes = _routes(home, chosen)
        shares = np.asarray(_ROUTE_SHARES[: len(routes)])
        travellers = int(rng.binomial(residents, _TRAVELLERS)) if routes else 0
        counts = rng.multinomial(travellers, shares / shares.sum()).tolist() if routes else []
        for route, total in [((home,), residents - travellers), *zip(routes, counts, strict=True)]:
            for start in range(0, total, GROUP_SIZE):
                size = min(GROUP_SIZE, total - start)
                groups.append(Group(seed, route, first, size))
                first += size
    return Plan(chosen, groups)
