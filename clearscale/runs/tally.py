"""Tallies: a caseload's decisions counted. Tallies of buckets add up to those of a county and of the state."""

from dataclasses import dataclass, fields

import numpy as np

from clearscale.dates import add_years
from clearscale.law import state
from clearscale.policy.caseload import Caseload
from clearscale_kernels.arrays import Int8s, Int64s
from clearscale_kernels.policy import count

from .evaluate import Decisions

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
    sections (e, 4), Prop 64 convictions by leftmost section. severities (e, 2), felonies and others. people (e,),
    those with a Prop 64 conviction. measures (e, policies, 4), people by MEASURES under each policy counted.
    earliest (e,), day number of the earliest Prop 64 conviction. All are int64.
    """

    rules: Int64s
    sections: Int64s
    severities: Int64s
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


def tally(caseload: Caseload, decisions: list[Decisions], as_of: int) -> tuple[Tally, Int8s]:
    """Count a caseload's decisions, those of the run's policy first, of policies counted beside it after.

    Also returns the standing of each history's person under the first policy, in its county's view and in the
    state's: shape (2, h), bits of `clearscale_kernels.policy.count`.
    """
    chosen = decisions[0]
    scopes = caseload.extracts + 1
    result = Tally(
        rules=np.zeros((scopes, len(chosen.policy.rules) + 1), np.int64),
        sections=np.zeros((scopes, len(state().charges.sections)), np.int64),
        severities=np.zeros((scopes, 2), np.int64),
        people=np.zeros(scopes, np.int64),
        measures=np.zeros((scopes, len(decisions), len(MEASURES)), np.int64),
        earliest=np.full(scopes, NO_EARLIEST, np.int64),
    )
    candidates = count.Candidates(
        flags=caseload.candidates["flags"], event_dates=caseload.candidates["event_date"], sections=caseload.section
    )
    counts = count.ConvictionCounts(
        by_rule=result.rules,
        by_section=result.sections,
        by_severity=result.severities,
        earliest=result.earliest,
    )
    count.count_convictions(candidates, caseload.extract, chosen.rules, counts)
    standings = np.zeros((2, caseload.subjects["extract"].size), np.int8)
    count.count_people(
        count.Histories(
            bounds=caseload.bounds,
            extracts=caseload.subjects["extract"],
            canonical=caseload.subjects["canonical"],
            others=caseload.others,
        ),
        candidates,
        np.stack([decided.relief for decided in decisions]),
        add_years(as_of, -RECENT_YEARS),
        count.PeopleCounts(standings, result.people, result.measures),
    )
    return result, standings
