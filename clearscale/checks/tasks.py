"""The tasks of a check: a bucket's findings, and why records of an extract were quarantined."""

from collections import Counter
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from clearscale.encoding import to_bytes
from clearscale.histories.dictionaries import Dictionaries
from clearscale.io.files import Folder
from clearscale.store import open_store, read_charges
from clearscale.store.layout import CONVICTIONS, DICTIONARIES, PEOPLE
from clearscale_kernels.arrays import Bools, Int8s, Int64s

from .bucket import Bucket, columns_of
from .counts import FindingCounts
from .findings import CheckInputs, find, inside_longer_number

_CONVICTIONS = ("history", "extract", "event_date", "offense", "county", "count_order", "flags")
_PEOPLE = ("extract", "canonical", "race", "sex", "flags")
_TEXTS = ("county", "race", "sex")


@dataclass(frozen=True)
class CheckTask:
    """A check's inputs, for any of its tasks."""

    store: Folder
    snapshot: str


def check_bucket(task: CheckTask, number: int) -> FindingCounts:
    """Count the findings of one bucket."""
    store = open_store(task.store.url, task.snapshot)
    dictionaries = Dictionaries.read(store.snapshot.folder(DICTIONARIES), _TEXTS)
    charge_flags, sections = read_charges(store.snapshot)
    counties = [dictionaries.code("county", to_bytes(entry.county)) for entry in store.manifest.extracts]
    people = store.bucket(PEOPLE, number, [*_PEOPLE, "cii_number"])
    bucket = Bucket(
        columns_of(store.bucket(CONVICTIONS, number, list(_CONVICTIONS)), _CONVICTIONS),
        columns_of(people, _PEOPLE),
        charge_flags,
        sections,
        np.array(counties, np.int32),
    )
    inside = _inside(store.snapshot, sections)
    texts = {name: dictionaries.texts[name] for name in _TEXTS}
    return find(CheckInputs(bucket, _persons(people.column("cii_number")), texts, inside))


def _persons(numbers: pa.ChunkedArray) -> Int64s:
    """Return a number for each CII_NUMBER, -1 for an empty one. Shape (h,)."""
    named = pc.if_else(pc.equal(numbers, b""), None, numbers).combine_chunks().dictionary_encode()
    result: Int64s = named.indices.fill_null(-1).to_numpy(zero_copy_only=False).astype(np.int64)
    return result


def _inside(snapshot: Folder, sections: Int8s) -> Bools:
    """Return whether each offense has Prop 64 numbers only inside longer ones."""
    result = np.zeros(sections.size, np.bool_)
    prop64 = np.flatnonzero(sections >= 0)
    texts = snapshot.read_parquet(f"{DICTIONARIES}/offense.parquet").column("text").take(pa.array(prop64))
    result[prop64] = [inside_longer_number(text) for text in texts.to_pylist()]
    return result


def quarantine_reasons(task: CheckTask, place: int) -> FindingCounts:
    """Count the records of an extract that were quarantined for each reason."""
    store = open_store(task.store.url, task.snapshot)
    reasons = store.quarantine(store.manifest.extracts[place]).column("reason").to_pylist()
    return Counter((place, "quarantine-reason", reason) for reason in reasons)
