"""Sweep many policies over a whole store and write the result files."""

import hashlib
import json
import operator
import time
from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any

import numpy as np
import pyarrow as pa

from clearscale.dates import as_of_day, iso
from clearscale.errors import RunError
from clearscale.io.claims import claimed
from clearscale.io.encryption import ENCRYPTION
from clearscale.io.files import Folder
from clearscale.io.private import WRITING
from clearscale.io.sealed import finish, holds
from clearscale.io.seals import Seal
from clearscale.io.shared import seen_by_all
from clearscale.io.spreadsheet import write_csv
from clearscale.io.urls import absolute
from clearscale.policy.choosing import Statement
from clearscale.runs.snapshots import shared_snapshot
from clearscale.store import Store, open_store
from clearscale.store.layout import told_by
from clearscale.version import VERSION
from clearscale_cluster import Cluster, Label, ProgressCallback

from .cube import FIGURES, Cube, Figures, write_cube
from .histogram import ChargeKinds, Scopes, SweepTask, histogram_of
from .masks import DistinctRules, MaskTask, kinds_of
from .masks import figures as figures_of_kinds
from .opened import CHART, CUBE, FRONTIER, FRONTIER_CSV, GUARD, INFO, PAGE, TABLE, TABLE_CSV, Sweep, open_sweep
from .option_family import EVERYTHING, reduced, text
from .page import chart
from .settings import SweepPlan, Vary, plan_of, require_rows
from .table import Measure, SweptParameter, frontier, parameters, read_frontier, sweep_table

CANDIDATES_A_TASK = 2**17
"""Candidates of a task, about."""

MOST_CSV_ROWS = 100_000
"""Rows up to which the table is written as CSV too; more are no use to a spreadsheet program."""

UNFINISHED = ".unfinished.json"
"""Claimed first and removed last."""

_FILES = (TABLE, TABLE_CSV, FRONTIER, FRONTIER_CSV, CHART, PAGE, CUBE)


def sweep(
    store: str,
    policy: Statement,
    as_of: str,
    vary: Vary,
    out: str,
    cluster: Cluster,
    *,
    by_county: bool = False,
    best: str | None = None,
    allow: Sequence[str] = (),
    progress: ProgressCallback | None = None,
) -> Sweep:
    """Count what each policy would do; see `clearscale.whatif.sweep`."""
    began = time.monotonic()
    plan, day, opened = plan_of(policy, vary, allow), as_of_day(as_of), open_store(store)
    scopes = Scopes.of(opened, by_county)
    require_rows(plan.size, scopes.state + 1)
    related = plan.grid is None and any(listed.related for listed in plan.policies)
    known = (*FIGURES, "dismissed_related", "reduced_related") if related else FIGURES
    measures = read_frontier(best, known) if best is not None else None
    document = _document(opened, plan, day, by_county, measures)
    key = _key(opened, document)
    folder = opened.folder.like(Folder.rooted(out))
    if not holds(folder, INFO, key, GUARD):
        require_own(folder)
        with claimed(folder, UNFINISHED, RunError, kept_on_failure=True):
            # Another one may have ended just now.
            if not holds(folder, INFO, key, GUARD):
                clear(folder)
                folder.declare()
                with seen_by_all(cluster, read=[told_by(opened.folder, opened.manifest.snapshot)]):
                    seals = _count(folder, opened, plan, scopes, day, by_county, measures, cluster, progress)
                seconds = round(time.monotonic() - began, 3)
                info = {
                    **document,
                    "key": key,
                    "allowed": list(plan.allowed),
                    "cube": CUBE in seals,
                    "seconds": seconds,
                }
                finish(folder, INFO, info, seals)
    return open_sweep(out)


def require_own(folder: Folder) -> None:
    """Raise RunError if the folder holds other things than an unfinished or damaged sweep."""
    left = {name for name in folder.names() if not name.startswith(WRITING)}
    if left - {*_FILES, ENCRYPTION, INFO, UNFINISHED}:
        raise RunError(f"{folder.url}: is not empty; choose a new folder for --out")


def clear(folder: Folder) -> None:
    """Remove what an unfinished or damaged sweep left, what says that it finished first."""
    folder.tidy()
    for name in (INFO, *_FILES):
        folder.remove(name)


def _count(
    folder: Folder,
    opened: Store,
    plan: SweepPlan,
    scopes: Scopes,
    day: int,
    by_county: bool,
    measures: tuple[Measure, Measure] | None,
    cluster: Cluster,
    progress: ProgressCallback | None,
) -> dict[str, Seal]:
    """Count and write; return the seals of the files."""
    seals = {}
    task = SweepTask(opened.folder, opened.manifest.snapshot, day, by_county)
    shares = _shares(opened)
    if plan.grid is not None:
        histogram = cluster.reduce(
            partial(histogram_of, task),
            shares,
            operator.add,
            label=Label("count by option", "buckets", list(map(len, shares))),
            progress=progress,
        )
        about = shared_snapshot(task.store, task.snapshot)
        cube = Cube(histogram, ChargeKinds.of(about.charge_flags, about.sections), scopes.counties)
        seals[CUBE] = write_cube(folder, CUBE, cube)
        figures = {county: cube.figures(plan.grid, county) for county in (*scopes.counties, None)}
    else:
        figures = _listed(task, plan, scopes, shares, cluster, progress)
    table = sweep_table(_columns(plan), figures)
    return seals | _write(folder, table, plan, figures[None], measures, iso(day))


def _listed(
    task: SweepTask,
    plan: SweepPlan,
    scopes: Scopes,
    shares: list[range],
    cluster: Cluster,
    progress: ProgressCallback | None,
) -> dict[str | None, Figures]:
    """Return the figures of policies that are no eligibility options."""
    rules = DistinctRules.of(plan.policies)
    work = partial(kinds_of, MaskTask(task, rules))
    found = cluster.reduce(work, shares, operator.add, label="ask every rule", progress=progress)
    counted = figures_of_kinds(found, rules, scopes.state + 1)
    return {
        county: {name: values[place] for name, values in counted.items()}
        for place, county in enumerate((*scopes.counties, None))
    }


def _columns(plan: SweepPlan) -> list[SweptParameter]:
    """Return the table's columns of settings, with a set that depends on another written out."""
    columns = parameters(plan.axes)
    if plan.grid is None:
        return columns
    sets = np.array([[reduced(d, r) for r in plan.grid.reduce] for d in plan.grid.dismiss], np.int64)
    every = tuple(text(sections) for sections in EVERYTHING.dismiss)
    dismiss, reduce = columns[:2]
    return [dismiss, SweptParameter(reduce.name, every, sets[dismiss.places, reduce.places]), *columns[2:]]


def _write(
    folder: Folder,
    table: pa.Table,
    plan: SweepPlan,
    statewide: Figures,
    measures: tuple[Measure, Measure] | None,
    as_of: str,
) -> dict[str, Seal]:
    seals = write_tables(folder, table, measures)
    seals[CHART] = folder.write(CHART, chart(plan.charted(as_of), statewide).encode())
    seals[PAGE] = folder.write(PAGE, json.dumps(plan.page()).encode())
    return seals


def write_tables(folder: Folder, table: pa.Table, measures: tuple[Measure, Measure] | None) -> dict[str, Seal]:
    """Write the table and, if two figures are asked for, its frontier; return the seals of the files."""
    seals = {TABLE: folder.write_parquet(TABLE, table, write_statistics=False)}
    if table.num_rows <= MOST_CSV_ROWS:
        seals[TABLE_CSV] = write_csv(folder, TABLE_CSV, table)
    if measures is not None:
        best = frontier(table, measures)
        seals[FRONTIER] = folder.write_parquet(FRONTIER, best, write_statistics=False)
        if best.num_rows <= MOST_CSV_ROWS:
            seals[FRONTIER_CSV] = write_csv(folder, FRONTIER_CSV, best)
    return seals


def frontier_of(measures: tuple[Measure, Measure] | None) -> list[str] | None:
    """Write the two figures of a frontier as `sweep.json` has them."""
    return None if measures is None else [f"{'-' * (measure.sign < 0)}{measure.name}" for measure in measures]


def _document(
    store: Store, plan: SweepPlan, as_of: int, by_county: bool, measures: tuple[Measure, Measure] | None
) -> dict[str, Any]:
    return {
        "store": absolute(store.folder.url),
        "snapshot": store.manifest.snapshot,
        "title": plan.title,
        "as_of": iso(as_of),
        "by_county": by_county,
        "policies": plan.size,
        "parameters": {name: [str(setting) for setting in settings] for name, settings in plan.axes.items()},
        "digest": plan.digest(),
        "frontier": frontier_of(measures),
        "version": VERSION,
    }


def _key(store: Store, document: Mapping[str, Any]) -> str:
    identity = {**document, "extracts": [entry.digest for entry in store.manifest.extracts]}
    del identity["store"]
    return hashlib.sha256(json.dumps(identity, sort_keys=True).encode()).hexdigest()


def _shares(store: Store) -> list[range]:
    """Return the buckets of each task: neighbors, so many that a task is worth its cost."""
    buckets, candidates = store.manifest.buckets, store.manifest.counts["candidates"]
    size = max(1, buckets * CANDIDATES_A_TASK // max(candidates, 1))
    return [range(first, min(first + size, buckets)) for first in range(0, buckets, size)]
