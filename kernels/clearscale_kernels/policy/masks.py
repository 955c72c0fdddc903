"""Many policies over convictions that are alike: a policy decides each kind of conviction but once.

A kind is a row of words: the first says what it is, the others hold a bit for each rule of any policy, set where
all of the rule's conditions hold.
"""

from typing import NamedTuple

import numpy as np

from clearscale_kernels.arrays import Int8s, Int32s, Int64s
from clearscale_kernels.jit.compiler import kernel

from .count import DISMISSED, MEASURES, NO_CONVICTION, NO_FELONY, NO_RECENT, NO_RELIEF, SOME_RELIEF

SECTION_BITS, RELATED, OTHER = 7, 4, 5
"""A kind's first word: place of the leftmost section, RELATED, or OTHER, which no policy decides; then two bits."""
IS_FELONY, IS_RECENT = 8, 16

KEEPS_ANY, KEEPS_FELONY, KEEPS_RECENT = 1, 2, 4
"""What a person keeps whatever the policy: a conviction that none decides, a felony, a recent one."""

RULES_A_WORD = 64


@kernel
def decide_kinds(kinds: Int64s, rules: Int32s, reliefs: Int8s, related: bool, out: Int8s) -> None:
    """What a policy does for each kind of conviction: the relief of its first rule that holds.

    Parameters
    ----------
    kinds : shape (k, words)
    rules : shape (r,)
        Places of the policy's rules among the rules of all policies, in the policy's order.
    reliefs : shape (r,)
        What each of its rules does.
    related
        Whether it decides related charges.
    out : shape (k,)
        Filled.
    """
    for k in range(kinds.shape[0]):
        out[k] = NO_RELIEF
        charge = kinds[k, 0] & SECTION_BITS
        if charge == OTHER or (charge == RELATED and not related):
            continue
        for r in range(rules.size):
            if kinds[k, 1 + rules[r] // RULES_A_WORD] >> (rules[r] % RULES_A_WORD) & 1:
                out[k] = reliefs[r]
                break


class KindCounts(NamedTuple):
    """Convictions by scope and kind.

    Attributes
    ----------
    scopes : int64, shape (n,)
    places : int64, shape (n,)
        Of the kind.
    counts : int64, shape (n,)
    """

    scopes: Int64s
    places: Int64s
    counts: Int64s


@kernel
def count_kinds(convictions: KindCounts, kinds: Int64s, reliefs: Int8s, out: Int64s) -> None:
    """Count convictions by what a policy does for their kind.

    Parameters
    ----------
    convictions
    kinds : shape (k, words)
    reliefs : shape (k,)
        See `decide_kinds`.
    out : shape (scopes, 3, 6)
        Added to: by relief and by section, RELATED and OTHER last.
    """
    scopes, places, counts = convictions.scopes, convictions.places, convictions.counts
    for i in range(counts.size):
        out[scopes[i], reliefs[places[i]], kinds[places[i], 0] & SECTION_BITS] += counts[i]


class PersonCounts(NamedTuple):
    """People whose convictions are of the same kinds, taken together: p sorts of people.

    Attributes
    ----------
    bounds : int64, shape (p + 1,)
        The first entry of each sort in `places`, and the past-last of the last.
    places : int64, shape (entries,)
        Of the kinds of their convictions.
    keeps : int64, shape (p,)
        KEEPS_ANY and the other bits.
    scopes : int64, shape (p,)
    counts : int64, shape (p,)
    """

    bounds: Int64s
    places: Int64s
    keeps: Int64s
    scopes: Int64s
    counts: Int64s


@kernel
def count_persons(people: PersonCounts, kinds: Int64s, reliefs: Int8s, out: Int64s) -> None:
    """Count people by what a policy leaves of their record, as `count.count_people` does.

    Parameters
    ----------
    people
    kinds : shape (k, words)
    reliefs : shape (k,)
        See `decide_kinds`.
    out : shape (scopes, MEASURES)
        Added to.
    """
    bounds, places, keeps, scopes, counts = people.bounds, people.places, people.keeps, people.scopes, people.counts
    for p in range(counts.size):
        relieved = False
        any_left = keeps[p] & KEEPS_ANY != 0
        felony = keeps[p] & KEEPS_FELONY != 0
        felony_left = felony
        recent = keeps[p] & KEEPS_RECENT != 0
        recent_left = recent
        for i in range(bounds[p], bounds[p + 1]):
            relief = reliefs[places[i]]
            kind = kinds[places[i], 0]
            relieved |= relief != NO_RELIEF
            any_left |= relief != DISMISSED
            if kind & IS_FELONY:
                felony = True
                felony_left |= relief == NO_RELIEF
            if kind & IS_RECENT:
                recent = True
                recent_left |= relief != DISMISSED
        found = 0
        if relieved:
            found |= SOME_RELIEF
        if felony and not felony_left:
            found |= NO_FELONY
        if not any_left:
            found |= NO_CONVICTION
        if recent and not recent_left:
            found |= NO_RECENT
        for bit in range(MEASURES):
            out[scopes[p], bit] += counts[p] * np.int64((found >> bit) & 1)
