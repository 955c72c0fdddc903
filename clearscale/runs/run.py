"""A run: a policy and an as-of date over a whole store, decided bucket by bucket, and what it leaves behind."""

import itertools
import json
import operator
import time
from collections.abc import Iterable, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, replace
from functools import cached_property, partial
from typing import Any

import numpy as np

from clearscale.dates import as_of_day, iso
from clearscale.errors import RunError
from clearscale.io.claims import claimed
from clearscale.io.encryption import ENCRYPTION
from clearscale.io.expected import Expect, expecting
from clearscale.io.far import behind, both
from clearscale.io.files import Folder
from clearscale.io.private import WRITING
from clearscale.io.sealed import finish, holds
from clearscale.io.seals import Seal
from clearscale.io.shared import seen_by_all
from clearscale.io.urls import absolute
from clearscale.policy import DISMISS_ALL, DISMISS_ALL_AND_RELATED, AnyPolicy
from clearscale.policy.model import digest_of
from clearscale.store import Store
from clearscale.store.layout import MANIFEST, snapshot_path, told_by
from clearscale.store.ledger import Ledger, read_ledger
from clearscale.store.log import End
from clearscale.store.logged import end_of_log
from clearscale.store.manifest import Manifest
from clearscale.store.opened import opened_in
from clearscale.version import VERSION
from clearscale_cluster import Cluster, Label, ProgressCallback

from . import summary_keys
from .crosstabs import (
    CONVICTION_COUNTS,
    CONVICTION_KEYS,
    PEOPLE_COUNTS,
    PEOPLE_KEYS,
    CellCounts,
    conviction_table,
    people_table,
)
from .decisions import DECISIONS, DecisionsTask, decision_file, flag_table, share_out, write_decisions
from .finished import CROSSTAB, GUARD, INFO, SUMMARY, with_key
from .located import AT
from .logged import logged_of
from .opened import COUNTIES, TABLES, Run, run_in
from .parts import PARTS
from .resident import by_absolute_path
from .results import write_result
from .snapshots import SharedSnapshot, files_of, is_shared, share, shared_snapshot
from .summary import Summary, add_summaries, county_summary, people_left
from .tally import Tally
from .tasks import DecidedBuckets, RunTask, decide_buckets

_BESIDE = (DISMISS_ALL, DISMISS_ALL_AND_RELATED)
"""Policies that are always counted beside the chosen one."""

MOST_CANDIDATES, FEWEST_CANDIDATES = 2**17, 2**14
"""Candidates that a task decides: 2 to 20 ms of work for a core."""

UNFINISHED = ".unfinished.json"
"""Claimed first and removed last: a folder with it is being written, or was by a run that did not finish."""


@dataclass(frozen=True)
class _Inputs:
    """What decides a run's answers; its document's key is the same for the same answers."""

    store: Store
    policy: AnyPolicy
    as_of: int

    @cached_property
    def document(self) -> dict[str, Any]:
        """As `run.json` has them."""
        policy = self.policy.document()
        document = {
            "store": absolute(self.store.folder.url),
            "snapshot": self.store.manifest.snapshot,
            "policy": policy,
            "policy_digest": digest_of(policy),
            "as_of": iso(self.as_of),
            "version": VERSION,
        }
        return with_key(document, extracts=[entry.digest for entry in self.store.manifest.extracts])


def run(
    store: str,
    policy: AnyPolicy,
    as_of: str,
    out: str,
    cluster: Cluster,
    *,
    allowed: Sequence[Mapping[str, str]] = (),
    progress: ProgressCallback | None = None,
    log: Mapping[str, Any] | None = None,
) -> Run:
    """Decide the store's convictions; see `clearscale.run`.

    allowed: what is doubtful in the policy and was let pass, for the record. log: what the store's log is told,
    beside what the run says itself; None to tell it nothing.
    """
    began = time.monotonic()
    with expecting() as expect, ThreadPoolExecutor(1) as beside:
        place = Folder(out)
        expect(store, (ENCRYPTION, MANIFEST))
        expect(out, (ENCRYPTION, INFO))
        (opened, found), left = both(
            place, lambda: (_opened(store, cluster, expect), Folder.rooted(out)), place.names
        )
        inputs = _Inputs(opened, policy, as_of_day(as_of))
        folder = opened.folder.like(found)
        making = _Making(inputs, folder, cluster, beside, began)
        told: Future[None] | None = None
        if not making.is_finished():
            require_own(folder, left)
            making.begin_reading()
            refused: RunError | None = None
            with claimed(folder, UNFINISHED, RunError, kept_on_failure=True):
                # Another one may have ended just now: if it is another run, nothing of this one is left to finish.
                try:
                    finished, left = both(folder, making.is_finished, folder.names)
                except RunError as error:
                    finished, refused = True, error
                if not finished:
                    clear(folder, left)
                    folder.declare()
                    making.make(allowed, progress, log)
                    told = making.tell(log)
            if refused is not None:
                raise refused
        made = making.result()
        if told is not None:
            told.result()
        elif log is not None:
            _tell(made, opened.folder, None, log)
        return made


def _opened(store: str, cluster: Cluster, expect: Expect) -> Store:
    """Open a store, and ask for what is read of its snapshot, if this process has not read it before."""
    folder = Folder.rooted(store)

    def found(manifest: Manifest) -> None:
        known = not cluster.shares_memory or is_shared(by_absolute_path(folder), manifest.snapshot)
        path = f"{snapshot_path(manifest.snapshot)}/{MANIFEST}"
        expect(folder.url, [path, *(() if known else files_of(manifest))])

    return opened_in(folder, found=found)


def _tell(made: Run, store: Folder, end: End | None, log: Mapping[str, Any]) -> None:
    """Tell the store's log of a run. end: of the log, if it is known."""
    logged_of(made, "run", store, end, policy=made.info["policy_digest"], as_of=made.info["as_of"], **log)


@dataclass
class _Making:
    """A run in the making. beside: does what need not be waited for yet, where it is far."""

    inputs: _Inputs
    folder: Folder
    cluster: Cluster
    beside: ThreadPoolExecutor
    began: float
    _reading: Future[SharedSnapshot] | None = None
    _end: Future[End | None] | None = None
    _made: Run | None = None
    _ledger: Ledger | None = None

    @property
    def store(self) -> Folder:
        """The store that it is of."""
        return self.inputs.store.folder

    def is_finished(self) -> bool:
        """Whether the folder holds it. Raises RunError if it holds another run."""
        return holds(self.folder, INFO, self.inputs.document["key"], GUARD)

    def begin_reading(self) -> None:
        """Have what tasks share read meanwhile, if they are done in this process and the store is far."""
        stored, snapshot = by_absolute_path(self.store), self.inputs.store.manifest.snapshot
        if not stored.is_local and self.cluster.shares_memory and not is_shared(stored, snapshot):
            self._reading = self.beside.submit(share, replace(self.inputs.store, folder=stored))

    def make(
        self,
        allowed: Sequence[Mapping[str, str]],
        progress: ProgressCallback | None,
        log: Mapping[str, Any] | None,
    ) -> None:
        """Decide, write, and finish."""
        store, folder, cluster = self.inputs.store, self.folder, self.cluster
        snapshot = store.manifest.snapshot
        told = told_by(self.store, snapshot)
        with cluster.recorded("run") as work, seen_by_all(cluster, written=[folder], read=[told]):
            task = RunTask(
                by_absolute_path(self.store),
                snapshot,
                (self.inputs.policy, *_BESIDE),
                self.inputs.as_of,
                folder,
                apart=not cluster.shares_memory,
            )
            if self._reading is not None:
                self._reading.result()
            if log is not None and not self.store.is_local:
                self._end = self.beside.submit(end_of_log, self.store)
            seals, decisions = _decide(self.inputs, task, cluster, progress)
        if task.apart:
            folder.remove(PARTS)
        info = {
            **self.inputs.document,
            "allowed": list(allowed),
            "findings": store.manifest.all_findings(),
            "decisions": decisions,
            AT: absolute(self.folder.url),
            "seconds": round(time.monotonic() - self.began, 3),
            "work": work.document(),
        }
        finished, self._ledger = both(
            folder,
            lambda: finish(folder, INFO, info, seals, own=not task.apart),
            lambda: read_ledger(self.store),
        )
        self._made = Run(folder, finished)

    def tell(self, log: Mapping[str, Any] | None) -> Future[None] | None:
        """Have the store's log told, if it is far; None if that is still to be done, or nothing is to be told."""
        if log is None or self._end is None or self._made is None or self._why_void() is not None:
            return None
        return self.beside.submit(_tell, self._made, self.store, self._end.result(), log)

    def _why_void(self) -> str | None:
        return self._ledger.why_void(self.inputs.store.manifest.snapshot) if self._ledger is not None else None

    def result(self) -> Run:
        """The run. Raises RunError if records that it was made from were destroyed meanwhile."""
        if self._made is None:
            return replace(run_in(self.folder, self.store), found=True)
        if (why := self._why_void()) is not None:
            raise RunError(f"{self.folder.url}: {why}")
        return self._made


def _decide(
    inputs: _Inputs, task: RunTask, cluster: Cluster, progress: ProgressCallback | None
) -> tuple[dict[str, Seal], dict[str, Any]]:
    """Decide and write; return the seals of the files, and where the decisions of each extract are."""
    manifest = inputs.store.manifest
    decide = partial(decide_buckets, task)
    shares = _shares(manifest.buckets, manifest.counts["candidates"], cluster.workers)
    outcome: DecidedBuckets = cluster.reduce(
        decide,
        shares,
        operator.add,
        label=Label("decide convictions", "buckets", list(map(len, shares))),
        progress=progress,
    )
    decided: list[int] = np.sum([np.diff(part.bounds) for part in outcome.parts.values()], axis=0).tolist()
    files = [
        DecisionsTask(task, number, extracts, outcome.parts) for number, extracts in enumerate(share_out(decided))
    ]
    # Concurrently. Counts are written in this process, where they already are.
    with behind(task.out) as (out, arrived), ThreadPoolExecutor(1) as beside:
        own = replace(task, out=out)
        counted = beside.submit(_write_counts, inputs, own, outcome)
        written = cluster.gather(write_decisions, files, label=Label("write results", "files"), progress=progress)
        seals = counted.result()
        for (seal, _), file in zip(written, files, strict=True):
            seals[decision_file(file.number)] = seal
        counties = [entry.county for entry in manifest.extracts]
        flags = flag_table(itertools.chain.from_iterable(marks for _, marks in written), counties)
        columns = ["scope", "county", "flag"], ["convictions"]
        seals[TABLES["flags"]] = write_result(own.out, TABLES["flags"], flags, *columns)
        arrived()
    decisions = {
        manifest.extracts[place].id: {"count": decided[place], "file": decision_file(file.number)}
        for file in files
        for place in file.extracts
    }
    return seals, decisions


def _write_counts(inputs: _Inputs, task: RunTask, outcome: DecidedBuckets) -> dict[str, Seal]:
    """Write both count tables and all summaries; return their seals."""
    seals = _write_tables(task, outcome.convictions, outcome.people)
    counties = _county_summaries(inputs, outcome.tally)
    # One county a line: readable, and ten times faster to write than an indented file.
    lines = ",\n".join(f"{json.dumps(county)}: {json.dumps(figures)}" for county, figures in counties.items())
    seals[COUNTIES] = task.out.write(COUNTIES, f"{{\n{lines}\n}}\n".encode("ascii"))
    seals[SUMMARY] = task.out.write_json(SUMMARY, _state_summary(inputs, outcome.tally, len(counties)))
    return seals


def _write_tables(task: RunTask, convictions: CellCounts, people: CellCounts) -> dict[str, Seal]:
    """Write both count tables; return their seals."""
    labels = shared_snapshot(task.store, task.snapshot).labels
    tables = {
        "convictions": (
            conviction_table(convictions, task.policies[0], labels),
            CONVICTION_KEYS,
            CONVICTION_COUNTS,
        ),
        "people": (people_table(people, labels), PEOPLE_KEYS, PEOPLE_COUNTS),
    }
    return {
        TABLES[name]: write_result(task.out, TABLES[name], table, keys, counts)
        for name, (table, keys, counts) in tables.items()
    }


def _shares(buckets: int, candidates: int, workers: int) -> list[range]:
    """Share neighboring buckets out to tasks: each worth its cost, and one for every worker."""
    wanted = min(MOST_CANDIDATES, max(candidates // max(workers, 1), FEWEST_CANDIDATES))
    step = -(-buckets * wanted // max(candidates, 1))
    return [range(first, min(first + step, buckets)) for first in range(0, buckets, step)]


_WRITTEN = (PARTS, DECISIONS, CROSSTAB, COUNTIES, "tables", SUMMARY, INFO)


def require_own(folder: Folder, names: Iterable[str]) -> None:
    """Raise RunError if the folder holds other things than an unfinished or damaged run.

    names: of what it holds.
    """
    left = {name for name in names if not name.startswith(WRITING)}
    if left - {ENCRYPTION, UNFINISHED, *_WRITTEN}:
        raise RunError(f"{folder.url}: is not empty; choose a new folder for --out")


def clear(folder: Folder, left: Sequence[str] | None = None) -> None:
    """Remove what an unfinished or damaged run left, what says that it finished first.

    left: names of what the folder holds, if they are known.
    """
    folder.tidy()
    left = folder.names() if left is None else left
    for name in reversed(_WRITTEN):
        if name in left:
            folder.remove(name)


def _county_summaries(inputs: _Inputs, tally: Tally) -> dict[str, Summary]:
    """Add up the summaries of each county's extracts, without the seconds, which are the run's."""
    manifest = inputs.store.manifest
    by_county: dict[str, list[Summary]] = {}
    for place, entry in enumerate(manifest.extracts):
        summary = county_summary(tally, place, inputs.policy, entry.county, entry.stored, 0.0)
        del summary[summary_keys.SECONDS]
        by_county.setdefault(entry.county, []).append(summary)
    return {county: add_summaries(summaries) for county, summaries in sorted(by_county.items())}


def _state_summary(inputs: _Inputs, tally: Tally, counties: int) -> dict[str, Any]:
    """Statewide figures: each person once, with the relief of all counties together."""
    manifest = inputs.store.manifest
    scope = len(manifest.extracts)
    summary = county_summary(tally, scope, inputs.policy, "", manifest.counts["rows"], 0.0)
    for name in (summary_keys.COUNTY, summary_keys.SECONDS):
        del summary[name]
    return {
        "asOf": iso(inputs.as_of),
        "policy": inputs.policy.id,
        "policyTitle": inputs.policy.title,
        "counties": counties,
        "extracts": scope,
        "subjects": manifest.counts["people"],
        "convictions": manifest.counts["convictions_once"],
        **summary,
        summary_keys.ALL_AND_RELATED_DISMISSED: people_left(tally, scope, 2),
    }
