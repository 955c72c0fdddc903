"""A county's result files."""

from pathlib import Path

from clearscale.io.paths import StrPath, path_text
from clearscale.outputs.export.all_counties import export_all as export_counties
from clearscale.outputs.export.from_run import export_county
from clearscale.runs import Run
from clearscale_cluster import ProgressCallback

from .arguments import opened_run
from .clusters import Place
from .clusters import opened as opened_cluster


def export(
    run: Run | StrPath,
    county: str,
    out: StrPath,
    *,
    xlsx: bool = False,
    cluster: Place | None = None,
    progress: ProgressCallback | None = None,
) -> list[Path]:
    """Write a county's result files into a local folder.

    They are `All_Results.csv`, `All_Results_Condensed.csv` and `Prop64_Results.csv` and `gogen.json`: byte
    for byte what the counties' program writes from the same extracts.

    Parameters
    ----------
    run : Run, str or os.PathLike
        The run, or its path or URL.
    county : str
        The county, as its records write it.
    out : str or os.PathLike
        A local folder; made if it is not there.
    xlsx : bool, default False
        Write the same as a workbook, too, `Results.xlsx`, with an explanation, and the flags of decisions. Needs
        the extra `xlsx`.
    cluster : Cluster, str, os.PathLike, distributed.Client or a Dask cluster, optional
        Where to work: a specification such as `threads:2` or `local:4`, an open cluster, or a client or cluster of
        Dask's; None for threads of this process, unless Dask is told of a scheduler. See
        `clearscale_cluster.open_cluster`.
    progress : callable, optional
        Called with (done, total, label) in the caller's thread; `clearscale_cluster.TerminalProgress()` in a `with`
        statement is what the commands use.

    Returns
    -------
    list of pathlib.Path
        The files.

    Raises
    ------
    RunError
        If there is no run, it has no such county, or a workbook's counts are not those of the run's tables.
    StoreError
        If the run's store is not where it was.
    ClearscaleError
        If the extra `xlsx` is needed, and not installed.
    StorageError
        If an object storage refuses, or cannot be reached.
    ClusterError
        If the cluster cannot be had, or was lost.

    Examples
    --------
    >>> import clearscale
    >>> [path.name for path in clearscale.export("runs/july", "LOS ANGELES", "for-los-angeles")]
    ['All_Results.csv', 'All_Results_Condensed.csv', 'Prop64_Results.csv', 'gogen.json']
    """
    source = opened_run(run)
    with opened_cluster(cluster) as opened:
        return export_county(source, county, path_text(out, "out"), opened, xlsx=xlsx, progress=progress)


def export_all(
    run: Run | StrPath,
    out: StrPath,
    *,
    xlsx: bool = False,
    cluster: Place | None = None,
    progress: ProgressCallback | None = None,
) -> list[str]:
    """Write all counties' result files in one pass, a folder a county.

    What is interrupted goes on with the same call: counties that are finished are not written again, unless they
    are of another run. The files of each are those of `export`, and `county.json`, which is written last.

    Parameters
    ----------
    run : Run, str or os.PathLike
        The run, or its path or URL.
    out : str or os.PathLike
        A folder, path or URL, for the counties' folders, such as `los-angeles`.
    xlsx : bool, default False
        Write each county's files as a workbook, too, as `export` does.
    cluster : Cluster, str, os.PathLike, distributed.Client or a Dask cluster, optional
        Where to work, a task a county: a specification such as `threads:2` or `local:4`, an open cluster, or a
        client or cluster of Dask's; None for threads of this process, unless Dask is told of a scheduler. See
        `clearscale_cluster.open_cluster`. Workbooks are made faster by processes than by threads.
    progress : callable, optional
        Called with (done, total, label) in the caller's thread; `clearscale_cluster.TerminalProgress()` in a `with`
        statement is what the commands use.

    Returns
    -------
    list of str
        The counties' folders, by the counties' names.

    Raises
    ------
    RunError
        If there is no run, a workbook's counts are not those of the run's tables, or another command is writing
        into the folder.
    StoreError
        If the run's store is not where it was.
    ClearscaleError
        If the extra `xlsx` is needed, and not installed.
    StorageError
        If an object storage refuses, or cannot be reached.
    ClusterError
        If the cluster cannot be had, or was lost.

    Examples
    --------
    >>> import clearscale
    >>> clearscale.export_all("runs/july", "for-counties")
    ['for-counties/los-angeles', 'for-counties/san-diego']
    """
    source = opened_run(run)
    with opened_cluster(cluster) as opened:
        return export_counties(source, path_text(out, "out"), opened, xlsx=xlsx, progress=progress)
