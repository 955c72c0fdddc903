"""The Python interface: what the commands do, as functions; `import clearscale` offers them."""

import contextlib
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pyarrow as pa

from clearscale_cluster import Cluster, ProgressCallback, open_cluster

from .checks import check as check_store
from .export.from_run import export_county
from .policy import Policy, gogen_policy, load_policy
from .runs import Run, open_run
from .runs import run as run_policy
from .store import IngestReport, Store, open_store
from .store import ingest as ingest_extracts
from .warm import warm_up

__all__ = ["IngestReport", "Run", "Store", "check", "export", "ingest", "open_run", "open_store", "run"]


@contextlib.contextmanager
def _opened(cluster: Cluster | str | None) -> Iterator[Cluster]:
    """The cluster itself, or one opened for this call."""
    if isinstance(cluster, Cluster):
        yield cluster
        return
    with open_cluster(cluster, warm_up) as opened:
        yield opened


def ingest(
    extracts: Sequence[str],
    store: str,
    *,
    county: str | None = None,
    on_bad_record: str = "refuse",
    buckets: int | None = None,
    cluster: Cluster | str | None = None,
    progress: ProgressCallback | None = None,
) -> IngestReport:
    """Take extracts into a store and put a new snapshot in force.

    extracts: paths, URLs or patterns with *; compressed if their names say so. store: path or URL. county: the
    county of all of them; without it each tells by its records. on_bad_record: `refuse`, or `quarantine` to keep
    an extract's good records and set the others aside. buckets: of a new store; chosen by its size if not given.
    cluster: None for threads of this process, `local:N`, the address of a Dask scheduler, or an open cluster.

    An extract that the store has already (by checksum) changes nothing. Extracts of a county replace that
    county's earlier ones. The store serves its last snapshot until the new one is whole, and the same call after
    an interruption takes up where it stopped.

    Raises ExtractError for an extract that cannot be used, StoreError for a store that cannot, ClusterError if the
    cluster fails.
    """
    if on_bad_record not in ("refuse", "quarantine"):
        raise ValueError(f"on_bad_record is 'refuse' or 'quarantine', not {on_bad_record!r}")
    with _opened(cluster) as opened:
        return ingest_extracts(
            extracts,
            store,
            opened,
            county=county,
            quarantine=on_bad_record == "quarantine",
            buckets=buckets,
            progress=progress,
        )


def run(
    store: str,
    policy: str | Policy | dict[str, Any],
    as_of: str,
    out: str,
    *,
    cluster: Cluster | str | None = None,
    progress: ProgressCallback | None = None,
) -> Run:
    """Decide every conviction of a store under a policy, and count.

    policy: a name, a file of eligibility options (JSON), the options themselves, or a Policy. as_of: YYYY-MM-DD.
    out: a new folder, path or URL. The same run in the same folder is returned as it is.

    Raises StoreError, PolicyError, RunError, ClusterError.
    """
    if isinstance(policy, str):
        policy = load_policy(policy)
    elif isinstance(policy, dict):
        policy = gogen_policy(policy)
    with _opened(cluster) as opened:
        return run_policy(store, policy, as_of, out, opened, progress=progress)


def check(
    store: str,
    *,
    out: str | None = None,
    cluster: Cluster | str | None = None,
    progress: ProgressCallback | None = None,
) -> pa.Table:
    """Count what a person should know of a store's data: copies that disagree, missing dates, unknown texts.

    out: a folder, path or URL, for the table as `checks.parquet` and `checks.csv`; files of these names are
    replaced. Columns: scope (`county`: an extract by itself, `state`: each person once), county, extract, finding,
    detail, count.

    Raises StoreError, ClusterError.
    """
    with _opened(cluster) as opened:
        return check_store(store, opened, out=out, progress=progress)


def export(
    run: Run | str,
    county: str,
    out: str,
    *,
    cluster: Cluster | str | None = None,
    progress: ProgressCallback | None = None,
) -> list[Path]:
    """Write a county's result files into a local folder; returns their paths.

    `All_Results.csv`, `All_Results_Condensed.csv`, `Prop64_Results.csv` (numbered if the county has several
    extracts) and `gogen.json`, byte for byte what the counties' program writes from the same extracts.

    Raises RunError, StoreError, ClusterError.
    """
    opened_run = open_run(run) if isinstance(run, str) else run
    with _opened(cluster) as opened:
        return export_county(opened_run, county, out, opened, progress=progress)


# Importing the package `export` above has made it an attribute of `clearscale`; callers mean the function.
vars(sys.modules[__package__])["export"] = export
