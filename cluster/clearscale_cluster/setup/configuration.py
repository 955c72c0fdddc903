"""Files in the form of Dask's own configuration, and putting them in force.

Two places in such a file are read here: `scheduler-address`, a key of Dask's, and `clearscale`. All but
the latter is put in force as it stands, as if it were among Dask's own configuration files.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import dask

from clearscale_cluster.errors import ClusterError
from clearscale_cluster.spec import File, Place, parse_spec

_INTERFACE = re.compile(r"[A-Za-z0-9._-]+")


@dataclass(frozen=True)
class Ssh:
    """How machines are reached and used (`clearscale.ssh`).

    config: an OpenSSH client configuration; None is the user's own. python: the interpreter on the hosts; None is
    the path of this process's. workers: processes a host; None is one a core. interface: the network interface
    that scheduler and workers use; None leaves it to them.
    """

    config: str | None = None
    python: str | None = None
    workers: int | None = None
    interface: str | None = None


@dataclass(frozen=True)
class Configuration:
    """What a file says. settings: for Dask, nested; all of it but what is under `clearscale`."""

    place: Place
    ssh: Ssh
    settings: Mapping[str, Any]


def read_configuration(path: str) -> Configuration:
    """Read a configuration file (YAML or JSON).

    Raises ClusterError when it cannot be read, is malformed, or does not name one place to work.
    """
    settings = _load(path)
    ours = settings.get("clearscale") or {}
    if not isinstance(ours, dict) or not set(ours) <= {"cluster", "ssh"}:
        raise ClusterError(f"{path}: under `clearscale` there may be `cluster` and `ssh`, and nothing else")
    address = dask.config.get("scheduler-address", None, config=settings)
    named = [str(place) for place in (address, ours.get("cluster")) if place is not None]
    if len(named) != 1:
        raise ClusterError(
            f"{path}: names {'two places' if named else 'no place'} to work; give one of `scheduler-address: "
            "tls://10.0.0.1:8786`, for a scheduler that runs, and `clearscale: {cluster: 'local:4'}`"
        )
    place = parse_spec(named[0])
    if isinstance(place, File):
        raise ClusterError(f"{path}: names another file as the place to work; name the place itself")
    dask_settings = {name: value for name, value in settings.items() if name != "clearscale"}
    return Configuration(place, _ssh(path, ours.get("ssh") or {}), dask_settings)


def _load(path: str) -> dict[str, Any]:
    try:
        # Dask's reader takes a file that cannot be opened for an empty one.
        with Path(path).expanduser().open("rb"):
            pass
        documents = list(dask.config.collect_yaml([str(Path(path).expanduser())]))
    except OSError as error:
        raise ClusterError(f"{path}: this configuration file cannot be read ({error.strerror})") from error
    except ValueError as error:
        # The rest of the message repeats the file.
        found = re.search(r"line \d+, column \d+", str(error))
        where = f" ({found[0]})" if found else ""
        raise ClusterError(f"{path}: is not a configuration in YAML{where}; see Dask's documentation") from error
    # An empty section, such as `distributed:` with nothing below it, says nothing.
    return {name: value for name, value in documents[0].items() if value is not None} if documents else {}


def _ssh(path: str, given: Any) -> Ssh:
    kinds: dict[str, type] = {"config": str, "python": str, "workers": int, "interface": str}
    if not isinstance(given, dict) or not set(given) <= set(kinds):
        raise ClusterError(f"{path}: under `clearscale: ssh` there may be {', '.join(kinds)}, and nothing else")
    for name, value in given.items():
        if type(value) is not kinds[name]:
            raise ClusterError(f"{path}: `clearscale: ssh: {name}` must be of type {kinds[name].__name__}")
    if given.get("workers", 1) < 1 or not _INTERFACE.fullmatch(given.get("interface", "lo")):
        raise ClusterError(
            f"{path}: under `clearscale: ssh`, workers is a number above zero, interface a name such as eth0"
        )
    return Ssh(**given)


@contextmanager
def in_force(settings: Mapping[str, Any], beneath: Mapping[str, Any]) -> Iterator[None]:
    """Put `settings`, a nested configuration, in force in this process, over `beneath`, whose keys are dotted."""
    # Imported first: its defaults would otherwise be added to what is taken away at the end.
    from distributed.config import initialize_logging

    with dask.config.set(beneath):
        merged = dask.config.merge(dask.config.config, settings)
        names = [dask.config.canonical_name(name, merged) for name in settings]
        with dask.config.set({name: merged[name] for name in names}):
            if "logging" in settings:
                initialize_logging(dask.config.config)
            yield
