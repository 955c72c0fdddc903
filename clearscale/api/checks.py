"""What a person should know of a store's data."""

from functools import partial

import pyarrow as pa

from clearscale.checks import check as check_store
from clearscale.checks import check_charges
from clearscale.io.paths import StrPath, path_text
from clearscale.io.urls import absolute
from clearscale.store import Store, open_store
from clearscale.store.charge_store import ChargeStore, open_charges
from clearscale.store.logged import logged
from clearscale.store.manifest import OtherKindError
from clearscale_cluster import ProgressCallback

from .arguments import optional_path
from .clusters import Place
from .clusters import opened as opened_cluster


def check(
    store: StrPath,
    *,
    out: StrPath | None = None,
    show_values: bool = False,
    cluster: Place | None = None,
    progress: ProgressCallback | None = None,
) -> pa.Table:
    """Count what a person should know of a store's data: copies that disagree, missing dates, unknown texts.

    Parameters
    ----------
    store : str or os.PathLike
        Path or URL of the store, of extracts or of charges.
    out : str or os.PathLike, optional
        A folder, path or URL, for the table as `checks.parquet` and `checks.csv`; files of these names are
        replaced.
    show_values : bool, default False
        Have the texts of unknown counties, races and sexes as details, a row each, instead of how many there are;
        of charges those of unknown statutes, courts and agencies. Where columns are shifted, they are names and
        numbers of people.
    cluster : Cluster, str, os.PathLike, distributed.Client or a Dask cluster, optional
        Where to work: a specification such as `threads:2` or `local:4`, an open cluster, or a client or cluster of
        Dask's; None for threads of this process, unless Dask is told of a scheduler. See
        `clearscale_cluster.open_cluster`.
    progress : callable, optional
        Called with (done, total, label) in the caller's thread; `clearscale_cluster.TerminalProgress()` in a `with`
        statement is what the commands use.

    Returns
    -------
    pyarrow.Table
        A row a finding: `scope` (`county`: an extract by itself, or the charges of a county; `state`: each person
        once; of charges also `file`: what was read), `county`, `extract` (of charges the file), `finding`,
        `detail` (strings) and `count` (int64). Nobody's data, unless `show_values` asks for it.
        What was noticed when an extract was taken in is among them, with the grade as the detail.

    Raises
    ------
    StoreError
        If there is no store.
    StorageError
        If an object storage refuses, or cannot be reached.
    ClusterError
        If the cluster cannot be had, or was lost.

    Examples
    --------
    >>> import clearscale
    >>> clearscale.check("store").column_names
    ['scope', 'county', 'extract', 'finding', 'detail', 'count']
    """
    with opened_cluster(cluster) as opened:
        asked = _opened(path_text(store, "store"))
        look = partial(check_store, asked) if isinstance(asked, Store) else partial(check_charges, asked)
        found = look(opened, out=optional_path(out), show_values=show_values, progress=progress)
    written = absolute(path_text(out, "out")) if out is not None else None
    logged(
        path_text(store, "store"),
        "check",
        snapshot=asked.manifest.snapshot,
        out=written,
        values_shown=show_values or None,
    )
    return found


def _opened(url: str) -> Store | ChargeStore:
    try:
        return open_store(url)
    except OtherKindError:
        return open_charges(url)
