"""Is each number one person? Counts of people whose histories contradict, or whose number has several forms."""

from collections import Counter

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from clearscale.extract.noticed import Noticed
from clearscale.histories.merging import TOLD
from clearscale.histories.same_person import contradictory
from clearscale.law import state

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
    noticed = Noticed()
    numbers = people.column("cii_number").combine_chunks()
    numbered = np.flatnonzero(pc.binary_length(numbers).to_numpy() > 0)
    if not numbered.size:
        return noticed
    numbers = numbers.take(pa.array(numbered))
    coded = numbers.dictionary_encode()
    person = coded.indices.to_numpy()
    differing = contradictory(person, [people.column(name).to_numpy()[numbered] for name in COLUMNS[1:]])
    noticed.of["people"] = differing.size
    noticed.note("contradictory-people", int(np.count_nonzero(differing)))
    noticed.note("number-forms", _in_several_forms(coded.dictionary))
    return noticed


def _in_several_forms(numbers: pa.Array) -> int:
    """How many numbers are written in several forms. numbers: each spelling once."""
    if _one_form(numbers):
        return 0
    full = Counter(map(_VALUES.full_number, numbers.to_pylist()))
    return sum(spellings > 1 for spellings in full.values())


def _one_form(numbers: pa.Array) -> bool:
    """Whether all are of one length, begin alike, and in capitals: then no two of them are one number."""
    lengths = np.unique(pc.binary_length(numbers).to_numpy())
    if lengths.size != 1 or lengths[0] == 0:
        return False
    offset, length = numbers.offset, int(lengths[0])
    data = np.frombuffer(numbers.buffers()[2], np.uint8)[offset * length : (offset + len(numbers)) * length]
    letters = data.reshape(-1, length)
    begins_with_digit = letters[:, 0] <= ord("9")
    alike = bool(begins_with_digit.all() or not begins_with_digit.any())
    return alike and not bool((data >= ord("a")).any() or (data <= ord("-")).any())
