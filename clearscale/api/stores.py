"""Extracts into a store."""

from collections.abc import Sequence

from clearscale.store.ingest.ingest import IngestReport
from clearscale.store.ingest.ingest import ingest as ingest_extracts
from clearscale_cluster import Cluster, ProgressCallback

from .clusters import opened as opened_cluster


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
    with opened_cluster(cluster) as opened:
        return ingest_extracts(
            extracts,
            store,
            opened,
            county=county,
            quarantine=on_bad_record == "quarantine",
            buckets=buckets,
            progress=progress,
        )
