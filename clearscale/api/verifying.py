"""Whether stores, runs and sweeps are still what was written."""

from clearscale.checks.verifying import Verification, verify_finished, verify_store
from clearscale.errors import ClearscaleError
from clearscale.io.files import Folder
from clearscale.io.paths import StrPath, path_text
from clearscale.runs import Run
from clearscale.runs.charges import ChargeRun
from clearscale.runs.finished import GUARD, INFO
from clearscale.runs.opened import open_run
from clearscale.whatif.sweep import Sweep
from clearscale.whatif.sweep import opened as sweeps
from clearscale_cluster import ProgressCallback

from .arguments import place_of
from .clusters import Place
from .clusters import opened as opened_cluster


def verify(
    store: StrPath | None = None,
    run: Run | ChargeRun | Sweep | StrPath | None = None,
    *,
    cluster: Place | None = None,
    progress: ProgressCallback | None = None,
) -> Verification:
    """Compare every file of a store, a run or a sweep with what was written, byte for byte.

    Of a store, that is all of it: every snapshot, and the records and quarantine of their extracts.

    Parameters
    ----------
    store : str or os.PathLike, optional
        Path or URL of a store.
    run : Run, ChargeRun, Sweep, str or os.PathLike, optional
        A run or a sweep, or its path or URL.
    cluster : Cluster, str, os.PathLike, distributed.Client or a Dask cluster, optional
        Where to work: a specification such as `threads:2` or `local:4`, an open cluster, or a client or cluster of
        Dask's; None for threads of this process, unless Dask is told of a scheduler. See
        `clearscale_cluster.open_cluster`.
    progress : callable, optional
        Called with (done, total, label) in the caller's thread; `clearscale_cluster.TerminalProgress()` in a `with`
        statement is what the commands use.

    Returns
    -------
    Verification
        How many files were looked at, and which are damaged.

    Raises
    ------
    StoreError
        If there is no store.
    RunError
        If there is no finished run or sweep.
    ClearscaleError
        If neither was named.
    StorageError
        If an object storage refuses, or cannot be reached.
    ClusterError
        If the cluster cannot be had, or was lost.

    Examples
    --------
    >>> import clearscale
    >>> clearscale.verify("store").damaged
    ()
    """
    if store is None and run is None:
        raise ClearscaleError("say what to verify: a store, or a run")
    found = Verification(0, 0, ())
    if store is not None:
        with opened_cluster(cluster) as opened:
            found += verify_store(path_text(store, "store"), opened, progress=progress)
    if run is not None:
        url = place_of(run)
        is_sweep = Folder(url).exists(sweeps.INFO)
        info, guard = (sweeps.INFO, sweeps.GUARD) if is_sweep else (INFO, GUARD)
        if not Folder(url).exists(info):
            open_run(url)
        found += verify_finished(url, info, guard)
    return found
