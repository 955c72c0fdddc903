"""Counting what each of many policies makes of the charges of a bucket."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from threading import Lock

import numpy as np

from clearscale.charges.tables import Tables
from clearscale.errors import PolicyError
from clearscale.io.files import Folder
from clearscale.relief import NO_CANDIDATE, OUTCOMES
from clearscale.relief.many import ManyDecider, Part
from clearscale.relief.outcomes import Outcome
from clearscale.runs.charges.resident import bucket_of
from clearscale_kernels.arrays import Int8s, Int64s

from .plan import ChargePlan, figures_of

_building = Lock()


@dataclass(frozen=True)
class ChargeSweepTask:
    """A sweep's inputs, for any of its tasks. store: by its absolute path."""

    store: Folder
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
    tables = bucket_of(task.store, task.snapshot, bucket).tables
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
    scopes = counties(tables) if by_county else None
    return count_scopes(tables, decider, (plan.size, plan.outcomes), scopes)


@dataclass(frozen=True)
class Scopes:
    """Places into which charges are dealt. of: the place of each charge of some tables, from 0 below `many`."""

    many: int
    of: Callable[[Tables], Int64s]


def counties(tables: Tables) -> Scopes:
    """The counties by their codes, and one of charges without any."""
    many = len(tables.words.counties) + 1
    # The code of no county, -1, is the last place.
    return Scopes(many, lambda some: some.charges.county.astype(np.int64) % many)


def count_scopes(
    tables: Tables, decider: ManyDecider, asked: tuple[int, tuple[Outcome, ...]], scopes: Scopes | None
) -> Int64s:
    """Count the charges and people of a bucket under each policy, in any places.

    Parameters
    ----------
    tables
        The bucket's.
    decider
        Of the policies.
    asked
        How many policies there are, and what they can make of a charge.
    scopes
        The places; None counts the state alone.

    Returns
    -------
    int64, shape (policies, scopes, figures)
        Scopes are the places, then the state; figures are those of `figures_of`.
    """
    size, outcomes = asked
    places = scopes.many if scopes is not None else 0
    figures = _Figures(outcomes)
    found = np.zeros((size, places + 1, figures.size), np.int64)
    for part in decider.parts(tables):
        _count_unsure(found, part, tables, scopes, figures)
        views = [_View.of_state(part.tables, places)]
        if scopes is not None:
            views.append(_View.of_scopes(part.tables, scopes))
        for decided in part.decided:
            first, *others = decided.policies
            of_outcome = figures.places[decided.outcome]
            sets = figures.bits[of_outcome]
            for view in views:
                view.count(of_outcome, sets, found[first], figures)
            unsure = figures.unsure
            for other in others:
                found[other, :, :unsure] = found[first, :, :unsure]
                found[other, :, unsure + 1 :] = found[first, :, unsure + 1 :]
    return found


def _count_unsure(found: Int64s, part: Part, tables: Tables, scopes: Scopes | None, figures: "_Figures") -> None:
    for policies, unsure in part.unsure:
        places = list(policies)
        found[places, -1, figures.unsure] = int(unsure.sum())
        if scopes is not None:
            found[places, :-1, figures.unsure] = np.bincount(scopes.of(tables)[unsure], minlength=scopes.many)


class _Figures:
    """Where each figure stands, and which outcomes it counts."""

    def __init__(self, outcomes: tuple[Outcome, ...]) -> None:
        names = figures_of(outcomes)
        self.size, self.unsure = len(names), names.index("charges_unsure")
        self.outcomes = len(outcomes)
        self.places: Int8s = np.full(len(OUTCOMES) + 1, self.outcomes, np.int8)
        """Of each outcome's code its place among those that occur; the last, at code -1, is of no decision."""
        self.places[[outcome.code for outcome in outcomes]] = np.arange(self.outcomes)
        self.bits = np.array([*(1 << place for place in range(self.outcomes)), 0], np.uint16)
        """The set that an outcome is, by its place."""
        relief = [place for place, outcome in enumerate(outcomes) if outcome.relief]
        counted = [range(self.outcomes), relief, *([place] for place in range(self.outcomes))]
        holds = np.zeros((self.outcomes, len(counted)), np.int64)
        for number, of in enumerate(counted):
            holds[list(of), number] = 1
        self.of_charges: Int64s = holds
        """Which of the figures counts a charge of each outcome. Shape (outcomes, figures of people)."""
        sets = (np.arange(1 << self.outcomes)[:, np.newaxis] >> np.arange(self.outcomes)) & 1
        self.of_people: Int64s = ((sets @ holds) > 0).astype(np.int64)
        """Which counts a person whose charges have a set of outcomes. Shape (sets, figures of people)."""
        people = len(counted)
        self.charges = [0, *range(2, people + 1)]
        self.people = list(range(people + 1, 2 * people + 1))


assert NO_CANDIDATE == -1
if len(OUTCOMES) > np.iinfo(np.uint16).bits:
    raise PolicyError("there are more outcomes than a set of them has bits; give sets more")


@dataclass(frozen=True)
class _View:
    """Charges of the state, or of other places.

    Attributes
    ----------
    scopes
        Places of its scopes.
    of_charge : shape (n,)
        The scope of each charge, from 0; None of a single one.
    order : shape (n,)
        Charges so that those of a person in a scope stand side by side; None if they do.
    starts : shape (groups,)
        Where each such group begins.
    of_group : shape (groups,)
        Its scope; None of a single one.
    """

    scopes: slice
    of_charge: Int64s | None
    order: Int64s | None
    starts: Int64s
    of_group: Int64s | None

    @classmethod
    def of_state(cls, tables: Tables, first: int) -> "_View":
        return cls(slice(first, first + 1), None, None, tables.people.bounds[:-1], None)

    @classmethod
    def of_scopes(cls, tables: Tables, scopes: Scopes) -> "_View":
        places = scopes.of(tables)
        groups = tables.charges.person.astype(np.int64) * scopes.many + places
        order = None if (np.diff(groups) >= 0).all() else np.argsort(groups, kind="stable")
        sorted_ = groups if order is None else groups[order]
        starts = np.flatnonzero(np.diff(sorted_, prepend=-1))
        return cls(slice(0, scopes.many), places, order, starts, sorted_[starts] % scopes.many)

    def count(self, places: Int8s, sets: np.ndarray, out: Int64s, figures: _Figures) -> None:
        """Fill in the figures of a policy.

        places, sets: of what becomes of each charge, shapes (n,). out: shape (scopes, figures).
        """
        if not places.size:
            return
        masks = np.bitwise_or.reduceat(sets if self.order is None else sets[self.order], self.starts)
        of_charges = self._counts(places, self.of_charge, figures.outcomes + 1)[:, :-1] @ figures.of_charges
        of_people = self._counts(masks, self.of_group, 1 << figures.outcomes) @ figures.of_people
        out[self.scopes, figures.charges], out[self.scopes, figures.people] = of_charges, of_people

    def _counts(self, values: np.ndarray, scope: Int64s | None, most: int) -> Int64s:
        """Count values, each less than `most`, by scope. Shape (scopes, most)."""
        scopes = self.scopes.stop - self.scopes.start
        keys = values if scope is None else scope * most + values
        counts: Int64s = np.bincount(keys, minlength=scopes * most).reshape(scopes, most)
        return counts
