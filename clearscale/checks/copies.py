"""Copies of a person's record in several extracts: which there are, and where they disagree."""

from collections import Counter

import numpy as np

from clearscale_kernels import flag
from clearscale_kernels.arrays import Bools, Int64s

from .bucket import Bucket
from .counts import FindingCounts, counted

CONTENT = ("event_date", "offense", "county", "count_order")
"""With the flag for felonies, what makes two convictions of a person the same."""


def copy_findings(bucket: Bucket, persons: Int64s) -> FindingCounts:
    """Count findings about histories and their copies.

    persons: shape (h,), a number for each CII_NUMBER, -1 for none.
    """
    extracts = bucket.people["extract"].astype(np.int64)
    superseded = ~bucket.people["canonical"]
    result: FindingCounts = Counter()
    for finding, mask in (
        ("histories", np.ones(persons.size, np.bool_)),
        ("no-cii-number", persons < 0),
        ("superseded-histories", superseded),
    ):
        result += _by_extract_and_state(finding, extracts[mask], int(np.count_nonzero(mask)), bucket)
    if not (persons >= 0).any():
        return result
    width = bucket.counties.size
    pairs, histories = np.unique((persons * width + extracts)[persons >= 0], return_counts=True)
    person, extract = np.divmod(pairs, width)
    extracts_of = np.bincount(person)
    differing = np.zeros(extracts_of.size, np.bool_)
    differing[_people_who_differ(bucket, persons, extracts_of)] = True
    for finding, mask in (
        ("several-subjects", histories > 1),
        ("several-extracts", (extracts_of > 1)[person]),
        ("copies-differ", differing[person]),
    ):
        result += _by_extract_and_state(finding, extract[mask], np.unique(person[mask]).size, bucket)
    return result + _lacking(bucket, persons)


def _by_extract_and_state(finding: str, extracts: Int64s, state: int, bucket: Bucket) -> FindingCounts:
    return counted(finding, extracts) + Counter({(bucket.counties.size, finding, ""): state})


def _alike(bucket: Bucket, persons: Int64s, chosen: Int64s) -> Int64s:
    """Return a number for each of the chosen convictions, the same for the same person and content. Shape (k,)."""
    columns = [bucket.convictions[name][chosen] for name in CONTENT]
    columns.append(bucket.convictions["flags"][chosen] & flag.FELONY)
    columns.append(persons[bucket.convictions["history"][chosen]])
    order = np.lexsort(columns)
    changes = np.zeros(chosen.size, np.bool_)
    for values in columns:
        changes[1:] |= np.diff(values[order]) != 0
    result = np.empty(chosen.size, np.int64)
    result[order] = np.cumsum(changes)
    return result


def _people_who_differ(bucket: Bucket, persons: Int64s, extracts_of: Int64s) -> Int64s:
    """Return people with a conviction that some of their extracts have and others not. extracts_of: by person."""
    of_conviction = persons[bucket.convictions["history"]]
    several = (of_conviction >= 0) & (extracts_of[of_conviction] > 1)
    chosen = np.flatnonzero(several)
    if not chosen.size:
        return chosen
    alike = _alike(bucket, persons, chosen)
    # Each content once in an extract: a person's histories there count as one.
    width = bucket.counties.size
    _, first = np.unique(alike * width + bucket.convictions["extract"][chosen], return_index=True)
    found = np.bincount(alike[first])
    person = np.empty(found.size, np.int64)
    person[alike] = of_conviction[chosen]
    return np.unique(person[found != extracts_of[person]])


def _lacking(bucket: Bucket, persons: Int64s) -> FindingCounts:
    """Count Prop 64 convictions that stand in superseded copies only: the state's figures leave them out.

    Each counts once a person in the state, and once an extract in the extracts of its own county.
    """
    prop64 = bucket.sections[bucket.convictions["offense"]] >= 0
    chosen = np.flatnonzero(prop64 & (persons[bucket.convictions["history"]] >= 0))
    if not chosen.size:
        return Counter()
    alike = _alike(bucket, persons, chosen)
    canonical: Bools = np.bincount(alike, weights=bucket.canonical[chosen]) == 0
    lacking = canonical[alike]
    own = lacking & bucket.own_county[chosen]
    width = bucket.counties.size
    pairs = np.unique(alike[own] * width + bucket.convictions["extract"][chosen][own])
    state = np.unique(alike[lacking]).size
    return _by_extract_and_state("not-in-canonical-copy", pairs % width, state, bucket)
