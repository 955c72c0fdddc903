"""Tallies: a bucket's decisions counted. Tallies of buckets add up to those of a county and of the state."""

from dataclasses import dataclass, fields

import numpy as np

from clearscale_kernels import facts
from clearscale_kernels.arrays import Bools, Int8s, Int64s

from .dates import add_years
from .evaluate import Bucket, Decisions
from .policy import DISMISSED, NO_RELIEF

RECENT_YEARS = 7
"""The window of "no conviction in the last 7 years", counted back from the as-of date."""

MEASURES = ("some_relief", "no_felony", "no_conviction", "no_recent_conviction")
"""What is counted of people: at least one conviction dismissed or reduced; of those who have any felony, every one
dismissed or reduced; every conviction dismissed; of those with convictions in the window, every one dismissed."""

NO_EARLIEST = np.iinfo(np.int32).max
"""In place of a date: there is no Prop 64 conviction."""


@dataclass
class Tally:
    """Counts by scope: one a county's extract, in the snapshot's order, and the whole state last.

    A county's extract counts its own county's convictions and its own histories, as the county would alone; the
    state counts each person once, in the canonical history, with the relief of all counties together.

    Shapes, with e = extracts + 1: rules (e, rules + 1), Prop 64 convictions by deciding rule, undecided last.
    sections (e, 4), Prop 64 convictions by leftmost section. felonies, others (e,). people (e,), those with a
    Prop 64 conviction. measures (e, policies, 4), people by MEASURES under each policy counted. earliest (e,), day
    number of the earliest Prop 64 conviction. All counts are int64.
    """

    rules: Int64s
    sections: Int64s
    felonies: Int64s
    others: Int64s
    people: Int64s
    measures: Int64s
    earliest: Int64s

    def __add__(self, other: "Tally") -> "Tally":
        added = {
            field.name: getattr(self, field.name) + getattr(other, field.name)
            for field in fields(self)
            if field.name != "earliest"
        }
        return Tally(**added, earliest=np.minimum(self.earliest, other.earliest))


@dataclass(frozen=True)
class View:
    """Which convictions and histories a figure counts, and under which scope. Shapes (n,) and (h,)."""

    convictions: Bools
    people: Bools
    conviction_scope: Int64s
    people_scope: Int64s


def views(bucket: Bucket) -> tuple[View, View]:
    """(the counties' view, the state's view) of a bucket."""
    extracts = bucket.counties.size
    counties = View(
        bucket.own_county,
        np.ones(bucket.people["extract"].size, np.bool_),
        bucket.convictions["extract"].astype(np.int64),
        bucket.people["extract"].astype(np.int64),
    )
    state = View(
        bucket.canonical,
        bucket.people["canonical"],
        np.full(counties.convictions.size, extracts, np.int64),
        np.full(counties.people.size, extracts, np.int64),
    )
    return counties, state


def person_measures(bucket: Bucket, relief: Int8s, view: View, as_of: int) -> tuple[Bools, ...]:
    """For each history whether it counts under each of MEASURES. relief: shape (n,). Shapes (h,)."""
    history = bucket.convictions["history"]
    size = view.people.size
    relief = np.where(view.convictions, relief, NO_RELIEF)
    recent = bucket.convictions["event_date"] > add_years(as_of, -RECENT_YEARS)
    felony = (bucket.convictions["flags"] & facts.FELONY) != 0

    def having(mask: Bools) -> Bools:
        return np.bincount(history[mask], minlength=size) > 0

    relieved, dismissed = relief != NO_RELIEF, relief == DISMISSED
    measures = (
        having(relieved),
        having(felony) & ~having(felony & ~relieved),
        having(np.ones(relief.size, np.bool_)) & ~having(~dismissed),
        having(recent) & ~having(recent & ~dismissed),
    )
    return tuple(measure & view.people for measure in measures)


def tally(bucket: Bucket, decisions: list[Decisions], as_of: int) -> Tally:
    """Count a bucket's decisions, those of the run's policy first, of policies counted beside it after."""
    chosen = decisions[0]
    scopes = bucket.counties.size + 1
    section = bucket.sections[bucket.convictions["offense"]]
    prop64 = section >= 0
    felony = (bucket.convictions["flags"] & facts.FELONY) != 0
    rule = np.full(section.size, len(chosen.policy.rules), np.int64)
    rule[chosen.places] = np.where(chosen.rules >= 0, chosen.rules, len(chosen.policy.rules))
    reliefs = [each.relief(section.size) for each in decisions]
    result = Tally(
        rules=np.zeros((scopes, len(chosen.policy.rules) + 1), np.int64),
        sections=np.zeros((scopes, len(facts.SECTIONS)), np.int64),
        felonies=np.zeros(scopes, np.int64),
        others=np.zeros(scopes, np.int64),
        people=np.zeros(scopes, np.int64),
        measures=np.zeros((scopes, len(decisions), len(MEASURES)), np.int64),
        earliest=np.full(scopes, NO_EARLIEST, np.int64),
    )
    for view in views(bucket):
        counted = view.convictions & prop64
        scope = view.conviction_scope
        np.add.at(result.rules, (scope[counted], rule[counted]), 1)
        np.add.at(result.sections, (scope[counted], section[counted]), 1)
        np.add.at(result.felonies, scope[counted & felony], 1)
        np.add.at(result.others, scope[counted & ~felony], 1)
        np.minimum.at(result.earliest, scope[counted], bucket.convictions["event_date"][counted])
        with_prop64 = np.bincount(bucket.convictions["history"][counted], minlength=view.people.size) > 0
        np.add.at(result.people, view.people_scope[with_prop64 & view.people], 1)
        for place, relief in enumerate(reliefs):
            for kind, counts in enumerate(person_measures(bucket, relief, view, as_of)):
                np.add.at(result.measures[:, place, kind], view.people_scope[counts], 1)
    return result
