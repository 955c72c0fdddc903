"""A county's result files."""

import os
from pathlib import Path

from clearscale.io.paths import StrPath
from clearscale.outputs.export.from_run import export_county
from clearscale.runs import Run
from clearscale_cluster import Cluster, ProgressCallback

from .arguments import opened_run
from .clusters import opened as opened_cluster


def export(
    run: Run | StrPath,
    county: str,
    out: StrPath,
    *,
    cluster: Cluster | StrPath | None = None,
    progress: ProgressCallback | None = None,
) -> list[Path]:
    """Write a county's result files into a local folder; returns their paths.

    `All_Results.csv`, `All_Results_Condensed.csv`, `Prop64_Results.csv` (numbered if the county has several
    extracts) and `gogen.json`, byte for byte what the counties' program writes from the same extracts.

    Raises RunError, StoreError, ClusterError.
    """
    source = opened_run(run)
    with opened_cluster(cluster) as opened:
        return export_county(source, county, os.fspath(out), opened, progress=progress)
