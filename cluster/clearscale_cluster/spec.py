"""What a cluster specification means."""

from __future__ import annotations

import difflib
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from .errors import ClusterError
from .shown import has_secrets, shown_url

FORMS = (
    "'threads' or 'threads:N' (threads of this process), 'local' or 'local:N' (worker processes on this machine), "
    "'ssh:HOST,HOST' (worker processes on machines that SSH reaches), the address of a Dask scheduler such as "
    "'tls://10.0.0.1:8786', or a file that names one of these, a class of Dask clusters, or a scheduler, such as "
    "'cluster.yaml' or 'scheduler.json'"
)

_HOST_AND_PORT = re.compile(r"[A-Za-z0-9._-]+:\d+|\[[0-9A-Fa-f:.]+\]:\d+")
_HOST = re.compile(r"[A-Za-z0-9_][A-Za-z0-9._:-]*")
_KINDS = ("threads", "local", "ssh")
_ALIKE = 0.75
"""How alike a misspelt kind is, as `difflib` measures it: `localhost` is not, which may be a host."""
_FILE_ENDINGS = (".yaml", ".yml", ".json", ".toml")


@dataclass(frozen=True)
class Threads:
    """Threads of this process; a count of None is one a core."""

    count: int | None


@dataclass(frozen=True)
class Processes:
    """Worker processes on this machine; a count of None is one a core."""

    count: int | None


@dataclass(frozen=True)
class Hosts:
    """Machines that SSH reaches, by name: the first runs the scheduler, and all run workers."""

    names: tuple[str, ...]


@dataclass(frozen=True)
class Address:
    """A scheduler that somebody else started."""

    url: str


@dataclass(frozen=True)
class Named:
    """A class of Dask clusters, by the name that it is imported by, and what it is made with.

    scale, adapt: arguments of its methods of these names, None to call neither.
    """

    kind: str
    arguments: tuple[Any, ...] = ()
    options: Mapping[str, Any] = field(default_factory=dict)
    scale: Mapping[str, Any] | None = None
    adapt: Mapping[str, Any] | None = None


@dataclass(frozen=True)
class File:
    """A file in the form of Dask's configuration, which names one of the other places."""

    path: str


Place = Threads | Processes | Hosts | Address | Named


def parse_spec(spec: str | None) -> Place | File:
    """Read a cluster specification.

    Parameters: spec is None (threads, one a core) or one of the forms in `FORMS`.

    Raises ClusterError when it is none of them.

    >>> parse_spec("local:4")
    Processes(count=4)
    >>> parse_spec("ssh:node1,node2")
    Hosts(names=('node1', 'node2'))
    >>> parse_spec(None)
    Threads(count=None)
    """
    if spec is None:
        return Threads(None)
    text = spec.strip()
    kind, colon, rest = text.partition(":")
    if kind in ("threads", "local") and not rest.startswith("//"):
        count = _count(spec, rest) if colon else None
        return Threads(count) if kind == "threads" else Processes(count)
    if kind == "ssh" and colon and not rest.startswith("//"):
        return Hosts(_hosts(spec, rest))
    if near := difflib.get_close_matches(kind, _KINDS, n=1, cutoff=_ALIKE):
        raise ClusterError(
            f"cluster {spec!r} is not understood; did you mean '{near[0]}{colon}{rest}'? Give {FORMS}"
        )
    if "://" in text or _HOST_AND_PORT.fullmatch(text):
        if has_secrets(text):
            raise ClusterError(f"cluster {shown_url(text)}: a scheduler's address has no user, password or query")
        return Address(text)
    if text.lower().endswith(_FILE_ENDINGS):
        return File(text)
    raise ClusterError(f"cluster {spec!r} is not understood; give {FORMS}")


def _count(spec: str, number: str) -> int:
    if not (number.isascii() and number.isdigit() and int(number) > 0):
        raise ClusterError(f"cluster {spec!r}: {number!r} is not a whole number above zero; give {FORMS}")
    return int(number)


def _hosts(spec: str, rest: str) -> tuple[str, ...]:
    names = tuple(name.strip() for name in rest.split(","))
    for name in names:
        if "@" in name:
            raise ClusterError("hosts are named without users; SSH's configuration says who logs in")
        if not _HOST.fullmatch(name):
            raise ClusterError(f"cluster {spec!r}: {name!r} is not the name of a host; give {FORMS}")
    return names
