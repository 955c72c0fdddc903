"""A policy over a store of charges."""

import os
from collections.abc import Mapping
from typing import Any

from clearscale.errors import PolicyError
from clearscale.io.paths import StrPath
from clearscale.relief import ChargePolicy
from clearscale.relief.packs import load_policy
from clearscale.runs.charges import ChargeRun
from clearscale.runs.charges import run_charges as run_policy
from clearscale_cluster import ProgressCallback

from .clusters import Place
from .clusters import opened as opened_cluster


def run_charges(
    store: StrPath,
    policy: StrPath | ChargePolicy,
    as_of: str,
    out: StrPath,
    *,
    parameters: Mapping[str, Any] | None = None,
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
    if isinstance(policy, ChargePolicy):
        if parameters:
            raise PolicyError(
                "parameters go with the name of a pack or a policy file; this policy has them already"
            )
        chosen = policy
    else:
        chosen = load_policy(os.fspath(policy), parameters)
    with opened_cluster(cluster) as opened:
        return run_policy(os.fspath(store), chosen, as_of, os.fspath(out), opened, progress)
