"""Files in the form of Dask's own configuration, and putting them in force.

Three places in such a file are read here: `scheduler-address`, a key of Dask's; `clearscale`; and `class` with what
goes with it, which names any class of Dask clusters. All but the latter two is put in force as it stands, as if it
were among Dask's own configuration files. What `dask scheduler --scheduler-file` writes is read as well.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import dask

from clearscale_cluster.errors import ClusterError
from clearscale_cluster.spec import File, Named, Place, parse_spec

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
    """Read a configuration file (YAML, JSON or TOML), or the file that a scheduler wrote.

    Raises ClusterError when it cannot be read, is malformed, or does not name one place to work.
    """
    settings = _load(path)
    if settings.get("type") == "Scheduler" and isinstance(settings.get("address"), str):
        return Configuration(parse_spec(settings["address"]), Ssh(), {})  # type: ignore[arg-type]
    named_class = _class(path, {name: settings.pop(name) for name in list(settings) if name in _CLASS})
    ours = settings.get("clearscale") or {}
    if not isinstance(ours, dict) or not set(ours) <= {"cluster", "ssh"}:
        raise ClusterError(f"{path}: under `clearscale` there may be `cluster` and `ssh`, and nothing else")
    address = dask.config.get("scheduler-address", None, config=settings)
    named = [place for place in (address, ours.get("cluster"), named_class) if place is not None]
    if len(named) != 1:
        raise ClusterError(
            f"{path}: names {'two places' if named else 'no place'} to work; give one of `scheduler-address: "
            "tls://10.0.0.1:8786`, for a scheduler that runs, `clearscale: {cluster: 'local:4'}`, and `class: "
            "dask_jobqueue.SLURMCluster`, for a cluster that is started"
        )
    place = named_class or parse_spec(str(named[0]))
    if isinstance(place, File):
        raise ClusterError(f"{path}: names another file as the place to work; name the place itself")
    dask_settings = {name: value for name, value in settings.items() if name != "clearscale"}
    return Configuration(place, _ssh(path, ours.get("ssh") or {}), dask_settings)


_CLASS: dict[str, tuple[type, ...]] = {
    "version": (int,),
    "module": (str,),
    "class": (str,),
    "args": (list,),
    "kwargs": (dict,),
    "options": (dict,),
    "scale": (int, dict),
    "adapt": (dict,),
}
"""Keys of a cluster's specification and the types of their values. `options` is another name for `kwargs`."""

_NAME = re.compile(r"[A-Za-z_]\w*(\.[A-Za-z_]\w*)+")


def _class(path: str, given: dict[str, Any]) -> Named | None:
    """The class of clusters that a file names; None if it names none. Raises ClusterError for what is malformed."""
    if not given:
        return None
    for name, value in given.items():
        if not isinstance(value, _CLASS[name]) or isinstance(value, bool):
            wanted = " or ".join(kind.__name__ for kind in _CLASS[name])
            raise ClusterError(f"{path}: `{name}` must be of type {wanted}")
    kind = ".".join(given[name] for name in ("module", "class") if name in given)
    if "class" not in given or not _NAME.fullmatch(kind):
        raise ClusterError(f"{path}: `class` names a class with its module, such as dask_jobqueue.SLURMCluster")
    if len({"kwargs", "options"} & set(given)) > 1 or len({"scale", "adapt"} & set(given)) > 1:
        raise ClusterError(f"{path}: give one of `kwargs` and `options`, and one of `scale` and `adapt`")
    options = given.get("kwargs", given.get("options", {}))
    scale = given.get("scale")
    return Named(
        kind,
        tuple(given.get("args", ())),
        options,
        {"n": scale} if isinstance(scale, int) else scale,
        given.get("adapt"),
    )


def _load(path: str) -> dict[str, Any]:
    try:
        # Dask's reader takes a file that cannot be opened for an empty one.
        with Path(path).expanduser().open("rb"):
            pass
        if path.lower().endswith(".toml"):
            return tomllib.loads(Path(path).expanduser().read_text("utf-8"))
        documents = list(dask.config.collect_yaml([str(Path(path).expanduser())]))
    except OSError as error:
        raise ClusterError(f"{path}: this configuration file cannot be read ({error.strerror})") from error
    except ValueError as error:
        # The rest of the message repeats the file.
        found = re.search(r"line \d+, column \d+", str(error))
        form = "TOML" if path.lower().endswith(".toml") else "YAML"
        where = f" ({found[0]})" if found else ""
        raise ClusterError(f"{path}: is not a configuration in {form}{where}; see Dask's documentation") from error
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
