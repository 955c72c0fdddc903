"""What a cluster specification means."""

from __future__ import annotations

import re
from dataclasses import dataclass

from .errors import ClusterError

FORMS = (
    "'threads' or 'threads:N' (threads of this process), 'local' or 'local:N' (worker processes on this machine), "
    "or the address of a Dask scheduler such as 'tcp://10.0.0.1:8786'"
)

_HOST_AND_PORT = re.compile(r"[A-Za-z0-9._-]+:\d+|\[[0-9A-Fa-f:.]+\]:\d+")


@dataclass(frozen=True)
class Threads:
    """Threads of this process; a count of None is one a core."""

    count: int | None


@dataclass(frozen=True)
class Processes:
    """Worker processes on this machine; a count of None is one a core."""

    count: int | None


@dataclass(frozen=True)
class Address:
    """A scheduler that somebody else started."""

    url: str


def parse_spec(spec: str | None) -> Threads | Processes | Address:
    """Read a cluster specification.

    Parameters: spec is None (threads, one a core) or one of the forms in `FORMS`.

    Raises ClusterError when it is none of them.

    >>> parse_spec("local:4")
    Processes(count=4)
    >>> parse_spec(None)
    Threads(count=None)
    """
    if spec is None:
        return Threads(None)
    kind, colon, number = spec.strip().partition(":")
    if kind in ("threads", "local") and not number.startswith("//"):
        count = _count(spec, number) if colon else None
        return Threads(count) if kind == "threads" else Processes(count)
    if "://" in spec or _HOST_AND_PORT.fullmatch(spec.strip()):
        return Address(spec.strip())
    raise ClusterError(f"cluster {spec!r} is not understood; give {FORMS}")


def _count(spec: str, number: str) -> int:
    if not (number.isascii() and number.isdigit() and int(number) > 0):
        raise ClusterError(f"cluster {spec!r}: {number!r} is not a whole number above zero; give {FORMS}")
    return int(number)
