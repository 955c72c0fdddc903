"""The race group of the person of each decision, from the store: a run's decisions do not hold it."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial

import numpy as np

from clearscale.encoding import readable
from clearscale.histories.dictionaries import Dictionaries
from clearscale.io.files import Folder
from clearscale.io.shared import seen_by_all
from clearscale.runs.demography import RACES, UNKNOWN, race_group
from clearscale.runs.opened import Run
from clearscale.runs.stores import open_store_of
from clearscale.store import Store, open_store
from clearscale.store.layout import DICTIONARIES, told_by
from clearscale_cluster import Cluster, ProgressCallback
from clearscale_kernels.arrays import Int8s, Int64s

_DICTIONARY = "race"


@dataclass(frozen=True)
class _RacesTask:
    """Where a run's snapshot lies."""

    store: Folder
    snapshot: str


def _of_bucket(task: _RacesTask, number: int) -> tuple[Int64s, np.ndarray]:
    """Return of each candidate of a bucket its extract and row as one number, and the code of its person's race."""
    tables = open_store(task.store.url, task.snapshot).candidates(number)
    candidates, subjects = tables.candidates, tables.subjects
    history = candidates.column("history").to_numpy()
    extract = subjects.column("extract").to_numpy()[history].astype(np.int64)
    return extract << 32 | candidates.column("row").to_numpy(), subjects.column("race").to_numpy()[history]


def _groups(store: Store) -> Int8s:
    """Return the place in RACES of each of the store's codes, then that of no code."""
    texts = Dictionaries.read(store.snapshot.folder(DICTIONARIES), (_DICTIONARY,)).texts[_DICTIONARY]
    named = [RACES.index(race_group(readable(text))) for text in texts]
    return np.array([*named, RACES.index(UNKNOWN)], np.int8)


def races(
    run: Run, place: Mapping[str, int], keys: Int64s, cluster: Cluster, progress: ProgressCallback | None
) -> Int8s:
    """Return the place in RACES of the person of each decision.

    place: number of each extract by id. keys: shape (n,), number of the extract times 2^32 plus row. Shape (n,).
    Raises StoreError if the run's store, or its snapshot, is not where it was.
    """
    store = open_store_of(run)
    task = _RacesTask(store.folder, store.manifest.snapshot)
    with seen_by_all(cluster, read=[told_by(store.folder, store.manifest.snapshot)]):
        found = cluster.gather(
            partial(_of_bucket, task), range(store.manifest.buckets), label="look up races", progress=progress
        )
    held = np.concatenate([keys_of_bucket for keys_of_bucket, _ in found])
    codes = np.concatenate([codes_of_bucket for _, codes_of_bucket in found])
    numbers = np.array([place.get(entry.id, -1) for entry in store.manifest.extracts], np.int64)
    held = numbers[held >> 32] << 32 | held & 0xFFFFFFFF
    order = np.argsort(held, kind="stable")
    at = np.searchsorted(held[order], keys)
    result: Int8s = _groups(store)[codes[order][at]]
    return result
