"""Where the slices of a bucket lie in its tables, and what is counted of each."""

from collections.abc import Iterable

import numpy as np
import pyarrow as pa

from clearscale.extract.noticed import Noticed
from clearscale.store.slices import COUNTED, NOTICED, SCHEMA, Slices
from clearscale_kernels.arrays import Int32s, Int64s

from .same_person import noticed_in_slices, told


def slices_table(slices: Int32s, people: pa.Table, convictions: pa.Table, candidates: pa.Table) -> pa.Table:
    """The slices of a bucket; see `clearscale.store.slices.SCHEMA`.

    Parameters
    ----------
    slices
        Of each history, in order. Shape (h,).
    people, convictions, candidates
        The bucket's tables. The extracts of people are numbers.

    Returns
    -------
    pyarrow.Table
        One row a slice that has histories.
    """
    numbers, place = np.unique(slices, return_inverse=True)
    rows, extracts, canonical, of_history = (
        people.column(name).to_numpy() for name in ("rows", "extract", "canonical", "convictions")
    )
    counts = {
        "rows": _sums(place, rows, numbers.size),
        "histories": np.bincount(place, minlength=numbers.size),
        "people": np.bincount(place[canonical], minlength=numbers.size),
        "convictions": np.bincount(place[convictions.column("history").to_numpy()], minlength=numbers.size),
        "convictions_once": _sums(place[canonical], of_history[canonical], numbers.size),
        "candidates": np.bincount(place[candidates.column("history").to_numpy()], minlength=numbers.size),
    }
    noticed = noticed_in_slices(people, place)
    most = int(extracts.max(initial=0)) + 1
    pairs, owner = np.unique(place * most + extracts, return_inverse=True)
    of_pair = np.searchsorted(pairs // most, np.arange(numbers.size + 1))
    columns = {
        "slice": numbers,
        **{name: counts[name] for name in COUNTED},
        **{column: noticed[name] for name, column in NOTICED.items()},
    }
    lists = {
        "extract": pairs % most,
        "extract_rows": _sums(owner, rows, pairs.size),
    }
    arrays = [pa.array(columns[name], pa.int32()) for name in columns]
    offsets = pa.array(of_pair, pa.int32())
    arrays += [pa.ListArray.from_arrays(offsets, pa.array(values, pa.int32())) for values in lists.values()]
    return pa.table(arrays, schema=SCHEMA)


def _sums(places: Int64s, values: np.ndarray, size: int) -> Int64s:
    return np.bincount(places, weights=values, minlength=size).astype(np.int64)


def counted(buckets: Iterable[Slices], numbers: int) -> tuple[dict[str, int], Int64s, Noticed]:
    """What all buckets of a snapshot come to.

    Parameters
    ----------
    buckets
        Their slices that are of the snapshot.
    numbers
        How many numbers extracts have been given.

    Returns
    -------
    tuple
        The counts of its manifest, the rows of each extract by its number, and what was noticed in people.
    """
    sums = dict.fromkeys((*COUNTED, *NOTICED.values()), 0)
    rows = np.zeros(numbers, np.int64)
    for slices in buckets:
        for name, count in slices.counts().items():
            sums[name] += count
        rows += slices.rows_of(numbers)
    noticed = told({name: sums[column] for name, column in NOTICED.items()})
    return {name: sums[name] for name in COUNTED}, rows, noticed
