"""Whether all machines of a cluster have the same software: functions and results travel between them."""

from __future__ import annotations

import re
import sys
from collections.abc import Mapping
from importlib.metadata import PackageNotFoundError, requires, version
from typing import TYPE_CHECKING

from clearscale_cluster.errors import ClusterError

if TYPE_CHECKING:
    from distributed import Client

DISTRIBUTION = "clearscale"
"""The distribution that this package is a part of."""


def versions() -> dict[str, str]:
    """Versions in this process: of Python (its first two numbers), the distribution and what it requires."""
    found = {"python": f"{sys.version_info.major}.{sys.version_info.minor}"}
    required = [text for text in requires(DISTRIBUTION) or [] if "extra ==" not in text]
    for name in (DISTRIBUTION, *(re.split(r"[^A-Za-z0-9._-]", text)[0] for text in required)):
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            found[name] = "none"
    return found


def require_same(place: str, theirs: Mapping[str, str]) -> None:
    """Raise ClusterError when the versions at a place are not those of this process."""
    here = versions()
    differing = [
        f"{name} {theirs.get(name, 'none')} (here {wanted})"
        for name, wanted in here.items()
        if theirs.get(name) != wanted
    ]
    if differing:
        raise ClusterError(
            f"{place} has {', '.join(differing)}; install the same versions on all machines of the cluster, "
            "with the same constraints.txt"
        )


def require_same_workers(client: Client, where: str) -> None:
    """Compare every worker that a client sees. Raises ClusterError as `require_same`."""
    try:
        found = client.run(versions)
    except Exception as error:  # Dask raises Exception itself for a function that a worker cannot import
        reason = (str(error) or type(error).__name__).splitlines()[0]
        raise ClusterError(
            f"a worker of {where} did not tell its versions ({reason}); "
            f"install the same version of {DISTRIBUTION} on all machines of the cluster"
        ) from error
    for address, theirs in sorted(found.items()):
        require_same(f"the worker at {address}", theirs)
