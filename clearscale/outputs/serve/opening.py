"""How a run is opened for pages with controls: its options, its store in parts, and whether both still agree."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from clearscale.encoding import readable
from clearscale.errors import RunError
from clearscale.policy import Policy
from clearscale.policy.caseload import Caseload
from clearscale.runs import Run, summary_keys
from clearscale.runs.recorded import other_version, recorded_policy
from clearscale.runs.snapshots import SharedSnapshot, shared_snapshot
from clearscale.runs.stores import open_store_of
from clearscale.runs.tally import MEASURES
from clearscale.whatif.sweep.option_family import Grid, family_of
from clearscale_cluster import ProgressCallback
from clearscale_kernels.arrays import Int64s

Counted = Callable[[str | None], tuple[Int64s, int]]
"""Counts a county, or the state: people by race, with Prop 64 convictions and by MEASURES, and convictions."""


def options_of(run: Run) -> Grid | None:
    """Return the eligibility options that a run was made with; None of another policy."""
    policy = recorded_policy(run)
    return family_of(policy) if isinstance(policy, Policy) else None


def snapshot_of(run: Run) -> SharedSnapshot:
    """Return the snapshot that a run was made from. Raises StoreError if the store is not where it was."""
    store = open_store_of(run)
    return shared_snapshot(store.folder, store.manifest.snapshot)


def caseloads(about: SharedSnapshot, at_once: int, progress: ProgressCallback | None) -> Iterator[Caseload]:
    """Read all buckets of a snapshot, about so many candidates at a time."""
    manifest = about.store.manifest
    size = max(1, manifest.buckets * at_once // max(manifest.counts["candidates"], 1))
    for first in range(0, manifest.buckets, size):
        buckets = range(first, min(first + size, manifest.buckets))
        yield about.caseload_of_buckets(buckets)
        if progress is not None:
            progress(buckets.stop, manifest.buckets, "read people and convictions")


def require_same(run: Run, counted: Counted) -> None:
    """Raise RunError if what is counted is not what the run counted."""
    summaries: dict[str | None, Mapping[str, Any]] = {None: run.summary}
    summaries |= {readable(county): summary for county, summary in run.counties.items()}
    for county, summary in summaries.items():
        people, convictions = counted(county)
        known = summary_keys.people(summary)
        wanted = [known[measure] for measure in MEASURES]
        if [*people[:, 1:].sum(axis=0)] != wanted or convictions != sum(summary[summary_keys.BY_SECTION].values()):
            raise RunError(f"{run.folder.url}: its summary differs from its store's people; {other_version(run)}")
