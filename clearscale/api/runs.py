"""A policy over a store."""

from collections.abc import Mapping
from typing import Any

from clearscale.errors import PolicyError
from clearscale.policy import AnyPolicy, gogen_policy, load_policy
from clearscale.runs import Run
from clearscale.runs.run import run as run_policy
from clearscale_cluster import Cluster, ProgressCallback

from .clusters import opened as opened_cluster


def run(
    store: str,
    policy: str | AnyPolicy | dict[str, Any],
    as_of: str,
    out: str,
    *,
    parameters: Mapping[str, Any] | None = None,
    cluster: Cluster | str | None = None,
    progress: ProgressCallback | None = None,
) -> Run:
    """Decide every conviction of a store under a policy, and count.

    policy: the name of a pack, a policy file or a policy map (TOML), a file of eligibility options (JSON), the
    options themselves, or a policy in memory. parameters: values for those of the pack or policy file, instead of
    their defaults. as_of: YYYY-MM-DD. out: a new folder, path or URL. The same run in the same folder is returned
    as it is.

    Raises StoreError, PolicyError, RunError, ClusterError.
    """
    if isinstance(policy, str):
        chosen = load_policy(policy, parameters)
    elif parameters:
        raise PolicyError("parameters go with the name of a pack or a policy file; what is given has them already")
    else:
        chosen = gogen_policy(policy) if isinstance(policy, dict) else policy
    with opened_cluster(cluster) as opened:
        return run_policy(store, chosen, as_of, out, opened, progress=progress)
