"""Decisions counted: convictions by scope and rule, people by what relief leaves of their record."""

from typing import NamedTuple

from clearscale_kernels import flag
from clearscale_kernels.arrays import Bools, Int8s, Int16s, Int32s, Int64s
from clearscale_kernels.jit.compiler import kernel

NO_RELIEF, REDUCED, DISMISSED = 0, 1, 2
"""What a determination does for a person: nothing, a lesser conviction, no conviction."""

SOME_RELIEF, NO_FELONY, NO_CONVICTION, NO_RECENT, WITH_PROP64 = 1, 2, 4, 8, 16
"""Bits of what is counted of a person."""

MEASURES = 4
"""How many of these bits depend on a policy; they come first."""

_FELONY = flag.FELONY
_OWN_COUNTY = flag.OWN_COUNTY
_CANONICAL = flag.CANONICAL


class Candidates(NamedTuple):
    """Convictions that a policy may decide, those of a history side by side.

    Attributes
    ----------
    flags : int32, shape (n,)
        Bits of `flag`.
    event_dates : int32, shape (n,)
        Day numbers.
    sections : int8, shape (n,)
        Place of the leftmost of the sections that relief is for, -1 for a related charge.
    """

    flags: Int32s
    event_dates: Int32s
    sections: Int8s


class ConvictionCounts(NamedTuple):
    """Counts of Prop 64 convictions, added to. The last of e scopes is the state.

    Attributes
    ----------
    by_rule : int64, shape (e, rules + 1)
        Undecided convictions last.
    by_section : int64, shape (e, 4)
    by_severity : int64, shape (e, 2)
        Felonies first.
    earliest : int64, shape (e,)
        The least day number.
    """

    by_rule: Int64s
    by_section: Int64s
    by_severity: Int64s
    earliest: Int64s


@kernel
def count_convictions(
    candidates: Candidates, extracts: Int32s, rules: Int8s | Int16s, out: ConvictionCounts
) -> None:
    """Count Prop 64 convictions: under the scope of their extract, and, once, under that of the state.

    Parameters
    ----------
    candidates
        Related charges are left out.
    extracts : shape (n,)
        The extract of each candidate.
    rules : shape (n,)
        The deciding rule of each candidate, negative if it is undecided.
    out
        Added to.
    """
    flags, event_dates, sections = candidates.flags, candidates.event_dates, candidates.sections
    by_rule, by_section, by_severity, earliest = out.by_rule, out.by_section, out.by_severity, out.earliest
    state = by_rule.shape[0] - 1
    undecided = by_rule.shape[1] - 1
    for i in range(extracts.size):
        section = sections[i]
        if section < 0:
            continue
        rule = rules[i] if rules[i] >= 0 else undecided
        severity = 0 if flags[i] & _FELONY else 1
        for view in range(2):
            scope = int(extracts[i]) if view == 0 else state
            if flags[i] & (_OWN_COUNTY if view == 0 else _CANONICAL):
                by_rule[scope, rule] += 1
                by_section[scope, section] += 1
                by_severity[scope, severity] += 1
                earliest[scope] = min(earliest[scope], event_dates[i])


class Histories(NamedTuple):
    """Histories whose people are counted.

    Attributes
    ----------
    bounds : int64, shape (h + 1,)
        The first candidate of each history, and the past-last of the last.
    extracts : int32, shape (h,)
    canonical : bool, shape (h,)
        Whether the history stands for its person.
    others : int32, shape (3, h)
        What the convictions that are no candidates come to; see `neighbors.sum_others`.
    """

    bounds: Int64s
    extracts: Int32s
    canonical: Bools
    others: Int32s


class PeopleCounts(NamedTuple):
    """Counts of people under p policies. The last of e scopes is the state.

    Attributes
    ----------
    standings : int8, shape (2, h)
        Filled: bits of SOME_RELIEF to WITH_PROP64 under the first policy, in the county's view (relief of its own
        convictions) and in the state's (of all; 0 for histories that are not canonical).
    with_prop64 : int64, shape (e,)
        Added to.
    measures : int64, shape (e, p, MEASURES)
        Added to.
    """

    standings: Int8s
    with_prop64: Int64s
    measures: Int64s


@kernel
def count_people(  # noqa: C901
    histories: Histories, candidates: Candidates, reliefs: Int8s, recent: int, out: PeopleCounts
) -> None:
    """Count people: each history under the scope of its extract, canonical ones under that of the state.

    A person's record is all of the history's convictions, in any county; a county's relief is that of its own.

    Parameters
    ----------
    histories
    candidates
        Those of the histories.
    reliefs : shape (p, n)
        What each policy does for each candidate.
    recent
        Convictions after this day count as recent.
    out
        Filled and added to.
    """
    bounds, extracts, canonical, others = (
        histories.bounds,
        histories.extracts,
        histories.canonical,
        histories.others,
    )
    flags, event_dates, sections = candidates.flags, candidates.event_dates, candidates.sections
    standings, with_prop64, measures = out.standings, out.with_prop64, out.measures
    state = with_prop64.size - 1
    policies = reliefs.shape[0]
    everyone = (1 << policies) - 1
    for h in range(bounds.size - 1):
        # A bit a policy: what relief there is, and what is left of a kind of conviction. Of two views at once: a
        # county relieves its own convictions only, and those of others stay on the record.
        relieved, state_relieved = 0, 0
        left = state_left = everyone if others[0, h] > 0 else 0
        felonies_left = state_felonies_left = everyone if others[1, h] > 0 else 0
        recent_left = state_recent_left = everyone if others[2, h] > recent and others[0, h] > 0 else 0
        conviction, felony, late = left != 0, felonies_left != 0, recent_left != 0
        prop64, state_prop64 = False, False
        for i in range(bounds[h], bounds[h + 1]):
            given, dismissed = 0, 0
            for p in range(policies):
                given |= int(reliefs[p, i] != NO_RELIEF) << p
                dismissed |= int(reliefs[p, i] == DISMISSED) << p
            own, once = flags[i] & _OWN_COUNTY != 0, flags[i] & _CANONICAL != 0
            own_given, own_dismissed = (given, dismissed) if own else (0, 0)
            given, dismissed = (given, dismissed) if once else (0, 0)
            conviction = True
            relieved |= own_given
            state_relieved |= given
            left |= everyone & ~own_dismissed
            state_left |= everyone & ~dismissed
            # All or none of the bits instead of a branch: what a conviction is cannot be foretold.
            is_felony, is_late, is_prop64 = flags[i] & _FELONY != 0, event_dates[i] > recent, sections[i] >= 0
            of_felony, of_late = everyone & -int(is_felony), everyone & -int(is_late)
            felony |= is_felony
            felonies_left |= of_felony & ~own_given
            state_felonies_left |= of_felony & ~given
            late |= is_late
            recent_left |= of_late & ~own_dismissed
            state_recent_left |= of_late & ~dismissed
            prop64 |= own & is_prop64
            state_prop64 |= once & is_prop64
        for view in range(2):
            standings[view, h] = 0
            if view == 1:
                if not canonical[h]:
                    continue
                relieved, left, felonies_left = state_relieved, state_left, state_felonies_left
                recent_left, prop64 = state_recent_left, state_prop64
            scope = int(extracts[h]) if view == 0 else state
            if prop64:
                with_prop64[scope] += 1
                standings[view, h] = WITH_PROP64
            for p in range(policies):
                found = 0
                if relieved >> p & 1:
                    found |= SOME_RELIEF
                if felony and not felonies_left >> p & 1:
                    found |= NO_FELONY
                if conviction and not left >> p & 1:
                    found |= NO_CONVICTION
                if late and not recent_left >> p & 1:
                    found |= NO_RECENT
                for bit in range(MEASURES):
                    measures[scope, p, bit] += (found >> bit) & 1
                if p == 0:
                    standings[view, h] |= found
