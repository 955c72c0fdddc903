"""A policy over a store of charges, and what it makes due when."""

import os
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from clearscale.errors import PolicyError
from clearscale.io.paths import StrPath, path_text
from clearscale.policy.findings import Finding
from clearscale.relief import ChargePolicy
from clearscale.relief.check import choose
from clearscale.runs.charges import ChargeRun
from clearscale.runs.charges import run_charges as run_policy
from clearscale.runs.charges.forecasting import forecast_charges
from clearscale_cluster import ProgressCallback

from .arguments import whole_number
from .clusters import Place
from .clusters import opened as opened_cluster

if TYPE_CHECKING:
    import pyarrow as pa


def run_charges(
    store: StrPath,
    policy: StrPath | ChargePolicy,
    as_of: str,
    out: StrPath,
    *,
    parameters: Mapping[str, Any] | None = None,
    allow: Sequence[str] = (),
    cluster: Place | None = None,
    progress: ProgressCallback | None = None,
) -> ChargeRun:
    """Decide every charge of a store of charges under a policy, and count.

    Parameters
    ----------
    store : str or os.PathLike
        Path or URL of the store of charges; its snapshot in force is decided.
    policy : str, os.PathLike or ChargePolicy
        The name of a pack over charges, such as `il-minor-cannabis-2020`; the path or URL of a policy over charges
        (TOML); or one in memory.
    as_of : str
        The date to decide for, `YYYY-MM-DD`: waits are over or not on that day.
    out : str or os.PathLike
        A new folder, path or URL. If it holds the same run, finished, that is returned.
    parameters : mapping of str to object, optional
        Values for parameters of the pack or policy file instead of their defaults, such as `{"limit": 50}`.
    allow : sequence of str, optional
        Names of findings that do not refuse the policy, such as `["unused-name"]`; `run.json` records them.
    cluster : Cluster, str, os.PathLike, distributed.Client or a Dask cluster, optional
        Where to work, as for `run`.
    progress : callable, optional
        Called with (done, total, label) in the caller's thread.

    Returns
    -------
    ChargeRun
        The finished run.

    Raises
    ------
    StoreError
        If there is no store, or it holds extracts.
    PolicyError
        If there is no such policy, or something is wrong with it or its parameters.
    RunError
        If `out` holds something else.
    StorageError
        If an object storage refuses, or cannot be reached.
    ClusterError
        If the cluster cannot be had, or was lost.
    """
    chosen, allowed = _chosen(policy, parameters, allow)
    with opened_cluster(cluster) as opened:
        return run_policy(
            path_text(store, "store"), chosen, as_of, path_text(out, "out"), opened, allowed, progress
        )


def forecast(
    store: StrPath,
    policy: StrPath | ChargePolicy,
    as_of: str,
    *,
    months: int = 120,
    out: StrPath | None = None,
    parameters: Mapping[str, Any] | None = None,
    allow: Sequence[str] = (),
    cluster: Place | None = None,
    progress: ProgressCallback | None = None,
) -> "pa.Table":
    """Count what becomes due in each month under a policy over charges, if nothing changes but the date.

    Parameters
    ----------
    store : str or os.PathLike
        Path or URL of the store of charges; its snapshot in force is decided.
    policy : str, os.PathLike or ChargePolicy
        As for `run_charges`.
    as_of : str
        The date to begin with, `YYYY-MM-DD`.
    months : int, default 120
        How many months, that of the date being the first; what becomes due later is not counted.
    out : str or os.PathLike, optional
        A folder or URL for the table as `forecast.parquet` and `forecast.csv`, and the chart `forecast.svg`.
    parameters : mapping of str to object, optional
        As for `run_charges`.
    allow : sequence of str, optional
        As for `run_charges`.
    cluster : Cluster, str, os.PathLike, distributed.Client or a Dask cluster, optional
        Where to work, as for `run`.
    progress : callable, optional
        Called with (done, total, label) in the caller's thread.

    Returns
    -------
    pyarrow.Table
        A row each `month` (its first day; null for what is due on the date already), `scope` (`state` or `county`),
        `county` and `outcome`, with `charges` and `people`: those for whom it is the first such charge.

    Raises
    ------
    StoreError
        If there is no store, or it holds extracts.
    PolicyError
        If there is no such policy, something is wrong with it or its parameters, or the number of months is none.
    StorageError
        If an object storage refuses, or cannot be reached.
    ClusterError
        If the cluster cannot be had, or was lost.
    """
    chosen, _ = _chosen(policy, parameters, allow)
    months = whole_number(months, "months")
    with opened_cluster(cluster) as opened:
        folder = None if out is None else path_text(out, "out")
        return forecast_charges(path_text(store, "store"), chosen, as_of, months, folder, opened, progress)


def _chosen(
    policy: StrPath | ChargePolicy, parameters: Mapping[str, Any] | None, allow: Sequence[str]
) -> tuple[ChargePolicy, tuple[Finding, ...]]:
    if isinstance(policy, str | os.PathLike):
        return choose(path_text(policy, "policy"), parameters, allow)
    if not isinstance(policy, ChargePolicy):
        raise PolicyError(
            "the policy is no pack, file or policy over charges; save its rules as a TOML file, and name that"
        )
    if parameters:
        raise PolicyError("parameters go with the name of a pack or a policy file; this policy has them already")
    return policy, ()
