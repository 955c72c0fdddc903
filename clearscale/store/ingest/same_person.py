"""Is each number one person? What the histories of a person say of who it is, and the forms of its number."""

from collections import Counter

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from clearscale.extract.noticed import Noticed
from clearscale.law import state
from clearscale_kernels import flag
from clearscale_kernels.arrays import Bools, Int64s

_VALUES = state().values


def notice_people(people: pa.Table) -> Noticed:
    """Notice people of a bucket whose histories contradict, and whose numbers are forms of one.

    Parameters
    ----------
    people
        A bucket's people, those of a person side by side.

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
    dated = (people.column("flags").to_numpy()[numbered] & flag.NO_BIRTH_DATE) == 0
    births = people.column("birth_date").to_numpy()[numbered].astype(np.int64)
    names = people.column("name_digest").to_numpy()[numbered]
    differing = _differ(births, dated, person) | _differ(names, names != 0, person)
    noticed.of["people"] = differing.size
    noticed.note("contradictory-people", int(np.count_nonzero(differing)))
    noticed.note("number-forms", _in_several_forms(coded.dictionary))
    return noticed


def _differ(values: Int64s, told: Bools, person: np.ndarray) -> Bools:
    """Of which people two histories tell different values. told: whether a history tells one."""
    count = int(person.max()) + 1
    values, person = values[told], person[told]
    first = np.zeros(count, np.int64)
    first[person[::-1]] = values[::-1]
    differing = np.zeros(count, np.bool_)
    differing[person[values != first[person]]] = True
    return differing


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
