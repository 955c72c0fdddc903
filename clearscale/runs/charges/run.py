"""A run over charges: a policy and an as-of date over a whole store of charges, decided bucket by bucket."""

import operator
import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property, lru_cache, partial
from typing import Any

import numpy as np

from clearscale.dates import as_of_day, iso
from clearscale.errors import RunError
from clearscale.io.claims import claimed
from clearscale.io.files import Folder
from clearscale.io.sealed import finish, holds
from clearscale.io.seals import Seal
from clearscale.io.shared import seen_by_all
from clearscale.io.urls import absolute
from clearscale.policy.findings import Finding
from clearscale.relief import NO_CANDIDATE, ChargePolicy, Decider
from clearscale.runs.finished import GUARD, INFO, SUMMARY, with_key
from clearscale.runs.located import AT
from clearscale.runs.resident import by_absolute_path
from clearscale.runs.run import UNFINISHED, clear, require_own
from clearscale.store.charge_store import ChargeStore, open_charges
from clearscale.store.layout import told_by
from clearscale.store.logged import logged
from clearscale.store.manifest import CHARGES, HOLDS
from clearscale.version import VERSION
from clearscale_cluster import Cluster, Label, ProgressCallback

from .counting import Counts, count
from .decisions import decision_file, recorded_table
from .naming import named
from .opened import ChargeRun, open_charge_run, table_file
from .packing import Packing
from .resident import bucket_of, names_in
from .tabling import summary_of, tables_of
from .unfolding import LEGEND, legend, write_part


@dataclass(frozen=True)
class _Inputs:
    """What decides a run's answers; its document's key is the same for the same answers."""

    store: ChargeStore
    policy: ChargePolicy
    as_of: int

    @cached_property
    def document(self) -> dict[str, Any]:
        """As `run.json` has them."""
        document = {
            HOLDS: CHARGES,
            "store": absolute(self.store.folder.url),
            "snapshot": self.store.manifest.snapshot,
            "policy": self.policy.document(),
            "policy_digest": self.policy.digest(),
            "as_of": iso(self.as_of),
            "version": VERSION,
        }
        return with_key(document, files=[file.digest for file in self.store.manifest.read])


@dataclass(frozen=True)
class ChargeTask:
    """A run's inputs, for any of its tasks. store: by its absolute path."""

    store: Folder
    snapshot: str
    policy: ChargePolicy
    as_of: int
    out: Folder


@dataclass(frozen=True)
class DecidedCharges:
    """What a bucket adds. seals: of the files of its decisions and of its crosstab."""

    counts: Counts
    seals: dict[str, Seal]

    def __add__(self, other: "DecidedCharges") -> "DecidedCharges":
        return DecidedCharges(self.counts + other.counts, self.seals | other.seals)


@lru_cache(maxsize=2)
def decider_of(policy: ChargePolicy, as_of: int) -> Decider:
    """What decides, which holds the offenses of a store against the policy's lists once a process."""
    return Decider(policy, as_of)


def decide_bucket(task: ChargeTask, bucket: int) -> DecidedCharges:
    """Decide and count a bucket, and write its decisions and its crosstab."""
    tables = bucket_of(task.store, task.snapshot, bucket).tables
    decisions = decider_of(task.policy, task.as_of).decide(tables)
    rows = np.flatnonzero(decisions.outcome != NO_CANDIDATE)
    seal = task.out.write_arrow(decision_file(bucket), recorded_table(decisions, rows))
    packing = Packing(names_in(task.store, task.snapshot), task.policy)
    part = packing.part_of(tables, decisions, rows, task.as_of)
    seals = {decision_file(bucket): seal} | write_part(task.out, bucket, part)
    return DecidedCharges(count(tables, decisions, rows, task.as_of, packing), seals)


def run_charges(
    store: str,
    policy: ChargePolicy,
    as_of: str,
    out: str,
    cluster: Cluster,
    allowed: Sequence[Finding] = (),
    progress: ProgressCallback | None = None,
) -> ChargeRun:
    """Decide the charges of a store; see `clearscale.run_charges`.

    allowed: what is doubtful in the policy and was let pass.
    """
    began = time.monotonic()
    inputs = _Inputs(open_charges(store), policy, as_of_day(as_of))
    folder = inputs.store.folder.like(Folder.rooted(out))
    found = _is_finished(folder, inputs)
    if not found:
        require_own(folder, folder.names())
        with claimed(folder, UNFINISHED, RunError, kept_on_failure=True):
            if not _is_finished(folder, inputs):
                clear(folder)
                folder.declare()
                info, seals = _make(inputs, folder, cluster, progress)
                info |= {
                    "allowed": [finding.document() for finding in allowed],
                    AT: absolute(folder.url),
                    "seconds": round(time.monotonic() - began, 3),
                }
                finish(folder, INFO, info, seals)
    made = replace(open_charge_run(folder.url), found=found)
    logged(
        inputs.store.folder,
        "run",
        snapshot=made.info["snapshot"],
        run=[absolute(folder.url)],
        digests={"run": [made.info["key"]]},
        policy=made.info["policy_digest"],
        as_of=made.info["as_of"],
    )
    return made


def _is_finished(folder: Folder, inputs: _Inputs) -> bool:
    return holds(folder, INFO, inputs.document["key"], GUARD)


def _make(
    inputs: _Inputs, folder: Folder, cluster: Cluster, progress: ProgressCallback | None
) -> tuple[dict[str, Any], dict[str, Seal]]:
    """Decide and write; return what is recorded of it, and the seals of the files."""
    store, manifest = inputs.store, inputs.store.manifest
    task = ChargeTask(by_absolute_path(store.folder), manifest.snapshot, inputs.policy, inputs.as_of, folder)
    told = told_by(store.folder, manifest.snapshot)
    with cluster.recorded("run") as work, seen_by_all(cluster, written=[folder], read=[told]):
        decided: DecidedCharges = cluster.reduce(
            partial(decide_bucket, task),
            range(store.buckets),
            operator.add,
            label=Label("decide charges", "buckets"),
            progress=progress,
        )
    seals = dict(sorted(decided.seals.items()))
    info = {**inputs.document, "decisions": [decision_file(bucket) for bucket in range(store.buckets)]}
    names = names_in(task.store, task.snapshot)
    places, crowd, words = named(decided.counts.unlisted, decided.counts.crowd, names)
    known = legend(Packing(names, inputs.policy), words, places, inputs.policy)
    seals[LEGEND] = folder.write_json(LEGEND, known)
    tables = tables_of(decided.counts, crowd, inputs.policy, words)
    seals |= {table_file(name): folder.write_parquet(table_file(name), table) for name, table in tables.items()}
    seals[SUMMARY] = folder.write_json(SUMMARY, summary_of(decided.counts, inputs.policy, inputs.as_of))
    return {**info, "work": work.document()}, seals
