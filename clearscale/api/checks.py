"""What a person should know of a store's data."""

import os

import pyarrow as pa

from clearscale.checks import check as check_store
from clearscale.io.paths import StrPath
from clearscale_cluster import Cluster, ProgressCallback

from .arguments import optional_path
from .clusters import opened as opened_cluster


def check(
    store: StrPath,
    *,
    out: StrPath | None = None,
    cluster: Cluster | StrPath | None = None,
    progress: ProgressCallback | None = None,
) -> pa.Table:
    """Count what a person should know of a store's data: copies that disagree, missing dates, unknown texts.

    out: a folder, path or URL, for the table as `checks.parquet` and `checks.csv`; files of these names are
    replaced. Columns: scope (`county`: an extract by itself, `state`: each person once), county, extract, finding,
    detail, count.

    Raises StoreError, ClusterError.
    """
    with opened_cluster(cluster) as opened:
        return check_store(os.fspath(store), opened, out=optional_path(out), progress=progress)
