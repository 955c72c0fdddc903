"""A policy over a store."""

from collections.abc import Mapping, Sequence
from typing import Any

from clearscale.io.paths import StrPath, path_text
from clearscale.policy import AnyPolicy, choose
from clearscale.runs import Run
from clearscale.runs.run import run as run_policy
from clearscale_cluster import ProgressCallback

from .clusters import Place
from .clusters import opened as opened_cluster


def run(
    store: StrPath,
    policy: StrPath | AnyPolicy | dict[str, Any],
    as_of: str,
    out: StrPath,
    *,
    parameters: Mapping[str, Any] | None = None,
    allow: Sequence[str] = (),
    cluster: Place | None = None,
    progress: ProgressCallback | None = None,
) -> Run:
    """Decide every conviction of a store under a policy, and count.

    Parameters
    ----------
    store : str or os.PathLike
        Path or URL of the store; its snapshot in force is decided.
    policy : str, os.PathLike, Policy, PolicyMap or dict
        The name of a pack, such as `ca-los-angeles-2019`; the path or URL of a policy or policy map (TOML) or of
        eligibility options (JSON); a `dict` of eligibility options, or of the keys of a policy file, as for
        `make_policy`; or a policy in memory.
    as_of : str
        The date to decide for, `YYYY-MM-DD`: ages and years are counted up to it.
    out : str or os.PathLike
        A new folder, path or URL. If it holds the same run, finished, that is returned.
    parameters : mapping of str to object, optional
        Values for parameters of the pack, policy file or `dict` instead of their defaults, such as `{"age": 55}`.
    allow : sequence of str, optional
        Names of findings that do not refuse the policy, such as `["unknown-option"]`; `run.json` records them.
    cluster : Cluster, str, os.PathLike, distributed.Client or a Dask cluster, optional
        Where to work: a specification such as `threads:2` or `local:4`, an open cluster, or a client or cluster of
        Dask's; None for threads of this process, unless Dask is told of a scheduler. See
        `clearscale_cluster.open_cluster`.
    progress : callable, optional
        Called with (done, total, label) in the caller's thread; `clearscale_cluster.TerminalProgress()` in a `with`
        statement is what the commands use.

    Returns
    -------
    Run
        The finished run.

    Raises
    ------
    StoreError
        If there is no store.
    PolicyError
        If there is no such policy, or something is wrong with it or its parameters: whatever
        `clearscale policies check` finds.
    RunError
        If `out` holds something else.
    StorageError
        If an object storage refuses, or cannot be reached.
    ClusterError
        If the cluster cannot be had, or was lost.

    Examples
    --------
    >>> import clearscale
    >>> july = clearscale.run("store", "policy.json", "2020-07-01", "runs/july")
    >>> sorted(july.counties)
    ['LOS ANGELES', 'SAN DIEGO']
    >>> clearscale.run("store", "ca-dismiss-all", "2020-07-01", "runs/dismiss-all").info["policy"]["title"]
    'Dismiss all Prop 64 convictions'
    """
    chosen = choose(policy, parameters, allow)
    with opened_cluster(cluster) as opened:
        return run_policy(
            path_text(store, "store"),
            chosen.policy,
            as_of,
            path_text(out, "out"),
            opened,
            allowed=chosen.document(),
            progress=progress,
            log={"accepted": list(allow)},
        )
