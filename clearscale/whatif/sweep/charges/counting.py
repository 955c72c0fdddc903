"""Counting what each of many policies makes of the charges of a bucket."""

from dataclasses import dataclass
from functools import lru_cache
from threading import Lock

import numpy as np

from clearscale.charges.tables import Tables
from clearscale.relief import NO_CANDIDATE, OUTCOMES
from clearscale.relief.many import ManyDecider, Part
from clearscale.relief.outcomes import Outcome
from clearscale.runs.charges.run import store_of
from clearscale_kernels.arrays import Int8s, Int64s

from .plan import ChargePlan, figures_of

_KINDS = len(OUTCOMES)
_MASKS = 1 << _KINDS
"""What of a person's charges can become, as sets of outcomes."""

_building = Lock()


@dataclass(frozen=True)
class ChargeSweepTask:
    """A sweep's inputs, for any of its tasks. store: URL."""

    store: str
    snapshot: str
    plan: ChargePlan
    by_county: bool


def decider_of(plan: ChargePlan) -> ManyDecider:
    """What decides, which is made once a process."""
    with _building:
        return _decider(plan)


@lru_cache(maxsize=2)
def _decider(plan: ChargePlan) -> ManyDecider:
    return ManyDecider(plan.asked)


def count_bucket(task: ChargeSweepTask, bucket: int) -> Int64s:
    """Count a bucket: figures as of `count`."""
    tables = store_of(task.store, task.snapshot).tables(bucket)
    return count(tables, decider_of(task.plan), task.plan, task.by_county)


def count(tables: Tables, decider: ManyDecider, plan: ChargePlan, by_county: bool) -> Int64s:
    """Count the charges and people of a bucket under each policy.

    Parameters
    ----------
    tables
        The bucket's.
    decider
        Of the plan's policies.
    plan
        What is counted.
    by_county
        Count each county, too.

    Returns
    -------
    int64, shape (policies, scopes, figures)
        Scopes are the counties by their codes and one of charges without any, if these are counted, then the state;
        figures are those of `figures_of`.
    """
    counties = len(tables.words.counties) + 1 if by_county else 0
    figures = _Figures(plan.outcomes)
    found = np.zeros((plan.size, counties + 1, figures.size), np.int64)
    for part in decider.parts(tables):
        _count_unsure(found, part, tables, counties, figures)
        views = [_View.of_state(part.tables, counties)]
        if counties:
            views.append(_View.of_counties(part.tables, counties))
        for decided in part.decided:
            first, *others = decided.policies
            for view in views:
                view.count(decided.outcome, found[first], figures)
            unsure = figures.unsure
            for other in others:
                found[other, :, :unsure] = found[first, :, :unsure]
                found[other, :, unsure + 1 :] = found[first, :, unsure + 1 :]
    return found


def _count_unsure(found: Int64s, part: Part, tables: Tables, counties: int, figures: "_Figures") -> None:
    for policies, unsure in part.unsure:
        places = list(policies)
        found[places, -1, figures.unsure] = int(unsure.sum())
        if counties:
            own = tables.charges.county[unsure].astype(np.int64) % counties
            found[places, :-1, figures.unsure] = np.bincount(own, minlength=counties)


class _Figures:
    """Where each figure stands, and which outcomes it counts."""

    def __init__(self, outcomes: tuple[Outcome, ...]) -> None:
        names = figures_of(outcomes)
        self.size, self.unsure = len(names), names.index("charges_unsure")
        relief = [outcome.code for outcome in OUTCOMES.values() if outcome.relief]
        counted = [range(_KINDS), relief, *([outcome.code] for outcome in outcomes)]
        holds = np.zeros((_KINDS, len(counted)), np.int64)
        for place, codes in enumerate(counted):
            holds[list(codes), place] = 1
        self.of_charges: Int64s = holds
        """Which of the figures counts a charge of each outcome. Shape (outcomes, figures of people)."""
        bits = (np.arange(_MASKS)[:, np.newaxis] >> np.arange(_KINDS)) & 1
        self.of_people: Int64s = ((bits @ holds) > 0).astype(np.int64)
        """Which counts a person whose charges have these outcomes. Shape (masks, figures of people)."""
        people = len(counted)
        self.charges = [0, *range(2, people + 1)]
        self.people = list(range(people + 1, 2 * people + 1))


_BITS = np.array([*(1 << code for code in range(_KINDS)), 0], np.int64)
"""The set of an outcome's code; the last, at place -1, of a charge that is not decided."""

assert NO_CANDIDATE == -1


@dataclass(frozen=True)
class _View:
    """Charges of the state, or of its counties.

    Attributes
    ----------
    first
        Place of its first scope.
    scopes
        How many there are.
    of_charge : shape (n,)
        The scope of each charge, from 0.
    order : shape (n,)
        Charges so that those of a person in a scope stand side by side.
    starts : shape (groups,)
        Where each such group begins.
    of_group : shape (groups,)
        Its scope.
    """

    first: int
    scopes: int
    of_charge: Int64s
    order: Int64s | slice
    starts: Int64s
    of_group: Int64s

    @classmethod
    def of_state(cls, tables: Tables, first: int) -> "_View":
        people = tables.people.bounds.size - 1
        return cls(
            first,
            1,
            np.zeros(tables.rows, np.int64),
            slice(None),
            tables.people.bounds[:-1],
            np.zeros(people, np.int64),
        )

    @classmethod
    def of_counties(cls, tables: Tables, counties: int) -> "_View":
        # The code of no county, -1, is the last place.
        county = tables.charges.county.astype(np.int64) % counties
        groups = tables.charges.person.astype(np.int64) * counties + county
        order = np.argsort(groups, kind="stable")
        starts = np.flatnonzero(np.diff(groups[order], prepend=-1))
        return cls(0, counties, county, order, starts, county[order][starts])

    def count(self, outcome: Int8s, out: Int64s, figures: _Figures) -> None:
        """Fill in the figures of a policy. out: shape (scopes, figures)."""
        if not outcome.size:
            return
        scopes = slice(self.first, self.first + self.scopes)
        kinds = np.bincount(self.of_charge * (_KINDS + 1) + outcome + 1, minlength=self.scopes * (_KINDS + 1))
        of_charges = kinds.reshape(self.scopes, _KINDS + 1)[:, 1:] @ figures.of_charges
        masks = np.bitwise_or.reduceat(_BITS[outcome][self.order], self.starts)
        sets, places = np.unique(masks, return_inverse=True)
        many = np.bincount(self.of_group * sets.size + places, minlength=self.scopes * sets.size)
        of_people = many.reshape(self.scopes, sets.size) @ figures.of_people[sets]
        out[scopes, figures.charges], out[scopes, figures.people] = of_charges, of_people
