"""A policy over a store."""

import os
from collections.abc import Mapping
from typing import Any

from clearscale.errors import PolicyError
from clearscale.io.paths import StrPath
from clearscale.policy import AnyPolicy, gogen_policy, load_policy
from clearscale.runs import Run
from clearscale.runs.run import run as run_policy
from clearscale_cluster import Cluster, ProgressCallback

from .clusters import opened as opened_cluster


def run(
    store: StrPath,
    policy: StrPath | AnyPolicy | dict[str, Any],
    as_of: str,
    out: StrPath,
    *,
    parameters: Mapping[str, Any] | None = None,
    cluster: Cluster | StrPath | None = None,
    progress: ProgressCallback | None = None,
) -> Run:
    """Decide every conviction of a store under a policy, and count.

    policy: the name of a pack, a policy file or a policy map (TOML), a file of eligibility options (JSON), the
    options themselves, or a policy in memory. parameters: values for those of the pack or policy file, instead of
    their defaults. as_of: YYYY-MM-DD. out: a new folder, path or URL. The same run in the same folder is returned
    as it is.

    Raises StoreError, PolicyError, RunError, ClusterError.
    """
    if isinstance(policy, str | os.PathLike):
        chosen = load_policy(os.fspath(policy), parameters)
    elif parameters:
        raise PolicyError("parameters go with the name of a pack or a policy file; what is given has them already")
    else:
        chosen = gogen_policy(policy) if isinstance(policy, dict) else policy
    with opened_cluster(cluster) as opened:
        return run_policy(os.fspath(store), chosen, as_of, os.fspath(out), opened, progress=progress)
