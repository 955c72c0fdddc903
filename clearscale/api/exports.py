"""A county's result files."""

from pathlib import Path

from clearscale.outputs.export.from_run import export_county
from clearscale.runs import Run, open_run
from clearscale_cluster import Cluster, ProgressCallback

from .clusters import opened as opened_cluster


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
    with opened_cluster(cluster) as opened:
        return export_county(opened_run, county, out, opened, progress=progress)
