"""A run: a policy and an as-of date over a whole store, decided bucket by bucket, and what it leaves behind."""

import hashlib
import json
import operator
import time
from dataclasses import dataclass
from functools import partial
from typing import Any

from clearscale_cluster import Cluster, ProgressCallback

from ..dates import as_of_day, iso
from ..errors import RunError
from ..files import Folder, absolute
from ..policy import DISMISS_ALL, DISMISS_ALL_AND_RELATED, Policy
from ..store import Store, open_store
from ..summary import Summary, add_summaries, county_summary
from ..tables import write_table
from ..tally import MEASURES, Tally
from ..version import VERSION
from .opened import INFO, Run, open_run
from .tasks import DECISIONS, PARTS, BucketOutcome, RunTask, decide_bucket, join_extract

_BESIDE = (DISMISS_ALL, DISMISS_ALL_AND_RELATED)
"""Policies that are always counted beside the chosen one."""

UNFINISHED = ".unfinished.json"
"""Written first and removed last: a folder with it, and without `run.json`, is an unfinished run's."""


@dataclass(frozen=True)
class _Inputs:
    """What decides a run's answers; its key is the same for the same answers."""

    store: Store
    policy: Policy
    as_of: int

    def document(self) -> dict[str, Any]:
        return {
            "store": absolute(self.store.folder.url),
            "snapshot": self.store.manifest.snapshot,
            "policy": self.policy.document(),
            "policy_digest": self.policy.digest(),
            "as_of": iso(self.as_of),
            "version": VERSION,
        }

    def key(self) -> str:
        document = {**self.document(), "extracts": [entry.digest for entry in self.store.manifest.extracts]}
        del document["store"]
        return hashlib.sha256(json.dumps(document, sort_keys=True).encode()).hexdigest()


def run(
    store: str,
    policy: Policy,
    as_of: str,
    out: str,
    cluster: Cluster,
    *,
    progress: ProgressCallback | None = None,
) -> Run:
    """Decide the store's convictions; see `clearscale.run`."""
    began = time.monotonic()
    inputs = _Inputs(open_store(store), policy, as_of_day(as_of))
    folder = Folder(out)
    if folder.exists(INFO):
        finished = open_run(out)
        if finished.info["key"] == inputs.key():
            return finished
        raise RunError(f"{out}: holds another run; choose another folder for --out, or remove this one")
    _prepare(folder)
    manifest = inputs.store.manifest
    task = RunTask(inputs.store.folder, manifest.snapshot, (policy, *_BESIDE), inputs.as_of, folder)
    decide = partial(decide_bucket, task)
    outcome: BucketOutcome = cluster.reduce(
        decide, range(manifest.buckets), operator.add, label="decide convictions", progress=progress
    )
    join = partial(join_extract, task)
    decided = cluster.gather(join, range(len(manifest.extracts)), label="write decisions", progress=progress)
    counties = _county_summaries(inputs, outcome.tally)
    for county, summary in counties.items():
        folder.write_json(f"counties/{file_name(county)}.json", summary)
    folder.write_json("summary.json", _state_summary(inputs, outcome.tally, len(counties)))
    write_table(folder.folder("tables"), "convictions", outcome.convictions)
    write_table(folder.folder("tables"), "people", outcome.people)
    info = {
        **inputs.document(),
        "key": inputs.key(),
        "decisions": {entry.id: count for entry, count in zip(manifest.extracts, decided, strict=True)},
        "seconds": round(time.monotonic() - began, 3),
    }
    folder.remove(PARTS)
    folder.write_json(INFO, info)
    folder.remove(UNFINISHED)
    return open_run(out)


def _prepare(folder: Folder) -> None:
    """Clear what an unfinished run left in the folder. Raises RunError if it holds other things."""
    left = folder.names()
    if left and UNFINISHED not in left:
        raise RunError(f"{folder.url}: is not empty; choose a new folder for --out")
    folder.tidy()
    folder.write_json(UNFINISHED, {})
    for name in (PARTS, DECISIONS, "counties", "tables", "summary.json"):
        folder.remove(name)


def file_name(county: str) -> str:
    """A county's name as a file name: other characters than letters, digits, spaces and - become _."""
    return "".join(c if c.isalnum() or c in " -" else "_" for c in county)


def _county_summaries(inputs: _Inputs, tally: Tally) -> dict[str, Summary]:
    """Summary of each county, its extracts added up; without the seconds, which are the run's."""
    manifest = inputs.store.manifest
    by_county: dict[str, list[Summary]] = {}
    for place, entry in enumerate(manifest.extracts):
        summary = county_summary(tally, place, inputs.policy, entry.county, entry.stored, 0.0)
        del summary["processingTimeInSeconds"]
        by_county.setdefault(entry.county, []).append(summary)
    return {county: add_summaries(each) for county, each in sorted(by_county.items())}


def _state_summary(inputs: _Inputs, tally: Tally, counties: int) -> dict[str, Any]:
    """Statewide figures: each person once, with the relief of all counties together."""
    manifest = inputs.store.manifest
    scope = len(manifest.extracts)
    summary = county_summary(tally, scope, inputs.policy, "", manifest.counts["rows"], 0.0)
    for key in ("county", "processingTimeInSeconds"):
        del summary[key]
    related = {name: int(tally.measures[scope, 2, place]) for place, name in enumerate(MEASURES)}
    return {
        "asOf": iso(inputs.as_of),
        "policy": inputs.policy.id,
        "policyTitle": inputs.policy.title,
        "counties": counties,
        "extracts": scope,
        "subjects": manifest.counts["people"],
        "convictions": manifest.counts["convictions_once"],
        **summary,
        "reliefWithDismissAllProp64AndRelated": {
            "CountSubjectsNoConviction": related["no_conviction"],
            "CountSubjectsNoConvictionLast7Years": related["no_recent_conviction"],
            "CountSubjectsNoFelony": related["no_felony"],
        },
    }
