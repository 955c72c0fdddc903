"""How many people and convictions each county gets, from what counties published about Proposition 64."""

from functools import cache

import numpy as np

from clearscale.law import state
from clearscale.law.counties import County

from .arrays import Ints

COUNTIES = state().counties.listed

CONVICTIONS_PER_PERSON = 1.25
# Where a county published neither: chosen so that the state has about 85% felonies and 1.25 convictions a person.
OTHER_FELONY_SHARE = 0.78
OTHER_REPEATS = 0.03
OTHER_RACE_SHARES = (0.36, 0.22, 0.36, 0.03, 0.03)


def largest(count: int) -> list[County]:
    """The `count` most populous counties, the most populous first. Raises ValueError if there are not so many."""
    if not 1 <= count <= len(COUNTIES):
        raise ValueError(f"counties must be 1 to {len(COUNTIES)}, not {count}")
    return sorted(COUNTIES, key=lambda county: -county.population)[:count]


@cache
def expected_convictions() -> dict[str, int]:
    """Prop 64 convictions in each county by name: as published; the rest of the state's total by population."""
    published = {county.name: county.published.convictions for county in COUNTIES if county.published}
    left = state().counties.convictions - sum(published.values())
    residents = sum(county.population for county in COUNTIES if county.name not in published)
    return {
        county.name: published.get(county.name, round(left * county.population / residents)) for county in COUNTIES
    }


@cache
def expected_people() -> dict[str, float]:
    """People with a Prop 64 conviction by county name: the published number, else convictions over 1.25."""
    convictions = expected_convictions()
    return {
        county.name: (county.published and county.published.people)
        or convictions[county.name] / CONVICTIONS_PER_PERSON
        for county in COUNTIES
    }


def felony_share(county: County) -> float:
    """The share of a county's Prop 64 convictions that are felonies."""
    published = county.published
    return published.felonies / published.convictions if published and published.felonies else OTHER_FELONY_SHARE


def repeats(county: County) -> float:
    """Prop 64 convictions in the county that a person has beyond the first one, on average."""
    published = county.published
    return published.convictions / published.people - 1 if published and published.people else OTHER_REPEATS


def race_shares(county: County) -> tuple[float, ...]:
    """Shares of the groups of `Counties.race_shares_of`, and of everybody else; they add up to 1."""
    return county.race_shares or OTHER_RACE_SHARES


def nearest(county: County, among: list[County], count: int) -> list[County]:
    """Up to `count` counties of `among` other than `county`, the nearest first."""

    def miles_squared(other: County) -> float:
        return (other.latitude - county.latitude) ** 2 + (0.8 * (other.longitude - county.longitude)) ** 2

    return sorted((other for other in among if other.code != county.code), key=miles_squared)[:count]


def allot(total: int, weights: list[float]) -> Ints:
    """`total` split in proportion to `weights`, at least one each, exactly: int64 [len(weights)].

    Raises ValueError when there is less than one for each.
    """
    if total < len(weights):
        raise ValueError(f"{total} people cannot fill {len(weights)} counties: give at least one for each")
    exact = np.asarray(weights) / sum(weights) * (total - len(weights))
    shares = np.floor(exact).astype(np.int64)
    neediest = np.argsort(shares - exact, kind="stable")[: total - len(weights) - int(shares.sum())]
    shares[neediest] += 1
    return shares + 1
