"""How a run is opened for pages with controls: its options, its store in parts, and whether both still agree."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from clearscale.charges.tables import Tables
from clearscale.encoding import readable
from clearscale.errors import RunError
from clearscale.outputs.disclosure import ChargeCounts
from clearscale.outputs.report.charges.counting import counts_of
from clearscale.policy import Policy
from clearscale.policy.caseload import Caseload
from clearscale.runs import Run, summary_keys
from clearscale.runs.charges import ChargeRun
from clearscale.runs.charges.naming import Names
from clearscale.runs.charges.resident import names_in, read_bucket
from clearscale.runs.finished import FinishedRun
from clearscale.runs.recorded import other_version, recorded_policy
from clearscale.runs.resident import by_absolute_path
from clearscale.runs.snapshots import SharedSnapshot, shared_snapshot
from clearscale.runs.stores import open_store_of
from clearscale.runs.tally import MEASURES
from clearscale.store.charge_store import ChargeStore
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


def names_of(store: ChargeStore) -> Names:
    """Return what tables of runs over a store of charges name."""
    return names_in(by_absolute_path(store.folder), store.manifest.snapshot)


def buckets_of(store: ChargeStore, progress: ProgressCallback | None) -> Iterator[Tables]:
    """Read all buckets of a store of charges; their arrays are those that this process has in memory already."""
    folder = by_absolute_path(store.folder)
    for bucket in range(store.buckets):
        yield read_bucket(folder, store.manifest.snapshot, bucket).tables
        if progress is not None:
            progress(bucket + 1, store.buckets, "read charges")


def require_same(run: Run, counted: Counted) -> None:
    """Raise RunError if what is counted is not what the run counted."""
    summaries: dict[str | None, Mapping[str, Any]] = {None: run.summary}
    summaries |= {readable(county): summary for county, summary in run.counties.items()}
    for county, summary in summaries.items():
        people, convictions = counted(county)
        known = summary_keys.people(summary)
        wanted = [known[measure] for measure in MEASURES]
        if [*people[:, 1:].sum(axis=0)] != wanted or convictions != sum(summary[summary_keys.BY_SECTION].values()):
            raise _differs(run, "its summary differs from its store's people")


def require_same_charges(run: ChargeRun, counted: ChargeCounts) -> None:
    """Raise RunError if what is counted is not what the run counted."""
    if counts_of(run, None) != counted:
        raise _differs(run, "its figures differ from its store's charges")


def _differs(run: FinishedRun, what: str) -> RunError:
    return RunError(f"{run.folder.url}: {what}; {other_version(run)}")
