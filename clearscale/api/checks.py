"""What a person should know of a store's data."""

import pyarrow as pa

from clearscale.checks import check as check_store
from clearscale_cluster import Cluster, ProgressCallback

from .clusters import opened as opened_cluster


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
    with opened_cluster(cluster) as opened:
        return check_store(store, opened, out=out, progress=progress)
