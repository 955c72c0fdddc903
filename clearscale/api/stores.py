"""Extracts into a store."""

import os
from collections.abc import Iterable

from clearscale.io.paths import StrPath
from clearscale.store.ingest.ingest import IngestReport
from clearscale.store.ingest.ingest import ingest as ingest_extracts
from clearscale_cluster import Cluster, ProgressCallback

from .clusters import opened as opened_cluster


def ingest(
    extracts: StrPath | Iterable[StrPath],
    store: StrPath,
    *,
    county: str | None = None,
    on_bad_record: str = "refuse",
    buckets: int | None = None,
    cluster: Cluster | StrPath | None = None,
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
    given = [extracts] if isinstance(extracts, str | os.PathLike) else extracts
    with opened_cluster(cluster) as opened:
        return ingest_extracts(
            [os.fspath(extract) for extract in given],
            os.fspath(store),
            opened,
            county=county,
            quarantine=on_bad_record == "quarantine",
            buckets=buckets,
            progress=progress,
        )
