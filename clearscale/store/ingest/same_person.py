"""Is each number one person? Counts of people whose histories contradict, or whose number has several forms."""

from collections import Counter
from collections.abc import Mapping

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from clearscale.extract.noticed import Noticed
from clearscale.histories.merging import TOLD
from clearscale.histories.same_person import contradictory
from clearscale.law import state
from clearscale_kernels.arrays import Int64s

_VALUES = state().values


COLUMNS: tuple[str, ...] = ("cii_number", TOLD["name"], TOLD["birth"])
"""Columns of people that are looked at."""


def notice_people(people: pa.Table) -> Noticed:
    """Notice people whose histories contradict, and whose numbers are forms of one.

    Parameters
    ----------
    people
        COLUMNS of histories: all of those that have one number, and of its other forms.

    Returns
    -------
    Noticed
        Counts of people.
    """
    found = noticed_in_slices(people, np.zeros(people.num_rows, np.int64))
    return told({name: int(counts.sum()) for name, counts in found.items()})


def told(counts: Mapping[str, int]) -> Noticed:
    """What was noticed, from its counts: how many people have a number, and of each finding."""
    noticed = Noticed()
    noticed.of["people"] = counts["people"]
    for name in ("contradictory-people", "number-forms"):
        noticed.note(name, counts[name])
    return noticed


def noticed_in_slices(people: pa.Table, places: Int64s) -> dict[str, Int64s]:
    """Notice people as `notice_people`, slice by slice.

    Parameters
    ----------
    people
        COLUMNS of histories.
    places
        The place of each history's slice, from 0. All forms of a number are in one slice.

    Returns
    -------
    dict of str to array of int
        The counts of `told`, shape (slices,).
    """
    size = int(places.max(initial=-1)) + 1
    numbers = people.column("cii_number").combine_chunks()
    numbered = np.flatnonzero(pc.binary_length(numbers).to_numpy() > 0)
    coded = numbers.take(pa.array(numbered)).dictionary_encode()
    person = coded.indices.to_numpy()
    differing = contradictory(person, [people.column(name).to_numpy()[numbered] for name in COLUMNS[1:]])
    of_person = np.zeros(differing.size, np.int64)
    of_person[person] = places[numbered]
    return {
        "people": np.bincount(of_person, minlength=size),
        "contradictory-people": np.bincount(of_person[differing], minlength=size),
        "number-forms": np.bincount(of_person[_in_several_forms(coded.dictionary)], minlength=size),
    }


def _in_several_forms(numbers: pa.Array) -> list[int]:
    """The place of the first spelling of each number that has several. numbers: each spelling once."""
    if _one_form(numbers):
        return []
    full = list(map(_VALUES.full_number, numbers.to_pylist()))
    several = {number for number, spellings in Counter(full).items() if spellings > 1}
    first = {number: place for place, number in reversed(list(enumerate(full))) if number in several}
    return sorted(first.values())


def _one_form(numbers: pa.Array) -> bool:
    """Whether all are of one length, begin alike, and in capitals: then no two of them are one number."""
    lengths = np.unique(pc.binary_length(numbers).to_numpy())
    if not lengths.size:
        return True
    if lengths.size != 1 or lengths[0] == 0:
        return False
    offset, length = numbers.offset, int(lengths[0])
    data = np.frombuffer(numbers.buffers()[2], np.uint8)[offset * length : (offset + len(numbers)) * length]
    letters = data.reshape(-1, length)
    begins_with_digit = letters[:, 0] <= ord("9")
    alike = bool(begins_with_digit.all() or not begins_with_digit.any())
    return alike and not bool((data >= ord("a")).any() or (data <= ord("-")).any())
