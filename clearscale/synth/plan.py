"""Who is fabricated where: groups of people, each drawn from its own random stream.

A group's people have Prop 64 convictions in the same counties (its route), so their histories belong in each of
those counties' extracts. A group is drawn anew for each, always with the same outcome, so that extracts can be
written in any order and by any number of workers.
"""

from dataclasses import dataclass
from typing import TypeAlias

import numpy as np

from clearscale.law.counties import County

from .arrays import Ints
from .counties import COUNTIES, allot, expected_convictions, expected_people, largest, nearest, repeats

GROUP_SIZE = 512  # people; about 46,000 records
_TRAVELLERS = 1 / 8  # share of people with Prop 64 convictions in two or more counties
_ROUTE_SHARES = (0.45, 0.25, 0.20, 0.10)  # to the nearest county, the second, the third, and to the nearest two
_THREE_COUNTIES = _ROUTE_SHARES[-1]
_PLAN, _GROUP = 1, 2  # first words of the random streams' keys
_GREATEST_SCALE = 100.0  # numbers given to people within an extract would run out above


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
class StatePlan:
    """Everything to fabricate: the counties, the most populous first, and the groups of people."""

    counties: list[County]
    groups: list[Group]

    def extract(self, county: County) -> list[Group]:
        """The groups in a county's extract: residents first, then people from elsewhere."""
        there = [group for group in self.groups if county in group.route]
        return sorted(there, key=lambda group: group.route[0] != county)


Route: TypeAlias = tuple[County, ...]
Routes: TypeAlias = list[tuple[Route, float]]
"""Routes of a county's travelers, and their shares of these, which add up to 1."""


def _near_routes(home: County, counties: list[County]) -> Routes:
    """To the nearest counties, the nearest most often."""
    near = nearest(home, counties, 3)
    routes: list[Route] = [(home, other) for other in near]
    if len(near) > 1:
        routes.append((home, near[0], near[1]))
    shares = np.asarray(_ROUTE_SHARES[: len(routes)])
    return list(zip(routes, (shares / shares.sum()).tolist(), strict=True))


def _weighted_routes(home: County, weights: dict[str, float]) -> Routes:
    """To the three nearest counties in proportion to their weights, and to the two heaviest of them."""
    near = sorted(nearest(home, list(COUNTIES), 3), key=lambda other: -weights[other.name])
    total = sum(weights[other.name] for other in near) / (1 - _THREE_COUNTIES)
    routes: Routes = [((home, other), weights[other.name] / total) for other in near]
    return [*routes, ((home, near[0], near[1]), _THREE_COUNTIES)]


def _draw_routes(seed: int, routes: dict[County, Routes], residents: Ints) -> dict[Route, int]:
    """How many people take each route. `residents`: int64 [counties], people at home there."""
    drawn: dict[Route, int] = {}
    for (home, ways), people in zip(routes.items(), residents.tolist(), strict=True):
        rng = np.random.Generator(np.random.PCG64(np.random.SeedSequence((seed, _PLAN, home.code))))
        travelers = int(rng.binomial(people, _TRAVELLERS)) if ways else 0
        counts = rng.multinomial(travelers, [share for _, share in ways]).tolist() if ways else []
        drawn[(home,)] = people - travelers
        drawn.update(zip((way for way, _ in ways), counts, strict=True))
    return drawn


def _grouped(seed: int, counties: list[County], people: dict[Route, int]) -> StatePlan:
    """The plan for so many people on each route."""
    groups: list[Group] = []
    first = 0
    for route, total in people.items():
        for start in range(0, total, GROUP_SIZE):
            size = min(GROUP_SIZE, total - start)
            groups.append(Group(seed, route, first, size))
            first += size
    return StatePlan(counties, groups)


def _check_seed(seed: int) -> None:
    if seed < 0:
        raise ValueError(f"seed must not be negative: {seed}")


def make_plan(counties: int, people: int, seed: int) -> StatePlan:
    """Allot `people` distinct people to the `counties` most populous counties and to routes between them.

    Raises ValueError when there are fewer people than counties, the state has not so many, or `seed` is negative.
    """
    _check_seed(seed)
    chosen = largest(counties)
    expected = expected_people()
    residents = allot(people, [expected[county.name] for county in chosen])
    routes = {county: _near_routes(county, chosen) for county in chosen}
    return _grouped(seed, chosen, _draw_routes(seed, routes, residents))


def make_state_plan(scale: float, seed: int) -> StatePlan:
    """The whole state, or `scale` times as many people.

    Each county's extract, with the people from elsewhere, has as many people as give the county's expected
    convictions; so those at home there are fewer, found by solving for them.

    Raises ValueError when `scale` is not above 0 and at most 100 or leaves a county without anybody, or `seed` is
    negative.
    """
    _check_seed(seed)
    if not 0 < scale <= _GREATEST_SCALE:
        raise ValueError(f"scale must be above 0 and at most {_GREATEST_SCALE:g}, not {scale:g}")
    chosen = largest(len(COUNTIES))
    convictions = expected_convictions()
    present = {county.name: convictions[county.name] / (1 + repeats(county)) for county in chosen}
    routes = {county: _weighted_routes(county, present) for county in chosen}
    at_home = _at_home(routes, [present[county.name] for county in chosen])
    people = round(sum(at_home) * scale)
    if people < len(chosen):
        least = len(chosen) / sum(at_home)
        raise ValueError(
            f"scale {scale:g} makes {people} people for {len(chosen)} counties: give at least {least:.2g}"
        )
    drawn = _draw_routes(seed, routes, allot(people, at_home))
    _keep_extracts_apart(chosen, drawn)
    return _grouped(seed, chosen, drawn)


def _keep_extracts_apart(counties: list[County], people: dict[Route, int]) -> None:
    """Keep some travelers at home, so that most Prop 64 convictions of an extract are in its own county.

    A person has one to five in each county of their route. So people who share two counties are at most a quarter
    of those who have theirs in the one county only, or twice these where there are many and chance evens out.
    """
    for county in counties:
        shared: dict[County, list[Route]] = {}
        for route in people:
            for other in route if county in route else ():
                if other != county:
                    shared.setdefault(other, []).append(route)
        for routes in shared.values():
            alone = people[(county,)]
            excess = sum(people[route] for route in routes) - max(alone // 4, 2 * (alone - 6))
            for route in routes:
                fewer = min(people[route], max(excess, 0))
                people[route] -= fewer
                people[route[:1]] += fewer
                excess -= fewer


def _at_home(routes: dict[County, Routes], present: list[float]) -> list[float]:
    """How many people are at home in each county, given how many are in each one's extract."""
    place = {county: i for i, county in enumerate(routes)}
    appear = np.eye(len(place))  # [extract, home]: the share of a county's people in an extract
    for home, ways in routes.items():
        for route, share in ways:
            for county in route[1:]:
                appear[place[county], place[home]] += _TRAVELLERS * share
    return [float(people) for people in np.linalg.solve(appear, np.asarray(present))]
