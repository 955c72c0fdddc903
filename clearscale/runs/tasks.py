"""The tasks of a run: a bucket decided and counted, and an extract's decisions brought together."""

import itertools
from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from clearscale_kernels import facts

from ..evaluate import CONVICTION_COLUMNS, PEOPLE_COLUMNS, Bucket, Decisions, columns_of, evaluate
from ..files import Folder
from ..policy import Policy
from ..store import Dictionaries, open_store, read_charges
from ..store.layout import CONVICTIONS, DICTIONARIES, PEOPLE
from ..tables import CONVICTION_KEYS, PEOPLE_COUNTS, PEOPLE_KEYS, Labels, add_up, conviction_counts, people_counts
from ..tally import Tally, tally

PARTS = ".parts"
DECISIONS = "decisions"

RESTS_ON_MISSING = 1 << 20
OTHER_COUNTY = 1 << 21
SUPERSEDED = 1 << 22
SYNTHETIC = 1 << 23
"""Bits of a decision beside those of its conviction's row."""

FLAG_TEXTS = (
    (RESTS_ON_MISSING, "rests-on-missing-date"),
    (facts.NO_EVENT_DATE, "no-conviction-date"),
    (facts.FROM_COMMENT, "charge-in-comment"),
    (facts.SET_ASIDE, "set-aside"),
    (facts.REDUCED, "reduced"),
    (SYNTHETIC, "synthetic-11357.5"),
    (OTHER_COUNTY, "other-county"),
    (SUPERSEDED, "superseded-copy"),
)
"""Flags of a decision: what a person should know before acting on it."""


@dataclass(frozen=True)
class RunTask:
    """A run's inputs, for any of its tasks. policies: the one chosen, then those counted beside it."""

    store: Folder
    snapshot: str
    policies: tuple[Policy, ...]
    as_of: int
    out: Folder


@dataclass(frozen=True)
class BucketOutcome:
    """What a bucket adds to the run's totals."""

    tally: Tally
    convictions: pa.Table
    people: pa.Table

    def __add__(self, other: "BucketOutcome") -> "BucketOutcome":
        return BucketOutcome(
            self.tally + other.tally,
            add_up([self.convictions, other.convictions], CONVICTION_KEYS, ("convictions",)),
            add_up([self.people, other.people], PEOPLE_KEYS, PEOPLE_COUNTS),
        )


def decode(texts: list[bytes]) -> list[str]:
    """Texts for people; bytes that are not valid UTF-8 are shown escaped."""
    return [text.decode("utf-8", "backslashreplace") for text in texts]


def decide_bucket(task: RunTask, number: int) -> BucketOutcome:
    """Decide and count one bucket; its decisions go to a part file with one record batch an extract."""
    store = open_store(task.store.url, task.snapshot)
    names = ("county", "race", "sex")
    dictionaries = Dictionaries.read(store.snapshot.folder(DICTIONARIES), names)
    charge_flags, sections = read_charges(store.snapshot)
    counties = [entry.county for entry in store.manifest.extracts]
    codes = [dictionaries.code("county", county.encode("utf-8", "surrogateescape")) for county in counties]
    bucket = Bucket(
        columns_of(store.bucket(CONVICTIONS, number, list(CONVICTION_COLUMNS)), CONVICTION_COLUMNS),
        columns_of(store.bucket(PEOPLE, number, list(PEOPLE_COLUMNS)), PEOPLE_COLUMNS),
        charge_flags,
        sections,
        np.array(codes, np.int32),
    )
    decisions = [evaluate(bucket, policy, task.as_of) for policy in task.policies]
    part = _part(bucket, decisions[0])
    task.out.write(f"{PARTS}/bucket-{number:05d}.arrow", part)
    county, race, sex = (decode(dictionaries.texts[name]) for name in names)
    of_extract = decode([name.encode("utf-8", "surrogateescape") for name in counties])
    labels = Labels(county, race, sex, of_extract)
    return BucketOutcome(
        tally(bucket, decisions, task.as_of),
        conviction_counts(bucket, decisions[0], labels, task.as_of),
        people_counts(bucket, decisions[0], labels, task.as_of),
    )


def _part(bucket: Bucket, decisions: Decisions) -> memoryview:
    """Decisions that some figure counts, one record batch an extract, rows in file order."""
    places = decisions.places
    own, canonical = bucket.own_county[places], bucket.canonical[places]
    counted = own | canonical
    places, own, canonical = places[counted], own[counted], canonical[counted]
    column = {name: bucket.convictions[name][places] for name in ("extract", "row", "county", "offense", "flags")}
    charge = bucket.charge_flags[column["offense"]]
    flags = (
        column["flags"].astype(np.int32)
        | np.where(decisions.rests_on_missing[counted], RESTS_ON_MISSING, 0)
        | np.where(own, 0, OTHER_COUNTY)
        | np.where(canonical, 0, SUPERSEDED)
        | np.where(charge & facts.SYNTHETIC, SYNTHETIC, 0)
    ).astype(np.int32)
    order = np.lexsort((column["row"], column["extract"]))
    batch = pa.record_batch(
        {
            "row": column["row"][order],
            "county": column["county"][order],
            "offense": column["offense"][order],
            "section": bucket.sections[column["offense"]][order],
            "rule": decisions.rules[counted][order],
            "flags": flags[order],
        }
    )
    bounds = np.searchsorted(column["extract"][order], np.arange(bucket.counties.size + 1))
    sink = pa.BufferOutputStream()
    with pa.ipc.new_file(sink, batch.schema) as writer:
        for first, last in itertools.pairwise(bounds):
            writer.write_batch(batch.slice(first, last - first))
    return memoryview(sink.getvalue())


def join_extract(task: RunTask, place: int) -> int:
    """Bring an extract's decisions together as `decisions/<extract>.parquet`; returns their number."""
    store = open_store(task.store.url, task.snapshot)
    dictionaries = Dictionaries.read(store.snapshot.folder(DICTIONARIES), ("county", "offense"))
    entry = store.manifest.extracts[place]
    batches = []
    for number in range(store.manifest.buckets):
        with task.out.open(f"{PARTS}/bucket-{number:05d}.arrow") as file:
            batches.append(pa.ipc.open_file(file).get_batch(place))
    table = pa.Table.from_batches(batches).sort_by("row")
    policy = task.policies[0]
    rules = np.where(table.column("rule").to_numpy() < 0, len(policy.rules), table.column("rule").to_numpy())
    sections = table.column("section").to_numpy()
    flags = table.column("flags").to_numpy()
    decisions = pa.table(
        {
            "extract": _coded(np.zeros(table.num_rows, np.int32), [entry.id]),
            "row": table.column("row"),
            "county": _coded(table.column("county").to_numpy(), decode(dictionaries.texts["county"])),
            "offense": _coded(table.column("offense").to_numpy(), decode(dictionaries.texts["offense"])),
            "section": _coded(np.where(sections < 0, len(facts.SECTIONS), sections), [*facts.SECTIONS, ""]),
            "determination": _coded(rules, [*(rule.determination for rule in policy.rules), ""]),
            "reason": _coded(rules, [*(rule.reason for rule in policy.rules), ""]),
            "flags": _flag_texts(flags),
            "county_figure": pa.array((flags & OTHER_COUNTY) == 0),
            "state_figure": pa.array((flags & SUPERSEDED) == 0),
        }
    )
    task.out.write_parquet(f"{DECISIONS}/{entry.id}.parquet", decisions)
    return len(rules)


def _coded(codes: np.ndarray, texts: list[str]) -> pa.Array:
    """Texts by code, in a dictionary of those that occur, each once and in order.

    The file then depends on nothing else. Arrow's Parquet writer takes a dictionary with a text twice, but leaves
    room for both and fills the gap with whatever memory held before.
    """
    used, inverse = np.unique(codes, return_inverse=True)
    distinct, place = np.unique(np.array([texts[code] for code in used], object), return_inverse=True)
    indices = place[inverse].astype(np.int32) if used.size else np.empty(0, np.int32)
    return pa.DictionaryArray.from_arrays(pa.array(indices), pa.array(distinct, pa.string()))


def _flag_texts(flags: np.ndarray) -> pa.Array:
    shown = flags & sum(bit for bit, _ in FLAG_TEXTS)
    used, inverse = np.unique(shown, return_inverse=True)
    return _coded(inverse, [";".join(text for bit, text in FLAG_TEXTS if value & bit) for value in used])
