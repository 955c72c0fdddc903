"""What a run's decisions do not hold, from its store: each person's race group, and whose convictions they are."""

import hashlib
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from functools import partial
from typing import NamedTuple

import numpy as np

from clearscale.encoding import readable
from clearscale.histories.dictionaries import Dictionaries
from clearscale.io.files import Folder
from clearscale.io.shared import seen_by_all
from clearscale.runs.demography import RACES, UNKNOWN, race_group
from clearscale.store import Store, open_store
from clearscale.store.layout import DICTIONARIES, PEOPLE, told_by
from clearscale_cluster import Cluster, ProgressCallback
from clearscale_kernels.arrays import Int8s, Int64s

_DICTIONARY = "race"


class LookedUp(NamedTuple):
    """What a store knows of decisions, shape (n,) each.

    races: places in RACES. people: a number for each person, by the number that the person has in all extracts, or
    else in this one; 0 in extracts that were not asked for. dates: days of the convictions, 0 likewise.
    """

    races: Int8s
    people: Int64s
    dates: Int64s


@dataclass(frozen=True)
class _LookTask:
    """Where a run's snapshot lies. named: extracts whose people are wanted, by their place in it."""

    store: Folder
    snapshot: str
    named: tuple[int, ...]


_Found = tuple[Int64s, np.ndarray, Int64s, Int64s]


def _of_bucket(task: _LookTask, number: int) -> _Found:
    """Look at a bucket's candidates: extract and row as one number, code of the race, person, day of conviction."""
    store = open_store(task.store.url, task.snapshot)
    tables = store.candidates(number)
    candidates, subjects = tables.candidates, tables.subjects
    history = candidates.column("history").to_numpy()
    extracts = subjects.column("extract").to_numpy()
    people, dates = np.zeros(extracts.size, np.int64), np.zeros(history.size, np.int64)
    wanted = np.zeros(extracts.size, np.bool_)
    wanted[history] = True
    wanted &= np.isin(extracts, task.named)
    if wanted.any():
        named = store.bucket(PEOPLE, number, ["cii_number", "subject_id"]).filter(wanted)
        both = zip(*(named.column(name).to_pylist() for name in ("cii_number", "subject_id")), strict=True)
        people[wanted] = [_numbered(person or b"", subject or b"") for person, subject in both]
        of_these = wanted[history]
        dates[of_these] = candidates.column("event_date").to_numpy()[of_these]
    keys = extracts[history].astype(np.int64) << 32 | candidates.column("row").to_numpy()
    return keys, subjects.column("race").to_numpy()[history], people[history], dates


def _numbered(person: bytes, subject: bytes) -> int:
    """A number for a person, the same in each run."""
    text = b"P" + person if person.strip() else b"S" + subject
    return int.from_bytes(hashlib.blake2b(text, digest_size=8).digest(), "little", signed=True)


def _groups(store: Store) -> Int8s:
    """Return the place in RACES of each of the store's codes, then that of no code."""
    texts = Dictionaries.read(store.snapshot.folder(DICTIONARIES), (_DICTIONARY,)).texts[_DICTIONARY]
    named = [RACES.index(race_group(readable(text))) for text in texts]
    return np.array([*named, RACES.index(UNKNOWN)], np.int8)


def counties_of(store: Store) -> dict[str, str]:
    """Return the county of each extract of a store, by the extract's id."""
    return {entry.id: readable(entry.county) for entry in store.manifest.extracts}


def looked_up(
    store: Store,
    place: Mapping[str, int],
    keys: Int64s,
    named: Collection[str],
    cluster: Cluster,
    progress: ProgressCallback | None,
) -> LookedUp:
    """Look a run's decisions up in its store.

    place: number of each extract by id. keys: shape (n,), number of the extract times 2^32 plus row. named: ids of
    extracts whose people are wanted.
    """
    entries = store.manifest.extracts
    wanted = tuple(number for number, entry in enumerate(entries) if entry.id in named)
    task = _LookTask(store.folder, store.manifest.snapshot, wanted)
    with seen_by_all(cluster, read=[told_by(store.folder, store.manifest.snapshot)]):
        found = cluster.gather(
            partial(_of_bucket, task), range(store.manifest.buckets), label="look up people", progress=progress
        )
    held, codes, people, dates = (np.concatenate(parts) for parts in zip(*found, strict=True))
    numbers = np.array([place.get(entry.id, -1) for entry in entries], np.int64)
    held = numbers[held >> 32] << 32 | held & 0xFFFFFFFF
    order = np.argsort(held, kind="stable")
    at = order[np.searchsorted(held[order], keys)]
    return LookedUp(_groups(store)[codes[at]], people[at], dates[at])
