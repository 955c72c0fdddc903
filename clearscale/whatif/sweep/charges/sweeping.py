"""Sweep many policies over a whole store of charges and write the result files."""

import operator
import time
from collections.abc import Sequence
from functools import partial
from typing import Any

import numpy as np

from clearscale.errors import PolicyError, RunError
from clearscale.io.claims import claimed
from clearscale.io.files import Folder
from clearscale.io.sealed import finish, holds
from clearscale.io.seals import Seal
from clearscale.io.shared import seen_by_all
from clearscale.io.urls import absolute
from clearscale.relief import ChargePolicy
from clearscale.runs.finished import with_key
from clearscale.runs.resident import by_absolute_path
from clearscale.store.charge_store import ChargeStore, open_charges
from clearscale.store.layout import told_by
from clearscale.store.manifest import CHARGES, HOLDS
from clearscale.version import VERSION
from clearscale.whatif.sweep.cube import Figures
from clearscale.whatif.sweep.opened import CHART, GUARD, INFO, Sweep, open_sweep
from clearscale.whatif.sweep.settings import Vary
from clearscale.whatif.sweep.sweeping import UNFINISHED, clear, frontier_of, require_own, write_tables
from clearscale.whatif.sweep.table import Measure, parameters, read_frontier, sweep_table
from clearscale_cluster import Cluster, Label, ProgressCallback
from clearscale_kernels.arrays import Int64s

from .counting import ChargeSweepTask, count_bucket
from .page import page
from .plan import ChargePlan, figures_of, plan_of

NO_COUNTY = "(not known)"
"""The county of charges of which nobody knows it."""

MOST_ROWS = 2**18
"""The most rows of a sweep's table, policies times scopes: each task holds all of them."""


def sweep_charges(
    store: str,
    policy: str | ChargePolicy,
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
    """Count what each policy would do; see `clearscale.sweep`."""
    began = time.monotonic()
    opened, plan = open_charges(store), plan_of(policy, as_of, vary, allow)
    _require_rows(plan, len(opened.words.counties) if by_county else 0)
    measures = read_frontier(best, figures_of(plan.outcomes)) if best is not None else None
    document = _document(opened, plan, by_county, measures)
    folder = opened.folder.like(Folder.rooted(out))
    if not holds(folder, INFO, document["key"], GUARD):
        require_own(folder)
        with claimed(folder, UNFINISHED, RunError, kept_on_failure=True):
            # Another one may have ended just now.
            if not holds(folder, INFO, document["key"], GUARD):
                clear(folder)
                folder.declare()
                with seen_by_all(cluster, read=[told_by(opened.folder, opened.manifest.snapshot)]):
                    counted = _counted(opened, plan, by_county, cluster, progress)
                seals = _write(folder, opened, plan, counted, by_county, measures)
                seconds = round(time.monotonic() - began, 3)
                info = {**document, "allowed": list(plan.allowed), "cube": False, "seconds": seconds}
                finish(folder, INFO, info, seals)
    return open_sweep(out)


def _require_rows(plan: ChargePlan, counties: int) -> None:
    scopes = counties + 2 if counties else 1
    if plan.size * scopes > MOST_ROWS:
        raise PolicyError(
            f"the table would have {plan.size * scopes:,} rows, {plan.size:,} policies in {scopes} scopes; at "
            f"most {MOST_ROWS:,} are possible of charges. Give fewer settings, or leave out --by-county"
        )


def _counted(
    store: ChargeStore, plan: ChargePlan, by_county: bool, cluster: Cluster, progress: ProgressCallback | None
) -> Int64s:
    task = ChargeSweepTask(by_absolute_path(store.folder), store.manifest.snapshot, plan, by_county)
    counted: Int64s = cluster.reduce(
        partial(count_bucket, task),
        range(store.buckets),
        operator.add,
        label=Label("decide by each policy", "buckets"),
        progress=progress,
    )
    return counted


def _write(
    folder: Folder,
    store: ChargeStore,
    plan: ChargePlan,
    counted: Int64s,
    by_county: bool,
    measures: tuple[Measure, Measure] | None,
) -> dict[str, Seal]:
    """Write the files of a sweep; return their seals."""
    names = figures_of(plan.outcomes)
    counties = [*store.words.counties, NO_COUNTY] if by_county else []
    places: dict[str | None, int] = {county: place for place, county in enumerate(counties)}
    if counties and not counted[:, places[NO_COUNTY]].any():
        del places[NO_COUNTY]  # the county of every charge is known
    places[None] = len(counties)
    figures: dict[str | None, Figures] = {
        county: {name: np.ascontiguousarray(counted[:, place, number]) for number, name in enumerate(names)}
        for county, place in places.items()
    }
    seals = write_tables(folder, sweep_table(parameters(plan.axes), figures), measures)
    seals[CHART] = folder.write(CHART, page(plan, figures[None]).encode())
    return seals


def _document(
    store: ChargeStore, plan: ChargePlan, by_county: bool, measures: tuple[Measure, Measure] | None
) -> dict[str, Any]:
    document = {
        HOLDS: CHARGES,
        "store": absolute(store.folder.url),
        "snapshot": store.manifest.snapshot,
        "title": plan.title,
        "as_of": plan.as_of,
        "by_county": by_county,
        "policies": plan.size,
        "parameters": {name: [str(setting) for setting in settings] for name, settings in plan.axes.items()},
        "digest": plan.digest,
        "frontier": frontier_of(measures),
        "version": VERSION,
    }
    return with_key(document, files=[file.digest for file in store.manifest.read])
