"""Buckets of charges as runs and forecasts take them, kept in memory by the process that has read them."""

from dataclasses import dataclass, fields
from functools import cached_property, partial

import numpy as np
import pyarrow as pa

from clearscale.charges.tables import Tables
from clearscale.io.files import Folder
from clearscale.runs.resident import CACHE, OpenedSnapshots, key_of
from clearscale.store.charge_manifest import map_in
from clearscale.store.charge_store import ChargeStore, open_charges

from .naming import Names, names_of

_OPENED = OpenedSnapshots[ChargeStore]()
_NAMES = OpenedSnapshots[Names]()


@dataclass(frozen=True)
class ChargeBucket:
    """A bucket; none of its arrays can be written to.

    Attributes
    ----------
    tables
        Its charges, cases and people.
    numbers
        Of its cases, null where there is none.
    sequences
        Of its charges: the number that each has in its case.
    """

    tables: Tables
    numbers: pa.Array
    sequences: pa.Array

    @cached_property
    def nbytes(self) -> int:
        """Bytes of all of it."""
        parts = (self.tables.charges, self.tables.cases, self.tables.people)
        arrays: list[np.ndarray] = [getattr(part, field.name) for part in parts for field in fields(part)]
        return sum(array.nbytes for array in arrays) + int(self.numbers.nbytes) + int(self.sequences.nbytes)


def opened(store: Folder, snapshot: str) -> ChargeStore:
    """A snapshot, whose words a process reads once. store: by its absolute path."""
    key = key_of(store, snapshot)
    return _OPENED.get(key) or _OPENED.put(key, open_charges(store.url, snapshot))


def names_in(store: Folder, snapshot: str) -> Names:
    """What tables of runs over a snapshot name, found once. store: by its absolute path."""
    key = key_of(store, snapshot)
    return _NAMES.get(key) or _NAMES.put(key, _names(opened(store, snapshot)))


def _names(store: ChargeStore) -> Names:
    return names_of(store.words, map_in(store.manifest))


def bucket_of(store: Folder, snapshot: str, bucket: int) -> ChargeBucket:
    """A bucket of a snapshot, read unless this process keeps it; kept if there is room.

    store: by its absolute path.
    """
    key = (*key_of(store, snapshot), bucket)
    found = read_bucket(store, snapshot, bucket)
    CACHE.put(key, found)
    return found


def read_bucket(store: Folder, snapshot: str, bucket: int) -> ChargeBucket:
    """The same, which is not kept for having been read here."""
    key = (*key_of(store, snapshot), bucket)
    return CACHE.get(key, partial(_read, opened(store, snapshot), bucket))


def _read(store: ChargeStore, bucket: int) -> ChargeBucket:
    return ChargeBucket(store.tables(bucket), *store.of_cases(bucket))
