"""People as profiles: what decides whether a policy of a family of options leaves a person out of a measure.

A profile is a person in a few words. Equal ones are counted together, and each is asked about all policies at once,
in histograms that `prefix_sums.sum_up` makes complete, or about one policy.
"""

from typing import NamedTuple

import numpy as np

from clearscale_kernels import flag
from clearscale_kernels.arrays import Bools, Int8s, Int32s, Int64s
from clearscale_kernels.jit.compiler import inlined, kernel

MOST_AGES, MOST_YEARS = 32, 16
"""Settings for which a profile has room: of a threshold of age, of one in years."""

SETS = 16
"""Sets of the four sections, as bits."""

NONE = MOST_YEARS
"""In place of a bucket of years: there is no such felony."""

CAN_LACK_RELIEF, CAN_KEEP_FELONY, CAN_KEEP_CONVICTION, CAN_KEEP_RECENT = 1, 2, 4, 8
"""Bits of a profile: in which measures a policy may leave this person out. In the order of `count.MEASURES`."""

FIELDS_A_WORD, FIELD_BITS = 12, 5
"""How buckets of years are packed into the words of a profile behind its first."""

_HEADER_BITS = 19
"""Bits of a profile's first word below its scope: can (4), only Prop 64, deceased, age (5), clear and since (4)."""

_FELONY = flag.FELONY


def profile_words(sets: int) -> int:
    """Words of a profile when so many sets of sections occur."""
    return 1 + -(-2 * sets // FIELDS_A_WORD)


class HistoriesInView(NamedTuple):
    """Histories as a county's or the state's view has them.

    Attributes
    ----------
    bounds : int64, shape (h + 1,)
        The first candidate of each history, and the past-last of the last.
    chosen : bool, shape (h,)
        Histories to look at.
    scopes : int32, shape (h,)
    others : int32, shape (3, h)
        What the convictions that are no candidates come to; see `neighbors.sum_others`.
    persons : int8, shape (4, h)
        Only Prop 64 (0, 1), deceased (0, 1), buckets of age and of years crime-free.
    """

    bounds: Int64s
    chosen: Bools
    scopes: Int32s
    others: Int32s
    persons: Int8s


class CandidatesInView(NamedTuple):
    """Candidates of the histories as a view has them.

    Attributes
    ----------
    counted : bool, shape (n,)
        Those that the view relieves.
    places : int8, shape (n,)
        Of the set of sections that the charge names among the sets that occur, -1 for a related charge.
    flags : int32, shape (n,)
        Bits of `flag`.
    under : bool, shape (n,)
        Whether under 21 at conviction.
    since : int8, shape (n,)
        Bucket of years since.
    recent : bool, shape (n,)
        Whether in the window of recent convictions.
    """

    counted: Bools
    places: Int8s
    flags: Int32s
    under: Bools
    since: Int8s
    recent: Bools


class ProfileTable(NamedTuple):
    """People summed up, and how many can be in each measure.

    Attributes
    ----------
    profiles : int64, shape (>= h, words)
        Filled up to the number of those whom some policy leaves out of a measure that they can be in.
    eligible : int64, shape (scopes, 4)
        Added to: people who can be in each measure.
    """

    profiles: Int64s
    eligible: Int64s


@kernel
def profile_people(histories: HistoriesInView, candidates: CandidatesInView, after: int, out: ProfileTable) -> int:  # noqa: C901
    """Sum each person up as what decides whether a policy leaves them out of a measure.

    Parameters
    ----------
    histories
    candidates
    after
        Other convictions after this day are recent.
    out
        Filled and added to.

    Returns
    -------
    int
        The number of profiles.
    """
    bounds, chosen, scopes = histories.bounds, histories.chosen, histories.scopes
    others, persons = histories.others, histories.persons
    counted, places, flags = candidates.counted, candidates.places, candidates.flags
    under, since, recent = candidates.under, candidates.since, candidates.recent
    profiles, eligible = out.profiles, out.eligible
    found = 0
    for h in range(bounds.size - 1):
        if not chosen[h]:
            continue
        prop64 = False
        misdemeanor = False
        felony = False
        recent_any = False
        keeps_felony = others[1, h] > 0
        keeps_any = others[0, h] > 0
        keeps_recent = keeps_any and others[2, h] > after
        longest = 0
        profile = profiles[found]
        for word in range(1, profile.size):
            profile[word] = 0
            for field in range(FIELDS_A_WORD):
                profile[word] |= NONE << (FIELD_BITS * field)
        for i in range(bounds[h], bounds[h + 1]):
            # What this view relieves under no policy stays: related charges, and other counties' convictions.
            if places[i] < 0 or not counted[i]:
                keeps_any = True
                keeps_felony |= flags[i] & _FELONY != 0
                keeps_recent |= recent[i]
                continue
            prop64 = True
            recent_any |= recent[i]
            if flags[i] & _FELONY == 0:
                misdemeanor = True
                continue
            felony = True
            bucket = int(since[i])
            longest = max(longest, bucket)
            field = 2 * int(places[i]) + (1 if under[i] else 0)
            word, shift = 1 + field // FIELDS_A_WORD, FIELD_BITS * (field % FIELDS_A_WORD)
            if bucket < (profile[word] >> shift) & 31:
                profile[word] = (profile[word] & ~(31 << shift)) | (bucket << shift)
        can = 0
        if prop64:
            eligible[scopes[h], 0] += 1
            if not misdemeanor:
                can |= CAN_LACK_RELIEF
            if not keeps_any:
                eligible[scopes[h], 2] += 1
                can |= CAN_KEEP_CONVICTION
        if felony and not keeps_felony:
            eligible[scopes[h], 1] += 1
            can |= CAN_KEEP_FELONY
        if recent_any and not keeps_recent:
            eligible[scopes[h], 3] += 1
            can |= CAN_KEEP_RECENT
        if felony and can:
            header = can | int(persons[0, h]) << 4 | int(persons[1, h]) << 5 | int(persons[2, h]) << 6
            header |= int(persons[3, h]) << 11 | longest << 15
            profile[0] = int(scopes[h]) << _HEADER_BITS | header
            found += 1
    return found


def scopes_of(profiles: Int64s) -> Int64s:
    """The scope of each profile, shape (p,). profiles: shape (p, words)."""
    result: Int64s = profiles[:, 0] >> _HEADER_BITS
    return result


@inlined
def _limiting(profile: Int64s, sets: Int8s, off: bool, limits: Int64s) -> tuple[int, bool]:
    """The shortest time since a felony that a set of dismissed sections leaves, for each such set.

    off: whether those under 21 count as others. limits: shape (SETS,), filled. Returns the sections that any felony
    names, and whether there is one of someone under 21.
    """
    named = 0
    young = False
    for x in range(SETS):
        limits[x] = NONE
    for k in range(sets.size):
        best = NONE
        for under in range(2):
            field = 2 * k + under
            bucket = (profile[1 + field // FIELDS_A_WORD] >> (FIELD_BITS * (field % FIELDS_A_WORD))) & 31
            if bucket == NONE:
                continue
            named |= int(sets[k])
            if under:
                young = True
            if under == 0 or off:
                best = min(best, bucket)
        kept = SETS - 1 - int(sets[k])
        limits[kept] = min(limits[kept], best)
    # What a set leaves, each of its subsets leaves too.
    for bit in range(4):
        for x in range(SETS):
            if x >> bit & 1:
                lesser = x ^ (1 << bit)
                limits[lesser] = min(limits[lesser], limits[x])
    return named, young


def count_left_out(
    profiles: Int64s, counts: Int64s, sets: Int8s, measures: int, recent: int, cubes: Int32s
) -> None:
    """Count the people whom policies leave out of each measure in histograms; `prefix_sums.sum_up` completes them.

    Parameters
    ----------
    profiles : shape (p, words)
    counts : shape (p,)
        People of each.
    sets : shape (k,)
        The sets of sections that occur, as bits, in the order of the profiles' fields.
    measures
        Bits of those to count.
    recent
        A felony in a bucket of years below this one is recent.
    cubes : shape (4, SETS, 2, ages, since, columns)
        Added to; see `prefix_sums.sum_up`. The second axis is the set of sections that convictions must not name:
        those dismissed, or, for the first two measures, those dismissed or reduced.
    """
    _count_left_out(profiles, counts, sets, measures, recent, np.empty(SETS, np.int64), cubes)


@kernel
def _count_left_out(
    profiles: Int64s, counts: Int64s, sets: Int8s, measures: int, recent: int, limits: Int64s, cubes: Int32s
) -> None:
    """As `count_left_out`.

    Parameters
    ----------
    limits : shape (SETS,)
        Room to work in.
    """
    for p in range(counts.size):
        header = profiles[p, 0]
        can = header & measures
        if not can & 15:
            continue
        age, clear, longest = header >> 6 & 31, header >> 11 & 15, header >> 15 & 15
        column = clear * 4 + (header >> 4 & 1) * 2 + (header >> 5 & 1)
        count = np.int32(counts[p])
        for u in range(2):
            named, young = _limiting(profiles[p], sets, u == 1, limits)
            for x in range(SETS):
                if can & CAN_LACK_RELIEF and not named & x and (u == 1 or not young):
                    cubes[0, x, u, age, longest, column] += count
                limit = limits[x]
                if limit == NONE:
                    continue
                if can & CAN_KEEP_FELONY:
                    cubes[1, x, u, age, limit, column] += count
                if can & CAN_KEEP_CONVICTION:
                    cubes[2, x, u, age, limit, column] += count
                if can & CAN_KEEP_RECENT and limit < recent:
                    cubes[3, x, u, age, limit, column] += count


UNFOLDED = 10 + 2 * SETS
"""Columns of `unfold`."""


def unfold(profiles: Int64s, sets: Int8s, out: Int8s) -> None:
    """Lay profiles open, a column each number, so that one policy can be asked of many people at once.

    Parameters
    ----------
    profiles : shape (p, words)
    sets : shape (k,)
        See `count_left_out`.
    out : shape (UNFOLDED, p)
        Filled: the four bits of what a policy may leave the person out of; whether any felony names each section;
        whether any is of someone under 21; bucket of the most years since a felony; then the fewest years since a
        felony that names no section of a set, for each set of sections, first with those of someone under 21 left
        out, then with them.
    """
    _unfold(profiles, sets, np.empty(SETS, np.int64), out)


@kernel
def _unfold(profiles: Int64s, sets: Int8s, limits: Int64s, out: Int8s) -> None:
    """As `unfold`.

    Parameters
    ----------
    limits : shape (SETS,)
        Room to work in.
    """
    for p in range(profiles.shape[0]):
        header = profiles[p, 0]
        for u in range(2):
            named, young = _limiting(profiles[p], sets, u == 1, limits)
            for x in range(SETS):
                out[10 + u * SETS + x, p] = limits[x]
        for bit in range(4):
            out[bit, p] = header >> bit & 1
            out[4 + bit, p] = named >> bit & 1
        out[8, p] = 1 if young else 0
        out[9, p] = header >> 15 & 15
