"""Whether all machines of a cluster have the same software: functions and results travel between them."""

from __future__ import annotations

import re
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, requires, version

from clearscale_cluster.errors import ClusterError

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


def differing(wanted: Mapping[str, str], theirs: Mapping[str, str]) -> str | None:
    """What versions somewhere are that are not the wanted ones; None if all are."""
    others = [
        f"{name} {theirs.get(name, 'none')} (here {version})"
        for name, version in wanted.items()
        if theirs.get(name) != version
    ]
    if not others:
        return None
    return (
        f"has {', '.join(others)}; install the same versions on all machines of the cluster, with the same "
        "constraints.txt"
    )


@dataclass(frozen=True)
class SameVersions:
    """What a worker is asked: whether its versions are those of the process that asks."""

    wanted: Mapping[str, str]

    def __call__(self) -> str | None:
        return differing(self.wanted, versions())


def require_same(place: str, theirs: Mapping[str, str]) -> None:
    """Raise ClusterError when the versions at a place are not those of this process."""
    wrong = differing(versions(), theirs)
    if wrong is not None:
        raise ClusterError(f"{place} {wrong}")
