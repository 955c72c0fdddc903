"""Which decisions on a county's new extract are on the same convictions as those on the extract that it replaced.

Equal ids of extracts are equal files, and there extract and row tell which conviction it is. Of extracts that one
run has alone what stays is the person, the county, the day of the conviction and its code section. Several that are
equal in all of these, such as two counts of a case, are matched in the order of their rows.
"""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np

from clearscale_kernels.arrays import Bools, Int64s


class Stays(NamedTuple):
    """What stays of the decisions of a run, shape (n,) each: `keys` are those of the run, the rest numbers."""

    keys: Int64s
    person: Int64s
    date: Int64s
    county: Int64s
    offense: Int64s


def replaced(runs: Sequence[Sequence[str]], counties: Sequence[Mapping[str, str]]) -> list[frozenset[str]]:
    """Return the extracts of each of two runs that the other has not, but another of their county.

    runs: ids of the extracts of each. counties: the county of each of them.
    """
    alone = [set(own) - set(other) for own, other in ((runs[0], runs[1]), (runs[1], runs[0]))]
    both = {counties[0][extract] for extract in alone[0]} & {counties[1][extract] for extract in alone[1]}
    return [
        frozenset(extract for extract in own if of[extract] in both)
        for own, of in zip(alone, counties, strict=True)
    ]


def as_later(before: Stays, after: Stays, places: Sequence[Bools]) -> Int64s:
    """Return the keys of the earlier run's decisions, those of the later run where it has the same conviction.

    places: of each run, which of its decisions are on an extract that was replaced, or that replaced one.
    """
    sides = [Stays(*(column[here] for column in side)) for side, here in zip((before, after), places, strict=True)]
    columns = [np.concatenate([sides[0][place], sides[1][place]]) for place in range(len(Stays._fields))]
    keys, values = columns[0], columns[1:]
    side = np.repeat([0, 1], [sides[0].keys.size, sides[1].keys.size])
    order = np.lexsort((keys, side, *values))
    starts = np.ones(order.size, np.bool_)  # of rows that are equal
    for column in (*values, side):
        starts[1:] &= column[order][1:] == column[order][:-1]
    starts[1:] = ~starts[1:]
    first = np.flatnonzero(starts)
    rank = np.arange(order.size) - np.repeat(first, np.diff([*first, order.size]))
    ranks = np.empty(order.size, np.int64)
    ranks[order] = rank
    # Behind one another stand now the decisions of both runs on a conviction, the earlier one first.
    order = np.lexsort((side, ranks, *values))
    same = np.ones(max(order.size - 1, 0), np.bool_)
    for column in (*values, ranks):
        same &= column[order][1:] == column[order][:-1]
    ones, others = order[:-1][same], order[1:][same]
    found: Int64s = before.keys.copy()
    at = np.flatnonzero(places[0])[ones]
    found[at] = keys[others]
    return found
